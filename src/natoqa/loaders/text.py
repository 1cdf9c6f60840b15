"""Plain text: paragraphs between blank lines, short unpunctuated lines as headings, bullets as items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from natoqa.limits import Limits
from natoqa.loaders.decoding import decode
from natoqa.loaders.loaded import Block, Loaded, number, one_line
from natoqa.types import LandmarkKind, Metadata

_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"\s*(?:[•‣▪◦*+–—-]|\(?\d{1,3}[.)]|\(?[a-z][.)]|\(?[A-Z]\))\s+(?=\S)")
_SENTENCE_INSIDE = re.compile(r"[.!?…]\s")
# A line with a plain verb, or with a number that is no year, says something that a reader may want quoted.
_STATES_A_FACT = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|must)\b|\d{5}|\d{3} \d")
_LONGEST_HEADING = 90
_MOST_HEADING_WORDS = 14


def load(data: bytes, limits: Limits) -> Loaded:
    """Read a ``.txt`` file. The canonical text is the file's own, line ends apart."""
    text, notes = decode(data, limits)
    landmarks = number(find_blocks(text))
    title = next((mark.label for mark in landmarks[:1] if mark.kind is LandmarkKind.TITLE), "")
    return Loaded(text, landmarks, Metadata(title=title), notes)


def find_blocks(text: str) -> Iterator[Block]:
    """Blocks of a plain text in order; the first heading, if it opens the text, is its title."""
    groups = list(_groups(text))
    for index, (start, end, is_item) in enumerate(groups):
        content = text[start:end].strip()
        offset = start + len(text[start:end]) - len(text[start:end].lstrip())
        if is_item:
            yield Block(offset, LandmarkKind.ITEM)
        elif _reads_as_heading(content) and _heads(text, groups, index):
            yield Block(offset, LandmarkKind.TITLE if index == 0 else LandmarkKind.HEADING, one_line(content))
        else:
            yield Block(offset, LandmarkKind.PARAGRAPH)


def _groups(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, is item): lines that belong together."""
    start = end = -1
    bullet_indent: int | None = None
    for line in _LINE.finditer(text):
        content = line.group()
        if not content.strip():
            continue
        bullet = _BULLET.match(content)
        indent = len(content) - len(content.lstrip())
        after_blank_line = start < 0 or text.count("\n", end, line.start()) > 1
        # A line that is indented less than the bullet above it has left the list.
        left_the_list = bullet_indent is not None and indent < bullet_indent
        if after_blank_line or bullet or left_the_list:
            if start >= 0:
                yield start, end, bullet_indent is not None
            start = line.start()
            bullet_indent = indent if bullet else None
        end = line.end()
    if start >= 0:
        yield start, end, bullet_indent is not None


def _heads(text: str, groups: Sequence[tuple[int, int, bool]], index: int) -> bool:
    """Whether something follows that a heading could stand over: after the title anything, else no second heading."""
    if index + 1 == len(groups):
        return False
    start, end, is_item = groups[index + 1]
    return index == 0 or is_item or not _reads_as_heading(text[start:end].strip())


def _reads_as_heading(line: str) -> bool:
    return (
        "\n" not in line
        and len(line) <= _LONGEST_HEADING
        and len(line.split()) <= _MOST_HEADING_WORDS
        and line[-1].isalnum() | (line[-1] in ")?'’”\"")
        and not line[0].islower()
        and any(character.isalpha() for character in line)
        and not _SENTENCE_INSIDE.search(line)
        and not _STATES_A_FACT.search(line)
    )
