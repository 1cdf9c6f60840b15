"""Bytes -> text."""

from __future__ import annotations

import codecs
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import decoding


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    return decoding.decode(data, Limits())


TEXT = "Perú and Simón Bolívar – “peace” 🚢.\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
    ],
)
def test_unicode_with_or_without_a_mark_is_read_without_a_word(data: bytes) -> None:
    assert decode(data) == (TEXT, ())


@pytest.mark.parametrize(
    ("sentence", "encoding"),
    [
        ("El español de América: señal, acción, nación, año, mañana, también, después. ", "latin-1"),
        ("Latin America’s naïve façade – a “peace” of sorts. ", "cp1252"),
        ("A situação não está boa. São Paulo é uma cidade do Brasil. Coração, três. ", "latin-1"),
        ("Die Straße ist schön. Größe, Äpfel, Öl, Übung. ", "cp1252"),
        ("Zażółć gęślą jaźń. Książę Łukasz mieszkał w Gdańsku, później w Łodzi. ", "cp1250"),
        ("Съешь же ещё этих мягких французских булок, да выпей чаю. ", "cp1251"),
        ("日本語の文章です。これは試験です。漢字とかな。", "shift_jis"),
    ],
)
def test_another_encoding_is_guessed_and_the_guess_is_told(sentence: str, encoding: str) -> None:
    text, notes = decode((sentence * 4).encode(encoding))
    assert text == sentence * 4
    assert len(notes) == 1
    assert notes[0].startswith("not UTF-8; read as ")


def test_a_guess_from_the_beginning_of_a_long_file_does_not_cut_a_character_in_two() -> None:
    # 41 bytes a line: the sample ends within a character unless it ends with a line.
    text = "日本語の文章です。これは試験です。漢字と\n" * 9_000
    assert decode(text.encode("shift_jis"))[0] == text


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_becomes_one(newline: str) -> None:
    assert decode(f"one{newline}two{newline}{newline}three".encode())[0] == "one\ntwo\n\nthree"


@pytest.mark.parametrize("stray", ["\x07", "\x1b", "\x7f", "\x9b"])
def test_a_stray_control_character_becomes_a_space(stray: str) -> None:
    assert decode(f"word{stray}word ".encode() + b"plain text " * 200)[0].startswith("word word ")


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 20,
        b"text\x00\x01\x02\x03\x04" * 50,
        b"\x7fELF\x02\x01\x01" + b"\x00" * 64,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe",
    ],
)
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="binary"):
        decode(data)


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\x01", b"\x00\n"])
def test_a_file_without_text_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"empty|binary"):
        decode(data)


@pytest.mark.parametrize(
    "data", [codecs.BOM_UTF16_LE + b"a", codecs.BOM_UTF8 + b"\xff\xfe", codecs.BOM_UTF32_LE + b"a"]
)
def test_a_mark_that_lies_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="claims to be"):
        decode(data)


@given(st.binary(max_size=300))
def test_any_bytes_become_clean_text_or_are_refused(data: bytes) -> None:
    try:
        text, _ = decode(data)
    except UnreadableFile:
        return
    assert text.strip()
    assert "\r" not in text
    assert not any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in text)
    text.encode()  # no lone surrogate is ever stored


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1))
def test_text_without_control_characters_is_kept_as_it_is(text: str) -> None:
    written = "x" + text.removeprefix("\ufeff")
    assert decode(written.encode()) == (written, ())


@pytest.mark.parametrize(
    "text",
    [
        "Most byl postaven v roce 1957. Jeho délka činí 412 metrů a výška přesahuje čtyřicet metrů. Stavba trvala téměř "  # noqa: E501
        "tři roky a zúčastnilo se jí více než tisíc dělníků. Při povodních byl most těžce poškozen, ale rychle opraven.",  # noqa: E501
        "Most Świętokrzyski w Warszawie został zbudowany w latach 1998–2000. Jego długość wynosi 448 metrów, a wysokość "  # noqa: E501
        "pylonu przekracza 87 metrów. Budowę rozpoczęto jesienią, gdy poziom wody w Wiśle był najniższy.",
    ],
    ids=["Czech", "Polish"],
)
def test_a_language_that_is_recognised_is_not_read_in_the_letters_of_another(text: str) -> None:
    assert decode(text.encode("cp1250"))[0] == text
