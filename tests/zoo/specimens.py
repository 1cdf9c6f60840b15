"""What a file of the zoo is, and what natoqa must make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Good:
    """A file that becomes a document.

    ``question`` is answered by ``quote``, which stands in the document as it is and is cited with a locator that holds
    ``place``. Of ``notice`` each word is in what the user is told about the file; empty: nothing is told.
    """

    name: str
    data: bytes
    question: str
    quote: str
    place: str = ""
    notice: str = ""

    def put(self, corpus: Path) -> None:
        path = corpus / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.data)


@dataclass(frozen=True, slots=True)
class Bad:
    """A file that is left out. ``reason`` is a pattern of what the user is told; ``put`` makes it at a path."""

    name: str
    reason: str
    put_at: Callable[[Path], object]

    def put(self, corpus: Path) -> None:
        path = corpus / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.put_at(path)


def bad(name: str, reason: str, data: bytes) -> Bad:
    """A file with these bytes."""
    return Bad(name, reason, lambda path: path.write_bytes(data))
