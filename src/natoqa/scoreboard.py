"""What the command line shows of a measurement: runs, comparisons, calibrations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from natoqa.evaluation.calibrating import Fitted, Quality
from natoqa.evaluation.comparison import Comparison, Difference
from natoqa.evaluation.outcomes import Outcome, Verdict
from natoqa.evaluation.runfile import SLICED
from natoqa.evaluation.runs import Run
from natoqa.evaluation.scoring import METRICS, Better, Estimate, by_tag, measure
from natoqa.evaluation.writing import WrittenRun
from natoqa.loaders.loaded import one_line
from natoqa.terminal import open_console

_FLIPS = 20
_TAGS = 20
_WIDE = 105
_FEW_SLICED = ("passage_hit@1", "evidence_recall", "answer_f1", "abstention_recall")
_COVERAGES = (0.25, 0.5, 0.75, 0.9, 1.0)
_SHORT = {
    "passage_hit@1": "passage@1",
    "sentence_hit@1": "sentence@1",
    "evidence_recall": "evidence",
    "answer_f1": "F1",
    "citation_precision": "citations",
    "abstention_precision": "abst. P",
    "abstention_recall": "abst. R",
}


def show_run(written: WrittenRun) -> None:
    """Print a run: verdicts, metrics with their intervals, slices, and where the files are."""
    console, run = open_console(), written.run
    question_set = run.conditions.question_set
    drafts = f", {question_set.drafts} drafts left out" if question_set.drafts else ""
    console.print(f"[bold]{escape(one_line(question_set.name))}[/]: {question_set.questions} questions{drafts}")
    if run.resumed:
        console.print(f"{run.resumed} of them taken over from an interrupted run", style="dim")
    verdicts = {verdict: sum(outcome.verdict is verdict for outcome in run.outcomes) for verdict in Verdict}
    console.print(", ".join(f"{count} {verdict.value}" for verdict, count in verdicts.items() if count))
    console.print()
    narrow = console.width < _WIDE
    console.print(_metrics(run, narrow))
    tags = by_tag(run.outcomes)
    if tags:
        console.print()
        console.print(_slices(tags, narrow))
    if len(tags) > _TAGS:
        console.print(f"the {_TAGS} most frequent of {len(tags)} tags; run.json has all", style="dim")
    if written.comparison is not None:
        console.print()
        show_comparison(written.comparison)
    console.print(f"\n{run.seconds:.1f} s, at most {run.peak_memory_mb:.0f} MB of memory", style="dim")
    console.print(Text(f"{written.path}\n{written.report}"))


def show_comparison(comparison: Comparison) -> None:
    """Print what changed between two runs."""
    console = open_console()
    changed = [difference for difference in comparison.differences if difference.difference]
    telling = sum(METRICS[difference.metric].repeatable for difference in changed)
    console.print(f"{_counted(comparison.questions, 'question')} compared, {_counted(telling, 'metric')} changed")
    if changed:
        console.print(_differences(changed, console.width < _WIDE))
    for name, before, after in comparison.conditions:
        console.print(Text(one_line(f"{name}: {before} → {after}"), style="dim"))
    if comparison.unpaired:
        unpaired = _counted(len(comparison.unpaired), "question")
        console.print(Text(f"{unpaired} left out: not in both runs, or not the same in both", "yellow"))
    if comparison.flips:
        console.print(f"\n{_counted(len(comparison.flips), 'question')} flipped", style="bold")
    for flip in comparison.flips[:_FLIPS]:
        question = one_line(f"{flip.id}: {flip.question}")
        console.print(Text.assemble((f"{flip.before} → {flip.after}  ", "cyan"), question))
    if len(comparison.flips) > _FLIPS:
        console.print(f"… and {len(comparison.flips) - _FLIPS} more", style="dim")


def show_fitted(fitted: Fitted, path: Path | None) -> None:
    """Print a calibration, what it changes, and the risk at several shares of questions answered."""
    console = open_console()
    calibration = fitted.calibration
    console.print(
        f"fitted on {fitted.questions} questions: slope {calibration.slope:.4f}, offset {calibration.offset:.4f}, "
        f"threshold {calibration.threshold:.4f}"
    )
    table = _table("", "in use so far", "fitted", "cross-validated")
    columns: tuple[Quality, ...] = (fitted.before, fitted.new, fitted.cross_validated)
    for name, title in _QUALITY.items():
        table.add_row(title, *(_figure(getattr(quality, name)) for quality in columns))
    console.print(table)
    risks = _table("questions answered", "of these wrong", "confidence from")
    for coverage in _COVERAGES:
        point = min(range(len(fitted.curve.coverage)), key=lambda n: abs(fitted.curve.coverage[n] - coverage))
        risks.add_row(
            f"{fitted.curve.coverage[point]:.0%}",
            f"{fitted.curve.risk[point]:.0%}",
            f"{fitted.curve.threshold[point]:.2f}",
        )
    console.print(risks)
    console.print(
        f"on these questions, 95 % of the answers are right while at most {fitted.coverage_at_95:.0%} are answered"
    )
    console.print(Text(f"kept in {path}" if path else "nothing was stored (--dry-run)", style="dim"))


_QUALITY = {
    "calibration_error": "calibration error",
    "brier": "Brier score",
    "answered": "questions answered",
    "answered_right": "answers that are right",
    "abstention_precision": "refusals that are right",
    "abstention_recall": "silent questions refused",
    "abstention_f1": "F1 of refusing",
}


def _table(*columns: str) -> Table:
    """Figures stay whole: what is too wide for the terminal is broken by it, never cut off."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, title in enumerate(columns):
        table.add_column(title, no_wrap=True, overflow="fold", justify="left" if number == 0 or not title else "right")
    return table


