"""Two runs: what differs, whether by more than chance, and what must not pass."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from runs import outcome

from natoqa.errors import ComparisonError
from natoqa.evaluation.comparison import compare
from natoqa.evaluation.gates import load_gates, parse_gate, tripped
from natoqa.evaluation.outcomes import Gold, Outcome, Verdict
from natoqa.evaluation.scoring import METRICS
from natoqa.testing.runs import made_run


def _hits(hits: Sequence[int]) -> list[Outcome]:
    return [
        outcome(str(n), Verdict.RIGHT if hit else Verdict.WRONG, values={"passage_hit@1": float(hit), "mrr": hit / 2})
        for n, hit in enumerate(hits)
    ]


def test_a_difference_is_new_less_baseline_over_the_pairs() -> None:
    change = compare(made_run(_hits([1, 1, 0, 0])), made_run(_hits([1, 0, 0, 0])))["passage_hit@1"]
    assert (change.baseline, change.new, change.difference, change.questions) == (0.5, 0.25, -0.25, 4)
    assert change.is_worse
    assert not change.is_significant


def test_binary_metrics_are_tested_by_mcnemar() -> None:
    # Eleven questions lost, one gained: twice the tail of twelve coins, 2 * (1 + 12) / 4096.
    before = [1] * 11 + [0] + [1] * 50
    after = [0] * 11 + [1] + [1] * 50
    change = compare(made_run(_hits(before)), made_run(_hits(after)))["passage_hit@1"]
    assert change.p == 26 / 4096
    assert change.interval.high < 0


def test_p_values_are_corrected_for_the_number_of_metrics() -> None:
    comparison = compare(made_run(_hits([1] * 11 + [0] + [1] * 50)), made_run(_hits([0] * 11 + [1] + [1] * 50)))
    change = comparison["passage_hit@1"]
    tested = [d for d in comparison.differences if METRICS[d.metric].repeatable]
    assert change.p < change.adjusted_p <= change.p * len(tested)
    assert all(math.isnan(d.adjusted_p) for d in comparison.differences if "latency" in d.metric)


def test_the_same_run_differs_in_nothing() -> None:
    outcomes = [outcome(str(n), verdict, confidence=n / 20) for n, verdict in enumerate(list(Verdict) * 3)]
    comparison = compare(made_run(outcomes), made_run(outcomes))
    assert comparison.flips == comparison.unpaired == comparison.conditions == ()
    for change in comparison.differences:
        assert (change.difference, change.p) == (0.0, 1.0)
        assert change.interval.low <= 0.0 <= change.interval.high
        assert not change.is_worse
        assert not change.is_significant


def test_metrics_of_the_whole_set_are_compared_too() -> None:
    chance = random.Random(3)
    verdicts = [chance.choice([Verdict.RIGHT, Verdict.RIGHT_ABSTENTION]) for _ in range(80)]
    sure = [outcome(str(n), v, confidence=0.9 if v is Verdict.RIGHT else 0.1) for n, v in enumerate(verdicts)]
    unsure = [outcome(str(n), v, confidence=chance.random()) for n, v in enumerate(verdicts)]
    change = compare(made_run(sure), made_run(unsure))["answerability_auroc"]
    assert change.baseline == 1.0
    assert change.difference < -0.2
    assert change.interval.high < 0
    assert change.p < 0.01
    assert compare(made_run(unsure), made_run(sure))["answerability_auroc"].p < 0.01


def test_what_is_better_lower_is_worse_when_it_rises() -> None:
    before = [outcome(str(n), values={"redundancy": 0.1}) for n in range(5)]
    after = [outcome(str(n), values={"redundancy": 0.4}) for n in range(5)]
    assert compare(made_run(before), made_run(after))["redundancy"].is_worse
    longer = [outcome(str(n), values={"answer_words": 30.0 + n}) for n in range(5)]
    shorter = [outcome(str(n), values={"answer_words": 20.0}) for n in range(5)]
    assert not compare(made_run(longer), made_run(shorter))["answer_words"].is_worse


def test_flipped_questions_are_named_with_what_a_reader_got() -> None:
    before = [outcome("a"), outcome("b", Verdict.FALSE_ABSTENTION), outcome("c")]
    after = [outcome("a"), outcome("b"), outcome("c", Verdict.WRONG)]
    flips = compare(made_run(before), made_run(after)).flips
    assert [(flip.id, flip.before, flip.after) for flip in flips] == [
        ("b", Verdict.FALSE_ABSTENTION, Verdict.RIGHT),
        ("c", Verdict.RIGHT, Verdict.WRONG),
    ]


def test_a_question_whose_text_or_gold_changed_is_no_pair() -> None:
    moved = Gold("a.txt", 5, 9, "Text", True)
    reworded = Gold("a.txt", 0, 4, "Next", True)
    before = [outcome(name) for name in "abcde"]
    after = [
        outcome("a"),
        outcome("b", question="Something else?"),
        outcome("c", evidence=((reworded,),)),
        outcome("d", evidence=((moved,),)),
        outcome("f"),
    ]
    comparison = compare(made_run(before), made_run(after))
    assert comparison.questions == 2  # a, and d: its quote stands elsewhere, but is the same
    assert comparison.unpaired == ("b", "c", "e", "f")


def test_runs_that_share_nothing_cannot_be_compared() -> None:
    with pytest.raises(ComparisonError, match="share no question"):
        compare(made_run([outcome("a")]), made_run([outcome("b")]))


def test_changed_conditions_are_listed() -> None:
    runs = [made_run([outcome("a")], settings={"retrieval": {"depth": depth, "keep": 2}}) for depth in (100, 50)]
    assert compare(*runs).conditions == (("retrieval.depth", "100", "50"),)


@pytest.mark.parametrize(
    ("text", "trips"),
    [
        ("passage_hit@1 < -0.02", True),
        ("passage_hit@1<-.25", False),
        ("passage_hit@1 <= -0.25", True),
        ("passage_hit@1 < -0.02 and p < 0.05", False),
        ("passage_hit@1 < -2e-2 and p < 1.1", True),
        ("passage_hit@1 > 0", False),
        ("passage_hit@1 >= -0.25", True),
        ("mrr > 0.1", False),
    ],
)
def test_a_condition_is_about_the_difference(text: str, trips: bool) -> None:
    comparison = compare(made_run(_hits([1, 1, 0, 0])), made_run(_hits([1, 0, 0, 0])))
    assert parse_gate(text).is_tripped(comparison) is trips


@pytest.mark.parametrize(("lost", "of", "trips"), [(1, 50, False), (2, 100, False), (6, 200, False), (7, 200, True)])
def test_a_bound_is_not_crossed_by_rounding(lost: int, of: int, trips: bool) -> None:
    bound = -0.03 if of == 200 else -0.02
    comparison = compare(made_run(_hits([1] * of)), made_run(_hits([0] * lost + [1] * (of - lost))))
    assert parse_gate(f"passage_hit@1 < {bound}").is_tripped(comparison) is trips
    assert parse_gate(f"passage_hit@1 <= {bound}").is_tripped(comparison)


@pytest.mark.parametrize(
    "text", ["", "passage_hit@1", "< 3", "passage_hit@1 < low", "passage_hit@1 == 1", "speed < 3", "mrr < 0.1 or 2"]
)
def test_a_malformed_condition_is_named(text: str) -> None:
    with pytest.raises(ComparisonError) as raised:
        parse_gate(text)
    assert f"'{text}'" in str(raised.value)


def test_a_condition_on_a_metric_that_was_not_compared_is_an_error() -> None:
    comparison = compare(made_run([outcome("a")]), made_run([outcome("a")]))
    with pytest.raises(ComparisonError, match="abstention_f1"):
        parse_gate("abstention_f1 < 0").is_tripped(comparison)


def test_conditions_are_read_from_a_file_with_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "gates.txt"
    path.write_text("mrr < -0.1\n\npassage_hit@1 < -0.02\n", "utf-8")
    gates = load_gates(path)
    assert [gate.metric for gate in gates] == ["mrr", "passage_hit@1"]
    comparison = compare(made_run(_hits([1, 1, 0, 0])), made_run(_hits([1, 0, 0, 0])))
    assert [gate.text for gate in tripped(gates, comparison)] == ["mrr < -0.1", "passage_hit@1 < -0.02"]
    path.write_text("mrr < -0.1\nspeed < 3\n", "utf-8")
    with pytest.raises(ComparisonError, match=r"gates\.txt:2: .*speed"):
        load_gates(path)
    with pytest.raises(ComparisonError, match="absent"):
        load_gates(tmp_path / "absent")
