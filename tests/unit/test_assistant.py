"""PATH B with the fake encoder: whatever an answerer claims, only what stands in a document is shown."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from natoqa.errors import QuestionError
from natoqa.retrieval import LONGEST_QUESTION
from natoqa.types import Draft, DraftSentence, Hit, Quote, Status

QUESTION = "Who sold jets to Bolivia?"


@pytest.fixture
def filled(library: Any) -> Any:
    library.write("china.txt", "China sold jets to Bolivia in the past decade.\n\nVenezuela paid for a satellite.\n")
    library.write(
        "sub/nato.md", "# NATO\n\nNATO wisely evolved its mechanisms.\n\n## Chicago\n\nChile was not there.\n"
    )
    library.write("sub/peru.md", "# Peru\n\nPeru bought trucks. It bought tents too, and jets it did not buy.\n")
    library.sync()
    return library


@dataclass
class _Claims:
    """An answerer that says what it is told to say."""

    sentences: Sequence[DraftSentence]

    def draft(self, question: str, hits: Sequence[Hit]) -> Draft:
        return Draft(tuple(self.sentences))


def _claim(text: str, quote: str, document: str = "china.txt", start: int | None = None) -> DraftSentence:
    return DraftSentence(text, (Quote(document, quote, start),))


def test_an_invented_quote_is_never_shown(filled: Any) -> None:
    claims = [
        _claim("China sold 58 jets.", "China sold 58 jets to Bolivia"),
        _claim("NATO did.", "NATO wisely evolved", document="china.txt"),
        _claim("Nobody did.", "Nobody", document="imagined.txt"),
    ]
    answer = replace(filled.open(), answerer=_Claims(claims)).ask(QUESTION)
    assert answer.status is Status.NOT_FOUND
    assert (answer.sentences, answer.citations, answer.text) == ((), (), "")
    assert answer.reason
    assert answer.nearest


def test_of_a_draft_only_the_sentences_with_true_quotes_are_shown(filled: Any) -> None:
    claims = [
        _claim("China sold 58 jets.", "China sold 58 jets to Bolivia"),
        _claim("China sold jets.", "China  sold\njets to Bolivia", start=7),
    ]
    assistant = replace(filled.open(), answerer=_Claims(claims))
    answer = assistant.ask(QUESTION)
    assert answer.status is Status.ANSWERED
    assert [sentence.text for sentence in answer.sentences] == ["China sold jets to Bolivia"]
    assert [citation.quote for citation in answer.citations] == ["China sold jets to Bolivia"]
    assert [rejected.quote.text for rejected in answer.rejected] == ["China sold 58 jets to Bolivia"]


def test_an_empty_draft_is_no_answer(filled: Any) -> None:
    answer = replace(filled.open(), answerer=_Claims([])).ask(QUESTION)
    assert answer.status is Status.NOT_FOUND
    assert answer.reason


@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["china.txt", "sub/nato.md", "x"])), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_every_citation_of_any_draft_is_verbatim(filled: Any, claimed: list[tuple[str, str]]) -> None:
    claims = [_claim(text or ".", text, document, len(text)) for text, document in claimed]
    assistant = replace(filled.open(), answerer=_Claims([*claims, _claim("True.", "jets to Bolivia")]))
    answer = assistant.ask(QUESTION)
    assert answer.citations
    for citation in answer.citations:
        assert assistant.document(citation.document).text[citation.start : citation.end] == citation.quote
    numbers = {citation.number for citation in answer.citations}
    assert all(set(sentence.citations) <= numbers and sentence.citations for sentence in answer.sentences)


def test_below_the_threshold_nothing_is_answered_and_the_nearest_passages_are_verbatim(filled: Any) -> None:
    assistant = filled.open()
    wary = replace(assistant, settings=assistant.settings.model_copy(update={"threshold": 1.0, "nearest": 2}))
    answer = wary.ask(QUESTION)
    assert answer.status is Status.NOT_FOUND
    assert answer.reason
    assert len(answer.nearest) == 2
    for citation in answer.nearest:
        assert wary.document(citation.document).text[citation.start : citation.end] == citation.quote
    assert 0.0 <= answer.confidence < 1.0


def test_patterns_restrict_the_documents(filled: Any) -> None:
    assistant = filled.open()
    for patterns, documents in (
        (["china.txt"], {"china.txt"}),
        (["sub/*"], {"sub/nato.md", "sub/peru.md"}),
        (["*.md", "china.*"], {"china.txt", "sub/nato.md", "sub/peru.md"}),
    ):
        assert {hit.passage.document for hit in assistant.search("jets and trucks", 50, patterns)} == documents
    with pytest.raises(QuestionError, match=r"no document matches nothing\*"):
        assistant.search(QUESTION, documents=["nothing*"])


def test_hits_are_in_order_explain_their_ranks_and_hold_the_documents_text(filled: Any) -> None:
    assistant = filled.open()
    hits = assistant.search(QUESTION, 3)
    assert len(hits) == 3
    assert hits[0].passage.document == "china.txt"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].ranks.lexical == 1
    for hit in hits:
        text = assistant.document(hit.passage.document).text
        assert hit.text == text[hit.passage.start : hit.passage.end]
        assert [scored.text for scored in hit.sentences] == [text[s.start : s.end] for s in hit.passage.sentences]


def test_a_question_may_be_as_long_as_the_limit_and_no_longer(filled: Any) -> None:
    assistant = filled.open()
    assistant.ask("x" * LONGEST_QUESTION)
    with pytest.raises(QuestionError, match=r"2,001 characters; natoqa reads at most 2,000"):
        assistant.ask("x" * (LONGEST_QUESTION + 1))


@pytest.mark.parametrize("question", ["", "  ", "\x00", "?", "\u200b", "🚢", "…"])
def test_a_question_without_a_word_is_refused(filled: Any, question: str) -> None:
    with pytest.raises(QuestionError):
        filled.open().ask(question)


@given(st.text(st.characters(), max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_question_is_answered_or_refused_but_never_breaks(filled: Any, question: str) -> None:
    assistant = filled.open()
    try:
        answer = assistant.ask(question)
    except QuestionError as error:
        assert "\n" not in str(error)
        return
    finally:
        assistant.generation.close()
    assert "\n" not in answer.question
    answer.question.encode()


def test_a_question_of_function_words_alone_is_looked_for_all_the_same(filled: Any) -> None:
    assert filled.open().search("What did it not do?")[0].passage.document == "sub/peru.md"


def test_threads_share_an_assistant(filled: Any) -> None:
    assistant = filled.open()
    questions = [QUESTION, "Who bought trucks?", "Was Chile there?", "What did NATO evolve?"] * 25
    alone = [replace(assistant.ask(question), timings_ms={}) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = [replace(answer, timings_ms={}) for answer in pool.map(assistant.ask, questions)]
    assert together == alone


def test_timings_add_up(filled: Any) -> None:
    timings = dict(filled.open().ask(QUESTION).timings_ms)
    total = timings.pop("total")
    assert all(value >= 0 for value in timings.values())
    assert sum(timings.values()) == pytest.approx(total, abs=0.05)
