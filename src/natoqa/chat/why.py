"""How an answer was found: which passages were looked at and why, which words matched, what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from natoqa.chat.escaping import count, filename, text
from natoqa.chat.references import byline
from natoqa.terms import analyse, content_stems
from natoqa.types import Answer, Citation, Hit, RejectedQuote

_SHOWN_HITS = 8
_LONGEST = 420


def explanation(answer: Answer) -> str:
    """Everything that speaks for an answer, or for there being none, to be opened by who wants to know."""
    if not answer.hits:
        return ""
    asked = frozenset(content_stems(answer.question))
    shown = answer.hits[:_SHOWN_HITS]
    rows = "".join(_row(place, hit, answer, asked) for place, hit in enumerate(shown, start=1))
    unseen = len(answer.hits) - len(shown)
    lower = f"<p>{count(unseen, 'more passage')} further down the list.</p>" if unseen else ""
    return (
        f'<details class="why"><summary>How this was found</summary><p>{_steps(answer)}</p>'
        f'<ol aria-label="The best passages">{rows}</ol>{lower}{_rejected(answer.rejected)}</details>'
    )


def marked(words: str, asked: frozenset[str]) -> str:
    """``words`` as HTML, in which those with a stem among ``asked`` are bold."""
    shown, done = [], 0
    for term in analyse(words):
        if term.stem in asked and not term.is_function_word:
            shown += [text(words[done : term.start]), f"<b>{text(words[term.start : term.end])}</b>"]
            done = term.end
    return "".join([*shown, text(words[done:])])


def _steps(answer: Answer) -> str:
    milliseconds = answer.timings_ms.get("total")
    took = f" in {milliseconds:.0f} ms" if milliseconds else ""
    quoted = len({citation.document for citation in answer.citations})
    used = f", quoted {count(quoted, 'document')}" if quoted else ""
    return (
        f"Compared {count(len(answer.hits), 'passage')}{used}{took}. Confidence that the sources answer: "
        f"{answer.confidence:.0%}. Words of the question are bold."
    )


def _row(place: int, hit: Hit, answer: Answer, asked: frozenset[str]) -> str:
    used = [citation for citation in answer.citations if _holds(hit, citation)]
    quoted = ", ".join(str(citation.number) for citation in used)
    sentences = "".join(f"<p>{marked(sentence, asked)}</p>" for sentence in _sentences(hit, used))
    about = byline(
        hit.locator,
        f"by meaning {_rank(hit.ranks.dense)}",
        f"by words {_rank(hit.ranks.lexical)}",
        f"quoted as {quoted}" if quoted else "not quoted",
    )
    return (
        f'<li class="hit {"used" if used else "unused"}"><p class="title">{place}. <bdi>{text(hit.title)}</bdi></p>'
        f"{about}{sentences}</li>"
    )


def _sentences(hit: Hit, used: Iterable[Citation]) -> Iterator[str]:
    """What was quoted of a passage, or else its best sentence."""
    quoted = [citation.quote for citation in used]
    if quoted:
        yield from quoted
    elif hit.sentences:
        best = max(hit.sentences, key=lambda sentence: sentence.score).text
        yield best if len(best) <= _LONGEST else best[:_LONGEST] + " …"


def _holds(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return passage.document == citation.document and passage.start <= citation.start < passage.end


def _rank(rank: int | None) -> str:
    return "not found" if rank is None else f"no. {rank}"


def _rejected(rejected: Iterable[RejectedQuote]) -> str:
    items = "".join(
        f"<li><q>{text(item.quote.text[:_LONGEST])}</q> <bdi>{text(filename(item.quote.document))}</bdi>: "
        f"{text(item.reason)}</li>"
        for item in rejected
    )
    return f'<p class="label">Refused, because it could not be found word for word</p><ul>{items}</ul>' if items else ""
