"""``natoqa questions``: check, import, export and draft question sets. No command here loads a model."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from natoqa.cli_options import IndexOption, JsonOption, settings_for, show

if TYPE_CHECKING:
    from natoqa.evaluation.sets.documents import Documents

questions_app = typer.Typer(
    name="questions", help="Check, import, export and draft question sets.", no_args_is_help=True
)

SetArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The question set.", show_default=False)]
OutFileOption = Annotated[Path, typer.Option("--out", help="The question set to write.", show_default=False)]
CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", help="Folder of the documents, read instead of an index.", show_default=False)
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@questions_app.command()
def check(
    file: SetArgument, corpus: CorpusOption = None, index: IndexOption = None, as_json: JsonOption = False
) -> None:
    """Find what is wrong with a question set, line by line; exit status 1 if there is an error."""
    from natoqa import terminal_questions
    from natoqa.evaluation.sets.checking import check_questions

    report = check_questions(file, lambda: _documents(corpus, index))
    show(terminal_questions.check_json(report), lambda: terminal_questions.show_check(report), as_json)
    if report.errors:
        raise typer.Exit(1)


@questions_app.command("import")
def import_(
    format_: Annotated[
        str, typer.Argument(metavar="FORMAT", help="squad, beir, jsonl, trec, csv or feedback.", show_default=False)
    ],
    source: Annotated[
        Path,
        typer.Argument(metavar="SOURCE", help="The file or folder to read; for trec the qrels.", show_default=False),
    ],
    out: OutFileOption,
    corpus: Annotated[
        Path | None,
        typer.Option("--corpus", help="squad, beir, jsonl: new folder for the documents; else where they are."),
    ] = None,
    index: IndexOption = None,
    qrels: Annotated[Path | None, typer.Option("--qrels", help="beir: judgements elsewhere than in qrels/.")] = None,
    split: Annotated[str, typer.Option("--split", help="beir: the judgements to read, qrels/SPLIT.tsv.")] = "test",
    queries: Annotated[Path | None, typer.Option("--queries", help="trec: file of the topics.")] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a question set of another format, and a corpus of the documents that come with it."""
    from natoqa import terminal_questions
    from natoqa.evaluation.sets.importing import FORMATS, ImportOptions, import_questions

    if format_ not in FORMATS:
        raise typer.BadParameter(f"'{format_}' is none of {', '.join(FORMATS)}", param_hint="FORMAT")
    options = ImportOptions(cache(lambda: _documents(corpus, index)), qrels, queries, split)
    summary = import_questions(format_, source, out, options, corpus, force=force)
    show(terminal_questions.import_json(summary), lambda: terminal_questions.show_import(summary), as_json)


@questions_app.command()
def export(
    file: SetArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder for the TREC files.", show_default=False)],
    run: Annotated[
        Path | None, typer.Option("--run", help="A run's run.json, written as run.trec.", show_default=False)
    ] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a question set, and a run, as TREC files: qrels.txt, queries.tsv, run.trec."""
    from natoqa import terminal_questions
    from natoqa.evaluation.questions import load_questions
    from natoqa.evaluation.sets.trec import export_questions

    written = export_questions(load_questions(file), out, run, force=force)
    show({"folder": str(out), **written}, lambda: terminal_questions.show_export(out, written), as_json)


@questions_app.command()
def draft(
    out: OutFileOption,
    count: Annotated[int, typer.Option("--count", min=1, help="Questions to propose, at most.")] = 40,
    index: IndexOption = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another choice of sentences.")] = 0,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Propose questions about the documents of an index, for a person to review; no language model is used."""
    from natoqa import terminal_questions
    from natoqa.evaluation.drafting import draft_questions, write_drafts
    from natoqa.store import Generation

    drafts = draft_questions(Generation.open(settings_for(index).index.path), count, seed)
    write_drafts(drafts, out, force=force)
    show(terminal_questions.draft_json(out, drafts), lambda: terminal_questions.show_draft(out, drafts), as_json)


def _documents(corpus: Path | None, index: Path | None) -> Documents:
    """Of the corpus or the index that is named; else of the index when there is one, else of the corpus."""
    from natoqa.corpus import Corpus
    from natoqa.evaluation.sets.documents import documents_of_corpus, documents_of_index
    from natoqa.generations import CURRENT

    if corpus is not None and index is not None:
        raise typer.BadParameter("name a corpus or an index, not both", param_hint="--corpus, --index")
    settings = settings_for(index, corpus)
    if corpus is None and (index is not None or (settings.index.path / CURRENT).is_file()):
        return documents_of_index(settings.index.path)
    return documents_of_corpus(Corpus.open(settings.corpus.path, settings.corpus.limits))
