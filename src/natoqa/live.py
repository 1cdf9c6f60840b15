"""An assistant that follows the index: it answers from a new generation as soon as that is the live one."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from natoqa.assistant import Assistant
from natoqa.calibration import CALIBRATION
from natoqa.errors import NatoqaError
from natoqa.generations import CURRENT
from natoqa.settings import AnswerSettings, Settings, load_settings
from natoqa.store import Generation
from natoqa.types import Answer, Document, Hit, Metadata

_log = logging.getLogger(__name__)

# When these two are what they were, so is the live generation with its calibration: both are replaced, never changed.
_Stamp = tuple[tuple[int, int, int] | None, ...]


class Conversant(Protocol):
    """What a chat needs of an assistant."""

    def ask(self, question: str, documents: Sequence[str] = (), history: Sequence[str] = ()) -> Answer:
        """Answer a question, which may be a follow-up to those of ``history``."""

    def document(self, identity: str) -> Document:
        """A document by id. Raises KeyError when there is none."""

    def documents(self) -> dict[str, Metadata]:
        """Metadata of every document by id."""


@runtime_checkable
class Pinnable(Protocol):
    """An assistant that may be another one from call to call."""

    def pinned(self) -> AbstractContextManager[Assistant]:
        """The one that it is now, for several calls."""


@dataclass
class _Held:
    """An open assistant and how many calls it is serving."""

    assistant: Assistant
    users: int = 0
    is_retired: bool = False


class LiveAssistant:
    """Offers what :class:`~natoqa.assistant.Assistant` does, from the generation that is live at the time of the call.

    A call that finds another generation opens it first; calls that are under way meanwhile end on the old one, which
    is closed after the last of them. A new generation that cannot be opened is reported once to the log, and the old
    one goes on answering. May be shared between threads.
    """

    def __init__(self, index: Path, open_live: Callable[[], Assistant]) -> None:
        # As plain strings: they are looked at in every call.
        self._watched = (str(index / CURRENT), str(index / CALIBRATION))
        self._open_live = open_live
        self._counting = threading.Lock()
        self._swapping = threading.Lock()
        # Looked at before the opening: a switch in between is noticed by the next call.
        self._stamp = self._look()
        self._held = _Held(open_live())

    @classmethod
    def open(cls, index: str | Path | None = None, settings: Settings | None = None) -> LiveAssistant:
        """Open the live generation of ``index`` (default: the settings'); raises as ``Assistant.open`` does."""
        settings = settings or load_settings()
        path = settings.index.path if index is None else Path(index)
        return cls(path, lambda: Assistant.open(path, settings))

    @contextmanager
    def pinned(self) -> Iterator[Assistant]:
        """One generation for several calls: an answer, and then the documents that it quotes."""
        if self._look() != self._stamp:
            self._swap()
        with self._counting:
            held = self._held
            held.users += 1
        try:
            yield held.assistant
        finally:
            with self._counting:
                held.users -= 1
                is_over = held.is_retired and not held.users
            if is_over:
                held.assistant.generation.close()

    @property
    def generation(self) -> Generation:
        """The live generation; whoever keeps it may find it closed after a switch."""
        with self.pinned() as assistant:
            return assistant.generation

    @property
    def settings(self) -> AnswerSettings:
        """How answers are made."""
        with self.pinned() as assistant:
            return assistant.settings

    @property
    def threshold(self) -> float:
        """Least confidence at which a question is answered."""
        with self.pinned() as assistant:
            return assistant.threshold

    def ask(self, question: str, documents: Sequence[str] = (), history: Sequence[str] = ()) -> Answer:
        """Answer a question; see :meth:`natoqa.assistant.Assistant.ask`."""
        with self.pinned() as assistant:
            return assistant.ask(question, documents, history)

    def search(self, question: str, k: int = 10, documents: Sequence[str] = ()) -> list[Hit]:
        """The k best passages for a question."""
        with self.pinned() as assistant:
            return assistant.search(question, k, documents)

    def document(self, identity: str) -> Document:
        """A document by id. Raises KeyError when there is none."""
        with self.pinned() as assistant:
            return assistant.document(identity)

    def documents(self) -> dict[str, Metadata]:
        """Metadata of every document by id."""
        with self.pinned() as assistant:
            return assistant.documents()

    def close(self) -> None:
        """Let go of the index when the calls that are under way are done; no other may follow."""
        with self._counting:
            held = self._held
            held.is_retired = True
            is_over = not held.users
        if is_over:
            held.assistant.generation.close()

    def _swap(self) -> None:
        """Open what is live now; one call does, and others go on with what there is."""
        if not self._swapping.acquire(blocking=False):
            return
        try:
            stamp = self._look()
            if stamp == self._stamp:
                return
            opened: _Held | None = None
            try:
                opened = _Held(self._open_live())
                # Counted at the first question, which takes a while: now it delays this call alone.
                len(opened.assistant.generation.token_frequencies)
            except Exception as error:  # whatever is wrong with the new one, the old one can answer
                _log.warning("the old index goes on answering: %s", error, exc_info=not isinstance(error, NatoqaError))
                self._stamp = stamp
                if opened:
                    opened.assistant.generation.close()
                return
            with self._counting:
                old, self._held, self._stamp = self._held, opened, stamp
                old.is_retired = True
                is_over = not old.users
            if is_over:
                old.assistant.generation.close()
        finally:
            self._swapping.release()

    def _look(self) -> _Stamp:
        return tuple(map(_stamp, self._watched))


@contextmanager
def pinned(assistant: Conversant) -> Iterator[Conversant]:
    """``assistant`` as it is at this moment: for a live one the generation does not change while the block runs."""
    if isinstance(assistant, Pinnable):
        with assistant.pinned() as held:
            yield held
    else:
        yield assistant


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        about = os.stat(path)  # noqa: PTH116 - half the time of Path.stat
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns, about.st_ctime_ns
