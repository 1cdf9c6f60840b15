"""What the report says of a comparison: differences drawn and in a word, flips with the worse ones first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from natoqa.evaluation.comparison import Comparison, Difference, Flip
from natoqa.evaluation.outcomes import Verdict
from natoqa.evaluation.report import charts
from natoqa.evaluation.report.question_views import Badge, badge
from natoqa.evaluation.report.wording import signed
from natoqa.evaluation.scoring import METRICS, Better

_GOODNESS = {
    Verdict.FALSE_ANSWER: 0,
    Verdict.WRONG: 0,
    Verdict.FALSE_ABSTENTION: 1,
    Verdict.PARTIAL: 2,
    Verdict.RIGHT_ABSTENTION: 3,
    Verdict.RIGHT: 3,
}


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A line of the table of differences, with what it means in a word and as a class name."""

    difference: Difference
    title: str
    picture: str
    word: str
    name: str


@dataclass(frozen=True, slots=True)
class FlipView:
    """A question whose verdict changed; ``number`` is its place in the run, None when it is not listed."""

    flip: Flip
    number: int | None
    before: Badge
    after: Badge
    word: str


def view_difference(difference: Difference) -> DifferenceView:
    """A difference with its picture; what chance may explain is not called an improvement."""
    interval = difference.interval
    figures = (difference.difference, interval.low, interval.high)
    reach = max((abs(figure) for figure in figures if not math.isnan(figure)), default=0.0)
    title = f"{signed(difference.difference)}, 95 % interval {signed(interval.low)} to {signed(interval.high)}"
    # Shares are drawn on one scale unless they do not fit, so that the lines of the table can be compared.
    scale = max(reach, 0.25) if max(abs(difference.baseline), abs(difference.new)) <= 1 else reach or 1.0
    metric = METRICS.get(difference.metric)
    return DifferenceView(
        difference,
        metric.title if metric else "",
        charts.whisker(difference.difference, interval.low, interval.high, (-scale, scale), title),
        *_word(difference),
    )


def view_flips(comparison: Comparison, listed: Mapping[str, int]) -> tuple[FlipView, ...]:
    """The questions that flipped, worse ones first; ``listed`` are the places of those that can be linked."""
    flips = [
        FlipView(flip, listed.get(flip.id), badge(flip.before), badge(flip.after), _turn(flip))
        for flip in comparison.flips
    ]
    return tuple(sorted(flips, key=lambda flip: flip.word != "worse"))


def _word(difference: Difference) -> tuple[str, str]:
    if difference.difference == 0:
        return "same", "same"
    if difference.better is Better.NEITHER:
        return "different", "same"
    direction = "worse" if difference.is_worse else "better"
    if math.isnan(difference.adjusted_p):  # of a figure that differs between two runs of the same thing
        return f"{direction}, not judged", "unclear"
    return (direction, direction) if difference.is_significant else (f"{direction}, within chance", "unclear")


def _turn(flip: Flip) -> str:
    before, after = _GOODNESS[flip.before], _GOODNESS[flip.after]
    return "better" if after > before else "worse" if after < before else "otherwise"
