"""Answer -> HTML. Every character that comes from outside passes through :func:`natoqa.chat.escaping.text`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from natoqa.chat import why
from natoqa.chat.escaping import count, text
from natoqa.chat.references import byline
from natoqa.errors import IndexDamaged
from natoqa.types import Answer, AnswerSentence, Citation, Document, Status

NOT_FOUND = "The sources do not answer this."
_VERDICT = (
    '<div class="verdict" role="group" aria-label="Your verdict">'
    '<button type="button" data-verdict="good" aria-pressed="false">Good answer</button>'
    '<button type="button" data-verdict="bad" aria-pressed="false">Bad answer</button>'
    '<span class="note" hidden><input type="text" maxlength="2000" aria-label="Note on your verdict" '
    'placeholder="Why? (optional)"><button type="button" class="save">Save</button></span></div>'
)


def turn(
    number: int, answer: Answer, document: Callable[[str], Document], left_out_answer: int = 0, note: str = ""
) -> str:
    """One question and what was found, with ids that begin with ``turn-<number>``.

    ``left_out_answer`` is how many documents that were not searched answer the question, ``note`` is HTML that stands
    below the answer. Raises IndexDamaged when a quote is not what stands in its document.
    """
    for citation in (*answer.citations, *answer.nearest):
        _check(citation, document(citation.document))
    name = f"turn-{number}"
    is_answered = answer.status is Status.ANSWERED
    body = _answered(name, answer) if is_answered else _not_found(name, answer, left_out_answer)
    asked = _understood(answer) + body + note + why.explanation(answer) + _VERDICT + '<div class="next"></div>'
    return _article(name, answer.asked or answer.question, asked, answer.status.value)


def spoken(answer: Answer) -> str:
    """What a screen reader announces when the answer is there."""
    if answer.status is Status.ANSWERED:
        return text(f"Answer: {answer.text} {count(len(answer.citations), 'citation')} below.")
    return text(" ".join(filter(None, [NOT_FOUND, answer.reason])))


def remembered(when: str, fallen: Iterable[tuple[str, str]]) -> str:
    """What is said of a turn that is shown again: of when it is, and which quotes do not stand any more, and why.

    Those are plain text: nothing in them opens a document.
    """
    items = "".join(
        f'<li><q dir="auto">{text(quote)}</q> <span class="aside">{text(reason)}</span></li>'
        if quote
        else f'<li><span class="aside">{text(reason)}</span></li>'
        for quote, reason in fallen
    )
    lost = f'<p class="label">Not shown as an answer any more</p><ul class="fallen">{items}</ul>' if items else ""
    return f'{lost}<p class="remembered">Asked {text(when)}; its quotes were looked for in the documents again.</p>'


def suggestions(questions: Iterable[str], label: str) -> str:
    """Questions that are asked with one click."""
    buttons = "".join(f'<li><button type="button" class="ask">{text(question)}</button></li>' for question in questions)
    return f'<p class="label">{text(label)}</p><ul class="suggested">{buttons}</ul>' if buttons else ""


def _check(citation: Citation, document: Document) -> None:
    if not citation.quote or document.text[citation.start : citation.end] != citation.quote:
        raise IndexDamaged(
            f"{citation.document}: quote [{citation.number}] is not what stands at {citation.start}-{citation.end}; "
            "build the index again: natoqa index --rebuild"
        )


def _article(name: str, question: str, body: str, status: str) -> str:
    return (
        f'<article class="turn {status}" id="{name}" aria-labelledby="{name}-question">'
        f'<h2 class="question" id="{name}-question" dir="auto">{text(question)}</h2>{body}</article>'
    )


def _understood(answer: Answer) -> str:
    if not answer.asked or answer.asked == answer.question:
        return ""
    return (
        f'<p class="understood">Understood as: <q dir="auto">{text(answer.question)}</q> '
        f'<button type="button" class="edit" data-question="{text(answer.question)}">Change</button> '
        f'<button type="button" class="ask-alone" data-question="{text(answer.asked)}">Ask it as typed</button></p>'
    )


def _answered(name: str, answer: Answer) -> str:
    by_number = {citation.number: citation for citation in answer.citations}
    marks: set[int] = set()
    sentences = "".join(_sentence(name, sentence, by_number, marks) for sentence in answer.sentences)
    return (
        f'<div class="answer">{sentences}</div><h3 class="label">Sources</h3>'
        f'<ol class="sources">{"".join(map(_source, _by_document(answer.citations)))}</ol>'
    )


def _by_document(citations: Iterable[Citation]) -> list[list[Citation]]:
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.document, []).append(citation)
    return list(groups.values())


def _not_found(name: str, answer: Answer, left_out_answer: int) -> str:
    reason = f'<p class="reason">{text(answer.reason)}</p>' if answer.reason else ""
    panel = f'<div class="refusal"><p class="none">{NOT_FOUND}</p>{reason}{_hint(answer, left_out_answer)}</div>'
    if not answer.nearest:
        return panel
    cards = "".join(_nearest(citation) for citation in answer.nearest)
    return (
        f'{panel}<h3 class="label">Nearest passages <span class="aside">not an answer</span></h3>'
        f'<ol class="nearest">{cards}</ol>'
    )


def _hint(answer: Answer, left_out_answer: int) -> str:
    if left_out_answer:
        which = "A document that you" if left_out_answer == 1 else "Documents that you"
        return (
            f'<p class="hint">{which} left out may answer it. <button type="button" class="ask-all" '
            f'data-question="{text(answer.asked or answer.question)}">Search all documents</button></p>'
        )
    return '<p class="hint">Other words for the same thing may find more.</p>'


def _sentence(name: str, sentence: AnswerSentence, by_number: dict[int, Citation], marks: set[int]) -> str:
    shown = []
    for number in sentence.citations:
        citation = by_number[number]
        # The first mark of a citation is where the panel leads back to; an id must not occur twice.
        anchor = "" if number in marks else f' id="{name}-mark-{number}"'
        marks.add(number)
        shown.append(
            f'<button type="button" class="cite"{anchor} {_place(citation)} '
            f'aria-label="Source {number}: {text(citation.title)}">{number}</button>'
        )
    # The no-break space keeps a mark on the line of the sentence's last word.
    numbered = "".join(f"&nbsp;{mark}" for mark in shown)
    return f'<p class="said" dir="auto"><span class="sentence">{text(sentence.text)}</span>{numbered}</p>'


def _source(citations: list[Citation]) -> str:
    """A document with the numbers of its quotes."""
    first = citations[0]
    numbers = "".join(
        f'<button type="button" class="source number" {_place(citation)} '
        f'aria-label="Open source {citation.number}">{citation.number}</button>'
        for citation in citations
    )
    locators = list(dict.fromkeys(citation.locator for citation in citations))
    return (
        f'<li><span class="numbers">{numbers}</span><div>{_title(first)}'
        f"{byline(first.author, first.date, *locators)}</div></li>"
    )


def _nearest(citation: Citation) -> str:
    return (
        f'<li class="card">{_title(citation, "source")}{byline(citation.author, citation.date, citation.locator)}'
        f'<blockquote dir="auto">{text(citation.quote)}</blockquote></li>'
    )


def _title(citation: Citation, kind: str = "opens") -> str:
    return f'<button type="button" class="{kind} title" {_place(citation)}><bdi>{text(citation.title)}</bdi></button>'


def _place(citation: Citation) -> str:
    """Where the panel opens, and what must stand there."""
    return (
        f'data-number="{citation.number}" data-document="{text(citation.document)}" data-start="{citation.start}" '
        f'data-end="{citation.end}" data-quote="{text(citation.quote)}" data-title="{text(citation.title)}"'
    )
