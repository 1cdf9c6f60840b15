"""Which passages are read to find questions in: a sample of the documents, or what stands around an answer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TypeVar

from natoqa.proposing.candidates import Excerpt
from natoqa.store import Generation
from natoqa.types import Citation, Hit, Passage

# A sample is so many passages of so many documents.
_DOCUMENTS = 240
_PASSAGES = 1_200
# Passages before and after a citation's.
_REACH = 2

_Item = TypeVar("_Item")


def sample(generation: Generation, documents: Sequence[str], most: int = _PASSAGES) -> Iterator[Excerpt]:
    """About ``most`` passages of the documents that match the glob patterns, evenly spread over each and over all."""
    matching = [
        identity
        for identity in generation.document_ids()
        if not documents or any(pattern == identity or fnmatchcase(identity, pattern) for pattern in documents)
    ]
    taken = _spread(matching, _DOCUMENTS)
    for identity in taken:
        rows = _spread(generation.rows_of([identity]).tolist(), max(1, most // len(taken)))
        for stored in generation.passages(rows):
            yield _of_passage(generation, stored.passage)


def passages_around(generation: Generation, citations: Sequence[Citation]) -> Iterator[Excerpt]:
    """The passages that hold the citations, each with those before and after it."""
    seen: set[int] = set()
    for citation in citations:
        rows = generation.rows_of([citation.document]).tolist()
        at = bisect_right(rows, citation.start, key=lambda row: generation.passages([row])[0].passage.start) - 1
        near = [row for row in rows[max(0, at - _REACH) : at + _REACH + 1] if row not in seen]
        seen.update(near)
        for stored in generation.passages(near):
            yield _of_passage(generation, stored.passage)


def of_hit(hit: Hit) -> Excerpt:
    """The passage that was found."""
    quotable = (scored.text for scored in hit.sentences if scored.sentence.kind.is_quotable)
    return Excerpt(hit.passage.document, hit.passage.heading, tuple(quotable))


def _of_passage(generation: Generation, passage: Passage) -> Excerpt:
    text = generation.document(passage.document).text
    spans = (sentence for sentence in passage.sentences if sentence.kind.is_quotable)
    return Excerpt(passage.document, passage.heading, tuple(text[span.start : span.end] for span in spans))


def _spread(items: Sequence[_Item], most: int) -> list[_Item]:
    """At most so many, at even distances."""
    step = max(1.0, len(items) / most)
    return [items[int(number * step)] for number in range(min(len(items), most))]
