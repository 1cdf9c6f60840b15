"""Blocks of a word processor's text, and the canonical text that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.decoding import require_within
from natoqa.loaders.loaded import Block, number, one_line
from natoqa.types import Landmark, LandmarkKind

HEADING_KINDS = (LandmarkKind.TITLE, LandmarkKind.HEADING)
# Soft hyphens, zero-width spaces and byte order marks show nothing; lone surrogates cannot be stored.
_INVISIBLE = re.compile(r"[\xad\u200b\ufeff\ud800-\udfff]")
_LINE_ENDS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x09\x0d-\x1f\x7f-\x9f\xa0]")
_SPACES = re.compile(r"  +")
_RAISED_NUMBER = re.compile(r"[+\-−]?[0-9]+")
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_AROUND_LINE_ENDS = re.compile(r" ?\n[ \n]*")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph, heading, list item or row of a table; ``text`` is clean, and empty when there is nothing to show.

    ``continues`` says that it is a further row of a table: one line end parts it from the row before, not two.
    """

    text: str = ""
    kind: LandmarkKind = LandmarkKind.PARAGRAPH
    is_bold: bool = False
    continues: bool = False


def clean(text: str) -> str:
    """Text with single spaces and line ends, none around it, and no other control characters."""
    text = _CONTROL.sub(" ", _LINE_ENDS.sub("\n", _INVISIBLE.sub("", text)))
    return _AROUND_LINE_ENDS.sub("\n", _SPACES.sub(" ", text)).strip()


def raised(text: str) -> str:
    """Superscript text: a number keeps its height, for ten to the sixth is not a hundred and six."""
    return text.translate(_RAISED) if _RAISED_NUMBER.fullmatch(text) else text


def compose(blocks: Iterable[TextBlock], limits: Limits) -> tuple[str, tuple[Landmark, ...]]:
    """The canonical text and its landmarks; a second title is a heading.

    Raises UnreadableFile when there is no text, or too much.
    """
    pieces: list[str] = []
    marks: list[Block] = []
    length = 0
    has_title = False
    for block in blocks:
        if not block.text:
            continue
        if pieces:
            pieces.append("\n" if block.continues else "\n\n")
            length += len(pieces[-1])
        kind = LandmarkKind.HEADING if has_title and block.kind is LandmarkKind.TITLE else block.kind
        has_title = has_title or kind is LandmarkKind.TITLE
        marks.append(Block(length, kind, one_line(block.text) if kind in HEADING_KINDS else ""))
        pieces.append(block.text)
        length += len(block.text)
        require_within(length, limits)
    if not pieces:
        raise UnreadableFile("it has no text")
    return "".join(pieces), number(marks)
