"""What must hold in a generation whose files are as they were written: one function for each kind of fact.

Each reads in blocks or document by document, so that memory does not grow with the index.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from natoqa.database import DATABASE, landmarks_from_json, metadata_from_json, page_from_row
from natoqa.generations import MANIFEST
from natoqa.store import TOKEN_IDS, TOKENS, VECTORS, Generation
from natoqa.types import Document, SentenceKind

REBUILD = "natoqa index --rebuild"
Advance = Callable[[int], None]
"""Told how many more bytes have been read."""

_BLOCK_BYTES = 16_000_000
_LENGTH_TOLERANCE = 1e-3
# The exponent of a half-precision number; all ones: infinite, or not a number.
_HALF_EXPONENT = np.uint16(0x7C00)
_KEY = re.compile(r"[0-9a-f]{64}")
_BYTES_A_BOX = 8
_KINDS = frozenset(SentenceKind)
_ORPHANS = {
    "a passage of a document that is not there": (
        "SELECT 'passage ' || row FROM passages WHERE document NOT IN (SELECT id FROM documents)"
    ),
    "a page of a document that is not there": (
        "SELECT DISTINCT document FROM pages WHERE document NOT IN (SELECT id FROM documents)"
    ),
    "sentences of a passage that is not there": (
        "SELECT DISTINCT 'passage ' || passage FROM sentences WHERE passage NOT IN (SELECT row FROM passages)"
    ),
    "it holds no sentence": "SELECT 'passage ' || row FROM passages WHERE row NOT IN (SELECT passage FROM sentences)",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: what, where, and the command that mends it."""

    what: str
    where: str
    mend: str = REBUILD

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def counts(generation: Generation, _: Advance) -> Iterator[Finding]:
    """Documents, passages and sentences are as many as the manifest says, and the vectors' files as long."""
    manifest = generation.manifest
    said = (manifest.documents, manifest.passages, manifest.sentences)
    for what, held, expected in zip(("documents", "passages", "sentences"), generation.counts(), said, strict=True):
        if held != expected:
            yield Finding(f"it holds {held} {what}, the manifest says {expected}", DATABASE)
    for name, expected in (
        (VECTORS, 4 * manifest.passages * manifest.dimensions),
        (TOKENS, 2 * manifest.tokens * manifest.dimensions),
        (TOKEN_IDS, 4 * manifest.tokens),
    ):
        if (size := (generation.folder / name).stat().st_size) != expected:
            yield Finding(f"it has {size} bytes, by the numbers in {MANIFEST} it should have {expected}", name)


def orphans(generation: Generation, _: Advance) -> Iterator[Finding]:
    """Nothing belongs to what is not there."""
    with closing(_database(generation)) as database:
        for what, query in _ORPHANS.items():
            for (where,) in database.execute(query):
                yield Finding(what, f"{DATABASE}, {where}")


def documents(generation: Generation, _: Advance) -> Iterator[Finding]:
    """Every text has its hash, metadata and landmarks can be read, and landmarks lie in the text, in order."""
    with closing(_database(generation)) as database:
        for identity, text, content_hash, metadata, landmarks in database.execute(
            "SELECT id, text, content_hash, metadata, landmarks FROM documents"
        ):
            try:
                document = Document(identity, text, metadata_from_json(metadata), landmarks_from_json(landmarks))
                offsets = [landmark.offset for landmark in document.landmarks]
                if document.content_hash != content_hash:
                    yield Finding(f"the text of {identity} is not the one that was indexed", DATABASE)
                if offsets != sorted(offsets) or (offsets and not 0 <= offsets[0] <= offsets[-1] <= len(text)):
                    yield Finding("its landmarks are not in order within its text", identity)
            except (ValueError, TypeError, KeyError, AttributeError):
                yield Finding("its metadata or landmarks cannot be read", identity)


def passages(generation: Generation, _: Advance) -> Iterator[Finding]:
    """Passages are numbered without a gap in the order of documents and text, and their sentences tile the text."""
    with closing(_database(generation)) as database:
        row = 0
        for identity, text in database.execute("SELECT id, text FROM documents ORDER BY id"):
            position = 0
            for number, start, end in database.execute(
                "SELECT row, start, end FROM passages WHERE document = ? ORDER BY row", (identity,)
            ):
                if number != row:
                    yield Finding(f"passage {number} stands where passage {row} should", identity)
                row = number + 1
                sentences = database.execute(
                    "SELECT number, start, end, kind FROM sentences WHERE passage = ? ORDER BY number", (number,)
                ).fetchall()
                for _, begins, ends, kind in sentences:
                    quote = text[begins:ends]
                    if begins < position or text[position:begins].strip() or quote != quote.strip() or not quote:
                        yield Finding(f"the sentence at {begins} is not whole", identity)
                    if kind not in _KINDS:
                        yield Finding(f"the sentence at {begins} is of no known kind", identity)
                    position = ends
                if sentences and (sentences[0][1], sentences[-1][2]) != (start, end):
                    yield Finding(f"passage {number} is not what its sentences are", identity)
                if [sentence[0] for sentence in sentences] != list(range(len(sentences))):
                    yield Finding(f"the sentences of passage {number} are not numbered without a gap", identity)
            if position > len(text) or text[position:].strip():
                yield Finding(f"the text from {position} on is in no passage", identity)


