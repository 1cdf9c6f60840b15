"""A tiny encoder without a model: fast, deterministic, and honest about its offsets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from natoqa.protocols import Encoding, Floats

_WORD = re.compile(r"\w+|[^\w\s]")


class FakeEncoder:
    """Words as tokens, each with a vector drawn from its hash: no model, no waiting, the same result everywhere.

    Equal words have equal vectors, whatever stands around them, and unequal ones hardly resemble each other. A text's
    vector is the mean of its words'. ``encoded`` lists the passages that were encoded, for tests that count.
    """

    def __init__(self, dimensions: int = 32, max_tokens: int = 254, name: str = "fake") -> None:
        self.encoded: list[str] = []
        self._dimensions = dimensions
        self._max_tokens = max_tokens
        self._name = name

    @property
    def fingerprint(self) -> str:
        """The name, the dimensions and the longest text, which is all that its vectors depend on."""
        return f"{self._name}:{self._dimensions}:{self._max_tokens}"

    @property
    def dimensions(self) -> int:
        """Length of every vector, at most 64."""
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """Words of a text that are read."""
        return self._max_tokens

    def count_tokens(self, text: str) -> int:
        """Number of words and other marks."""
        return sum(1 for _ in _WORD.finditer(text))

    def encode_passages(self, texts: Sequence[str]) -> Iterator[Encoding]:
        """One encoding a text, in order."""
        for text in texts:
            self.encoded.append(text)
            yield self._encode(text)

    def encode_question(self, text: str) -> Encoding:
        """Encoded like a passage."""
        return self._encode(text)

    def _encode(self, text: str) -> Encoding:
        words = list(_WORD.finditer(text))[: self._max_tokens]
        vectors = [_word_vector(word.group().casefold(), self._dimensions) for word in words]
        mean = np.sum(vectors, axis=0) if vectors else np.eye(1, self._dimensions)[0]
        return Encoding(
            vector=np.asarray(mean / np.linalg.norm(mean), dtype=np.float32),
            tokens=np.asarray(vectors, dtype=np.float32).reshape(-1, self._dimensions),
            token_ids=np.asarray([_word_id(word.group().casefold()) for word in words], dtype=np.int64),
            offsets=np.asarray([word.span() for word in words], dtype=np.int64).reshape(-1, 2),
        )


@lru_cache(maxsize=1 << 14)
def _word_vector(word: str, dimensions: int) -> Floats:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=64).digest()
    values = np.frombuffer(digest, dtype=np.uint8)[:dimensions].astype(np.float64) - 127.5
    return np.asarray(values / np.linalg.norm(values), dtype=np.float32)


def _word_id(word: str) -> int:
    """Fits the signed 32 bits in which the store keeps it."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big") >> 1
