"""Documents that were read lately, as many as fit into a stated amount of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from natoqa.types import Document

_CHARACTERS = 20_000_000
# A landmark is an object with a label: about as much memory as so many characters.
_CHARACTERS_A_LANDMARK = 100


class DocumentCache:
    """The documents used last, at least one. Safe to share between threads; two that ask at once may both read."""

    def __init__(self, characters: int = _CHARACTERS) -> None:
        self._room = characters
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, identity: str, read: Callable[[str], Document]) -> Document:
        """The document, read if need be. Raises what reading raises.

        How to read it is not kept: the reader would hold the cache and the cache the reader, files open and all.
        """
        with self._lock:
            if identity in self._documents:
                self._documents.move_to_end(identity)
                return self._documents[identity]
        document = read(identity)
        with self._lock:
            if identity not in self._documents:
                self._documents[identity] = document
                self._room -= _weight(document)
            while self._room < 0 and len(self._documents) > 1:
                self._room += _weight(self._documents.popitem(last=False)[1])
        return document


def _weight(document: Document) -> int:
    return len(document.text) + _CHARACTERS_A_LANDMARK * len(document.landmarks)
