"""The XML of office documents: short names, and a walk in the order of the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Protocol
from xml.etree.ElementTree import Element

from natoqa.errors import UnreadableFile
from natoqa.loaders.packages import Package, parse_xml

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
# Word writes one of two sets of names, "transitional" and "strict"; both mean the same.
_PREFIXES: Mapping[str, str] = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    _OASIS + "office:1.0": "office",
    _OASIS + "text:1.0": "text",
    _OASIS + "table:1.0": "table",
    _OASIS + "drawing:1.0": "draw",
    _OASIS + "style:1.0": "style",
    _OASIS + "xsl-fo-compatible:1.0": "fo",
    _OASIS + "svg-compatible:1.0": "svg",
    _OASIS + "meta:1.0": "meta",
    _OASIS + "manifest:1.0": "manifest",
}


class Visitor(Protocol):
    """What a walk calls."""

    def enter(self, name: str, element: Element) -> bool:
        """Whether to go into the element; if not, it is not left either."""

    def leave(self, name: str) -> None:
        """The element that was entered last, and is not yet left, ends."""

    def read(self, text: str) -> None:
        """Character data."""


def walk(root: Element, visitor: Visitor) -> None:
    """Visit what is in ``root``, in the order of the text."""
    path: list[tuple[Element, str, Iterator[Element]]] = [(root, "", iter(root))]
    while path:
        parent, name, children = path[-1]
        element = next(children, None)
        if element is None:
            path.pop()
            if path:
                visitor.leave(name)
                visitor.read(parent.tail or "")
            continue
        name = short_name(element.tag)
        if visitor.enter(name, element):
            visitor.read(element.text or "")
            path.append((element, name, iter(element)))
        else:
            visitor.read(element.tail or "")


def parse_main(package: Package, name: str, what: str) -> Element:
    """The root of the part without which there is no text. Raises UnreadableFile when it cannot be read."""
    data = package.read(name)
    try:
        return parse_xml(data)
    except UnreadableFile as error:
        raise UnreadableFile(f"it is not a readable {what} ({error})") from error


def parse_optional(package: Package, name: str, kind: str, notes: list[str]) -> Element | None:
    """The root of another part, None where there is none; of one that cannot be read, ``notes`` tell the user."""
    if name not in package:
        return None
    try:
        return parse_xml(package.read(name))
    except UnreadableFile as error:
        notes.append(f"its {kind} could not be read: {error}")
        return None


@lru_cache(maxsize=4096)
def short_name(tag: str) -> str:
    """``{http://…/main}p`` -> ``w:p``; empty for a name of a vocabulary that is not read."""
    namespace, _, local = tag.removeprefix("{").rpartition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else ""


def attribute(element: Element | None, name: str) -> str:
    """The value of an attribute by its short name; empty when there is none."""
    if element is None:
        return ""
    return next((value for key, value in element.attrib.items() if short_name(key) == name), "")


def child(element: Element | None, *names: str) -> Element | None:
    """The element found by going down one short name after another, the first of each."""
    for name in names:
        element = None if element is None else next((e for e in element if short_name(e.tag) == name), None)
    return element
