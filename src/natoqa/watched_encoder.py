"""An encoder that counts what it encodes, tells how far it is, and stops when nobody wants the result any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from natoqa.errors import FileRefused
from natoqa.protocols import Encoder, Encoding


@dataclass
class Watch:
    """What is looked at while passages are encoded: how many there may be, and whether anybody still wants them."""

    left: int = 0
    most: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)
    progress: Callable[[int, int], None] = lambda done, total: None


@dataclass(frozen=True)
class WatchedEncoder:
    """The encoder, that stops where a reader has added too much, or has gone."""

    encoder: Encoder
    watch: Watch

    @property
    def fingerprint(self) -> str:
        """Names the model and its weights."""
        return self.encoder.fingerprint

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self.encoder.dimensions

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that are read."""
        return self.encoder.max_tokens

    def count_tokens(self, text: str) -> int:
        """Number of tokens in ``text``."""
        self._check()
        return self.encoder.count_tokens(text)

    def encode_passages(self, texts: Sequence[str]) -> Iterator[Encoding]:
        """Encode texts that are to be found. Raises FileRefused when there are more than are left, or at the end."""
        self.watch.left -= len(texts)
        if self.watch.left < 0:
            raise FileRefused(f"it is too long: a conversation holds at most {self.watch.most:,} added passages")
        for done, encoding in enumerate(self.encoder.encode_passages(texts), start=1):
            self._check()
            self.watch.progress(done, len(texts))
            yield encoding

    def encode_question(self, text: str) -> Encoding:
        """Encode a question."""
        return self.encoder.encode_question(text)

    def _check(self) -> None:
        if self.watch.is_over.is_set():
            raise FileRefused("the conversation is over")
