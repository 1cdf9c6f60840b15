"""BM25 with bm25s (Lucene's variant; Robertson and Zaragoza 2009), eager sparse scores read through mmap."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import bm25s
import numpy as np
import numpy.typing as npt

from natoqa.errors import IndexDamaged
from natoqa.protocols import Floats, Ints

_FOLDER = "bm25"
_COUNT = "passages.json"
# Halvings of an interval after which it is as narrow as a float can tell.
_HALVINGS = 64


class Bm25Index:
    """A BM25 index over lists of terms; holds none of the text itself."""

    def __init__(self, bm25: bm25s.BM25 | None, count: int) -> None:
        # bm25s cannot hold an empty vocabulary: None stands for passages without a single term.
        self._bm25 = bm25
        self._count = count

    @classmethod
    def build(cls, passages: Iterable[Sequence[str]], k1: float, b: float) -> Self:
        # Numbered here, in order of appearance: bm25s would number the terms in the order of a set. Arrays of numbers
        # take a tenth of the memory of lists of words.
        numbers: dict[str, int] = {}
        numbered = [array("i", (numbers.setdefault(term, len(numbers)) for term in terms)) for terms in passages]
        if not numbers:
            return cls(None, len(numbered))
        bm25 = bm25s.BM25(k1=k1, b=b, method="lucene")
        bm25.index((numbered, numbers), create_empty_token=False, show_progress=False)
        return cls(bm25, len(numbered))

    @classmethod
    def load(cls, folder: Path) -> Self:
        home = folder / _FOLDER
        try:
            count = int(json.loads((home / _COUNT).read_text("utf-8")))
            bm25 = bm25s.BM25.load(home, mmap=True) if any(home.glob("*.npy")) else None
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"{home} is not a readable lexical index; run: natoqa index --rebuild") from error
        return cls(bm25, count)

    def save(self, folder: Path) -> None:
        home = folder / _FOLDER
        home.mkdir()
        (home / _COUNT).write_text(json.dumps(self._count), "utf-8")
        if self._bm25 is not None:
            self._bm25.save(home, show_progress=False)

    def __len__(self) -> int:
        return self._count

    def scores(self, terms: Sequence[str]) -> Floats:
        known = [term for term in terms if self.document_frequency(term)]
        if self._bm25 is None or not known:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def document_frequency(self, term: str) -> int:
        if self._bm25 is None or (column := self._bm25.vocab_dict.get(term)) is None:
            return 0
        starts = self._bm25.scores["indptr"]
        return int(starts[column + 1] - starts[column])

    def joined(self, other: Bm25Index) -> JointBm25:
        """Both as one index: the passages of ``other`` stand after those of this one."""
        return JointBm25(self, other)

    @cached_property
    def lengths(self) -> Ints:
        """Number of terms (n,) of each passage, worked out from the scores the first time: they alone are kept.

        A score is idf · f / (f + K) with K = k1 · (1 - b + b · length / mean length), so that f / K is known for each
        term, and the sum of f over a passage's terms is its length. Open is the mean length; there is one that the
        lengths really have.
        """
        if self._bm25 is None:
            return np.zeros(self._count, dtype=np.int64)
        ratios = _ratios(self._bm25, 0, len(self._bm25.scores["indptr"]) - 1)
        sums = np.bincount(self._bm25.scores["indices"], ratios, minlength=self._count)
        fixed, grown = self._bm25.k1 * (1 - self._bm25.b), self._bm25.k1 * self._bm25.b
        if not fixed:  # b is 1 and every length fits: nearly always some term of a passage occurs once
            least = np.full(self._count, np.inf)
            np.minimum.at(least, self._bm25.scores["indices"], ratios)
            return np.asarray(np.rint(sums / least), dtype=np.int64)
        low, high = 0.0, 1 / float(sums.max())
        for _ in range(_HALVINGS if grown else 0):
            rate = (low + high) / 2  # grown / mean length
            with np.errstate(over="ignore", divide="ignore"):
                is_low = rate * float(np.mean(fixed * sums / (1 - rate * sums))) < grown
            low, high = (rate, high) if is_low else (low, rate)
        return np.asarray(np.rint(fixed * sums / (1 - low * sums)), dtype=np.int64)

    def postings(self, term: str) -> tuple[Ints, Ints]:
        """Positions (p,) of the passages that hold ``term``, ascending, and how often each does."""
        if self._bm25 is None or (column := self._bm25.vocab_dict.get(term)) is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        start, end = self._bm25.scores["indptr"][column : column + 2]
        positions = np.asarray(self._bm25.scores["indices"][start:end], dtype=np.int64)
        slowness = _slowness(self._bm25, self.lengths[positions], float(self.lengths.mean()))
        return positions, np.rint(_ratios(self._bm25, column, column + 1) * slowness).astype(np.int64)


class JointBm25:
    """Two indexes that score as one built over the passages of both; nothing is copied.

    What a score depends on beside its passage, document frequencies and the mean length, is that of both together.
    """

    def __init__(self, first: Bm25Index, second: Bm25Index) -> None:
        self._parts = (first, second)

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def scores(self, terms: Sequence[str]) -> Floats:
        """The score (n,) of every passage; 0 where no term occurs."""
        count = len(self)
        scores = np.zeros(count, dtype=np.float32)
        # As wide and in the order of bm25s itself: equal scores must stay equal.
        mean = sum(int(part.lengths.sum()) for part in self._parts) / max(1, count)
        for term in terms:
            weight = _idf(np.asarray(self.document_frequency(term)), count)
            first = 0
            for part in self._parts:
                positions, counts = part.postings(term)
                if len(positions):
                    slowness = _slowness(part._bm25, part.lengths[positions], mean)
                    scores[first + positions] += (weight * (counts / (slowness + counts))).astype(np.float32)
                first += len(part)
        return scores

    def document_frequency(self, term: str) -> int:
        """Number of passages that hold ``term``."""
        return sum(part.document_frequency(term) for part in self._parts)


def _idf(held: Ints, passages: int) -> Floats:
    return np.asarray(np.log(1 + (passages - held + 0.5) / (held + 0.5)), dtype=np.float32)


def _slowness(bm25: bm25s.BM25, lengths: Ints, mean: float) -> npt.NDArray[np.float64]:
    """K (n,) of each passage: a term that occurs so often scores half of what it could."""
    return np.asarray(bm25.k1 * ((1 - bm25.b) + bm25.b * lengths / mean), dtype=np.float64)


def _ratios(bm25: bm25s.BM25, first: int, last: int) -> npt.NDArray[np.float64]:
    """How often a term occurs in a passage, divided by the passage's K, for every score of the columns given."""
    starts = np.asarray(bm25.scores["indptr"][first : last + 1], dtype=np.int64)
    held = np.diff(starts)
    weights = np.repeat(_idf(held, int(bm25.scores["num_docs"])), held)
    shares = np.asarray(bm25.scores["data"][starts[0] : starts[-1]], dtype=np.float64) / weights
    return np.asarray(shares / (1 - shares))
