"""The styles of an ODT document: what kind of block a paragraph is, and which text is bold, hidden or raised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from natoqa.loaders.office_xml import attribute, child, short_name
from natoqa.types import LandmarkKind

# Names as they are stored in every language, a space written as its code.
_BUILT_IN: tuple[tuple[re.Pattern[str], LandmarkKind], ...] = (
    (re.compile(r"Title"), LandmarkKind.TITLE),
    (re.compile(r"Contents_20_(?:Heading|\d+)"), LandmarkKind.MARKUP),
    (re.compile(r"Heading_20_\d+"), LandmarkKind.HEADING),
)
_LONGEST_CHAIN = 64
_LIGHTEST_BOLD = 600


@dataclass(frozen=True, slots=True)
class Style:
    """A style with what it inherits; None where no style says anything of it."""

    kind: LandmarkKind | None = None
    bold: bool | None = None
    hidden: bool | None = None
    raised: bool | None = None

    @property
    def is_bold(self) -> bool:
        """Whether its text is bold."""
        return bool(self.bold)

    @property
    def is_hidden(self) -> bool:
        """Whether its text is not shown."""
        return bool(self.hidden)


class Styles:
    """Styles by name, those of the document and those made for a place in it (either None where there are none)."""

    def __init__(self, common: Element | None, automatic: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._resolved: dict[str, Style] = {}
        for group in (automatic, common):
            for element in () if group is None else group:
                if short_name(element.tag) == "style:style":
                    self._elements.setdefault(attribute(element, "style:name"), element)

    def style(self, name: str) -> Style:
        """A style of paragraphs or characters; one that is not defined is known by its name alone."""
        if name not in self._resolved:
            self._resolved[name] = self._resolve(name)
        return self._resolved[name]

    def within(self, name: str, around: Style) -> Style:
        """The style of text within other text."""
        own = self.style(name)
        return Style(
            around.kind,
            around.bold if own.bold is None else own.bold,
            around.hidden if own.hidden is None else own.hidden,
            around.raised if own.raised is None else own.raised,
        )

    def _resolve(self, name: str) -> Style:
        resolved = Style()
        for own_name, element in self._chain(name):
            own = _own(own_name, element)
            resolved = Style(
                resolved.kind or own.kind,
                own.bold if resolved.bold is None else resolved.bold,
                own.hidden if resolved.hidden is None else resolved.hidden,
                own.raised if resolved.raised is None else resolved.raised,
            )
        return resolved

    def _chain(self, name: str) -> Iterator[tuple[str, Element | None]]:
        """(name, element) of a style and of its parents; a chain that bites its tail ends somewhere."""
        for _ in range(_LONGEST_CHAIN):
            element = self._elements.get(name)
            yield name, element
            name = attribute(element, "style:parent-style-name")
            if not name:
                return


def _own(name: str, element: Element | None) -> Style:
    kind = next((kind for pattern, kind in _BUILT_IN if pattern.fullmatch(name)), None)
    if kind is None and attribute(element, "style:default-outline-level").strip("0"):
        kind = LandmarkKind.HEADING
    properties = child(element, "style:text-properties")
    weight = attribute(properties, "fo:font-weight")
    display = attribute(properties, "text:display")
    position = attribute(properties, "style:text-position")
    return Style(
        kind,
        _is_bold(weight) if weight else None,
        display == "none" if display else None,
        position.startswith("super") if position else None,
    )


def _is_bold(weight: str) -> bool:
    return weight == "bold" or (weight.isdecimal() and len(weight) < 5 and int(weight) >= _LIGHTEST_BOLD)
