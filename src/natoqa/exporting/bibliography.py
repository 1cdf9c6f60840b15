"""The documents that a conversation cites, for reference managers: BibTeX and RIS.

An entry says what is known of a document and nothing else. Authors are parted by semicolons alone: a comma or an "and"
may be part of a name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date as calendar_date
from unicodedata import normalize

from natoqa.conversations import Conversation
from natoqa.exporting.literal import printable, undirected
from natoqa.exporting.numbering import CitedDocument, number_places
from natoqa.types import Metadata

# Kind of a document -> types of BibTeX and of RIS.
_TYPES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("article", "journal article", "paper"), ("article", "JOUR")),
    **dict.fromkeys(("book", "monograph"), ("book", "BOOK")),
    **dict.fromkeys(("chapter", "book chapter"), ("incollection", "CHAP")),
    **dict.fromkeys(("conference paper", "proceedings paper"), ("inproceedings", "CPAPER")),
    **dict.fromkeys(("dissertation", "doctoral thesis", "thesis"), ("phdthesis", "THES")),
    **dict.fromkeys(("briefing", "report", "technical report", "white paper", "working paper"), ("techreport", "RPRT")),
    **dict.fromkeys(("magazine article",), ("article", "MGZN")),
    **dict.fromkeys(("news", "newspaper article"), ("article", "NEWS")),
    **dict.fromkeys(("pamphlet", "leaflet"), ("booklet", "PAMP")),
    **dict.fromkeys(("manuscript", "unpublished"), ("unpublished", "UNPB")),
    **dict.fromkeys(("blog", "blog post"), ("misc", "BLOG")),
    **dict.fromkeys(("web page", "website"), ("misc", "ELEC")),
    **dict.fromkeys(("dataset", "data set"), ("misc", "DATA")),
    **dict.fromkeys(("letter", "email"), ("misc", "PCOMM")),
    **dict.fromkeys(("slides", "presentation"), ("misc", "SLIDE")),
    **dict.fromkeys(("law", "statute"), ("misc", "STAT")),
    "manual": ("manual", "GEN"),
    "map": ("misc", "MAP"),
    "patent": ("misc", "PAT"),
    "standard": ("misc", "STAND"),
}
_OTHER = ("misc", "GEN")
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        # BibTeX counts braces even where TeX would not.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        **{mark: f"\\{mark}" for mark in "&%$#_"},
    }
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?(?=$|T)")
_YEAR = re.compile(r"(?<!\d)(?:1[0-9]{3}|20[0-9]{2})(?!\d)")


def write_bibtex(conversation: Conversation, documents: Mapping[str, Metadata]) -> bytes:
    """UTF-8, one entry a document in order of first appearance; nothing at all when no document is cited."""
    cited = number_places(conversation, documents).documents
    return "\n".join(_bibtex(document) for document in cited).encode()


def write_ris(conversation: Conversation, documents: Mapping[str, Metadata]) -> bytes:
    """UTF-8, one record a document in order of first appearance; nothing at all when no document is cited."""
    cited = number_places(conversation, documents).documents
    return "\r\n".join(_ris(document) for document in cited).encode()


def key_of(identity: str) -> str:
    """The key of a document in a bibliography: of its id alone, so that it is the same in every export."""
    plain = normalize("NFKD", identity).encode("ascii", "ignore").decode().lower()
    # Other names can have the same letters.
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return re.sub(r"[^a-z0-9]+", "-", f"{plain[-40:]}-{digest}").strip("-")


def _bibtex(document: CitedDocument) -> str:
    metadata = document.metadata
    fields = [("title", f"{{{{{_tex(metadata.title)}}}}}")]
    if authors := _authors(metadata):
        fields.append(("author", f"{{{' and '.join(map(_tex_name, authors))}}}"))
    fields += _tex_date(metadata.date)
    fields.append(("note", f"{{natoqa document: {_tex(document.id)}}}"))
    body = ",\n".join(f"  {name} = {value}" for name, value in fields)
    return f"@{_types(metadata)[0]}{{{key_of(document.id)},\n{body}\n}}\n"


def _tex_name(name: str) -> str:
    # Without braces, BibTeX would make two persons of a Ministry of Trade and Industry, and refuse a third comma.
    is_one = re.search(r"\band\b", name, re.IGNORECASE) or name.count(",") > 2
    return f"{{{_tex(name)}}}" if is_one else _tex(name)


def _tex(text: str) -> str:
    return _plain(text).translate(_ESCAPES)


def _tex_date(date: str) -> Iterator[tuple[str, str]]:
    if parts := _parts(date):
        yield "date", f"{{{'-'.join(parts)}}}"
        yield "year", f"{{{parts[0]}}}"
        if len(parts) > 1:
            yield "month", _MONTHS[int(parts[1]) - 1]
    elif match := _YEAR.search(date):
        yield "year", f"{{{match.group()}}}"


def _ris(document: CitedDocument) -> str:
    metadata = document.metadata
    fields = [("TY", _types(metadata)[1]), ("ID", key_of(document.id)), ("TI", _plain(metadata.title))]
    fields += [("AU", _plain(name)) for name in _authors(metadata)]
    fields += _ris_date(metadata.date)
    fields.append(("N1", f"natoqa document: {_plain(document.id)}"))
    return "".join(f"{tag}  - {value}\r\n" for tag, value in fields) + "ER  - \r\n"


def _ris_date(date: str) -> Iterator[tuple[str, str]]:
    if parts := _parts(date):
        yield "PY", parts[0]
        year, month, day, *_ = (*parts, "", "")
        yield "DA", f"{year}/{month}/{day}/"
    elif match := _YEAR.search(date):
        yield "PY", match.group()
        yield "DA", f"{match.group()}///{_plain(date).replace('/', ' ')}"


def _parts(date: str) -> tuple[str, ...]:
    """Year, month and day of an ISO 8601 date, as many as it has; nothing for any other text."""
    match = _ISO.match(date.strip())
    if match is None:
        return ()
    parts = tuple(part for part in match.groups() if part)
    year, month, day = map(int, (*parts, "1", "1")[:3])
    try:
        calendar_date(year, month, day)
    except ValueError:
        return ()
    return parts


def _authors(metadata: Metadata) -> list[str]:
    return [name for name in map(str.strip, metadata.author.split(";")) if name]


def _types(metadata: Metadata) -> tuple[str, str]:
    kind = " ".join(re.sub(r"[-_]+", " ", metadata.kind).casefold().split())
    return _TYPES.get(kind, _OTHER)


def _plain(text: str) -> str:
    """Text as one line in which nothing turns the direction of what follows."""
    return " ".join(undirected(printable(text)).split())
