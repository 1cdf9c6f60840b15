"""Whose words these are and where they stand, as a reader would note it down."""

from __future__ import annotations

from collections.abc import Iterable

from natoqa.chat.escaping import text
from natoqa.types import Document


def known(*parts: str) -> Iterable[str]:
    """The parts that are not empty."""
    return filter(None, parts)


def byline(*parts: str) -> str:
    """Author, date, locator and so on as an HTML list; unknown ones are left out."""
    # <bdi> keeps a part's writing direction from spilling over the rest of the line.
    items = "".join(f"<li><bdi>{text(part)}</bdi></li>" for part in known(*parts))
    return f'<ul class="byline">{items}</ul>'


def reference(document: Document, start: int, end: int) -> str:
    """A quote with its source in one paragraph: ``“…” – Author, Title, date, locator [briefing.txt]``."""
    metadata = document.metadata
    origin = ", ".join(known(metadata.author, document.title, metadata.date, document.locator(start)))
    return f"“{document.text[start:end]}” – {origin} [{document.id}]"
