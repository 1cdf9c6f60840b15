"""Earlier conversations: what a browser keeps of them, and what is made of that when it comes back.

Nothing is kept here. What comes back may have been written by anybody who could write into that browser: it is read by
type and size, and of an answer only quotes are taken, each of which has to stand in the documents as they are now.
Offsets, numbers, titles and places are never believed; a citation is made anew by :mod:`natoqa.citing`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as validated

from natoqa.chat import render
from natoqa.chat.conversing import Exchange, Json, Session
from natoqa.chat.escaping import legible
from natoqa.citing import cite, cite_passages
from natoqa.conversations import Turn
from natoqa.errors import ConversationError
from natoqa.joint import PREFIX
from natoqa.live import pinned
from natoqa.types import Answer, Citation, Document, DraftSentence, Quote, Status

if TYPE_CHECKING:
    from natoqa.live import Conversant

MOST_TURNS = 100
CHANGED = "its document has changed since"
GONE = "its document is not in the collection any more"
OWN = "it stood in a document that was added to that conversation only"
ALL_CHANGED = "They did when this was asked; the documents have changed since. Ask again for what they say now."
NOT_THEN = "Nothing in them did when this was asked."
_MOST_SENTENCES = 20
_MOST_QUOTES = 5
# Strict in each field: as a whole, pydantic would take nothing but objects of these classes.
_KNOWN = ConfigDict(extra="forbid")


def _moment(value: str) -> str:
    if datetime.fromisoformat(value).tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    return value


_Question = Annotated[str, Field(min_length=1, max_length=20_000, strict=True)]
_Name = Annotated[str, Field(max_length=200, strict=True)]


@validated(frozen=True, slots=True, config=_KNOWN)
class KeptQuote:
    """A quote and where it stood. Of a reader's own document nothing is kept: all is empty."""

    document: Annotated[str, Field(max_length=4_096, strict=True)]
    start: Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]
    text: Annotated[str, Field(max_length=20_000, strict=True)]


@validated(frozen=True, slots=True, config=_KNOWN)
class KeptTurn:
    """A turn as a browser keeps it: each sentence is the quotes that carry it. Without sentences it was not answered.

    ``generation`` and ``natoqa`` are the index's generation and the version that answered ``at`` that time.
    """

    asked: _Question
    question: _Question
    at: Annotated[str, Field(max_length=40, strict=True), AfterValidator(_moment)]
    generation: _Name
    natoqa: _Name
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
    sentences: Annotated[
        list[Annotated[list[KeptQuote], Field(min_length=1, max_length=_MOST_QUOTES)]],
        Field(max_length=_MOST_SENTENCES),
    ]
    nearest: Annotated[list[KeptQuote], Field(max_length=_MOST_SENTENCES)]


_TURNS: TypeAdapter[list[KeptTurn]] = TypeAdapter(Annotated[list[KeptTurn], Field(min_length=1, max_length=MOST_TURNS)])


@dataclass(frozen=True, slots=True)
class Checked:
    """A kept turn against the present documents: what still stands as an answer, and as text what does not, and why."""

    answer: Answer
    fallen: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """A conversation that can be continued, and its turns as HTML."""

    session: Session
    html: str


def turn_json(exchange: Exchange, version: str) -> Json:
    """What a browser keeps of a turn that natoqa ``version`` answered."""
    turn = exchange.turn
    by_number = {citation.number: _quote_json(citation) for citation in turn.answer.citations}
    return {
        "asked": _whole(turn.asked),
        "question": _whole(turn.answer.question),
        "at": turn.at,
        "generation": exchange.generation,
        "natoqa": version,
        "confidence": float(turn.answer.confidence),
        "sentences": [[by_number[number] for number in sentence.citations] for sentence in turn.answer.sentences],
        "nearest": [_quote_json(citation) for citation in turn.answer.nearest],
    }


