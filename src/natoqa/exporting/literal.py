"""Text from outside, made fit for a file that others open: what it says stays, what it would do is taken from it."""

from __future__ import annotations

import re
from unicodedata import bidirectional

# No form can carry these (XML 1.0 forbids most), and some of them speak to a terminal.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DIRECTING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_OPENERS = frozenset({"LRI", "RLI", "FSI"})
_TURNING = _OPENERS | {"R", "AL", "LRE", "RLE", "LRO", "RLO", "PDF", "PDI"}


def printable(text: str) -> str:
    """``text`` with control characters, lone surrogates and non-characters as the replacement character."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def undirected(text: str) -> str:
    """``text`` without the characters that embed, override or isolate a direction; letters keep their own."""
    return _DIRECTING.sub("", text)


def isolated(text: str) -> str:
    """``text`` between marks that keep its direction from the line around it; as it is when nothing in it turns one.

    Isolates that it leaves open are closed, and those that it closes without having opened them are opened before it,
    so that nothing in it ends the isolation early.
    """
    kinds = [bidirectional(character) for character in text]
    if _TURNING.isdisjoint(kinds):
        return text
    opened = unopened = 0
    for kind in kinds:
        if kind in _OPENERS:
            opened += 1
        elif kind == "PDI" and opened:
            opened -= 1
        elif kind == "PDI":
            unopened += 1
    return _FIRST_STRONG_ISOLATE * (unopened + 1) + text + _POP_ISOLATE * (opened + 1)


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is of a script written from right to left."""
    kinds = (bidirectional(character) for character in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"
