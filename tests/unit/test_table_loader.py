"""CSV and TSV files: delimiters, headers, rows that can be understood alone."""

from __future__ import annotations

import csv
import io
import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import table
from natoqa.loaders.loaded import Loaded
from natoqa.types import Landmark, LandmarkKind, Metadata


def load(text: str) -> Loaded:
    return table.load(text.encode(), Limits())


def _items(loaded: Loaded) -> dict[str, str]:
    """Label -> the row's text, from the landmark to the next, without the header."""
    ends = [*(mark.offset for mark in loaded.landmarks[1:]), len(loaded.text) + 1]
    return {
        mark.label: loaded.text[mark.offset : end - 1]
        for mark, end in zip(loaded.landmarks, ends, strict=True)
        if mark.kind is LandmarkKind.ITEM
    }


def test_each_row_says_what_its_cells_are_and_is_numbered_as_in_a_spreadsheet() -> None:
    loaded = load('Country,Spending,Source\nChile,2.3,"Ministry, 2019"\nPerú,1.4,\n')
    assert _items(loaded) == {
        "row 2": "Country: Chile; Spending: 2.3; Source: Ministry, 2019",
        "row 3": "Country: Perú; Spending: 1.4",
    }
    assert loaded.landmarks[0] == Landmark(0, LandmarkKind.MARKUP, "row 1")
    assert loaded.text.partition("\n")[0] == "Country | Spending | Source"
    assert loaded.metadata == Metadata()
    assert loaded.notes == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    loaded = load(f"name{delimiter}note\nA{delimiter}one\nB{delimiter}two\n")
    assert [*_items(loaded).values()] == ["name: A; note: one", "name: B; note: two"]


def test_decimal_commas_do_not_cut_cells() -> None:
    assert load("Land;Anteil;Rang\nPeru;1,5;2,0\nChile;2,3;1,0").text.splitlines()[1:] == [
        "Land: Peru; Anteil: 1,5; Rang: 2,0",
        "Land: Chile; Anteil: 2,3; Rang: 1,0",
    ]


def test_the_delimiter_that_a_spreadsheet_states_is_no_row() -> None:
    assert _items(load("sep=;\na;b\nx;1,2\n")) == {"row 2": "a: x; b: 1,2"}


def test_without_a_header_cells_stand_side_by_side() -> None:
    assert load("Chile,2.3\nPeru,1.4\n").text == "Chile | 2.3\nPeru | 1.4"
    assert load("a@example.org,Ann\nb@example.org,Bob").text == "a@example.org | Ann\nb@example.org | Bob"
    assert load("same,same\nx,y").text == "same | same\nx | y"


def test_years_can_be_the_names_of_columns() -> None:
    assert load("Country,2001,2002\nChile,1,2").text.endswith("\nCountry: Chile; 2001: 1; 2002: 2")
    assert load("Chile,2001,2001\nPeru,1,2").text.startswith("Chile | 2001 | 2001")


def test_lines_above_the_header_are_kept_and_counted() -> None:
    loaded = load("Spending by country\n\nCountry\tSpending\nChile\t2.3\nPeru\t1.4\nCuba\t0.2")
    rows = _items(loaded)
    assert loaded.landmarks[0] == Landmark(0, LandmarkKind.MARKUP, "row 1")
    assert loaded.text.startswith("Spending by country\n")
    assert rows["row 4"] == "Country: Chile; Spending: 2.3"
    assert "row 3" not in rows


def test_a_cell_of_several_lines_is_one_line() -> None:
    loaded = load('Name,Note\nA,"first\r\nsecond\n\n  third"\nB,x\n')
    assert _items(loaded) == {"row 2": "Name: A; Note: first second third", "row 3": "Name: B; Note: x"}


def test_rows_that_are_too_long_or_too_short_lose_nothing() -> None:
    loaded = load("a,b\n1,2\n3,4,5\n6\n7,8")
    assert loaded.text.splitlines()[1:] == ["a: 1; b: 2", "a: 3; b: 4; 5", "a: 6", "a: 7; b: 8"]


def test_a_column_without_a_name_gives_its_value_alone() -> None:
    rows = _items(load(",name,age\n0,Ann,30\n1,Bob,31"))
    assert [*rows.values()] == ["0; name: Ann; age: 30", "1; name: Bob; age: 31"]


def test_a_file_of_one_column_reads_as_lines() -> None:
    loaded = load("First line.\n\n  Second line, with a comma.\nThird; line.\n")
    assert loaded.text == "First line.\nSecond line, with a comma.\nThird; line."
    assert list(_items(loaded)) == ["row 1", "row 3", "row 4"]