def _metrics(run: Run, narrow: bool) -> Table:
    titles = () if narrow else ("",)
    table = _table("metric", *titles, "value", "95 % interval", "questions")
    for name, estimate in run.estimates.items():
        if estimate.questions and not math.isnan(estimate.value):
            table.add_row(name, *(METRICS[name].title for _ in titles), *_estimate(estimate))
    return table


def _estimate(estimate: Estimate) -> tuple[str, str, str]:
    low, high = estimate.interval.low, estimate.interval.high
    interval = "" if math.isnan(low) else f"{_figure(low)} – {_figure(high)}"
    return _figure(estimate.value), interval, str(estimate.questions)


def _slices(tags: Mapping[str, Sequence[Outcome]], narrow: bool) -> Table:
    names = _FEW_SLICED if narrow else SLICED
    table = _table("tag", "questions", *(_SHORT[name] for name in names))
    for tag, outcomes in list(tags.items())[:_TAGS]:
        figures = (_figure(measure(METRICS[name], outcomes)) for name in names)
        table.add_row(escape(one_line(tag)), str(len(outcomes)), *figures)
    return table


def _differences(changed: Sequence[Difference], narrow: bool) -> Table:
    interval = () if narrow else ("95 % interval",)
    table = _table("metric", "pairs", "baseline", "new", "change", *interval, "p", "adjusted", "")
    for one in changed:
        between = f"{one.interval.low:+.3f} – {one.interval.high:+.3f}"
        table.add_row(
            one.metric,
            str(one.questions),
            _figure(one.baseline),
            _figure(one.new),
            f"{one.difference:+.3f}",
            *(between for _ in interval),
            f"{one.p:.3f}",
            "–" if math.isnan(one.adjusted_p) else f"{one.adjusted_p:.3f}",
            _verdict_on(one),
        )
    return table


def _verdict_on(difference: Difference) -> Text:
    if difference.better is Better.NEITHER:
        return Text("")
    direction = "worse" if difference.is_worse else "better"
    if math.isnan(difference.adjusted_p):  # it differs between two runs of the same thing
        return Text("not judged", style="dim")
    if not difference.is_significant:
        return Text(f"{direction}?", style="dim")
    return Text(direction, style="bold red" if difference.is_worse else "bold green")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
