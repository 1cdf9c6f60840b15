"""EPUB books: the chapters in reading order, each read as the page that it is."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.html import never_read, parse
from natoqa.loaders.html_blocks import add_blocks
from natoqa.loaders.html_composing import Composition
from natoqa.loaders.html_decoding import decode_page
from natoqa.loaders.html_metadata import normal_date
from natoqa.loaders.loaded import Loaded, number, one_line
from natoqa.loaders.packages import Package, open_package, parse_xml
from natoqa.types import Metadata

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_WHAT = "EPUB book"
# Fonts are scrambled so that they cannot be copied out of a book; its text stands open.
_FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_CHAPTER_TYPES = frozenset({"application/xhtml+xml", "text/html", "application/xml", "text/xml"})
_CHAPTER_SUFFIXES = (".htm", ".html", ".xhtml", ".xml")


@dataclass(frozen=True, slots=True)
class _Book:
    """``chapters`` are the names of parts of the package, in reading order, each once."""

    chapters: tuple[str, ...]
    metadata: Metadata


def load(data: bytes, limits: Limits) -> Loaded:
    """Read an ``.epub`` file. Raises UnreadableFile."""
    package = open_package(data, limits, _WHAT)
    book = _read_book(package)
    if _encrypted(package).intersection(book.chapters):
        raise UnreadableFile("it is protected by DRM")
    composition = Composition(limits)
    left_out = [name for name in book.chapters if not _add_chapter(package, name, limits, composition)]
    if not composition.blocks:
        raise UnreadableFile("it has no text")
    title = book.metadata.title
    # Any other heading in front is that of the first chapter, and the places in it are found by it.
    if composition.first_level and composition.blocks[0].label.casefold() == title.casefold():
        composition.title_first()
    notes = (f"{len(left_out)} of its chapters cannot be read",) if left_out else ()
    return Loaded(composition.text, number(composition.blocks), book.metadata, notes)


def _add_chapter(package: Package, name: str, limits: Limits, composition: Composition) -> bool:
    """Whether the chapter could be read; one without text can."""
    if name not in package:
        return False
    data = package.read(name)
    if not data.strip():
        return True
    try:
        source, _ = decode_page(data, limits)
    except UnreadableFile:
        return False
    tree = parse(source)
    if tree.body is not None:
        passed_over = never_read(tree) | {node.mem_id for node in tree.css("nav")}
        add_blocks(tree.body, passed_over, composition)
    return True


def _read_book(package: Package) -> _Book:
    container = parse_xml(package.read(_CONTAINER))
    path = next((node.get("full-path", "") for node in container.iterfind(".//{*}rootfile")), "")
    root = parse_xml(package.read(path))
    parts: dict[str, str] = {}
    for node in root.iterfind("./{*}manifest/{*}item"):
        name = _part_name(posixpath.dirname(path), node.get("href", ""))
        if node.get("media-type", "") in _CHAPTER_TYPES or name.lower().endswith(_CHAPTER_SUFFIXES):
            parts[node.get("id", "")] = name
    spine = (parts.get(node.get("idref", "")) for node in root.iterfind("./{*}spine/{*}itemref"))
    return _Book(tuple(dict.fromkeys(filter(None, spine))), _metadata(root))


def _metadata(root: Element) -> Metadata:
    dates = {node.get("{http://www.idpf.org/2007/opf}event", ""): _text(node) for node in _dublin_core(root, "date")}
    published = dates.get("publication") or next(filter(None, dates.values()), "")
    return Metadata(
        title=next(filter(None, map(_text, _dublin_core(root, "title"))), ""),
        author=", ".join(filter(None, map(_text, _dublin_core(root, "creator")))),
        date=normal_date(published),
    )


def _dublin_core(root: Element, name: str) -> Iterator[Element]:
    return root.iterfind(f"./{{*}}metadata//{{http://purl.org/dc/elements/1.1/}}{name}")


def _text(node: Element) -> str:
    return one_line("".join(node.itertext()))


def _encrypted(package: Package) -> frozenset[str]:
    """The names of the parts whose content is encrypted."""
    if _ENCRYPTION not in package:
        return frozenset()
    names: list[str] = []
    for entry in parse_xml(package.read(_ENCRYPTION)).iterfind("./{*}EncryptedData"):
        methods = [node.get("Algorithm", "") for node in entry.iterfind("./{*}EncryptionMethod")]
        if not set(methods) <= set(_FONT_SCRAMBLING) or not methods:
            names += (_part_name("", node.get("URI", "")) for node in entry.iterfind(".//{*}CipherReference"))
    return frozenset(names)


def _part_name(folder: str, reference: str) -> str:
    """The name of the part that a reference in ``folder`` leads to; Package.read refuses one that leads outside."""
    path = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join(folder, path)) if path else ""