def token_rows(generation: Generation, _: Advance) -> Iterator[Finding]:
    """A passage's token rows are in the file, and those of its sentences among its own."""
    with closing(_database(generation)) as database:
        for row, first, last in database.execute(
            "SELECT row, first_token, last_token FROM passages "
            "WHERE NOT (0 <= first_token AND first_token <= last_token AND last_token <= ?)",
            (generation.manifest.tokens,),
        ):
            yield Finding(f"the token rows {first}-{last} are not all in {TOKENS}", f"{DATABASE}, passage {row}")
        for row, number in database.execute(
            "SELECT passage, number FROM sentences AS s JOIN passages AS p ON row = passage WHERE NOT "
            "(p.first_token <= s.first_token AND s.first_token <= s.last_token AND s.last_token <= p.last_token)"
        ):
            yield Finding(f"token rows of sentence {number} are not its passage's", f"{DATABASE}, passage {row}")


def embedding_keys(generation: Generation, _: Advance) -> Iterator[Finding]:
    """A key is a SHA-256 in hexadecimal; equal ones share their token rows."""
    with closing(_database(generation)) as database:
        for row, key in database.execute("SELECT row, embedding_key FROM passages"):
            if not isinstance(key, str) or not _KEY.fullmatch(key):
                yield Finding("its embedding key is none", f"{DATABASE}, passage {row}")
        # Equal texts were encoded once: a key that names two ranges of token vectors is wrong about one of them.
        for row, first in database.execute(
            "SELECT other.row, one.row FROM passages AS other JOIN passages AS one ON one.row = "
            "(SELECT min(row) FROM passages WHERE embedding_key = other.embedding_key) "
            "WHERE (other.first_token, other.last_token) != (one.first_token, one.last_token)"
        ):
            yield Finding(f"it has passage {first}'s embedding key and other token rows", f"{DATABASE}, passage {row}")


def pages(generation: Generation, _: Advance) -> Iterator[Finding]:
    """Pages follow one another in their document's text, and every character of them has a box."""
    with closing(_database(generation)) as database:
        for (identity,) in database.execute("SELECT DISTINCT document FROM pages").fetchall():
            for (text,) in database.execute("SELECT text FROM documents WHERE id = ?", (identity,)):
                position = number = 0
                for row in database.execute(
                    "SELECT number, start, end, width, height, boxes FROM pages WHERE document = ? ORDER BY number",
                    (identity,),
                ):
                    page = page_from_row(row)
                    is_placed = number < page.number and position <= page.start <= page.end <= len(text)
                    if not is_placed or len(page.boxes) != _BYTES_A_BOX * (page.end - page.start):
                        yield Finding(f"the layout of page {page.number} is not that of its text", identity)
                    position, number = page.end, page.number


def passage_vectors(generation: Generation, advance: Advance) -> Iterator[Finding]:
    """Passage vectors are numbers and have unit length."""
    vectors = generation.vectors
    for start, stop in _blocks(vectors):
        block = np.asarray(vectors[start:stop])
        is_finite = np.asarray(np.isfinite(block).all(axis=1))
        lengths = np.linalg.norm(np.where(is_finite[:, None], block, 0), axis=1)
        for offset in np.flatnonzero(~is_finite | (np.abs(lengths - 1.0) > _LENGTH_TOLERANCE)).tolist():
            what = f"its length is {lengths[offset]:.3g}, not 1" if is_finite[offset] else "it holds what is no number"
            yield Finding(what, f"{VECTORS}, row {start + offset}")
        advance(block.nbytes)


def token_vectors(generation: Generation, advance: Advance) -> Iterator[Finding]:
    """Token vectors are numbers, and token ids are not negative."""
    for start, stop in _blocks(generation.tokens):
        block = generation.read_tokens(start, stop)
        wrong = (block.view(np.uint16) & _HALF_EXPONENT) == _HALF_EXPONENT
        for offset in np.flatnonzero(wrong.any(axis=1)).tolist():
            yield Finding("it holds what is no number", f"{TOKENS}, row {start + offset}")
        advance(block.nbytes)
    for row in np.flatnonzero(np.asarray(generation.token_ids) < 0).tolist():
        yield Finding("it is negative", f"{TOKEN_IDS}, row {row}")


def _blocks(vectors: np.ndarray[Any, Any]) -> Iterator[tuple[int, int]]:
    rows, dimensions = vectors.shape
    step = max(1, _BLOCK_BYTES // max(1, dimensions * vectors.itemsize))
    return ((start, min(start + step, rows)) for start in range(0, rows, step))


def _database(generation: Generation) -> sqlite3.Connection:
    # A connection of its own: what is found depends on the file alone, and rows are streamed.
    path = (generation.folder / DATABASE).absolute().as_uri()
    return sqlite3.connect(f"{path}?mode=ro&immutable=1", uri=True)
