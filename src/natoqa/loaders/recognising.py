"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from natoqa.errors import UnreadableFile
from natoqa.loaders import LOADERS

ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"})

# What a file of each suffix should be, with its article.
_NAMES: Mapping[str, str] = {
    ".csv": "a table",
    ".docx": "a DOCX document",
    ".epub": "an EPUB book",
    ".htm": "HTML",
    ".html": "HTML",
    ".odt": "an ODT document",
    ".pdf": "a PDF",
    ".tsv": "a table",
    ".xhtml": "HTML",
}
# What natoqa does not read. Each pattern holds a byte or a word with which no text begins.
_UNREADABLE: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), what)
    for pattern, what in (
        (rb"\x89PNG\r\n\x1a\n", "a PNG image"),
        (rb"\xff\xd8\xff", "a JPEG image"),
        (rb"GIF8[79]a.{4}[\x80-\xff\x00-\x08]", "a GIF image"),
        (rb"RIFF.{3}[\x00-\x08]WEBP", "a WebP image"),
        (rb"RIFF.{3}[\x00-\x08](?:WAVE|AVI )", "a sound or film"),
        (rb"II\*\x00|MM\x00\*", "a TIFF image"),
        (rb"BM.{4}\x00\x00\x00\x00", "a BMP image"),
        (rb".{4}ftyp(?:hei[cfx]|mif1|avif)", "an image"),
        (rb"\x00\x00.{2}ftyp|OggS\x00|fLaC\x00|ID3[\x02-\x04]|\x1aE\xdf\xa3", "a sound or film"),
        (rb"MZ.{0,62}\x00", "a program"),
        (rb"\x7fELF|[\xcf\xce]\xfa\xed\xfe|\xca\xfe\xba\xbe", "a program"),
        (rb"\x1f\x8b", "a GZIP archive"),
        (rb"BZh[1-9]1AY&SY", "a BZIP2 archive"),
        (rb"\xfd7zXZ\x00", "an XZ archive"),
        (rb"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (rb"Rar!\x1a\x07", "a RAR archive"),
        (rb".{257}ustar(?:\x00|  \x00)", "a TAR archive"),
        (rb"SQLite format 3\x00", "a database"),
        (rb"\{\\rtf\d", "an RTF document"),
        (rb"%!PS-Adobe", "a PostScript document"),
    )
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# The first part of a package may say what it is; its name is at a fixed place.
_MEDIA_TYPES: Mapping[bytes, str] = {
    b"mimetypeapplication/epub+zip": ".epub",
    b"mimetypeapplication/vnd.oasis.opendocument.text": ".odt",
}
_MEDIA_TYPE_AT = 30
_PDF = re.compile(rb"(?:\xef\xbb\xbf)?\s*%PDF-\d")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!doctype\s+html\b|<html[\s>])", re.IGNORECASE)
_FIRST_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Recognised:
    """The suffix as which a file should be read, and what to tell the user if that is not its own."""

    suffix: str
    notes: tuple[str, ...] = ()


def recognise(suffix: str, data: bytes) -> Recognised:
    """What ``data``, of a file whose name ends in ``suffix``, should be read as.

    Raises UnreadableFile for content that natoqa does not read under any name. Takes no longer for hostile content.
    """
    named = suffix.lower()
    first = data[:_FIRST_BYTES]
    for pattern, what in _UNREADABLE:
        if pattern.match(first):
            raise _wrong(named, what)
    actual = _readable_kind(named, data, first)
    if LOADERS[actual] == LOADERS[named]:
        return Recognised(named)
    return Recognised(actual, (f"named {suffix} but is {_NAMES[actual]}; read as such",))


def _readable_kind(named: str, data: bytes, first: bytes) -> str:
    if _PDF.match(first):
        return ".pdf"
    if _HTML.match(first):
        return ".html"
    if first.startswith(_ZIP):
        return _package_kind(named, data, first)
    if first.startswith(_OLD_OFFICE) and named != ".docx":  # the loader of .docx tells an encrypted from an old file
        raise _wrong(named, "an old Office document")
    return named


def _package_kind(named: str, data: bytes, first: bytes) -> str:
    content = first[_MEDIA_TYPE_AT:]
    for media_type, suffix in _MEDIA_TYPES.items():
        if content.startswith(media_type) and content[len(media_type) : len(media_type) + 1] in (b"", b"P"):
            return suffix
    if named in (".docx", ".odt", ".epub"):
        return named
    if b"word/document" in data:
        return ".docx"
    for part, what in ((b"xl/workbook", "a spreadsheet"), (b"ppt/presentation", "a presentation")):
        if part in data:
            raise _wrong(named, what)
    raise UnreadableFile("it is a ZIP archive; natoqa does not open archives; unpack it")


def _wrong(named: str, what: str) -> UnreadableFile:
    if what.endswith("archive"):
        return UnreadableFile(f"it is {what}; natoqa does not open archives; unpack it")
    return UnreadableFile(f"it is {what}, not {_NAMES.get(named, 'text')}")
