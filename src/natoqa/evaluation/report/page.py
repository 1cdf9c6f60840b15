"""A run as one HTML file that needs nothing else: no request, no foreign script, readable without any script.

Text of documents, questions and tags is hostile until the template has escaped it.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from natoqa.evaluation import scoring
from natoqa.evaluation.comparison import Comparison
from natoqa.evaluation.metrics import confidence as confidence_metrics
from natoqa.evaluation.outcomes import Outcome, Verdict
from natoqa.evaluation.report import charts
from natoqa.evaluation.report.difference_views import view_difference, view_flips
from natoqa.evaluation.report.question_views import badge, view
from natoqa.evaluation.report.wording import date, figure, p_value, printable, signed
from natoqa.evaluation.runs import Run
from natoqa.evaluation.scoring import METRICS, Better, Estimate, Metric

LISTED = 2000
"""Questions that are listed at most, the worst ones."""
WORST = 10
_GROUPS = (
    ("Finding", ("passage_hit@", "mrr", "sentence_hit@", "ndcg@", "recall@")),
    ("Answering", ("evidence_recall", "answer_", "citation_", "redundancy", "verbatim_rate")),
    ("Knowing when not to answer", ("abstention_", "answerability_", "risk_", "coverage@", "calibration_")),
)
_APART = "latency_"
_SLICED = ("passage_hit@1", "evidence_recall", "abstention_recall")
_ORDER = {
    Verdict.FALSE_ANSWER: 0,
    Verdict.WRONG: 0,
    Verdict.FALSE_ABSTENTION: 1,
    Verdict.PARTIAL: 2,
    None: 3,
    Verdict.RIGHT_ABSTENTION: 4,
    Verdict.RIGHT: 4,
}


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A line of the table of metrics; ``picture`` is empty where the scale is not that of a share."""

    metric: Metric
    estimate: Estimate
    picture: str

    @property
    def applies(self) -> bool:
        """Whether there is a figure at all."""
        return not math.isnan(self.estimate.value)


