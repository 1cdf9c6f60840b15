"""Lines -> headings, paragraphs, list items and rows of tables, also over the ends of columns and pages."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from natoqa.loaders.pdf_lines import SOFT_HYPHEN, Line
from natoqa.loaders.pdf_pages import Page
from natoqa.types import LandmarkKind

_MARK = re.compile(r"[•‣▪▫◦●○■□✓➢·*–—-]\s+(?=\S)")
_COUNTED = re.compile(r"(?:\(?\d{1,3}[.)]|\(?[a-z][.)]|\([A-Z]\)|\(?[ivx]{1,4}[.)])\s+(?=\S)")
_ENDS = re.compile(r"[.!?…:;。！？؟۔।][\"'’”»)\]\d]*$")
_ENDS_HEADING = tuple(".,;:-…。，；：" + SOFT_HYPHEN)
_DANGLING = tuple("-,–—(/‐" + SOFT_HYPHEN)
_LEADERS = re.compile(r"(?:[.·…_]\s?){4,}\s*\S{1,8}$")
_LETTER = re.compile(r"[^\W\d_]")
# Sizes are compared by their ratio, distances by the size of the type.
_SAME_SIZE = 0.08
_LARGER = 1.12
_WIDER = 1.25
_PLAUSIBLE = (0.8, 3.0)
_USUAL_LEADING = 1.2
_INDENT = 0.7
_FULL = 2.5
_SAME_EDGE = 2.0  # points
_FEWEST_JUSTIFIED = 3
_SHARE_JUSTIFIED = 0.4
_MOST_HEADING_LINES = 4
_LONGEST_HEADING = 200
_LONGEST_BOLD_HEADING = 120
_MOST_BOLD_WORDS = 14


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line, the index of its page, and the right edge to which the lines around it run."""

    line: Line
    page: int
    margin: float


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Consecutive lines that are one block of text."""

    kind: LandmarkKind
    lines: tuple[PlacedLine, ...]


def find_blocks(pages: Sequence[Page]) -> list[LineBlock]:
    """All blocks of a document in order; the first is its title if it is a heading like no other."""
    placed = _placed(pages)
    if not placed:
        return []
    style = _Style.of(placed)
    groups: list[list[PlacedLine]] = []
    for before, here, after in zip([None, *placed[:-1]], placed, [*placed[1:], None], strict=True):
        if before is None or style.opens_block(groups[-1], before, here, after):
            groups.append([])
        groups[-1].append(here)
    kinds = [style.kind(group, groups[i - 1 : i], groups[i + 1 : i + 2]) for i, group in enumerate(groups)]
    if kinds[0] is LandmarkKind.HEADING and len(kinds) > 1:
        like_it = [g for g, kind in zip(groups, kinds, strict=True) if kind is kinds[0] and _alike(g[0], groups[0][0])]
        if len(like_it) == 1:
            kinds[0] = LandmarkKind.TITLE
    return [LineBlock(kind, tuple(group)) for kind, group in zip(kinds, groups, strict=True)]


def _placed(pages: Sequence[Page]) -> list[PlacedLine]:
    placed: list[PlacedLine] = []
    for index, page in enumerate(pages):
        run: list[Line] = []
        for line in (*page.lines, None):
            if run and (line is None or not _goes_down(run[-1], line) or not _same_size(run[-1], line)):
                margin = _margin(run)
                placed += (PlacedLine(member, index, margin) for member in run)
                run = []
            if line is not None:
                run.append(line)
    return placed


def _margin(run: Sequence[Line]) -> float:
    """The right edge at which most lines end if they are justified, for one may stick out; else the farthest."""
    edges = sorted(line.right for line in run)
    count, edge = max((index + 1 - bisect_left(edges, edge - _SAME_EDGE), edge) for index, edge in enumerate(edges))
    return edge if count >= max(_FEWEST_JUSTIFIED, _SHARE_JUSTIFIED * len(run)) else edges[-1]


def _goes_down(line: Line, following: Line) -> bool:
    """Whether a line stands below another in one column."""
    below = following.bottom > line.bottom and following.top > line.top
    return below and following.left < line.right and line.left < following.right


def _same_size(line: Line, other: Line) -> bool:
    larger = max(line.font.size, other.font.size)
    return larger - min(line.font.size, other.font.size) <= _SAME_SIZE * larger


def _alike(here: PlacedLine, other: PlacedLine) -> bool:
    return _same_size(here.line, other.line)


@dataclass(frozen=True, slots=True)
class _Style:
    """What is usual in a document: the size of its type, whether it is bold, and the distance of lines to size."""

    size: float
    bold: bool
    leading: float

    @classmethod
    def of(cls, placed: Sequence[PlacedLine]) -> _Style:
        sizes: Counter[float] = Counter()
        bold = total = 0
        for here in placed:
            sizes[round(here.line.font.size * 2) / 2] += len(here.line.text)
            total += len(here.line.text)
            bold += len(here.line.text) if here.line.font.bold else 0
        size = sizes.most_common(1)[0][0]
        distances = [
            distance
            for before, here in pairwise(placed)
            if before.page == here.page
            and abs(here.line.font.size - size) <= _SAME_SIZE * size
            and _PLAUSIBLE[0] <= (distance := _distance(before.line, here.line)) <= _PLAUSIBLE[1]
        ]
        return cls(size, bold > total / 2, median(distances) if distances else _USUAL_LEADING)

    def opens_block(
        self, group: Sequence[PlacedLine], before: PlacedLine, here: PlacedLine, after: PlacedLine | None
    ) -> bool:
        """Whether the line ``here`` begins a block, given the block so far and the lines around it."""
        line, last = here.line, before.line
        ended = _ENDS.search(last.text) is not None
        short = before.margin - last.right > _first_word_width(line) + line.font.size / 2
        if not _same_size(last, line):
            # A line may be set for the most part in the smaller type of names and code.
            inside = not ended and line.text[0].islower() and not self._is_heading(group)
            if not (inside and _goes_down(last, line) and here.page == before.page):
                return True
        if here.page != before.page or not _goes_down(last, line):
            return not self._runs_on(group, before, here)
        return (
            _distance(last, line) > self.leading * _WIDER
            or last.font.bold != line.font.bold
            or _is_row(before, here)
            or (after is not None and after.page == here.page and _is_row(here, after))
            or _LEADERS.search(last.text) is not None
            or _MARK.match(line.text) is not None
            or ((ended or short) and _COUNTED.match(line.text) is not None)
            or (short and line.left <= last.left - _INDENT * line.font.size)
            or (short and last.text.endswith((":", "：")))
            or (short and ended and not line.text[0].islower())
            or _is_indented(group, before, here, after, ended)
        )

    def _runs_on(self, group: Sequence[PlacedLine], before: PlacedLine, here: PlacedLine) -> bool:
        """Whether a paragraph goes on at the top of the next column or page."""
        last, text = before.line.text, here.line.text
        if (
            _LEADERS.search(last)
            or _MARK.match(text)
            or self._is_heading(group)
            or self._is_heading([here])
            or _is_row(before, here)
        ):
            return False
        if before.line.cells > 1 or last.endswith(_DANGLING):
            return before.line.cells == 1
        if _ENDS.search(last):
            return False
        first = text.lstrip("\"'“‘(«[")[:1]
        full = before.margin - before.line.right < _FULL * before.line.font.size
        return first.islower() or (full and len(group) > 1 and not _COUNTED.match(text))

    def kind(
        self,
        group: Sequence[PlacedLine],
        before: Sequence[Sequence[PlacedLine]],
        after: Sequence[Sequence[PlacedLine]],
    ) -> LandmarkKind:
        """What a block is, given its lines and the blocks before and after it, if there are any."""
        if self._is_heading(group):
            return LandmarkKind.HEADING
        if _LEADERS.search(group[-1].line.text):
            return LandmarkKind.MARKUP  # a line of a table of contents: it says where to look, and nothing else
        text = group[0].line.text
        neighbours = [*(lines[-1] for lines in before), *(lines[0] for lines in after)]
        row = any(other.page == group[0].page and _is_row(group[0], other) for other in neighbours)
        is_item = row or _MARK.match(text) or _COUNTED.match(text)
        return LandmarkKind.ITEM if is_item else LandmarkKind.PARAGRAPH

    def _is_heading(self, group: Sequence[PlacedLine]) -> bool:
        lines = [here.line for here in group]
        length = sum(len(line.text) for line in lines)
        if len(lines) > _MOST_HEADING_LINES or length > _LONGEST_HEADING or lines[-1].text.endswith(_ENDS_HEADING):
            return False
        if not _LETTER.search(lines[0].text) or _LEADERS.search(lines[-1].text):
            return False
        if all(line.font.size >= _LARGER * self.size for line in lines):
            return True
        bold = not self.bold and all(line.font.bold and line.cells == 1 for line in lines)
        large_enough = lines[0].font.size >= (1 - _SAME_SIZE) * self.size
        words = sum(len(line.text.split()) for line in lines)
        return bold and large_enough and length <= _LONGEST_BOLD_HEADING and words <= _MOST_BOLD_WORDS


def _distance(line: Line, following: Line) -> float:
    """From one line to the next, in sizes of the type."""
    return (following.bottom - line.bottom) / max(following.font.size, 1.0)


def _first_word_width(line: Line) -> float:
    return (line.right - line.left) * len(line.text.split(" ", 1)[0]) / len(line.text)


def _is_row(here: PlacedLine, other: PlacedLine) -> bool:
    return here.line.cells > 1 and other.line.cells > 1


def _is_indented(
    group: Sequence[PlacedLine], before: PlacedLine, here: PlacedLine, after: PlacedLine | None, ended: bool
) -> bool:
    """Whether a line stands to the right of those around it, as the first line of a paragraph does."""
    least = _INDENT * here.line.font.size
    if here.line.left - before.line.left < least:
        return False
    if len(group) == 1 and (_MARK.match(before.line.text) or _COUNTED.match(before.line.text)):
        return False  # the text of an item hangs to the right of its mark
    if after is None or after.page != here.page or not _goes_down(here.line, after.line):
        return ended
    return ended and here.line.left - after.line.left >= least
