"""Documents that readers add in the browser: for the conversation, or, when a reader says so, for good.

What a reader adds is held under his session of the page, by Gradio's name for it, which no other reader knows. Files
arrive in a private folder and are removed from it as soon as they are read.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import gradio as gr

from natoqa.adoption import adopt
from natoqa.chat.escaping import legible
from natoqa.chat.page_images import PageImages
from natoqa.chat.readers import Readers
from natoqa.chat.sources import Json, Sources
from natoqa.errors import FileRefused, NatoqaError
from natoqa.joint import PREFIX
from natoqa.loaders import LOADERS
from natoqa.session_documents import Addition, Outcome, SessionDocuments, SessionLimits
from natoqa.suggesting import Suggester

if TYPE_CHECKING:
    from fastapi import Request

    from natoqa.assistant import Assistant
    from natoqa.indexing import Indexer
    from natoqa.live import Conversant, LiveAssistant

FAILED = "That did not work. The page still works; the details are in the terminal."
_NOT_KEPT = "this page may not change the collection; ask whoever runs it"
_MISUNDERSTOOD = "the page asked for something that cannot be done"
_ADDED = "Added, only in this conversation."
_FORGOTTEN_SECONDS = 900
_AT_ONCE = 2
_HERE = Path(__file__).parent
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Images:
    """Pages of the collection's files, and of a reader's own."""

    own: PageImages
    collection: PageImages | None

    def image(self, identity: str, fingerprint: str, number: int) -> bytes | None:
        if identity.startswith(PREFIX):
            return self.own.image(identity.removeprefix("."), fingerprint, number)
        return self.collection.image(identity, fingerprint, number) if self.collection else None


class Uploads:
    """What readers of one page have added. ``may_keep``: whether they may put it into the collection for good."""

    def __init__(
        self,
        collection: Assistant | LiveAssistant,
        indexer: Indexer,
        limits: SessionLimits | None = None,
        *,
        may_keep: bool = False,
        images: PageImages | None = None,
    ) -> None:
        self.limits = limits or SessionLimits()
        self._collection = collection
        self._indexer = indexer
        self._may_keep = may_keep
        self._images = images
        self._readers = Readers(lambda: SessionDocuments(collection, indexer, self.limits))
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="uploads")
        # Removed with everything in it when this process ends.
        self._received = tempfile.TemporaryDirectory(prefix="natoqa-received-", ignore_cleanup_errors=True)

    @property
    def folder(self) -> Path:
        """Where Gradio is to put what it receives."""
        return Path(self._received.name)

    def assistant(self, request: gr.Request) -> Conversant:
        """Who answers this reader: over the collection, and over what the reader added."""
        reader = self._readers.get(str(request.session_hash))
        return reader.documents if reader else self._collection

    def suggester(self, live: Conversant, shared: Suggester) -> Suggester:
        """Who suggests questions to a reader whose assistant is ``live`` at this moment."""
        own = any(identity.startswith(PREFIX) for identity in live.documents())
        return Suggester(cast("Assistant", live)) if own else shared

    def functions(self) -> list[Callable[..., Any]]:
        """What :class:`~natoqa.chat.sources.Sources` offers the panel, with the documents of the reader who asks."""
        shared = Sources(self._collection, self._images).functions()
        return [self._for_the_reader(number, function) for number, function in enumerate(shared)]

    def component(self) -> gr.HTML:
        """The button, the line of each file, and what they ask of the server.

        They do so by plain requests: an event of the queue that is sent in the moment when another ends may be lost.
        """
        return gr.HTML(
            None,
            apply_default_css=False,
            html_template=(_HERE / "uploading.html").read_text("utf-8"),
            js_on_load=(_HERE / "uploading.js").read_text("utf-8"),
            server_functions=[
                self._offered("receive_file", self._receive),
                self._offered("adopt_document", self._adopt),
                self._offered("discard_document", self._discard),
                self._offered("forget_documents", self._forget),
                self._offered("report_progress", self._progress, at_once=True),
            ],
            elem_id="uploads",
            maxBytes=self.limits.file_bytes,
            suffixes=sorted(LOADERS),
            mayKeep=self._may_keep,
        )

    def leave(self, request: gr.Request) -> None:
        """A reader closes the page: what was added is removed."""
        self._forget(str(request.session_hash), {})

    def close(self) -> None:
        """Forget every reader."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._readers.close()
        self._received.cleanup()

    def _receive(self, session: str, sent: Mapping[str, Any]) -> Json:
        """Take a file that was received: ``{"key": …, "path": …, "name": …}``."""
        path = self._received_file(sent)
        key, reader = str(sent["key"]), self._readers.welcome(session)

        def progress(done: int, total: int) -> None:
            reader.progress[key] = f"Indexing: {done:,} of {total:,} passages"

        try:
            addition = reader.documents.add(path, str(sent["name"]), progress)
        finally:
            reader.progress.pop(key, None)
            shutil.rmtree(path.parent, ignore_errors=True)
            self._tidy()
        return _reported(addition)

    def _adopt(self, session: str, sent: Mapping[str, Any]) -> Json:
        """Put a reader's document into the collection: ``{"document": …}``."""
        if not self._may_keep:
            raise FileRefused(_NOT_KEPT)
        reader, document = self._readers.owner(session, str(sent["document"]))
        adopted = adopt(self._indexer, reader.documents.path(document))
        if adopted.problem:
            return _said("failed", adopted.problem)
        reader.kept[document] = adopted.document
        reader.documents.remove(document)
        return _said("kept", "Kept in the collection.") | {"chosen": [adopted.document]}

    def _discard(self, session: str, sent: Mapping[str, Any]) -> Json:
        """Forget a reader's document: ``{"document": …}``."""
        reader, document = self._readers.owner(session, str(sent["document"]))
        reader.documents.remove(document)
        return _said("removed", "Removed.")

    def _forget(self, session: str, _: Mapping[str, Any]) -> Json:
        """Forget all that a reader added."""
        self._readers.leave(session)
        self._tidy()
        return _said("forgotten", "")

    def _progress(self, session: str, sent: Mapping[str, Any]) -> Json:
        """How far a file is: ``{"key": …}``."""
        reader = self._readers.get(session)
        return _said("busy", reader.progress.get(str(sent["key"]), "") if reader else "")

    def _offered(
        self, name: str, act: Callable[[str, Mapping[str, Any]], Json], *, at_once: bool = False
    ) -> Callable[..., Any]:
        """A function that the page calls; whatever happens, it is answered in words.

        Unless ``at_once``, it waits its turn: what takes long must not keep others from being served.
        """

        def acted(session: str, wanted: object) -> Json:
            try:
                if not session or not isinstance(wanted, dict):
                    raise FileRefused(_MISUNDERSTOOD)
                return act(session, wanted)
            except KeyError:
                return _said("failed", _MISUNDERSTOOD)
            except NatoqaError as error:
                return _said("failed", " ".join(str(error).split()))
            except Exception:
                _log.exception("a file could not be added, kept or removed")
                return _said("failed", FAILED)

        async def function(wanted: object, request: gr.Request) -> Json:
            pool = None if at_once else self._pool
            session = await _session(request)
            return await asyncio.get_running_loop().run_in_executor(pool, acted, session, wanted)

        function.__name__ = name
        return function

    def _for_the_reader(self, number: int, shared: Callable[[object], Json]) -> Callable[..., Any]:
        def read(session: str, wanted: object) -> Json:
            reader = self._readers.get(session)
            if reader is None:
                return shared(wanted)
            named = wanted.get("document") if isinstance(wanted, dict) else None
            if isinstance(wanted, dict) and isinstance(named, str) and named in reader.kept:
                wanted = {**wanted, "document": reader.kept[named]}
            images = _Images(PageImages(reader.documents.corpus), self._images)
            return Sources(reader.documents, cast(PageImages, images)).functions()[number](wanted)

        async def function(wanted: object, request: gr.Request) -> Json:
            session = await _session(request)
            return await asyncio.get_running_loop().run_in_executor(None, read, session, wanted)

        function.__name__ = shared.__name__
        return function

    def _received_file(self, sent: Mapping[str, Any]) -> Path:
        """What Gradio has put where the page says. Raises FileRefused for any other place."""
        path = Path(str(sent["path"])).resolve()
        if path.parent.parent != self.folder.resolve() or not path.is_file():
            raise FileRefused("the file did not arrive; add it again")
        return path

    def _tidy(self) -> None:
        """Remove what arrived and was never asked to be read, such as the beginning of a file that was too large."""
        for path in self.folder.iterdir():
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _FORGOTTEN_SECONDS:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


async def _session(request: gr.Request) -> str:
    """The reader's session; empty if the request names none. To these functions Gradio hands the bare request."""
    try:
        sent = await cast("Request", request).json()
    except (ValueError, RuntimeError):
        return ""
    session = sent.get("session_hash") if isinstance(sent, dict) else None
    return session if isinstance(session, str) else ""


def _said(state: str, message: str) -> Json:
    return {"state": state, "message": legible(message)}


def _reported(addition: Addition) -> Json:
    message = addition.message
    if addition.outcome is Outcome.ADDED:
        message = f"{_ADDED} {message}".strip()
    chosen = [addition.document] if addition.document else []
    return _said(addition.outcome, message) | {"name": legible(addition.name), "chosen": chosen}
