"""BM25 with bm25s (Lucene's variant; Robertson and Zaragoza 2009), eager sparse scores read through mmap."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import bm25s
import numpy as np

from natoqa.errors import IndexDamaged
from natoqa.protocols import Floats

_FOLDER = "bm25"
_COUNT = "passages.json"


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
