"""ODT (OpenDocument text): paragraphs, headings, lists and tables in order, footnotes and endnotes at the end.

Headers and footers of pages, annotations, tracked deletions, scripts and embedded objects are not read, and nothing
outside the file is.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.loaded import Loaded
from natoqa.loaders.odt_body import BodyReader
from natoqa.loaders.odt_styles import Styles
from natoqa.loaders.office_blocks import TextBlock, compose
from natoqa.loaders.office_properties import described
from natoqa.loaders.office_xml import child, parse_main, parse_optional, short_name, walk
from natoqa.loaders.packages import Package, open_package
from natoqa.types import Landmark, LandmarkKind, Metadata


def load(data: bytes, limits: Limits) -> Loaded:
    """Read an ``.odt`` file. Raises UnreadableFile when it is encrypted, damaged, no text document, or has no text."""
    notes: list[str] = []
    package = open_package(data, limits, "ODT")
    _refuse_encrypted(package, notes)
    content = parse_main(package, "content.xml", "ODT")
    body = child(content, "office:body", "office:text")
    if body is None:
        raise UnreadableFile("it is not a readable ODT (it holds no text document)")
    common = parse_optional(package, "styles.xml", "styles", notes)
    styles = Styles(child(common, "office:styles"), child(content, "office:automatic-styles"))
    reader = BodyReader(styles)
    walk(body, reader)
    blocks = reader.story.blocks
    if noted := _note_blocks(reader):
        blocks += [TextBlock("Notes", LandmarkKind.HEADING), *noted]
    text, landmarks = compose(blocks, limits)
    meta = child(parse_optional(package, "meta.xml", "properties", notes), "office:meta")
    return Loaded(text, landmarks, _metadata(meta, landmarks), tuple(notes))


def _refuse_encrypted(package: Package, notes: list[str]) -> None:
    manifest = parse_optional(package, "META-INF/manifest.xml", "list of parts", notes)
    if manifest is not None and any(short_name(part.tag) == "manifest:encryption-data" for part in manifest.iter()):
        raise UnreadableFile("it is encrypted; save it without a password")


def _note_blocks(body: BodyReader) -> list[TextBlock]:
    reader = BodyReader(body.styles)
    for note in body.notes:
        walk(note, reader)
    return [block for block in reader.story.blocks if block.text]


def _metadata(meta: Element | None, landmarks: tuple[Landmark, ...]) -> Metadata:
    elements = () if meta is None else meta
    fields = {short_name(element.tag): element.text or "" for element in elements}
    return described(
        fields.get("dc:title", ""),
        fields.get("dc:creator", "") or fields.get("meta:initial-creator", ""),
        [fields.get("dc:date", ""), fields.get("meta:creation-date", "")],
        landmarks,
    )
