"""Running heads, running feet and page numbers: found because they return on page after page, and left out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from natoqa.loaders.pdf_lines import Line
from natoqa.loaders.pdf_pages import Lack, Page

# Shares of the page's height and of a line's.
_ZONE = 0.14
_STANDS_APART = 0.7
_SAME_SIZE = 0.05
_SAME_HEIGHT = 6.0  # points
# A head of left-hand pages alone returns on every second page, and a chapter may open without one.
_NEAR = 3
_FEWEST_PAGES = 3
_FEWEST_NUMBERED = 2
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"[-–—\[(]?[0-9]{1,5}[-–—\])]?")
_ROMAN = re.compile(r"\W*[ivxlc]+\W*", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Counting:
    """A page's number less the page's index: the same on every page that is numbered."""

    first: int


def without_running_lines(pages: Sequence[Page]) -> list[Page]:
    """The pages without what repeats, up to its numbers, at one height near their upper or lower edge.

    A line does when it is found on three pages near one another, or two if it is a bare number that counts the pages.
    It must stand apart from the text, so that a sentence that happens to return is never lost.
    """
    returning = _returning(pages)
    kept = []
    for index, page in enumerate(pages):
        dropped = _dropped(page, returning[index]) if index in returning else set()
        lines = tuple(line for position, line in enumerate(page.lines) if position not in dropped)
        kept.append(replace(page, lines=lines) if dropped else page)
    if not any(page.lines or page.lack is Lack.IMAGE for page in kept):
        return list(pages)  # what returns is all that there is to read
    return kept


def _returning(pages: Sequence[Page]) -> dict[int, set[int]]:
    """Positions of the lines that return, by index of page."""
    places: dict[Hashable, list[tuple[float, int, int]]] = defaultdict(list)
    for index, page in enumerate(pages):
        for position, line in enumerate(page.lines):
            if _zone(page, line):
                for key in _keys(line.text, index):
                    places[key].append((line.top, index, position))
    returning: dict[int, set[int]] = defaultdict(set)
    for key, found in places.items():
        for run in (run for group in _level(found) for run in _near(group)):
            bare = not any(_LETTER.search(pages[index].lines[position].text) for index, position in run)
            counts_on = isinstance(key, _Counting)
            if len({index for index, _ in run}) >= (_FEWEST_NUMBERED if bare and counts_on else _FEWEST_PAGES):
                for index, position in run:
                    returning[index].add(position)
    return returning


def _zone(page: Page, line: Line) -> int:
    """-1 for a line near the page's upper edge, 1 near its lower edge, else 0."""
    if line.bottom <= page.height * _ZONE:
        return -1
    return 1 if line.top >= page.height * (1 - _ZONE) else 0


def _keys(text: str, index: int) -> Iterator[Hashable]:
    """What a line has in common with its like on other pages: its words, or a number that grows with the pages."""
    yield "#" if _ROMAN.fullmatch(text) else " ".join(_NUMBER.sub("#", text).split()).casefold()
    words = text.split()
    for word in {words[0], words[-1]}:
        if _PAGE_NUMBER.fullmatch(word):
            yield _Counting(int(word.strip("-–—[]()")) - index)


def _level(places: list[tuple[float, int, int]]) -> Iterator[list[tuple[int, int]]]:
    """(page, position) of places at one height, in order of pages."""
    group: list[tuple[int, int]] = []
    height = 0.0
    for top, index, position in sorted(places):
        if group and top - height > _SAME_HEIGHT:
            yield sorted(group)
            group = []
        if not group:
            height = top
        group.append((index, position))
    yield sorted(group)


def _near(group: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Runs of places whose pages are near one another."""
    run: list[tuple[int, int]] = []
    for index, position in group:
        if run and index - run[-1][0] > _NEAR:
            yield run
            run = []
        run.append((index, position))
    yield run


def _dropped(page: Page, returning: set[int]) -> set[int]:
    """Of the lines that return, those between a page's edge and a gap before its text."""
    dropped: set[int] = set()
    for side in (-1, 1):
        # From the edge inwards.
        positions = sorted(range(len(page.lines)), key=lambda position: -side * page.lines[position].top)
        candidates: list[int] = []
        for position, following in zip(positions, [*positions[1:], None], strict=True):
            if position not in returning or _zone(page, page.lines[position]) != side:
                break
            candidates.append(position)
            alone = following is None and len(candidates) == 1
            if alone or (following is not None and _stand_apart(page.lines[position], page.lines[following])):
                dropped.update(candidates)
                candidates = []
    return dropped


def _stand_apart(line: Line, inner: Line) -> bool:
    gap = max(inner.top - line.bottom, line.top - inner.bottom)
    size = max(inner.font.size, 1.0)
    return gap > _STANDS_APART * size or (gap > 0 and abs(line.font.size - size) > _SAME_SIZE * size)
