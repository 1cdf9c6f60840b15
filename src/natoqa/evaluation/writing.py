"""A run as a folder: run.json, report.html, and while it is under way the journal that lets it go on."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from natoqa.assistant import Assistant
from natoqa.errors import RunError
from natoqa.evaluation.comparison import Comparison, compare
from natoqa.evaluation.files import replacing
from natoqa.evaluation.outcomes import Outcome
from natoqa.evaluation.questions import load_questions
from natoqa.evaluation.report.page import render_report
from natoqa.evaluation.runfile import JOURNAL, RUN, journal, outcome_json, read_journal, save_run
from natoqa.evaluation.runs import Progress, QuestionSet, Run, describe, evaluate

RUNS = Path("runs")
REPORT = "report.html"


@dataclass(frozen=True, slots=True)
class WrittenRun:
    """A run and where it stands. ``resumed``: outcomes taken over from an interrupted run."""

    run: Run
    comparison: Comparison | None
    path: Path
    report: Path
    resumed: int


def evaluate_into(
    assistant: Assistant,
    questions: Path,
    out: Path | None = None,
    *,
    baseline: Run | None = None,
    progress: Progress = lambda done, total: None,
) -> WrittenRun:
    """Evaluate a question set and write run.json and report.html into a folder.

    Without ``out`` it is a new folder under ``runs/``, or the one in which a run of the same questions under the same
    conditions was interrupted: that one is gone on with. Raises QuestionSetError, RunError, ComparisonError.
    """
    asked = load_questions(questions)
    digest = describe(assistant, QuestionSet.of(asked, questions.stem, questions)).digest
    folder = out or _interrupted(questions.stem, digest) or _fresh(questions.stem)
    with journal(folder, digest) as (done, file):

        def keep(outcome: Outcome) -> None:
            file.write(outcome_json(outcome) + "\n")
            file.flush()

        run = evaluate(assistant, questions, done=done, keep=keep, progress=progress)
        comparison = compare(baseline, run) if baseline is not None else None
        save_run(run, folder / RUN)
        with replacing(folder / REPORT, RunError) as page:
            page.write(render_report(run, comparison, baseline.date if baseline else ""))
    return WrittenRun(run, comparison, folder / RUN, folder / REPORT, len(done))


def _fresh(name: str) -> Path:
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return RUNS / f"{name}-{now}"


def _interrupted(name: str, digest: str) -> Path | None:
    """The newest folder of this name that an interrupted run of these conditions left."""
    journals = sorted(RUNS.glob(f"{glob.escape(name)}-*/{JOURNAL}"), reverse=True)
    return next((path.parent for path in journals if read_journal(path, digest)), None)
