"""What a loader returns, and how blocks of text become numbered landmarks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from natoqa.types import Landmark, LandmarkKind, Metadata, PageLayout

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item or page that begins at ``offset``; headings and pages bring their ``label``."""

    offset: int
    kind: LandmarkKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Canonical text and what was learnt beside it.

    ``notes`` tell the user what was done to the file. ``pages`` are in order; only kinds of files that have pages
    have them.
    """

    text: str
    landmarks: tuple[Landmark, ...]
    metadata: Metadata
    notes: tuple[str, ...] = ()
    pages: tuple[PageLayout, ...] = ()


def one_line(text: str) -> str:
    """A title or label as one line that can be shown and stored: no control characters, no lone surrogates."""
    return " ".join(_CONTROL.sub(" ", text.encode("utf-8", "replace").decode("utf-8")).split())


def number(blocks: Iterable[Block]) -> tuple[Landmark, ...]:
    """Label paragraphs ``¶ 1``, ``¶ 2`` … within a section or page, and items ``item 1`` … within a list."""
    landmarks: list[Landmark] = []
    paragraphs = items = 0
    for block in blocks:
        label = block.label
        if block.kind is LandmarkKind.PARAGRAPH:
            paragraphs, items = paragraphs + 1, 0
            label = f"¶ {paragraphs}"
        elif block.kind is LandmarkKind.ITEM:
            items += 1
            label = f"item {items}"
        elif block.kind is not LandmarkKind.MARKUP:
            paragraphs = items = 0
        landmarks.append(Landmark(block.offset, block.kind, label))
    return tuple(landmarks)
