"""What can be exchanged. A back end implements one of these and imports nothing else of natoqa but types and errors.

The contract suites in :mod:`natoqa.testing` say what an implementation must do beyond its signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from natoqa.types import Draft, Hit

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One text as an encoder sees it. n = its tokens without special ones, d = dimensions.

    ``vector`` (d,) and the rows of ``tokens`` (n, d) have unit length. ``token_ids`` is (n,);
    ``offsets`` is (n, 2), the characters of the text that each token stands for.
    """

    vector: Floats
    tokens: Floats
    token_ids: Ints
    offsets: Ints


class Encoder(Protocol):
    """Text -> one vector and one vector per token, from a single pass of one model.

    An encoding does not depend on the texts that happen to be encoded beside it, beyond rounding.
    """

    @property
    def fingerprint(self) -> str:
        """Names the model and its weights; two encoders with equal fingerprints give equal vectors."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that are read; the rest is cut off. Special tokens are not counted."""

    def count_tokens(self, text: str) -> int:
        """Number of tokens in ``text``, uncut and without special tokens."""

    def encode_passages(self, texts: Sequence[str]) -> Iterator[Encoding]:
        """Encode texts that are to be found. Yields in the order given, as batches are ready."""

    def encode_question(self, text: str) -> Encoding:
        """Encode a question."""


class VectorIndex(Protocol):
    """Nearest vectors by inner product."""

    @classmethod
    def build(cls, vectors: Floats) -> Self:
        """Index the rows of ``vectors`` (n, d); a row's position is its identity. n may be 0."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote. Raises IndexDamaged when it is not there or not whole."""

    def save(self, folder: Path) -> None:
        """Write the index into an existing folder, without pickle."""

    def __len__(self) -> int: ...

    def search(self, vector: Floats, k: int, among: Ints | None = None) -> tuple[Ints, Floats]:
        """Positions and inner products of the k best rows, best first; ``among`` restricts the rows.

        Returns fewer than k when there are fewer. Equal scores come in order of position.
        """


class LexicalIndex(Protocol):
    """BM25 over lists of terms."""

    @classmethod
    def build(cls, passages: Iterable[Sequence[str]], k1: float, b: float) -> Self:
        """Index one list of terms a passage; a list's position is its identity. There may be none, or empty ones.

        ``passages`` may be read once only, as they come.
        """

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote. Raises IndexDamaged when it is not there or not whole."""

    def save(self, folder: Path) -> None:
        """Write the index into an existing folder, without pickle."""

    def __len__(self) -> int: ...

    def scores(self, terms: Sequence[str]) -> Floats:
        """The score (n,) of every passage; 0 where no term occurs."""

    def document_frequency(self, term: str) -> int:
        """Number of passages that hold ``term``."""


class Answerer(Protocol):
    """Question and hits -> a draft whose quotes are still to be checked."""

    def draft(self, question: str, hits: Sequence[Hit]) -> Draft:
        """Propose sentences, each with the quotes that carry it. An empty draft is allowed."""
