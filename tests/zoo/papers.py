"""Good DOCX, ODT and PDF files, and good files whose names lie about what they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import offices
import pdfs
from pages import epub, page
from plain import (
    ARABIC,
    ASK_ARABIC,
    ASK_CHINESE,
    ASK_HEBREW,
    CHINESE,
    HARBOUR,
    HEBREW,
    SAYS_ARABIC,
    SAYS_CHINESE,
    SAYS_HEBREW,
)
from reportlab.lib.pdfencrypt import StandardEncryption
from specimens import Good

_BUILT = ("When was the old harbour built?", "The old harbour was built in 1911.")
_AURORA = "Where does the Aurora sail in May?"
_SAILS = "Ship: The Aurora; Sails in May: to Callao"
_NOTE = '<w:footnote w:id="2">{}</w:footnote>'


def docx(*paragraphs: str) -> bytes:
    """A DOCX file of plain paragraphs."""
    return offices.docx("".join(map(offices.paragraph, paragraphs)))


def odt(*paragraphs: str) -> bytes:
    """An ODT file of plain paragraphs."""
    return offices.odt("".join(f"<text:p>{paragraph}</text:p>" for paragraph in paragraphs))


def docxs() -> Iterator[Good]:
    """``.docx``, by python-docx and from XML."""

    def sections(document: offices.DocxDocument) -> None:
        document.add_heading("Ports", 0)
        document.add_heading("The Harbour", 1)
        document.add_paragraph(HARBOUR)

    def table(document: offices.DocxDocument) -> None:
        cells = document.add_table(2, 2)
        for number, text in enumerate(("Ship", "Sails in May", "The Aurora", "to Callao")):
            cells.cell(number // 2, number % 2).text = text

    def items(document: offices.DocxDocument) -> None:
        for text in ("The Aurora sails to Callao in May.", "The Bolivar stays in port."):
            document.add_paragraph(text, style="List Bullet")

    yield Good("word/sections.docx", offices.written(sections), *_BUILT, place="The Harbour, ¶ 1")
    yield Good("word/table.docx", offices.written(table), _AURORA, _SAILS)
    yield Good("word/items.docx", offices.written(items), _AURORA, "The Aurora sails to Callao in May.", place="item 1")
    yield Good("word/arabic.docx", docx(ARABIC), ASK_ARABIC, SAYS_ARABIC)
    yield Good("word/hebrew.docx", docx(HEBREW), ASK_HEBREW, SAYS_HEBREW)
    yield Good("word/chinese.docx", docx(CHINESE), ASK_CHINESE, SAYS_CHINESE)
    noted = offices.paragraph(offices.run("A pier burnt down.") + '<w:r><w:footnoteReference w:id="2"/></w:r>')
    footnote = _NOTE.format(offices.paragraph(HARBOUR))
    yield Good("word/footnote.docx", offices.docx(noted, footnotes=footnote), *_BUILT, place="Notes")
    tracked = f"<w:ins>{offices.run('The old harbour was built ')}</w:ins><w:del>{offices.run('in 1899')}</w:del>"
    yield Good("word/tracked.docx", offices.docx(offices.paragraph(tracked + offices.run("in 1911."))), *_BUILT)
    macros = offices.docx_parts(offices.paragraph(HARBOUR)) | {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 99}
    yield Good("word/macros.docx", offices.packed(macros), *_BUILT)


def odts() -> Iterator[Good]:
    """``.odt``."""
    heading = '<text:h text:outline-level="1">The Harbour</text:h>'
    yield Good("odt/sections.odt", offices.odt(f"{heading}<text:p>{HARBOUR}</text:p>"), *_BUILT, place="¶ 1")
    yield Good("odt/arabic.odt", odt(ARABIC), ASK_ARABIC, SAYS_ARABIC)
    yield Good("odt/hebrew.odt", odt(HEBREW), ASK_HEBREW, SAYS_HEBREW)
    yield Good("odt/chinese.odt", odt(CHINESE), ASK_CHINESE, SAYS_CHINESE)
    rows = (("Ship", "Sails in May"), ("The Aurora", "to Callao"))
    cells = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    yield Good("odt/table.odt", offices.odt(f"<table:table>{cells}</table:table>"), _AURORA, _SAILS)


def prints() -> Iterator[Good]:
    """``.pdf``."""
    harbour = pdfs.wrapped(72, 100, HARBOUR)
    yield Good("pdf/one page.pdf", pdfs.make(harbour), *_BUILT, place="p. 1, ¶ 1")
    heading = pdfs.Drawn(72, 72, "The Harbour", pdfs.BOLD, 18)
    yield Good(
        "pdf/second page.pdf",
        pdfs.make(pdfs.wrapped(72, 100, "A pier burnt down."), [heading, *harbour]),
        *_BUILT,
        place="p. 2, The Harbour, ¶ 1",
    )
    hyphens = pdfs.listed(
        72, 100, ["The old har-", "bour was built in 1911. Nobody knows who paid for", "the lighthouse."]
    )
    yield Good("pdf/hyphens.pdf", pdfs.make(hyphens), *_BUILT)
    chinese = [pdfs.Drawn(72, 100, CHINESE, pdfs.CHINESE, 12)]
    yield Good("pdf/chinese.pdf", pdfs.make(chinese), ASK_CHINESE, SAYS_CHINESE)
    accents = pdfs.wrapped(72, 100, "El puerto de Perú se abrió en mayo de 1911. La señal cruzó la bahía.")
    yield Good(
        "pdf/accents.pdf",
        pdfs.make(accents),
        "¿En qué mayo se abrió el puerto?",
        "El puerto de Perú se abrió en mayo de 1911.",
    )
    unlocked = StandardEncryption("", "owner")
    yield Good("pdf/no password to read.pdf", pdfs.make(harbour, encrypt=unlocked), *_BUILT)
    yield Good("pdf/rotated.pdf", pdfs.make(harbour, rotated=90), *_BUILT)
    yield Good("pdf/an image too.pdf", pdfs.make(harbour, [pdfs.IMAGE]), *_BUILT, notice="page 2 is an image")


def mislabelled() -> Iterator[Good]:
    """Named as another kind; read as what they are."""
    harbour = pdfs.make(pdfs.wrapped(72, 100, HARBOUR))
    yield Good("lies/pdf.txt", harbour, *_BUILT, place="p. 1", notice="named .txt but is a PDF")
    yield Good("lies/pdf.docx", harbour, *_BUILT, place="p. 1", notice="named .docx but is a PDF")
    yield Good("lies/html.txt", page(f"<p>{HARBOUR}</p>").encode(), *_BUILT, notice="named .txt but is HTML")
    yield Good("lies/html.pdf", page(f"<p>{HARBOUR}</p>").encode(), *_BUILT, notice="named .pdf but is HTML")
    yield Good("lies/docx.pdf", docx(HARBOUR), *_BUILT, notice="named .pdf but is a DOCX")
    yield Good("lies/odt.docx", _marked(odt(HARBOUR)), *_BUILT, notice="named .docx but is an ODT")
    book = _marked(offices.packed(epub(f"<p>{HARBOUR}</p>")))
    yield Good("lies/epub.md", book, *_BUILT, notice="named .md but is an EPUB")


def _marked(package: bytes) -> bytes:
    """A package whose first part, its media type, is not compressed, as it should be."""
    parts = offices.unpacked(package)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", parts.pop("mimetype"), zipfile.ZIP_STORED)
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()
