"""Fit confidence and threshold to a question set: Platt's scaling and a threshold chosen on its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from natoqa.assistant import Assistant
from natoqa.calibration import (
    Calibration,
    StoredCalibration,
    logit,
    save_calibration,
    sigmoid,
    what_it_depends_on,
)
from natoqa.errors import QuestionSetError
from natoqa.evaluation.metrics.confidence import (
    RiskCoverage,
    brier_score,
    coverage_at_precision,
    expected_calibration_error,
    precision_recall_f1,
    risk_coverage,
)
from natoqa.evaluation.outcomes import Outcome
from natoqa.evaluation.runs import Progress, QuestionSet, evaluate

UNCALIBRATED = Calibration(slope=1.0, offset=0.0, threshold=0.5)
_FEWEST_OF_EACH = 10
_FOLDS = 5
_NEWTON_STEPS = 100
_SMALL = 1e-10

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Quality:
    """What a calibration does on a question set. Of the first two, lower is better; ``answered`` is a share."""

    calibration_error: float
    brier: float
    answered: float
    answered_right: float
    abstention_precision: float
    abstention_recall: float
    abstention_f1: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """A calibration, how it does beside the one in use, and the curve it was chosen on.

    ``questions``: how many of the set were fitted to. ``cross_validated``: each question judged by a calibration that
    was fitted without its fold; ``new`` has seen all.
    """

    calibration: Calibration
    question_set: QuestionSet
    questions: int
    before: Quality
    new: Quality
    cross_validated: Quality
    curve: RiskCoverage
    coverage_at_95: float


def fit(
    assistant: Assistant,
    questions: Path,
    *,
    precision: float | None = None,
    progress: Progress = lambda done, total: None,
) -> Fitted:
    """Ask a question set and fit confidence and threshold to what came of it; nothing is stored.

    The threshold is the one at which most questions end well, answered rightly or refused rightly; with ``precision``
    it is the lowest at which this share of the answers is right. Follow-up questions do not count, since how they were
    completed decides what was asked. Raises QuestionSetError for a set with fewer than ten answerable or unanswerable
    questions.
    """
    run = evaluate(replace(assistant, calibration=UNCALIBRATED), questions, progress=progress)
    outcomes = [outcome for outcome in run.outcomes if not outcome.history]
    silent = sum(not outcome.answerable for outcome in outcomes)
    if min(silent, len(outcomes) - silent) < _FEWEST_OF_EACH:
        raise QuestionSetError(
            f"{questions} has {len(outcomes) - silent} answerable and {silent} unanswerable questions; "
            f"calibrating takes at least {_FEWEST_OF_EACH} of each"
        )
    calibration = calibrated(outcomes, precision)
    if calibration.slope <= 0.0:
        raise QuestionSetError(
            f"{questions}: natoqa is no surer of the questions that the sources answer than of the others, "
            "so there is nothing to fit; see natoqa eval, answerability_auroc"
        )
    held_out = [
        (outcome, calibrated([o for n, o in enumerate(outcomes) if n % _FOLDS != fold], precision))
        for fold in range(_FOLDS)
        for outcome in outcomes[fold::_FOLDS]
    ]
    confidence = [calibration.confidence(outcome.confidence) for outcome in outcomes]
    correct = [outcome.correct for outcome in outcomes]
    in_use = replace(assistant.calibration, threshold=assistant.threshold)
    return Fitted(
        calibration=calibration,
        question_set=run.conditions.question_set,
        questions=len(outcomes),
        before=quality([(outcome, in_use) for outcome in outcomes]),
        new=quality([(outcome, calibration) for outcome in outcomes]),
        cross_validated=quality(held_out),
        curve=risk_coverage(confidence, correct),
        coverage_at_95=coverage_at_precision(confidence, correct, 0.95),
    )


def keep(assistant: Assistant, fitted: Fitted) -> Path:
    """Store a calibration with the assistant's index, for assistants that are opened from now on."""
    stored = StoredCalibration(
        calibration=fitted.calibration,
        question_set=f"{fitted.question_set.name} {fitted.question_set.digest[:12]}",
        questions=fitted.questions,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        made_for=what_it_depends_on(assistant.generation.manifest, assistant.retriever.settings),
    )
    return save_calibration(assistant.generation.index, stored)


