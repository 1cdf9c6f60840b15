"""One generation, open for reading: documents, passages and the vectors of their tokens."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from natoqa.checksums import differing_at_a_glance
from natoqa.database import DATABASE, landmarks_from_json, metadata_from_json, page_from_row
from natoqa.document_cache import DocumentCache
from natoqa.errors import IndexMismatch
from natoqa.generations import Manifest, damaged, steadily
from natoqa.protocols import Floats, Ints
from natoqa.types import Document, Metadata, PageLayout, Passage, Sentence, SentenceKind

VECTORS = "vectors.f32"
TOKENS = "tokens.f16"
TOKEN_IDS = "token_ids.i32"  # noqa: S105 - tokens of text
_FAR = 1 << 62


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with the token rows it owns: its own range and, sentence by sentence, (s, 2) within the whole index."""

    row: int
    passage: Passage
    key: str
    first_token: int
    last_token: int
    sentence_tokens: Ints


class Generation:
    """A complete index, open for reading. Safe to share between threads; nothing here ever writes."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._lock = threading.Lock()
        self._documents = DocumentCache()
        try:
            self._database = sqlite3.connect(
                f"{(folder / DATABASE).absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise damaged(folder, DATABASE) from error
        # Every file is opened now: this generation can be read to the end even when a writer removes it.
        self.vectors: Floats = self._mapped(VECTORS, np.float32, (manifest.passages, manifest.dimensions))
        """Passage vectors (passages, d), memory-mapped."""
        self.tokens = self._mapped(TOKENS, np.float16, (manifest.tokens, manifest.dimensions))
        """Token vectors (tokens, d) in half precision, memory-mapped."""
        self.token_ids = self._mapped(TOKEN_IDS, np.int32, (manifest.tokens,))
        """The encoder's token ids (tokens,), memory-mapped."""
        try:
            self._token_file = (folder / TOKENS).open("rb", buffering=0)
        except OSError as error:
            raise damaged(folder, TOKENS) from error

    @classmethod
    def open(cls, index: Path) -> Generation:
        """Open the live generation of an index folder.

        Raises NoIndex when there is none, IndexMismatch for another schema, IndexDamaged when a file is missing, has
        not the size that the manifest states, or differs in a sample of its bytes.
        """
        return steadily(index, cls.open_folder)

    @classmethod
    def open_folder(cls, folder: Path) -> Generation:
        """Open a generation that need not be the live one. Raises IndexMismatch or IndexDamaged."""
        manifest = Manifest.read(folder)
        if wrong := next(differing_at_a_glance(folder, manifest.files), None):
            raise damaged(folder, wrong)
        return cls(folder, manifest)

    @property
    def index(self) -> Path:
        """The index folder that the generation belongs to."""
        return self.folder.parent.parent

    @property
    def name(self) -> str:
        """The generation's number, as its folder is called."""
        return self.folder.name

    @cached_property
    def token_frequencies(self) -> Mapping[int, int]:
        """Token id -> number of passages that hold it."""
        counts: dict[int, int] = {}
        for first, last in self._rows("SELECT first_token, last_token FROM passages"):
            for token in np.unique(self.token_ids[first:last]).tolist():
                counts[token] = counts.get(token, 0) + 1
        return counts

    def document(self, identity: str) -> Document:
        """A document with its text.

        Raises KeyError when the generation does not hold it, and IndexDamaged when its text is not the one that was
        indexed: what is quoted from it would not stand in the source.
        """
        return self._documents.get(identity, self._read_document)

    def _read_document(self, identity: str) -> Document:
        rows = self._rows("SELECT text, metadata, landmarks, content_hash FROM documents WHERE id = ?", identity)
        if not rows:
            raise KeyError(identity)
        text, metadata, landmarks, content_hash = rows[0]
        if not isinstance(text, str):
            raise damaged(self.folder, f"{DATABASE}: {identity}")
        try:
            document = Document(identity, text, metadata_from_json(metadata), landmarks_from_json(landmarks))
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(self.folder, f"{DATABASE}: {identity}") from error
        if document.content_hash != content_hash:
            raise damaged(self.folder, f"{DATABASE}: the text of {identity}")
        return document

    def pages(self, identity: str, start: int = 0, end: int | None = None) -> tuple[PageLayout, ...]:
        """The layout of a document's pages, in order, of those alone that hold text of ``[start, end)``."""
        rows = self._rows(
            "SELECT number, start, end, width, height, boxes FROM pages "
            "WHERE document = ? AND end > ? AND start < ? ORDER BY number",
            *(identity, start, _FAR if end is None else end),
        )
        try:
            return tuple(map(page_from_row, rows))
        except (ValueError, zlib.error) as error:
            raise damaged(self.folder, f"{DATABASE}: the pages of {identity}") from error

    def document_ids(self) -> list[str]:
        """Ids of all documents, sorted."""
        return [identity for (identity,) in self._rows("SELECT id FROM documents ORDER BY id")]

    def document_metadata(self) -> dict[str, Metadata]:
        """Metadata of all documents by id, without their texts."""
        return {
            identity: metadata_from_json(metadata)
            for identity, metadata in self._rows("SELECT id, metadata FROM documents ORDER BY id")
        }

    def fingerprints(self) -> dict[str, str]:
        """Document id -> fingerprint of the file it was made from."""
        return dict(self._rows("SELECT id, fingerprint FROM documents"))

    @cached_property
    def corpus_hash(self) -> str:
        """SHA-256 over the ids and content hashes of all documents: equal corpora have equal ones."""
        rows = self._rows("SELECT id, content_hash FROM documents ORDER BY id")
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    def passage_counts(self) -> dict[str, int]:
        """Document id -> number of its passages."""
        return dict(self._rows("SELECT document, count(*) FROM passages GROUP BY document"))

    def rows_of(self, documents: Iterable[str]) -> Ints:
        """Rows of all passages of these documents, ascending."""
        rows = [
            row
            for identity in documents
            for (row,) in self._rows("SELECT row FROM passages WHERE document = ?", identity)
        ]
        return np.asarray(sorted(rows), dtype=np.int64)

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """Stored passages in the order of ``rows``."""
        # One JSON array instead of a list of question marks: no limit on its length, no text put into the query.
        wanted = json.dumps(list(rows))
        sentences: dict[int, list[tuple[Any, ...]]] = {row: [] for row in rows}
        for row, *sentence in self._rows(
            "SELECT passage, start, end, kind, first_token, last_token FROM sentences "
            "WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY passage, number",
            wanted,
        ):
            sentences[row].append(tuple(sentence))
        found: dict[int, StoredPassage] = {}
        for row, document, start, end, heading, key, first, last in self._rows(
            "SELECT row, document, start, end, heading, embedding_key, first_token, last_token FROM passages "
            "WHERE row IN (SELECT value FROM json_each(?))",
            wanted,
        ):
            own = sentences[row]
            spans = tuple(Sentence(s, e, SentenceKind(kind)) for s, e, kind, _, _ in own)
            tokens = np.asarray([(f, t) for *_, f, t in own], dtype=np.int64).reshape(-1, 2)
            found[row] = StoredPassage(row, Passage(document, start, end, heading, spans), key, first, last, tokens)
        return [found[row] for row in rows]

    def read_tokens(self, first: int, last: int) -> np.ndarray[Any, Any]:
        """Rows ``[first, last)`` of the token vectors, read and not mapped.

        For going through very many of them: a mapped file counts as memory of the process as far as it was looked at.
        """
        row = self.manifest.dimensions * np.dtype(np.float16).itemsize
        data = os.pread(self._token_file.fileno(), (last - first) * row, first * row)
        if len(data) != (last - first) * row:
            raise damaged(self.folder, TOKENS)
        return np.frombuffer(data, dtype=np.float16).reshape(-1, self.manifest.dimensions)

    def encodings_by_key(self) -> dict[str, int]:
        """Embedding key -> a row that holds it: what need not be encoded again."""
        return dict(self._rows("SELECT embedding_key, row FROM passages ORDER BY row DESC"))

    def counts(self) -> tuple[int, int, int]:
        """Numbers of documents, passages and sentences, counted."""
        (counted,) = self._rows(
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages), (SELECT count(*) FROM sentences)"
        )
        return counted[0], counted[1], counted[2]

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._database.close()
            self._token_file.close()

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._database.execute(query, values).fetchall()
        except sqlite3.ProgrammingError:
            raise  # somebody asks a generation that is closed, which is no fault of its files
        except sqlite3.DatabaseError as error:
            raise damaged(self.folder, DATABASE) from error

    def _mapped(self, name: str, dtype: type, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        if 0 in shape:
            return np.empty(shape, dtype=dtype)
        try:
            return np.memmap(self.folder / name, dtype=dtype, mode="r", shape=shape)
        except (OSError, ValueError) as error:
            raise damaged(self.folder, name) from error


def require_same_encoder(generation: Generation, fingerprint: str) -> None:
    """Raises IndexMismatch unless the generation was built by the encoder with this fingerprint."""
    if generation.manifest.encoder != fingerprint:
        raise IndexMismatch(
            f"the index was built by the encoder {generation.manifest.encoder} and the settings ask for {fingerprint}; "
            "run: natoqa index --rebuild"
        )
