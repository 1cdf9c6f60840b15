"""The questions that the page offers to begin with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from natoqa.assistant import Assistant
from natoqa.chat import render
from natoqa.live import LiveAssistant
from natoqa.suggesting import Suggester

if TYPE_CHECKING:
    from natoqa.live import Conversant

EXAMPLES = (
    "Is NATO relevant to UNASUR?",
    "What arms has China sold?",
    "How much did the Túpac Katari satellite cost?",
    "Why are the Falkland Islands relevant to UNASUR?",
    "How do I reset my router?",
)
# The examples speak of this document; over other people's documents they would be beside the point.
_EXAMPLES_ARE_ABOUT = "briefing.txt"
_LABEL = "Try one of these"
_COUNT = 5
_log = logging.getLogger(__name__)


class Suggested:
    """Examples over the shipped corpus; over any other, questions drawn from it, which takes a moment the first time.

    ``suggester`` is None for an assistant that is not over an index.
    """

    def __init__(self, assistant: Conversant) -> None:
        self._assistant = assistant
        self.suggester = Suggester(assistant) if isinstance(assistant, Assistant | LiveAssistant) else None

    def at_once(self) -> str:
        """What the page shows from the start."""
        return render.suggestions(EXAMPLES, _LABEL) if self._has_examples() else ""

    def function(self) -> Callable[[object], dict[str, Any]]:
        """What the page asks for when it has nothing to show."""

        def opening_questions(_: object) -> dict[str, Any]:
            if self.suggester is None or self._has_examples():
                return {"html": ""}
            try:
                return {"html": render.suggestions(self.suggester.opening(_COUNT), _LABEL)}
            except Exception:
                _log.exception("no question could be suggested")
                return {"html": ""}

        return opening_questions

    def _has_examples(self) -> bool:
        return _EXAMPLES_ARE_ABOUT in self._assistant.documents()