def calibrated(
    outcomes: Sequence[Outcome], precision: float | None = None, weights: Sequence[float] | None = None
) -> Calibration:
    """The calibration for outcomes whose confidence is the model's own probability. ``weights`` (n,) default to 1."""
    scores = np.asarray([logit(outcome.confidence) for outcome in outcomes])
    labels = np.asarray([outcome.answerable for outcome in outcomes])
    correct = np.asarray([outcome.correct for outcome in outcomes])
    shares = np.ones(len(outcomes)) if weights is None else np.asarray(weights, dtype=np.float64)
    slope, offset = platt(scores, labels, shares)
    confidence = np.asarray([sigmoid(slope * score + offset) for score in scores.tolist()])
    threshold = (
        _best_cut(confidence, labels, correct, shares)
        if precision is None
        else _precise_cut(confidence, correct, shares, precision)
    )
    return Calibration(slope, offset, threshold)


def platt(scores: Floats, labels: Bools, weights: Floats) -> tuple[float, float]:
    """Slope and offset of P(answerable) = sigmoid(slope · score + offset), by Newton's method on the log-likelihood.

    Targets are smoothed as by Platt (1999), so that separable scores give finite values; steps are halved while they
    do not help (Lin, Lin and Weng 2007). All three are (n,).
    """
    positives, negatives = float(weights[labels].sum()), float(weights[~labels].sum())
    targets = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.stack([scores, np.ones_like(scores)], axis=1)
    found = np.asarray([0.0, np.log((positives + 1) / (negatives + 1))])
    loss = _loss(design @ found, targets, weights)
    for _ in range(_NEWTON_STEPS):
        predicted = 1 / (1 + np.exp(-design @ found))
        gradient = design.T @ (weights * (predicted - targets))
        hessian = (design * (weights * predicted * (1 - predicted))[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        while _loss(design @ (found - step), targets, weights) > loss and np.abs(step).max() > _SMALL:
            step = step / 2
        found = found - step
        loss = _loss(design @ found, targets, weights)
        if np.abs(step).max() < _SMALL:
            break
    return float(found[0]), float(found[1])


def _loss(scores: Floats, targets: Floats, weights: Floats) -> float:
    return float((weights * (np.logaddexp(0.0, scores) - targets * scores)).sum())


def _best_cut(confidence: Floats, labels: Bools, correct: Bools, weights: Floats) -> float:
    """Where most questions end well; of equally good cuts the middle one."""
    cuts = _cuts(confidence)
    well = [weights @ np.where(confidence >= cut, correct, ~labels) for cut in cuts]
    best = np.flatnonzero(np.asarray(well) >= max(well) - _SMALL)
    return float(cuts[best[len(best) // 2]])


def _precise_cut(confidence: Floats, correct: Bools, weights: Floats, precision: float) -> float:
    """The lowest cut at which the answers are right often enough; 1.0 when there is none."""
    for cut in _cuts(confidence):
        answered = confidence >= cut
        if weights[answered] @ correct[answered] >= precision * weights[answered].sum():
            return float(cut)
    return 1.0


def _cuts(confidence: Floats) -> Floats:
    distinct = np.unique(confidence)
    return np.concatenate([[0.0], (distinct[1:] + distinct[:-1]) / 2])


def quality(judged: Sequence[tuple[Outcome, Calibration]]) -> Quality:
    """How outcomes, whose confidence is the model's own probability, do under the calibration beside each."""
    confidence = [calibration.confidence(outcome.confidence) for outcome, calibration in judged]
    labels = [outcome.answerable for outcome, _ in judged]
    abstained = [value < calibration.threshold for value, (_, calibration) in zip(confidence, judged, strict=True)]
    right = [outcome.correct for (outcome, _), refused in zip(judged, abstained, strict=True) if not refused]
    abstention = precision_recall_f1(abstained, [not label for label in labels])
    return Quality(
        expected_calibration_error(confidence, labels),
        brier_score(confidence, labels),
        len(right) / len(judged),
        sum(right) / len(right) if right else float("nan"),
        *abstention,
    )
