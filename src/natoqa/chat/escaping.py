"""Text from outside -> text that a page can carry. Every character that is not natoqa's own passes through here."""

from __future__ import annotations

import html
import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x0d\x0e-\x1f\x7f\ud800-\udfff]")
_TURNS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def legible(value: str) -> str:
    """``value`` with the replacement character for what a page cannot carry: control characters, lone surrogates."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)


def text(value: str) -> str:
    """``value`` as HTML text that is also safe inside a quoted attribute."""
    return html.escape(legible(value))


def filename(value: str) -> str:
    """The name of a file, legible, with the same for what turns its writing direction: ``txt.exe`` must not look like
    ``exe.txt``.
    """
    return _TURNS.sub("\N{REPLACEMENT CHARACTER}", legible(value))


def count(number: int, noun: str) -> str:
    """``1 passage``, ``2 passages``, ``1,000 passages``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
