"""Benchmark collections as corpora that natoqa indexes, kept in the benchmarks' cache."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from natoqa import wiring
from natoqa.assistant import Assistant
from natoqa.evaluation.sets.documents import Documents
from natoqa.evaluation.sets.importing import ImportOptions, import_questions
from natoqa.settings import Settings, load_settings

CACHE = Path(__file__).parent / ".cache"


def import_collection(collection: Path) -> tuple[Path, Path]:
    """Import a folder with corpus.jsonl and questions.jsonl; returns the folder of documents and the question set."""
    corpus, questions = CACHE / f"{collection.name}.corpus", CACHE / f"{collection.name}.jsonl"
    import_questions("jsonl", collection, questions, ImportOptions(_no_documents), corpus, force=True)
    return corpus, questions


def lay_out(documents: Iterable[tuple[str, str, str]], corpus: Path) -> None:
    """Write documents (file name, title, text) as a corpus, the titles into metadata.toml."""
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    titles: list[str] = []
    for name, title, text in documents:
        (corpus / name).write_text(text, "utf-8")
        titles.append(f"[{json.dumps(name)}]\ntitle = {json.dumps(title)}\n" if title else "")
    (corpus / "metadata.toml").write_text("\n".join(titles), "utf-8")


def settings_for(corpus: Path, name: str) -> Settings:
    """The default settings over a corpus, its index kept in the benchmark's cache."""
    return load_settings(corpus={"path": corpus}, index={"path": CACHE / f"{name}.index"})


def open_indexed(settings: Settings) -> Assistant:
    """Index what has changed, say so, and open it."""
    report = wiring.indexer(settings).sync(progress=_show)
    print(f"{settings.corpus.path}: {report.documents} documents, {report.passages} passages, {report.encoded} encoded")
    return wiring.assistant(settings=settings)


def _no_documents() -> Documents:
    raise LookupError("the collection brings its own documents")


def _show(done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        print(f"  encoded {done}/{total}", flush=True)
