"""The events of the page: who asks what, one question after the other, and what each changes.

None of them goes through Gradio's queue. The stream that brings the queue's results to a page is closed at the end of
its last event, and a question that joins the queue at that moment would never see its answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import gradio as gr

from natoqa import __version__
from natoqa.chat import remembering
from natoqa.chat.acting import FAILED, Actions
from natoqa.chat.conversing import Json, Shown, Talk, next_questions, reply
from natoqa.chat.escaping import count, text
from natoqa.chat.library import Choice
from natoqa.chat.login import USER
from natoqa.errors import NatoqaError
from natoqa.live import pinned

if TYPE_CHECKING:
    from fastapi import Request

    from natoqa.chat.suggested import Suggested
    from natoqa.chat.uploading import Uploads
    from natoqa.live import Conversant

BEGUN_ANEW = "A new conversation."
_UNTIL_IDLE = 0.05
_LONGEST_NAME = 100
_log = logging.getLogger(__name__)


class Turns:
    """Each event is given what the page sent and the session's :class:`Talk`, which it may change."""

    def __init__(self, assistant: Conversant, suggested: Suggested, uploads: Uploads | None = None) -> None:
        self._assistant = assistant
        self._suggested = suggested
        self._uploads = uploads
        # One question at a time, in the order they come: encoding two at once on a CPU is slower than one by one. It
        # also keeps two questions of one session from becoming the same turn.
        self.asking = asyncio.Lock()
        self._suggesting = asyncio.Lock()

    async def answer(self, event: gr.EventData, talk: Talk, wanted: Any, request: gr.Request) -> tuple[Any, ...]:
        """Answer ``{"question": …, "asking": …}``, and give back the number under ``asking``.

        ``all`` asks all documents instead of those that are ``wanted``, ``alone`` takes the question as it is typed.
        """
        sent = _sent(event)
        choice = Choice() if sent.get("all") else Choice.of(wanted)
        question, alone = str(sent.get("question", "")), bool(sent.get("alone"))

        def asked() -> Shown:
            return reply(self._of(request), question, talk.exchanges, choice, is_new_topic=alone)

        async with self.asking:
            shown = await asyncio.to_thread(asked)
            is_answered = len(shown.session) > len(talk.exchanges)
            talk.exchanges = shown.session
        kept = {"kept": remembering.turn_json(shown.session[-1], __version__)} if is_answered else {}
        return talk.tell({**shown.log, **kept, "asking": _number(sent)}), shown.announcement, shown.notice

    async def go_on(self, talk: Talk, wanted: Any, request: gr.Request) -> Any:
        """Offer questions to go on with, when nobody waits for an answer; nothing if the talk has gone on meanwhile."""
        session, suggester = talk.exchanges, self._suggested.suggester
        if suggester is None or not session:
            return gr.skip()

        def following() -> Json | None:
            with pinned(self._of(request)) as live:
                own = self._uploads.suggester(live, suggester) if self._uploads else suggester
                return next_questions(live, own, session, Choice.of(wanted))

        async with self._suggesting:
            while self.asking.locked():
                await asyncio.sleep(_UNTIL_IDLE)
            found = await asyncio.to_thread(following) if talk.exchanges is session else None
        return talk.tell(found) if found and talk.exchanges is session else gr.skip()

    async def judge(self, event: gr.EventData, talk: Talk) -> tuple[Any, str]:
        """Keep what the reader thinks of an answer; see :meth:`Actions.judge`."""
        sent, session = _sent(event), talk.exchanges
        return _shown(talk, *await asyncio.to_thread(lambda: Actions(self._assistant).judge(sent, session)))

    async def export(self, event: gr.EventData, talk: Talk, request: gr.Request) -> tuple[Any, str]:
        """Hand over the conversation; see :meth:`Actions.export`."""
        sent, session = _sent(event), talk.exchanges
        return _shown(talk, *await asyncio.to_thread(lambda: Actions(self._of(request)).export(sent, session)))

    async def reopen(self, event: gr.EventData, talk: Talk, request: gr.Request) -> tuple[Any, str, str]:
        """Go back to a conversation that the browser kept: ``{"name": …, "turns": […]}``; else all stays as it is.

        The name goes back with the turns, so that the page knows which one it is.
        """
        sent = _sent(event)
        name = str(sent.get("name", ""))[:_LONGEST_NAME]

        def restored() -> remembering.Restored:
            return remembering.restore(self._of(request), sent.get("turns"))

        async with self.asking:
            try:
                found = await asyncio.to_thread(restored)
            except NatoqaError as error:
                return talk.tell({"reopened": name, "html": ""}), "", text(" ".join(str(error).split()))
            except Exception:
                # What was kept must not be able to end the conversation that is open.
                _log.exception("an earlier conversation could not be opened")
                return talk.tell({"reopened": name, "html": ""}), "", FAILED
            talk.exchanges = found.session
        opened = f"An earlier conversation with {count(len(found.session), 'question')} is open."
        return talk.tell({"reopened": name, "html": found.html}), opened, ""

    def whose(self) -> Callable[..., Any]:
        """The function that tells the page under which name the browser keeps this reader's conversations."""

        def history_owner(wanted: object, request: gr.Request) -> Json:
            # To functions like this one Gradio hands the bare request of the web server.
            user = cast("Request", request).scope.get(USER, "")
            index = getattr(getattr(self._assistant, "generation", None), "index", "")
            return {"owner": remembering.owner(str(index), str(user))}

        return history_owner

    async def restart(self, talk: Talk) -> tuple[str, str]:
        """Begin anew: what was said is forgotten. The page has taken it away already."""
        async with self.asking:
            talk.exchanges = ()
        return BEGUN_ANEW, ""

    def _of(self, request: gr.Request) -> Conversant:
        return self._uploads.assistant(request) if self._uploads else self._assistant


def _shown(talk: Talk, message: Json, notice: str) -> tuple[Any, str]:
    return talk.tell(message) if message else gr.skip(), notice


def _sent(event: gr.EventData) -> dict[str, Any]:
    return event._data if isinstance(event._data, dict) else {}


def _number(sent: dict[str, Any]) -> int:
    number = sent.get("asking")
    return number if type(number) is int else 0
