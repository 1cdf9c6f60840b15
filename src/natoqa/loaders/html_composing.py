"""Building a canonical text block by block: every offset is known as soon as its block is written."""

from __future__ import annotations

import re

from natoqa.limits import Limits
from natoqa.loaders.decoding import require_within
from natoqa.loaders.loaded import Block, one_line
from natoqa.types import LandmarkKind

_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# Soft hyphens and byte order marks are not seen, but would part a word from a question's.
_UNSEEN = re.compile(r"[\xad\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_AROUND_BREAK = re.compile(r" *\n *")
_PARAGRAPH_END = re.compile(r"\n{2,}")
_LONGEST_HEADING = 300


def collapse(text: str) -> str:
    """Every run of white space as one space, also at the ends; what is not seen or not text is gone."""
    return _SPACES.sub(" ", _CONTROL.sub(" ", _UNSEEN.sub("", text)))


class InlineText:
    """The text of one block as it comes, piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def add(self, text: str) -> None:
        """Add text whose white space means nothing but a space."""
        self._pieces.append(collapse(text))

    def add_as_is(self, text: str) -> None:
        """Add preformatted text."""
        self._pieces.append(_CONTROL.sub(" ", _UNSEEN.sub("", _LINE_END.sub("\n", text))))

    def add_break(self) -> None:
        """Add a line break; two in a row end a paragraph."""
        self._pieces.append("\n")

    def take_paragraphs(self) -> list[str]:
        """What was added, as paragraphs, none of them empty; begins anew."""
        if not self._pieces:
            return []
        text = _AROUND_BREAK.sub("\n", re.sub(" +", " ", self._take()))
        return [stripped for part in _PARAGRAPH_END.split(text) if (stripped := part.strip())]

    def take_preformatted(self) -> list[str]:
        """What was added, as one paragraph whose lines keep their indent, or none if it is empty; begins anew."""
        text = "\n".join(line.rstrip() for line in self._take().split("\n")).strip()
        return [_PARAGRAPH_END.sub("\n\n", text)] if text else []

    def _take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


class Composition:
    """A text and the blocks that begin in it. ``first_level`` is that of the heading that opens it, else 0."""

    def __init__(self, limits: Limits) -> None:
        self.blocks: list[Block] = []
        self.first_level = 0
        self._limits = limits
        self._pieces: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """All that was added."""
        return "".join(self._pieces)

    def __len__(self) -> int:
        return self._length

    def add(self, kind: LandmarkKind, text: str, *, level: int = 0, separator: str = "\n\n") -> None:
        """Add a block; ``text`` is neither empty nor padded. Raises UnreadableFile when it becomes too much."""
        label = ""
        if kind is LandmarkKind.HEADING and len(text) > _LONGEST_HEADING:
            kind = LandmarkKind.PARAGRAPH
        elif kind is LandmarkKind.HEADING:
            label = one_line(text)
            if not self.blocks:
                self.first_level = level
        if self.blocks:
            self._pieces.append(separator)
            self._length += len(separator)
        self.blocks.append(Block(self._length, kind, label))
        self._pieces.append(text)
        self._length += len(text)
        require_within(self._length, self._limits)

    def title_first(self) -> None:
        """Make the heading that opens the text its title."""
        first = self.blocks[0]
        self.blocks[0] = Block(first.offset, LandmarkKind.TITLE, first.label)
