"""The chat's own API: what the command line answers with ``--json``, under names that stay.

The three functions are served to Gradio's client, by plain HTTP (:mod:`natoqa.chat.endpoints`), and as tools
(:mod:`natoqa.chat.tools`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import gradio as gr
from anyio import to_thread
from gradio.events import api

from natoqa.chat.escaping import legible
from natoqa.chat.library import documents_json
from natoqa.errors import NatoqaError, QuestionError
from natoqa.jsonform import answer_json, hit_json
from natoqa.live import pinned

if TYPE_CHECKING:
    from natoqa.live import Conversant

Json = dict[str, Any]

UNEXPECTED = "that did not work; the details are in the terminal of the chat"
TOO_MANY = "too many questions are waiting; ask again in a moment"
_USUAL_K = 10
_MOST_STRINGS = 1_000
_LONGEST_STRING = 10_000
_MOST_WAITING = 200
_log = logging.getLogger(__name__)


class Refused(gr.Error):
    """What is passed on of a failure: its message, on one line, and the status of HTTP that it has."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(" ".join(legible(message).split()), print_exception=False)
        self.status = status

    def __str__(self) -> str:
        return str(self.message)


class _Line:
    """Whoever comes waits for those before; beyond so many, nobody may wait any longer."""

    def __init__(self, turn: asyncio.Lock) -> None:
        self._turn = turn
        self._waiting = 0

    async def answer(self, work: Callable[[], Json]) -> Json:
        """The result of ``work``, done in a thread. Raises Refused with the reason why there is none."""
        if self._waiting >= _MOST_WAITING:
            raise Refused(TOO_MANY, 503)
        self._waiting += 1
        try:
            async with self._turn:
                return await to_thread.run_sync(work)
        except NatoqaError as error:
            raise Refused(str(error), 400 if isinstance(error, QuestionError) else 500) from error
        except Exception as error:
            _log.exception("a request to the API failed")
            raise Refused(UNEXPECTED, 500) from error
        finally:
            self._waiting -= 1


def offer(assistant: Conversant, turn: asyncio.Lock) -> None:
    """Add ``/ask``, ``/search`` and ``/documents`` to the page that is being built; each waits for its ``turn``."""
    line = _Line(turn)

    async def ask(question: str, documents: list[str] | None = None, after: list[str] | None = None) -> Json:
        """Answer a question with sentences quoted word for word from the documents, or say that they do not answer.

        Parameters:
            question: One question in plain words.
            documents: Search only documents whose names match one of these patterns, such as "treaties/*.pdf".
            after: Earlier questions, oldest first, if this one may follow up on them ("And to Venezuela?").
        """

        def answer() -> Json:
            asked, patterns = _text("question", question), _strings("documents", documents)
            return answer_json(assistant.ask(asked, patterns, _strings("after", after)))

        return await line.answer(answer)

    async def search(question: str, k: int = _USUAL_K, documents: list[str] | None = None) -> Json:
        """List the passages of the documents that are nearest to a question, best first, with scores and ranks.

        Parameters:
            question: A question or some words.
            k: The most passages to list.
            documents: Search only documents whose names match one of these patterns.
        """

        def find() -> Json:
            asked, most, patterns = _text("question", question), _count("k", k), _strings("documents", documents)
            hits = cast(Any, assistant).search(asked, most, patterns)
            return {"question": asked, "hits": [hit_json(hit) for hit in hits]}

        return await line.answer(find)

    async def documents() -> Json:
        """List the documents that are searched, with titles, dates, kinds and numbers of passages."""

        def listed() -> Json:
            with pinned(assistant) as live:
                generation = cast(Any, live).generation
                counts = generation.passage_counts()
                return {"generation": generation.name, "documents": documents_json(live.documents(), counts)}

        return await line.answer(listed)

    for function in (ask, search, documents):
        # Beside Gradio's queue: the line is kept here, together with the page.
        api(function, api_name=function.__name__, queue=False, concurrency_limit=None)


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise QuestionError(f"{name} must be text, not {_kind(given)}")
    # A lone surrogate can be sent, and not be sent back.
    return given.encode("utf-8", "replace").decode("utf-8")


def _count(name: str, given: object) -> int:
    if given is None:
        return _USUAL_K
    if not isinstance(given, int) or isinstance(given, bool):
        shown = given if isinstance(given, float) else _kind(given)
        raise QuestionError(f"{name} must be a whole number, not {shown}")
    if given < 1:
        raise QuestionError(f"{name} must be at least 1, not {given}")
    return given


def _strings(name: str, given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise QuestionError(f"{name} must be a list of texts, not {_kind(given)}")
    if len(given) > _MOST_STRINGS:
        raise QuestionError(f"{name} holds {len(given):,} texts; it may hold {_MOST_STRINGS:,}")
    texts = tuple(_text(f"each of {name}", text) for text in given)
    longest = max(map(len, texts), default=0)
    if longest > _LONGEST_STRING:
        raise QuestionError(f"one of {name} has {longest:,} characters; it may have {_LONGEST_STRING:,}")
    return texts


# JSON's own words, for whoever calls may never have seen Python.
_KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def _kind(given: object) -> str:
    return "nothing" if given is None else _KINDS.get(type(given), type(given).__name__)
