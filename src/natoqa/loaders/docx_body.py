"""The text of a DOCX document's body and notes, as a reader of the printed page would see it.

Kept: tracked insertions, the results of fields, hyperlinks' texts, text boxes. Dropped: tracked deletions, hidden text,
the instructions of fields, comments, embedded objects, pronunciation guides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from natoqa.loaders.docx_styles import Style, Styles, switch, whole_number
from natoqa.loaders.office_blocks import raised
from natoqa.loaders.office_story import Story
from natoqa.loaders.office_xml import attribute, child, walk
from natoqa.types import LandmarkKind

_PROPERTIES = frozenset(
    {"w:pPr", "w:rPr", "w:sectPr", "w:tblPr", "w:tblGrid", "w:trPr", "w:tcPr", "w:sdtPr", "w:sdtEndPr"}
)
_DROPPED = _PROPERTIES | {"w:del", "w:moveFrom", "w:delText", "w:instrText", "w:rt", "w:object", "w:altChunk"}
_GAPS: Mapping[str, str] = {"w:tab": " ", "w:ptab": " ", "w:noBreakHyphen": "-"}
# A formula's parts stand above or below one another; written in one line they must not run together.
_FORMULA_SIGNS: Mapping[str, str] = {"m:den": "/", "m:sup": "^", "m:sub": "_"}
# Where the font Symbol has its letters and signs.
_SYMBOLS = dict(
    zip(
        [*range(0x41, 0x5B), *range(0x61, 0x7B), 0xA3, 0xB0, 0xB1, 0xB3, 0xB4, 0xB7, 0xB9, 0xBB, 0xAE],
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ≤°±≥×•≠≈→",
        strict=True,
    )
)
_PLAIN = Style()


@dataclass(slots=True)
class _Alternatives:
    """One drawing said in several ways, of which the first that has text is read."""

    characters: int
    is_read: bool = False


@dataclass(slots=True)
class _Field:
    is_result: bool = False


@dataclass(slots=True)
class _Paragraph:
    style: Style
    runs_on: bool


@dataclass(slots=True)
class _Run:
    style: Style = _PLAIN
    is_raised: bool = False


@dataclass(slots=True)
class _FieldEnds:
    """Finds the ``w:fldChar`` of fields that end; of one that does not, nothing may be taken for instruction."""

    closed: set[int] = field(default_factory=set)
    _open: list[Element] = field(default_factory=list)

    def enter(self, name: str, element: Element) -> bool:
        if name == "w:fldChar":
            kind = attribute(element, "w:fldCharType")
            if kind == "begin":
                self._open.append(element)
            elif kind == "end" and self._open:
                self.closed |= {id(self._open.pop()), id(element)}
        return name not in _DROPPED

    def leave(self, name: str) -> None: ...

    def read(self, text: str) -> None: ...


class BodyReader:
    """Reads stories into one list of blocks; ``notes`` are those referred to, in that order: (kind, identifier)."""

    def __init__(self, styles: Styles) -> None:
        self.story = Story()
        self.notes: dict[tuple[str, str], None] = {}
        self.styles = styles
        self._paragraphs: list[_Paragraph] = []
        self._runs: list[_Run] = []
        self._fields: list[_Field] = []
        self._closed: set[int] = set()
        self._alternatives: list[_Alternatives] = []
        self._enter: Mapping[str, Callable[[Element], bool]] = {
            "w:p": self._enter_paragraph,
            "w:r": self._enter_run,
            "w:t": self._enter_text,
            "m:t": self._enter_text,
            "w:sym": self._enter_symbol,
            "w:br": self._enter_break,
            "w:cr": self._enter_break,
            "w:fldChar": self._enter_field_character,
            "w:footnoteReference": lambda element: self._enter_reference("footnote", element),
            "w:endnoteReference": lambda element: self._enter_reference("endnote", element),
            "w:tbl": self._enter_table,
            "w:tr": self._enter_row,
            "w:tc": self._enter_cell,
            "mc:AlternateContent": self._enter_alternatives,
            "mc:Choice": self._enter_alternative,
            "mc:Fallback": self._enter_alternative,
        }
        self._leave: Mapping[str, Callable[[], None]] = {
            "w:p": self._leave_paragraph,
            "w:r": self._leave_run,
            "w:tbl": self.story.end_table,
            "w:tc": self.story.end_cell,
            "mc:AlternateContent": self._leave_alternatives,
            "mc:Choice": self._leave_alternative,
            "mc:Fallback": self._leave_alternative,
        }

    def read_story(self, root: Element) -> None:
        """Append the blocks in ``root``: the body, or a note."""
        ends = _FieldEnds()
        walk(root, ends)
        self._closed = ends.closed
        self._fields.clear()
        walk(root, self)

    def enter(self, name: str, element: Element) -> bool:
        """Called by the walk."""
        if name in _DROPPED:
            return False
        if handler := self._enter.get(name):
            return handler(element)
        if sign := _GAPS.get(name) or _FORMULA_SIGNS.get(name):
            self._add(sign)
        return True

    def leave(self, name: str) -> None:
        """Called by the walk."""
        if handler := self._leave.get(name):
            handler()

    def read(self, text: str) -> None:
        """Called by the walk; character data counts only in the elements that hold text."""

    def _enter_paragraph(self, element: Element) -> bool:
        properties = child(element, "w:pPr")
        mark = child(properties, "w:rPr")
        mark_is_deleted = child(mark, "w:del") is not None or child(mark, "w:moveFrom") is not None
        self._paragraphs.append(_Paragraph(self.styles.of_paragraph(properties), mark_is_deleted))
        self.story.begin_paragraph()
        return True

    def _leave_paragraph(self) -> None:
        paragraph = self._paragraphs.pop()
        self.story.end_paragraph(paragraph.style.kind or LandmarkKind.PARAGRAPH, paragraph.runs_on)

    def _enter_run(self, element: Element) -> bool:
        properties = child(element, "w:rPr")
        paragraph = self._paragraphs[-1].style if self._paragraphs else _PLAIN
        is_raised = attribute(child(properties, "w:vertAlign"), "w:val") == "superscript"
        self._runs.append(_Run(self.styles.of_run(properties, paragraph), is_raised))
        return True

    def _leave_run(self) -> None:
        self._runs.pop()

    def _enter_text(self, element: Element) -> bool:
        text = element.text or ""
        self._add(raised(text) if self._runs and self._runs[-1].is_raised else text)
        return False

    def _enter_symbol(self, element: Element) -> bool:
        code = attribute(element, "w:char")
        if re.fullmatch(r"[0-9A-Fa-f]{1,4}", code):
            point = int(code, 16)
            if attribute(element, "w:font") == "Symbol":
                self._add(_SYMBOLS.get(point & 0xFF, chr(point)))
            elif not 0xE000 <= point < 0xF900:  # a picture in a font, such as Wingdings
                self._add(chr(point))
        return False

    def _enter_break(self, element: Element) -> bool:
        if attribute(element, "w:type") in ("page", "column"):
            self._add(" ")
        elif self._is_shown():
            self.story.break_line()
        return False

    def _enter_field_character(self, element: Element) -> bool:
        kind = attribute(element, "w:fldCharType")
        if kind == "separate" and self._fields:
            self._fields[-1].is_result = True
        elif id(element) in self._closed:
            if kind == "begin":
                self._fields.append(_Field())
            elif self._fields:
                self._fields.pop()
        return False

    def _enter_reference(self, kind: str, element: Element) -> bool:
        if self._is_shown():
            self.notes[kind, attribute(element, "w:id")] = None
        return False

    def _enter_table(self, element: Element) -> bool:
        self.story.begin_table()
        return True

    def _enter_row(self, element: Element) -> bool:
        properties = child(element, "w:trPr")
        if child(properties, "w:del") is not None:
            return False
        before = whole_number(child(properties, "w:gridBefore"), 0)
        self.story.begin_row(bool(switch(properties, "w:tblHeader")), before)
        return True

    def _enter_cell(self, element: Element) -> bool:
        properties = child(element, "w:tcPr")
        self.story.begin_cell(max(whole_number(child(properties, "w:gridSpan"), 1), 1))
        merged = (child(properties, "w:vMerge"), child(properties, "w:hMerge"))
        if any(merge is not None and attribute(merge, "w:val") != "restart" for merge in merged):
            self.story.end_cell()  # the cell that it goes on from has the text
            return False
        return True

    def _enter_alternatives(self, element: Element) -> bool:
        self._alternatives.append(_Alternatives(self.story.characters))
        return True

    def _leave_alternatives(self) -> None:
        self._alternatives.pop()

    def _enter_alternative(self, element: Element) -> bool:
        return not self._alternatives or not self._alternatives[-1].is_read

    def _leave_alternative(self) -> None:
        if self._alternatives:
            alternatives = self._alternatives[-1]
            alternatives.is_read = self.story.characters > alternatives.characters

    def _add(self, text: str) -> None:
        if self._is_shown():
            self.story.add(text, bool(self._runs) and self._runs[-1].style.is_bold)

    def _is_shown(self) -> bool:
        return all(part.is_result for part in self._fields) and not any(run.style.is_hidden for run in self._runs)
