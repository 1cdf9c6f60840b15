"""Bad files: each must be named with a reason that fits, and cost no other file anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import offices
import pdfs
from pages import epub
from papers import docx, odt
from plain import HARBOUR
from reportlab.lib.pdfencrypt import StandardEncryption
from specimens import Bad, bad

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
_ZEROS = bytes(60_000_000)  # more than is unpacked of one file
_EMPTY = "it (is empty|has no text)"
_DAMAGED = "it is not a readable|a part of it is not well-formed XML"
_LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_DRM = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
    '<e:EncryptedData><e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><e:CipherData>'
    '<e:CipherReference URI="b/c0.xhtml"/></e:CipherData></e:EncryptedData></encryption>'
)
_ODT_KEY = (
    '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry m:full-path="content.xml">'
    "<m:encryption-data/></m:file-entry></m:manifest>"
)


def empty() -> Iterator[Bad]:
    """Nothing in them, or nothing to read."""
    for suffix in ("txt", "md", "html", "csv", "tsv"):
        yield bad(f"empty/empty.{suffix}", _EMPTY, b"")
        yield bad(f"empty/blank.{suffix}", _EMPTY, b" \n\t\r\n\n ")
    for suffix in ("pdf", "docx", "odt", "epub"):
        yield bad(f"empty/empty.{suffix}", _DAMAGED, b"")
    yield bad("empty/front matter alone.md", "no text below its front matter", b"---\ntitle: x\n---\n")
    yield bad("empty/scripts alone.html", _EMPTY, b"<html><script>var harbour = 1911</script><!-- harbour --></html>")
    yield bad("empty/no paragraphs.docx", _EMPTY, docx())
    yield bad("empty/no paragraphs.odt", _EMPTY, odt())
    yield bad("empty/no chapters.epub", _EMPTY, offices.packed(epub()))
    yield bad("empty/scanned.pdf", "images without text", pdfs.make([pdfs.IMAGE], [pdfs.IMAGE]))
    yield bad("empty/blank page.pdf", _EMPTY, pdfs.make([]))


def locked() -> Iterator[Bad]:
    """Encrypted."""
    reason = "it is encrypted; save it without a password"
    yield bad(
        "locked/locked.pdf", reason, pdfs.make(pdfs.wrapped(72, 72, HARBOUR), encrypt=StandardEncryption("secret"))
    )
    yield bad("locked/locked.docx", reason, _OLE + "EncryptedPackage".encode("utf-16-le") + bytes(400))
    yield bad("locked/locked.odt", reason, offices.packed(offices.odt_parts("") | {"META-INF/manifest.xml": _ODT_KEY}))
    yield bad("locked/drm.epub", "protected by DRM", offices.packed(epub(f"<p>{HARBOUR}</p>", encryption=_DRM)))
    yield bad("locked/parts.docx", reason, _flagged(docx(HARBOUR)))


def _flagged(data: bytes) -> bytes:
    """A package whose parts say that they are encrypted."""
    flagged = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            flagged[at + place] |= 1
            at = data.find(mark, at + 1)
    return bytes(flagged)


def broken() -> Iterator[Bad]:
    """Cut short or overwritten."""
    harbour = pdfs.make(pdfs.wrapped(72, 72, HARBOUR))
    wholes = {
        "pdf": harbour,
        "docx": docx(HARBOUR),
        "odt": odt(HARBOUR),
        "epub": offices.packed(epub(f"<p>{HARBOUR}</p>")),
    }
    for suffix, whole in wholes.items():
        yield bad(f"broken/a third.{suffix}", _DAMAGED, whole[: len(whole) // 3])
    for suffix in ("docx", "odt", "epub"):
        yield bad(f"broken/no such parts.{suffix}", _DAMAGED, offices.packed({"nothing.xml": "<x/>"}))
    yield bad("broken/no xml.docx", _DAMAGED, offices.packed(offices.docx_parts("") | {"word/document.xml": "<w:p"}))
    yield bad("broken/no xml.odt", _DAMAGED, offices.packed(offices.odt_parts("") | {"content.xml": b"\xff\xfe\x00"}))
    yield bad("broken/head alone.pdf", _DAMAGED, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    yield bad("broken/half a character.txt", "claims to be utf-16", b"\xff\xfea")
    yield bad("broken/bytes.txt", "binary, not text", bytes(range(256)) * 8)
    yield bad("broken/bytes.csv", "binary, not text", bytes(range(256)) * 8)
    yield bad("broken/control characters.md", "binary, not text", b"\x01\x02\x03\x04 harbour" * 20)


def mislabelled() -> Iterator[Bad]:
    """Of a kind that is not read, under the name of one that is."""
    heads = {
        "png.pdf": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG image, not a PDF"),
        "exe.txt": (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00", "a program, not text"),
        "elf.md": (b"\x7fELF\x02\x01\x01", "a program, not text"),
        "jpeg.docx": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image, not a DOCX"),
        "gzip.txt": (b"\x1f\x8b\x08\x00", "GZIP archive; natoqa does not open archives"),
        "sqlite.csv": (b"SQLite format 3\x00", "a database, not a table"),
        "mp4.html": (b"\x00\x00\x00\x18ftypmp42", "a sound or film, not HTML"),
        "rtf.txt": (b"{\\rtf1\\ansi The old harbour.}", "an RTF document, not text"),
        "zip.txt": (offices.packed({"a.txt": HARBOUR}), "ZIP archive; natoqa does not open archives"),
        "xlsx.txt": (offices.packed({"xl/workbook.xml": "<x/>"}), "a spreadsheet"),
        "doc.docx": (_OLE + "WordDocument".encode("utf-16-le") + bytes(99), "an old Word file; save it as .docx"),
        "doc.txt": (_OLE, "an old Office document"),
    }
    for name, (head, reason) in heads.items():
        yield bad(f"lies/{name}", reason, head + bytes(64) if len(head) < 60 and name != "rtf.txt" else head)


def hostile() -> Iterator[Bad]:
    """Made to cost memory or time."""
    too_much = "it unpacks to more than"
    yield bad("hostile/bomb.docx", too_much, offices.packed(offices.docx_parts("") | {"word/document.xml": _ZEROS}))
    yield bad("hostile/bomb.odt", too_much, offices.packed(offices.odt_parts("") | {"content.xml": _ZEROS}))
    yield bad("hostile/bomb.epub", too_much, offices.packed(epub("") | {"b/c0.xhtml": _ZEROS}))
    for suffix, parts, part in (
        ("docx", offices.docx_parts(""), "word/document.xml"),
        ("odt", offices.odt_parts(""), "content.xml"),
        ("epub", epub(""), "b/book.opf"),
    ):
        yield bad(f"hostile/laughs.{suffix}", "entities", offices.packed(parts | {part: f"{_LAUGHS}<x>&b;</x>"}))
        deep = "<x>" * 100_000 + "</x>" * 100_000
        yield bad(f"hostile/deep.{suffix}", "nested", offices.packed(parts | {part: deep}))


def unsupported() -> Iterator[Bad]:
    """Of kinds that are not read."""
    for suffix in ("doc", "rtf", "xlsx", "pptx", "png", "json", "xml", "exe", "docm"):
        yield bad(f"others/some.{suffix}", rf"natoqa does not read \.{suffix} \(it reads \.csv ", HARBOUR.encode())
    for suffix in ("zip", "gz", "7z", "tar"):
        yield bad(f"others/some.{suffix}", "does not open archives", b"PK\x03\x04")
    yield bad("others/none", "files without a suffix", HARBOUR.encode())


def places() -> Iterator[Bad]:
    """No regular files, or under names that cannot be used."""
    named = "its name is not UTF-8 or holds control characters"
    for name in ("a\x1b[31mred.txt", "two\nlines.txt", "b\udcffd.txt"):
        yield Bad(f"places/{name}", named, lambda path: path.write_bytes(HARBOUR.encode()))
    yield Bad("places/nowhere.txt", "cannot be read", lambda path: path.symlink_to("not there.txt"))
    yield Bad("places/round.txt", "cannot be read", lambda path: path.symlink_to("round.txt"))
    yield Bad("places/pipe.txt", "not a regular file", os.mkfifo)
    yield Bad("places/large.txt", r"larger than 50 MB \(setting corpus\.max_file_mb\)", _make_sparse)
    if os.geteuid() != 0:
        yield Bad("places/forbidden.txt", "cannot be read", lambda path: (path.touch(), path.chmod(0)))


def _make_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50_000_001)
