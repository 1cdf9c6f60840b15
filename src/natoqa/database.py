"""The SQLite side of a generation: its tables, how documents are written, and the JSON inside."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path

from natoqa.protocols import Ints
from natoqa.types import Document, Landmark, LandmarkKind, Metadata, Passage, SourceReference

DATABASE = "documents.sqlite"
_TABLES = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, content_hash TEXT NOT NULL,
    text TEXT NOT NULL, metadata TEXT NOT NULL, landmarks TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES documents(id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, heading TEXT NOT NULL,
    embedding_key TEXT NOT NULL, first_token INTEGER NOT NULL, last_token INTEGER NOT NULL
);
CREATE TABLE sentences (
    passage INTEGER NOT NULL REFERENCES passages(row), number INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, kind TEXT NOT NULL,
    first_token INTEGER NOT NULL, last_token INTEGER NOT NULL,
    PRIMARY KEY (passage, number)
) WITHOUT ROWID;
CREATE INDEX passages_by_document ON passages(document);
CREATE INDEX passages_by_key ON passages(embedding_key);
"""


class DocumentWriter:
    """Writes documents, passages and sentences into a new generation's database."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / DATABASE)
        self._database.executescript(_TABLES)
        self.passages = 0
        self.sentences = 0

    def add_document(self, document: Document, fingerprint: str) -> None:
        """Write a document; ``fingerprint`` is that of its file."""
        self._database.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)",
            (
                document.id,
                fingerprint,
                document.content_hash,
                document.text,
                json.dumps(asdict(document.metadata), ensure_ascii=False),
                json.dumps([(mark.offset, mark.kind, mark.label) for mark in document.landmarks], ensure_ascii=False),
            ),
        )

    def add_passage(self, passage: Passage, key: str, tokens: tuple[int, int], sentence_tokens: Ints) -> None:
        """Write the next passage; token rows count within the whole generation."""
        self._database.execute(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self.passages, passage.document, passage.start, passage.end, passage.heading, key, *tokens),
        )
        self._database.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (self.passages, number, sentence.start, sentence.end, sentence.kind, first, last)
                for number, (sentence, (first, last)) in enumerate(
                    zip(passage.sentences, sentence_tokens.tolist(), strict=True)
                )
            ),
        )
        self.passages += 1
        self.sentences += len(passage.sentences)

    def close(self) -> None:
        """Commit and let go of the file."""
        self._database.commit()
        self._database.close()


def metadata_from_json(text: str) -> Metadata:
    """The column ``documents.metadata``."""
    fields = json.loads(text)
    fields["sources"] = tuple(SourceReference(**source) for source in fields["sources"])
    fields["confidence"] = tuple(fields["confidence"])
    return Metadata(**fields)


def landmarks_from_json(text: str) -> tuple[Landmark, ...]:
    """The column ``documents.landmarks``."""
    return tuple(Landmark(offset, LandmarkKind(kind), label) for offset, kind, label in json.loads(text))
