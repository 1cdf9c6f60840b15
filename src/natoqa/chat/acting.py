"""What the buttons of a conversation do beside asking: judge an answer, export."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from natoqa.chat import keeping
from natoqa.chat.conversing import Json, Session
from natoqa.chat.escaping import text
from natoqa.errors import NatoqaError

if TYPE_CHECKING:
    from natoqa.live import Conversant

NOTHING_YET = "There is nothing to export yet."
FAILED = "That did not work. The page still works; the details are in the terminal."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Actions:
    """Each method gives what the log shows, empty when there is nothing to show, and a notice when it failed."""

    assistant: Conversant

    def judge(self, sent: Json, session: Session) -> tuple[Json, str]:
        """Keep a verdict: ``{"turn": 1, "verdict": "good", "note": ""}``."""
        return _acted(
            lambda: keeping.judged(
                self.assistant, session, int(sent["turn"]), str(sent["verdict"]), str(sent.get("note", ""))
            )
        )

    def export(self, sent: Json, session: Session) -> tuple[Json, str]:
        """Hand over the conversation: ``{"form": "docx"}``."""
        if not session:
            return {}, NOTHING_YET
        return _acted(lambda: keeping.exported(self.assistant, session, str(sent["form"])))


def _acted(act: Callable[[], Json]) -> tuple[Json, str]:
    try:
        return act(), ""
    except NatoqaError as error:
        return {}, text(" ".join(str(error).split()))
    except Exception:
        _log.exception("a button did not work")
        return {}, FAILED
