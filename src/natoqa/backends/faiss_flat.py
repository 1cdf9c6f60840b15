"""Exact inner-product search with FAISS."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import faiss
import numpy as np

from natoqa.errors import IndexDamaged
from natoqa.protocols import Floats, Ints

_FILE = "vectors.faiss"
_BLOCK = 65_536


class FlatIndex:
    """A flat FAISS index: exact, and fast enough for some 100,000 passages."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Floats) -> Self:
        index = faiss.IndexFlatIP(vectors.shape[1])
        for start in range(0, len(vectors), _BLOCK):
            index.add(np.ascontiguousarray(vectors[start : start + _BLOCK], dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> Self:
        path = folder / _FILE
        try:
            # FAISS's own file functions fail on paths outside ASCII.
            return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8)))
        except (OSError, RuntimeError, AssertionError, MemoryError) as error:
            raise IndexDamaged(f"{path} is not a readable vector index; run: natoqa index --rebuild") from error

    def save(self, folder: Path) -> None:
        # Written piece by piece: serialize_index would hold the vectors twice more.
        with (folder / _FILE).open("wb") as file:
            writer = faiss.PyCallbackIOWriter(file.write)  # type: ignore[attr-defined]  # its stub lacks the class
            faiss.write_index(self._index, writer)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vector: Floats, k: int, among: Ints | None = None) -> tuple[Ints, Floats]:
        k = min(k, len(self) if among is None else len(among))
        if k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        parameters = (
            None
            if among is None
            else faiss.SearchParameters(  # type: ignore[call-arg]  # its stub lacks the constructor
                sel=faiss.IDSelectorBatch(among)
            )
        )
        scores, positions = self._index.search(vector[None, :], k, params=parameters)
        found = positions[0] >= 0
        found_positions, found_scores = positions[0][found], scores[0][found]
        order = np.lexsort((found_positions, -found_scores))
        return found_positions[order], found_scores[order]
