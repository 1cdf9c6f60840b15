"""What a page says about itself: title, author and date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from natoqa.loaders.html_composing import collapse
from natoqa.loaders.loaded import one_line
from natoqa.types import Metadata

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_AUTHOR = ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author")
_DATE = (
    *("article:published_time", "date", "dc.date", "dc.date.issued", "dcterms.date", "dcterms.issued"),
    *("citation_publication_date", "datepublished"),
)
# Longer ones come from elements that are never closed.
_LONGEST = 300
_SITE = re.compile(r"\s+[-–—|·•»:]\s+\S")
_DATE_IN_FRONT = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
_DATE_FORMS = ("%Y/%m/%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%Y%m%d")


def page_metadata(tree: LexborHTMLParser, first_heading: str) -> Metadata:
    """The metadata of a page; its first heading stands in for a missing title."""
    fields = _fields(tree.css("meta"))
    titles = (fields.get("og:title", ""), *(_text(node) for node in tree.css("head > title")[:1]))
    # A link to a profile names nobody.
    authors = (fields.get(name, "") for name in _AUTHOR)
    author = next((author for author in authors if author and not author.startswith(("http://", "https://"))), "")
    dates = [fields[name] for name in _DATE if name in fields] or [
        node.attributes.get("datetime") or ""
        for node in tree.css("article > header time[datetime], main > header time[datetime]")[:1]
    ]
    title = next(filter(None, titles), first_heading)
    return Metadata(
        title=first_heading if _is_with_site(title, first_heading) else title,
        author=author,
        date=normal_date(dates[0]) if dates else "",
    )


def _is_with_site(title: str, heading: str) -> bool:
    """Whether a title is the heading and then the name of the site."""
    return bool(heading) and title.startswith(heading) and _SITE.match(title[len(heading) :]) is not None


def normal_date(text: str) -> str:
    """A date as ``YYYY-MM-DD``; what does not parse stays as it is, in one line."""
    line = one_line(text)[:_LONGEST]
    if front := _DATE_IN_FRONT.match(line):
        with suppress(ValueError):
            return date.fromisoformat(front[0]).isoformat()
    for form in _DATE_FORMS:
        with suppress(ValueError):
            return datetime.strptime(line, form).date().isoformat()
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(line).date().isoformat()
    return line


def _fields(nodes: Iterable[LexborNode]) -> Mapping[str, str]:
    fields: dict[str, str] = {}
    for node in nodes:
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
        content = one_line(collapse(attributes.get("content") or ""))
        if content and len(content) <= _LONGEST:
            fields.setdefault(name.strip().lower(), content)
    return fields


def _text(node: LexborNode) -> str:
    text = one_line(collapse(node.text(deep=True)))
    return text if len(text) <= _LONGEST else ""
