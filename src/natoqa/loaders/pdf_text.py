"""Blocks of lines -> canonical text, landmarks and layouts of pages. Every character keeps its box."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from natoqa.loaders.loaded import Block, one_line
from natoqa.loaders.pdf_blocks import LineBlock
from natoqa.loaders.pdf_lines import SOFT_HYPHEN
from natoqa.loaders.pdf_pages import Page
from natoqa.types import LandmarkKind, PageLayout

_BOX = 8  # bytes
_SEPARATOR = "\n\n"
_HYPHENS = "-‐"
_TOKEN_BEFORE = re.compile(rf"[^\W\d_]+(?:[{_HYPHENS}'’][^\W_]+)*[{_HYPHENS}]$")
_WORD_AFTER = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(rf"\w+(?:[{_HYPHENS}]\w+)*")
# "pre- and post-war": the hyphen stands for a word that comes later.
_SUSPENDED = frozenset({"and", "or", "to", "und", "oder", "y", "o", "et", "ou"})
# Han, kana and full-width marks are written without spaces.
_UNSPACED = re.compile(r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")


def assemble(blocks: Sequence[LineBlock], pages: Sequence[Page]) -> tuple[str, list[Block], tuple[PageLayout, ...]]:
    """The text of all blocks, its landmarks in order, and the layout of every page that gave text.

    The pages' spans follow one another without a gap, from the text's beginning to its end.
    """
    words = _Words(blocks)
    text, boxes = _Pieces(), bytearray()
    marks: list[Block] = []
    starts: list[tuple[int, int]] = []
    for block in blocks:
        if text.length:
            text.add(_SEPARATOR)
            boxes += bytes(_BOX * len(_SEPARATOR))
        begin, last = text.length, ""
        page_marks: list[Block] = []
        for here in block.lines:
            drop, joint = words.joint(last, here.line.text) if last else (0, "")
            if drop:
                text.drop(drop)
                del boxes[-_BOX * drop :]
            text.add(joint)
            boxes += bytes(_BOX * len(joint))
            if not starts or starts[-1][0] != here.page:
                starts.append((here.page, text.length))
                page_marks.append(Block(text.length, LandmarkKind.PAGE, _label(pages[here.page])))
            last = here.line.text
            text.add(last)
            boxes += here.line.boxes
        if last.endswith(SOFT_HYPHEN):
            text.drop(1)
            del boxes[-_BOX:]
        opening = [mark for mark in page_marks if mark.offset == begin]
        marks += opening
        heads = block.kind in (LandmarkKind.HEADING, LandmarkKind.TITLE)
        marks.append(Block(begin, block.kind, one_line(text.since(begin)) if heads else ""))
        marks += page_marks[len(opening) :]
    return text.joined(), marks, tuple(_layouts(starts, pages, text.length, bytes(boxes)))


def _label(page: Page) -> str:
    label = f"p. {page.number}"
    return f"{label} (printed {page.printed})" if page.printed not in ("", str(page.number)) else label


def _layouts(
    starts: Sequence[tuple[int, int]], pages: Sequence[Page], length: int, boxes: bytes
) -> Iterator[PageLayout]:
    for (index, start), end in zip(starts, [*(start for _, start in starts[1:]), length], strict=True):
        page = pages[index]
        yield PageLayout(page.number, start, end, page.width, page.height, boxes[_BOX * start : _BOX * end])


class _Pieces:
    """Text that grows at its end and knows its length."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0

    def add(self, piece: str) -> None:
        self._pieces.append(piece)
        self.length += len(piece)

    def drop(self, count: int) -> None:
        """Take back ``count`` characters of the piece that was added last."""
        self._pieces[-1] = self._pieces[-1][:-count]
        self.length -= count

    def since(self, offset: int) -> str:
        """The text from ``offset`` on, which lies near the end."""
        pieces: list[str] = []
        length = self.length
        for piece in reversed(self._pieces):
            if length <= offset:
                break
            pieces.append(piece)
            length -= len(piece)
        return "".join(reversed(pieces))

    def joined(self) -> str:
        return "".join(self._pieces)


class _Words:
    """How the words that are broken at the ends of lines are written where they are not."""

    def __init__(self, blocks: Sequence[LineBlock]) -> None:
        broken = {
            word
            for block in blocks
            for before, here in pairwise(block.lines)
            for word in _readings(before.line.text, here.line.text)
        }
        self._found: Counter[str] = Counter()
        if broken:
            for block in blocks:
                for here in block.lines:
                    for word in _WORDS.findall(here.line.text.casefold()):
                        if word in broken:
                            self._found[word] += 1

    def joint(self, line: str, following: str) -> tuple[int, str]:
        """How two lines of a block are joined: how many characters the first one loses, and what comes between."""
        last, before, first = line[-1], line[-2:-1], following[0]
        if last == SOFT_HYPHEN:
            return 1, ""
        if last in _HYPHENS and before.strip() and first.isalnum():
            return self._hyphen(line, following)
        touches = (
            last == " "
            or (last == "—" and before.strip())
            or (last == "–" and before.isdigit() and first.isdigit())
            or (_UNSPACED.match(last) and _UNSPACED.match(first))
        )
        return 0, "" if touches else " "

    def _hyphen(self, line: str, following: str) -> tuple[int, str]:
        word = _WORD_AFTER.match(following)
        if word and word.group() in _SUSPENDED:
            return 0, " "
        readings = _readings(line, following)
        if not readings:
            return 0, ""
        joined, hyphenated = (self._found[reading] for reading in readings)
        is_compound = hyphenated > joined or (joined == 0 and any(hyphen in readings[0] for hyphen in _HYPHENS))
        return (0, "") if is_compound else (1, "")


def _readings(line: str, following: str) -> tuple[str, str] | tuple[()]:
    """A word that is broken by a hyphen and goes on in lower case: as one word, and with its hyphen."""
    if line[-1:] not in _HYPHENS:
        return ()
    before, after = _TOKEN_BEFORE.search(line), _WORD_AFTER.match(following)
    if not before or not after or after.group()[:1].isupper():
        return ()
    token, word = before.group().casefold(), after.group().casefold()
    return token[:-1] + word, token + word
