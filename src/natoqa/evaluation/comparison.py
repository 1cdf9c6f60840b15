"""Two runs of the same questions: what differs, whether by more than chance, and which questions flipped.

Pairs are made by question id, and only of questions whose text and evidence are the same in both runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from natoqa.errors import ComparisonError
from natoqa.evaluation.metrics.statistics import (
    Interval,
    difference_interval,
    holm,
    mcnemar_p,
    mean_interval,
    sign_flip_p,
    swap_p,
)
from natoqa.evaluation.outcomes import Outcome, Verdict
from natoqa.evaluation.runs import Run
from natoqa.evaluation.scoring import METRICS, Better, Column, Metric

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """How a metric changed over the questions that both runs have.

    ``difference`` is new - baseline with its 95 % paired bootstrap interval. ``p``: McNemar's exact test for metrics of
    0 and 1, a paired randomisation test otherwise; ``adjusted_p``: after Holm's correction over all metrics.
    """

    metric: str
    better: Better
    baseline: float
    new: float
    difference: float
    interval: Interval
    p: float
    adjusted_p: float
    questions: int

    @property
    def is_significant(self) -> bool:
        """Whether chance is a poor explanation, all metrics considered."""
        return self.adjusted_p < SIGNIFICANT

    @property
    def is_worse(self) -> bool:
        """Whether it changed in the wrong direction, by however little."""
        return (
            self.difference < 0 if self.better is Better.HIGHER else self.difference > 0 and self.better is Better.LOWER
        )


@dataclass(frozen=True, slots=True)
class Flip:
    """A question to which a reader got something else."""

    id: str
    question: str
    tags: tuple[str, ...]
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs share and how they differ. ``unpaired``: ids that only one has, or that ask something else."""

    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    unpaired: tuple[str, ...]
    conditions: tuple[tuple[str, str, str], ...]
    questions: int

    def __getitem__(self, metric: str) -> Difference:
        """The difference in one metric. Raises ComparisonError for a metric that was not compared."""
        for difference in self.differences:
            if difference.metric == metric:
                return difference
        known = ", ".join(difference.metric for difference in self.differences)
        raise ComparisonError(f"there is no difference in '{metric}'; there is {known}")


def compare(baseline: Run, new: Run) -> Comparison:
    """Compare two runs question by question. Raises ComparisonError when they share no question."""
    before = {outcome.id: outcome for outcome in baseline.outcomes}
    after = {outcome.id: outcome for outcome in new.outcomes}
    shared = [name for name in before if name in after and _asks_the_same(before[name], after[name])]
    if not shared:
        raise ComparisonError("the two runs share no question; compare runs of the same question set")
    old, now = [before[name] for name in shared], [after[name] for name in shared]
    differences = [
        difference for metric in METRICS.values() if (difference := _difference(metric, old, now)) is not None
    ]
    adjusted = holm([d.p if METRICS[d.metric].repeatable else math.nan for d in differences])
    return Comparison(
        differences=tuple(
            replace(difference, adjusted_p=p) for difference, p in zip(differences, adjusted, strict=True)
        ),
        flips=tuple(
            Flip(one.id, one.question, one.tags, one.verdict, other.verdict)
            for one, other in zip(old, now, strict=True)
            if one.verdict is not None and other.verdict is not None and one.verdict is not other.verdict
        ),
        unpaired=tuple(sorted((before.keys() | after.keys()) - set(shared))),
        conditions=_changed_conditions(baseline, new),
        questions=len(shared),
    )


def _difference(metric: Metric, old: Sequence[Outcome], new: Sequence[Outcome]) -> Difference | None:
    """One metric over the pairs that it applies to on both sides; None when there is no such pair."""
    pairs = [
        (one, other)
        for one, other in zip(old, new, strict=True)
        if metric.column_of(one) is not None and metric.column_of(other) is not None
    ]
    if not pairs:
        return None
    before = metric.columns([one for one, _ in pairs])
    after = metric.columns([other for _, other in pairs])
    baseline, value = metric.statistic(*before), metric.statistic(*after)
    if math.isnan(baseline) or math.isnan(value):
        return None
    interval, p = _tested(metric, before, after)
    # Rounded, so that 39 of 50 instead of 40 is a difference of -0.02 and not of a little more.
    difference = round(value - baseline, 12)
    return Difference(metric.name, metric.better, baseline, value, difference, interval, p, p, len(pairs))


def _tested(metric: Metric, before: Sequence[Column], after: Sequence[Column]) -> tuple[Interval, float]:
    """The interval of a difference and the probability of one as large by chance."""
    if metric.is_mean:
        change = after[0] - before[0]
        interval = mean_interval(change)
        return interval, mcnemar_p(int((change > 0).sum()), int((change < 0).sum())) if metric.binary else sign_flip_p(
            change
        )
    if all(np.array_equal(one, other) for one, other in zip(before, after, strict=True)):
        return Interval(0.0, 0.0), 1.0

    def swapped(mask: Column) -> float:
        one = [np.where(mask, new, old) for old, new in zip(before, after, strict=True)]
        other = [np.where(mask, old, new) for old, new in zip(before, after, strict=True)]
        return metric.statistic(*other) - metric.statistic(*one)

    interval = difference_interval(
        lambda rows: metric.statistic(*(column[rows] for column in after)),
        lambda rows: metric.statistic(*(column[rows] for column in before)),
        len(before[0]),
    )
    return interval, swap_p(swapped, len(before[0]))


def _asks_the_same(one: Outcome, other: Outcome) -> bool:
    return _asked(one) == _asked(other)


def _asked(outcome: Outcome) -> tuple[object, ...]:
    # Not where the evidence stands: the documents may have been edited around it.
    evidence = tuple(tuple((piece.document, piece.text) for piece in pieces) for pieces in outcome.evidence)
    return outcome.question, outcome.answerable, outcome.answers, outcome.history, evidence


def _changed_conditions(baseline: Run, new: Run) -> tuple[tuple[str, str, str], ...]:
    old, now = _flat(baseline), _flat(new)
    return tuple(
        (name, str(old.get(name, "–")), str(now.get(name, "–")))
        for name in dict.fromkeys((*old, *now))
        if old.get(name) != now.get(name)
    )


def _flat(run: Run) -> dict[str, object]:
    conditions = run.conditions
    flat: dict[str, object] = {"version": conditions.version}
    for section, values in conditions.settings.items():
        flat |= {f"{section}.{name}": value for name, value in values.items()}
    flat |= {f"index.{name}": value for name, value in conditions.index.items()}
    flat |= {"corpus": conditions.corpus_hash[:12], "question set": conditions.question_set.digest[:12]}
    return flat | {"machine": run.machine.processor, "threads": run.threads}
