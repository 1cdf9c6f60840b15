"""Where a quote stands on the pages of its document, as rectangles that can be drawn over the page's image."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from natoqa.types import PageLayout

_BOX = struct.Struct("<4H")
_TENTHS = 10
# Parts of a line that stand further apart than this many of its heights are columns or cells of their own.
_WIDEST_GAP = 3.0
_SAME_LINE = 0.5
_UPRIGHT_GAP = 0.3


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Edges in points from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class QuoteBoxes:
    """The part of a quote that stands on page ``number`` (from 1), ``width`` by ``height`` points large."""

    number: int
    width: float
    height: float
    rectangles: tuple[Rectangle, ...]


_Box = tuple[int, int, int, int]


def quote_boxes(pages: Sequence[PageLayout], start: int, end: int) -> tuple[QuoteBoxes, ...]:
    """The pages that show ``document.text[start:end]``, in order, each with one rectangle for each line of text."""
    found = []
    for page in pages:
        first, last = max(start, page.start), min(end, page.end)
        if first >= last:
            continue
        boxes = page.boxes[_BOX.size * (first - page.start) : _BOX.size * (last - page.start)]
        rectangles = tuple(
            Rectangle(*(edge / _TENTHS for edge in line))
            for line in _lines([box for box in _BOX.iter_unpack(boxes) if any(box)])
        )
        if rectangles:
            found.append(QuoteBoxes(page.number, page.width, page.height, rectangles))
    return tuple(found)


def _lines(boxes: Sequence[_Box]) -> Iterator[_Box]:
    line: list[_Box] = []
    for box in boxes:
        if line and not _follows(line[-1], box):
            yield _union(line)
            line = []
        line.append(box)
    if line:
        yield _union(line)


def _follows(box: _Box, following: _Box) -> bool:
    """Whether two characters, one after the other in the text, stand on one line, level or upright."""
    (left, top, right, bottom), (left_2, top_2, right_2, bottom_2) = box, following
    height, width = min(bottom - top, bottom_2 - top_2), min(right - left, right_2 - left_2)
    across, down = max(left, left_2) - min(right, right_2), max(top, top_2) - min(bottom, bottom_2)
    level = -down >= _SAME_LINE * height and across <= _WIDEST_GAP * height
    upright = -across >= _SAME_LINE * width and down <= _UPRIGHT_GAP * width
    return level or upright


def _union(boxes: Sequence[_Box]) -> _Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
