"""Which questions were taken, so that none asks the same again."""

from __future__ import annotations

from collections.abc import Iterable

from natoqa.proposing.candidates import Candidate
from natoqa.terms import content_stems

# Share of all the words of two questions that both have; from here on they ask the same.
_ALIKE = 0.6


class Chosen:
    """Candidates that were taken, and the questions that shall not be asked again."""

    def __init__(self, asked: Iterable[str] = ()) -> None:
        self.candidates: list[Candidate] = []
        self._asked = [stems_of(question) for question in asked]

    def add(self, candidate: Candidate) -> None:
        """Take a candidate."""
        self.candidates.append(candidate)
        self._asked.append(stems_of(candidate.proposal.question))

    def covers(self, candidate: Candidate) -> bool:
        """Whether the same is asked already, or the same sentence asked about."""
        own = stems_of(candidate.proposal.question)
        return any(candidate.quote == other.quote for other in self.candidates) or any(
            len(own & other) >= _ALIKE * len(own | other) for other in self._asked
        )


def stems_of(text: str) -> frozenset[str]:
    """The stems of its content words."""
    return frozenset(content_stems(text))
