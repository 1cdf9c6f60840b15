"""Writes one generation: prepared documents in, files of the store out. Encodes a text only if nobody has yet.

Documents come one by one and are held only until there is enough to encode at once, so that memory does not grow with
the corpus; what does grow, some hundred bytes a passage, is the table of encodings that were placed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from natoqa.database import DocumentWriter
from natoqa.preparing import PreparedDocument, PreparedPassage
from natoqa.protocols import Encoder, Encoding, Floats, Ints
from natoqa.store import TOKEN_IDS, TOKENS, VECTORS, Generation, StoredPassage

# Encoded together: enough to sort by length into even batches, and small beside the model.
_WINDOW_PASSAGES = 1024
_WINDOW_CHARACTERS = 4_000_000


class Progress(Protocol):
    """Told how the work goes on, in bytes of the files that are new."""

    def __call__(self, done: int, total: int) -> None:
        """The contents of ``done`` of ``total`` bytes are in the generation."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a generation came to hold.

    ``encoded`` counts distinct texts that went through the model, in ``seconds``; ``vectors`` (passages, d) is mapped.
    """

    vectors: Floats
    documents: int
    passages: int
    sentences: int
    tokens: int
    encoded: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where an encoding stands in the new generation: a row that has it, and its token rows."""

    row: int
    first_token: int
    last_token: int


