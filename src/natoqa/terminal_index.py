"""What the command line shows to people of the index and of the work on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from natoqa.loaders.loaded import one_line
from natoqa.terminal import open_console

if TYPE_CHECKING:
    from natoqa.additions import Added, Removed
    from natoqa.calibration import Calibration
    from natoqa.corpus import Notice
    from natoqa.examination import Examination
    from natoqa.forecasting import Forecast
    from natoqa.indexing import SyncReport
    from natoqa.planning import Plan
    from natoqa.restoring import Kept, RolledBack
    from natoqa.store import Generation

_LISTED = 12
_STYLES = {"ok": "green", "note": "yellow", "damage": "bold red", "skipped": "dim"}
_MEGABYTE = 1_000_000


def show_forecast(forecast: Forecast) -> None:
    """Print what a sync would do, and what it would leave out."""
    console = open_console()
    console.print(_changes(forecast.plan))
    _show_left_out(console, forecast.unreadable)
    _show_notices(console, forecast.notices)
    _show_estimate(console, forecast)


def show_plan(plan: Plan) -> None:
    """Print what a sync is going to do."""
    open_console().print(_changes(plan))


def show_sync(report: SyncReport, said: Plan | None = None) -> None:
    """Print what a sync did; changes that were ``said`` before are not said again."""
    console = open_console()
    if report.plan != said:
        console.print(_changes(report.plan))
    _show_left_out(console, report.unreadable)
    _show_notices(console, report.notices)
    if report.documents == 0:
        console.print("The corpus holds no document that natoqa can read.", style="yellow")
    what = (
        f"generation {report.generation}: {_number(report.documents, 'document')}, "
        f"{_number(report.passages, 'passage')}, {report.encoded} encoded"
    )
    console.print(f"{what if report.written else 'nothing to do; ' + what} ({report.seconds:.1f} s)")


def show_added(added: Added) -> None:
    """Print what came into the corpus."""
    console = open_console()
    for what, identities in (
        ("copied", added.added),
        ("replaced", added.replaced),
        ("there already, with the same content", added.there),
    ):
        for identity in identities:
            console.print(Text(f"{what}: {identity}"))
    for file, reason in added.left_out:
        console.print(Text.assemble(("not copied: ", "yellow"), f"{one_line(file)}: {reason}"))


def show_removed(removed: Removed) -> None:
    """Print what left the corpus, and where it is now."""
    console = open_console()
    for identity, to in removed.moved:
        console.print(Text(f"moved: {identity} → {to}"))
    for identity in removed.gone:
        console.print(Text(f"gone already: {identity}"))


def show_rolled_back(done: RolledBack, following: str) -> None:
    """Print which generation is live now, and what undoes it."""
    console = open_console()
    now = done.now
    console.print(
        f"generation {now.name} of {now.created} is live: {_number(now.documents, 'document')}, "
        f"{_number(now.passages, 'passage')}" + (f"; it was {done.before}" if done.before else "")
    )
    console.print(Text(f"the next sync brings it in step with the documents again: {following}"))


def show_status(generation: Generation, kept: Sequence[Kept], calibration: Calibration, origin: str) -> None:
    """Print what an index holds."""
    console = open_console()
    manifest = generation.manifest
    counts = generation.passage_counts()
    table = Table("document", "title", "date", "passages", box=None, header_style="bold")
    for identity, metadata in generation.document_metadata().items():
        table.add_row(*map(escape, (identity, metadata.title, metadata.date, str(counts.get(identity, 0)))))
    console.print(table)
    _show_left_out(console, manifest.unreadable)
    _show_notices(console, manifest.notices)
    generations = Table("generation", "created", "documents", "passages", "", box=None, header_style="bold")
    for item in kept:
        counted = ("", "") if item.problem else (str(item.documents), str(item.passages))
        generations.add_row(item.name, item.created, *counted, "live" if item.is_live else item.problem)
    console.print(generations)
    console.print(
        f"generation {generation.name} of {manifest.created}: {_number(manifest.documents, 'document')}, "
        f"{_number(manifest.passages, 'passage')}, {_number(manifest.sentences, 'sentence')}; "
        f"encoder {escape(manifest.encoder)}"
    )
    console.print(f"calibration {escape(origin)}; answers from a confidence of {calibration.threshold:.2f} on")


def show_examination(examination: Examination) -> None:
    """Print every check, and under it what was found with the command that mends it."""
    console = open_console()
    table = Table("check", "state", box=None, show_header=False, pad_edge=False)
    for check in examination.checks:
        table.add_row(check.check, Text(check.state.value, style=_STYLES[check.state.value]))
    console.print(table)
    for check in examination.checks:
        for item in check.findings:
            style = _STYLES[check.state.value]
            what = f"{one_line(item.where)}: {one_line(item.what)}; run: {item.mend}"
            console.print(Text.assemble((f"{check.state.value}: ", style), what))
    verdict = "healthy" if examination.is_healthy else "damaged"
    name = f"generation {examination.generation}" if examination.generation else "no generation is live"
    console.print(Text(f"the index in {examination.index} is {verdict} ({name})"))


def _changes(plan: Plan) -> Table:
    table = Table("", "documents", box=None, show_header=False, pad_edge=False)
    for name, identities in (
        ("added", plan.added),
        ("changed", plan.changed),
        ("renamed", tuple(f"{old} → {new}" for old, new in plan.renamed)),
        ("removed", plan.removed),
        ("duplicates", tuple(f"{identity} = {first}" for identity, first in plan.duplicates)),
    ):
        if identities:
            more = f" … and {len(identities) - _LISTED} more" if len(identities) > _LISTED else ""
            table.add_row(f"{len(identities)} {name}", escape("\n".join(identities[:_LISTED]) + more))
    table.add_row(f"{len(plan.unchanged)} unchanged", "")
    return table


def _show_estimate(console: Console, forecast: Forecast) -> None:
    if forecast.passages:
        console.print(
            f"to be read: {forecast.bytes / _MEGABYTE:.1f} MB; to be encoded: about "
            f"{_number(forecast.passages, 'passage')}, some {_time(forecast.seconds)}",
            style="dim",
        )


def _show_left_out(console: Console, unreadable: Sequence[tuple[str, str]]) -> None:
    _show_listed(console, "left out", unreadable)


def _show_notices(console: Console, notices: Sequence[Notice]) -> None:
    _show_listed(console, "note", [(notice.document, notice.message) for notice in notices])


def _show_listed(console: Console, what: str, said: Sequence[tuple[str, str]]) -> None:
    """A line each, of the same things no more than some: a folder of ten thousand pictures is one piece of news."""
    of_a_kind: dict[str, int] = {}
    for identity, message in said:
        count = of_a_kind[message] = of_a_kind.get(message, 0) + 1
        if count <= _LISTED:
            console.print(Text.assemble((f"{what}: ", "yellow"), f"{one_line(identity)}: {message}"))
    for message, count in of_a_kind.items():
        if count > _LISTED:
            console.print(Text.assemble((f"{what}: ", "yellow"), f"… and {count - _LISTED} more: {message}"))


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
