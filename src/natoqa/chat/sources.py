"""What the panel asks for while a reader reads: documents, stretches of them, places in them, images of their pages.

Every answer is a JSON object; one with ``error`` holds nothing else. What the page sends is not trusted.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from natoqa.chat import library, reading
from natoqa.chat.escaping import filename, legible, text
from natoqa.chat.references import byline, reference
from natoqa.errors import NatoqaError
from natoqa.joint import PREFIX
from natoqa.live import pinned
from natoqa.page_layout import QuoteBoxes, quote_boxes
from natoqa.types import Document, Metadata, PageLayout, Span

if TYPE_CHECKING:
    from natoqa.chat.page_images import PageImages
    from natoqa.live import Conversant

CHANGED = "This document has changed since the answer was given. Ask again to see where the sentence stands now."
GONE = "This document is no longer in the collection."
MISUNDERSTOOD = "The page asked for something that cannot be shown."
FAILED = "The document cannot be shown; the details are in the terminal."
_MOST_PLACES = 500
_LONGEST_SEARCH = 300
_log = logging.getLogger(__name__)

Json = dict[str, Any]


class Stored(Protocol):
    """What the panel needs of a generation."""

    def document_metadata(self) -> dict[str, Metadata]:
        """Metadata by document id."""

    def passage_counts(self) -> dict[str, int]:
        """Number of passages by document id."""

    def fingerprints(self) -> dict[str, str]:
        """Fingerprint of its file by document id."""

    def pages(self, identity: str, start: int = 0, end: int | None = None) -> tuple[PageLayout, ...]:
        """Layouts of the pages that hold a range of a document."""


@dataclass(frozen=True)
class Sources:
    """Answers the panel, from the generation that is live; ``images`` is None where no page can be drawn."""

    assistant: Conversant
    images: PageImages | None = None

    def functions(self) -> list[Callable[[object], Json]]:
        """What the page may call, by the names that it uses. They become attributes of a component: none is short."""

        def list_documents(wanted: object) -> Json:
            return _guarded(self._documents, wanted)

        def read_document(wanted: object) -> Json:
            return _guarded(self._read, wanted)

        def read_more(wanted: object) -> Json:
            return _guarded(self._more, wanted)

        def find_words(wanted: object) -> Json:
            return _guarded(self._find, wanted)

        def draw_page(wanted: object) -> Json:
            return _guarded(self._page, wanted)

        return [list_documents, read_document, read_more, find_words, draw_page]

    def _documents(self, wanted: Mapping[str, Any]) -> Json:
        choice = library.Choice.of(wanted.get("choice"))
        with self._stored() as (_, stored):
            counts = stored.passage_counts()
            metadata = stored.document_metadata()
        entries = [library.Entry(identity, known, counts.get(identity, 0)) for identity, known in metadata.items()]
        shown = library.matching(entries, str(wanted.get("words", ""))[:_LONGEST_SEARCH])
        chosen = sum(choice.holds(identity) for identity in metadata)
        return {
            "html": library.render(shown, choice),
            "shown": [entry.id for entry in shown],
            "chosen": chosen,
            "total": len(metadata),
        }

    def _read(self, wanted: Mapping[str, Any]) -> Json:
        with self._stored() as (document_of, stored):
            document = document_of(wanted["document"])
            start, end, marks = _place(document, wanted)
            if marks is None:
                return {"error": CHANGED}
            layouts = stored.pages(document.id, start, end) if self.images and marks else ()
        words = str(wanted.get("words", ""))[:_LONGEST_SEARCH]
        found = [reading.Mark(place.start, place.end, "found") for place in reading.find(document, words, _MOST_PLACES)]
        span = reading.stretch(document, start, end)
        known = document.metadata
        locator = document.locator(start) if marks else ""
        return {
            "title": f"<bdi>{text(document.title)}</bdi>",
            "about": byline(known.author, known.date, locator),
            "identity": filename(document.id.removeprefix(PREFIX)),
            "reference": legible(reference(document, start, end)) if marks else "",
            "html": reading.render(document, span, [*marks, *found]),
            "first": span.start,
            "last": span.end,
            "length": len(document.text),
            "version": _version(document),
            "hasPages": bool(quote_boxes(layouts, start, end)),
        }

    def _more(self, wanted: Mapping[str, Any]) -> Json:
        with self._stored() as (document_of, _):
            document = document_of(wanted["document"])
        first, last = _within(document, wanted["first"], wanted["last"])
        if wanted["version"] != _version(document):
            return {"error": CHANGED}
        if wanted["before"]:
            span = reading.stretch(document, first, first)
            shown = Span(span.start, first)
        else:
            span = reading.stretch(document, last, last)
            shown = Span(last, span.end)
        return {"html": reading.render(document, shown), "first": shown.start, "last": shown.end}

    def _find(self, wanted: Mapping[str, Any]) -> Json:
        with self._stored() as (document_of, _):
            document = document_of(wanted["document"])
        found = reading.find(document, str(wanted["words"])[:_LONGEST_SEARCH], _MOST_PLACES + 1)
        return {
            "places": [[place.start, place.end] for place in found[:_MOST_PLACES]],
            "isCut": len(found) > _MOST_PLACES,
        }

    def _page(self, wanted: Mapping[str, Any]) -> Json:
        with self._stored() as (document_of, stored):
            document = document_of(wanted["document"])
            start, end, marks = _place(document, wanted)
            if not marks or self.images is None:
                return {"error": CHANGED}
            fingerprint = stored.fingerprints()[document.id]
            shown = quote_boxes(stored.pages(document.id, start, end), start, end)
        figures = []
        for boxes in shown[:2]:
            image = self.images.image(document.id, fingerprint, boxes.number)
            if image is None:
                return {"error": "The page cannot be drawn: its file is not the one that was indexed, or is damaged."}
            figures.append(_figure(document, boxes, image))
        return {"html": "".join(figures)}

    @contextmanager
    def _stored(self) -> Iterator[tuple[Callable[[str], Document], Stored]]:
        """Of one generation: a document, and where its passages and pages are."""
        with pinned(self.assistant) as live:
            yield live.document, cast("Stored", cast(Any, live).generation)


def _guarded(answer: Callable[[Mapping[str, Any]], Json], wanted: object) -> Json:
    if not isinstance(wanted, dict):
        return {"error": MISUNDERSTOOD}
    try:
        return answer(wanted)
    except KeyError as error:
        return {"error": GONE if error.args == (wanted.get("document"),) else MISUNDERSTOOD}
    except NatoqaError as error:
        return {"error": " ".join(str(error).split())}
    except (TypeError, ValueError):
        return {"error": MISUNDERSTOOD}
    except Exception:
        _log.exception("a document could not be shown")
        return {"error": FAILED}


def _place(document: Document, wanted: Mapping[str, Any]) -> tuple[int, int, list[reading.Mark] | None]:
    """The place to show; its marks are None when the quote does not stand there, and empty when none is asked for."""
    if wanted.get("start") is None:
        return 0, 0, []
    start, end = _within(document, wanted["start"], wanted["end"])
    name = "found current" if wanted.get("isFound") else "quote"
    marks = [reading.Mark(start, end, name)] if start < end else []
    quote = wanted.get("quote")
    stands_there = quote is None or (bool(marks) and legible(document.text[start:end]) == quote)
    return start, end, marks if stands_there else None


def _within(document: Document, start: object, end: object) -> tuple[int, int]:
    if type(start) is not int or type(end) is not int:
        raise TypeError
    start = max(0, min(start, len(document.text)))
    return start, max(start, min(end, len(document.text)))


def _version(document: Document) -> str:
    return document.content_hash[:16]


def _figure(document: Document, boxes: QuoteBoxes, image: bytes) -> str:
    marked = "".join(
        f'<rect x="{box.left - 1:.1f}" y="{box.top - 1:.1f}" width="{box.right - box.left + 2:.1f}" '
        f'height="{box.bottom - box.top + 2:.1f}" rx="1.5"/>'
        for box in boxes.rectangles
    )
    data = base64.b64encode(image).decode()
    return (
        f'<figure class="page-image"><img alt="Page {boxes.number} of {text(document.title)}, with the quote marked" '
        f'src="data:image/png;base64,{data}"><svg viewBox="0 0 {boxes.width:.1f} {boxes.height:.1f}" '
        f'aria-hidden="true">{marked}</svg><figcaption>Page {boxes.number}</figcaption></figure>'
    )
