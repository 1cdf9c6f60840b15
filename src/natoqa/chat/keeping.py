"""What a reader takes away from a conversation, and what a reader's verdict leaves behind."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from natoqa import __version__
from natoqa.chat.conversing import Session
from natoqa.conversations import Conversation
from natoqa.exporting import FORMS, export
from natoqa.feedback import Feedback, Verdict, record
from natoqa.live import pinned

if TYPE_CHECKING:
    from natoqa.live import Conversant

LABELS = {
    "markdown": "Markdown",
    "html": "Web page",
    "docx": "Word",
    "json": "JSON",
    "bibtex": "BibTeX",
    "ris": "RIS",
}
_SAVED = {
    Verdict.GOOD: "Marked as a good answer. This stays on this machine.",
    Verdict.BAD: "Marked as a bad answer. This stays on this machine.",
}


def exported(assistant: Conversant, session: Session, form: str) -> dict[str, Any]:
    """The conversation as a file, for the page to hand over. Raises KeyError for another form than there is."""
    turns = tuple(exchange.turn for exchange in session)
    conversation = Conversation(turns[0].answer.question, turns, __version__, session[-1].generation)
    file = export(conversation, assistant.documents(), form)
    data = base64.b64encode(file.data).decode()
    return {"download": {"name": file.name, "type": file.media_type, "data": data, "at": _now()}}


def judged(assistant: Conversant, session: Session, number: int, verdict: str, note: str) -> dict[str, Any]:
    """Note down what a reader thinks of answer ``number`` (from 1), and what the page says to that.

    Raises ValueError for another verdict, IndexError for an answer that there is not, IndexNotWritable when it cannot
    be kept.
    """
    if not 1 <= number <= len(session):
        raise IndexError(number)
    exchange = session[number - 1]
    # The quotes are all that is kept of an answer.
    answer = replace(exchange.turn.answer, hits=())
    kind = Verdict(verdict)
    feedback = Feedback.on(
        answer, exchange.turn.asked, kind, note=note.strip(), generation=exchange.generation, at=_now()
    )
    with pinned(assistant) as live:
        record(cast(Any, live).generation.index, feedback)
    return {"turn": number, "slot": "verdict", "html": f'<p role="status">{_SAVED[kind]}</p>'}


def menu() -> str:
    """The forms of a conversation as buttons."""
    items = "".join(f'<li><button type="button" data-export="{form}">{LABELS[form]}</button></li>' for form in FORMS)
    return f'<details class="export"><summary>Export</summary><ul>{items}</ul></details>'


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
