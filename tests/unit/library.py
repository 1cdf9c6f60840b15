"""A library in a temporary folder: a corpus, an index and the fake encoder. Nothing heavy, nothing slow."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from natoqa.assistant import Assistant
from natoqa.backends.bm25s_lexical import Bm25Index
from natoqa.backends.faiss_flat import FlatIndex
from natoqa.errors import IndexDamaged
from natoqa.extractive import ExtractiveAnswerer
from natoqa.generations import steadily
from natoqa.indexing import Indexer, SyncReport
from natoqa.retrieval import Retriever
from natoqa.settings import Settings
from natoqa.store import Generation
from natoqa.testing import FakeEncoder
from natoqa.verification import verify


@dataclass
class Library:
    """``openings`` counts how often the encoder was asked for: loading a real one takes seconds."""

    home: Path
    encoder: FakeEncoder = field(default_factory=FakeEncoder)
    passage_tokens: int = 40
    keep: int = 2
    openings: int = 0

    def __post_init__(self) -> None:
        self.corpus.mkdir(parents=True, exist_ok=True)

    @property
    def corpus(self) -> Path:
        return self.home / "corpus"

    @property
    def index(self) -> Path:
        return self.home / "index"

    @property
    def live(self) -> Path:
        """The folder of the live generation."""
        return self.index / "generations" / (self.index / "CURRENT").read_text().strip()

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def settings(self) -> Settings:
        return Settings(
            corpus={"path": self.corpus},  # type: ignore[arg-type]
            index={"path": self.index, "keep": self.keep},  # type: ignore[arg-type]
            chunking={"passage_tokens": self.passage_tokens},  # type: ignore[arg-type]
            # Whether the sources answer is another test's question: here everything found is shown.
            answer={"threshold": 0.0},  # type: ignore[arg-type]
        )

    def indexer(self) -> Indexer:
        def opened() -> FakeEncoder:
            self.openings += 1
            return self.encoder

        return Indexer(self.settings(), opened, FlatIndex, Bm25Index)

    def sync(self, **options: Any) -> SyncReport:
        return self.indexer().sync(**options)

    def open(self) -> Assistant:
        """As the product opens an index: again if a writer pruned the generation in the midst of it."""
        return steadily(self.index, self._open_folder)

    def _open_folder(self, folder: Path) -> Assistant:
        generation = Generation.open_folder(folder)
        settings = self.settings()
        try:
            vectors, lexical = FlatIndex.load(folder), Bm25Index.load(folder)
        except IndexDamaged:
            generation.close()
            raise
        retriever = Retriever(generation, self.encoder, vectors, lexical, settings.retrieval)
        return Assistant(generation, retriever, ExtractiveAnswerer(), settings.answer)

    def rebuilt(self) -> Library:
        """The same corpus, indexed from nothing beside this index."""
        number = next(n for n in itertools.count() if not (self.home / f"rebuilt {n}").exists())
        other = replace(self, home=self.home / f"rebuilt {number}", encoder=FakeEncoder(), openings=0)
        other.corpus.rmdir()
        other.corpus.symlink_to(self.corpus.absolute(), target_is_directory=True)
        other.sync()
        return other

    def contents(self) -> dict[str, Any]:
        """Everything that the live generation holds and finds, in a form that can be compared."""
        generation = Generation.open(self.index)
        try:
            verify(generation)
            rows = list(range(generation.manifest.passages))
            stored = generation.passages(rows)
            lexical = Bm25Index.load(generation.folder)
            return {
                "documents": [generation.document(identity) for identity in generation.document_ids()],
                "fingerprints": generation.fingerprints(),
                "passages": [(item.passage, item.key) for item in stored],
                "sentence tokens": [(item.sentence_tokens - item.first_token).tolist() for item in stored],
                "vectors": [generation.vectors[row].tobytes() for row in rows],
                "tokens": [generation.tokens[item.first_token : item.last_token].tobytes() for item in stored],
                "token ids": [generation.token_ids[item.first_token : item.last_token].tolist() for item in stored],
                "bm25": {term: lexical.scores([term]).tolist() for term in ("china", "nato", "chile", "text")},
                "pages": [generation.pages(identity) for identity in generation.document_ids()],
                "notices": generation.manifest.notices,
                "unreadable": generation.manifest.unreadable,
                # The vectors' files are the same to the byte.
                "files": {
                    name: sums
                    for name, sums in generation.manifest.files.items()
                    if name.endswith((".f32", ".f16", ".i32", ".faiss"))
                },
            }
        finally:
            generation.close()

    def found(self, question: str) -> list[tuple[Any, ...]]:
        """What a search finds, without what depends on the run."""
        assistant = self.open()
        try:
            return [(hit.passage, hit.title, hit.text, hit.ranks) for hit in assistant.search(question)]
        finally:
            assistant.generation.close()
