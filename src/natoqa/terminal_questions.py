"""What ``natoqa questions`` prints, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from natoqa.loaders.loaded import one_line
from natoqa.terminal import open_console

if TYPE_CHECKING:
    from natoqa.evaluation.questions import Problem, Question
    from natoqa.evaluation.sets.checking import CheckReport, Counts
    from natoqa.evaluation.sets.importing import ImportSummary

_MOST_TAGS = 60
_STYLES: Mapping[str, str] = {"error": "bold red", "warning": "yellow"}


def problem_line(problem: Problem) -> str:
    """``FILE:LINE: error: what``, always one line; without the line when the whole file is meant."""
    place = f"{problem.path}:{problem.line}" if problem.line else f"{problem.path}"
    return one_line(f"{place}: {problem.severity}: {problem.message}")


def show_check(report: CheckReport) -> None:
    """Print every problem as a line, then the counts by tag."""
    console = open_console()
    for problem in report.problems:
        if console.is_terminal:
            console.print(Text(problem_line(problem), style=_STYLES[problem.severity]))
        else:  # there may be a hundred thousand
            print(problem_line(problem))
    counts = report.counts
    if counts.questions:
        table = Table("tag", "questions", "answerable", "not", box=None, header_style="bold")
        for column in table.columns[1:]:
            column.justify = "right"
        for tag, count in list(report.tags.items())[:_MOST_TAGS]:
            table.add_row(escape(one_line(tag)), *map(str, (count.questions, count.answerable, count.unanswerable)))
        if len(report.tags) > _MOST_TAGS:
            table.add_row(f"… and {len(report.tags) - _MOST_TAGS} more tags")
        if report.tags:
            console.print(table)
    console.print(
        f"{_number(counts.questions, 'question')} ({counts.answerable} answerable, {counts.unanswerable} not, "
        f"{report.with_history} with a history), {_number(report.errors, 'error')}, "
        f"{_number(report.warnings, 'warning')}" + (f"; documents: {report.source}" if report.source else ""),
        markup=False,
    )


def check_json(report: CheckReport) -> dict[str, Any]:
    """``natoqa questions check --json``."""
    return {
        "file": str(report.path),
        "documents": report.source,
        **_counts_json(report.counts),
        "with_history": report.with_history,
        "errors": report.errors,
        "warnings": report.warnings,
        "problems": [
            {"line": problem.line or None, "severity": str(problem.severity), "message": one_line(problem.message)}
            for problem in report.problems
        ],
        "tags": {tag: _counts_json(count) for tag, count in report.tags.items()},
    }


def show_import(summary: ImportSummary) -> None:
    """Print what an import wrote and what it left out."""
    console = open_console()
    for note in summary.notes:
        console.print(Text.assemble(("note: ", "yellow"), one_line(note)))
    for reason, count in summary.left_out.items():
        console.print(f"left out: {count} {reason}", style="yellow", markup=False)
    if summary.quotes_missing:
        console.print(
            f"{summary.quotes_missing} of {summary.quotes} quotes do not stand in their documents; "
            f"run: natoqa questions check {summary.path}",
            style="bold yellow",
            markup=False,
        )
    documents = f", {_number(summary.documents, 'document')} in {summary.corpus}" if summary.corpus else ""
    unanswerable = summary.questions - summary.answerable
    console.print(
        f"{_number(summary.questions, 'question')} ({summary.answerable} answerable, {unanswerable} not) in "
        f"{summary.path}{documents}",
        markup=False,
    )


def import_json(summary: ImportSummary) -> dict[str, Any]:
    """``natoqa questions import --json``."""
    return {
        "file": str(summary.path),
        "corpus": str(summary.corpus) if summary.corpus else None,
        "questions": summary.questions,
        "answerable": summary.answerable,
        "unanswerable": summary.questions - summary.answerable,
        "documents": summary.documents,
        "quotes": summary.quotes,
        "quotes_missing": summary.quotes_missing,
        "left_out": dict(summary.left_out),
        "notes": [one_line(note) for note in summary.notes],
    }


def show_export(folder: Path, written: Mapping[str, int]) -> None:
    """Print what an export wrote."""
    console = open_console()
    if left_out := written.get("outcomes_left_out"):
        console.print(f"left out: {left_out} outcomes of questions that are not in the set", style="yellow")
    ranked = f", {_number(written['ranked'], 'ranked document')}" if "ranked" in written else ""
    counts = f"{written['queries']} queries, {_number(written['judgements'], 'judgement')}{ranked}"
    console.print(f"{counts} in {folder}", markup=False)


def show_draft(path: Path, drafts: Sequence[Question]) -> None:
    """Print the proposed questions, and what to do with them."""
    console = open_console()
    for question in drafts:
        console.print(Text.assemble((f"{question.id}  ", "dim"), one_line(question.question)))
    console.print(
        f'\n{_number(len(drafts), "draft")} in {path}; review each one, and delete its "draft": true', markup=False
    )


def draft_json(path: Path, drafts: Sequence[Question]) -> dict[str, Any]:
    """``natoqa questions draft --json``."""
    kinds = Counter(tag for question in drafts for tag in question.tags if tag != "draft")
    documents = {piece.document for question in drafts for piece in question.evidence}
    return {
        "file": str(path),
        "questions": len(drafts),
        "documents": len(documents),
        "kinds": dict(sorted(kinds.items())),
    }


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _counts_json(counts: Counts) -> dict[str, int]:
    return {"questions": counts.questions, "answerable": counts.answerable, "unanswerable": counts.unanswerable}
