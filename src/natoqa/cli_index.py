"""Operating the index from the command line: natoqa index, status, doctor, rollback, add and remove."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from natoqa.cli_options import (
    CorpusOption,
    IndexOption,
    JsonOption,
    folders_to_name,
    progress_bar,
    settings_for,
    show,
)

if TYPE_CHECKING:
    from natoqa.errors import NatoqaError
    from natoqa.indexing import Indexer, SyncReport


def index(
    corpus: CorpusOption = None,
    index: IndexOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Start anew; the live index answers until it is done.")
    ] = False,
    checksum: Annotated[
        bool, typer.Option("--checksum", help="Read every file, also those that look untouched.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and index again whenever the documents change; Ctrl+C ends it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the index in step with the documents; only what is new is encoded."""
    from natoqa import jsonform, terminal_index, wiring

    if watch and (dry_run or rebuild):
        raise typer.BadParameter("goes with neither --dry-run nor --rebuild", param_hint="--watch")
    indexer = wiring.indexer(settings_for(index, corpus))
    if watch:
        _watch(indexer, checksum=checksum, as_json=as_json)
    elif dry_run:
        with progress_bar("reading", in_bytes=True) as progress:
            forecast = indexer.forecast(rebuild=rebuild, checksum=checksum, progress=progress)
        show(jsonform.forecast_json(forecast), lambda: terminal_index.show_forecast(forecast), as_json)
    else:
        said = None
        # Whoever waits at a terminal is told first; a script reads what was done, or one line on why not.
        if sys.stdout.isatty() and not as_json:
            said = indexer.plan(rebuild=rebuild, checksum=checksum)
            terminal_index.show_plan(said)
        report = _sync(indexer, rebuild=rebuild, checksum=checksum)
        show(jsonform.sync_json(report), lambda: terminal_index.show_sync(report, said), as_json)


def status(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Say what the index holds, and which generations are kept."""
    from natoqa import jsonform, terminal_index
    from natoqa.calibration import calibration_in_use
    from natoqa.restoring import kept_generations
    from natoqa.store import Generation

    settings = settings_for(index)
    generation = Generation.open(settings.index.path)
    calibration, origin = calibration_in_use(generation.index, generation.manifest, settings.retrieval)
    if settings.answer.threshold is not None:
        calibration = replace(calibration, threshold=settings.answer.threshold)
        origin += "; the threshold is that of the setting answer.threshold"
    kept = kept_generations(settings.index.path)
    show(
        jsonform.status_json(generation, kept, calibration, origin),
        lambda: terminal_index.show_status(generation, kept, calibration, origin),
        as_json,
    )


def doctor(corpus: CorpusOption = None, index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Check the index: every file, every fact in it, the settings, the documents. Exit status 1 if it is damaged."""
    from natoqa import jsonform, terminal_index, wiring
    from natoqa.doctor import examine

    settings = settings_for(index, corpus)
    with progress_bar("checking", in_bytes=True) as progress:
        examination = examine(wiring.indexer(settings), folders_to_name(settings, index, corpus), progress)
    show(jsonform.examination_json(examination), lambda: terminal_index.show_examination(examination), as_json)
    if not examination.is_healthy:
        raise typer.Exit(1)


def rollback(
    generation: Annotated[
        str | None, typer.Argument(help="As natoqa status names it.", show_default="the one before the live one")
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Return to an earlier generation of the index; the documents stay as they are."""
    from natoqa import jsonform, terminal_index
    from natoqa.restoring import rollback as return_to

    settings = settings_for(index)
    done = return_to(settings.index.path, generation)
    following = folders_to_name(settings, index).name_in("natoqa index")
    show(jsonform.rolled_back_json(done), lambda: terminal_index.show_rolled_back(done, following), as_json)


def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files or folders.", show_default=False)],
    into: Annotated[
        str, typer.Option("--into", metavar="FOLDER", help="Folder inside the corpus.", show_default="the top")
    ] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of files of the same name.")] = False,
    corpus: CorpusOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy files into the corpus and index them."""
    from natoqa import jsonform, terminal_index, wiring
    from natoqa.additions import add_files
    from natoqa.corpus import Corpus

    settings = settings_for(index, corpus)
    indexer = wiring.indexer(settings)
    _refuse_if_locked(settings.index.path)
    added = add_files(Corpus.open(settings.corpus.path, settings.corpus.limits), files, into, replace=replace)
    if not as_json:
        terminal_index.show_added(added)
    report = _sync(indexer)
    show(jsonform.added_json(added, report), lambda: terminal_index.show_sync(report), as_json)


def remove(
    documents: Annotated[
        list[str], typer.Argument(metavar="DOCUMENT...", help="As natoqa status names them.", show_default=False)
    ],
    corpus: CorpusOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move documents to the folder .removed of the corpus, which is not indexed, and index; nothing is deleted."""
    from natoqa import jsonform, terminal_index, wiring
    from natoqa.additions import remove_documents
    from natoqa.corpus import Corpus

    settings = settings_for(index, corpus)
    indexer = wiring.indexer(settings)
    opened = Corpus.open(settings.corpus.path, settings.corpus.limits)
    _refuse_if_locked(settings.index.path)
    removed = remove_documents(opened, documents, _indexed(settings.index.path))
    if not as_json:
        terminal_index.show_removed(removed)
    report = _sync(indexer)
    show(jsonform.removed_json(removed, report), lambda: terminal_index.show_sync(report), as_json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (index, add, remove, status, doctor, rollback):
        app.command()(command)


def _sync(indexer: Indexer, *, rebuild: bool = False, checksum: bool = False) -> SyncReport:
    with progress_bar("indexing", in_bytes=True) as progress:
        return indexer.sync(rebuild=rebuild, checksum=checksum, progress=progress)


def _refuse_if_locked(index: Path) -> None:
    """Before files are moved: who cannot index them had better not begin. The lock is taken again by the sync."""
    from natoqa.locking import writing

    if index.is_dir():
        with writing(index, "natoqa"):
            pass


def _watch(indexer: Indexer, *, checksum: bool, as_json: bool) -> None:
    import json

    from natoqa import jsonform, terminal_index
    from natoqa.indexing import SyncReport
    from natoqa.loaders.loaded import one_line
    from natoqa.watching import watch

    def tell(outcome: SyncReport | NatoqaError) -> None:
        if not isinstance(outcome, SyncReport):
            print(f"natoqa: {one_line(str(outcome))}", file=sys.stderr, flush=True)
        elif as_json:
            line: dict[str, Any] = jsonform.sync_json(outcome)
            print(json.dumps(line, ensure_ascii=False), flush=True)
        else:
            terminal_index.show_sync(outcome)

    corpus = indexer.settings.corpus.path
    print(f"natoqa: watching {corpus}  (Ctrl+C ends it)", file=sys.stderr, flush=True)
    watch(corpus, lambda: _sync(indexer, checksum=checksum), tell)


def _indexed(index: Path) -> list[str]:
    from natoqa.errors import IndexUnusable
    from natoqa.store import Generation

    try:
        generation = Generation.open(index)
    except IndexUnusable:  # the sync that follows says what is wrong
        return []
    try:
        return generation.document_ids()
    finally:
        generation.close()
