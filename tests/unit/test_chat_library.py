"""The list of documents and what is chosen of it."""

from __future__ import annotations

import pytest

from natoqa.chat.library import MOST_ROWS, Choice, Entry, matching, render
from natoqa.errors import QuestionError
from natoqa.types import Metadata

NAMES = ["a.txt", "b[1].txt", "c.md"]


def test_everything_is_chosen_unless_the_page_says_otherwise() -> None:
    for sent in (None, "", {}, {"all": True}, {"all": "no", "but": []}, {"all": True, "but": [7]}, [1], "x" * 9):
        assert Choice.of(sent).patterns(NAMES) == ()
    assert not Choice().restricts


def test_all_but_some_and_none_but_some() -> None:
    assert Choice.of({"all": True, "but": ["a.txt"]}).patterns(NAMES) == ("b[[]1].txt", "c.md")
    assert Choice.of({"all": False, "but": ["c.md", "gone.md"]}).patterns(NAMES) == ("c.md",)
    with pytest.raises(QuestionError, match="no document is chosen"):
        Choice.of({"all": False, "but": []}).patterns(NAMES)


def test_a_name_that_looks_like_a_pattern_chooses_itself_alone() -> None:
    from fnmatch import fnmatchcase

    (pattern,) = Choice(all=False, but=frozenset(["b[1].txt"])).patterns([*NAMES, "b1.txt"])
    assert [name for name in [*NAMES, "b1.txt"] if fnmatchcase(name, pattern)] == ["b[1].txt"]


def test_the_filter_looks_at_title_author_date_kind_and_name_without_accents() -> None:
    entries = [
        Entry("x/farías.pdf", Metadata("The Tower", "María Farías", "2011-04-05", "report"), 3),
        Entry("plain.txt", Metadata(), 1),
    ]
    for words in ("tower", "MARIA farias", "2011", "report x/", ""):
        assert entries[0] in matching(entries, words)
    assert matching(entries, "plain") == entries[1:]
    assert matching(entries, "tower plain") == []


def test_a_row_holds_no_html_from_outside_and_long_lists_say_what_they_leave_out() -> None:
    hostile = "<img src=x onerror=alert(1)>\"'"
    row = render([Entry(hostile, Metadata(hostile, hostile, hostile, hostile), 1)], Choice())
    assert "<img" not in row
    many = render([Entry(f"{number}.txt", Metadata(), 1) for number in range(MOST_ROWS + 2)], Choice())
    assert many.count('type="checkbox"') == MOST_ROWS
    assert "2 more documents" in many
    assert "No document matches" in render([], Choice())
