"""The styles of a DOCX document: what kind of block a paragraph is, and which text is bold or hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from natoqa.loaders.office_xml import attribute, child, short_name
from natoqa.types import LandmarkKind

# Built-in styles keep these names in every language of Word; an identifier alone serves where the names are missing.
_BUILT_IN: tuple[tuple[re.Pattern[str], LandmarkKind], ...] = (
    (re.compile(r"title"), LandmarkKind.TITLE),
    (re.compile(r"toc ?(?:\d|heading)"), LandmarkKind.MARKUP),
    (re.compile(r"heading ?[1-9]"), LandmarkKind.HEADING),
    (re.compile(r"list(?: ?(?:bullet|number|paragraph))?(?: ?\d)?"), LandmarkKind.ITEM),
)
_BODY_TEXT = 9  # the outline level that is none
_LONGEST_CHAIN = 64
_OFF = frozenset({"0", "false", "off", "none"})


@dataclass(frozen=True, slots=True)
class Style:
    """A style with what it inherits; ``kind`` is None where no style says what it is."""

    kind: LandmarkKind | None = None
    is_bold: bool = False
    is_hidden: bool = False


class Styles:
    """The styles of a document by identifier. ``root`` is that of ``word/styles.xml``, None where there is none."""

    def __init__(self, root: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._default = ""
        self._resolved: dict[str, Style] = {}
        for element in () if root is None else root:
            if short_name(element.tag) == "w:style":
                identifier = attribute(element, "w:styleId")
                self._elements.setdefault(identifier, element)
                is_default = attribute(element, "w:default").lower() not in ("", *_OFF)
                if is_default and attribute(element, "w:type") == "paragraph":
                    self._default = identifier

    def style(self, identifier: str) -> Style:
        """A style of paragraphs or characters; one that is not defined is known by its identifier alone."""
        if identifier not in self._resolved:
            self._resolved[identifier] = self._resolve(identifier)
        return self._resolved[identifier]

    def of_paragraph(self, properties: Element | None) -> Style:
        """The style of a paragraph with the properties ``w:pPr``, and what they change in it."""
        style = self.style(attribute(child(properties, "w:pStyle"), "w:val") or self._default)
        kind = _direct_kind(properties, style.kind)
        return Style(kind, style.is_bold, style.is_hidden)

    def of_run(self, properties: Element | None, paragraph: Style) -> Style:
        """The style of text with the properties ``w:rPr`` in a paragraph."""
        style = paragraph
        if identifier := attribute(child(properties, "w:rStyle"), "w:val"):
            own = self.style(identifier)
            style = Style(None, own.is_bold or paragraph.is_bold, own.is_hidden or paragraph.is_hidden)
        bold, hidden = switch(properties, "w:b"), switch(properties, "w:vanish")
        return Style(
            paragraph.kind,
            style.is_bold if bold is None else bold,
            style.is_hidden if hidden is None else hidden,
        )

    def _resolve(self, identifier: str) -> Style:
        kind: LandmarkKind | None = None
        bold: bool | None = None
        hidden: bool | None = None
        for name, element in self._chain(identifier):
            kind = kind or _own_kind(name, element)
            properties = child(element, "w:rPr")
            bold = switch(properties, "w:b") if bold is None else bold
            hidden = switch(properties, "w:vanish") if hidden is None else hidden
        return Style(kind, bool(bold), bool(hidden))

    def _chain(self, identifier: str) -> Iterator[tuple[str, Element | None]]:
        """(name, element) of a style and of those that it is based on; a chain that bites its tail ends somewhere."""
        for _ in range(_LONGEST_CHAIN):
            element = self._elements.get(identifier)
            yield attribute(child(element, "w:name"), "w:val") or identifier, element
            identifier = attribute(child(element, "w:basedOn"), "w:val")
            if not identifier:
                return


def switch(properties: Element | None, name: str) -> bool | None:
    """Whether a property such as ``w:b`` is on; None when nothing is said."""
    element = child(properties, name)
    return None if element is None else attribute(element, "w:val").lower() not in _OFF


def whole_number(element: Element | None, otherwise: int) -> int:
    """The number in ``w:val``."""
    value = attribute(element, "w:val")
    return int(value) if value.isdecimal() and len(value) < 10 else otherwise


def _own_kind(name: str, element: Element | None) -> LandmarkKind | None:
    """What kind of block a style says that it is; a body text's outline level says that it is a paragraph."""
    built_in = next((kind for pattern, kind in _BUILT_IN if pattern.fullmatch(name.lower())), None)
    properties = child(element, "w:pPr")
    return built_in or _direct_kind(properties, None)


def _direct_kind(properties: Element | None, styled: LandmarkKind | None) -> LandmarkKind | None:
    outline = child(properties, "w:outlineLvl")
    if outline is not None and styled not in (LandmarkKind.TITLE, LandmarkKind.MARKUP):
        return LandmarkKind.HEADING if whole_number(outline, _BODY_TEXT) < _BODY_TEXT else LandmarkKind.PARAGRAPH
    numbering = child(properties, "w:numPr")
    if numbering is None or styled not in (None, LandmarkKind.ITEM, LandmarkKind.PARAGRAPH):
        return styled
    numbered = whole_number(child(numbering, "w:numId"), 1 if styled is not LandmarkKind.PARAGRAPH else 0) != 0
    return LandmarkKind.ITEM if numbered else LandmarkKind.PARAGRAPH
