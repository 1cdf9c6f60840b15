"""Answer -> HTML. Every character that comes from outside passes through :func:`text`."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable

from natoqa.chat.excerpt import excerpt
from natoqa.types import Answer, AnswerSentence, Citation, Document, Status

NOT_FOUND = "The sources do not answer this."
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LONGEST_PENDING = 300


def text(value: str) -> str:
    """``value`` as HTML text that is also safe inside a quoted attribute.

    Control characters and lone surrogates, which a page cannot carry, become the replacement character.
    """
    return html.escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value))


def turn(number: int, answer: Answer, document: Callable[[str], Document]) -> str:
    """One question and what was found, with ids that begin with ``turn-<number>``."""
    name = f"turn-{number}"
    body = _answered if answer.status is Status.ANSWERED else _not_found
    return _article(name, answer.question, body(name, answer, document), answer.status.value)


def pending(number: int, question: str) -> str:
    """The turn as it looks while the sources are searched."""
    shown = question if len(question) <= _LONGEST_PENDING else question[:_LONGEST_PENDING] + "…"
    return _article(f"turn-{number}", shown, '<p class="pending">Looking through the sources…</p>', "pending")


def spoken(answer: Answer) -> str:
    """What a screen reader announces when the answer is there."""
    if answer.status is Status.ANSWERED:
        return text(f"Answer: {answer.text} {_count(len(answer.citations), 'citation')} below.")
    return text(" ".join(filter(None, [NOT_FOUND, answer.reason])))


def _article(name: str, question: str, body: str, status: str) -> str:
    return (
        f'<article class="turn {status}" id="{name}" aria-labelledby="{name}-question">'
        f'<h2 class="question" id="{name}-question" dir="auto">{text(question)}</h2>{body}</article>'
    )


def _answered(name: str, answer: Answer, document: Callable[[str], Document]) -> str:
    by_number = {citation.number: citation for citation in answer.citations}
    marked: set[int] = set()
    sentences = "".join(_sentence(name, sentence, by_number, marked) for sentence in answer.sentences)
    cards = "".join(_card(name, citation, document, citation.number in marked) for citation in answer.citations)
    return (
        f'<div class="answer">{sentences}'
        f'<p class="confidence">Confidence that the sources answer: {answer.confidence:.0%}</p></div>'
        f'<h3 class="label">Sources</h3><ol class="cards">{cards}</ol>'
    )


def _not_found(name: str, answer: Answer, document: Callable[[str], Document]) -> str:
    reason = f'<p class="reason">{text(answer.reason)}</p>' if answer.reason else ""
    panel = (
        f'<div class="refusal"><p class="verdict">{NOT_FOUND}</p>{reason}'
        f'<p class="confidence">Confidence that the sources answer: {answer.confidence:.0%}</p></div>'
    )
    if not answer.nearest:
        return panel
    cards = "".join(_nearest(name, citation, document) for citation in answer.nearest)
    return (
        f'{panel}<h3 class="label">Nearest passages <span class="aside">not an answer</span></h3>'
        f'<ol class="cards nearest">{cards}</ol>'
    )


def _sentence(name: str, sentence: AnswerSentence, by_number: dict[int, Citation], marked: set[int]) -> str:
    marks = []
    for number in sentence.citations:
        citation = by_number[number]
        # The first mark of a citation is where its card leads back to; an id must not occur twice.
        anchor = "" if number in marked else f' id="{name}-mark-{number}"'
        marked.add(number)
        marks.append(
            f'<a class="cite"{anchor} href="#{name}-source-{number}" '
            f'aria-label="Source {number}: {text(citation.title)}">[{number}]</a>'
        )
    # The no-break space keeps a mark on the line of the sentence's last word.
    numbered = "".join(f"&nbsp;{mark}" for mark in marks)
    return f'<p class="said" dir="auto"><span class="sentence">{text(sentence.text)}</span>{numbered}</p>'


def _card(name: str, citation: Citation, document: Callable[[str], Document], marked: bool) -> str:
    shown = excerpt(document(citation.document), citation)
    back = (
        f'<a class="back" href="#{name}-mark-{citation.number}" '
        f'aria-label="Back to mark {citation.number} in the answer">↑ Back to the answer</a>'
        if marked
        else ""
    )
    quotation = (
        f"{'… ' if shown.cut_before else ''}{text(shown.before)}<mark>{text(shown.quote)}</mark>"
        f"{text(shown.after)}{' …' if shown.cut_after else ''}"
    )
    return (
        f'<li class="card" id="{name}-source-{citation.number}" tabindex="-1">{_origin(citation, citation.number)}'
        f'<blockquote dir="auto">{quotation}</blockquote>{back}</li>'
    )


def _nearest(name: str, citation: Citation, document: Callable[[str], Document]) -> str:
    shown = excerpt(document(citation.document), citation)
    return (
        f'<li class="card" id="{name}-nearest-{citation.number}">{_origin(citation)}'
        f'<blockquote dir="auto">{text(shown.quote)}</blockquote></li>'
    )


def _origin(citation: Citation, number: int | None = None) -> str:
    """Whose words these are and where they stand; unknown parts are left out."""
    # <bdi> keeps a title's writing direction from spilling over the rest of the line.
    badge = "" if number is None else f'<span class="number">{number}</span>'
    parts = "".join(f"<li><bdi>{text(part)}</bdi></li>" for part in _known(citation))
    return (
        f'<div class="origin">{badge}<div><p class="title"><bdi>{text(citation.title)}</bdi></p>'
        f'<ul class="byline">{parts}</ul></div></div>'
    )


def _known(citation: Citation) -> Iterable[str]:
    return filter(None, (citation.author, citation.date, citation.locator))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
