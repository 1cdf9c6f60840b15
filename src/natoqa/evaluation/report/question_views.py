"""What the report says of one question: outcome -> texts with the gold marked in its place, and ranks in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from natoqa.evaluation.outcomes import Gold, Outcome, Shown, Verdict

_RANKED = 10
SIGNS = {
    Verdict.RIGHT: "✓",
    Verdict.PARTIAL: "◐",
    Verdict.WRONG: "✗",
    Verdict.FALSE_ABSTENTION: "∅",
    Verdict.RIGHT_ABSTENTION: "✓",
    Verdict.FALSE_ANSWER: "!",
}
_SENTENCE_RANKS = (("sentence_hit@1", "first"), ("sentence_hit@3", "second or third"), ("sentence_hit@5", "4th or 5th"))


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict as a class name, a sign and a word."""

    name: str
    sign: str
    label: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a shown sentence, and whether it is evidence."""

    text: str
    is_gold: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """A shown or withheld sentence, cut where evidence begins and ends."""

    document: str
    locator: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as listed. ``number`` is its place in the run, from 1; ``tags`` are places in the list of all tags."""

    number: int
    outcome: Outcome
    badge: Badge
    tags: tuple[int, ...]
    sentences: tuple[Sentence, ...]
    passage_rank: str
    sentence_rank: str

    @property
    def documents(self) -> tuple[tuple[str, bool], ...]:
        """The first documents of the ranking, and whether each holds evidence."""
        holding = {piece.document for pieces in self.outcome.evidence for piece in pieces}
        return tuple((document, document in holding) for document in self.outcome.ranking[:_RANKED])

    @property
    def withheld(self) -> bool:
        """Whether the sentences are what would have been shown, had the confidence sufficed."""
        return not self.outcome.shown and bool(self.outcome.withheld)


def badge(verdict: Verdict | None) -> Badge:
    """How a verdict is marked; a ranking alone has none."""
    if verdict is None:
        return Badge("unjudged", "·", "ranking only")
    return Badge(verdict.value.replace(" ", "-"), SIGNS[verdict], verdict.value)


def view(number: int, outcome: Outcome, tags: Sequence[str]) -> QuestionView:
    """All that the report shows of a question; ``tags`` are those of the whole run."""
    gold = [piece for pieces in outcome.evidence for piece in pieces]
    return QuestionView(
        number=number,
        outcome=outcome,
        badge=badge(outcome.verdict),
        tags=tuple(tags.index(tag) for tag in dict.fromkeys(outcome.tags)),
        sentences=tuple(
            Sentence(shown.document, shown.locator, mark_gold(shown, gold))
            for shown in outcome.shown or outcome.withheld
        ),
        passage_rank=_passage_rank(outcome),
        sentence_rank=_sentence_rank(outcome),
    )


def mark_gold(shown: Shown, gold: Iterable[Gold]) -> tuple[Piece, ...]:
    """Cut a sentence into evidence and the rest, by offsets in the document that both stand in.

    The pieces put together are the sentence. Whole-document evidence marks nothing, nor is anything marked in a text
    that is not as long as its place.
    """
    length = len(shown.text)
    if length != shown.end - shown.start:
        return (Piece(shown.text, False),)
    ranges = sorted(
        (max(piece.start, shown.start) - shown.start, min(piece.end, shown.end) - shown.start)
        for piece in gold
        if piece.document == shown.document and piece.start is not None and piece.end is not None
    )
    pieces: list[Piece] = []
    at = 0
    for start, end in ranges:
        if end <= max(start, at):
            continue
        if start > at:
            pieces.append(Piece(shown.text[at:start], False))
        pieces.append(Piece(shown.text[max(start, at) : end], True))
        at = end
    if at < length or not pieces:
        pieces.append(Piece(shown.text[at:], False))
    return tuple(pieces)


def _passage_rank(outcome: Outcome) -> str:
    reciprocal = outcome.values.get("mrr")
    if reciprocal is None:
        return ""
    return f"{round(1 / reciprocal)}" if reciprocal else "not found"


def _sentence_rank(outcome: Outcome) -> str:
    if "sentence_hit@5" not in outcome.values:
        return ""
    return next((words for name, words in _SENTENCE_RANKS if outcome.values.get(name)), "beyond the 5th")
