"""Two generations asked as one: what a search over both finds is what an index built of both documents would find.

Nothing is copied. Rows stand in the order that one index would give them, the documents sorted by their names, so that
equal scores are told apart in the same way. The documents of the second generation go by ids of their own, which no
file of a corpus can have; see :data:`PREFIX`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, cast

import numpy as np

from natoqa.assistant import Assistant
from natoqa.generations import Manifest
from natoqa.protocols import Floats, Ints, LexicalIndex, VectorIndex
from natoqa.store import Generation, StoredPassage
from natoqa.types import Document, Metadata, PageLayout

# All documents of the second generation stand in this folder of its corpus.
FOLDER = "uploads"
# Hidden folders are passed over in a corpus: none of its documents has an id that begins like this.
PREFIX = f".{FOLDER}/"


def name_of(identity: str) -> str:
    """The name of a second generation's document, by which it is sorted among the first one's."""
    return PurePosixPath(identity).name


def joined(first: Assistant, second: Assistant) -> Assistant:
    """An assistant over the generations of both. All else is the first one's: settings, calibration, encoder."""
    order = _Order.of(first.generation, second.generation)
    generation = cast(Generation, JointGeneration(first.generation, second.generation, order))
    retriever = replace(
        first.retriever,
        generation=generation,
        vectors=cast(VectorIndex, _JointVectors(first.retriever.vectors, second.retriever.vectors, order)),
        lexical=cast(LexicalIndex, _JointLexical(first.retriever.lexical, second.retriever.lexical, order)),
    )
    return replace(first, generation=generation, retriever=retriever)