def parse(value: object) -> list[KeptTurn]:
    """The turns that a browser sent. Raises ConversationError for anything but 1 to 100 turns of :func:`turn_json`."""
    try:
        return _TURNS.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        # Names of fields come from the browser as well.
        where = ", ".join(" ".join(legible(str(part))[:40].split()) for part in first["loc"][:6])
        raise ConversationError(
            f"the conversation cannot be opened: what the browser kept is not one ({where or 'turns'}: {first['msg']})"
        ) from None


def check(turn: KeptTurn, open_document: Callable[[str], Document]) -> Checked:
    """Look for every quote in the documents; a sentence stands when all its quotes do.

    ``open_document`` raises KeyError for a document that does not exist.
    """
    standing: list[DraftSentence] = []
    fallen: list[tuple[str, str]] = []
    for quotes in turn.sentences:
        placed, reasons = _placed(quotes, open_document)
        if reasons:
            fallen.append((" ".join(filter(None, (quote.text for quote in quotes))), reasons[0]))
        else:
            standing.append(DraftSentence("", placed))
    cited = cite(standing, open_document)
    near = [quote for kept in turn.nearest for quote in _placed([kept], open_document)[0]]
    nearest = cite_passages(near, open_document)
    reason = None if cited.sentences else ALL_CHANGED if turn.sentences else NOT_THEN
    answer = Answer(
        turn.question,
        Status.ANSWERED if cited.sentences else Status.NOT_FOUND,
        cited.sentences,
        cited.citations,
        nearest=nearest,
        confidence=turn.confidence,
        reason=reason,
        asked="" if turn.asked == turn.question else turn.asked,
    )
    return Checked(answer, tuple(fallen))


def restore(assistant: Conversant, value: object) -> Restored:
    """Make a conversation of what a browser kept. Raises ConversationError if it is none."""
    kept = parse(value)
    exchanges, shown = [], []
    with pinned(assistant) as live:
        generation = getattr(getattr(live, "generation", None), "name", "")
        for number, turn in enumerate(kept, start=1):
            checked = check(turn, live.document)
            again = Turn(turn.asked, checked.answer, turn.at)
            # The quotes are those of the documents as they are: so is the generation.
            exchanges.append(Exchange(again, generation))
            note = render.remembered(again.when, checked.fallen)
            shown.append(render.turn(number, checked.answer, live.document, note=note))
    return Restored(tuple(exchanges), "".join(shown))


def owner(collection: str, user: str) -> str:
    """The name under which a browser keeps the conversations of ``user`` with ``collection``; tells neither.

    One browser may see several collections at the same address, one after the other, and several users. This keeps
    their lists apart on the page; whoever can read the browser's profile can read them all.
    """
    return hashlib.sha256(f"{collection}\0{user}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _quote_json(citation: Citation) -> Json:
    if citation.document.startswith(PREFIX):
        # What a reader added is gone with the conversation, and its words must not stay behind.
        return {"document": "", "start": 0, "text": ""}
    return {"document": _whole(citation.document), "start": citation.start, "text": _whole(citation.quote)}


def _placed(
    quotes: Sequence[KeptQuote], open_document: Callable[[str], Document]
) -> tuple[tuple[Quote, ...], tuple[str, ...]]:
    """The quotes with a place at which they stand to the letter, and for each that has none the reason."""
    placed, reasons = [], []
    for quote in quotes:
        found = _found(quote, open_document)
        if isinstance(found, Quote):
            placed.append(found)
        else:
            reasons.append(found)
    return tuple(placed), tuple(reasons)


def _found(quote: KeptQuote, open_document: Callable[[str], Document]) -> Quote | str:
    if not quote.document and not quote.text:
        return OWN
    try:
        text = open_document(quote.document).text
    except KeyError:
        return GONE
    # Only what was a quote to the letter was kept; what would be found up to typography was changed meanwhile.
    if not quote.text or quote.text != quote.text.strip():
        return CHANGED
    start = text.find(quote.text, quote.start)
    start = start if start >= 0 else text.find(quote.text)
    return Quote(quote.document, quote.text, start) if start >= 0 else CHANGED


def _whole(value: str) -> str:
    # Half a character cannot be sent.
    return value.encode("utf-8", "replace").decode("utf-8")
