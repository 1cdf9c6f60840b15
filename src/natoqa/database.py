"""The SQLite side of a generation: its tables, how documents are written, and the JSON inside."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from natoqa.protocols import Ints
from natoqa.types import Document, Landmark, LandmarkKind, Metadata, PageLayout, Passage, SourceReference

DATABASE = "documents.sqlite"
# The text stands last in its row: SQLite reads a row from the front, and most look-ups want no text.
_TABLES = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, content_hash TEXT NOT NULL,
    metadata TEXT NOT NULL, landmarks TEXT NOT NULL, text TEXT NOT NULL
);
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
CREATE TABLE pages (
    document TEXT NOT NULL REFERENCES documents(id), number INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, width REAL NOT NULL, height REAL NOT NULL, boxes BLOB NOT NULL
);
CREATE INDEX pages_by_document ON pages(document, end);
CREATE INDEX passages_by_document ON passages(document);
CREATE INDEX passages_by_key ON passages(embedding_key);
"""


class DocumentWriter:
    """Writes documents, their pages, passages and sentences into a new generation's database."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / DATABASE)
        # Nobody reads the file before it is complete, and a run that dies throws it away: nothing is to be undone.
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_TABLES)
        self.documents = 0
        self.passages = 0
        self.sentences = 0

    def add_document(self, document: Document, fingerprint: str, pages: Iterable[PageLayout]) -> None:
        """Write a document; ``fingerprint`` is that of its file."""
        self.documents += 1
        self._database.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)",
            (
                document.id,
                fingerprint,
                document.content_hash,
                json.dumps(asdict(document.metadata), ensure_ascii=False),
                json.dumps([(mark.offset, mark.kind, mark.label) for mark in document.landmarks], ensure_ascii=False),
                document.text,
            ),
        )

        self._database.executemany(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (document.id, page.number, page.start, page.end, page.width, page.height, zlib.compress(page.boxes))
                for page in pages
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

    def sentence_tokens(self, row: int) -> Ints:
        """Token rows (s, 2) of the sentences of a passage that was written."""
        rows = self._database.execute(
            "SELECT first_token, last_token FROM sentences WHERE passage = ? ORDER BY number", (row,)
        )
        return np.asarray(rows.fetchall(), dtype=np.int64).reshape(-1, 2)

    def lexical_texts(self) -> Iterator[str]:
        """What the lexical index reads of each passage, in order: title, heading and text.

        A document's first passage stands for the document as a whole: it is found by author, date and kind as well.
        """
        at_hand, text, title, opening = "", "", "", ""
        for identity, start, end, heading in self._database.execute(
            "SELECT document, start, end, heading FROM passages ORDER BY row"
        ):
            if identity != at_hand:
                at_hand = identity
                ((text, columns),) = self._database.execute(
                    "SELECT text, metadata FROM documents WHERE id = ?", (identity,)
                )
                about = metadata_from_json(columns)
                title, opening = about.title, "\n".join((about.kind, about.author, about.date, about.about))
            yield "\n".join((title, opening, heading, text[start:end]))
            opening = ""

    def close(self) -> None:
        """Commit and let go of the file."""
        self._database.commit()
        self._database.close()

    def abandon(self) -> None:
        """Let go of a file that is not to be kept."""
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


def page_from_row(row: tuple[int, int, int, float, float, bytes]) -> PageLayout:
    """A row of the table ``pages`` without its document."""
    number, start, end, width, height, boxes = row
    return PageLayout(number, start, end, width, height, zlib.decompress(boxes))
