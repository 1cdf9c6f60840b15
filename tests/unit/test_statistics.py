"""Intervals and tests as arithmetic, against scipy, and by how often they are right."""

from __future__ import annotations

import itertools
import math
import random
import tracemalloc
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from natoqa.evaluation.metrics.confidence import auroc
from natoqa.evaluation.metrics.statistics import (
    Interval,
    bootstrap_interval,
    difference_interval,
    holm,
    mcnemar_p,
    mean_interval,
    sign_flip_p,
    swap_p,
)

Floats = npt.NDArray[np.float64]
VALUES = st.lists(st.sampled_from([0.0, 0.1, 1 / 3, 0.5, 0.7, 1.0]), min_size=1, max_size=30)
DIFFERENCES = st.lists(st.sampled_from([-1.0, -0.3, -0.1, 0.0, 0.1, 0.2, 0.5]), min_size=1, max_size=9)


def swapped_mean(old: Floats, new: Floats) -> Callable[[npt.NDArray[np.bool_]], float]:
    return lambda mask: float(np.where(mask, old, new).mean() - np.where(mask, new, old).mean())


def test_the_interval_of_a_constant_is_that_constant() -> None:
    for constant in (0.0, 0.1, 1 / 3, 1.0):
        assert mean_interval([constant] * 7) == Interval(constant, constant)


def test_the_interval_of_two_values_by_hand() -> None:
    # The mean of two draws from 0 and 1 is 0 or 1 with probability 1/4 each: both ends.
    assert mean_interval([0.0, 1.0]) == Interval(0.0, 1.0)


def test_the_interval_of_shares_is_the_binomials() -> None:
    # 1,000 resamples of 80 of 100: counts are binomial(100, 0.8), whose 2.5 % and 97.5 % points are 72 and 87.
    interval = mean_interval([1.0] * 80 + [0.0] * 20, resamples=20_000)
    low, high = stats.binom(100, 0.8).ppf([0.025, 0.975]) / 100
    assert interval.low == pytest.approx(low, abs=0.0101)
    assert interval.high == pytest.approx(high, abs=0.0101)


def test_the_interval_of_a_mean_is_near_scipys() -> None:
    values = np.random.default_rng(2).gamma(2.0, size=120)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=3).confidence_interval
    ours = mean_interval(values, resamples=20_000)
    spread = theirs.high - theirs.low
    assert ours.low == pytest.approx(theirs.low, abs=0.03 * spread)
    assert ours.high == pytest.approx(theirs.high, abs=0.03 * spread)


def test_95_per_cent_of_intervals_hold_the_true_mean() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for seed in range(400):
        interval = mean_interval(rng.uniform(size=60), seed=seed, resamples=400)
        held += interval.low <= 0.5 <= interval.high
    assert 0.91 <= held / 400 <= 0.98


def test_95_per_cent_of_intervals_hold_the_true_auroc() -> None:
    # P(x + 1 > y) for two standard normals is Φ(1 / √2).
    true = stats.norm.cdf(1 / math.sqrt(2))
    rng = np.random.default_rng(5)
    labels = np.repeat([True, False], 40)
    held = 0
    for seed in range(120):
        scores = rng.normal(labels.astype(float))

        def statistic(rows: npt.NDArray[np.int64], scores: Floats = scores) -> float:
            return auroc(labels[rows], scores[rows])

        interval = bootstrap_interval(statistic, 80, seed=seed, resamples=200)
        held += interval.low <= true <= interval.high
    assert 0.88 <= held / 120 <= 0.99


def test_an_interval_over_more_questions_is_narrower() -> None:
    values = np.random.default_rng(6).uniform(size=1600)
    narrow, wide = mean_interval(values), mean_interval(values[:100])
    assert (narrow.high - narrow.low) / (wide.high - wide.low) == pytest.approx(1 / 4, rel=0.2)


def test_100_000_values_need_little_memory() -> None:
    values = np.zeros(100_000)
    tracemalloc.start()
    try:
        mean_interval(values, resamples=100)
        assert tracemalloc.get_traced_memory()[1] < 64e6  # all at once would be 160 MB
    finally:
        tracemalloc.stop()


def test_the_bootstrap_of_a_statistic_equals_that_of_the_mean() -> None:
    values = np.sort(np.random.default_rng(7).uniform(size=50))
    general = bootstrap_interval(lambda rows: float(values[rows].mean()), 50)
    special = mean_interval(values)
    assert (general.low, general.high) == pytest.approx((special.low, special.high), abs=1e-12)


def test_resamples_to_which_the_statistic_does_not_apply_are_left_out() -> None:
    # One of the two values is nan on its own: only resamples that hold index 0 count.
    interval = bootstrap_interval(lambda rows: float(len(rows)) if 0 in rows else math.nan, 2)
    assert interval == Interval(2.0, 2.0)


