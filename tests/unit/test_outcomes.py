"""One question, from what the assistant shows to a verdict and its figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from natoqa.evaluation.outcomes import Found, Outcome, Shown, Verdict, ask, judge
from natoqa.evaluation.questions import Evidence, Question
from natoqa.types import Document

TEXT = "China sold jets. Peru bought tents. Chile was absent."
DOCUMENTS = {"a.txt": Document("a.txt", TEXT), "b.txt": Document("b.txt", "Nothing at all.")}
JETS, TENTS = Evidence("a.txt", "China sold jets."), Evidence("a.txt", "Peru bought tents.")


def _shown(quote: str) -> Shown:
    start = TEXT.index(quote)
    return Shown("a.txt", "¶ 1", start, start + len(quote), quote)


def _found(*quotes: str, abstained: bool | None = False, **fields: Any) -> Found:
    shown = tuple(map(_shown, quotes))
    usual: dict[str, Any] = {
        "passages": (("b.txt", 0, 15), ("a.txt", 0, len(TEXT))),
        "sentences": (("b.txt", 0, 15), ("a.txt", 17, 35), ("a.txt", 0, 16)),
        "confidence": 0.7,
        "timings_ms": {"total": 5.0},
        "shown": () if abstained else shown,
        "withheld": shown if abstained else (),
        "abstained": abstained,
        "verbatim": True,
    }
    return Found(**usual | fields)


def _judge(question: Question, found: Found) -> Outcome:
    return judge(question, found, DOCUMENTS.__getitem__)


def _question(*evidence: Evidence, **fields: Any) -> Question:
    return Question("q", "Who?", bool(evidence), evidence=evidence, **fields)


@pytest.mark.parametrize(
    ("question", "found", "verdict"),
    [
        (_question(JETS), _found("China sold jets."), Verdict.RIGHT),
        (_question(JETS, TENTS), _found("China sold jets.", "Peru bought tents."), Verdict.RIGHT),
        (_question(JETS, TENTS), _found("China sold jets."), Verdict.PARTIAL),
        (_question(JETS), _found("Chile was absent."), Verdict.WRONG),
        (_question(JETS), _found("China sold jets.", abstained=True), Verdict.FALSE_ABSTENTION),
        (_question(), _found("China sold jets.", abstained=True), Verdict.RIGHT_ABSTENTION),
        (_question(), _found("China sold jets."), Verdict.FALSE_ANSWER),
        (_question(JETS), _found(abstained=None), None),
        (_question(JETS, TENTS, alternatives=((TENTS,),)), _found("Peru bought tents."), Verdict.RIGHT),
    ],
)
def test_the_verdict_is_what_a_reader_got(question: Question, found: Found, verdict: Verdict | None) -> None:
    assert _judge(question, found).verdict is verdict


def test_what_was_withheld_counts_as_correct_but_not_as_shown() -> None:
    refused = _judge(_question(JETS), _found("China sold jets.", abstained=True))
    assert refused.correct
    assert refused.values["evidence_recall"] == 0.0
    assert "citation_precision" not in refused.values
    assert not _judge(_question(JETS), _found("Chile was absent.", abstained=True)).correct
    assert not _judge(_question(), _found("China sold jets.")).correct


def test_half_of_two_pieces_is_half_of_the_evidence() -> None:
    values = _judge(_question(JETS, TENTS), _found("China sold jets.", "Chile was absent.")).values
    assert values["evidence_recall"] == 0.5
    assert values["citation_precision"] == 0.5
    assert values["redundancy"] == pytest.approx(17 / 33)  # "Chile was absent." of 16 + 17 characters
    assert values["answer_words"] == 6


def test_ranks_count_passages_sentences_and_documents() -> None:
    values = _judge(_question(JETS), _found("China sold jets.")).values
    assert (values["passage_hit@1"], values["passage_hit@3"], values["mrr"]) == (0.0, 1.0, 0.5)
    assert (values["sentence_hit@1"], values["sentence_hit@3"]) == (0.0, 1.0)
    assert values["ndcg@10"] == pytest.approx(0.6309297535714575)  # 1 / log2 3
    assert values["recall@100"] == 1.0


def test_whole_documents_as_evidence_have_no_right_sentence() -> None:
    values = _judge(_question(Evidence("a.txt")), _found("China sold jets.")).values
    assert "sentence_hit@1" not in values
    assert "redundancy" not in values
    assert values["passage_hit@3"] == values["evidence_recall"] == values["citation_precision"] == 1.0


def test_an_unanswerable_question_adds_to_no_ranking_metric() -> None:
    assert set(_judge(_question(), _found("China sold jets.")).values) == {"verbatim_rate", "answer_words"}


def test_covered_gold_is_marked_piece_by_piece() -> None:
    ((first, second),) = _judge(_question(JETS, TENTS), _found("China sold jets.")).evidence
    assert (first.text, first.covered) == ("China sold jets.", True)
    assert (second.text, second.covered) == ("Peru bought tents.", False)
    assert TEXT[second.start : second.end] == second.text


@pytest.mark.parametrize("piece", [Evidence("c.txt"), Evidence("a.txt", "Peru bought hats.")])
def test_evidence_that_does_not_stand_is_an_error(piece: Evidence) -> None:
    with pytest.raises(ValueError, match=r"c\.txt|Peru bought hats"):
        _judge(_question(piece), _found("China sold jets."))


def test_natoqa_is_asked_as_a_reader_asks_and_its_citations_are_checked(library: Any) -> None:
    library.write("a.txt", TEXT)
    library.sync()
    assistant = library.open()
    found = ask(assistant, "Who sold jets?")
    answer = assistant.ask("Who sold jets?")
    assert [shown.text for shown in found.shown] == [citation.quote for citation in answer.citations]
    assert found.verbatim is True
    assert found.abstained is False
    assert found.withheld == ()
    wary = replace(assistant, settings=assistant.settings.model_copy(update={"threshold": 1.0}))
    refused = ask(wary, "Who sold jets?")
    assert refused.abstained is True
    assert refused.shown == ()
    assert refused.withheld == found.shown


def test_a_citation_that_does_not_stand_is_seen(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    library.write("a.txt", TEXT)
    library.sync()
    assistant = library.open()
    answer = assistant.ask("Who sold jets?")
    moved = replace(answer, citations=tuple(replace(c, start=c.start + 1) for c in answer.citations))
    monkeypatch.setattr(type(assistant), "ask", lambda *_, **__: moved)
    found = ask(assistant, "Who sold jets?")
    assert found.verbatim is False
    assert _judge(_question(JETS), found).values["verbatim_rate"] == 0.0
