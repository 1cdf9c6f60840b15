"""The nouns of natoqa: frozen values, no input or output, nothing heavier than the standard library.

Offsets are Python string offsets (Unicode code points) into a document's canonical text, half open:
``document.text[start:end]``. They are never bytes and never UTF-16 units.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of a document's canonical text."""

    start: int
    end: int


class LandmarkKind(StrEnum):
    """What a reader can look for to find a place."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    MARKUP = "markup"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place in the text with the label by which a person finds it.

    A block of text begins at every landmark but those of pages: a paragraph may run on over a page's end. Of landmarks
    at one offset that of the page stands first.
    """

    offset: int
    kind: LandmarkKind
    label: str


@dataclass(frozen=True, slots=True)
class SourceReference:
    """A work that a document names as its own source."""

    title: str
    publisher: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a document beside its text; unknown fields are empty."""

    title: str = ""
    author: str = ""
    date: str = ""
    kind: str = ""
    about: str = ""
    sources: tuple[SourceReference, ...] = ()
    confidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """One file of the corpus. Every offset in natoqa refers to ``text``.

    ``id`` is the file's path relative to the corpus, with forward slashes.
    ``landmarks`` are sorted by offset.
    """

    id: str
    text: str
    metadata: Metadata = field(default_factory=Metadata)
    landmarks: tuple[Landmark, ...] = ()

    @property
    def title(self) -> str:
        """The document's title, or the name of its file when it has none."""
        return self.metadata.title or PurePosixPath(self.id).name

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def heading_at(self, offset: int) -> str:
        """The heading of the section that holds ``offset``; empty above the first heading."""
        heading = _last(self._headings, offset)
        return heading.label if heading else ""

    def locator(self, offset: int) -> str:
        """Where a person finds ``offset``, such as ``p. 12, Chinese Interest in the Region, ¶ 3``."""
        page, place = _last(self._pages, offset), _last(self._places, offset)
        parts = (page.label if page else "", self.heading_at(offset), _block_label(place) if place else "")
        return ", ".join(part for part in parts if part)

    # A long document has some hundred thousand landmarks and is asked for places with every question.
    @cached_property
    def _headings(self) -> tuple[Landmark, ...]:
        return tuple(mark for mark in self.landmarks if mark.kind is LandmarkKind.HEADING)

    @cached_property
    def _pages(self) -> tuple[Landmark, ...]:
        return tuple(mark for mark in self.landmarks if mark.kind is LandmarkKind.PAGE)

    @cached_property
    def _places(self) -> tuple[Landmark, ...]:
        return tuple(mark for mark in self.landmarks if mark.kind is not LandmarkKind.MARKUP)


def _last(landmarks: tuple[Landmark, ...], offset: int) -> Landmark | None:
    """The last landmark at or before ``offset``."""
    count = bisect_right(landmarks, offset, key=lambda landmark: landmark.offset)
    return landmarks[count - 1] if count else None


def _block_label(place: Landmark) -> str:
    if place.kind in (LandmarkKind.PARAGRAPH, LandmarkKind.ITEM):
        return place.label
    # What runs on from the page before has no number on this one.
    return "" if place.kind is LandmarkKind.PAGE else place.kind.value


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Where the characters of one page stand on it, so that a quote can be marked on the page's image.

    ``number`` counts from 1. The page holds ``document.text[start:end]``. ``width`` and ``height`` are in points
    (1/72 inch). ``boxes`` holds four unsigned 16-bit little-endian numbers for each character: left, top, right and
    bottom in tenths of a point from the page's upper left corner; four zeros for a character that is not on the page
    (the space where two lines were joined).
    """

    number: int
    start: int
    end: int
    width: float
    height: float
    boxes: bytes


class SentenceKind(StrEnum):
    """Headings and mark-up that a reader does not see are kept and found, but never offered as an answer."""

    PROSE = "prose"
    ITEM = "item"
    HEADING = "heading"
    MARKUP = "markup"

    @property
    def is_quotable(self) -> bool:
        """Whether it can be part of an answer."""
        return self in (SentenceKind.PROSE, SentenceKind.ITEM)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, list item or heading as a span of the canonical text, free of surrounding white space."""

    start: int
    end: int
    kind: SentenceKind = SentenceKind.PROSE


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive whole sentences of one section: the unit that is embedded and retrieved.

    Passages of a document never overlap; only white space lies between them.
    """

    document: str
    start: int
    end: int
    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Ranks:
    """A passage's rank (from 1) in each first-stage list; None where the list did not hold it."""

    dense: int | None = None
    lexical: int | None = None


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """What a hit's score is made of, before standardisation: cosine, BM25 and MaxSim."""

    dense: float
    lexical: float
    late_interaction: float


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a hit. ``score``: its own late interaction, between 0 and 1, and a small share of its passage's."""

    sentence: Sentence
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with the reasons why."""

    passage: Passage
    title: str
    locator: str
    text: str
    score: float
    ranks: Ranks
    parts: ScoreParts
    sentences: tuple[ScoredSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Text that an answerer claims to stand in a document. ``start`` is a hint, not a promise."""

    document: str
    text: str
    start: int | None = None


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence that an answerer proposes, with the quotes said to carry it."""

    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answerer returns; nothing in it is believed before it is cited."""

    sentences: tuple[DraftSentence, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that was located: ``document.text[start:end] == quote``. Only :mod:`natoqa.citing` makes one."""

    number: int
    document: str
    title: str
    author: str
    date: str
    locator: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class RejectedQuote:
    """A claimed quote that does not stand in its document, and why it was refused."""

    quote: Quote
    reason: str


class Status(StrEnum):
    """Whether the sources answer. ``NOT_FOUND`` is a result, not a failure."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A shown sentence and the numbers of the citations that carry it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What natoqa says to a question.

    ``question`` is what was answered; ``asked`` is what the reader typed, where that is a follow-up which natoqa
    completed from the questions before, else empty. ``confidence`` is the calibrated probability (0-1) that the sources
    answer. When the status is
    ``NOT_FOUND``, ``sentences`` and ``citations`` are empty, ``reason`` says why in words and ``nearest``
    holds the closest passages. ``timings_ms`` maps a stage to milliseconds.
    """

    question: str
    status: Status
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    rejected: tuple[RejectedQuote, ...] = ()
    nearest: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    confidence: float = 0.0
    reason: str | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    asked: str = ""

    @property
    def text(self) -> str:
        """The shown sentences in reading order, each followed by its marks: ``… [1] … [2]``."""
        return " ".join(
            sentence.text + "".join(f" [{number}]" for number in sentence.citations) for sentence in self.sentences
        )