@dataclass(frozen=True)
class _Order:
    """Where the rows of two generations stand among each other.

    The rows of the second generation's document i begin at ``starts[i]``, there; they stand before row ``places[i]`` of
    the first generation.
    """

    places: Ints
    starts: Ints
    rows: int

    @classmethod
    def of(cls, first: Generation, second: Generation) -> _Order:
        counts, own_counts = first.passage_counts(), second.passage_counts()
        identities = first.document_ids()
        ends = np.cumsum([0, *(counts.get(identity, 0) for identity in identities)])
        own = second.document_ids()
        places = [int(ends[bisect_right(identities, name_of(identity))]) for identity in own]
        starts = np.cumsum([0, *(own_counts.get(identity, 0) for identity in own)])
        return cls(np.asarray(places, dtype=np.int64), starts.astype(np.int64), int(ends[-1] + starts[-1]))

    def of_first(self, rows: Ints) -> Ints:
        return np.asarray(rows + self.starts[np.searchsorted(self.places, rows, side="right")])

    def of_second(self, rows: Ints) -> Ints:
        return np.asarray(rows + self.places[np.searchsorted(self.starts, rows, side="right") - 1])

    def apart(self, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """Joint rows as rows of the one or the other: positions among ``rows`` that are of the second, and both."""
        before = np.searchsorted(self.places + self.starts[:-1], rows, side="right")
        document = np.maximum(before - 1, 0)
        is_second = (before > 0) & (rows < self.places[document] + self.starts[document + 1])
        return is_second, rows - self.starts[before], rows - self.places[document]


class Joinable(Protocol):
    """A lexical index that can score together with another."""

    def joined(self, other: Any) -> LexicalIndex:
        """Both as one: the passages of ``other`` stand after those of this one."""


@dataclass(frozen=True)
class _JointVectors:
    first: VectorIndex
    second: VectorIndex
    order: _Order

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    def search(self, vector: Floats, k: int, among: Ints | None = None) -> tuple[Ints, Floats]:
        of_first = of_second = None
        if among is not None:
            is_second, first, second = self.order.apart(among)
            of_first, of_second = first[~is_second], second[is_second]
        rows, scores = self.first.search(vector, k, of_first)
        own_rows, own_scores = self.second.search(vector, k, of_second)
        all_rows = np.concatenate([self.order.of_first(rows), self.order.of_second(own_rows)])
        all_scores = np.concatenate([scores, own_scores])
        best = np.lexsort((all_rows, -all_scores))[:k]
        return all_rows[best], all_scores[best]


class _JointLexical:
    def __init__(self, first: LexicalIndex, second: LexicalIndex, order: _Order) -> None:
        self._both = cast(Joinable, first).joined(second)
        self._first = len(first)
        self._order = order

    def __len__(self) -> int:
        return len(self._both)

    def scores(self, terms: Sequence[str]) -> Floats:
        found = self._both.scores(terms)
        scores = np.empty_like(found)
        scores[self._order.of_first(np.arange(self._first))] = found[: self._first]
        scores[self._order.of_second(np.arange(len(found) - self._first))] = found[self._first :]
        return scores

    def document_frequency(self, term: str) -> int:
        return self._both.document_frequency(term)


class JointGeneration:
    """What is asked of a :class:`~natoqa.store.Generation`, of two. It is closed by whoever closes those."""

    def __init__(self, first: Generation, second: Generation, order: _Order) -> None:
        self._first = first
        self._second = second
        self._order = order
        self.vectors = _Rows(self._vectors)
        """Passage vectors, by joint rows."""
        self.tokens = _Rows(self._tokens)
        """Token vectors: a slice of them, of one generation."""

    @property
    def folder(self) -> Path:
        """That of the first generation."""
        return self._first.folder

    @property
    def index(self) -> Path:
        """That of the first generation."""
        return self._first.index

    @property
    def name(self) -> str:
        """That of the first generation."""
        return self._first.name

    @cached_property
    def manifest(self) -> Manifest:
        """The first generation's, with the numbers of both."""
        first, second = self._first.manifest, self._second.manifest
        return replace(
            first,
            documents=first.documents + second.documents,
            passages=first.passages + second.passages,
            sentences=first.sentences + second.sentences,
            tokens=first.tokens + second.tokens,
        )

    @property
    def token_frequencies(self) -> Mapping[int, int]:
        """Token id -> number of passages that hold it."""
        return _Sum(self._first.token_frequencies, self._second.token_frequencies)

    def document(self, identity: str) -> Document:
        """A document by id. Raises KeyError when neither has it."""
        if not identity.startswith(PREFIX):
            return self._first.document(identity)
        try:
            return replace(self._second.document(_own(identity)), id=identity)
        except KeyError:
            raise KeyError(identity) from None

    def document_ids(self) -> list[str]:
        """Ids of all documents: those of the second generation first."""
        return [*map(_shown, self._second.document_ids()), *self._first.document_ids()]

    def document_metadata(self) -> dict[str, Metadata]:
        """Metadata of all documents by id."""
        return _with_own(self._second.document_metadata()) | self._first.document_metadata()

    def passage_counts(self) -> dict[str, int]:
        """Document id -> number of its passages."""
        return _with_own(self._second.passage_counts()) | self._first.passage_counts()

    def fingerprints(self) -> dict[str, str]:
        """Document id -> fingerprint of the file it was made from."""
        return _with_own(self._second.fingerprints()) | self._first.fingerprints()

    def pages(self, identity: str, start: int = 0, end: int | None = None) -> tuple[PageLayout, ...]:
        """The layout of a document's pages; see :meth:`natoqa.store.Generation.pages`."""
        if identity.startswith(PREFIX):
            return self._second.pages(_own(identity), start, end)
        return self._first.pages(identity, start, end)

    def rows_of(self, documents: Iterable[str]) -> Ints:
        """Joint rows of all passages of these documents, ascending."""
        wanted = list(documents)
        own = [_own(identity) for identity in wanted if identity.startswith(PREFIX)]
        first = self._first.rows_of(identity for identity in wanted if not identity.startswith(PREFIX))
        return np.sort(np.concatenate([self._order.of_first(first), self._order.of_second(self._second.rows_of(own))]))

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """Stored passages in the order of ``rows``, with joint rows of tokens."""
        is_second, first_rows, second_rows = self._order.apart(np.asarray(rows, dtype=np.int64))
        first = iter(self._first.passages(first_rows[~is_second].tolist()))
        second = iter(self._second.passages(second_rows[is_second].tolist()))
        tokens = self._first.manifest.tokens
        return [
            _renumbered(next(second), row, tokens) if is_own else replace(next(first), row=row)
            for row, is_own in zip(rows, is_second.tolist(), strict=True)
        ]

    def _vectors(self, rows: Ints) -> Floats:
        is_second, first, second = self._order.apart(rows)
        vectors = np.empty((len(rows), self._first.manifest.dimensions), dtype=np.float32)
        vectors[~is_second] = self._first.vectors[first[~is_second]]
        vectors[is_second] = self._second.vectors[second[is_second]]
        return vectors

    def _tokens(self, wanted: slice) -> Any:
        shift = self._first.manifest.tokens
        if wanted.start < shift:
            return self._first.tokens[wanted]
        return self._second.tokens[wanted.start - shift : wanted.stop - shift]


@dataclass(frozen=True)
class _Rows:
    """Reads like an array, from two."""

    read: Callable[[Any], Any]

    def __getitem__(self, wanted: Any) -> Any:
        return self.read(wanted)


@dataclass(frozen=True)
class _Sum(Mapping[int, int]):
    """Counts of both, added up when they are asked for."""

    first: Mapping[int, int]
    second: Mapping[int, int]

    def __getitem__(self, key: int) -> int:
        if key not in self.first and key not in self.second:
            raise KeyError(key)
        return self.first.get(key, 0) + self.second.get(key, 0)

    def __iter__(self) -> Iterator[int]:
        return iter({**self.first, **self.second})

    def __len__(self) -> int:
        return len({**self.first, **self.second})


def _shown(identity: str) -> str:
    return f".{identity}"


def _own(identity: str) -> str:
    return identity.removeprefix(".")


def _with_own(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_shown(identity): value for identity, value in values.items()}


def _renumbered(stored: StoredPassage, row: int, tokens: int) -> StoredPassage:
    return replace(
        stored,
        row=row,
        passage=replace(stored.passage, document=_shown(stored.passage.document)),
        first_token=stored.first_token + tokens,
        last_token=stored.last_token + tokens,
        sentence_tokens=stored.sentence_tokens + tokens,
    )
