"""natoqa answers its own questions no worse than the committed baseline, and the gate would notice if it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from natoqa.assistant import Assistant
from natoqa.evaluation.comparison import Comparison, compare
from natoqa.evaluation.gates import load_gates, tripped
from natoqa.evaluation.questions import load_questions
from natoqa.evaluation.runfile import load_run
from natoqa.evaluation.runs import evaluate
from natoqa.testing.worsened import dense_only

EVAL = Path(__file__).parents[2] / "eval"
GATES = load_gates(EVAL / "gates.txt")
HALVES = ("dev", "test")


def _against_baseline(assistant: Assistant, half: str) -> Comparison:
    return compare(load_run(EVAL / "baselines" / f"{half}.json"), evaluate(assistant, EVAL / f"{half}.jsonl"))


@pytest.mark.parametrize("half", HALVES)
def test_no_figure_has_declined_from_the_baseline(assistant: Assistant, half: str) -> None:
    comparison = _against_baseline(assistant, half)
    assert comparison.unpaired == (), "the baseline is of other questions; see eval/README.md"
    assert tripped(GATES, comparison) == (), comparison.flips


@pytest.mark.parametrize("half", HALVES)
def test_a_worsened_build_does_not_pass(assistant: Assistant, half: str) -> None:
    found = tripped(GATES, _against_baseline(dense_only(assistant), half))
    assert "passage_hit@1" in {gate.metric for gate in found}


def test_the_halves_share_no_question_and_no_topic() -> None:
    dev, test = (load_questions(EVAL / f"{half}.jsonl") for half in HALVES)
    for one, other in (
        ({q.question.lower() for q in dev}, {q.question.lower() for q in test}),
        ({q.id for q in dev}, {q.id for q in test}),
        *[({t for q in dev for t in q.tags if "topic:" in t}, {t for q in test for t in q.tags if "topic:" in t})],
    ):
        assert one
        assert other
        assert not one & other


def test_the_test_half_holds_no_question_of_the_older_set() -> None:
    older, test = (load_questions(EVAL / f"{name}.jsonl") for name in ("briefing", "test"))
    assert not {question.question.lower() for question in older} & {question.question.lower() for question in test}


def test_there_are_enough_questions_of_every_kind() -> None:
    questions = [question for half in HALVES for question in load_questions(EVAL / f"{half}.jsonl")]
    assert len(questions) >= 200
    assert sum(not question.answerable for question in questions) >= 60
    near = [q for q in questions if {"near-miss-attribute", "near-miss-entity", "false-premise"} & set(q.tags)]
    assert len(near) > 0.8 * sum(not question.answerable for question in questions)
    for kind in (
        "fact", "number", "list", "definition", "comparison", "cause", "several-documents", "conflict", "negation",
        "follow-up", "paraphrase", "typo",
    ):  # fmt: skip
        assert sum(kind in question.tags for question in questions) >= 12, kind
    assert all(bool(question.history) == ("follow-up" in question.tags) for question in questions)
