"""The text of an ODT document's body and notes, as a reader of the printed page would see it.

Kept: hyperlinks' texts, the results of fields, text boxes. Dropped: tracked deletions, hidden text, annotations,
embedded objects, pronunciation guides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

from natoqa.loaders.odt_styles import Style, Styles
from natoqa.loaders.office_blocks import raised
from natoqa.loaders.office_story import Story
from natoqa.loaders.office_xml import attribute, child
from natoqa.types import LandmarkKind

_DROPPED = frozenset(
    {
        "draw:object",
        "draw:object-ole",
        "office:annotation",
        "office:event-listeners",
        "office:forms",
        "office:scripts",
        "svg:desc",
        "svg:title",
        "text:list-level-label",
        "text:note-citation",
        "text:ruby-text",
        "text:script",
        "text:sequence-decls",
        "text:tracked-changes",
        "text:user-field-decls",
        "text:variable-decls",
    }
)
_INDEXES = frozenset(
    {
        "text:alphabetical-index",
        "text:illustration-index",
        "text:object-index",
        "text:table-index",
        "text:table-of-content",
        "text:user-index",
    }
)
_HIDDEN_BY = frozenset({"text:hidden-paragraph", "text:hidden-text"})


class BodyReader:
    """Reads the text as the printed page shows it; ``notes`` are the bodies of the notes met, in order."""

    def __init__(self, styles: Styles) -> None:
        self.story = Story()
        self.notes: list[Element] = []
        self.styles = styles
        self._paragraphs: list[LandmarkKind] = []
        self._styled: list[Style] = []
        self._new_items: list[bool] = []
        self._indexes = 0
        self._header_rows = 0
        self._spans: list[int] = []
        self._covered = 0
        self._enter: Mapping[str, Callable[[Element], bool]] = {
            "text:p": self._enter_paragraph,
            "text:h": self._enter_heading,
            "text:span": self._enter_span,
            "text:section": self._enter_section,
            "text:list-item": self._enter_item,
            "text:numbered-paragraph": self._enter_item,
            "text:list-header": self._enter_list_header,
            "text:note": self._enter_note,
            "text:s": self._enter_gap,
            "text:tab": self._enter_gap,
            "text:line-break": self._enter_line_break,
            "table:table": self._enter_table,
            "table:table-header-rows": self._enter_header_rows,
            "table:table-row": self._enter_row,
            "table:table-cell": self._enter_cell,
            "table:covered-table-cell": self._enter_covered_cell,
        }
        self._leave: Mapping[str, Callable[[], None]] = {
            "text:p": self._leave_paragraph,
            "text:h": self._leave_paragraph,
            "text:span": self._leave_span,
            "text:list-item": self._leave_item,
            "text:numbered-paragraph": self._leave_item,
            "text:list-header": self._leave_item,
            "table:table": self.story.end_table,
            "table:table-header-rows": self._leave_header_rows,
            "table:table-cell": self._leave_cell,
        }

    def enter(self, name: str, element: Element) -> bool:
        """Called by the walk."""
        if name in _DROPPED or (name in _HIDDEN_BY and attribute(element, "text:is-hidden") == "true"):
            return False
        if name in _INDEXES:
            self._indexes += 1
        handler = self._enter.get(name)
        return handler(element) if handler else True

    def leave(self, name: str) -> None:
        """Called by the walk."""
        if name in _INDEXES:
            self._indexes -= 1
        if handler := self._leave.get(name):
            handler()

    def read(self, text: str) -> None:
        """Called by the walk; character data counts within paragraphs."""
        if text and self._is_shown():
            style = self._styled[-1]
            self.story.add(raised(text) if style.raised else text, style.is_bold)

    def _enter_paragraph(self, element: Element) -> bool:
        style = self.styles.style(attribute(element, "text:style-name"))
        kind = style.kind or LandmarkKind.PARAGRAPH
        if self._new_items and self._new_items[-1] and kind is LandmarkKind.PARAGRAPH:
            self._new_items[-1] = False
            kind = LandmarkKind.ITEM
        return self._begin(kind, style)

    def _enter_heading(self, element: Element) -> bool:
        style = self.styles.style(attribute(element, "text:style-name"))
        return self._begin(LandmarkKind.TITLE if style.kind is LandmarkKind.TITLE else LandmarkKind.HEADING, style)

    def _begin(self, kind: LandmarkKind, style: Style) -> bool:
        self._paragraphs.append(LandmarkKind.MARKUP if self._indexes else kind)
        self._styled.append(style)
        self.story.begin_paragraph()
        return True

    def _leave_paragraph(self) -> None:
        self._styled.pop()
        self.story.end_paragraph(self._paragraphs.pop())

    def _enter_span(self, element: Element) -> bool:
        around = self._styled[-1] if self._styled else Style()
        self._styled.append(self.styles.within(attribute(element, "text:style-name"), around))
        return True

    def _leave_span(self) -> None:
        self._styled.pop()

    def _enter_section(self, element: Element) -> bool:
        return attribute(element, "text:display") != "none" and attribute(element, "text:is-hidden") != "true"

    def _enter_item(self, element: Element) -> bool:
        self._new_items.append(True)
        return True

    def _enter_list_header(self, element: Element) -> bool:
        self._new_items.append(False)
        return True

    def _leave_item(self) -> None:
        self._new_items.pop()

    def _enter_note(self, element: Element) -> bool:
        body = child(element, "text:note-body")
        if body is not None and self._is_shown():
            self.notes.append(body)
        return False

    def _enter_gap(self, element: Element) -> bool:
        self.read(" ")
        return False

    def _enter_line_break(self, element: Element) -> bool:
        if self._is_shown():
            self.story.break_line()
        return False

    def _enter_table(self, element: Element) -> bool:
        self.story.begin_table()
        return True

    def _enter_header_rows(self, element: Element) -> bool:
        self._header_rows += 1
        return True

    def _leave_header_rows(self) -> None:
        self._header_rows -= 1

    def _enter_row(self, element: Element) -> bool:
        self._covered = 0
        self.story.begin_row(self._header_rows > 0)
        return True

    def _enter_cell(self, element: Element) -> bool:
        span = _count(element, "table:number-columns-spanned")
        self._spans.append(span)
        self.story.begin_cell(max(span, _count(element, "table:number-columns-repeated")))
        return True

    def _leave_cell(self) -> None:
        self._covered = self._spans.pop() - 1
        self.story.end_cell()

    def _enter_covered_cell(self, element: Element) -> bool:
        """Covered by the cell at its left, whose span counts it already, or by one above: then it fills columns."""
        columns = _count(element, "table:number-columns-repeated")
        own = min(columns, self._covered)
        self._covered -= own
        if columns > own:
            self.story.begin_cell(columns - own)
            self.story.end_cell()
        return False

    def _is_shown(self) -> bool:
        return bool(self._styled) and not any(style.is_hidden for style in self._styled)


def _count(element: Element, name: str) -> int:
    value = attribute(element, name)
    return max(int(value), 1) if value.isdecimal() and len(value) < 10 else 1
