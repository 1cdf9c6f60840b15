"""The answerer that writes nothing of its own: whole sentences, picked, made complete and put in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from natoqa.terms import content_stems
from natoqa.types import Draft, DraftSentence, Hit, Quote, ScoredSentence, SentenceKind

# Hits that are looked at; a sentence of a hit further down has never been worth showing.
_HITS = 8
_FEWEST_WORDS = 4
# How far below the best sentence another may score: closely within a document, more freely in another one, since
# agreement or contradiction between sources is what a reader wants to see.
_SAME_DOCUMENT_MARGIN = 0.12
_OTHER_DOCUMENT_MARGIN = 0.16
# Share of the shorter sentence's words that the other holds; above it the two say the same.
_SAYS_THE_SAME = 0.7
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Opening words that mean nothing without the sentence before. 'But' or 'Similarly' can be read past; 'It' cannot.
_LEANS_ON_THE_ONE_BEFORE = re.compile(
    r"(?:It|Its|They|Their|Them|He|His|Him|She|Her|This|That|These|Those|Such|Both|Neither|Here|One|Another"
    r"|The (?:former|latter|same|others?))\b"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    index: int

    @property
    def scored(self) -> ScoredSentence:
        return self.hit.sentences[self.index]

    @property
    def place(self) -> tuple[str, int]:
        return self.hit.passage.document, self.scored.sentence.start


class ExtractiveAnswerer:
    """Picks one to ``max_sentences`` sentences: relevant, not redundant, complete in themselves."""

    def __init__(self, max_sentences: int = 4) -> None:
        self._max_sentences = max_sentences

    def draft(self, question: str, hits: Sequence[Hit]) -> Draft:
        candidates = sorted(_candidates(hits[:_HITS]), key=lambda candidate: -candidate.scored.score)
        if not candidates:
            return Draft(())
        asked = frozenset(content_stems(question))
        best = candidates[0]
        chosen: list[_Candidate] = []
        for candidate in candidates:
            same_document = any(candidate.hit.passage.document == other.hit.passage.document for other in chosen)
            margin = _SAME_DOCUMENT_MARGIN if same_document else _OTHER_DOCUMENT_MARGIN
            if best.scored.score - candidate.scored.score > margin:
                continue
            if any(_say_the_same(candidate.scored.text, other.scored.text) for other in chosen):
                continue
            completed = [item for item in _with_context(candidate) if item not in chosen]
            if len(chosen) + len(completed) > self._max_sentences:
                continue
            if chosen and not _adds(candidate, chosen, asked):
                continue
            chosen += completed
        return Draft(tuple(_drafted(candidate) for candidate in _reading_order(chosen)))


def _candidates(hits: Sequence[Hit]) -> Iterator[_Candidate]:
    for hit in hits:
        for index, scored in enumerate(hit.sentences):
            is_answer = scored.sentence.kind is not SentenceKind.HEADING and not scored.text.endswith("?")
            if is_answer and len(scored.text.split()) >= _FEWEST_WORDS:
                yield _Candidate(hit, index)


def _with_context(candidate: _Candidate) -> list[_Candidate]:
    """The sentence, preceded by the one that its opening word points to."""
    before = candidate.index - 1
    if before >= 0 and _LEANS_ON_THE_ONE_BEFORE.match(candidate.scored.text):
        previous = candidate.hit.sentences[before]
        same_paragraph = "\n" not in _between(candidate.hit, previous, candidate.scored)
        if same_paragraph and previous.sentence.kind is SentenceKind.PROSE:
            return [_Candidate(candidate.hit, before), candidate]
    return [candidate]


def _between(hit: Hit, first: ScoredSentence, second: ScoredSentence) -> str:
    start = hit.passage.start
    return hit.text[first.sentence.end - start : second.sentence.start - start]


def _adds(candidate: _Candidate, chosen: Sequence[_Candidate], asked: frozenset[str]) -> bool:
    """Whether a further sentence brings a word of the question, or a figure, that is not yet shown."""
    shown = frozenset(stem for other in chosen for stem in content_stems(other.scored.text))
    own = frozenset(content_stems(candidate.scored.text))
    brings_asked_word = bool((own & asked) - shown)
    brings_figure = bool(set(_NUMBER.findall(candidate.scored.text)) - shown) and bool(own & asked)
    covers_much = len(own & asked) * 2 >= len(asked)
    return brings_asked_word or brings_figure or covers_much


def _say_the_same(first: str, second: str) -> bool:
    one, other = set(content_stems(first)), set(content_stems(second))
    if set(_NUMBER.findall(first)) != set(_NUMBER.findall(second)):
        return False  # two figures for one thing are a disagreement, which the reader must see
    return len(one & other) > _SAYS_THE_SAME * max(1, min(len(one), len(other)))


def _reading_order(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Documents in the order of their best sentence, sentences as they stand in them."""
    documents = list(dict.fromkeys(candidate.hit.passage.document for candidate in chosen))
    return sorted(chosen, key=lambda candidate: (documents.index(candidate.place[0]), candidate.place[1]))


def _drafted(candidate: _Candidate) -> DraftSentence:
    scored = candidate.scored
    return DraftSentence(
        scored.text, (Quote(candidate.hit.passage.document, scored.text, start=scored.sentence.start),)
    )
