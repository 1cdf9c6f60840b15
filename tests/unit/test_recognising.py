"""What a file is, whatever its name says."""

from __future__ import annotations

import contextlib
import gzip
import lzma
import tarfile
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.errors import UnreadableFile
from natoqa.loaders import LOADERS
from natoqa.loaders.recognising import Recognised, recognise

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"
HTML = b"<!DOCTYPE html>\n<html><body><p>Text.</p></body></html>"


def _package(**parts: bytes) -> bytes:
    """A zip whose parts are named with ``__`` for a slash."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def _tar() -> bytes:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), BytesIO())
    return file.getvalue()


DOCX = _package(**{"[Content_Types].xml": b"<Types/>", "word__document.xml": b"<document/>"})
ODT = _package(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<a/>"})
EPUB = _package(mimetype=b"application/epub+zip", **{"META-INF__container.xml": b"<a/>"})
XLSX = _package(**{"[Content_Types].xml": b"<Types/>", "xl__workbook.xml": b"<workbook/>"})


@pytest.mark.parametrize("suffix", sorted(LOADERS))
def test_what_carries_no_mark_of_another_kind_is_read_as_it_is_named(suffix: str) -> None:
    for data in (b"", b"Plain text.", "Überall – “Zitate”".encode("cp1252"), b"<p>A paragraph", b"a;b\n1;2\n"):
        assert recognise(suffix, data) == Recognised(suffix)


@pytest.mark.parametrize(
    ("data", "suffix"),
    [(PDF, ".pdf"), (HTML, ".html"), (HTML, ".htm"), (DOCX, ".docx"), (ODT, ".odt"), (EPUB, ".epub")],
)
def test_what_is_named_rightly_needs_no_word_in_either_case(data: bytes, suffix: str) -> None:
    assert recognise(suffix, data) == recognise(suffix.upper(), data) == Recognised(suffix)


@pytest.mark.parametrize(
    ("data", "actual", "words"),
    [
        (PDF, ".pdf", "a PDF"),
        (b"\r\n" + PDF, ".pdf", "a PDF"),
        (DOCX, ".docx", "a DOCX document"),
        (ODT, ".odt", "an ODT document"),
        (EPUB, ".epub", "an EPUB book"),
        (HTML, ".html", "HTML"),
        (b"\xef\xbb\xbf  <HTML lang=en>", ".html", "HTML"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD">', ".html", "HTML"),
    ],
)
def test_a_readable_kind_under_another_name_is_read_as_what_it_is(data: bytes, actual: str, words: str) -> None:
    for named in {".txt", ".md", ".csv", ".pdf", ".html"} - {actual}:
        assert recognise(named, data) == Recognised(actual, (f"named {named} but is {words}; read as such",))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image"),
        (b"GIF89a\x01\x00\x01\x00\x80\x00", "a GIF image"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "a WebP image"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "a program"),
        (b"\x7fELF\x02\x01\x01", "a program"),
        (b"SQLite format 3\x00", "a database"),
        (rb"{\rtf1\ansi Text.}", "an RTF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "an old Office document"),
        (XLSX, "a spreadsheet"),
    ],
)
def test_what_natoqa_does_not_read_is_named(data: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile, match=f"^it is {what}, not text$"):
        recognise(".txt", data)
    with pytest.raises(UnreadableFile, match=f"^it is {what}, not a PDF$"):
        recognise(".pdf", data)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"Text.", mtime=0),
        lzma.compress(b"Text."),
        _tar(),
        b"7z\xbc\xaf\x27\x1c\x00\x04",
        b"Rar!\x1a\x07\x01\x00",
        _package(**{"a.txt": b"Text."}),
    ],
)
def test_an_archive_is_not_opened_and_the_reason_says_so(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"archive; natoqa does not open archives; unpack it$"):
        recognise(".txt", data)


def test_a_package_under_the_name_of_one_is_left_to_its_loader() -> None:
    # An encrypted DOCX is no zip, and what a DOCX lacks its loader says best.
    for data in (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _package(**{"a.txt": b"Text."})):
        assert recognise(".docx", data) == Recognised(".docx")


@pytest.mark.parametrize(
    "text",
    [
        "MZ is how a program begins.",
        "BM25 ranks 0000 documents.",
        "RIFF or AVI files hold films.",
        "GIF89a is a format of images.",
        "PK is a prefix. %PDF-1.4 is another, <html> a third.",
        "Rar! 7z and ustar are archives.",
        "ID3 tags, OggS pages and fLaC streams.",
        "<!doctypes are many>",
        "1234ftyp is odd.",
        "x" * 257 + "ustar and more",
    ],
)
def test_a_text_about_formats_is_text(text: str) -> None:
    assert recognise(".txt", text.encode()) == Recognised(".txt")


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_no_text_is_taken_for_an_image_a_program_or_an_archive(text: str) -> None:
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-16"):
        assert recognise(".txt", text.encode(encoding)).suffix in (".txt", ".pdf", ".html")


@given(st.sampled_from(sorted(LOADERS)), st.binary(max_size=400))
def test_any_bytes_are_given_a_suffix_that_is_read_or_refused(suffix: str, data: bytes) -> None:
    with contextlib.suppress(UnreadableFile):
        assert recognise(suffix, data).suffix in LOADERS
