"""Makes DOCX and ODT files: DOCX by python-docx or from XML, ODT from XML."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from xml.sax.saxutils import quoteattr

from docx import Document
from docx.document import Document as DocxDocument

from natoqa.loaders.loaded import Loaded

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_W = f"""xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{_OFFICE}/relationships"
 xmlns:m="{_OFFICE}/math" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
 xmlns:o="urn:schemas-microsoft-com:office:office" """
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF = f"""xmlns:office="{_OASIS}office:1.0" xmlns:text="{_OASIS}text:1.0" xmlns:table="{_OASIS}table:1.0"
 xmlns:draw="{_OASIS}drawing:1.0" xmlns:style="{_OASIS}style:1.0" xmlns:fo="{_OASIS}xsl-fo-compatible:1.0"
 xmlns:meta="{_OASIS}meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:svg="{_OASIS}svg-compatible:1.0" """
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip file of parts by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The parts of a zip file by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(write: Callable[[DocxDocument], object]) -> bytes:
    """A DOCX file by python-docx."""
    document = Document()
    write(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def docx_parts(body: str, styles: str = "", footnotes: str = "", endnotes: str = "") -> dict[str, str | bytes]:
    """The parts of a DOCX file whose body, styles and notes are given in XML without namespaces' declarations."""
    parts: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"{_DECLARATION}<w:document {_W}><w:body>{body}<w:sectPr/></w:body></w:document>",
    }
    if styles:
        parts["word/styles.xml"] = f"{_DECLARATION}<w:styles {_W}>{styles}</w:styles>"
    if footnotes:
        parts["word/footnotes.xml"] = f"{_DECLARATION}<w:footnotes {_W}>{footnotes}</w:footnotes>"
    if endnotes:
        parts["word/endnotes.xml"] = f"{_DECLARATION}<w:endnotes {_W}>{endnotes}</w:endnotes>"
    return parts


def docx(body: str, **others: str) -> bytes:
    """A DOCX file of :func:`docx_parts`."""
    return packed(docx_parts(body, **others))


def paragraph(content: str, properties: str = "") -> str:
    """A ``w:p``; plain text becomes a run."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{content if content.startswith('<') else run(content)}</w:p>"


def run(text: str, properties: str = "") -> str:
    """A ``w:r``."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def docx_style(identifier: str, name: str, content: str = "", kind: str = "paragraph") -> str:
    """A ``w:style``."""
    named = f"<w:name w:val={quoteattr(name)}/>" if name else ""
    return f'<w:style w:type="{kind}" w:styleId="{identifier}">{named}{content}</w:style>'


def docx_table(*rows: str) -> str:
    """A ``w:tbl`` of the content of its rows."""
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def docx_cell(content: str, properties: str = "") -> str:
    """A ``w:tc``; plain text becomes a paragraph."""
    inside = content if content.startswith("<") else paragraph(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def odt_parts(text: str, automatic: str = "", styles: str = "", meta: str = "") -> dict[str, str | bytes]:
    """The parts of an ODT file, given in XML without namespaces' declarations."""
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"{_DECLARATION}<office:document-content {_ODF}><office:automatic-styles>{automatic}"
        f"</office:automatic-styles><office:body><office:text>{text}</office:text></office:body>"
        "</office:document-content>",
        "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_OASIS}manifest:1.0"><m:file-entry m:full-path="/"/>'
        "</m:manifest>",
    }
    if styles:
        parts["styles.xml"] = (
            f"<office:document-styles {_ODF}><office:styles>{styles}</office:styles></office:document-styles>"
        )
    if meta:
        parts["meta.xml"] = f"<office:document-meta {_ODF}><office:meta>{meta}</office:meta></office:document-meta>"
    return parts


def odt(text: str, **others: str) -> bytes:
    """An ODT file of :func:`odt_parts`."""
    return packed(odt_parts(text, **others))


def odt_style(name: str, properties: str = "", parent: str = "", family: str = "paragraph") -> str:
    """A ``style:style``; ``properties`` are attributes of its text properties."""
    return (
        f'<style:style style:name="{name}" style:family="{family}" style:parent-style-name="{parent}">'
        f"<style:text-properties {properties}/></style:style>"
    )


def blocks(loaded: Loaded) -> list[tuple[str, str]]:
    """(kind, text) of each block."""
    ends = [*(mark.offset for mark in loaded.landmarks[1:]), len(loaded.text)]
    return [
        (mark.kind.value, loaded.text[mark.offset : end].strip())
        for mark, end in zip(loaded.landmarks, ends, strict=True)
    ]


def check(loaded: Loaded) -> None:
    """What must hold for whatever was read."""
    offsets = [mark.offset for mark in loaded.landmarks]
    assert offsets == sorted(set(offsets))
    assert offsets[0] == 0
    assert offsets[-1] < len(loaded.text)
    assert loaded.text == loaded.text.strip()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", loaded.text)
    loaded.text.encode("utf-8")
    for _, text in blocks(loaded):
        assert text
