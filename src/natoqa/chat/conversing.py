"""A reader's conversation: a question, the turns so far and the chosen documents -> what the page shows next."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from natoqa.chat import render
from natoqa.chat.escaping import text
from natoqa.chat.library import Choice
from natoqa.conversations import Turn
from natoqa.errors import NatoqaError
from natoqa.live import pinned
from natoqa.suggesting import READ_HITS
from natoqa.types import Answer, Status

if TYPE_CHECKING:
    from natoqa.live import Conversant
    from natoqa.suggesting import Suggester

UNEXPECTED = "Something went wrong while answering. The page still works; the details are in the terminal."
_NEXT = "Ask next"
_SECOND = 1.0
_log = logging.getLogger(__name__)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn, and the name of the index's generation that answered it (empty if unknown)."""

    turn: Turn
    generation: str


# A session's exchanges, oldest first.
Session = tuple[Exchange, ...]


@dataclass(slots=True)
class Talk:
    """What one open page holds: its exchanges, and what it was told in the last second."""

    exchanges: Session = ()
    _told: list[tuple[float, Json]] = field(default_factory=list)
    _count: int = 0

    def tell(self, message: Json) -> Json:
        """``message`` as the value of the log: numbered, after those of the last second.

        Two values that arrive together may be one to the page, which then sees the later alone.
        """
        now = time.monotonic()
        self._count += 1
        self._told = [told for told in self._told if now - told[0] < _SECOND]
        self._told.append((now, {**message, "serial": self._count}))
        return {"messages": [told for _, told in self._told]}


@dataclass(frozen=True, slots=True)
class Shown:
    """What changes on the page: one turn of the log, what is announced, a notice, and the session as it is now."""

    log: Json
    announcement: str
    notice: str
    session: Session


def reply(
    assistant: Conversant, question: str, session: Session, choice: Choice, *, is_new_topic: bool = False
) -> Shown:
    """What the page shows after a question: the answer, or one line on why there is none."""
    number = len(session) + 1
    # The turn that waits in the page is taken away, and its question returns to the box to be mended there.
    nothing = {"turn": number, "html": ""}
    history = [] if is_new_topic else [earlier.turn.answer.question for earlier in session]
    try:
        # Of one generation: the quotes must stand in the documents that are shown around them.
        with pinned(assistant) as live:
            documents = choice.patterns(live.documents()) if choice.restricts else ()
            answer = live.ask(question, documents, history)
            elsewhere = _left_out(live, answer, choice) if documents else 0
            turn = render.turn(number, answer, live.document, elsewhere)
            generation = getattr(getattr(live, "generation", None), "name", "")
    except NatoqaError as error:
        return Shown(nothing, "", text(f"Not answered: {' '.join(str(error).split())}"), session)
    except Exception:
        # Whatever it is, one question must not end the conversation.
        _log.exception("a question could not be answered")
        return Shown(nothing, "", UNEXPECTED, session)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    # What is suggested next is drawn from the best passages; the others weigh most of all, and are shown already.
    last = replace(answer, hits=answer.hits[:READ_HITS])
    kept = (*map(_light, session), Exchange(Turn(question, last, at), generation))
    return Shown({"turn": number, "html": turn}, render.spoken(answer), "", kept)


def next_questions(
    assistant: Conversant, suggester: Suggester, session: Session, choice: Choice
) -> dict[str, Any] | None:
    """Questions to go on with after the last answer, for its place in the log; None when there are none."""
    if not session or session[-1].turn.answer.status is not Status.ANSWERED:
        return None
    asked = [exchange.turn.answer.question for exchange in session]
    try:
        documents = choice.patterns(assistant.documents()) if choice.restricts else ()
        questions = suggester.following(session[-1].turn.answer, asked=asked, documents=documents)
    except Exception:
        # An answer is complete without them.
        _log.exception("no question could be suggested")
        return None
    return {"turn": len(session), "slot": "next", "html": render.suggestions(questions, _NEXT)} if questions else None


def _left_out(live: Conversant, answer: Answer, choice: Choice) -> int:
    """How many documents that were not searched are quoted when the same question is put to all."""
    if answer.status is Status.ANSWERED:
        return 0
    of_all = live.ask(answer.question)
    return len({citation.document for citation in of_all.citations if not choice.holds(citation.document)})


def _light(exchange: Exchange) -> Exchange:
    turn = exchange.turn
    return replace(exchange, turn=replace(turn, answer=replace(turn.answer, hits=())))
