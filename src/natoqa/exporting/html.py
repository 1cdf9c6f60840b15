"""A conversation as one HTML page that needs nothing else: no script, no request, readable on paper and at night.

Every character that comes from outside passes through :func:`literal`.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping

from natoqa.conversations import Conversation, Turn
from natoqa.exporting.literal import printable
from natoqa.exporting.numbering import NEAREST, NOT_FOUND, Bibliography, byline, number_places
from natoqa.exporting.style import STYLE
from natoqa.types import Answer, AnswerSentence, Citation, Metadata, Status


def write_html(conversation: Conversation, documents: Mapping[str, Metadata]) -> bytes:
    """UTF-8. The text of every question, sentence and quote is what it was, white space included."""
    bibliography = number_places(conversation, documents)
    turns = "".join(_turn(number, turn, bibliography) for number, turn in enumerate(conversation.turns, start=1))
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    title = literal(conversation.title)
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head>\n"
        f'<body><header><h1 dir="auto">{title}</h1><p class="about">natoqa {literal(conversation.version)}, '
        f"index generation {literal(conversation.generation)}. "
        "Every sentence of an answer stands in its source as it is quoted here.</p></header>\n"
        f"<main>{turns}{_sources(bibliography)}</main></body></html>\n"
    )
    return page.encode()


def literal(text: str) -> str:
    """``text`` as HTML text that is also safe inside a quoted attribute."""
    # A parser would make a line feed of a carriage return.
    return html.escape(printable(text)).replace("\r", "&#13;")


def _turn(number: int, turn: Turn, bibliography: Bibliography) -> str:
    answer = turn.answer
    understood = (
        f'<p class="understood" dir="auto">Understood as: <bdi>{literal(turn.understood)}</bdi></p>'
        if turn.understood
        else ""
    )
    body = _answered(answer, bibliography) if answer.status is Status.ANSWERED else _not_found(answer)
    return (
        f'<article aria-labelledby="question-{number}">'
        f'<h2 id="question-{number}" class="question" dir="auto">{literal(turn.asked)}</h2>'
        f'{understood}<p class="at">Asked: <time datetime="{literal(turn.at)}">{literal(turn.when)}</time></p>'
        f"{body}</article>\n"
    )


def _answered(answer: Answer, bibliography: Bibliography) -> str:
    said = "".join(_sentence(sentence, answer, bibliography) for sentence in answer.sentences)
    return f'<div class="answer">{said}</div>'


def _sentence(sentence: AnswerSentence, answer: Answer, bibliography: Bibliography) -> str:
    marks = "".join(
        f'&nbsp;<a class="mark" href="#source-{number}" aria-label="Source {number}">[{number}]</a>'
        for number in bibliography.marks(answer, sentence.citations)
    )
    return f'<p class="said" dir="auto"><span class="sentence">{literal(sentence.text)}</span>{marks}</p>'


def _not_found(answer: Answer) -> str:
    reason = f'<p class="reason" dir="auto">{literal(answer.reason)}</p>' if answer.reason else ""
    panel = f'<div class="refusal"><p class="verdict">{NOT_FOUND}</p>{reason}</div>'
    if not answer.nearest:
        return panel
    places = "".join(f"<li>{_origin(citation)}{_quotation(citation)}</li>" for citation in answer.nearest)
    return f'{panel}<p class="label">{NEAREST}</p><ul class="places nearest">{places}</ul>'


def _sources(bibliography: Bibliography) -> str:
    if not bibliography.places:
        return ""
    places = "".join(
        f'<li id="source-{number}">{_origin(place, number)}{_quotation(place)}</li>'
        for number, place in enumerate(bibliography.places, start=1)
    )
    return f'<section class="sources"><h2>Sources</h2><ol class="places">{places}</ol></section>'


def _origin(citation: Citation, number: int | None = None) -> str:
    badge = "" if number is None else f'<span class="number">[{number}]</span> '
    title, *others = byline(citation)
    rest = "".join(f" · <bdi>{literal(part)}</bdi>" for part in others)
    return f'<p class="origin">{badge}<bdi class="title">{literal(title)}</bdi>{rest}</p>'


def _quotation(citation: Citation) -> str:
    return f'<blockquote dir="auto">{literal(citation.quote)}</blockquote>'
