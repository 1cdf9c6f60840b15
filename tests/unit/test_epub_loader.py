"""EPUB books: chapters in order, metadata, protection, and packages that are not what they should be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import epub
from natoqa.loaders.loaded import Loaded
from natoqa.types import LandmarkKind, Metadata

CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="{}" media-type="application/oebps-package+xml"/></rootfiles></container>"""
METADATA = """<dc:title>A  Book &amp; more</dc:title><dc:creator>Ann Author</dc:creator><dc:creator>Bob</dc:creator>
<dc:date>2020-05-06T00:00:00Z</dc:date>"""
ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod Algorithm="{}"/>
<enc:CipherData><enc:CipherReference URI="{}"/></enc:CipherData></enc:EncryptedData></encryption>"""


def _page(body: str) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"
xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{body}</body></html>"""


def _book(
    chapters: Mapping[str, str],
    *,
    spine: Sequence[str] | None = None,
    metadata: str = METADATA,
    extra: Mapping[str, str] | None = None,
    folder: str = "OEBPS/",
) -> bytes:
    """A book whose chapters are named by their references; the spine holds all of them if it is not given."""
    items = "".join(
        f'<item id="i{index}" href="{name}" media-type="application/xhtml+xml"/>' for index, name in enumerate(chapters)
    )
    order = [*chapters] if spine is None else spine
    places = {name: f"i{index}" for index, name in enumerate(chapters)}
    references = "".join(f'<itemref idref="{places.get(name, name)}"/>' for name in order)
    opf = f"""<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">{metadata}</metadata>
<manifest>{items}<item id="cover" href="cover.svg" media-type="image/svg+xml"/></manifest>
<spine>{references}</spine></package>"""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER.format(f"{folder}book.opf"))
        archive.writestr(f"{folder}book.opf", opf)
        for name, page in {**chapters, **(extra or {})}.items():
            archive.writestr(name if name.startswith("META-INF/") else folder + name.replace("%20", " "), page)
    return stream.getvalue()


def load(data: bytes) -> Loaded:
    return epub.load(data, Limits())


TWO = {"b.xhtml": _page("<h1>First</h1><p>One.</p>"), "a.xhtml": _page("<h1>Second</h1><p>Two.</p>")}


def test_chapters_are_read_in_the_order_of_the_spine() -> None:
    loaded = load(_book(TWO))
    assert loaded.text == "First\n\nOne.\n\nSecond\n\nTwo."
    assert [(mark.kind.value, mark.label) for mark in loaded.landmarks] == [
        ("heading", "First"),
        ("paragraph", "¶ 1"),
        ("heading", "Second"),
        ("paragraph", "¶ 1"),
    ]
    assert all(loaded.text[mark.offset - 1 : mark.offset] in ("", "\n") for mark in loaded.landmarks)
    assert load(_book(TWO, spine=["a.xhtml", "b.xhtml"])).text == "Second\n\nTwo.\n\nFirst\n\nOne."


def test_metadata_is_that_of_the_book() -> None:
    assert load(_book(TWO)).metadata == Metadata(title="A Book & more", author="Ann Author, Bob", date="2020-05-06")
    assert load(_book(TWO, metadata="")).metadata == Metadata()


def test_the_date_of_publication_is_preferred() -> None:
    dates = '<dc:date opf:event="modification">2022-01-01</dc:date><dc:date opf:event="publication">1999</dc:date>'
    assert load(_book(TWO, metadata=dates)).metadata.date == "1999"


def test_the_first_heading_is_the_title_only_if_the_book_is_called_so() -> None:
    metadata = "<dc:title>FIRST</dc:title>"
    assert load(_book(TWO, metadata=metadata)).landmarks[0].kind is LandmarkKind.TITLE
    assert load(_book(TWO)).landmarks[0].kind is LandmarkKind.HEADING


def test_references_are_resolved_within_the_package() -> None:
    chapters = {"text/ch%201.xhtml": _page("<p>One.</p>"), "./text/../2.xhtml#part": _page("<p>Two.</p>")}
    data = _book({"text/ch%201.xhtml": chapters["text/ch%201.xhtml"]}, folder="")
    assert load(data).text == "One."
    pages = {"./text/../2.xhtml#part": ""}
    assert load(_book(pages, extra={"2.xhtml": _page("<p>Two.</p>")})).text == "Two."


