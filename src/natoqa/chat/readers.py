"""Who has added documents: readers by Gradio's name for their sessions of the page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from natoqa.errors import FileRefused
from natoqa.session_documents import SessionDocuments

_GONE = "this document is no longer here"
# Readers who left without a word are forgotten when so many others came after them.
_MOST = 50


@dataclass(frozen=True)
class Reader:
    """One session of the page.

    ``kept`` are the documents that went into the collection, by what they were called here; ``progress`` is what there
    is to say of a file that is being added, by the key that the page gave it.
    """

    documents: SessionDocuments
    kept: dict[str, str] = field(default_factory=dict)
    progress: dict[str, str] = field(default_factory=dict)


class Readers:
    """Readers who added something. Safe to share between threads."""

    def __init__(self, make: Callable[[], SessionDocuments]) -> None:
        self._make = make
        self._readers: OrderedDict[str, Reader] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, session: str) -> Reader | None:
        """The reader of a session, if something was added in it."""
        with self._lock:
            return self._readers.get(session)

    def welcome(self, session: str) -> Reader:
        """The reader of a session, from now on also if there was none."""
        over = None
        with self._lock:
            if session not in self._readers:
                self._readers[session] = Reader(self._make())
            self._readers.move_to_end(session)
            if len(self._readers) > _MOST:
                _, over = self._readers.popitem(last=False)
            reader = self._readers[session]
        if over:
            over.documents.close()
        return reader

    def owner(self, session: str, document: str) -> tuple[Reader, str]:
        """The reader of a session, and a document that is his. Raises FileRefused."""
        reader = self.get(session)
        if reader is None or document not in reader.documents.added():
            raise FileRefused(_GONE)
        return reader, document

    def leave(self, session: str) -> None:
        """Remove all that was added in a session."""
        with self._lock:
            reader = self._readers.pop(session, None)
        if reader:
            reader.documents.close()

    def all(self) -> tuple[Reader, ...]:
        """Every reader, whoever was here last at the end."""
        with self._lock:
            return tuple(self._readers.values())

    def close(self) -> None:
        """Remove all that was added in any session."""
        with self._lock:
            sessions = list(self._readers)
        for session in sessions:
            self.leave(session)
