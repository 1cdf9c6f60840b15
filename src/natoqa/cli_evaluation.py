"""Measuring from the command line: natoqa eval, compare and calibrate."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from natoqa.cli_options import IndexOption, JsonOption, open_assistant, progress_bar, settings_for, show

if TYPE_CHECKING:
    from natoqa.evaluation.comparison import Comparison
    from natoqa.evaluation.gates import Gate

QuestionsArgument = Annotated[Path, typer.Argument(help="A question set, JSON Lines.", show_default=False)]
FailIfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if",
        metavar="CONDITION",
        help="Exit with 1 when it holds, as in 'passage_hit@1 < -0.02 and p < 0.05' for a change; repeatable.",
    ),
]


def evaluate(
    questions: QuestionsArgument,
    index: IndexOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for run.json and report.html.", show_default="runs/…")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="An earlier run.json to compare with.", show_default=False)
    ] = None,
    fail_if: FailIfOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the run that the folder of --out holds.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a question set to the assistant; write run.json and a report that opens in a browser."""
    from natoqa import scoreboard
    from natoqa.evaluation import jsonform
    from natoqa.evaluation.runfile import load_run
    from natoqa.evaluation.writing import evaluate_into

    gates = _gates(fail_if, baseline)
    earlier = load_run(baseline) if baseline else None
    with progress_bar("asking") as progress:
        assistant = open_assistant(index)
        written = evaluate_into(assistant, questions, out, baseline=earlier, force=force, progress=progress)
    show(jsonform.run_json(written), lambda: scoreboard.show_run(written), as_json)
    _stop_if_tripped(gates, written.comparison)


def compare(
    baseline: Annotated[Path, typer.Argument(help="The run.json to compare with.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="The run.json to judge.", show_default=False)],
    fail_if: FailIfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what changed between two runs of the same questions, and whether by more than chance."""
    from natoqa import scoreboard
    from natoqa.evaluation import comparison, jsonform
    from natoqa.evaluation.runfile import load_run

    gates = _gates(fail_if, baseline)
    compared = comparison.compare(load_run(baseline), load_run(new))
    show(jsonform.comparison_json(compared), lambda: scoreboard.show_comparison(compared), as_json)
    _stop_if_tripped(gates, compared)


def calibrate(
    questions: Annotated[Path | None, typer.Argument(help="A development question set.", show_default=False)] = None,
    index: IndexOption = None,
    precision: Annotated[
        float | None,
        typer.Option("--precision", min=0.0, max=1.0, help="Answer as often as this share of answers stays right."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be stored; change nothing.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Return to the calibration that natoqa ships.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fit confidence and threshold to a question set of your own, and keep them with the index."""
    from natoqa import scoreboard
    from natoqa.calibration import forget_calibration
    from natoqa.evaluation import jsonform
    from natoqa.evaluation.calibrating import fit, keep

    if reset == (questions is not None):
        raise typer.BadParameter("name a question set, or --reset")
    if reset or questions is None:
        had = forget_calibration(settings_for(index).index.path)
        said = "the calibration that natoqa ships is in use" + (" again" if had else "")
        show({"reset": had}, lambda: print(said), as_json)
        return
    assistant = open_assistant(index)
    with progress_bar("asking") as progress:
        fitted = fit(assistant, questions, precision=precision, progress=progress)
    path = None if dry_run else keep(assistant, fitted)
    show(jsonform.fitted_json(fitted, path), lambda: scoreboard.show_fitted(fitted, path), as_json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("eval")(evaluate)
    app.command()(compare)
    app.command()(calibrate)


def _gates(texts: Sequence[str] | None, baseline: Path | None) -> list[Gate]:
    from natoqa.errors import ComparisonError
    from natoqa.evaluation.gates import parse_gate

    if texts and baseline is None:
        raise typer.BadParameter("--fail-if compares: name an earlier run with --baseline")
    try:
        return [parse_gate(text) for text in texts or ()]
    except ComparisonError as error:
        raise typer.BadParameter(str(error)) from error


def _stop_if_tripped(gates: Sequence[Gate], comparison: Comparison | None) -> None:
    from natoqa.evaluation.gates import tripped

    if comparison is None:
        return
    if gates and comparison.unpaired:
        left_out = len(comparison.unpaired)
        print(f"natoqa: {left_out} questions are not the same in both runs and were not judged", file=sys.stderr)
    stopping = tripped(gates, comparison)
    for gate in stopping:
        change = comparison[gate.metric]
        print(
            f"natoqa: {gate.text}: {change.baseline:.4f} became {change.new:.4f} "
            f"({change.difference:+.4f}, p = {change.p:.3g})",
            file=sys.stderr,
        )
    if stopping:
        raise typer.Exit(1)