class GenerationWriter:
    """Takes documents in the order of their ids, and writes database, vectors and token vectors into ``folder``.

    ``encoder`` is called only if some text is new, or for its dimensions when there is no passage at all.
    """

    def __init__(self, folder: Path, old: Generation | None, encoder: Callable[[], Encoder]) -> None:
        self._folder = folder
        self._old = old
        self._encoder = encoder
        self._known = old.encodings_by_key() if old else {}
        self._placed: dict[bytes, _Placed] = {}
        self._waiting: list[tuple[PreparedDocument, Callable[[], None]]] = []
        self._waiting_passages = self._waiting_characters = 0
        self._tokens = self._encoded = 0
        self._seconds = 0.0
        self._database = DocumentWriter(folder)
        self._vector_file = (folder / VECTORS).open("w+b")
        self._token_file = (folder / TOKENS).open("wb")
        self._id_file = (folder / TOKEN_IDS).open("wb")

    def add(self, document: PreparedDocument, when_written: Callable[[], None] = lambda: None) -> None:
        """Write a document, now or together with later ones; ``when_written`` is called when it is in."""
        self._waiting.append((document, when_written))
        self._waiting_passages += sum(passage.stored is None for passage in document.passages)
        self._waiting_characters += len(document.document.text)
        if self._waiting_passages >= _WINDOW_PASSAGES or self._waiting_characters >= _WINDOW_CHARACTERS:
            self._write_waiting()

    def lexical_texts(self) -> Iterator[str]:
        """What the lexical index reads of each passage that was added, in order."""
        self._write_waiting()
        return self._database.lexical_texts()

    def finish(self) -> Written:
        """Write what is waiting and let go of the files."""
        self._write_waiting()
        database = self._database
        self._close_files()
        database.close()
        shape = (database.passages, self._old.manifest.dimensions if self._old else self._encoder().dimensions)
        vectors = (
            np.memmap(self._folder / VECTORS, dtype=np.float32, mode="r", shape=shape)
            if database.passages
            else np.empty(shape, dtype=np.float32)
        )
        return Written(
            vectors, database.documents, database.passages, database.sentences, self._tokens, self._encoded,
            self._seconds,
        )  # fmt: skip

    def abandon(self) -> None:
        """Let go of the files of a generation that is not to be; also after :meth:`finish`."""
        self._close_files()
        self._database.abandon()

    def _close_files(self) -> None:
        for file in (self._vector_file, self._token_file, self._id_file):
            file.close()

    def _write_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._waiting_passages = self._waiting_characters = 0
        passages = [passage for document, _ in waiting for passage in document.passages]
        stored = self._stored(passages)
        encodings = self._encode(passages, stored)
        for document, when_written in waiting:
            self._database.add_document(document.document, document.fingerprint, document.pages)
            for passage in document.passages:
                self._write(passage, stored, encodings)
            when_written()

    def _stored(self, passages: list[PreparedPassage]) -> dict[str, StoredPassage]:
        """By key, the encodings that the old generation holds and the new one does not yet."""
        stored = {passage.key: passage.stored for passage in passages if passage.stored}
        rows = {
            passage.key: self._known[passage.key]
            for passage in passages
            if passage.key in self._known and passage.key not in stored and _short(passage.key) not in self._placed
        }
        if self._old and rows:
            stored |= dict(zip(rows, self._old.passages(list(rows.values())), strict=True))
        return stored

    def _encode(self, passages: list[PreparedPassage], stored: dict[str, StoredPassage]) -> Iterator[Encoding]:
        """Encodings of the texts that nobody has encoded yet, in order of first appearance."""
        new = {
            passage.key: passage.text
            for passage in passages
            if passage.key not in stored and _short(passage.key) not in self._placed
        }
        if not new:
            return
        self._encoded += len(new)
        encodings = iter(self._encoder().encode_passages(list(new.values())))
        while True:
            began = time.perf_counter()
            encoding = next(encodings, None)
            self._seconds += time.perf_counter() - began
            if encoding is None:
                return
            yield encoding

    def _write(self, passage: PreparedPassage, stored: dict[str, StoredPassage], encodings: Iterator[Encoding]) -> None:
        row = self._database.passages
        placed = self._placed.get(_short(passage.key))
        if placed:
            vector = self._vector(placed.row)
            sentence_tokens = self._database.sentence_tokens(placed.row)
        elif (copy := stored.get(passage.key)) and self._old:
            first, last = copy.first_token, copy.last_token
            vector = self._old.vectors[copy.row]
            placed = self._place(row, self._old.read_tokens(first, last), self._old.token_ids[first:last])
            sentence_tokens = copy.sentence_tokens - copy.first_token + placed.first_token
        else:
            encoding = next(encodings)
            vector = encoding.vector
            placed = self._place(row, encoding.tokens, encoding.token_ids)
            sentence_tokens = _sentence_tokens(encoding, passage) + placed.first_token
        self._placed.setdefault(_short(passage.key), placed)
        self._vector_file.write(np.ascontiguousarray(vector, dtype=np.float32).tobytes())
        self._database.add_passage(
            passage.passage, passage.key, (placed.first_token, placed.last_token), sentence_tokens
        )

    def _vector(self, row: int) -> Floats:
        return _read_back(self._vector_file, row, self._database.passages)

    def _place(self, row: int, tokens: np.ndarray, ids: np.ndarray) -> _Placed:
        self._token_file.write(np.ascontiguousarray(tokens, dtype=np.float16).tobytes())
        self._id_file.write(np.ascontiguousarray(ids, dtype=np.int32).tobytes())
        first = self._tokens
        self._tokens += len(ids)
        return _Placed(row, first, self._tokens)


def _short(key: str) -> bytes:
    return bytes.fromhex(key)


def _read_back(file: BinaryIO, row: int, rows: int) -> Floats:
    """One of ``rows`` vectors of a file that is being written."""
    end = file.tell()
    size = end // rows
    file.seek(row * size)
    vector = np.frombuffer(file.read(size), dtype=np.float32)
    file.seek(end)
    return vector


def _sentence_tokens(encoding: Encoding, passage: PreparedPassage) -> Ints:
    """The tokens (s, 2) of each sentence, counted within the encoding."""
    shift = passage.starts_at - passage.passage.start
    spans = np.asarray([(s.start + shift, s.end + shift) for s in passage.passage.sentences], dtype=np.int64)
    # Tokens stand in order of their first character: a sentence's tokens are those that begin inside it.
    return np.asarray(np.searchsorted(encoding.offsets[:, 0], spans), dtype=np.int64)
