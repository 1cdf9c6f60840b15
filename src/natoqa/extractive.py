"""The answerer that writes nothing of its own: whole sentences, picked, made complete and put in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from natoqa.discourse import points_back
from natoqa.terms import content_stems
from natoqa.types import Draft, DraftSentence, Hit, Quote, ScoredSentence

# Hits that are looked at.
_HITS = 8
# A sentence of fewer is a fragment. Scripts that write no spaces are counted by the character.
_FEWEST_WORDS = 4
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
# How far below the best sentence another may score. More freely in another document, since agreement between sources
# is what a reader wants to see, and for one that goes on from a sentence already chosen ("Its real concern …").
_MARGIN = 0.10
_OTHER_DOCUMENT_MARGIN = 0.12
_GOES_ON_MARGIN = 0.18
# Share of the shorter sentence's words that the other holds; above it the two say the same.
_SAYS_THE_SAME = 0.7
# Figures that two sentences of different documents must share to be taken as speaking of one fact. A year is no such
# figure: too many facts share one.
_SHARED_FIGURES = 2
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    index: int

    @property
    def scored(self) -> ScoredSentence:
        return self.hit.sentences[self.index]

    @property
    def leans(self) -> bool:
        """Whether it opens with a word that points back."""
        return points_back(self.scored.text)

    def neighbour(self, step: int) -> _Candidate | None:
        """The sentence before (-1) or after (+1) in the same paragraph of the passage, if there is one."""
        index = self.index + step
        if not 0 <= index < len(self.hit.sentences):
            return None
        other = self.hit.sentences[index]
        first, second = sorted((self.scored.sentence, other.sentence), key=lambda sentence: sentence.start)
        between = self.hit.text[first.end - self.hit.passage.start : second.start - self.hit.passage.start]
        return _Candidate(self.hit, index) if not _PARAGRAPH_BREAK.search(between) else None

    @property
    def place(self) -> tuple[str, int]:
        return self.hit.passage.document, self.scored.sentence.start


class ExtractiveAnswerer:
    """Picks one to ``max_sentences`` sentences: relevant, not redundant, complete in themselves."""

    def __init__(self, max_sentences: int = 4) -> None:
        self._max_sentences = max_sentences

    def draft(self, question: str, hits: Sequence[Hit]) -> Draft:
        found = sorted(_candidates(hits[:_HITS]), key=lambda candidate: -candidate.scored.score)
        # A sentence whose 'It' refers to nothing that could be shown is taken only where there is no other.
        candidates = [item for item in found if 0 < len(_with_context(item)) <= self._max_sentences] or found
        if not candidates:
            return Draft(())
        best = candidates[0]
        chosen = _with_context(best) or [best]
        second_opinion = _second_opinion(best, candidates)
        if len(chosen) + len(second_opinion) <= self._max_sentences:
            chosen += second_opinion
        asked = frozenset(content_stems(question))
        for candidate in candidates:
            if best.scored.score - candidate.scored.score > _margin(candidate, chosen):
                continue
            if any(_say_the_same(candidate.scored.text, other.scored.text) for other in chosen):
                continue
            if not _adds(candidate, chosen, asked):
                continue
            completed = [item for item in _with_context(candidate) or [candidate] if item not in chosen]
            if len(chosen) + len(completed) <= self._max_sentences:
                chosen += completed
        return Draft(tuple(_drafted(candidate) for candidate in _reading_order(chosen)))


def _candidates(hits: Sequence[Hit]) -> Iterator[_Candidate]:
    for hit in hits:
        for index, scored in enumerate(hit.sentences):
            is_answer = scored.sentence.kind.is_quotable and not scored.text.endswith("?")
            if is_answer and _words(scored.text) >= _FEWEST_WORDS:
                yield _Candidate(hit, index)


def _words(text: str) -> int:
    return max(len(text.split()), len(_UNSPACED.findall(text)))


def _with_context(candidate: _Candidate) -> list[_Candidate]:
    """The sentence, preceded by all that its opening words point to; empty when its paragraph does not hold that."""
    needed = [candidate]
    while needed[0].leans and (before := needed[0].neighbour(-1)):
        needed.insert(0, before)
    return needed if len(needed) > 1 or not candidate.leans else []


def _second_opinion(best: _Candidate, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Another document's sentence that repeats the figures of the best one, with what it says of them next.

    Whoever repeats two figures speaks of the same fact, and mostly to confirm or to correct it.
    """
    figures = _figures(best.scored.text)
    for candidate in candidates:
        elsewhere = candidate.hit.passage.document != best.hit.passage.document
        if elsewhere and len(figures & _figures(candidate.scored.text)) >= _SHARED_FIGURES:
            after = candidate.neighbour(+1)
            other_figures = after is not None and _figures(after.scored.text) - figures
            return [*_with_context(candidate), *([after] if after and other_figures else [])]
    return []


def _margin(candidate: _Candidate, chosen: Sequence[_Candidate]) -> float:
    if candidate.leans and candidate.neighbour(-1) in chosen:
        return _GOES_ON_MARGIN
    if any(candidate.hit.passage.document == other.hit.passage.document for other in chosen):
        return _MARGIN
    return _OTHER_DOCUMENT_MARGIN


def _adds(candidate: _Candidate, chosen: Sequence[_Candidate], asked: frozenset[str]) -> bool:
    """Whether a sentence speaks of most of what is asked or of a part not yet shown, or goes on from one shown."""
    own = frozenset(content_stems(candidate.scored.text)) & asked
    shown = frozenset(stem for other in chosen for stem in content_stems(other.scored.text))
    goes_on = candidate.leans and candidate.neighbour(-1) in chosen
    return goes_on or len(own) * 2 > len(asked) or bool(own - shown)


def _say_the_same(first: str, second: str) -> bool:
    one, other = set(content_stems(first)), set(content_stems(second))
    if _figures(first) != _figures(second):
        return False  # two figures for one thing are a disagreement, which the reader must see
    return len(one & other) > _SAYS_THE_SAME * max(1, min(len(one), len(other)))


def _figures(text: str) -> frozenset[str]:
    return frozenset(figure for figure in _FIGURE.findall(text) if not _YEAR.fullmatch(figure))


def _reading_order(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Documents in the order of their best sentence, sentences as they stand in them."""
    documents = list(dict.fromkeys(candidate.hit.passage.document for candidate in chosen))
    return sorted(chosen, key=lambda candidate: (documents.index(candidate.place[0]), candidate.place[1]))


def _drafted(candidate: _Candidate) -> DraftSentence:
    scored = candidate.scored
    return DraftSentence(
        scored.text, (Quote(candidate.hit.passage.document, scored.text, start=scored.sentence.start),)
    )
