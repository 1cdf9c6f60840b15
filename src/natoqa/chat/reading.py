"""A document as a reader sees it: a stretch of whole blocks, in which exact places are marked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from natoqa.chat.escaping import text
from natoqa.types import Document, LandmarkKind, Span

# Characters shown on either side of a place. Most documents are shorter and are shown whole.
REACH = 40_000
_LONGEST_BLOCK = 10_000
_LONGEST_WORD = 200
_SPACE = re.compile(r"\s+")
_CLASSES = {
    LandmarkKind.TITLE: "para title",
    LandmarkKind.HEADING: "para heading",
    LandmarkKind.ITEM: "para item",
    LandmarkKind.MARKUP: "para markup",
}
_LEVELS = {LandmarkKind.TITLE: 3, LandmarkKind.HEADING: 4}
# Lines that are indented or aligned mean something by it; others may flow.
_LAID_OUT = re.compile(r"^(?:[ ]{2}|\t|\|)|\t|[ ]{3}", re.MULTILINE)
# Markdown keeps its signs: they are part of the text, and hardly to be seen.
_HASHES = re.compile(r"#{1,6} ")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that stands out: ``name`` is its class in the page."""

    start: int
    end: int
    name: str


def stretch(document: Document, start: int, end: int, reach: int = REACH) -> Span:
    """The whole blocks around ``[start, end)``, about ``reach`` characters on either side; more if there is."""
    length = len(document.text)
    bounds = _bounds(document)
    first = next((bound for bound in bounds if start - reach <= bound < start), None)
    last = next((bound for bound in reversed(bounds) if end < bound <= end + reach), None)
    # A block that is longer than the reach is cut between two words.
    return Span(
        _after_space(document.text, max(0, start - reach), start) if first is None else first,
        _before_space(document.text, end, min(length, end + reach)) if last is None else last,
    )


def render(document: Document, span: Span, marks: Sequence[Mark] = ()) -> str:
    """The blocks of ``span`` as HTML whose text content is ``document.text[span.start:span.end]``, character for
    character (what a page cannot carry apart).
    """
    edges = [bound for bound in _bounds(document) if span.start < bound < span.end]
    kinds = {mark.offset: mark.kind for mark in document.landmarks if mark.kind is not LandmarkKind.PAGE}
    pages = {
        mark.offset: mark.label
        for mark in document.landmarks
        if mark.kind is LandmarkKind.PAGE and span.start <= mark.offset < span.end
    }
    return "".join(
        _block(document.text, Span(first, last), kinds.get(first, LandmarkKind.PARAGRAPH), marks, pages)
        for first, last in pairwise([span.start, *edges, span.end])
        if first < last
    )


def find(document: Document, words: str, most: int) -> list[Span]:
    """The first ``most`` places where ``words`` stand exactly, whatever their case and the white space between them."""
    parts = words.split()
    if not parts:
        return []
    wanted = re.compile(r"\s+".join(map(re.escape, parts)), re.IGNORECASE)
    found = []
    for match in wanted.finditer(document.text):
        found.append(Span(*match.span()))
        if len(found) == most:
            break
    return found


def _bounds(document: Document) -> list[int]:
    """Where blocks begin, and both ends of the text whatever the landmarks say; sorted."""
    length = len(document.text)
    offsets = {mark.offset for mark in document.landmarks if mark.kind is not LandmarkKind.PAGE}
    edges = sorted({0, length, *(offset for offset in offsets if 0 < offset < length)})
    bounds = []
    for first, last in pairwise(edges):
        bounds.append(first)
        # Without landmarks a text of any length would be one block.
        for part in range(first + _LONGEST_BLOCK, last, _LONGEST_BLOCK):
            space = _SPACE.search(document.text, part, min(part + _LONGEST_WORD, last))
            if space and space.end() < last:
                bounds.append(space.end())
    return [*bounds, length]


def _after_space(whole: str, first: int, last: int) -> int:
    space = _SPACE.search(whole, first, last)
    return space.end() if first and space and space.end() < last else first


def _before_space(whole: str, first: int, last: int) -> int:
    spaces = [space.start() for space in _SPACE.finditer(whole, max(first, last - _LONGEST_WORD), last)]
    return spaces[-1] if last < len(whole) and spaces else last


def _block(whole: str, span: Span, kind: LandmarkKind, marks: Sequence[Mark], pages: Mapping[int, str]) -> str:
    first, last = span.start, span.end
    body = first + len(whole[first:last].rstrip())
    own = [mark for mark in marks if mark.start < last and mark.end > first]
    hashes = _HASHES.match(whole, first, body) if kind in _LEVELS else None
    text_from = hashes.end() if hashes else first
    syntax = f'<span class="syntax">{_inline(whole, first, text_from, own, {})}</span>' if hashes else ""
    inner = syntax + _inline(whole, text_from, body, own, pages)
    # White space between blocks is part of the text and of quotes that span it, but not to be seen.
    gap = f'<span class="gap">{_inline(whole, body, last, own, {})}</span>' if body < last else ""
    if body == first:
        return gap
    level = f' role="heading" aria-level="{_LEVELS[kind]}"' if kind in _LEVELS else ""
    names = _CLASSES.get(kind, "para") + (" laid-out" if _LAID_OUT.search(whole, first, body) else "")
    return f'<p class="{names}" dir="auto"{level}>{inner}{gap}</p>'


def _inline(whole: str, first: int, last: int, marks: Sequence[Mark], pages: Mapping[int, str]) -> str:
    edges = {edge for mark in marks for edge in (mark.start, mark.end)}
    turns = {offset for offset in pages if first <= offset < last}
    cuts = [first, *sorted(cut for cut in edges | turns if first < cut < last), last]
    shown = []
    for start, end in pairwise(cuts):
        if start in turns:
            shown.append(f'<span class="page-turn" data-label="{text(pages[start])}"></span>')
        names = " ".join(mark.name for mark in marks if mark.start <= start < mark.end)
        part = text(whole[start:end])
        shown.append(f'<mark class="{names}">{part}</mark>' if names else part)
    return "".join(shown)
