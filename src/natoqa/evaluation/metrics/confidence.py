"""Metrics of confidence over a set of questions, as pure functions. docs/metrics.md explains them with an example.

Labels are booleans and scores finite floats, sequences or arrays of one shape (n,). No order of the questions changes
a figure in its last digit: what is added is a count, or is added in the order of its value, or by ``math.fsum``.
Raises ValueError when the lengths differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]
Labels = Sequence[bool] | Bools
Scores = Sequence[float] | Floats


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """A risk-coverage curve, one point for each distinct confidence, highest confidence first.

    Arrays of shape (points,): the share of questions answered at a threshold, the share of errors among them, and the
    threshold, which is the least confidence that is still answered.
    """

    coverage: Floats
    risk: Floats
    threshold: Floats


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The questions whose confidence is in [low, high): how many, their mean confidence, their share of true labels."""

    low: float
    high: float
    count: int
    confidence: float
    share: float


def auroc(labels: Labels, scores: Scores) -> float:
    """Probability that a positive scores higher than a negative, ties counted half (Hanley and McNeil 1982).

    Counted over ranks in O(n log n). nan without a positive or without a negative.
    """
    truth, score = _columns(labels, scores)
    positives, negatives = score[truth], np.sort(score[~truth])
    pairs = len(positives) * len(negatives)
    if not pairs:
        return math.nan
    below, not_above = negatives.searchsorted(positives, "left"), negatives.searchsorted(positives, "right")
    return int(below.sum() + not_above.sum()) / (2 * pairs)


def precision_recall_f1(predicted: Labels, actual: Labels) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean; nan where nothing is predicted or nothing is actual."""
    guess, truth = np.asarray(predicted, dtype=np.bool_), np.asarray(actual, dtype=np.bool_)
    _check_lengths(guess, truth)
    both, guessed, true = (int(np.count_nonzero(column)) for column in (guess & truth, guess, truth))
    return (
        both / guessed if guessed else math.nan,
        both / true if true else math.nan,
        2 * both / (guessed + true) if guessed + true else math.nan,
    )


def risk_coverage(confidence: Scores, correct: Labels) -> RiskCoverage:
    """Risk of the answers given against the share of questions answered (El-Yaniv and Wiener, JMLR 2010).

    Questions of equal confidence enter together, since no threshold tells them apart.
    """
    ends, errors, threshold = _groups(confidence, correct)
    return RiskCoverage(ends / ends[-1] if len(ends) else ends.astype(np.float64), errors / ends, threshold)


def risk_coverage_auc(confidence: Scores, correct: Labels) -> float:
    """Area under the risk-coverage curve (Geifman and El-Yaniv, NeurIPS 2017); lower is better, nan without a question.

    1/n times the sum over k = 1..n of (errors among the k most confident) / k. Among equal confidences the order is
    open, so the errors count as spread evenly: their expected number in a random order.
    """
    ends, errors, _ = _groups(confidence, correct)
    if not len(ends):
        return math.nan
    k = np.arange(1, ends[-1] + 1)
    expected = np.interp(k, np.append(0, ends), np.append(0, errors))
    return float((expected / k).mean())


def coverage_at_precision(confidence: Scores, correct: Labels, precision: float = 0.95) -> float:
    """Greatest share of questions that a threshold lets through with at least ``precision`` of them correct.

    0 when no threshold does, nan without a question.
    """
    ends, errors, _ = _groups(confidence, correct)
    if not len(ends):
        return math.nan
    # A quotient of counts is rounded as the literal is, so that 19 of 20 is 0.95; a difference of floats would not be.
    enough = ends[(ends - errors) / ends >= precision]
    return float(enough[-1] / ends[-1]) if len(enough) else 0.0


def reliability(confidence: Scores, labels: Labels, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Bins of equal width over [0, 1], empty ones left out; 1.0 belongs to the last bin."""
    counts, confidences, trues = _bins(confidence, labels, bins)
    return tuple(
        ReliabilityBin(i / bins, (i + 1) / bins, int(n), float(confidences[i] / n), float(trues[i] / n))
        for i, n in enumerate(counts)
        if n
    )


def expected_calibration_error(confidence: Scores, labels: Labels, bins: int = 10) -> float:
    """Mean over questions of the distance between a bin's mean confidence and its share of true labels.

    Naeini et al., AAAI 2015; Guo et al., ICML 2017; bins as in ``reliability``. nan without a question.
    """
    counts, confidences, trues = _bins(confidence, labels, bins)
    total = int(counts.sum())
    return float(np.abs(confidences - trues).sum()) / total if total else math.nan


def brier_score(confidence: Scores, labels: Labels) -> float:
    """Mean squared distance between confidence and label (Brier 1950); nan without a question."""
    truth, score = _columns(labels, confidence)
    return math.fsum(np.square(score - truth).tolist()) / len(score) if len(score) else math.nan


def _groups(confidence: Scores, correct: Labels) -> tuple[Ints, Ints, Floats]:
    """For each distinct confidence, highest first: how many have at least that, how many of them err, and it."""
    truth, score = _columns(correct, confidence)
    order = np.argsort(-score)
    score = score[order]
    ends = np.append(np.flatnonzero(score[1:] != score[:-1]) + 1, len(score)) if len(score) else np.zeros(0, np.intp)
    errors = np.cumsum(~truth[order], dtype=np.intp)
    return ends, errors[ends - 1], score[ends - 1]


def _bins(confidence: Scores, labels: Labels, bins: int) -> tuple[Ints, Floats, Floats]:
    """For each bin the number of questions, the sum of their confidences and the number of true labels."""
    truth, score = _columns(labels, confidence)
    order = np.argsort(score)
    score, truth = score[order], truth[order]
    # Edges are compared, not multiplied out: 0.29 * 100 is 28.999…, which would be the bin below.
    number = np.searchsorted(np.arange(1, bins) / bins, score, "right")
    confidences, trues = (np.bincount(number, weights, bins).astype(np.float64) for weights in (score, truth))
    return np.bincount(number, minlength=bins), confidences, trues


def _columns(labels: Labels, scores: Scores) -> tuple[Bools, Floats]:
    truth, score = np.asarray(labels, dtype=np.bool_), np.asarray(scores, dtype=np.float64)
    _check_lengths(truth, score)
    return truth, score


def _check_lengths(one: npt.NDArray[np.generic], other: npt.NDArray[np.generic]) -> None:
    if one.shape != other.shape:
        raise ValueError(f"one value a question is needed: {len(one)} and {len(other)}")
