"""Quote -> Citation or rejection. Nothing else in natoqa makes a Citation.

A quote is located exactly, or up to typography: kinds of quotation marks and dashes, runs of white space, invisible
characters. Never by similarity: a changed word is a rejection. What is shown is always the document's own text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from natoqa.types import AnswerSentence, Citation, Document, DraftSentence, Quote, RejectedQuote, Span

_SAME_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


@dataclass(frozen=True, slots=True)
class Cited:
    """A draft after checking. The text of a sentence is that of its citations, in the documents' own words."""

    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    rejected: tuple[RejectedQuote, ...]


def cite(sentences: Sequence[DraftSentence], open_document: Callable[[str], Document]) -> Cited:
    """Locate every claimed quote; keep a sentence only if it has quotes and all of them stand.

    ``open_document`` raises KeyError for a document that does not exist. Numbers start at 1 in order of appearance;
    one place in one document has one number.
    """
    numbers: dict[tuple[str, int, int], int] = {}
    citations: list[Citation] = []
    rejected: list[RejectedQuote] = []
    kept: list[AnswerSentence] = []
    for sentence in sentences:
        places, refused = _places(sentence, open_document)
        rejected += refused
        if refused or not places:
            continue
        for document, span in places:
            place = (document.id, span.start, span.end)
            if place not in numbers:
                numbers[place] = len(numbers) + 1
                citations.append(_citation(numbers[place], document, span))
        carried = dict.fromkeys(numbers[document.id, span.start, span.end] for document, span in places)
        kept.append(AnswerSentence(" ".join(citations[number - 1].quote for number in carried), tuple(carried)))
    return Cited(tuple(kept), tuple(citations), tuple(rejected))


def _places(
    sentence: DraftSentence, open_document: Callable[[str], Document]
) -> tuple[list[tuple[Document, Span]], list[RejectedQuote]]:
    """Where the quotes of a sentence stand, and those that stand nowhere."""
    places: list[tuple[Document, Span]] = []
    rejected: list[RejectedQuote] = []
    for quote in sentence.quotes:
        try:
            document = open_document(quote.document)
        except KeyError:
            rejected.append(RejectedQuote(quote, "there is no such document"))
            continue
        span = locate(quote.text, document.text, near=quote.start)
        if span is None:
            rejected.append(RejectedQuote(quote, "these words do not stand in the document"))
        else:
            places.append((document, span))
    return places, rejected


def cite_passages(quotes: Sequence[Quote], open_document: Callable[[str], Document]) -> tuple[Citation, ...]:
    """Citations for quotes shown by themselves, such as the nearest passages; what cannot be located is dropped."""
    return cite([DraftSentence(quote.text, (quote,)) for quote in quotes], open_document).citations


def locate(quote: str, text: str, near: int | None = None) -> Span | None:
    """Where ``quote`` stands in ``text``; of several places the one closest to ``near``, else the first.

    Exact places win over places that are equal up to typography. None when there is no place.
    """
    quote = quote.strip()
    if not quote:
        return None
    if near is not None and near >= 0 and text.startswith(quote, near):
        return Span(near, near + len(quote))
    exact = [Span(start, start + len(quote)) for start in _occurrences(quote, text)]
    return _closest(exact or _folded_occurrences(quote, text), near)


def _folded_occurrences(quote: str, text: str) -> list[Span]:
    folded_quote, _ = _fold(quote)
    if not folded_quote:
        return []
    folded_text, origins = _fold(text)
    return [
        # The end is where the last matched character ends, not where the next one begins: white space may follow.
        Span(origins[start], origins[start + len(folded_quote) - 1] + 1)
        for start in _occurrences(folded_quote, folded_text)
    ]


def _fold(text: str) -> tuple[str, list[int]]:
    """The text up to typography, trimmed, and for each of its characters the offset it came from."""
    characters: list[str] = []
    origins: list[int] = []
    for offset, character in enumerate(text.translate(_SAME_TYPOGRAPHY)):
        if character in _INVISIBLE:
            continue
        if character.isspace():
            if not characters or characters[-1] == " ":
                continue
            characters.append(" ")
        else:
            characters.append(character)
        origins.append(offset)
    if characters and characters[-1] == " ":
        characters.pop()
        origins.pop()
    return "".join(characters), origins


def _occurrences(needle: str, haystack: str) -> list[int]:
    found: list[int] = []
    start = haystack.find(needle)
    while start >= 0:
        found.append(start)
        start = haystack.find(needle, start + 1)
    return found


def _closest(spans: Sequence[Span], near: int | None) -> Span | None:
    if not spans:
        return None
    if near is None:
        return spans[0]
    after = bisect_left(spans, near, key=lambda span: span.start)
    return min(spans[max(0, after - 1) : after + 1], key=lambda span: abs(span.start - near))


def _citation(number: int, document: Document, span: Span) -> Citation:
    return Citation(
        number=number,
        document=document.id,
        title=document.title,
        author=document.metadata.author,
        date=document.metadata.date,
        locator=document.locator(span.start),
        start=span.start,
        end=span.end,
        quote=document.text[span.start : span.end],
    )
