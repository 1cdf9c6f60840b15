"""A run as a folder: run.json, report.html, and while it is under way the journal that lets it go on."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from natoqa.assistant import Assistant
from natoqa.errors import ComparisonError, RunError
from natoqa.evaluation.comparison import Comparison, compare
from natoqa.evaluation.files import replacing
from natoqa.evaluation.questions import Question, load_questions
from natoqa.evaluation.report.page import render_report
from natoqa.evaluation.runfile import JOURNAL, RUN, is_being_written, journal, read_journal, save_run
from natoqa.evaluation.runs import Progress, QuestionSet, Run, describe, evaluate, require_sound

RUNS = Path("runs")
REPORT = "report.html"


@dataclass(frozen=True, slots=True)
class WrittenRun:
    """A run, how it compares with a baseline, and where it stands."""

    run: Run
    comparison: Comparison | None
    path: Path
    report: Path


def evaluate_into(
    assistant: Assistant,
    questions: Path,
    out: Path | None = None,
    *,
    baseline: Run | None = None,
    force: bool = False,
    progress: Progress = lambda done, total: None,
) -> WrittenRun:
    """Evaluate a question set and write run.json and report.html into a folder.

    Without ``out`` it is a new folder under ``runs/``, or the one in which a run of the same questions under the same
    conditions was interrupted: that one is gone on with. ``force``: replace the run that ``out`` holds. What is wrong
    with the questions or the baseline is found before anything is asked or written. Raises QuestionSetError, RunError,
    ComparisonError.
    """
    if out is not None and (out / RUN).exists() and not force:
        raise RunError(f"{out / RUN} exists already; choose another folder with --out, or add --force")
    asked = load_questions(questions)
    require_sound([question for question in asked if not question.draft], assistant.document, questions)
    _require_shared(asked, baseline)
    question_set = QuestionSet.of(asked, questions.stem, questions)
    digest = describe(assistant, question_set).digest
    folder = out or _interrupted(questions.stem, digest) or _fresh(questions.stem)
    with journal(folder, digest) as (done, keep):
        run = evaluate(assistant, questions, done=done, keep=keep, progress=progress)
        save_run(run, folder / RUN)
    comparison = compare(baseline, run) if baseline is not None else None
    with replacing(folder / REPORT, RunError) as page:
        page.write(render_report(run, comparison, baseline.date if baseline else ""))
    return WrittenRun(run, comparison, folder / RUN, folder / REPORT)


def _require_shared(asked: Sequence[Question], baseline: Run | None) -> None:
    if baseline is None:
        return
    known = {(outcome.id, outcome.question) for outcome in baseline.outcomes}
    if not any((question.id, question.question) in known for question in asked):
        raise ComparisonError("the baseline is a run of other questions; compare runs of the same question set")


def _fresh(name: str) -> Path:
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return RUNS / f"{name}-{now}"


def _interrupted(name: str, digest: str) -> Path | None:
    """The newest folder of this name that an interrupted run of these conditions left."""
    journals = sorted(RUNS.glob(f"{glob.escape(name)}-*/{JOURNAL}"), reverse=True)
    left = (path for path in journals if read_journal(path, digest) and not is_being_written(path.parent))
    return next((path.parent for path in left), None)
