"""Metrics of confidence as arithmetic, and against scikit-learn."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, precision_recall_fscore_support, roc_auc_score

from natoqa.evaluation.metrics.confidence import (
    ReliabilityBin,
    auroc,
    brier_score,
    coverage_at_precision,
    expected_calibration_error,
    precision_recall_f1,
    reliability,
    risk_coverage,
    risk_coverage_auc,
)

# Few values, so that ties are frequent; some are edges of bins, some are not exact in binary.
CONFIDENCES = st.one_of(st.sampled_from([0.0, 0.1, 0.29, 0.3, 0.5, 0.7, 0.95, 1.0]), st.floats(0.0, 1.0))
PAIRS = st.lists(st.tuples(st.booleans(), CONFIDENCES), min_size=1, max_size=40)
Pairs = list[tuple[bool, float]]

FIGURES: list[Callable[[list[bool], list[float]], float]] = [
    auroc,
    lambda labels, scores: brier_score(scores, labels),
    lambda labels, scores: risk_coverage_auc(scores, labels),
    lambda labels, scores: coverage_at_precision(scores, labels, 0.5),
    lambda labels, scores: expected_calibration_error(scores, labels),
]


def columns(pairs: Pairs) -> tuple[list[bool], list[float]]:
    return [label for label, _ in pairs], [score for _, score in pairs]


def test_a_tie_counts_half_in_auroc() -> None:
    # Pairs (positive, negative): 0.8 > 0.4 wins, 0.4 = 0.4 half, of two.
    assert auroc([True, True, False], [0.8, 0.4, 0.4]) == 1.5 / 2
    assert auroc([True, False], [0.5, 0.5]) == 0.5


def test_auroc_of_the_opposite_order_is_zero() -> None:
    assert auroc([True, False, False], [0.1, 0.2, 0.3]) == 0.0


@given(PAIRS)
def test_auroc_equals_scikit_learns(pairs: Pairs) -> None:
    labels, scores = columns(pairs)
    assume(any(labels) and not all(labels))
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-9)


@given(PAIRS)
def test_auroc_equals_the_count_over_all_pairs(pairs: Pairs) -> None:
    labels, scores = columns(pairs)
    assume(any(labels) and not all(labels))
    positives, negatives = ([s for label, s in pairs if label is side] for side in (True, False))
    wins = sum((p > n) + 0.5 * (p == n) for p, n in itertools.product(positives, negatives))
    assert auroc(labels, scores) == wins / (len(positives) * len(negatives))


def test_precision_recall_and_f1_by_hand() -> None:
    # Predicted 3, actual 2, both 1.
    assert precision_recall_f1([True, True, True, False], [True, False, False, True]) == (1 / 3, 1 / 2, 2 / 5)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_precision_recall_and_f1_equal_scikit_learns(pairs: list[tuple[bool, bool]]) -> None:
    predicted, actual = [p for p, _ in pairs], [a for _, a in pairs]
    expected = precision_recall_fscore_support(actual, predicted, average="binary", zero_division=math.nan)[:3]
    assert precision_recall_f1(predicted, actual) == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_a_risk_coverage_curve_has_one_point_for_each_confidence() -> None:
    curve = risk_coverage([0.5, 0.9, 0.5, 0.1], [False, True, True, False])
    assert curve.threshold.tolist() == [0.9, 0.5, 0.1]
    assert curve.coverage.tolist() == [1 / 4, 3 / 4, 1.0]
    assert curve.risk.tolist() == [0.0, 1 / 3, 2 / 4]


def test_area_under_risk_coverage_by_hand() -> None:
    # Errors among the k most confident: 0, 1, 1; the risks 0, 1/2, 1/3.
    assert risk_coverage_auc([0.9, 0.8, 0.7], [True, False, True]) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3, abs=1e-12)


def test_errors_are_spread_evenly_over_equal_confidences() -> None:
    # Half an error each: risks 0.5/1 and 1/2.
    assert risk_coverage_auc([0.7, 0.7], [True, False]) == pytest.approx((1 / 2 + 1 / 2) / 2, abs=1e-12)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.2, 0.5, 0.9])), min_size=1, max_size=6))
def test_area_under_risk_coverage_is_the_mean_over_all_orders_of_the_ties(pairs: Pairs) -> None:
    areas = []
    for order in itertools.permutations(pairs):
        if all(a[1] >= b[1] for a, b in itertools.pairwise(order)):
            errors = list(itertools.accumulate(not label for label, _ in order))
            areas.append(sum(e / k for k, e in enumerate(errors, start=1)) / len(pairs))
    labels, scores = columns(pairs)
    assert risk_coverage_auc(scores, labels) == pytest.approx(sum(areas) / len(areas), abs=1e-9)


def test_a_confidence_that_separates_errors_has_less_area_than_one_that_does_not() -> None:
    correct = [True] * 8 + [False] * 2
    good, blind = [0.9] * 8 + [0.1] * 2, [0.5] * 10
    assert risk_coverage_auc(good, correct) < risk_coverage_auc(blind, correct) < risk_coverage_auc(good[::-1], correct)
    assert risk_coverage_auc(blind, correct) == pytest.approx(0.2, abs=1e-12)


def test_coverage_is_the_greatest_at_which_precision_holds() -> None:
    # Precisions 1/1, 1/2, 2/3, 3/4: the first sinks under 0.7 and the last is over it again.
    confidence, correct = [0.9, 0.8, 0.7, 0.6], [True, False, True, True]
    assert coverage_at_precision(confidence, correct, 0.7) == 1.0
    assert coverage_at_precision(confidence, correct, 0.8) == 1 / 4


@pytest.mark.parametrize("times", [1, 3, 7, 41])
def test_nineteen_of_twenty_are_95_per_cent(times: int) -> None:
    correct = ([True] * 19 + [False]) * times
    assert coverage_at_precision([0.5] * len(correct), correct) == 1.0
    assert coverage_at_precision([0.5] * len(correct), [False, *correct[1:]]) == 0.0


def test_a_threshold_cannot_part_equal_confidences() -> None:
    assert coverage_at_precision([0.5, 0.5], [True, False]) == 0.0


@given(PAIRS, st.sampled_from([0.5, 0.8, 0.95, 1.0]))
def test_coverage_equals_a_search_over_all_thresholds(pairs: Pairs, precision: float) -> None:
    labels, scores = columns(pairs)
    shares = [0.0]
    for threshold in set(scores):
        covered = [label for label, score in pairs if score >= threshold]
        if sum(covered) / len(covered) >= precision:
            shares.append(len(covered) / len(pairs))
    assert coverage_at_precision(scores, labels, precision) == max(shares)


def test_reliability_bins_are_half_open_and_the_last_one_is_closed() -> None:
    bins = reliability([0.0, 0.5, 0.75, 1.0], [False, True, True, False], bins=2)
    assert bins == (ReliabilityBin(0.0, 0.5, 1, 0.0, 0.0), ReliabilityBin(0.5, 1.0, 3, 2.25 / 3, 2 / 3))


def test_empty_bins_are_left_out() -> None:
    assert [(b.low, b.count) for b in reliability([0.05, 0.95], [False, True])] == [(0.0, 1), (0.9, 1)]


@pytest.mark.parametrize("edge", range(100))
def test_a_confidence_on_an_edge_belongs_to_the_bin_above(edge: int) -> None:
    assert reliability([edge / 100], [True], bins=100)[0].low == edge / 100


def test_calibration_error_by_hand() -> None:
    # [0.2, 0.3): mean 0.25, none true, two questions; [0.9, 1]: mean 0.9, one of one true.
    assert expected_calibration_error([0.2, 0.25, 0.9], [False, False, True]) == pytest.approx(
        (0.45 + 0.1) / 3, abs=1e-12
    )


@given(PAIRS, st.sampled_from([1, 2, 10, 15]))
def test_calibration_error_equals_a_plain_loop(pairs: Pairs, bins: int) -> None:
    total = 0.0
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        own = [(label, c) for label, c in pairs if low <= c and (c < high or number == bins - 1)]
        if own:
            share, mean = sum(label for label, _ in own) / len(own), sum(c for _, c in own) / len(own)
            total += len(own) / len(pairs) * abs(share - mean)
    labels, scores = columns(pairs)
    assert expected_calibration_error(scores, labels, bins) == pytest.approx(total, abs=1e-9)


@given(PAIRS)
def test_brier_score_equals_scikit_learns(pairs: Pairs) -> None:
    labels, scores = columns(pairs)
    assert brier_score(scores, labels) == pytest.approx(brier_score_loss(labels, scores, pos_label=True), abs=1e-9)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_questions_changes_no_figure_in_its_last_digit(pairs: Pairs, chance: random.Random) -> None:
    shuffled = chance.sample(pairs, len(pairs))
    for figure in FIGURES:
        assert repr(figure(*columns(pairs))) == repr(figure(*columns(shuffled)))


@given(PAIRS)
def test_lists_and_arrays_give_the_same_figure(pairs: Pairs) -> None:
    labels, scores = columns(pairs)
    for figure in FIGURES:
        assert repr(figure(labels, scores)) == repr(figure(np.array(labels), np.array(scores)))  # type: ignore[arg-type]


def test_a_metric_that_does_not_apply_is_not_a_number_rather_than_zero() -> None:
    assert math.isnan(auroc([True, True], [0.1, 0.2]))
    assert all(math.isnan(value) for value in precision_recall_f1([False], [False]))
    assert all(math.isnan(figure([], [])) for figure in FIGURES)
    assert reliability([], []) == ()
    assert risk_coverage([], []).coverage.shape == (0,)


def test_figures_of_no_prediction_that_do_apply_are_kept() -> None:
    precision, recalled, f1 = precision_recall_f1([False, False], [True, False])
    assert (math.isnan(precision), recalled, f1) == (True, 0.0, 0.0)


@pytest.mark.parametrize("figure", [*FIGURES, precision_recall_f1])
def test_lengths_that_differ_are_refused(figure: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match=r"2 and 1|1 and 2"):
        figure([True, False], [0.5])
