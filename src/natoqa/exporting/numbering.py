"""One bibliography for a whole conversation: every cited place has one number, in order of first appearance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from natoqa.conversations import Conversation
from natoqa.types import Answer, Citation, Metadata

NOT_FOUND = "The sources do not answer this."
NEAREST = "Nearest passages, which are no answer:"


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """A document of the bibliography; ``numbers`` are those of the places in it that are cited, ascending."""

    id: str
    metadata: Metadata
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bibliography:
    """``places[n - 1]`` is the place that has the number n; a citation's own number counts within its answer alone."""

    places: tuple[Citation, ...]
    numbers: Mapping[tuple[str, int, int], int]
    documents: tuple[CitedDocument, ...]

    def marks(self, answer: Answer, cited: Sequence[int]) -> tuple[int, ...]:
        """The numbers here of the citations to which ``answer`` gave the numbers ``cited``."""
        by_number = {citation.number: citation for citation in answer.citations}
        return tuple(self.numbers[_place(by_number[number])] for number in cited)


def number_places(conversation: Conversation, documents: Mapping[str, Metadata]) -> Bibliography:
    """Number what a conversation cites. A document that ``documents`` does not know is named as its citation does."""
    numbers: dict[tuple[str, int, int], int] = {}
    places: list[Citation] = []
    cited: dict[str, list[int]] = {}
    for citation in (citation for turn in conversation.turns for citation in turn.answer.citations):
        place = _place(citation)
        if place not in numbers:
            numbers[place] = len(numbers) + 1
            places.append(citation)
            cited.setdefault(citation.document, []).append(numbers[place])
    return Bibliography(
        tuple(places),
        numbers,
        tuple(
            CitedDocument(identity, _described(documents.get(identity), places[own[0] - 1]), tuple(own))
            for identity, own in cited.items()
        ),
    )


def byline(citation: Citation) -> tuple[str, ...]:
    """What is known of a citation's place, for people: title, author, date, locator, document id."""
    parts = (citation.title, citation.author, citation.date, citation.locator, citation.document)
    return tuple(part for part in parts if part)


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.document, citation.start, citation.end


def _described(known: Metadata | None, citation: Citation) -> Metadata:
    if known is None:
        return Metadata(citation.title, citation.author, citation.date)
    return known if known.title else Metadata(citation.title, known.author, known.date, known.kind, known.about)
