"""Where quotes stand in a document, for many quotes at once, and what comes nearest to one that does not stand.

A quote stands where :func:`natoqa.citing.locate` finds it. The nearest text is shown to a person and never used.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from natoqa.citing import locate
from natoqa.types import Document, Span

# Typography alone tells apart what locate takes for equal: letters and digits, in order, are the same in both.
_RUN = re.compile(r"[^\W_]+")
_MOST_PLACES = 1_000
# Words that stand in more places than this say little about where a quote might have come from.
_MOST_POSTINGS = 2_000
_ANCHORS = 12
_WINDOWS = 4
_LEAST_LIKENESS = 0.6
_LONGEST_COMPARED = 1_000


@dataclass(frozen=True, slots=True)
class NearMatch:
    """The text of a document that is most like a quote; ``likeness`` is difflib's ratio, 0 to 1, of the characters."""

    document: str
    locator: str
    text: str
    likeness: float


class QuoteFinder:
    """Finds quotes in one document. What is needed for that is worked out once, when it is first needed."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def places(self, quote: str) -> list[Span]:
        """Every place where ``quote`` stands, the first 1,000: the exact ones, else those equal up to typography."""
        quote, text = quote.strip(), self.document.text
        if not quote:
            return []
        exact = [Span(start, start + len(quote)) for start in _occurrences(quote, text)]
        return exact or self._typographic(quote)

    def nearest(self, quote: str) -> NearMatch | None:
        """The stretch of the document that is most like ``quote``; None when nothing is much like it.

        The quote's rarest words in the document vote for where it would have to begin; the few best places are
        compared with it character by character. Time grows with the quote, not with the document.
        """
        words = [match.group().casefold() for match in _RUN.finditer(quote)]
        spread = max(4, len(words) // 4)
        best: tuple[float, Span] | None = None
        for first in self._likely_beginnings(words, spread):
            low, high = max(0, first - spread), min(len(self._starts), first + len(words) + 2 * spread)
            span = self._aligned(words, low, high)
            if span is None:
                continue
            likeness = _likeness(quote, self.document.text[span.start : span.end])
            if likeness >= _LEAST_LIKENESS and (best is None or likeness > best[0]):
                best = likeness, span
        if best is None:
            return None
        likeness, span = best
        text = self.document.text[span.start : span.end]
        return NearMatch(self.document.id, self.document.locator(span.start), text, likeness)

    def _typographic(self, quote: str) -> list[Span]:
        squeezed = "".join(_RUN.findall(quote))
        text = self.document.text
        if not squeezed:
            only = locate(quote, text)
            return [only] if only else []
        found: list[Span] = []
        for start in _occurrences(squeezed, self._squeezed):
            first, last = (bisect_right(self._run_offsets, at) - 1 for at in (start, start + len(squeezed) - 1))
            # All that stands between the words around it and the match may belong to the quote: marks and spaces.
            inside = start - self._run_offsets[first]
            low = self._starts[first] + inside if inside else (self._ends[first - 1] if first else 0)
            high = self._starts[last + 1] if last + 1 < len(self._starts) else len(text)
            if span := locate(quote, text[low:high]):
                found.append(Span(low + span.start, low + span.end))
        return found

    def _likely_beginnings(self, words: list[str], spread: int) -> list[int]:
        known = [(len(self._postings[word]), at, word) for at, word in enumerate(words) if word in self._postings]
        votes: Counter[int] = Counter()
        for count, at, word in sorted(known)[:_ANCHORS]:
            if count <= _MOST_POSTINGS:
                votes.update({max(0, place - at) // spread for place in self._postings[word]})
        pairs = {bucket: votes[bucket] + votes[bucket + 1] for bucket in votes}
        ranked = sorted(pairs, key=lambda bucket: (-pairs[bucket], bucket))
        return [bucket * spread for bucket in ranked[:_WINDOWS]]

    def _aligned(self, words: list[str], low: int, high: int) -> Span | None:
        """The words of ``low:high`` that answer to ``words``, as a span of the text."""
        text = self.document.text
        window = [text[self._starts[at] : self._ends[at]].casefold() for at in range(low, high)]
        *blocks, _ = SequenceMatcher(None, words, window, autojunk=False).get_matching_blocks()
        if not blocks:
            return None
        first, last = blocks[0], blocks[-1]
        begin = low + max(0, first.b - first.a)
        end = min(high, low + last.b + last.size + len(words) - last.a - last.size)
        return Span(self._starts[begin], self._ends[end - 1])

    @cached_property
    def _runs(self) -> tuple[array[int], array[int], str]:
        """Where the runs of letters and digits begin and end, and the runs without what stands between them."""
        starts, ends = array("L"), array("L")
        runs: list[str] = []
        for match in _RUN.finditer(self.document.text):
            starts.append(match.start())
            ends.append(match.end())
            runs.append(match.group())
        return starts, ends, "".join(runs)

    @property
    def _starts(self) -> array[int]:
        return self._runs[0]

    @property
    def _ends(self) -> array[int]:
        return self._runs[1]

    @property
    def _squeezed(self) -> str:
        return self._runs[2]

    @cached_property
    def _run_offsets(self) -> array[int]:
        """Where each run of letters and digits begins in the squeezed text."""
        offsets, at = array("L"), 0
        for start, end in zip(self._starts, self._ends, strict=True):
            offsets.append(at)
            at += end - start
        return offsets

    @cached_property
    def _postings(self) -> dict[str, array[int]]:
        postings: dict[str, array[int]] = {}
        for at, match in enumerate(_RUN.finditer(self.document.text)):
            postings.setdefault(match.group().casefold(), array("L")).append(at)
        return postings


def squeeze(text: str) -> str:
    """Letters and digits alone, case folded: for telling whether an answer's words stand in a quote."""
    return "".join(_RUN.findall(text)).casefold()


def _likeness(quote: str, text: str) -> float:
    one, other = (" ".join(part.split())[:_LONGEST_COMPARED] for part in (quote, text))
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _occurrences(needle: str, haystack: str) -> list[int]:
    found: list[int] = []
    start = haystack.find(needle)
    while start >= 0 and len(found) < _MOST_PLACES:
        found.append(start)
        start = haystack.find(needle, start + 1)
    return found
