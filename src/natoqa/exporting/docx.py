"""A conversation as a Word document: marks are links to numbered sources at its end.

The file is written with the standard library alone. It holds no macro, no field and no link that leads out of it.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping

from natoqa.conversations import Conversation, Turn
from natoqa.exporting.docx_parts import parts
from natoqa.exporting.literal import isolated, printable, reads_right_to_left
from natoqa.exporting.numbering import NEAREST, NOT_FOUND, Bibliography, byline, number_places
from natoqa.types import Answer, Citation, Metadata, Status

# The same conversation gives the same bytes, whenever it is written.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_BREAK = re.compile(r"(\r\n|\r|\n|\t)")


def write_docx(conversation: Conversation, documents: Mapping[str, Metadata]) -> bytes:
    """A DOCX file. Control characters are replaced; a line break of any kind is one of Word's."""
    bibliography = number_places(conversation, documents)
    body = "".join(_body(conversation, bibliography))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in parts(body, _escaped(conversation.title)).items():
            package.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _body(conversation: Conversation, bibliography: Bibliography) -> Iterator[str]:
    yield _paragraph("Title", conversation.title)
    yield _paragraph(
        "Remark",
        f"natoqa {conversation.version}, index generation {conversation.generation}. "
        "Every sentence of an answer stands in its source as it is quoted here.",
    )
    for turn in conversation.turns:
        yield from _turn(turn, bibliography)
    if bibliography.places:
        yield _paragraph("Heading1", "Sources")
    for number, place in enumerate(bibliography.places, start=1):
        target = f'<w:bookmarkStart w:id="{number}" w:name="source{number}"/>'
        yield _paragraph("Source", f"[{number}] {_origin(place)}", before=f'{target}<w:bookmarkEnd w:id="{number}"/>')
        yield _paragraph("Quote", place.quote)


def _turn(turn: Turn, bibliography: Bibliography) -> Iterator[str]:
    answer = turn.answer
    yield _paragraph("Heading1", turn.asked)
    if turn.understood:
        yield _paragraph("Remark", f"Understood as: {isolated(turn.understood)}")
    yield _paragraph("Remark", f"Asked: {isolated(turn.when)}")
    if answer.status is Status.ANSWERED:
        for sentence in answer.sentences:
            yield _paragraph("Normal", sentence.text, after=_marks(answer, sentence.citations, bibliography))
        return
    yield _paragraph("Refusal", NOT_FOUND)
    if answer.reason:
        yield _paragraph("Normal", answer.reason)
    if answer.nearest:
        yield _paragraph("Remark", NEAREST)
    for citation in answer.nearest:
        yield _paragraph("Source", _origin(citation))
        yield _paragraph("Quote", citation.quote)


def _marks(answer: Answer, cited: tuple[int, ...], bibliography: Bibliography) -> str:
    return "".join(
        f'<w:r><w:t xml:space="preserve"> </w:t></w:r><w:hyperlink w:anchor="source{number}" w:history="1">'
        f'<w:r><w:rPr><w:rStyle w:val="Mark"/></w:rPr><w:t>[{number}]</w:t></w:r></w:hyperlink>'
        for number in bibliography.marks(answer, cited)
    )


def _origin(citation: Citation) -> str:
    return " · ".join(map(isolated, byline(citation)))


def _paragraph(style: str, text: str, before: str = "", after: str = "") -> str:
    """A paragraph of ``text``, in its own direction, between XML that is there already."""
    turned = reads_right_to_left(text)
    shown = isolated(text) if after else text
    direction = "<w:bidi/>" if turned else ""
    run = "<w:rPr><w:rtl/></w:rPr>" if turned else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{direction}</w:pPr>{before}'
        f"<w:r>{run}{''.join(map(_piece, _BREAK.split(shown)))}</w:r>{after}</w:p>"
    )


def _piece(text: str) -> str:
    if text == "\t":
        return "<w:tab/>"
    if _BREAK.fullmatch(text):
        return "<w:br/>"
    return f'<w:t xml:space="preserve">{_escaped(text)}</w:t>' if text else ""


def _escaped(text: str) -> str:
    return html.escape(printable(text))
