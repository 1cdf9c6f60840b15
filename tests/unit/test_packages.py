"""Zip packages: what is read from them, and every way in which one is refused."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.packages import Package, open_package, parse_xml


def _zip(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _open(data: bytes, limits: Limits | None = None) -> Package:
    return open_package(data, limits or Limits(), "EPUB book")


def _bomb(claimed: int = 1_000_000_000) -> bytes:
    """A zip file of one part that unpacks to a gigabyte of zeros, made without ever holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = piece * 100 + packer.flush()
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), claimed, 1, 0)
    local = b"PK\x03\x04" + common + b"a" + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a"
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + end


def test_parts_are_read_by_name() -> None:
    package = _open(_zip({"mimetype": b"x", "a/b.xml": b"<b/>" * 100_000}))
    assert package.names == ("mimetype", "a/b.xml")
    assert "a/b.xml" in package
    assert "b.xml" not in package
    assert package.read("a/b.xml") == b"<b/>" * 100_000
    assert package.read("mimetype") == b"x"


@pytest.mark.parametrize("data", [b"", b"PK", b"text", b"PK\x03\x04" + bytes(100), _zip({"a": b"b"})[:-30]])
def test_what_is_no_zip_file_is_no_readable_book(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^it is not a readable EPUB book$"):
        _open(data)


def test_a_missing_part_is_reported() -> None:
    with pytest.raises(UnreadableFile, match="a part is missing"):
        _open(_zip({"a": b"b"})).read("c")


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "..\\a", "C:\\a", ".."])
def test_no_name_leads_outside(name: str) -> None:
    with pytest.raises(UnreadableFile, match="outside itself"):
        _open(_zip({name: b"b"})).read(name)


def test_a_damaged_part_is_reported() -> None:
    data = bytearray(_zip({"a": b"hello" * 100}, zipfile.ZIP_STORED))
    data[50] ^= 1
    with pytest.raises(UnreadableFile, match="a part is damaged"):
        _open(bytes(data)).read("a")


@pytest.mark.parametrize("bit", [0x1, 0x40, 0x41])
def test_an_encrypted_part_is_reported(bit: int) -> None:
    data = bytearray(_zip({"a": b"hello"}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= bit
    with pytest.raises(UnreadableFile, match="it is encrypted"):
        _open(bytes(data)).read("a")


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_compression_that_no_document_uses_is_refused(compression: int) -> None:
    with pytest.raises(UnreadableFile, match="compressed in a way"):
        _open(_zip({"a": b"hello"}, compression)).read("a")


def test_all_that_is_unpacked_counts_towards_the_limit() -> None:
    package = _open(_zip({"a": bytes(600), "b": bytes(400), "c": b"x", "d": b""}), Limits(characters=1000))
    assert len(package.read("a") + package.read("b")) == 1000
    assert package.read("d") == b""
    with pytest.raises(UnreadableFile, match=r"more than 0\.001 MB \(setting corpus\.max_text_millions\)"):
        package.read("c")


def test_a_bomb_is_refused_before_it_is_in_memory() -> None:
    bomb = _bomb()
    assert len(bomb) < 1_100_000
    package = _open(bomb, Limits(characters=20_000_000))
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(UnreadableFile, match="unpacks to more than 20 MB"):
        package.read("a")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 25_000_000
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("claimed", "reason"), [(1, "a part is damaged"), (1_000_000, "a part is damaged"), (2_000_000, "more than 1 MB")]
)
def test_the_size_in_the_header_is_not_believed(claimed: int, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        _open(_bomb(claimed), Limits(characters=1_000_000)).read("a")


def test_too_many_parts_are_refused_before_they_are_listed() -> None:
    entry = b"PK\x01\x02" + bytes(42)
    data = entry * 500_000 + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFE, 0xFFFE, 46 * 500_000, 0, 0)
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="more than 10,000 parts"):
        _open(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8), st.integers(0, 400))
def test_a_mutated_package_is_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(_zip({"a": b"hello" * 20, "b/c": b"x"}))
    for place, value in changes:
        data[place % len(data)] = value
    with suppress(UnreadableFile):
        package = _open(bytes(data[: len(data) - cut % 20]))
        for name in package.names:
            package.read(name)


def test_xml_is_parsed() -> None:
    root = parse_xml(b"<?xml version='1.0'?><!DOCTYPE a><a xmlns='urn:x'><b c='d'>text &amp; more</b></a>")
    assert root.tag == "{urn:x}a"
    assert root[0].get("c") == "d"
    assert root[0].text == "text & more"


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">',
        '<!ENTITY file SYSTEM "file:///etc/passwd">',
        '<!ENTITY % dtd SYSTEM "http://example.org/a.dtd"> %dtd;',
    ],
)
def test_declared_entities_are_refused(declaration: str) -> None:
    with pytest.raises(UnreadableFile, match="declares entities"):
        parse_xml(f"<!DOCTYPE a [{declaration}]><a>&lol2;</a>".encode())


def test_an_external_doctype_is_not_fetched() -> None:
    data = b'<!DOCTYPE a PUBLIC "-//X//Y" "http://127.0.0.1:1/a.dtd"><a>text</a>'
    assert parse_xml(data).text == "text"
    with pytest.raises(UnreadableFile, match="not well-formed"):
        parse_xml(data.replace(b"text", b"&nbsp;"))


def test_xml_as_deep_as_the_limit_is_read_and_deeper_is_refused() -> None:
    assert sum(1 for _ in parse_xml(b"<a>" * 256 + b"</a>" * 256).iter()) == 256
    for levels in (257, 1_000_000):
        with pytest.raises(UnreadableFile, match="deeper than 256 levels"):
            parse_xml(b"<a>" * levels + b"</a>" * levels)


def test_too_many_elements_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="3 million elements"):
        parse_xml(b"<a>" + b"<b/>" * 3_000_000 + b"</a>")


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a></b>", b"<a>&nbsp;</a>", b"<a/><b/>", b"<a>\x00</a>", b"text"])
def test_malformed_xml_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="not well-formed"):
        parse_xml(data)


@given(st.binary(max_size=60), st.sampled_from(["utf-8", "utf-16", "ebcdic-cp-us", "shift_jis", "zlib", "rot13", "?"]))
def test_xml_of_any_bytes_and_encoding_is_read_or_refused(data: bytes, encoding: str) -> None:
    for document in (data, b'<?xml version="1.0" encoding="' + encoding.encode() + b'"?><a>' + data + b"</a>"):
        with suppress(UnreadableFile):
            parse_xml(document)
