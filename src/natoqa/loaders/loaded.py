"""What a loader returns, and how blocks of text become numbered landmarks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from natoqa.types import Landmark, LandmarkKind, Metadata, PageLayout, SourceReference

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Left open, they turn round what is shown after them.
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_LONGEST_LINE = 300


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
    text = _DIRECTION.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return " ".join(_CONTROL.sub(" ", text).split())


def shortened(line: str) -> str:
    """A line of at most 300 characters, cut after a word where there is one to end with."""
    if len(line) <= _LONGEST_LINE:
        return line
    words = line[:_LONGEST_LINE].rpartition(" ")[0].rstrip()
    return (words if len(words) > _LONGEST_LINE // 2 else line[: _LONGEST_LINE - 1]) + "…"


def with_short_lines(metadata: Metadata) -> Metadata:
    """Metadata each field of which can be shown in a line. An address is whole or not there: a part leads nowhere."""
    return replace(
        metadata,
        title=shortened(metadata.title),
        author=shortened(metadata.author),
        date=shortened(metadata.date),
        kind=shortened(metadata.kind),
        about=shortened(metadata.about),
        sources=tuple(
            SourceReference(
                shortened(source.title),
                shortened(source.publisher),
                source.url if len(source.url) <= _LONGEST_LINE else "",
            )
            for source in metadata.sources
        ),
        confidence=tuple(map(shortened, metadata.confidence)),
    )


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
        landmarks.append(Landmark(block.offset, block.kind, shortened(label)))
    return tuple(landmarks)
