"""A quote in its place: how much of the document to show around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from natoqa.errors import IndexDamaged
from natoqa.types import Citation, Document, LandmarkKind

REACH = 420
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``before + quote + after`` is one span of the document; a side is cut when it ends inside a block."""

    before: str
    quote: str
    after: str
    cut_before: bool
    cut_after: bool


def excerpt(document: Document, citation: Citation, reach: int = REACH) -> Excerpt:
    """The cited quote with at most ``reach`` characters on either side.

    Whole blocks (paragraphs, items, headings) are preferred; a block too long to be shown whole is cut between
    words. Raises IndexDamaged when the quote is not what stands in the document.
    """
    text = document.text
    if not citation.quote or text[citation.start : citation.end] != citation.quote:
        raise IndexDamaged(
            f"{citation.document}: quote [{citation.number}] is not what stands at {citation.start}-{citation.end}; "
            "build the index again: natoqa index --rebuild"
        )
    blocks = (landmark.offset for landmark in document.landmarks if landmark.kind is not LandmarkKind.PAGE)
    # Both ends of the text bound a block, whatever the landmarks say.
    bounds = sorted({0, len(text), *blocks})
    start = _left_edge(text, bounds, citation.start, reach)
    end = _right_edge(text, bounds, citation.end, reach)
    before = text[start : citation.start].lstrip() if start in bounds else text[start : citation.start]
    after = text[citation.end : end].rstrip()
    return Excerpt(before, citation.quote, after, start not in bounds, end not in bounds)


def _left_edge(text: str, bounds: list[int], start: int, reach: int) -> int:
    lowest = max(0, start - reach)
    whole = next((bound for bound in bounds if lowest <= bound <= start and text[bound:start].strip()), None)
    if whole is not None:
        return whole
    # No whole block fits on this side: cut one between words, or nowhere when it has no space.
    space = _SPACE.search(text, lowest, start)
    return space.end() if space and space.end() < start else lowest


def _right_edge(text: str, bounds: list[int], end: int, reach: int) -> int:
    highest = min(len(text), end + reach)
    whole = next((bound for bound in reversed(bounds) if end <= bound <= highest and text[end:bound].strip()), None)
    if whole is not None:
        return whole
    spaces = [space.start() for space in _SPACE.finditer(text, end, highest) if space.start() > end]
    return spaces[-1] if spaces else highest
