"""Writes one generation: chunked documents in, files of the store out. Encodes a text only if nobody has yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from natoqa.chunking import CountTokens, chunk, embedded_text
from natoqa.database import DocumentWriter
from natoqa.protocols import Encoder, Encoding, Floats, Ints
from natoqa.store import TOKEN_IDS, TOKENS, VECTORS, Generation
from natoqa.types import Document, Passage


class Progress(Protocol):
    """Told how the work goes on, in passages."""

    def __call__(self, done: int, total: int) -> None:
        """``done`` of ``total`` passages are encoded."""


@dataclass(frozen=True, slots=True)
class PreparedPassage:
    """A passage with the key of its encoding and, unless the old generation holds that, the text to encode.

    ``text`` is what the encoder reads and ``starts_at`` where the passage begins in it.
    """

    passage: Passage
    key: str
    text: str | None = None
    starts_at: int = 0


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document ready to be written."""

    document: Document
    fingerprint: str
    passages: tuple[PreparedPassage, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What a generation came to hold. ``encoded`` counts distinct texts that went through the model."""

    vectors: Floats
    documents: int
    passages: int
    sentences: int
    tokens: int
    encoded: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """An encoding that has been written: its vector, token rows and, relative to the first, the sentences' rows."""

    vector: Floats
    first_token: int
    last_token: int
    sentence_tokens: Ints


def prepare(document: Document, fingerprint: str, count_tokens: CountTokens, passage_tokens: int) -> PreparedDocument:
    """Chunk a document and say what would have to be encoded."""
    prepared: list[PreparedPassage] = []
    for passage in chunk(document, count_tokens, passage_tokens):
        text, starts_at = embedded_text(document, passage, count_tokens)
        prepared.append(PreparedPassage(passage, _key(passage, text), text, starts_at))
    return PreparedDocument(document, fingerprint, tuple(prepared))


def carry_over(old: Generation, identity: str, new_identity: str, fingerprint: str) -> PreparedDocument:
    """A document that the old generation already holds, perhaps under a new name."""
    document = replace(old.document(identity), id=new_identity)
    stored = old.passages(old.rows_of([identity]).tolist())
    return PreparedDocument(
        document,
        fingerprint,
        tuple(PreparedPassage(replace(item.passage, document=new_identity), item.key) for item in stored),
    )


def write(
    folder: Path,
    documents: Sequence[PreparedDocument],
    old: Generation | None,
    encoder: Callable[[], Encoder],
    progress: Progress,
) -> Written:
    """Write database, vectors and token vectors of a generation into ``folder``.

    ``encoder`` is called only if some text is new, or to learn its dimensions when there is no passage at all.
    """
    known = old.encodings_by_key() if old else {}
    new = {
        passage.key: passage.text
        for document in documents
        for passage in document.passages
        if passage.key not in known and passage.text is not None
    }
    encodings = iter(encoder().encode_passages(list(new.values()))) if new else iter(())
    pieces: dict[str, _Piece] = {}
    vectors: list[Floats] = []
    database = DocumentWriter(folder)
    done = 0
    with (folder / TOKENS).open("wb") as tokens, (folder / TOKEN_IDS).open("wb") as ids:
        sink = _TokenSink(tokens, ids)
        for document in documents:
            database.add_document(document.document, document.fingerprint)
            for passage in document.passages:
                piece = pieces.get(passage.key)
                if piece is None and old and (row := known.get(passage.key)) is not None:
                    piece = _copy(old, row, sink)
                elif piece is None:
                    piece = _place(next(encodings), passage, sink)
                    done += 1
                    progress(done, len(new))
                pieces[passage.key] = piece
                vectors.append(piece.vector)
                database.add_passage(
                    passage.passage,
                    passage.key,
                    (piece.first_token, piece.last_token),
                    piece.sentence_tokens + piece.first_token,
                )
    database.close()
    matrix = np.vstack(vectors) if vectors else np.empty((0, encoder().dimensions), dtype=np.float32)
    (folder / VECTORS).write_bytes(matrix.astype(np.float32).tobytes())
    return Written(matrix, len(documents), database.passages, database.sentences, sink.count, len(new))


class _TokenSink:
    """Appends token vectors and ids to their files and counts rows."""

    def __init__(self, tokens: BinaryIO, ids: BinaryIO) -> None:
        self._tokens = tokens
        self._ids = ids
        self.count = 0

    def append(self, vectors: np.ndarray, ids: np.ndarray) -> tuple[int, int]:
        """Returns the first row and the one after the last."""
        self._tokens.write(np.ascontiguousarray(vectors, dtype=np.float16).tobytes())
        self._ids.write(np.ascontiguousarray(ids, dtype=np.int32).tobytes())
        first = self.count
        self.count += len(ids)
        return first, self.count


def _place(encoding: Encoding, passage: PreparedPassage, sink: _TokenSink) -> _Piece:
    first, last = sink.append(encoding.tokens, encoding.token_ids)
    shift = passage.starts_at - passage.passage.start
    spans = np.asarray([(s.start + shift, s.end + shift) for s in passage.passage.sentences], dtype=np.int64)
    # Tokens stand in order of their first character: a sentence's tokens are those that begin inside it.
    return _Piece(encoding.vector, first, last, np.searchsorted(encoding.offsets[:, 0], spans))


def _copy(old: Generation, row: int, sink: _TokenSink) -> _Piece:
    (stored,) = old.passages([row])
    span = slice(stored.first_token, stored.last_token)
    first, last = sink.append(old.tokens[span], old.token_ids[span])
    return _Piece(np.array(old.vectors[row]), first, last, stored.sentence_tokens - stored.first_token)


def _key(passage: Passage, text: str) -> str:
    """Equal keys mean equal encodings: the text that is read and where its sentences lie."""
    spans = ",".join(f"{s.start - passage.start}-{s.end - passage.start}" for s in passage.sentences)
    return hashlib.sha256(f"{spans}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def passage_texts(documents: Iterable[PreparedDocument]) -> Iterator[str]:
    """What the lexical index reads of each passage, in order: title, heading and text.

    A document's first passage stands for the document as a whole: it is found by author, date and kind as well.
    """
    for prepared in documents:
        document, about = prepared.document, prepared.document.metadata
        for number, item in enumerate(prepared.passages):
            passage = item.passage
            opening = (about.kind, about.author, about.date, about.about) if number == 0 else ()
            text = document.text[passage.start : passage.end]
            yield "\n".join((about.title, *opening, passage.heading, text))
