"""Metrics as arithmetic, and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score, precision_recall_fscore_support, roc_auc_score

from natoqa.evaluation import metrics


def test_hit_rate_counts_ranks_up_to_k() -> None:
    ranks = [1, 3, None, 10]
    assert [metrics.hit_rate(ranks, k) for k in (1, 3, 10)] == [0.25, 0.5, 0.75]


def test_reciprocal_rank_is_zero_for_what_is_not_found() -> None:
    assert metrics.mean_reciprocal_rank([1, 2, None, 4]) == (1 + 1 / 2 + 0 + 1 / 4) / 4


def test_ndcg_by_hand() -> None:
    # Relevant at ranks 2 and 4: (1/log2 3 + 1/log2 5) / (1/log2 2 + 1/log2 3).
    gain = (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    assert metrics.ndcg(["x", "a", "y", "b"], {"a", "b"}) == pytest.approx(gain)
    assert metrics.ndcg(["a", "b", "x"], {"a", "b"}) == 1.0
    assert metrics.ndcg(["x", "y", "a"], {"a"}, k=2) == 0.0


@given(st.lists(st.booleans(), min_size=2, max_size=30), st.integers(1, 12))
def test_ndcg_equals_scikit_learns(labels: list[bool], k: int) -> None:
    assume(any(labels))
    names = [str(number) for number in range(len(labels))]
    relevant = {name for name, label in zip(names, labels, strict=True) if label}
    descending = -np.arange(len(labels), dtype=float)
    expected = ndcg_score([np.asarray(labels, dtype=float)], [descending], k=k)
    assert metrics.ndcg(names, relevant, k) == pytest.approx(expected)


def test_recall_counts_each_relevant_once() -> None:
    assert metrics.recall(["a", "a", "x", "b"], {"a", "b", "c"}) == 2 / 3
    assert metrics.recall(["x", "a"], {"a"}, k=1) == 0.0


def test_auroc_by_hand() -> None:
    # Pairs (positive, negative): 0.8 > 0.4 wins, 0.4 = 0.4 half, of two.
    assert metrics.auroc([True, True, False], [0.8, 0.4, 0.4]) == 0.75


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])), min_size=2, max_size=40))
def test_auroc_equals_scikit_learns(pairs: list[tuple[bool, float]]) -> None:
    labels, scores = [label for label, _ in pairs], [score for _, score in pairs]
    assume(any(labels) and not all(labels))
    assert metrics.auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_precision_recall_and_f1_equal_scikit_learns(pairs: list[tuple[bool, bool]]) -> None:
    predicted, actual = [p for p, _ in pairs], [a for _, a in pairs]
    expected = precision_recall_fscore_support(actual, predicted, average="binary", zero_division=math.nan)[:3]
    assert metrics.precision_recall_f1(predicted, actual) == pytest.approx(expected, nan_ok=True)


def test_a_metric_that_does_not_apply_is_not_a_number_rather_than_zero() -> None:
    assert math.isnan(metrics.hit_rate([], 1))
    assert math.isnan(metrics.mean_reciprocal_rank([]))
    assert math.isnan(metrics.auroc([True, True], [0.1, 0.2]))
    assert all(math.isnan(value) for value in metrics.precision_recall_f1([False], [False]))