def worst_first(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Outcomes in the order in which they deserve a look.

    Answers that mislead come first, the most confident on top: wrong ones, and those to questions that have no answer.
    Then false abstentions, least confident first; partial answers, least evidence first; rankings without an answer,
    deepest evidence first. What is right comes last, nearest to the other decision first. Ties go by id.
    """
    return tuple(sorted(outcomes, key=_badness))


def render_report(run: Run, comparison: Comparison | None = None, baseline_date: str = "") -> str:
    """A run as an HTML page, with how it differs from a baseline made on ``baseline_date`` when there is one."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_finalize)
    environment.filters |= {"date": date, "figure": figure, "signed": signed, "p": p_value, "flat": _flat}
    style, script = (files(__package__).joinpath(name).read_text("utf-8") for name in ("report.css", "report.js"))
    template = environment.from_string(files(__package__).joinpath("report.html.jinja").read_text("utf-8"))
    return template.render(
        run=run,
        conditions=run.conditions,
        comparison=comparison,
        baseline_date=baseline_date,
        style=style,
        style_digest=_digest(style),
        script=script,
        script_digest=_digest(script),
        swatch=charts.swatch,
        bar=charts.bar,
        **_verdicts(run.outcomes),
        **_metrics(run),
        **_charts(run),
        **_differences(comparison),
        **_questions(run, comparison),
    )


def _badness(outcome: Outcome) -> tuple[int, float, float, str]:
    confidence = 0.0 if math.isnan(outcome.confidence) else outcome.confidence
    within = {
        Verdict.FALSE_ABSTENTION: (confidence, 0.0),
        Verdict.PARTIAL: (outcome.values.get("evidence_recall", 0.0), -confidence),
        None: (outcome.values.get("mrr", 1.0), -confidence),
        Verdict.RIGHT: (confidence, 0.0),
        # A right refusal is near to a false answer when its confidence is high.
        Verdict.RIGHT_ABSTENTION: (1.0 - confidence, 0.0),
    }.get(outcome.verdict, (-confidence, 0.0))
    return _ORDER[outcome.verdict], *within, outcome.id


def _verdicts(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    counted = [(badge(verdict), sum(outcome.verdict is verdict for outcome in outcomes)) for verdict in Verdict]
    judged = sum(count for _, count in counted)
    parts = [charts.Part(one.name, one.label, count) for one, count in counted]
    return {"verdicts": counted, "judged": judged, "verdict_bar": charts.stacked_bar(parts) if judged else ""}


def _metrics(run: Run) -> dict[str, Any]:
    grouped: dict[str, list[MetricRow]] = {group: [] for group, _ in (*_GROUPS, ("Others", ()))}
    apart: list[MetricRow] = []
    for name, estimate in run.estimates.items():
        group = next((group for group, own in _GROUPS if name.startswith(own)), "Others")
        (apart if name.startswith(_APART) else grouped[group]).append(_metric_row(METRICS[name], estimate))
    return {
        "groups": {group: rows for group, rows in grouped.items() if rows},
        "latencies": apart,
        "stages": scoring.latency_by_stage(run.outcomes),
        "slices": {
            tag: (own, {name: scoring.measure(METRICS[name], own) for name in _SLICED})
            for tag, own in scoring.by_tag(run.outcomes).items()
        },
        "sliced": [METRICS[name] for name in _SLICED],
    }


def _metric_row(metric: Metric, estimate: Estimate) -> MetricRow:
    value, interval = estimate.value, estimate.interval
    is_share = metric.better is not Better.NEITHER and not metric.name.startswith(_APART)
    if math.isnan(value) or math.isnan(interval.low) or not is_share:
        return MetricRow(metric, estimate, "")
    title = f"{figure(value)}, 95 % interval {figure(interval.low)} to {figure(interval.high)}"
    return MetricRow(metric, estimate, charts.whisker(value, interval.low, interval.high, title=title))


def _charts(run: Run) -> dict[str, Any]:
    drawn: dict[str, Any] = {"risk_coverage": "", "reliability": "", "histogram": "", "latency": ""}
    judged = [outcome for outcome in run.outcomes if outcome.verdict is not None]
    if judged and all(0.0 <= outcome.confidence <= 1.0 for outcome in judged):  # not so for nan
        confidences = [outcome.confidence for outcome in judged]
        labels = [outcome.answerable for outcome in judged]
        curve = confidence_metrics.risk_coverage(confidences, [outcome.correct for outcome in judged])
        answered = [outcome for outcome in judged if not outcome.abstained]
        wrong = sum(not outcome.correct for outcome in answered)
        used = (len(answered) / len(judged), wrong / len(answered)) if answered else None
        drawn["risk_coverage"] = charts.risk_coverage_curve(curve, used)
        drawn["reliability"] = charts.reliability_diagram(confidence_metrics.reliability(confidences, labels))
        drawn["histogram"] = charts.confidence_histogram(
            [outcome.confidence for outcome in judged if outcome.answerable],
            [outcome.confidence for outcome in judged if not outcome.answerable],
            threshold_of(run.conditions.settings),
        )
    totals = [outcome.timings_ms["total"] for outcome in run.outcomes if "total" in outcome.timings_ms]
    if totals:
        p50, p95 = (run.estimates[f"latency_ms_p{p}"].value for p in (50, 95))
        drawn["latency"] = charts.latency_histogram(totals, p50, p95)
    return drawn


def threshold_of(settings: Mapping[str, Any]) -> float | None:
    """The confidence from which answers were given: the setting, or without one the calibration's."""
    for section in ("answer", "calibration"):
        found = (settings.get(section) or {}).get("threshold")
        if found is not None:
            return float(found)
    return None


def _questions(run: Run, comparison: Comparison | None) -> dict[str, Any]:
    tags = list(scoring.by_tag(run.outcomes))
    listed = worst_first(run.outcomes)[:LISTED]
    places = {outcome.id: number for number, outcome in enumerate(run.outcomes, start=1)}
    numbers = {outcome.id: places[outcome.id] for outcome in listed}
    occurring = Counter(badge(outcome.verdict) for outcome in listed)
    return {
        "questions": [view(numbers[outcome.id], outcome, tags) for outcome in listed],
        "tags": tags,
        "filters": [(one, occurring[one]) for one in map(badge, (*Verdict, None)) if one in occurring],
        "worst": min(WORST, len(listed)),
        "flips": view_flips(comparison, numbers) if comparison else (),
    }


def _differences(comparison: Comparison | None) -> dict[str, Any]:
    views = [view_difference(difference) for difference in comparison.differences] if comparison else []
    return {
        "changed": [view for view in views if view.difference.difference],
        "same": [view for view in views if not view.difference.difference],
    }


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _finalize(value: object) -> object:
    # What has __html__ was made by the template itself or by the charts.
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _flat(settings: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Nested settings as ``section.name`` and value."""
    found: list[tuple[str, Any]] = []
    for name, value in settings.items():
        found += _flat(value, f"{above}{name}.") if isinstance(value, Mapping) else [(f"{above}{name}", value)]
    return found