def test_a_header_alone_is_text() -> None:
    assert load("a,b\n").text == "a | b"


@pytest.mark.parametrize("text", [",,,\n,,,\n", '"",""\n"",""', "\t\t\n\t\t"])
def test_a_file_of_empty_cells_has_no_text(text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"it has no text|it is empty"):
        load(text)


def test_a_quotation_mark_that_is_never_closed_swallows_nothing() -> None:
    loaded = load('name,note\nA,"open\nB,two\nC,three\nD,four\nE,five\n')
    assert loaded.text.splitlines()[-1] == "name: E; note: five"
    assert loaded.text.splitlines()[1] == 'name: A; note: "open'
    assert any("never closed" in note for note in loaded.notes)


def test_a_quotation_mark_that_is_closed_far_below_swallows_nothing() -> None:
    middle = "".join(f"n{index},x\n" for index in range(300))
    loaded = load(f'name,note\nA,"open\n{middle}B,"\n')
    assert "name: n299; note: x" in loaded.text
    assert len(_items(loaded)) == 302


def test_a_cell_of_a_million_characters_is_read() -> None:
    loaded = load("name,note\nA,short\nB," + "x" * 1_000_000)
    assert loaded.text.endswith("x" * 1_000_000)


def test_text_longer_than_the_limit_is_refused_also_when_column_names_make_it_so() -> None:
    data = f"{'n' * 90},b\n".encode() + b"x,y\n" * 1_000
    assert len(data) < 5_000
    with pytest.raises(UnreadableFile, match=r"longer than 0\.05 million"):
        table.load(data, Limits(characters=50_000))


def test_files_that_are_not_utf8_are_read_with_a_note() -> None:
    text = "Ländername;Währung\nÖsterreich;Schilling, früher\nTürkei;Lira über alles, größer\n"
    loaded = table.load(text.encode("cp1252"), Limits())
    assert loaded.text.splitlines()[1].startswith("Ländername: Österreich; Währung: Schilling")
    assert loaded.notes == ("not UTF-8; read as cp1252",)


@pytest.mark.parametrize("piece", ['"', '","', '"\n', ",", ";", "\n", '"a"b,', "'", '"",\n'])
def test_hostile_repetition_takes_no_longer_than_its_length(piece: str) -> None:
    began = time.perf_counter()
    with suppress(UnreadableFile):
        load("a,b\n" + piece * 200_000)
    assert time.perf_counter() - began < 3


_CELLS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Z", "S"]) | st.sampled_from('",;\t\n|'))


@given(st.lists(st.lists(_CELLS, min_size=2, max_size=4), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_every_word_of_every_cell_is_in_the_text(rows: list[list[str]], delimiter: str) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    with suppress(UnreadableFile):
        found = set(re.findall(r"\w+", load(stream.getvalue()).text))
        assert found >= {word for row in rows for cell in row for word in re.findall(r"\w+", cell)}


@given(st.binary(max_size=300) | st.text(st.sampled_from('ab1,;\t|"\n\r\x00\ufeff ')).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(UnreadableFile):
        loaded = table.load(data, Limits())
        offsets = [mark.offset for mark in loaded.landmarks]
        assert offsets == sorted(set(offsets))
        assert offsets[0] == 0
        assert offsets[-1] < len(loaded.text)
        assert loaded.text.count("\n") == len(offsets) - 1
        assert all(character >= " " and not "\x7f" <= character < "\xa0" for character in loaded.text.replace("\n", ""))


def test_a_title_with_empty_cells_behind_it_is_not_the_header() -> None:
    loaded = load("Sales by region,,\n,,\nRegion,Year,Sales\nNorth,2020,12\nSouth,2020,15\n")
    assert loaded.text.splitlines() == [
        "Sales by region",
        "Region | Year | Sales",
        "Region: North; Year: 2020; Sales: 12",
        "Region: South; Year: 2020; Sales: 15",
    ]
    assert [mark.kind.value for mark in loaded.landmarks] == ["markup", "markup", "item", "item"]


def test_a_header_without_a_name_over_its_first_column_is_one() -> None:
    assert load(",value\nA,one\nB,two\n").text.splitlines() == ["value", "A; value: one", "B; value: two"]


def test_long_names_of_columns_do_not_drown_what_the_columns_hold() -> None:
    names = [f"c{number:03d}" + "n" * 90 for number in range(500)]
    source = ",".join(names) + "\n" + ("1," * 499 + "1\n") * 240
    loaded = load(source)
    assert len(loaded.text) < 3 * len(source)
    assert loaded.text.startswith(" | ".join(names) + "\n1 | 1 | 1")
    assert loaded.notes == (
        "the names of its columns are far longer than what they hold; its rows are given without them",
    )
