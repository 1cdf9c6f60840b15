"""Metrics of one question's answer, as pure functions. docs/metrics.md explains them with an example.

Lengths are code points of the canonical text, white space included. What is covered is the union of the places, so
that a character which two places share counts once.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from math import fsum, nan

from natoqa.evaluation.metrics.ranking import Place
from natoqa.evaluation.questions import GoldSpan

EvidenceSets = Sequence[Sequence[GoldSpan]]
"""Sets of evidence; each set answers the question by itself, the pieces of a set together."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_DASHES_BETWEEN_WORDS = str.maketrans("—―", "  ")


def token_f1(shown: str, answers: Sequence[str]) -> float:
    """Harmonic mean of token precision and recall, best over ``answers`` (Rajpurkar et al., EMNLP 2016).

    Tokens are those of SQuAD: lower case, without punctuation (deleted, so that ``co-operate`` is one token) and
    without articles, a bag. In ASCII text nothing differs from SQuAD. Beyond ASCII, every Unicode punctuation mark and
    currency sign and every invisible format character is deleted likewise (SQuAD deletes ``$``, but keeps ``€``,
    ``–`` and ``“``), an em dash separates two words, and composed and decomposed letters are the same.
    0 when no token is shared, as when nothing is shown; nan without an answer.
    """
    tokens = Counter(_tokens(shown))
    return max((_f1(tokens, Counter(_tokens(answer))) for answer in answers), default=nan)


def evidence_recall(shown: Sequence[Place], evidence_sets: EvidenceSets) -> float:
    """Share of a set's pieces of which the places together cover at least half; best set. nan without a set.

    A piece that is a whole document is covered by any place in it.
    """
    return max((sum(_is_covered(piece, shown) for piece in s) / len(s) for s in evidence_sets if s), default=nan)


def citation_precision(shown: Sequence[Place], evidence_sets: EvidenceSets) -> float:
    """Share of the places that support the answer; nan when nothing is shown or there is no evidence.

    A place supports when it shares at least half of the shorter of the two with a piece of any set, or stands in a
    document that is evidence as a whole.
    """
    pieces = [piece for pieces in evidence_sets for piece in pieces]
    if not shown or not pieces:
        return nan
    return sum(any(_supports(place, piece) for piece in pieces) for place in shown) / len(shown)


def citation_recall(shown: Sequence[Place], evidence_sets: EvidenceSets) -> float:
    """Share of a set's characters that stand in the places; best set. nan without a set.

    A piece that is a whole document counts as seen when any place stands in it, unseen otherwise, and weighs as much
    as the mean quote of its set (or one, where the set has no quote): its length says nothing about an answer's.
    """
    return max((_share_seen(shown, pieces) for pieces in evidence_sets if pieces), default=nan)


def redundancy(shown: Sequence[Place], evidence_sets: EvidenceSets) -> float:
    """Share of the characters shown that stand outside every piece of every set.

    It keeps an answer that pastes a whole passage from looking good: that raises recall, and this too. nan when
    nothing is shown, without evidence, or when a piece is a whole document, whose bounds say nothing.
    """
    pieces = [piece for pieces in evidence_sets for piece in pieces]
    total = _length(_union(shown))
    if not total or not pieces or any(piece.span is None for piece in pieces):
        return nan
    return (total - _shared(shown, _quotes(pieces))) / total


def length_in_words(texts: Sequence[str]) -> float:
    """Number of words in all texts: runs without white space that hold a letter or a digit."""
    return float(sum(any(map(str.isalnum, word)) for text in texts for word in text.split()))


def _tokens(text: str) -> list[str]:
    text = unicodedata.normalize("NFC", text).translate(_DASHES_BETWEEN_WORDS).lower()
    return _ARTICLES.sub(" ", "".join(character for character in text if not _is_mark(character))).split()


def _is_mark(character: str) -> bool:
    if character in string.punctuation:
        return True
    category = unicodedata.category(character)
    return category.startswith("P") or category in {"Sc", "Cf"}


def _f1(shown: Counter[str], answer: Counter[str]) -> float:
    shared = (shown & answer).total()
    return 2 * shared / (shown.total() + answer.total()) if shared else 0.0


def _is_covered(piece: GoldSpan, shown: Sequence[Place]) -> bool:
    if piece.span is None:
        return any(document == piece.document for document, _, _ in shown)
    seen = _shared(shown, [(piece.document, piece.span.start, piece.span.end)])
    return seen > 0 and seen * 2 >= piece.span.end - piece.span.start


def _supports(place: Place, piece: GoldSpan) -> bool:
    document, start, end = place
    if document != piece.document:
        return False
    if piece.span is None:
        return True
    shared = min(end, piece.span.end) - max(start, piece.span.start)
    return shared > 0 and shared * 2 >= min(end - start, piece.span.end - piece.span.start)


def _share_seen(shown: Sequence[Place], pieces: Sequence[GoldSpan]) -> float:
    quotes = list(_quotes(pieces))
    whole = {piece.document for piece in pieces if piece.span is None}
    weight = fsum(end - start for _, start, end in quotes) / len(quotes) if quotes else 1.0
    seen = _shared(shown, quotes) + weight * len(whole & {document for document, _, _ in shown})
    return seen / (_length(_union(quotes)) + weight * len(whole))


def _quotes(pieces: Iterable[GoldSpan]) -> Iterable[Place]:
    return ((piece.document, piece.span.start, piece.span.end) for piece in pieces if piece.span is not None)


def _union(places: Iterable[Place]) -> list[Place]:
    """The places as disjoint ones, in order; empty ones are left out."""
    disjoint: list[Place] = []
    for document, start, end in sorted(places):
        if end <= start:
            continue
        if disjoint and disjoint[-1][0] == document and start <= disjoint[-1][2]:
            disjoint[-1] = (document, disjoint[-1][1], max(end, disjoint[-1][2]))
        else:
            disjoint.append((document, start, end))
    return disjoint


def _length(places: Iterable[Place]) -> int:
    return sum(end - start for _, start, end in places)


def _shared(one: Iterable[Place], other: Iterable[Place]) -> int:
    """How many characters both hold."""
    others = _union(other)
    return sum(
        max(0, min(end, other_end) - max(start, other_start))
        for document, start, end in _union(one)
        for other_document, other_start, other_end in others
        if document == other_document
    )
