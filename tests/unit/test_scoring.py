"""Outcomes to metrics: each figure from the questions it applies to, and only from those."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from runs import outcome

from natoqa.evaluation.outcomes import Verdict
from natoqa.evaluation.scoring import METRICS, Better, by_tag, estimate, latency_by_stage, measure
from natoqa.testing.runs import made_run


def test_a_metric_is_the_mean_over_the_questions_it_applies_to() -> None:
    outcomes = [
        outcome("a", values={"mrr": 1.0, "answer_f1": 0.5}),
        outcome("b", values={"mrr": 0.25}),
        outcome("c", Verdict.RIGHT_ABSTENTION, values={}),
    ]
    assert measure(METRICS["mrr"], outcomes) == 0.625
    assert measure(METRICS["answer_f1"], outcomes) == 0.5
    assert estimate(METRICS["mrr"], outcomes).questions == 2
    assert estimate(METRICS["answer_f1"], outcomes).questions == 1


def test_a_metric_that_applies_to_nothing_is_no_number() -> None:
    found = estimate(METRICS["sentence_hit@1"], [outcome("a", values={})])
    assert math.isnan(found.value)
    assert math.isnan(found.interval.low)
    assert found.questions == 0


def test_abstention_is_counted_over_all_questions_with_a_decision() -> None:
    verdicts = [
        Verdict.RIGHT_ABSTENTION,
        Verdict.RIGHT_ABSTENTION,
        Verdict.FALSE_ANSWER,
        Verdict.FALSE_ABSTENTION,
        Verdict.RIGHT,
        Verdict.WRONG,
    ]
    outcomes = [outcome(str(number), verdict) for number, verdict in enumerate(verdicts)]
    # Refused: 3, of them rightly: 2; to be refused: 3.
    assert measure(METRICS["abstention_precision"], outcomes) == 2 / 3
    assert measure(METRICS["abstention_recall"], outcomes) == 2 / 3
    assert measure(METRICS["abstention_f1"], outcomes) == 2 / 3


def test_without_a_silent_question_nothing_is_said_of_refusing_and_calibration() -> None:
    outcomes = [outcome("a"), outcome("b", Verdict.FALSE_ABSTENTION)]
    for name in ("abstention_precision", "abstention_f1", "answerability_auroc", "calibration_error"):
        assert math.isnan(measure(METRICS[name], outcomes)), name


def test_a_system_that_makes_no_decision_has_no_figures_about_decisions() -> None:
    outcomes = [outcome("a", None, confidence=0.5), outcome("b", None, answerable=False, confidence=0.4)]
    assert math.isnan(measure(METRICS["abstention_recall"], outcomes))
    assert math.isnan(measure(METRICS["risk_coverage_auc"], outcomes))
    assert measure(METRICS["answerability_auroc"], outcomes) == 1.0


def test_risk_and_coverage_count_what_was_withheld() -> None:
    outcomes = [
        outcome("a", confidence=0.9),
        outcome("b", Verdict.FALSE_ABSTENTION, confidence=0.2, correct=True),
        outcome("c", Verdict.RIGHT_ABSTENTION, confidence=0.1),
    ]
    # The most confident first: right, right, wrong.
    assert measure(METRICS["risk_coverage_auc"], outcomes) == pytest.approx((0 + 0 + 1 / 3) / 3)
    assert measure(METRICS["coverage@95"], outcomes) == pytest.approx(2 / 3)


def test_latency_is_told_by_stage() -> None:
    outcomes = [outcome(str(n), timings_ms={"retrieval": float(n), "total": 10.0 * n}) for n in range(1, 102)]
    stages = latency_by_stage(outcomes)
    assert stages == {"retrieval": {"p50": 51.0, "p95": 96.0}, "total": {"p50": 510.0, "p95": 960.0}}
    assert measure(METRICS["latency_ms_p95"], outcomes) == 960.0


def test_only_latency_may_differ_between_two_runs_of_the_same() -> None:
    assert [name for name, metric in METRICS.items() if not metric.repeatable] == ["latency_ms_p50", "latency_ms_p95"]


def test_tags_come_with_the_most_frequent_first_and_a_question_counts_once_in_each() -> None:
    outcomes = [outcome("a", tags=("x", "x", "y")), outcome("b", tags=("y",)), outcome("c", tags=())]
    assert {tag: [o.id for o in own] for tag, own in by_tag(outcomes).items()} == {"y": ["a", "b"], "x": ["a"]}
    assert list(by_tag(outcomes)) == ["y", "x"]


def test_no_order_of_the_questions_changes_a_figure() -> None:
    chance = random.Random(1)
    outcomes = [
        outcome(
            str(n),
            chance.choice(list(Verdict)),
            confidence=chance.random(),
            values={"mrr": 1 / chance.randint(1, 9), "answer_f1": chance.random()},
            timings_ms={"total": chance.random()},
        )
        for n in range(60)
    ]
    shuffled = chance.sample(outcomes, len(outcomes))
    for metric in METRICS.values():
        one, other = measure(metric, outcomes), measure(metric, shuffled)
        assert one == other or (math.isnan(one) and math.isnan(other)), metric.name


def test_two_runs_of_the_same_have_the_same_figures_and_intervals() -> None:
    outcomes = [outcome(str(n), verdict) for n, verdict in enumerate(list(Verdict) * 5)]
    one, other = made_run(outcomes).estimates, made_run(list(outcomes)).estimates
    assert repr(one) == repr(other)


@pytest.mark.parametrize("name", list(METRICS))
def test_an_interval_holds_its_value(name: str) -> None:
    chance = random.Random(2)
    outcomes = [
        outcome(
            str(n),
            chance.choice(list(Verdict)),
            confidence=chance.random(),
            correct=chance.random() < 0.6,
            values={name: float(chance.random() < 0.5)},
            timings_ms={"total": chance.random()},
        )
        for n in range(80)
    ]
    found = estimate(METRICS[name], outcomes)
    if METRICS[name].has_interval:
        assert found.interval.low <= found.value <= found.interval.high
    else:
        assert math.isnan(found.interval.low)


def test_every_metric_that_an_outcome_can_have_is_known(filled_values: set[str]) -> None:
    assert filled_values <= set(METRICS)
    assert METRICS["answer_words"].better is Better.NEITHER


@pytest.fixture
def filled_values(library: Any) -> set[str]:
    from natoqa.evaluation.questions import Evidence, Question
    from natoqa.evaluation.runs import evaluate

    library.write("a.txt", "China sold jets to Bolivia in the past decade.\n")
    library.sync()
    asked = Question("q", "Who sold jets?", True, ("China",), (Evidence("a.txt", "China sold jets to Bolivia"),))
    (only,) = evaluate(library.open(), [asked]).outcomes
    assert {"passage_hit@1", "sentence_hit@1", "evidence_recall", "citation_precision", "verbatim_rate"} <= set(
        only.values
    )
    return set(only.values)
