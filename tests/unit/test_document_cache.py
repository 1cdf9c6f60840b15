"""A cache that is bounded by what it holds and not by how many."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from natoqa.document_cache import DocumentCache
from natoqa.types import Document, Landmark, LandmarkKind


@pytest.fixture
def reads() -> list[str]:
    return []


@dataclass
class _Cache:
    cache: DocumentCache
    reads: list[str]
    documents: dict[str, Document]

    def get(self, identity: str) -> Document:
        return self.cache.get(identity, self._read)

    def _read(self, identity: str) -> Document:
        self.reads.append(identity)
        return self.documents[identity]


def _cache(reads: list[str], characters: int, **documents: Document) -> _Cache:
    return _Cache(DocumentCache(characters), reads, documents)


def test_a_document_is_read_once(reads: list[str]) -> None:
    cache = _cache(reads, 100, a=Document("a", "text"))
    assert cache.get("a") is cache.get("a")
    assert reads == ["a"]


def test_the_document_that_was_used_longest_ago_makes_room(reads: list[str]) -> None:
    cache = _cache(reads, 10, a=Document("a", "aaaa"), b=Document("b", "bbbb"), c=Document("c", "cccc"))
    for identity in "abac":  # b goes: a was used after it
        cache.get(identity)
    reads.clear()
    for identity in "acb":
        cache.get(identity)
    assert reads == ["b"]


def test_a_document_larger_than_the_cache_is_kept_until_another_is_used(reads: list[str]) -> None:
    cache = _cache(reads, 10, small=Document("small", "x"), large=Document("large", "x" * 11))
    for identity in ("small", "large", "large", "small", "small"):
        assert cache.get(identity).id == identity
    assert reads == ["small", "large", "small"]


def test_landmarks_take_room_too(reads: list[str]) -> None:
    marks = tuple(Landmark(offset, LandmarkKind.PARAGRAPH, "¶") for offset in range(2))
    cache = _cache(reads, 200, a=Document("a", "", landmarks=marks), b=Document("b", "x"))
    for identity in "aba":
        cache.get(identity)
    assert reads == ["a", "b", "a"]


def test_a_document_that_is_not_there_is_asked_for_again(reads: list[str]) -> None:
    cache = _cache(reads, 10)
    for _ in range(2):
        with pytest.raises(KeyError):
            cache.get("a")
    assert reads == ["a", "a"]