def test_navigation_is_left_out_and_notes_and_scripts_are_told_apart() -> None:
    body = """<nav epub:type="toc"><ol><li>CONTENTS</li></ol></nav><script src="x.js"/><script>SCRIPT</script>
    <p>Text<a id="n1"/>.</p><aside epub:type="footnote"><p>A note.</p></aside><svg><text>DRAWN</text></svg>"""
    assert load(_book({"a.xhtml": _page(body)})).text == "Text.\n\nA note."


def test_a_chapter_stands_once_and_what_is_no_page_is_not_read() -> None:
    assert load(_book(TWO, spine=["b.xhtml", "b.xhtml", "cover", "nothing"])).text == "First\n\nOne."


def test_a_missing_chapter_is_noted_and_the_others_are_read() -> None:
    data = _book({"gone.xhtml": "", **TWO})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if "gone" not in name}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    loaded = load(stream.getvalue())
    assert loaded.text.startswith("First")
    assert loaded.notes == ("1 of its chapters cannot be read",)
    assert load(data).notes == ()


@pytest.mark.parametrize(
    ("algorithm", "part", "readable"),
    [
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/a.xhtml", False),
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/image.png", True),
        ("http://www.idpf.org/2008/embedding", "OEBPS/font.otf", True),
        ("http://ns.adobe.com/pdf/enc#RC", "OEBPS/font.otf", True),
    ],
)
def test_a_book_whose_text_is_encrypted_is_refused(algorithm: str, part: str, readable: bool) -> None:
    data = _book(TWO, extra={"META-INF/encryption.xml": ENCRYPTION.format(algorithm, part)})
    if readable:
        assert load(data).text.startswith("First")
    else:
        with pytest.raises(UnreadableFile, match=r"^it is protected by DRM$"):
            load(data)


@pytest.mark.parametrize("reference", ["../../etc/passwd.xhtml", "/etc/passwd.xhtml", "..%2F..%2Fx.xhtml"])
def test_no_reference_leads_outside_the_package(reference: str) -> None:
    # Not even to a part that bears such a name.
    with pytest.raises(UnreadableFile):
        load(_book({reference: _page("<p>Outside.</p>")}))


@pytest.mark.parametrize("missing", ["META-INF/container.xml", "OEBPS/book.opf"])
def test_a_package_that_is_no_book_is_refused(missing: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_book(TWO))) as archive, zipfile.ZipFile(stream, "w") as other:
        for name in archive.namelist():
            if name != missing:
                other.writestr(name, archive.read(name))
    with pytest.raises(UnreadableFile, match="not a readable EPUB book"):
        load(stream.getvalue())


def test_a_book_without_text_is_refused() -> None:
    for chapters in ({}, {"a.xhtml": _page("")}, {"a.xhtml": ""}):
        with pytest.raises(UnreadableFile, match="it has no text"):
            load(_book(chapters))


def test_entities_in_the_package_file_are_refused() -> None:
    data = _book({"a.xhtml": _page("<p>x</p>")}, metadata="<dc:title>&xxe;</dc:title>")
    with pytest.raises(UnreadableFile, match="not well-formed"):
        load(data)


def test_chapters_that_unpack_to_too_much_are_refused() -> None:
    chapters = {f"{index}.xhtml": _page("<p>" + " " * 300_000 + "</p>") for index in range(10)}
    with pytest.raises(UnreadableFile, match="unpacks to more than 2 MB"):
        epub.load(_book(chapters), Limits(characters=2_000_000))


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), max_size=6))
def test_a_mutated_book_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(_book(TWO))
    for place, value in changes:
        data[place % len(data)] = value
    with suppress(UnreadableFile):
        _check(load(bytes(data)))


@given(
    st.sampled_from(["META-INF/container.xml", "OEBPS/book.opf", "OEBPS/a.xhtml", "META-INF/encryption.xml"]),
    st.binary(max_size=4),
    st.integers(0, 1_000),
)
def test_a_book_with_a_mutated_part_is_read_or_refused(part: str, put: bytes, place: int) -> None:
    original = _book(TWO, extra={"META-INF/encryption.xml": ENCRYPTION.format("x", "OEBPS/font.otf")})
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as archive, zipfile.ZipFile(stream, "w") as other:
        for name in archive.namelist():
            content = archive.read(name)
            at = place % len(content)
            other.writestr(name, content[:at] + put + content[at + len(put) :] if name == part else content)
    with suppress(UnreadableFile):
        _check(load(stream.getvalue()))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_package_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        load(data)


def _check(loaded: Loaded) -> None:
    offsets = [mark.offset for mark in loaded.landmarks]
    assert offsets == sorted(set(offsets))
    assert offsets[-1] < len(loaded.text)
    assert all(character >= " " or character in "\n\t" for character in loaded.text)
