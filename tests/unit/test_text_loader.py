"""Plain text files: paragraphs, headings, items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import text
from natoqa.loaders.loaded import Loaded
from natoqa.loaders.text import find_blocks
from natoqa.types import LandmarkKind


def load(data: bytes) -> Loaded:
    return text.load(data, Limits())


def _blocks(text: str) -> list[tuple[str, str]]:
    """(kind, the first word) of each block."""
    return [(block.kind.value, text[block.offset :].split(maxsplit=1)[0]) for block in find_blocks(text)]


def test_a_title_a_byline_headings_and_paragraphs_are_told_apart() -> None:
    text = (
        "The Title of It\n\nDr Writer, The Institute. - 20/12/2012\n\n\nFirst paragraph, which\ngoes on.\n\n"
        "A Heading\n\nSecond paragraph.\n"
    )
    assert _blocks(text) == [
        ("title", "The"),
        ("paragraph", "Dr"),
        ("paragraph", "First"),
        ("heading", "A"),
        ("paragraph", "Second"),
    ]
    loaded = load(text.encode())
    assert loaded.text == text
    assert loaded.metadata.title == "The Title of It"
    labels = [mark.label for mark in loaded.landmarks]
    assert labels == ["The Title of It", "¶ 1", "¶ 2", "A Heading", "¶ 1"]


def test_the_first_line_is_no_title_when_it_reads_like_a_sentence() -> None:
    loaded = load(b"It was a dark night. It rained.\n\nMore.")
    assert loaded.metadata.title == ""
    assert loaded.landmarks[0].kind is LandmarkKind.PARAGRAPH


@pytest.mark.parametrize(
    "line",
    [
        "It ends with a stop.",
        "it begins in lower case",
        "Two sentences. And one line",
        "Word " * 15,
        "x" * 91,
        "1914",
        "Two lines\nof text",
    ],
)
def test_a_line_is_no_heading_when(line: str) -> None:
    assert _blocks(f"Opening.\n\n{line}\n\nClosing.")[1][0] == "paragraph"


def test_the_last_line_is_no_heading_since_nothing_follows_it() -> None:
    assert _blocks("Opening.\n\nThe End")[-1][0] == "paragraph"


@pytest.mark.parametrize("bullet", ["•", "*", "-", "–", "1.", "12)", "(a)", "b."])
def test_a_bullet_opens_an_item_that_may_run_over_several_lines(bullet: str) -> None:
    text = f"Sources:\n\n{bullet} First item\n   goes on\n{bullet} Second item\n\nA paragraph."
    loaded = load(text.encode())
    assert [(mark.kind.value, mark.label) for mark in loaded.landmarks] == [
        ("paragraph", "¶ 1"),
        ("item", "item 1"),
        ("item", "item 2"),
        ("paragraph", "¶ 2"),
    ]


def test_items_of_two_lists_are_counted_apart() -> None:
    labels = [mark.label for mark in load(b"- one\n- two\n\nText between.\n\n- three\n").landmarks]
    assert labels == ["item 1", "item 2", "¶ 1", "item 1"]


def test_a_dash_that_stands_within_a_line_is_no_bullet() -> None:
    assert _blocks("A range of 529 – 546.\n\n-5 degrees it was.") == [("paragraph", "A"), ("paragraph", "-5")]


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        load(b"\n \n")


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\n\n -•1.)A ")))
def test_blocks_are_in_order_and_each_begins_with_a_character_that_shows(text: str) -> None:
    offsets = [block.offset for block in find_blocks(text)]
    assert offsets == sorted(set(offsets))
    assert all(text[offset].strip() for offset in offsets)
    # Nothing but white space stands above the first block.
    assert not text[: offsets[0] if offsets else len(text)].strip()


def test_a_fact_without_a_full_stop_is_no_heading() -> None:
    facts = [
        "The office phone number is 555 1234",
        "Opening hours are nine to five",
        "Total 123456",
        "The Crew",
        "The end.",
    ]
    blocks = [(mark.kind.value, mark.label) for mark in load("\n\n".join(["Opening.", *facts]).encode()).landmarks]
    stated = [("paragraph", f"¶ {number}") for number in range(1, 5)]
    assert blocks == [*stated, ("heading", "The Crew"), ("paragraph", "¶ 1")]


def test_initials_do_not_open_a_list() -> None:
    text = "J. Smith founded the office. It was small.\n\nA closing line."
    assert [mark.kind.value for mark in load(text.encode()).landmarks] == ["paragraph", "paragraph"]
