"""The command line: parse, call, print. Exit status 0 done, 1 a failure explained in one line, 2 wrong usage."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from natoqa import __version__
from natoqa.errors import NatoqaError

if TYPE_CHECKING:
    from natoqa.assistant import Assistant
    from natoqa.building import Progress
    from natoqa.settings import Settings

app = typer.Typer(
    name="natoqa",
    help="Answers from your documents in which every sentence can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.", show_default="index")]
CorpusOption = Annotated[Path | None, typer.Option("--corpus", help="Folder of the documents.", show_default="corpus")]
DocumentOption = Annotated[
    list[str] | None, typer.Option("--document", help="Search only documents that match this pattern; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
QuestionArgument = Annotated[str, typer.Argument(help="The question, in quotation marks.", show_default=False)]


@app.command()
def index(
    corpus: CorpusOption = None,
    index: IndexOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Start anew; the live index answers until it is done.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the index in step with the documents; only what is new is encoded."""
    from natoqa import jsonform, terminal, wiring

    indexer = wiring.indexer(_settings(index, corpus))
    if dry_run:
        plan, notices = indexer.plan(rebuild=rebuild)
        _print(jsonform.plan_json(plan, notices), lambda: terminal.show_plan(plan, notices), as_json)
        return
    with _progress("encoding") as progress:
        result = indexer.sync(rebuild=rebuild, progress=progress)
    _print(jsonform.sync_json(result), lambda: terminal.show_sync(result), as_json)


@app.command()
def ask(
    question: QuestionArgument,
    index: IndexOption = None,
    document: DocumentOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how the passages were found.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with sentences of the sources, or say that they do not answer."""
    from natoqa import jsonform, terminal

    answer = _open(index).ask(question, document or ())
    _print(jsonform.answer_json(answer), lambda: terminal.show_answer(answer, explain=explain), as_json)


@app.command()
def search(
    question: QuestionArgument,
    k: Annotated[int, typer.Option("-k", min=1, help="Number of passages.")] = 10,
    index: IndexOption = None,
    document: DocumentOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the passages that are nearest to a question."""
    from natoqa import jsonform, terminal

    hits = _open(index).search(question, k, document or ())
    found = {"question": question, "hits": [jsonform.hit_json(hit) for hit in hits]}
    _print(found, lambda: terminal.show_hits(hits), as_json)


@app.command()
def status(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Say what the index holds."""
    from natoqa import jsonform, terminal
    from natoqa.store import Generation

    generation = Generation.open(_settings(index).index.path)
    _print(jsonform.status_json(generation), lambda: terminal.show_status(generation), as_json)


@app.command()
def chat(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on.", show_default="7860 or next")] = None,
    index: IndexOption = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = False,
) -> None:
    """Open the chat in the browser."""
    from natoqa.chat import serve

    serve(_open(index), host=host, port=port, open_browser=browser)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"natoqa {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; every failure that a user can cause is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except NatoqaError as error:
        print(f"natoqa: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has gone, as in: natoqa search … | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _settings(index: Path | None = None, corpus: Path | None = None) -> Settings:
    from natoqa.settings import load_settings

    flags: dict[str, dict[str, Any]] = {}
    if index is not None:
        flags["index"] = {"path": index}
    if corpus is not None:
        flags["corpus"] = {"path": corpus}
    return load_settings(**flags)


def _open(index: Path | None) -> Assistant:
    from natoqa.assistant import Assistant

    return Assistant.open(settings=_settings(index))


def _print(value: dict[str, Any], show: Callable[[], None], as_json: bool) -> None:
    if as_json:
        print(json.dumps(value, ensure_ascii=False, indent=2))
    else:
        show()


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    """A bar on stderr, so that stdout stays clean; nothing at all when stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


if __name__ == "__main__":
    main()
