"""Zip packages (DOCX, ODT, EPUB) and the XML in them, read in memory and within limits.

Nothing is written to disk, no entity is resolved, and no size is believed that stands in a header.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits

# LZMA and bzip2 are in no standard of a document, and what they unpack cannot be bounded as it comes.
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1 | 0x40
_ENTRY = b"PK\x01\x02"
_MOST_PARTS = 10_000
_PIECE = 256 * 1024
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_DEEPEST = 256
_MOST_ELEMENTS = 3_000_000


class Package:
    """The parts of a zip file by name, such as ``word/document.xml``.

    All that is read from a package counts towards one limit, also what is read twice.
    """

    def __init__(self, archive: zipfile.ZipFile, limits: Limits, what: str) -> None:
        self._archive = archive
        self._limits = limits
        self._left = limits.characters
        self._what = what

    def __contains__(self, name: str) -> bool:
        return name in self._archive.NameToInfo

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts, in the order of the file's own list."""
        return tuple(self._archive.namelist())

    def read(self, name: str) -> bytes:
        """The bytes of a part.

        Raises UnreadableFile when there is no such part, its name leads elsewhere, or it is encrypted, damaged,
        packed in a way that is not read, or more than may be unpacked.
        """
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise UnreadableFile("it refers to a part outside itself")
        if name not in self:
            raise UnreadableFile(f"it is not a readable {self._what} (a part is missing)")
        part = self._archive.getinfo(name)
        if part.flag_bits & _ENCRYPTED:
            raise UnreadableFile("it is encrypted; save it without a password")
        if part.compress_type not in _COMPRESSIONS:
            raise UnreadableFile("it is compressed in a way that natoqa does not read")
        try:
            return self._unpack(part)
        except _DAMAGED as error:
            raise UnreadableFile(f"it is not a readable {self._what} (a part is damaged)") from error

    def _unpack(self, part: zipfile.ZipInfo) -> bytes:
        pieces: list[bytes] = []
        with self._archive.open(part) as stream:
            while piece := stream.read(min(_PIECE, self._left + 1)):
                self._left -= len(piece)
                if self._left < 0:
                    most = self._limits.characters / 1_000_000
                    raise UnreadableFile(f"it unpacks to more than {most:g} MB (setting corpus.max_text_millions)")
                pieces.append(piece)
        return b"".join(pieces)


def open_package(data: bytes, limits: Limits, what: str) -> Package:
    """Open a zip file. ``what`` names its kind to the user, such as ``EPUB book``.

    Raises UnreadableFile when it is no zip file or has too many parts.
    """
    if data.count(_ENTRY) > _MOST_PARTS:  # counted here, for zipfile makes an object of every entry first
        raise UnreadableFile(f"it has more than {_MOST_PARTS:,} parts")
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except _DAMAGED as error:
        raise UnreadableFile(f"it is not a readable {what}") from error
    return Package(archive, limits, what)


def parse_xml(data: bytes) -> Element:
    """The root of an XML document no deeper than 256 levels, so that what walks it may recurse.

    Raises UnreadableFile when it is malformed, declares entities, or is too deep or too large.
    """
    try:
        _check(data)
        return ElementTree.fromstring(data)  # noqa: S314 (entities are refused above; expat fetches nothing)
    except (ElementTree.ParseError, expat.ExpatError, LookupError, ValueError) as error:
        raise UnreadableFile("a part of it is not well-formed XML") from error


def _check(data: bytes) -> None:
    """Read the document once without building anything: what would be too much is never in memory."""
    depth = elements = 0

    def refuse_entity(*_: object) -> None:
        raise UnreadableFile("its XML declares entities, which natoqa does not read")

    def enter(*_: object) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > _DEEPEST:
            raise UnreadableFile(f"its XML is nested deeper than {_DEEPEST} levels")
        if elements > _MOST_ELEMENTS:
            raise UnreadableFile(f"its XML has more than {_MOST_ELEMENTS / 1_000_000:g} million elements")

    def leave(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse_entity
    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    parser.Parse(data, True)
