"""Benchmark collections, corpus.jsonl ({id, title, text}) and questions.jsonl, as corpora that natoqa indexes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from natoqa import wiring
from natoqa.assistant import Assistant
from natoqa.settings import Settings, load_settings

CACHE = Path(__file__).parent / ".cache"


def lay_out(collection: Path, corpus: Path) -> None:
    """Write every document of a collection as a text file of its own, its title into metadata.toml."""
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    titles: list[str] = []
    with (collection / "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            name = f"{document['id']}.txt"
            (corpus / name).write_text(document["text"], "utf-8")
            if document.get("title"):
                titles.append(f"[{json.dumps(name)}]\ntitle = {json.dumps(document['title'])}\n")
    (corpus / "metadata.toml").write_text("\n".join(titles), "utf-8")


def settings_for(corpus: Path, name: str) -> Settings:
    """The default settings over a corpus, its index kept in the benchmark's cache."""
    return load_settings(corpus={"path": corpus}, index={"path": CACHE / f"{name}.index"})


def open_indexed(settings: Settings) -> Assistant:
    """Index what has changed, say so, and open it."""
    report = wiring.indexer(settings).sync(progress=_show)
    print(f"{settings.corpus.path}: {report.documents} documents, {report.passages} passages, {report.encoded} encoded")
    return wiring.assistant(settings=settings)


def _show(done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        print(f"  encoded {done}/{total}", flush=True)
