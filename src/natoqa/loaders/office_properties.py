"""What an office document says about itself, without what programs wrote there unasked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from natoqa.loaders.loaded import one_line
from natoqa.types import Landmark, LandmarkKind, Metadata

_JUNK_TITLE = re.compile(
    r"(?:new |neues )?(?:microsoft )?(?:word[ -]?)?(?:document|dokument|documento|doc)\s*\d*"
    r"|microsoft word\b.*|powerpoint presentation|(?:untitled|unbenannt|sans nom)\b.*|title"
    r"|\S+\.(?:docx?|docm|dotx?|odt|ott|rtf|pdf)",
    re.IGNORECASE,
)
_JUNK_AUTHOR = re.compile(
    r"python-docx|apache poi|docx4j|un-named|unknown|author|user|admin|administrator|owner|default"
    r"|(?:microsoft|windows|ms|office)(?: office)?(?: user)?|microsoft corporation|utilisateur windows",
    re.IGNORECASE,
)


def described(title: str, author: str, dates: Iterable[str], landmarks: Sequence[Landmark]) -> Metadata:
    """Metadata from a file's own fields, the first usable of the ``dates``, else from its title or first heading."""
    title, author = one_line(title), one_line(author)
    if not title or _JUNK_TITLE.fullmatch(title):
        title = _first(landmarks, LandmarkKind.TITLE) or _first(landmarks, LandmarkKind.HEADING)
    if _JUNK_AUTHOR.fullmatch(author):
        author = ""
    return Metadata(title=title, author=author, date=next(filter(None, map(_day, dates)), ""))


def _first(landmarks: Sequence[Landmark], kind: LandmarkKind) -> str:
    return next((mark.label for mark in landmarks if mark.kind is kind), "")


def _day(moment: str) -> str:
    """``2021-03-04T10:00:00Z`` -> ``2021-03-04``; empty when it is no date."""
    try:
        return date.fromisoformat(moment.strip()[:10]).isoformat()
    except ValueError:
        return ""
