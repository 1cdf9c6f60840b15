"""What indexing costs beside encoding, what an incremental sync costs, and how memory grows with the corpus.

    python bench/indexing.py                  speed, with the real encoder; some three minutes
    python bench/indexing.py --memory         10,000 documents of 10 kB with vectors of the real size; 20 GB of disk

Speed is a ratio of two figures from one process, taken in turns: the encoder alone over the very texts that a build
from nothing encodes, and that build. The model is loaded beforehand and neither figure includes that. Memory is taken
with an encoder that invents its vectors: what is asked is how the pipeline grows, and a day of encoding would not say
more about that. Each of its figures comes from a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from natoqa import wiring
from natoqa.backends.bm25s_lexical import Bm25Index
from natoqa.backends.faiss_flat import FlatIndex
from natoqa.indexing import Indexer, SyncReport
from natoqa.protocols import Encoder, Encoding
from natoqa.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
VARIANTS = 5
DIMENSIONS = 384
WORDS = 20_000
DOCUMENTS = (100, 1_000, 10_000)
DOCUMENT_BYTES = 10_000


@dataclass
class Recording:
    """The real encoder, which remembers what it was asked to encode."""

    encoder: Encoder
    texts: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.encoder, name)

    def encode_passages(self, texts: Sequence[str]) -> Iterator[Encoding]:
        self.texts += texts
        return self.encoder.encode_passages(texts)


class Inventing:
    """Vectors of the real size for words of a known list, drawn at random once."""

    fingerprint = "inventing"
    dimensions = DIMENSIONS
    max_tokens = 254

    def __init__(self) -> None:
        vectors = np.random.default_rng(0).standard_normal((1024, DIMENSIONS), dtype=np.float32)
        self._vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def count_tokens(self, text: str) -> int:
        return text.count(" ") + 1

    def encode_passages(self, texts: Sequence[str]) -> Iterator[Encoding]:
        for text in texts:
            words = text.split(" ")[: self.max_tokens]
            ends = np.cumsum([len(word) + 1 for word in words])
            ids = np.asarray([len(word) * 31 + ord(word[0]) if word else 0 for word in words], dtype=np.int64) % 1024
            first = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=2).digest(), "big") % 1024
            yield Encoding(
                self._vectors[first],
                self._vectors[ids],
                ids,
                np.stack([np.concatenate([[0], ends[:-1]]), ends - 1], axis=1),
            )

    def encode_question(self, text: str) -> Encoding:
        return next(iter(self.encode_passages([text])))


def indexer(encoder: Encoder, corpus: Path, index: Path) -> Indexer:
    settings = Settings(corpus={"path": corpus}, index={"path": index})  # type: ignore[arg-type]
    return Indexer(settings, lambda: encoder, FlatIndex, Bm25Index)


def prose(rng: random.Random, size: int) -> str:
    """Some ``size`` characters of sentences and paragraphs of invented words, frequent ones more often."""
    parts: list[str] = []
    length = 0
    while length < size:
        words = [f"w{int(WORDS ** rng.random())}" for _ in range(rng.randint(6, 30))]
        sentence = " ".join(words).capitalize() + rng.choice((". ", ". ", ". ", ".\n\n"))
        parts.append(sentence)
        length += len(sentence)
    return "".join(parts)


def write_corpus(corpus: Path, documents: int) -> None:
    for number in range(documents):
        path = corpus / f"{number // 1000:02d}" / f"document {number:05d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(prose(random.Random(number), DOCUMENT_BYTES), "utf-8")
        os.utime(path, (1_000_000_000, 1_000_000_000))


def write_variants(corpus: Path) -> None:
    """The shipped documents, several times, their paragraphs in another order each time: as many different passages."""
    corpus.mkdir()
    for path in (ROOT / "corpus").rglob("*"):
        if path.suffix in (".txt", ".md") and path.name != "README.md":
            paragraphs = path.read_text("utf-8").split("\n\n")
            for number in range(VARIANTS):
                random.Random(number).shuffle(paragraphs)
                (corpus / f"{path.stem} {number}.txt").write_text("\n\n".join(paragraphs), "utf-8")


def against_the_encoder(home: Path) -> tuple[int, list[float], list[float]]:
    """Passages, and for each round the seconds of the encoder alone and of a build from nothing."""
    write_variants(home / "variants")
    encoder = Recording(wiring.encoder(Settings().encoder))
    next(iter(encoder.encoder.encode_passages(["Loaded and warm."])))
    alone: list[float] = []
    whole: list[float] = []
    for number in range(ROUNDS):
        encoder.texts.clear()
        whole.append(indexer(encoder, home / "variants", home / f"index {number}").sync().seconds)  # type: ignore[arg-type]
        began = time.perf_counter()
        for _ in encoder.encoder.encode_passages(list(encoder.texts)):
            pass
        alone.append(time.perf_counter() - began)
    return len(encoder.texts), alone, whole


def incremental(home: Path) -> list[tuple[str, SyncReport]]:
    """One change after another to a copy of the shipped corpus."""
    corpus, index = home / "corpus", home / "changing"
    shutil.copytree(ROOT / "corpus", corpus)
    for path in corpus.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    encoder = wiring.encoder(Settings().encoder)
    work = indexer(encoder, corpus, index)
    briefing = corpus / "briefing.txt"
    steps = [("from nothing", work.sync()), ("nothing changed", work.sync())]
    text = briefing.read_text("utf-8")
    middle = text.index(". ", len(text) // 2)
    briefing.write_text(text[:middle] + ", as has been added here" + text[middle:], "utf-8")
    steps.append(("one sentence of the briefing edited", work.sync()))
    briefing.rename(corpus / "renamed.txt")
    steps.append(("the briefing renamed", work.sync()))
    shutil.copy(corpus / "renamed.txt", corpus / "copy.txt")
    steps.append(("the briefing copied", work.sync()))
    (corpus / "copy.txt").unlink()
    steps.append(("the copy removed", work.sync()))
    return steps


def grow(corpus: Path, index: Path) -> None:
    """Build from nothing and sync twice more; print documents, passages, seconds, MB at the peak, idle seconds."""
    work = indexer(Inventing(), corpus, index)
    report = work.sync()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    work.sync()  # the first one after a build looks at what was just written
    idle = work.sync()
    print(report.documents, report.passages, report.seconds, peak, idle.seconds, flush=True)


def memory(console: Console, home: Path) -> None:
    table = Table("documents", "passages", "seconds", "MB at the peak", "MB of vectors", "nothing to do, s", box=None)
    for documents in DOCUMENTS:
        corpus, index = home / "corpus", home / "index"
        write_corpus(corpus, documents)
        command = [sys.executable, __file__, "--grow", str(corpus), str(index)]
        line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        passages = int(line[1])
        vectors = passages * DIMENSIONS * 4 / 2**20
        table.add_row(line[0], line[1], *(f"{float(n):.{d}f}" for n, d in zip(line[2:4], (0, 0), strict=True)),
                      f"{vectors:.0f}", f"{float(line[4]):.2f}")  # fmt: skip
        shutil.rmtree(corpus)
        shutil.rmtree(index)
    console.print(table)


def speed(console: Console, home: Path) -> None:
    passages, alone, whole = against_the_encoder(home)
    ratios = [a / w for a, w in zip(alone, whole, strict=True)]
    table = Table("round", "encoder alone, s", "build from nothing, s", "ratio", box=None)
    for number, (a, w, ratio) in enumerate(zip(alone, whole, ratios, strict=True), start=1):
        table.add_row(str(number), f"{a:.2f}", f"{w:.2f}", f"{ratio:.3f}")
    console.print(f"{passages} passages; median ratio {statistics.median(ratios):.3f}")
    console.print(table)
    table = Table("change", "texts encoded", "seconds", box=None)
    for what, report in incremental(home):
        table.add_row(what, str(report.encoded), f"{report.seconds:.2f}")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--memory", action="store_true", help="measure memory instead of speed")
    parser.add_argument("--grow", nargs=2, type=Path, metavar=("CORPUS", "INDEX"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.grow:
        grow(*options.grow)
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as home:
        (memory if options.memory else speed)(Console(width=120), Path(home))


if __name__ == "__main__":
    main()