def test_an_interval_that_does_not_apply_is_not_a_number() -> None:
    for interval in (
        mean_interval([]),
        bootstrap_interval(lambda _: 1.0, 0),
        bootstrap_interval(lambda _: math.nan, 3),
    ):
        assert math.isnan(interval.low)
        assert math.isnan(interval.high)


def test_both_statistics_get_the_same_questions() -> None:
    values = np.random.default_rng(8).uniform(size=40)

    def old(rows: npt.NDArray[np.int64]) -> float:
        return float(values[rows].mean())

    # 0.25 more on every question: the difference does not depend on who was drawn.
    interval = difference_interval(lambda rows: old(rows) + 0.25, old, 40)
    assert (interval.low, interval.high) == pytest.approx((0.25, 0.25), abs=1e-12)


def test_pairing_narrows_the_interval_of_a_difference() -> None:
    rng = np.random.default_rng(9)
    old = rng.uniform(size=100)
    new = old + rng.normal(0.05, 0.02, size=100)
    paired = mean_interval(new - old)
    assert 0 < paired.low < 0.05 < paired.high < 0.06


def test_identical_runs_have_p_1_and_an_interval_that_holds_0() -> None:
    old = np.random.default_rng(10).uniform(size=50)
    assert sign_flip_p(old - old) == 1.0
    assert swap_p(swapped_mean(old, old), 50) == 1.0
    assert mcnemar_p(0, 0) == 1.0
    assert mean_interval(old - old) == Interval(0.0, 0.0)
    assert difference_interval(
        lambda rows: float(old[rows].max()), lambda rows: float(old[rows].max()), 50
    ) == Interval(0, 0)


def test_sign_flips_by_hand() -> None:
    # |±2 ± 1| is 3, 1, 1, 3: two of four as extreme as 3, all as extreme as 1.
    assert sign_flip_p([2.0, 1.0]) == 2 / 4
    assert sign_flip_p([2.0, -1.0]) == 1.0
    assert sign_flip_p([0.5] * 5) == 2 / 2**5


def test_zeros_change_nothing_but_the_mean() -> None:
    assert sign_flip_p([0.5] * 5 + [0.0] * 100) == 2 / 2**5


def test_sums_that_differ_by_rounding_alone_are_equally_extreme() -> None:
    # 0.1 + 0.2 - 0.3 is 5.5e-17 and its negative: as extreme as each other, and so are all of larger sums.
    assert sign_flip_p([0.1, 0.2, -0.3]) == 1.0
    # |±1 ± 2 ± 7| in tenths is 10, 8, 6 or 4, twice each: two reach 10, six reach 6.
    assert sign_flip_p([0.1, 0.2, 0.7]) == 2 / 8
    assert sign_flip_p([0.1, -0.2, 0.7]) == 6 / 8


