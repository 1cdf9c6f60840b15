"""The judge, by arithmetic on findings made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from natoqa.answerability import FITTED, LogisticModel, Signals, judge, signals
from natoqa.retrieval import Findings, QuestionToken
from natoqa.terms import analyse
from natoqa.types import Hit, Passage, Ranks, ScoredSentence, ScoreParts, Sentence, SentenceKind

QUESTION = "Where is Lima harbour"


def _findings(
    *sentences: str, similarities: list[list[float]], frequencies: tuple[int, ...] = (5, 5, 1, 1)
) -> Findings:
    """One hit; the question's four words are one token each, 'Where' and 'is' without weight."""
    spans = tuple(Sentence(0, len(text)) for text in sentences)
    hit = Hit(
        Passage("a", 0, 9, "", spans),
        "",
        "",
        "",
        1.0,
        Ranks(1, 1),
        ScoreParts(0.6, 1.0, 0.5),
        tuple(ScoredSentence(span, text, 0.0) for span, text in zip(spans, sentences, strict=True)),
    )
    tokens = tuple(QuestionToken(weight, term) for term, weight in enumerate((0.0, 0.0, 1.0, 1.0)))
    return Findings(
        QUESTION, tuple(analyse(QUESTION)), frequencies, 10, tokens, (hit,), np.asarray(similarities, dtype=np.float32)
    )


def test_the_signals_are_what_their_description_says() -> None:
    found = signals(_findings("Lima is old.", "The port.", similarities=[[0, 0, 1.0, 0.2], [0, 0, 0.3, 0.9]]))
    assert found.closeness == pytest.approx((1.0 + 0.2) / 2)  # the better of 0.6 and 0.6
    assert found.weakest == pytest.approx(0.9)  # in the window of both sentences: 1.0 and 0.9
    assert found.coverage == pytest.approx(0.5)  # 'Lima' but not 'harbour', equally rare
    assert found.names == pytest.approx(1.0)  # the one name, Lima, is there
    assert found.dense == pytest.approx(0.6)


def test_a_name_that_is_missing_is_seen_and_a_question_without_names_lacks_none() -> None:
    likeness = [[0.0, 0.0, 0.9, 0.9]]
    assert signals(_findings("The harbour.", similarities=likeness)).names == 0.0
    lower = replace(_findings("The port.", similarities=likeness), terms=tuple(analyse("where is lima harbour")))
    assert signals(lower).names == 1.0


def test_the_model_is_the_logistic_function() -> None:
    model = LogisticModel(-1.0, Signals(2.0, 0.0, 0.0, 0.0, 1.0))
    assert model.probability(Signals(0.25, 9.0, 9.0, 9.0, 0.5)) == pytest.approx(0.5)
    assert model.probability(Signals(1.0, 0.0, 0.0, 0.0, 0.0)) == pytest.approx(1 / (1 + math.exp(-1)))


def test_every_signal_speaks_for_an_answer() -> None:
    assert min(FITTED.weights.closeness, FITTED.weights.weakest, FITTED.weights.coverage) > 0
    assert min(FITTED.weights.names, FITTED.weights.dense) > 0


def test_a_heading_does_not_vouch_for_an_answer_that_it_cannot_give() -> None:
    findings = _findings("Lima harbour", similarities=[[0, 0, 1.0, 1.0]])
    (hit,) = findings.hits
    heading = replace(hit.sentences[0], sentence=Sentence(0, 12, SentenceKind.HEADING))
    assert judge(findings).probability > 0.5
    assert judge(replace(findings, hits=(replace(hit, sentences=(heading,)),))).probability == 0.0


def test_nothing_found_is_no_answer() -> None:
    empty = replace(_findings("x", similarities=[[0, 0, 0, 0]]), hits=(), similarities=np.empty((0, 4), np.float32))
    judgement = judge(empty)
    assert judgement.probability == 0.0
    assert judgement.reason


def test_the_reason_names_words_that_no_passage_has() -> None:
    findings = _findings("The harbour.", similarities=[[0, 0, 0.1, 0.9]], frequencies=(5, 5, 0, 1))
    assert judge(findings).reason == "No passage mentions ‘Lima’."


def test_the_reason_says_when_words_do_not_meet_and_only_then() -> None:
    apart = _findings("Lima.", "A ship.", "The harbour.", similarities=[[0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 1]])
    assert judge(apart).reason == "No two neighbouring sentences speak of ‘Lima’ and ‘harbour’ together."
    together = _findings("Lima.", "The harbour.", similarities=[[0, 0, 1, 0], [0, 0, 0, 1]])
    assert judge(together).reason.startswith("Passages mention")
