"""One generation of the index on disk: complete, verified, never changed once it is live.

index/
  CURRENT                    the name of the live generation
  generations/0007/
    manifest.json            identity, counts, size and SHA-256 of every other file
    documents.sqlite         documents, passages, sentences
    vectors.f32              passage vectors, (passages, d)
    tokens.f16, token_ids.i32  token vectors (tokens, d) and their ids (tokens,)
    vectors.faiss, bm25/     what the vector index and the lexical index saved
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from natoqa.corpus import Notice
from natoqa.errors import IndexDamaged, IndexMismatch, NoIndex
from natoqa.protocols import Floats, Ints
from natoqa.types import (
    Document,
    Landmark,
    LandmarkKind,
    Metadata,
    Passage,
    Sentence,
    SentenceKind,
    SourceReference,
)

SCHEMA = 1
CURRENT = "CURRENT"
GENERATIONS = "generations"
MANIFEST = "manifest.json"
DATABASE = "documents.sqlite"
VECTORS = "vectors.f32"
TOKENS = "tokens.f16"
TOKEN_IDS = "token_ids.i32"  # noqa: S105 - tokens of text

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


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself."""

    schema: int
    natoqa: str
    created: str
    encoder: str
    dimensions: int
    model: str
    chunker: str
    lexical: str
    vector_index: str
    documents: int
    passages: int
    sentences: int
    tokens: int
    files: Mapping[str, tuple[int, str]]
    notices: tuple[Notice, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The manifest as it stands on disk."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """The inverse of :meth:`to_json`. Raises ValueError, KeyError or TypeError for anything else."""
        fields = json.loads(text)
        fields["files"] = {name: (int(size), str(digest)) for name, (size, digest) in fields["files"].items()}
        fields["notices"] = tuple(Notice(**notice) for notice in fields["notices"])
        return cls(**fields)


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
        try:
            self._database = sqlite3.connect(
                f"{(folder / DATABASE).absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise _damaged(folder, DATABASE) from error
        # Every file is opened now: this generation can be read to the end even when a writer removes it.
        self.vectors: Floats = self._mapped(VECTORS, np.float32, (manifest.passages, manifest.dimensions))
        """Passage vectors (passages, d), memory-mapped."""
        self.tokens = self._mapped(TOKENS, np.float16, (manifest.tokens, manifest.dimensions))
        """Token vectors (tokens, d) in half precision, memory-mapped."""
        self.token_ids = self._mapped(TOKEN_IDS, np.int32, (manifest.tokens,))
        """The encoder's token ids (tokens,), memory-mapped."""

    @classmethod
    def open(cls, index: Path) -> Generation:
        """Open the live generation of an index folder.

        Raises NoIndex when there is none, IndexMismatch for another schema, IndexDamaged when a file is missing or
        has not the size that the manifest states.
        """
        folder = live_folder(index)
        try:
            raw = json.loads((folder / MANIFEST).read_text("utf-8"))
            if raw["schema"] != SCHEMA:
                raise IndexMismatch(
                    f"the index in {index} has schema {raw['schema']}, this natoqa reads {SCHEMA}; "
                    "run: natoqa index --rebuild"
                )
            manifest = Manifest.from_json(json.dumps(raw))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(folder, MANIFEST) from error
        for name, (size, _) in manifest.files.items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != size:
                raise _damaged(folder, name)
        return cls(folder, manifest)

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
        """A document with its text. Raises KeyError when the generation does not hold it."""
        rows = self._rows("SELECT text, metadata, landmarks FROM documents WHERE id = ?", identity)
        if not rows:
            raise KeyError(identity)
        text, metadata, landmarks = rows[0]
        return Document(identity, text, _metadata_from_json(metadata), _landmarks_from_json(landmarks))

    def document_ids(self) -> list[str]:
        """Ids of all documents, sorted."""
        return [identity for (identity,) in self._rows("SELECT id FROM documents ORDER BY id")]

    def document_metadata(self) -> dict[str, Metadata]:
        """Metadata of all documents by id, without their texts."""
        return {
            identity: _metadata_from_json(metadata)
            for identity, metadata in self._rows("SELECT id, metadata FROM documents ORDER BY id")
        }

    def fingerprints(self) -> dict[str, str]:
        """Document id -> fingerprint of the file it was made from."""
        return dict(self._rows("SELECT id, fingerprint FROM documents"))

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

    def encodings_by_key(self) -> dict[str, int]:
        """Embedding key -> a row that holds it: what need not be encoded again."""
        return dict(self._rows("SELECT embedding_key, row FROM passages ORDER BY row DESC"))

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._database.close()

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._database.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _damaged(self.folder, DATABASE) from error

    def _mapped(self, name: str, dtype: type, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        if 0 in shape:
            return np.empty(shape, dtype=dtype)
        try:
            return np.memmap(self.folder / name, dtype=dtype, mode="r", shape=shape)
        except (OSError, ValueError) as error:
            raise _damaged(self.folder, name) from error


def live_folder(index: Path) -> Path:
    """The folder of the live generation. Raises NoIndex, or IndexDamaged when CURRENT leads nowhere."""
    try:
        name = (index / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError as error:
        raise NoIndex(f"there is no index in {index}; run: natoqa index") from error
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(index, CURRENT) from error
    folder = index / GENERATIONS / name
    if not name.isdecimal() or not folder.is_dir():
        raise _damaged(index, CURRENT)
    return folder


def require_same_encoder(generation: Generation, fingerprint: str) -> None:
    """Raises IndexMismatch unless the generation was built by the encoder with this fingerprint."""
    if generation.manifest.encoder != fingerprint:
        raise IndexMismatch(
            f"the index was built by the encoder {generation.manifest.encoder} and the settings ask for {fingerprint}; "
            "run: natoqa index --rebuild"
        )


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


def checksums(folder: Path) -> dict[str, tuple[int, str]]:
    """Relative path -> (size in bytes, SHA-256) of every file below ``folder`` but the manifest."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, _sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def verify(generation: Generation) -> None:
    """Check every invariant of a generation. Raises IndexDamaged that names what does not hold."""
    manifest = generation.manifest
    if wrong := set(checksums(generation.folder).items()) ^ set(manifest.files.items()):
        raise _damaged(generation.folder, ", ".join(sorted({name for name, _ in wrong})))
    counted = [
        generation._rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - fixed names
        for table in ("documents", "passages", "sentences")
    ]
    if counted != [manifest.documents, manifest.passages, manifest.sentences]:
        raise _damaged(generation.folder, DATABASE)
    for identity in generation.document_ids():
        _verify_document(generation, identity)


def _verify_document(generation: Generation, identity: str) -> None:
    document = generation.document(identity)
    position = 0
    for stored in generation.passages(generation.rows_of([identity]).tolist()):
        for sentence in stored.passage.sentences:
            quote = document.text[sentence.start : sentence.end]
            if document.text[position : sentence.start].strip() or quote != quote.strip() or not quote:
                raise IndexDamaged(
                    f"{identity}: a sentence at {sentence.start} is not whole; run: natoqa index --rebuild"
                )
            position = sentence.end
        if not 0 <= stored.first_token <= stored.last_token <= generation.manifest.tokens:
            raise _damaged(generation.folder, TOKENS)
    if document.text[position:].strip():
        raise _damaged(generation.folder, f"{identity}: the text from {position} on is in no passage")


def fsync_tree(folder: Path) -> None:
    """Force a finished generation to the disk, files first, then the folders that name them."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(folder: Path, what: str) -> IndexDamaged:
    return IndexDamaged(f"the index in {folder} is damaged ({what}); run: natoqa index --rebuild")


def _metadata_from_json(text: str) -> Metadata:
    fields = json.loads(text)
    fields["sources"] = tuple(SourceReference(**source) for source in fields["sources"])
    fields["confidence"] = tuple(fields["confidence"])
    return Metadata(**fields)


def _landmarks_from_json(text: str) -> tuple[Landmark, ...]:
    return tuple(Landmark(offset, LandmarkKind(kind), label) for offset, kind, label in json.loads(text))


def generation_names(index: Path) -> Iterator[str]:
    """Names of the generations on disk, oldest first."""
    folder = index / GENERATIONS
    if folder.is_dir():
        yield from sorted((path.name for path in folder.iterdir() if path.is_dir() and path.name.isdecimal()), key=int)
