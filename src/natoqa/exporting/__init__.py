"""A conversation as a file for people or programs, every quote verbatim and every cited place numbered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast
from unicodedata import normalize

from natoqa.conversations import Conversation
from natoqa.types import Metadata

_Writer = Callable[[Conversation, Mapping[str, Metadata]], bytes]
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Exported:
    """A file: its name (letters, digits and hyphens of ASCII), its media type and its bytes."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """How a conversation is written: ``module:function``, the suffix of the file with its dot, the media type."""

    writer: str
    suffix: str
    media_type: str


FORMS: Mapping[str, Form] = {
    "markdown": Form("natoqa.exporting.markdown:write_markdown", ".md", "text/markdown; charset=utf-8"),
    "html": Form("natoqa.exporting.html:write_html", ".html", "text/html; charset=utf-8"),
    "docx": Form(
        "natoqa.exporting.docx:write_docx",
        ".docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "json": Form("natoqa.exporting.json:write_json", ".json", "application/json"),
    "bibtex": Form("natoqa.exporting.bibliography:write_bibtex", ".bib", "application/x-bibtex; charset=utf-8"),
    "ris": Form("natoqa.exporting.bibliography:write_ris", ".ris", "application/x-research-info-systems"),
}


def export(conversation: Conversation, documents: Mapping[str, Metadata], form: str) -> Exported:
    """Write a conversation in one of :data:`FORMS`; the same conversation gives the same bytes.

    ``documents`` is metadata by document id; an id that it does not hold is described by its citations. Raises
    KeyError for another form.
    """
    chosen = FORMS[form]
    module, function = chosen.writer.split(":")
    write = cast(_Writer, getattr(import_module(module), function))
    name = f"natoqa-{_plain(conversation.title) or 'conversation'}{chosen.suffix}"
    return Exported(name, chosen.media_type, write(conversation, documents))


def form_of(path: Path) -> str:
    """The form that a file's suffix asks for, whatever its case. Raises KeyError for a suffix of none."""
    return {form.suffix: name for name, form in FORMS.items()}[path.suffix.lower()]


def _plain(title: str) -> str:
    """A title as part of a file's name that every system accepts."""
    letters = normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters)[:_LONGEST_NAME].strip("-")