@given(DIFFERENCES)
def test_exact_sign_flips_equal_scipys(differences: list[float]) -> None:
    tenths = [round(10 * d) for d in differences if d]  # whole numbers: scipy's figure must not hang on rounding
    if len(tenths) < 2:  # scipy wants two
        assert sign_flip_p(differences) == 1.0
        return
    theirs = stats.permutation_test((tenths,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=False)
    assert sign_flip_p(differences) == pytest.approx(theirs.pvalue, abs=1e-9)


def test_random_sign_flips_are_near_the_exact_figure() -> None:
    differences = np.random.default_rng(11).normal(0.2, 1.0, size=13)
    signs = np.array(list(itertools.product([-1, 1], repeat=13)))
    exact = np.mean(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9)
    assert 0.05 < exact < 0.6
    assert sign_flip_p(differences, resamples=20_000) == pytest.approx(exact, abs=0.015)


def test_a_random_p_is_never_0() -> None:
    # None of 1,000 patterns of 40 signs has them all alike.
    assert sign_flip_p([1.0] * 40) == 1 / 1001
    assert swap_p(swapped_mean(np.zeros(40), np.ones(40)), 40) == 1 / 1001


def test_swaps_and_sign_flips_are_one_test_of_a_mean() -> None:
    rng = np.random.default_rng(12)
    old = rng.uniform(size=30)
    new = old + rng.normal(0.02, 0.2, size=30)
    flipped = sign_flip_p(new - old, resamples=10_000)
    assert 0.02 < flipped < 0.9
    assert swap_p(swapped_mean(old, new), 30, resamples=10_000) == pytest.approx(flipped, abs=0.02)


def test_a_swap_exchanges_the_two_runs() -> None:
    masks = []

    def statistic(mask: npt.NDArray[np.bool_]) -> float:
        masks.append(mask)
        return 1.0

    swap_p(statistic, 20, resamples=500)
    assert not masks[0].any()
    assert np.mean(masks[1:]) == pytest.approx(1 / 2, abs=0.03)


def test_swaps_to_which_the_statistic_does_not_apply_are_left_out() -> None:
    # Observed 1; swapped it is 1 or nan: every swap that counts is as extreme.
    assert swap_p(lambda mask: math.nan if mask[0] else 1.0, 2) == 1.0
    # A swap of the first of two is 0, else 1: about half.
    assert swap_p(lambda mask: float(not mask[0]), 2) == pytest.approx(1 / 2, abs=0.06)


def test_a_swap_that_differs_by_rounding_alone_is_as_extreme() -> None:
    assert swap_p(lambda mask: 0.3 if mask[0] else 0.1 + 0.2, 1) == 1.0


def test_a_test_that_does_not_apply_has_no_p() -> None:
    assert math.isnan(sign_flip_p([]))
    assert math.isnan(swap_p(lambda _: math.nan, 3))
    assert math.isnan(swap_p(lambda _: 1.0, 0))


@pytest.mark.parametrize(
    "test", [sign_flip_p, lambda d, **keywords: swap_p(swapped_mean(np.zeros(25), d), 25, **keywords)]
)
def test_without_a_true_difference_5_per_cent_of_tests_reject(test: Callable[..., float]) -> None:
    rng = np.random.default_rng(13)
    rejected = sum(test(rng.normal(size=25), seed=seed, resamples=99) <= 0.05 for seed in range(300))
    assert 0.02 <= rejected / 300 <= 0.085


def test_mcnemar_by_hand() -> None:
    # P(X <= 1) of six coins is (1 + 6) / 64.
    assert mcnemar_p(5, 1) == mcnemar_p(1, 5) == 2 * 7 / 64
    assert mcnemar_p(3, 0) == 2 / 8
    assert mcnemar_p(2, 2) == 1.0  # twice the tail is more than 1


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_equals_scipys_binomial_test(gained: int, lost: int) -> None:
    expected = stats.binomtest(gained, gained + lost, 0.5).pvalue if gained + lost else 1.0
    assert mcnemar_p(gained, lost) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_mcnemar_of_thousands_neither_overflows_nor_vanishes() -> None:
    assert mcnemar_p(4000, 4200) == pytest.approx(stats.binomtest(4000, 8200).pvalue, rel=1e-9)
    assert mcnemar_p(1200, 800) == pytest.approx(stats.binomtest(1200, 2000).pvalue, rel=1e-9)
    assert mcnemar_p(0, 5000) == 0.0  # 2 ** -4999 is under the smallest float


def test_holm_by_hand() -> None:
    # In ascending order 0.01, 0.03, 0.04 times 3, 2, 1: 0.03, 0.06, and 0.04 is lifted to 0.06.
    assert holm([0.04, 0.01, 0.03]) == pytest.approx((0.06, 0.03, 0.06), abs=1e-12)
    assert holm([0.6, 0.7]) == (1.0, 1.0)
    assert holm([]) == ()


def test_a_p_that_does_not_apply_is_not_counted_by_holm() -> None:
    adjusted = holm([math.nan, 0.02, 0.01])
    assert math.isnan(adjusted[0])
    assert adjusted[1:] == (0.02, 0.02)


@given(st.lists(st.floats(0.0, 1.0), max_size=12))
def test_holm_rejects_what_the_step_down_procedure_rejects(p_values: list[float]) -> None:
    level = 0.0501
    rejected: set[int] = set()
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for rank, i in enumerate(order):
        if p_values[i] * (len(p_values) - rank) > level:
            break
        rejected.add(i)
    adjusted = holm(p_values)
    assert {i for i, p in enumerate(adjusted) if p <= level} == rejected
    assert all(before <= after <= 1.0 for before, after in zip(p_values, adjusted, strict=True))


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_questions_changes_no_digit(values: list[float], chance: random.Random) -> None:
    shuffled = chance.sample(values, len(values))
    assert mean_interval(values, resamples=50) == mean_interval(shuffled, resamples=50)
    centred, moved = np.array(values) - 0.4, np.array(shuffled) - 0.4
    assert sign_flip_p(centred, resamples=50) == sign_flip_p(moved, resamples=50)


@given(VALUES)
def test_the_same_seed_gives_the_same_figures_and_the_mean_stays_in_range(values: list[float]) -> None:
    interval = mean_interval(values, resamples=50)
    assert interval == mean_interval(values, resamples=50)
    assert min(values) <= interval.low <= interval.high <= max(values)


def test_another_seed_gives_other_resamples() -> None:
    values = np.random.default_rng(14).uniform(size=50)
    assert mean_interval(values, seed=1) != mean_interval(values, seed=2)
