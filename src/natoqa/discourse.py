"""How sentences hang together."""

from __future__ import annotations

import re

# Opening words that mean nothing without the sentence before. 'But' or 'Similarly' can be read past; 'It' cannot.
_POINTS_BACK = re.compile(
    r"(?:It|Its|They|Their|Them|Examples|He|His|Him|She|Her|This|That|These|Those|Such|Both|Neither|One|Another"
    r"|The (?:former|latter|same|others?))\b"
)


def points_back(sentence: str) -> bool:
    """Whether a sentence opens with a word that is empty without the sentence before it."""
    return _POINTS_BACK.match(sentence) is not None
