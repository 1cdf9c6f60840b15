"""A conversation as Markdown that renders what was said and nothing else, whatever stands in the sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from natoqa.conversations import Conversation, Turn
from natoqa.exporting.literal import isolated, printable
from natoqa.exporting.numbering import NEAREST, NOT_FOUND, Bibliography, byline, number_places
from natoqa.types import Answer, Citation, Metadata, Status

# Beside CommonMark's own: tables, strike-through, mathematics, attributes, and bare addresses that become links.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~^$]|&(?=[#\w])|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What begins a list, a rule, a heading or a definition at the start of a line.
_BLOCK = re.compile(r"^(?=[-+=:])|^\d{1,9}(?=[.)](?:\s|$))", re.MULTILINE)
_EDGES = re.compile(r"\A\s+|\s+\Z")
_PARAGRAPHS = re.compile(r"(?<=\S)\n\n(?=\S)")
# A line break is kept as one where nothing but it would be lost in rendering.
_BREAKS = re.compile(r"\r|(?<!\S)\n|\n(?!\S)")


def write_markdown(conversation: Conversation, documents: Mapping[str, Metadata]) -> bytes:
    """UTF-8. CommonMark renders every text as it stands, white space included."""
    bibliography = number_places(conversation, documents)
    blocks = [
        f"# {_line(conversation.title)}",
        f"natoqa {_line(conversation.version)}, index generation {_line(conversation.generation)}. "
        "Every sentence of an answer stands in its source as it is quoted here.",
    ]
    for number, turn in enumerate(conversation.turns, start=1):
        blocks += _turn(number, turn, bibliography)
    if bibliography.places:
        blocks.append("## Sources")
    for number, place in enumerate(bibliography.places, start=1):
        blocks += [f"\\[{number}\\] {_byline(place)}", _quotation(place.quote)]
    return ("\n\n".join(blocks) + "\n").encode()


def literal(text: str) -> str:
    """``text`` so that Markdown renders it character for character; a line break between two words stays one."""
    text = _MARKUP.sub(lambda match: "\\" + match.group(), printable(text))
    text = _BREAKS.sub(_references, _EDGES.sub(_references, text))
    return _BLOCK.sub(r"\g<0>\\", text)


def _turn(number: int, turn: Turn, bibliography: Bibliography) -> Iterator[str]:
    answer = turn.answer
    yield f"## {number}. {_line(turn.asked)}"
    if turn.understood:
        yield f"Understood as: {_line(turn.understood)}"
    yield f"Asked: {_line(turn.when)}"
    if answer.status is Status.ANSWERED:
        yield from _sentences(answer, bibliography)
    else:
        yield f"**{NOT_FOUND}**" + (f" {_line(answer.reason)}" if answer.reason else "")
        if answer.nearest:
            yield f"*{NEAREST}*"
        for citation in answer.nearest:
            yield _byline(citation)
            yield _quotation(citation.quote)


def _sentences(answer: Answer, bibliography: Bibliography) -> Iterator[str]:
    for sentence in answer.sentences:
        marks = "".join(f" \\[{number}\\]" for number in bibliography.marks(answer, sentence.citations))
        yield literal(isolated(sentence.text)) + marks


def _quotation(quote: str) -> str:
    """A block quote, with a paragraph for each of those that the quote spans."""
    paragraphs = (literal(paragraph).replace("\n", "\n> ") for paragraph in _PARAGRAPHS.split(printable(quote)))
    return "> " + "\n>\n> ".join(paragraphs)


def _byline(citation: Citation) -> str:
    return " · ".join(map(_line, byline(citation)))


def _line(text: str) -> str:
    """Text that stands on a line with others: nothing in it turns or ends that line."""
    return literal(isolated(text)).replace("\n", "&#10;")


def _references(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in match.group())
