"""A handful of questions about the shipped corpus: what a reader is entitled to."""

from __future__ import annotations

import re

import pytest

from natoqa.assistant import Assistant
from natoqa.types import Answer, Status

# Question, and for each statement that the answer must show: (document, fragment of the quote).
ANSWERED = [
    ("What arms has China sold?", [("briefing.txt", "$58 million worth of Karakorum jets")]),
    ("What arms did China sell to Bolivia?", [("briefing.txt", "Karakorum jets to Bolivia")]),
    ("How much did Venezuela pay for the Simón Bolívar satellite?", [("briefing.txt", "US$ 406 million")]),
    ("how much did venezuela pay for the simon bolivar satellite", [("briefing.txt", "US$ 406 million")]),
    ("Where did the Colombian peace talks start?", [("briefing.txt", "peace talks which started in Norway")]),
    ("Which share of military spending in the region is Brazil's?", [("briefing.txt", "55 per cent")]),
    ("What is NATO in essence?", [("briefing.txt", "a political organisation whose unique tool")]),
    ("Who launched Plan Colombia?", [("briefing.txt", "launched by President Clinton")]),
    ("What did Menem do in the 1990s?", [("briefing.txt", "President Menem of Argentina took the decision")]),
    ("Which countries are associates of Mercosur?", [("briefing.txt", "Chile and Bolivia as associates")]),
]
NOT_ANSWERED = [
    ("How do I reset my router?", "router"),
    ("What is the best recipe for sourdough bread?", "sourdough"),
    ("Who won the football World Cup in 1998?", "football"),
]


def _ask(assistant: Assistant, question: str) -> Answer:
    answer = assistant.ask(question)
    for citation in (*answer.citations, *answer.nearest):
        assert assistant.document(citation.document).text[citation.start : citation.end] == citation.quote
    return answer


@pytest.mark.parametrize(("question", "expected"), ANSWERED)
def test_a_question_that_the_corpus_answers_shows_the_passage(
    assistant: Assistant, question: str, expected: list[tuple[str, str]]
) -> None:
    answer = _ask(assistant, question)
    assert answer.status is Status.ANSWERED
    for document, fragment in expected:
        assert any(citation.document == document and fragment in citation.quote for citation in answer.citations), (
            answer.text
        )


def test_the_relevance_of_nato_to_unasur_is_answered_from_the_briefing(assistant: Assistant) -> None:
    answer = _ask(assistant, "Is NATO relevant to UNASUR?")
    assert answer.status is Status.ANSWERED
    quotes = [citation.quote for citation in answer.citations if citation.document == "briefing.txt"]
    assert any("UNASUR" in quote and "NATO" in quote for quote in quotes)


def test_a_source_that_disagrees_or_adds_is_shown_beside_the_briefing(assistant: Assistant) -> None:
    answer = _ask(assistant, "How much did the Túpac Katari satellite cost?")
    assert answer.status is Status.ANSWERED
    assert "$300 million" in answer.text
    assert len({citation.document for citation in answer.citations}) > 1


@pytest.mark.parametrize(("question", "word"), NOT_ANSWERED)
def test_a_question_that_the_corpus_does_not_answer_is_refused_with_the_reason(
    assistant: Assistant, question: str, word: str
) -> None:
    answer = _ask(assistant, question)
    assert answer.status is Status.NOT_FOUND
    assert answer.sentences == answer.citations == ()
    assert answer.reason is not None
    assert word in answer.reason
    assert 1 <= len(answer.nearest) <= 3


@pytest.mark.parametrize("question", [*(question for question, _ in ANSWERED), "Is NATO relevant to UNASUR?"])
def test_an_answer_is_short_whole_and_says_nothing_twice(assistant: Assistant, question: str) -> None:
    answer = _ask(assistant, question)
    texts = [sentence.text for sentence in answer.sentences]
    assert 1 <= len(texts) <= 4
    assert len({" ".join(text.split()) for text in texts}) == len(texts)
    shown = {citation.number: citation for citation in answer.citations}
    for sentence in answer.sentences:
        # What is shown is what is cited, word by word, and a whole sentence of the document.
        assert [shown[number].quote for number in sentence.citations] == [sentence.text]
        assert re.match(r"[^a-z]", sentence.text)
        assert sentence.text.endswith((".", "!", ".”", ".’", ":", ")", "”", "|")), sentence.text


def test_the_same_question_has_the_same_answer_every_time(assistant: Assistant) -> None:
    first, second = (assistant.ask("What arms has China sold?") for _ in range(2))
    assert (first.sentences, first.citations, first.confidence) == (
        second.sentences,
        second.citations,
        second.confidence,
    )
    assert first.hits == second.hits


def test_answered_questions_are_more_certain_than_unanswerable_ones(assistant: Assistant) -> None:
    answered = [assistant.ask(question).confidence for question, _ in ANSWERED]
    refused = [assistant.ask(question).confidence for question, _ in NOT_ANSWERED]
    assert min(answered) > max(refused)
