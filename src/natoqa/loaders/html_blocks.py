"""A page's tree -> blocks of text, in reading order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from natoqa.loaders.html_composing import Composition, InlineText
from natoqa.loaders.html_tables import add_table
from natoqa.loaders.html_walking import BLOCKS, HEADINGS, TEXT, walk
from natoqa.types import LandmarkKind

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_KINDS: Mapping[str, LandmarkKind] = {"li": LandmarkKind.ITEM, **dict.fromkeys(HEADINGS, LandmarkKind.HEADING)}
_ENDS = (".", ":", ";", "!", "?", "…")
_LONGEST_TERM = 200
_PREFORMATTED = frozenset({"pre", "listing", "xmp", "plaintext"})


def add_blocks(top: LexborNode, passed_over: set[int], composition: Composition) -> None:
    """Add the text below ``top`` to a composition, block by block.

    ``passed_over`` holds the ``mem_id`` of what is left out, and on return also of the tables that were read as such.
    Raises UnreadableFile when it becomes too much.
    """
    _Reading(passed_over, composition).read(top)


class _Reading:
    def __init__(self, passed_over: set[int], composition: Composition) -> None:
        self._passed_over = passed_over
        self._composition = composition
        self._inline = InlineText()
        self._kind = LandmarkKind.PARAGRAPH
        self._level = 0
        self._preformatted = 0
        self._terms: list[str] = []
        self._is_in_term = False

    def read(self, top: LexborNode) -> None:
        for tag, node, entered in walk(top, self._passed_over):
            if tag == TEXT:
                self._add_text(node.text_content or "")
            elif tag == "br":
                if entered:
                    self._inline.add_break()
            elif tag in BLOCKS:
                self._end_block()
                if entered:
                    self._enter(tag, node)
                else:
                    self._leave(tag)
        self._end_block()
        self._end_terms()

    def _add_text(self, text: str) -> None:
        if self._preformatted:
            self._inline.add_as_is(text)
        else:
            self._inline.add(text)

    def _enter(self, tag: str, node: LexborNode) -> None:
        self._preformatted += tag in _PREFORMATTED
        if tag in _KINDS:
            self._end_terms()
            self._kind = _KINDS[tag]
            self._level = HEADINGS.index(tag) + 1 if tag in HEADINGS else 0
        if tag == "dt":
            self._is_in_term = True
        if tag == "table":
            self._end_terms()
            if add_table(node, self._passed_over, self._composition):
                self._passed_over.add(node.mem_id)

    def _leave(self, tag: str) -> None:
        self._preformatted -= tag in _PREFORMATTED
        if tag in _KINDS:
            self._kind = LandmarkKind.PARAGRAPH
        if tag == "dt":
            self._is_in_term = False
        elif tag == "dl":
            self._end_terms()

    def _end_block(self) -> None:
        """Add what was read since the last block as one, or as several that line breaks part."""
        parts = self._inline.take_preformatted() if self._preformatted else self._inline.take_paragraphs()
        if parts and self._kind is LandmarkKind.HEADING:
            parts = [" ".join(" ".join(parts).split())]
        if parts and (self._kind is LandmarkKind.HEADING or self._preformatted):
            self._end_terms()
        elif parts and self._is_in_term:
            self._terms += (" ".join(part.split()) for part in parts)
            return
        elif parts and self._terms:
            parts[0] = self._described(parts[0])
        for part in parts:
            self._composition.add(self._kind, part, level=self._level)
            self._kind = LandmarkKind.PARAGRAPH

    def _described(self, definition: str) -> str:
        """A definition behind the terms that stand over it, so that it says what it is of."""
        terms = ", ".join(self._terms)
        if len(terms) > _LONGEST_TERM:
            self._end_terms()
            return definition
        self._terms.clear()
        return f"{terms} {definition}" if terms.endswith(_ENDS) else f"{terms}: {definition}"

    def _end_terms(self) -> None:
        """Add terms that no definition follows as blocks of their own."""
        for term in self._terms:
            self._composition.add(LandmarkKind.PARAGRAPH, term)
        self._terms.clear()
