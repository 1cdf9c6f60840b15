from __future__ import annotations

import dataclasses
import hashlib

import pytest

from natoqa import types
from natoqa.types import Answer, AnswerSentence, Document, Landmark, LandmarkKind, Metadata, Status

DOCUMENT = Document(
    "folder/a.txt",
    "Title\n\nFirst.\n\nA heading\n\nSecond.\n\n- item\n\nThird.",
    Metadata(),
    (
        Landmark(0, LandmarkKind.TITLE, "Title"),
        Landmark(7, LandmarkKind.PARAGRAPH, "¶ 1"),
        Landmark(15, LandmarkKind.HEADING, "A heading"),
        Landmark(26, LandmarkKind.PARAGRAPH, "¶ 1"),
        Landmark(35, LandmarkKind.ITEM, "item 1"),
        Landmark(43, LandmarkKind.PARAGRAPH, "¶ 2"),
    ),
)


@pytest.mark.parametrize(
    ("words", "locator"),
    [
        ("Title", "title"),
        ("First", "¶ 1"),
        ("A heading", "A heading, heading"),
        ("Second", "A heading, ¶ 1"),
        ("item", "A heading, item 1"),
        ("Third", "A heading, ¶ 2"),
    ],
)
def test_a_locator_names_the_section_and_the_block(words: str, locator: str) -> None:
    start = DOCUMENT.text.index(words)
    assert DOCUMENT.locator(start) == locator
    assert DOCUMENT.locator(start + len(words)) == locator


def test_a_document_without_landmarks_has_empty_locators() -> None:
    assert Document("a.txt", "Text.").locator(2) == ""


def test_the_content_hash_is_that_of_the_text_in_utf_8() -> None:
    assert Document("a", "Simón 🚢").content_hash == hashlib.sha256("Simón 🚢".encode()).hexdigest()


def test_an_answers_text_carries_its_marks() -> None:
    answer = Answer("Q?", Status.ANSWERED, (AnswerSentence("One.", (1, 3)), AnswerSentence("Two.", (2,))))
    assert answer.text == "One. [1] [3] Two. [2]"
    assert Answer("Q?", Status.NOT_FOUND).text == ""


def test_every_noun_is_frozen() -> None:
    nouns = [value for value in vars(types).values() if dataclasses.is_dataclass(value)]
    assert len(nouns) > 15
    assert all(noun.__dataclass_params__.frozen for noun in nouns)  # type: ignore[attr-defined]


def _paged() -> Document:
    marks = (
        Landmark(0, LandmarkKind.PAGE, "p. 1"),
        Landmark(0, LandmarkKind.TITLE, "Title"),
        Landmark(10, LandmarkKind.HEADING, "Arms"),
        Landmark(20, LandmarkKind.PARAGRAPH, "¶ 1"),
        Landmark(30, LandmarkKind.PAGE, "p. 2"),
        Landmark(40, LandmarkKind.MARKUP, ""),
        Landmark(50, LandmarkKind.ITEM, "item 1"),
    )
    return Document("a.pdf", "x" * 60, landmarks=marks)


@pytest.mark.parametrize(
    ("offset", "locator"),
    [
        (0, "p. 1, title"),
        (10, "p. 1, Arms, heading"),
        (29, "p. 1, Arms, ¶ 1"),
        (30, "p. 2, Arms"),  # the rest of a paragraph that began on the page before
        (45, "p. 2, Arms"),
        (59, "p. 2, Arms, item 1"),
    ],
)
def test_a_locator_names_page_heading_and_block(offset: int, locator: str) -> None:
    assert _paged().locator(offset) == locator


def test_a_document_without_a_title_is_called_by_the_name_of_its_file() -> None:
    assert Document("sub/Año 2012.pdf", "").title == "Año 2012.pdf"
    assert Document("sub/a.pdf", "", Metadata(title="Arms")).title == "Arms"
