"""What a PDF says about itself, if it is worth repeating."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from natoqa.loaders.loaded import one_line
from natoqa.types import Metadata

# Programs write these when nobody gave a title.
_JUNK_TITLE = re.compile(
    r"""\W*|\W*\d[\d\W_]*
    |\(?(?:untitled|no\s?name|no\s?title|unnamed|title|document|microsoft\ word|slide|layout|no\ job\ name
    |anonymous|unspecified|unknown
    |(?:powerpoint|word)\ (?:presentation|document))[\s\d.)-]*
    |(?:microsoft\ )?(?:word|powerpoint|excel|publisher|office\ \w+)\ -\ .*
    |.*\.(?:docx?|pdf|tex|dvi|indd|qxd|rtf|odt|odp|ods|e?ps|pptx?|xlsx?|pub|pages|wpd|html?|txt|md|fm|p65|cdr)
    |(?:file|https?)://.*|[a-z]:\\.*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_JUNK_AUTHOR = re.compile(
    r"\W*|\(?(?:anonymous|unknown|user|author|admin(?:istrator)?|owner|default)\)?", re.IGNORECASE
)
_DATE = re.compile(r"(?:D:)?\s*(\d{4})[-/]?(\d\d)?[-/]?(\d\d)?")


def read_metadata(pdf: Any, first_heading: str) -> Metadata:
    """Title, author and date (``YYYY-MM-DD``) of an open PDF; the first heading stands in for a useless title."""
    title, author, made = (_field(pdf, name) for name in ("Title", "Author", "CreationDate"))
    return Metadata(
        title=first_heading if _JUNK_TITLE.fullmatch(title) else title,
        author="" if _JUNK_AUTHOR.fullmatch(author) else author,
        date=_iso_date(made),
    )


def _field(pdf: Any, name: str) -> str:
    try:
        return one_line(pdf.get_metadata_value(name))
    except UnicodeDecodeError:
        return ""


def _iso_date(text: str) -> str:
    found = _DATE.match(text)
    if found is None:
        return ""
    year, month, day = found.groups()
    try:
        return date(int(year), int(month or 1), int(day or 1)).isoformat() if month and day else year
    except ValueError:
        return ""
