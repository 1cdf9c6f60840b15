"""DOCX (Word): paragraphs, headings, lists and tables in order, footnotes and endnotes at the end.

Headers and footers of pages, comments, macros and embedded files are not read, and nothing outside the file is.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.docx_body import BodyReader
from natoqa.loaders.docx_styles import Styles
from natoqa.loaders.loaded import Loaded
from natoqa.loaders.office_blocks import TextBlock, compose
from natoqa.loaders.office_properties import described
from natoqa.loaders.office_xml import attribute, child, parse_main, parse_optional, short_name
from natoqa.loaders.packages import Package, open_package
from natoqa.types import Landmark, LandmarkKind, Metadata

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNREADABLE = "it is not a readable DOCX"
# Every document made by python-docx was created, so it says, on this day.
_DATE_OF_A_TEMPLATE = "2013-12-23T23:15:00Z"


def load(data: bytes, limits: Limits) -> Loaded:
    """Read a ``.docx`` file. Raises UnreadableFile when it is encrypted, damaged, no Word document, or has no text."""
    if data.startswith(_OLE):
        raise UnreadableFile(_why_ole(data))
    parts = _Parts(open_package(data, limits, "DOCX"))
    body = child(parts.document, "w:body")
    if body is None:
        raise UnreadableFile(f"{_UNREADABLE} (it holds no Word document)")
    reader = BodyReader(Styles(parts.related("styles")))
    reader.read_story(body)
    blocks = reader.story.blocks
    if notes := _note_blocks(parts, reader):
        blocks += [TextBlock("Notes", LandmarkKind.HEADING), *notes]
    text, landmarks = compose(blocks, limits)
    return Loaded(text, landmarks, _metadata(parts.properties(), landmarks), tuple(parts.notes))


def _why_ole(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "it is encrypted; save it without a password"
    if "WordDocument".encode("utf-16-le") in data:
        return "it is an old Word file; save it as .docx"
    return f"{_UNREADABLE} (it is an old Office file)"


class _Parts:
    """The parts of the package that are read, found by their relations; ``notes`` say which could not be."""

    def __init__(self, package: Package) -> None:
        self.notes: list[str] = []
        self._package = package
        self._of_package = self._relations("")
        self._name = self._of_package.get("officeDocument", "word/document.xml")
        self.document = parse_main(package, self._name, "DOCX")
        self._of_document = self._relations(self._name)

    def related(self, kind: str) -> Element | None:
        """The root of the part that holds the ``styles``, ``footnotes`` or ``endnotes``, if there is one."""
        name = self._of_document.get(kind, posixpath.join(posixpath.dirname(self._name), f"{kind}.xml"))
        return self._optional(name, kind)

    def properties(self) -> Element | None:
        """The root of the part that holds title, author and dates, if there is one."""
        return self._optional(self._of_package.get("core-properties", "docProps/core.xml"), "properties")

    def _optional(self, name: str, kind: str) -> Element | None:
        return parse_optional(self._package, name, kind, self.notes)

    def _relations(self, name: str) -> Mapping[str, str]:
        """Kind -> name of the parts that a part, or the package, refers to."""
        folder, file = posixpath.split(name)
        root = self._optional(posixpath.join(folder, "_rels", f"{file}.rels"), "relations")
        found: dict[str, str] = {}
        for element in () if root is None else root:
            kind = element.get("Type", "").rpartition("/")[2]
            if short_name(element.tag) == "rel:Relationship" and element.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))
                found.setdefault(kind, target.lstrip("/"))
        return found


def _note_blocks(parts: _Parts, body: BodyReader) -> list[TextBlock]:
    """The notes that the body refers to, footnotes and endnotes in the order of its references."""
    if not body.notes:
        return []
    found = {kind: dict(_notes(parts.related(f"{kind}s"))) for kind in dict.fromkeys(kind for kind, _ in body.notes)}
    reader = BodyReader(body.styles)
    for kind, identifier in body.notes:
        if (note := found[kind].get(identifier)) is not None:
            reader.read_story(note)
    return [block for block in reader.story.blocks if block.text]


def _notes(root: Element | None) -> Iterator[tuple[str, Element]]:
    for element in () if root is None else root:
        if attribute(element, "w:type") not in ("separator", "continuationSeparator", "continuationNotice"):
            yield attribute(element, "w:id"), element


def _metadata(properties: Element | None, landmarks: tuple[Landmark, ...]) -> Metadata:
    elements = () if properties is None else properties
    fields = {short_name(element.tag): element.text or "" for element in elements}
    dates = [fields.get(name, "") for name in ("dcterms:created", "dcterms:modified")]
    return described(
        fields.get("dc:title", ""),
        fields.get("dc:creator", ""),
        [moment for moment in dates if moment != _DATE_OF_A_TEMPLATE],
        landmarks,
    )
