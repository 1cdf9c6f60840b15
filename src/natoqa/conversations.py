"""Questions asked one after another, with their answers: what is kept, exported and judged as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from natoqa.types import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as the reader typed it, what was answered, and when (ISO 8601, with its offset from UTC)."""

    asked: str
    answer: Answer
    at: str

    @property
    def when(self) -> str:
        """The time for people, to the minute: ``2026-11-25 20:00 UTC``; ``at`` as it stands when it is no time."""
        try:
            return f"{datetime.fromisoformat(self.at):%Y-%m-%d %H:%M %Z}".strip()
        except ValueError:
            return self.at

    @property
    def understood(self) -> str:
        """The question that was answered, when it is not the one that was typed; else empty."""
        answered = self.answer.question
        return "" if answered.split() == self.asked.split() else answered


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns, oldest first. ``version`` is natoqa's, ``generation`` the name of the index's generation that answered."""

    title: str
    turns: tuple[Turn, ...]
    version: str
    generation: str
