"""Follow-ups are completed from the questions before them; whatever stands by itself is left alone."""

from __future__ import annotations

import re

import pytest
from dialogues import DEVELOPED, HELD_OUT, Turn
from hypothesis import given
from hypothesis import strategies as st

from natoqa.errors import QuestionError
from natoqa.following_up import Completed, complete
from natoqa.retrieval import LONGEST_QUESTION, normalise

SOLD = "What arms has China sold to Bolivia?"


def _words(text: str) -> list[str]:
    return re.findall(r"[\w’'-]+", text.lower())


def _is_right(turn: Turn) -> bool:
    completed = complete(turn.question, turn.history)
    if not turn.is_follow_up:
        return not completed.is_follow_up
    words = _words(completed.question)
    holds = all(word in words for word in _words(turn.holds))
    return completed.is_follow_up and holds and not any(word in words for word in _words(turn.lacks))


def test_nearly_all_follow_ups_that_the_rules_were_written_with_are_completed() -> None:
    assert sum(map(_is_right, DEVELOPED)) >= len(DEVELOPED) - 1


def test_most_of_those_that_the_rules_were_not_written_with_are_completed() -> None:
    assert sum(map(_is_right, HELD_OUT)) >= 0.84 * len(HELD_OUT)


@pytest.mark.parametrize(
    ("question", "history", "understood"),
    [
        ("And to Venezuela?", [SOLD], "What arms has China sold to Venezuela?"),
        ("and to venezuela", [SOLD], "What arms has China sold to venezuela?"),
        ("And in 2010?", ["How much did Brazil spend in 2008?"], "How much did Brazil spend in 2010?"),
        (
            "How much did it cost?",
            ["Who built the Túpac Katari satellite?"],
            "How much did the Túpac Katari satellite cost?",
        ),
        ("And to Peru?", [SOLD, "And to Venezuela?"], "What arms has China sold to Peru?"),
    ],
)
def test_a_follow_up_is_completed_word_by_word(question: str, history: list[str], understood: str) -> None:
    completed = complete(question, history)
    assert (completed.question.rstrip("?"), completed.is_follow_up) == (understood.rstrip("?"), True)
    assert completed.because


@pytest.mark.parametrize(
    "question",
    [
        "What arms has Russia sold?",
        "How many rural residents get connected by Bolivia's satellite?",
        "Would it be realistic to say that Beijing is after a military foothold?",
        "Is it known what the comment of August 2012 was about?",
        "How much did it cost to build the pulp mill that Argentina objected to?",
        "On what grounds does London deny the people of the islands the right to choose their own future?",
        "How did the danger that Brownfield saw in 1990 differ from the one he saw in 2007?",
        "Thanks!",
    ],
)
def test_a_question_that_stands_by_itself_is_left_alone(question: str) -> None:
    assert complete(question, [SOLD]) == Completed(normalise(question), is_follow_up=False, because="")


def test_without_earlier_questions_nothing_is_completed() -> None:
    for turn in (*DEVELOPED, *HELD_OUT):
        assert complete(turn.question, ()) == Completed(normalise(turn.question), is_follow_up=False, because="")


def test_earlier_questions_that_are_none_are_passed_over() -> None:
    assert complete("And to Peru?", ["", "?!", SOLD, "\x00", "x" * 100_000]).question == "And to Peru?"
    assert "China" in complete("And to Peru?", ["x" * 100_000, "", SOLD]).question


@given(st.text(max_size=80), st.lists(st.text(max_size=80) | st.sampled_from([SOLD, "Who built it?"]), max_size=8))
def test_any_conversation_gives_a_question_made_of_its_own_words(question: str, history: list[str]) -> None:
    try:
        completed = complete(question, history)
    except QuestionError:
        return
    assert completed.question == normalise(completed.question)
    assert len(completed.question) <= LONGEST_QUESTION
    said = set(_words(" ".join((question, *history)).casefold().lower()))
    said |= {part for word in said for part in re.split(r"[’'-]", word)}
    assert {part for word in _words(completed.question) for part in re.split(r"[’'-]", word)} <= said | {"s", ""}
