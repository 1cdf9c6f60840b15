"""Intervals and tests for figures of a question set, seeded, as pure functions. docs/metrics.md says how to read them.

Two runs give equal figures to the last digit, whatever the order in which questions were worked off: the resamples
come from one seeded generator, and the functions that take values put them in ascending order first. Those that take
a statistic leave the order to their caller, who should keep to the order of the question set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SEED = 20240229
RESAMPLES = 1000
LEVEL = 0.95
"""The share of samples whose interval should hold the true figure."""

_BLOCK = 1_000_000  # values drawn at a time: 8 MB of indices
_EXACT = 12  # non-zero differences up to which all sign patterns are tried
_ROUNDING = 1e-9  # two figures this near, relatively, are the same figure summed in another order


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, both ends included; nan: it does not apply."""

    low: float
    high: float


def mean_interval(values: Sequence[float] | Floats, *, seed: int = SEED, resamples: int = RESAMPLES) -> Interval:
    """95 % percentile bootstrap interval of the mean (Efron 1979); nan without a value. Of differences: the paired one.

    Works through resamples in blocks, so that memory stays near 16 MB (or 16 bytes a value, if that is more).
    """
    column = np.sort(np.asarray(values, dtype=np.float64))
    if not len(column):
        return Interval(math.nan, math.nan)
    rng = np.random.default_rng(seed)
    means = [
        column[rng.integers(0, len(column), (rows, len(column)))].mean(axis=1)
        for rows in _blocks(resamples, len(column))
    ]
    # Rounding must not carry a mean beyond what it is the mean of.
    return _percentiles(np.clip(np.concatenate(means), column[0], column[-1]))


def bootstrap_interval(
    statistic: Callable[[Ints], float], n: int, *, seed: int = SEED, resamples: int = RESAMPLES
) -> Interval:
    """95 % percentile bootstrap interval of ``statistic``, which gets indices (n,) drawn with replacement (Efron 1979).

    Resamples for which it is nan are left out; nan when none remains.
    """
    if not n:
        return Interval(math.nan, math.nan)
    rng = np.random.default_rng(seed)
    return _percentiles(np.array([statistic(rng.integers(0, n, n)) for _ in range(resamples)], dtype=np.float64))


def difference_interval(
    statistic_new: Callable[[Ints], float],
    statistic_old: Callable[[Ints], float],
    n: int,
    *,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Interval:
    """95 % paired bootstrap interval of new - old: both statistics get the same indices (n,)."""
    return bootstrap_interval(lambda rows: statistic_new(rows) - statistic_old(rows), n, seed=seed, resamples=resamples)


def sign_flip_p(differences: Sequence[float] | Floats, *, seed: int = SEED, resamples: int = RESAMPLES) -> float:
    """Two-sided p of a paired randomisation test on the mean difference (Fisher 1935; Smucker et al., CIKM 2007).

    Exact with at most 12 differences other than 0; beyond that (b + 1) / (m + 1), where b of m random sign patterns
    are as extreme as what was observed. 1 when all differences are 0, nan without one.
    """
    column = np.sort(np.asarray(differences, dtype=np.float64))
    if not len(column):
        return math.nan
    column = column[column != 0]
    # Rounding of a sum grows with what is added up, not with the sum.
    bound = abs(math.fsum(column)) - _ROUNDING * math.fsum(np.abs(column))
    if len(column) <= _EXACT:
        patterns = np.arange(2 ** len(column))[:, None] >> np.arange(len(column)) & 1
        return _extreme(patterns, column, bound) / len(patterns)
    rng = np.random.default_rng(seed)
    extreme = sum(
        _extreme(rng.integers(0, 2, (rows, len(column))), column, bound) for rows in _blocks(resamples, len(column))
    )
    return (extreme + 1) / (resamples + 1)


def swap_p(statistic: Callable[[Bools], float], n: int, *, seed: int = SEED, resamples: int = RESAMPLES) -> float:
    """Two-sided p of a paired randomisation test on any statistic (Fisher 1935; Smucker et al., CIKM 2007).

    ``statistic`` gets a mask (n,) and gives new - old after the questions where it is True were swapped between the
    two; all False is what was observed. (b + 1) / (m + 1), where b of m random masks are as extreme; masks for which
    it is nan are left out. nan when the observed difference is, or without a question.
    """
    observed = abs(statistic(np.zeros(n, dtype=np.bool_))) if n else math.nan
    if math.isnan(observed):
        return math.nan
    rng = np.random.default_rng(seed)
    swapped = np.array([statistic(rng.integers(0, 2, n) > 0) for _ in range(resamples)], dtype=np.float64)
    swapped = np.abs(swapped[~np.isnan(swapped)])
    extreme = int(np.count_nonzero(swapped >= observed - _ROUNDING * max(observed, swapped.max(initial=0.0))))
    return (extreme + 1) / (len(swapped) + 1)


def mcnemar_p(gained: int, lost: int) -> float:
    """Two-sided p of McNemar's exact test, from the questions that one run alone got right.

    Twice the binomial tail P(X <= min(gained, lost)) of gained + lost fair coins, at most 1 (McNemar 1947; Fagerland,
    Lydersen and Laake 2013). In whole numbers, which neither overflow nor round.
    """
    n, fewer = gained + lost, min(gained, lost)
    term = tail = 1
    for i in range(fewer):
        term = term * (n - i) // (i + 1)
        tail += term
    return min(1.0, 2 * tail / (1 << n))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p values of Holm's step-down procedure (Holm 1979), in the given order; nan stays nan, uncounted."""
    tested = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    adjusted = [math.nan] * len(p_values)
    highest = 0.0
    for rank, (p, i) in enumerate(tested):
        highest = max(highest, min(1.0, p * (len(tested) - rank)))
        adjusted[i] = highest
    return tuple(adjusted)


def _extreme(patterns: Ints, column: Floats, bound: float) -> int:
    """How many rows of 0 and 1 (0: flip the sign) have a sum of at least ``bound``, in either direction."""
    return int(np.count_nonzero(np.abs(((2 * patterns - 1) * column).sum(axis=1)) >= bound))


def _percentiles(figures: Floats) -> Interval:
    figures = figures[~np.isnan(figures)]
    if not len(figures):
        return Interval(math.nan, math.nan)
    low, high = np.quantile(figures, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def _blocks(rows: int, width: int) -> Iterator[int]:
    """Split so many rows into blocks of about _BLOCK values."""
    block = max(1, _BLOCK // width)
    for start in range(0, rows, block):
        yield min(block, rows - start)
