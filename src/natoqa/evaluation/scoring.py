"""Outcomes -> the metrics of a set, each with its interval. docs/metrics.md has the formulas and a worked example."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from natoqa.evaluation.metrics import confidence
from natoqa.evaluation.metrics.statistics import Interval, bootstrap_interval, mean_interval
from natoqa.evaluation.outcomes import Outcome

Column = npt.NDArray[Any]
Statistic = Callable[..., float]


class Better(StrEnum):
    """Which way a metric improves; ``NEITHER`` for one that only describes."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of a question set: a statistic of columns with one value for each question that it applies to.

    ``column_of`` gives a question's values, or None where the metric does not apply. ``binary``: every value is 0 or
    1, so that McNemar's test is the one to use. ``repeatable``: two runs of the same thing give the same figure.
    ``has_interval``: a bootstrap gives one; resampling makes bins noisier, so that a calibration error only grows.
    """

    name: str
    title: str
    column_of: Callable[[Outcome], tuple[float, ...] | None]
    statistic: Statistic
    better: Better = Better.HIGHER
    binary: bool = False
    repeatable: bool = True
    has_interval: bool = True

    @property
    def is_mean(self) -> bool:
        """Whether the statistic is the mean of the questions' own values."""
        return self.statistic is mean

    def columns(self, outcomes: Sequence[Outcome]) -> tuple[Column, ...]:
        """Arrays (n,) over the n outcomes that the metric applies to; none when it applies to none."""
        rows = [row for outcome in outcomes if (row := self.column_of(outcome)) is not None]
        return tuple(np.asarray(column, dtype=np.float64) for column in zip(*rows, strict=True))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric's value over ``questions`` questions, with its 95 % bootstrap interval; nan: it does not apply."""

    value: float
    interval: Interval
    questions: int


def mean(values: Column) -> float:
    """The mean, summed exactly (Shewchuk 1997), so that no order of the questions changes the last digit."""
    return math.fsum(values.tolist()) / len(values) if len(values) else math.nan


def measure(metric: Metric, outcomes: Sequence[Outcome]) -> float:
    """A metric over outcomes, without an interval; nan when it applies to none."""
    columns = metric.columns(outcomes)
    return metric.statistic(*columns) if columns else math.nan


def estimate(metric: Metric, outcomes: Sequence[Outcome]) -> Estimate:
    """A metric over outcomes with its interval."""
    columns = metric.columns(outcomes)
    if not columns:
        return Estimate(math.nan, Interval(math.nan, math.nan), 0)
    value = metric.statistic(*columns)
    questions = len(columns[0])
    if not metric.has_interval:
        return Estimate(value, Interval(math.nan, math.nan), questions)
    if metric.is_mean:
        return Estimate(value, mean_interval(columns[0]), questions)
    interval = bootstrap_interval(lambda rows: metric.statistic(*(column[rows] for column in columns)), questions)
    return Estimate(value, interval, questions)


def by_tag(outcomes: Sequence[Outcome]) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes of each tag, most frequent tag first."""
    tagged: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for tag in dict.fromkeys(outcome.tags):
            tagged.setdefault(tag, []).append(outcome)
    return {tag: tuple(own) for tag, own in sorted(tagged.items(), key=lambda item: (-len(item[1]), item[0]))}


def latency_by_stage(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile in milliseconds of every stage that was timed."""
    stages = dict.fromkeys(stage for outcome in outcomes for stage in outcome.timings_ms)
    times = {stage: [o.timings_ms[stage] for o in outcomes if stage in o.timings_ms] for stage in stages}
    return {stage: {"p50": _percentile(50, own), "p95": _percentile(95, own)} for stage, own in times.items()}


def _own(name: str) -> Callable[[Outcome], tuple[float] | None]:
    def column_of(outcome: Outcome) -> tuple[float] | None:
        return (outcome.values[name],) if name in outcome.values else None

    return column_of


def _decision(outcome: Outcome) -> tuple[float, float] | None:
    return None if outcome.verdict is None else (outcome.abstained, not outcome.answerable)


def _confidence_and_label(outcome: Outcome) -> tuple[float, float]:
    return outcome.confidence, outcome.answerable


def _confidence_and_correct(outcome: Outcome) -> tuple[float, float] | None:
    return None if outcome.verdict is None else (outcome.confidence, outcome.correct)


def _total(outcome: Outcome) -> tuple[float] | None:
    return (outcome.timings_ms["total"],) if "total" in outcome.timings_ms else None


def _abstention(which: int, abstained: Column, silent: Column) -> float:
    if not silent.any():  # there is nothing to be refused
        return math.nan
    return confidence.precision_recall_f1(abstained > 0, silent > 0)[which]


def _auroc(confidences: Column, answerable: Column) -> float:
    return confidence.auroc(answerable > 0, confidences)


def _calibration_error(confidences: Column, answerable: Column) -> float:
    both = answerable.any() and not answerable.all()
    return confidence.expected_calibration_error(confidences, answerable > 0) if both else math.nan


def _risk_coverage(confidences: Column, correct: Column) -> float:
    return confidence.risk_coverage_auc(confidences, correct > 0)


def _coverage(confidences: Column, correct: Column) -> float:
    return confidence.coverage_at_precision(confidences, correct > 0, 0.95)


def _percentile(share: float, values: Sequence[float] | Column) -> float:
    return float(np.percentile(values, share))


def _mean(name: str, title: str, better: Better = Better.HIGHER, binary: bool = False) -> Metric:
    return Metric(name, title, _own(name), mean, better, binary)


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        *(_mean(f"passage_hit@{k}", f"right passage in the first {k}", binary=True) for k in (1, 3, 5, 10)),
        _mean("mrr", "mean reciprocal rank of the right passage"),
        *(_mean(f"sentence_hit@{k}", f"right sentence in the first {k}", binary=True) for k in (1, 3, 5)),
        _mean("ndcg@10", "nDCG of the first 10 documents"),
        _mean("recall@100", "right documents among the first 100"),
        _mean("evidence_recall", "evidence that the answer covers"),
        _mean("answer_f1", "token F1 with the best gold answer"),
        _mean("citation_precision", "citations that support the answer"),
        _mean("citation_recall", "share of the evidence that is cited"),
        _mean("redundancy", "share of the answer outside the evidence", Better.LOWER),
        _mean("answer_words", "words of an answer", Better.NEITHER),
        Metric("abstention_precision", "refusals that are right", _decision, partial(_abstention, 0)),
        Metric("abstention_recall", "silent questions that are refused", _decision, partial(_abstention, 1)),
        Metric("abstention_f1", "F1 of refusing", _decision, partial(_abstention, 2)),
        Metric("answerability_auroc", "answerable told from silent", _confidence_and_label, _auroc),
        Metric(
            "risk_coverage_auc",
            "mean risk of the most confident",
            _confidence_and_correct,
            _risk_coverage,
            Better.LOWER,
        ),
        Metric("coverage@95", "answered with 95 % right", _confidence_and_correct, _coverage),
        Metric(
            "calibration_error",
            "confidence against truth",
            _confidence_and_label,
            _calibration_error,
            Better.LOWER,
            has_interval=False,
        ),
        _mean("verbatim_rate", "answers whose every citation stands", binary=True),
        *(
            Metric(
                f"latency_ms_p{p}",
                f"milliseconds, {p}th percentile",
                _total,
                partial(_percentile, p),
                Better.LOWER,
                repeatable=False,
            )
            for p in (50, 95)
        ),
    )
}
"""Every metric by name, in the order in which they are reported."""
