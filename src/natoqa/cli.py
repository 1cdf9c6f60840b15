"""The command line: parse, call, print. Exit status 0 done, 1 a failure explained in one line, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from natoqa import __version__
from natoqa.cli_chat import register as register_chat
from natoqa.cli_evaluation import register as register_evaluation
from natoqa.cli_index import register as register_index
from natoqa.cli_options import DocumentOption, IndexOption, JsonOption, open_assistant, show
from natoqa.cli_questions import questions_app
from natoqa.errors import NatoqaError
from natoqa.loaders.loaded import one_line

if TYPE_CHECKING:
    from natoqa.assistant import Assistant
    from natoqa.types import Answer

app = typer.Typer(
    name="natoqa",
    help="Answers from your documents in which every sentence can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

register_index(app)


def _new_export(path: Path | None) -> Path | None:
    """Refuse, before anything is asked, a file that cannot become an export."""
    from natoqa.exporting import FORMS, form_of

    if path is None:
        return None
    try:
        form_of(path)
    except KeyError as error:
        suffixes = ", ".join(form.suffix for form in FORMS.values())
        raise typer.BadParameter(f"'{path.name}' ends in none of {suffixes}") from error
    if path.exists() or path.is_symlink():
        raise typer.BadParameter(f"{path} exists already; choose another name")
    return path


QuestionArgument = Annotated[str, typer.Argument(help="The question, in quotation marks.", show_default=False)]

ExportOption = Annotated[
    Path | None,
    typer.Option(
        "--export",
        help="Write the answer to a new file: .md, .html, .docx, .json, .bib or .ris.",
        callback=_new_export,
        show_default=False,
    ),
]


@app.command()
def ask(
    question: QuestionArgument,
    *,
    index: IndexOption = None,
    document: DocumentOption = None,
    after: Annotated[
        list[str] | None,
        typer.Option(
            "--after", metavar="QUESTION", help="An earlier question that this one follows up.", show_default=False
        ),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how the passages were found.")] = False,
    export: ExportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with sentences of the sources, or say that they do not answer."""
    from natoqa import jsonform, terminal

    assistant = open_assistant(index)
    answer = assistant.ask(question, document or (), after or ())
    # Before it is shown: whoever reads what is shown may leave early, as in: natoqa ask … | head
    if export is not None:
        _export(assistant, question, answer, export)
    show(jsonform.answer_json(answer), lambda: terminal.show_answer(answer, explain=explain), as_json)


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

    hits = open_assistant(index).search(question, k, document or ())
    found = {"question": question, "hits": [jsonform.hit_json(hit) for hit in hits]}
    show(found, lambda: terminal.show_hits(hits), as_json)


register_chat(app)
register_evaluation(app)
app.add_typer(questions_app)


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


def _export(assistant: Assistant, asked: str, answer: Answer, path: Path) -> None:
    from natoqa.conversations import Conversation, Turn
    from natoqa.exporting import export, form_of
    from natoqa.exporting.saving import save

    turn = Turn(asked, answer, datetime.now(UTC).isoformat(timespec="seconds"))
    conversation = Conversation(one_line(asked), (turn,), __version__, assistant.generation.name)
    save(export(conversation, assistant.documents(), form_of(path)), path)
    typer.echo(f"exported: {one_line(str(path))}", err=True)


def main() -> None:
    """Run the command line; every failure that a user can cause is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except NatoqaError as error:
        # A message may quote a file: what stands there must neither break the line nor speak to the terminal.
        print(f"natoqa: {one_line(str(error))}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.filename is not None:
            print(f"natoqa: {one_line(str(error.filename))}: {error.strerror or error}", file=sys.stderr)
            sys.exit(1)
        # What has no name is our own output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Or the reader of our output has gone, as in: natoqa search … | head
        if not isinstance(error, BrokenPipeError):
            print(f"natoqa: the output cannot be written ({error.strerror or error})", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
