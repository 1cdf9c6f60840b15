"""What the commands share: options, settings made of flags, printing for people or as JSON, the progress bar."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from natoqa.assistant import Assistant
    from natoqa.building import Progress
    from natoqa.examination import Folders
    from natoqa.settings import Settings

IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.", show_default="index")]
CorpusOption = Annotated[Path | None, typer.Option("--corpus", help="Folder of the documents.", show_default="corpus")]
DocumentOption = Annotated[
    list[str] | None, typer.Option("--document", help="Search only documents that match this pattern; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]


def settings_for(index: Path | None = None, corpus: Path | None = None) -> Settings:
    """Settings in which the flags given win."""
    from natoqa.settings import load_settings

    flags: dict[str, dict[str, Any]] = {}
    if index is not None:
        flags["index"] = {"path": index}
    if corpus is not None:
        flags["corpus"] = {"path": corpus}
    return load_settings(**flags)


def folders_to_name(settings: Settings, index: Path | None, corpus: Path | None = None) -> Folders:
    """The folders that a command must be told to mean what this one means."""
    from natoqa.examination import Folders
    from natoqa.settings import CorpusSettings, IndexSettings

    is_usual = (settings.index.path == IndexSettings().path, settings.corpus.path == CorpusSettings().path)
    return Folders(
        settings.index.path if index is not None or not is_usual[0] else None,
        settings.corpus.path if corpus is not None or not is_usual[1] else None,
    )


def open_assistant(index: Path | None) -> Assistant:
    """The assistant over the index of the flag or of the settings."""
    from natoqa.assistant import Assistant

    return Assistant.open(settings=settings_for(index))


def show(value: dict[str, Any], to_people: Callable[[], None], as_json: bool) -> None:
    """Print one JSON value, or what people read."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False, indent=2))
    else:
        to_people()


@contextmanager
def progress_bar(what: str, *, in_bytes: bool = False) -> Iterator[Progress]:
    """A bar on stderr, so that stdout stays clean; nothing at all when stderr is not a terminal.

    It shows how many of how many are done, or ``in_bytes`` the share of them.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    share: ProgressColumn = TaskProgressColumn() if in_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), share, TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
