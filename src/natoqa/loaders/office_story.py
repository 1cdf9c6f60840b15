"""Collects the blocks of a running text whose parts stand within one another: text boxes, cells, tables in tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from natoqa.loaders.office_blocks import HEADING_KINDS, TextBlock, clean
from natoqa.loaders.office_tables import Cell, Row, row_blocks
from natoqa.types import LandmarkKind

# Whole paragraphs are sometimes given a heading's style for its looks; they can still be answers.
_LONGEST_HEADING = 250
# What is longer, and of several paragraphs, is a page laid out by a table.
_LONGEST_ROW = 1_000


@dataclass(slots=True)
class _OpenParagraph:
    index: int
    pieces: list[str] = field(default_factory=list)
    letters: int = 0
    bold_letters: int = 0


@dataclass(slots=True)
class _CellRange:
    column: int
    span: int
    start: int
    end: int


@dataclass(slots=True)
class _TableRow:
    is_header: bool
    column: int
    cells: list[_CellRange] = field(default_factory=list)


@dataclass(slots=True)
class _OpenTable:
    start: int
    rows: list[_TableRow] = field(default_factory=list)
    open_cells: list[_CellRange] = field(default_factory=list)
    holds_table: bool = False


class Story:
    """Blocks in the order in which they begin: a text box comes after the paragraph that it is anchored in.

    A table becomes rows when it ends. A table that holds another, or headings, or a single cell, lays out a page: its
    paragraphs stay paragraphs.
    """

    def __init__(self) -> None:
        self.blocks: list[TextBlock] = []
        self.characters = 0
        self._paragraphs: list[_OpenParagraph] = []
        self._tables: list[_OpenTable] = []
        self._unended: tuple[_OpenParagraph, object] | None = None

    def begin_paragraph(self) -> None:
        """A paragraph opens, perhaps in a text box within another."""
        paragraph = _OpenParagraph(len(self.blocks))
        self.blocks.append(TextBlock())
        if self._unended is not None and self._unended[1] == self._place():
            before = self._unended[0]
            paragraph = _OpenParagraph(paragraph.index, before.pieces, before.letters, before.bold_letters)
            self.blocks[before.index] = TextBlock()
        self._unended = None
        self._paragraphs.append(paragraph)

    def add(self, text: str, is_bold: bool = False) -> None:
        """Text of the innermost open paragraph; what stands outside all paragraphs is not shown."""
        if not self._paragraphs or not text:
            return
        paragraph = self._paragraphs[-1]
        paragraph.pieces.append(text.replace("\n", " ").replace("\r", " "))
        if not text.isspace():
            self.characters += len(text)
            paragraph.letters += len(text)
            paragraph.bold_letters += len(text) if is_bold else 0

    def break_line(self) -> None:
        """A line ends within the paragraph."""
        if self._paragraphs:
            self._paragraphs[-1].pieces.append("\n")

    def end_paragraph(self, kind: LandmarkKind, runs_on: bool = False) -> None:
        """The innermost paragraph ends; with ``runs_on`` the next one beside it, if there is one, goes on with it."""
        paragraph = self._paragraphs.pop()
        text = clean("".join(paragraph.pieces))
        if kind in HEADING_KINDS and len(text) > _LONGEST_HEADING:
            kind = LandmarkKind.PARAGRAPH
        is_bold = 0 < paragraph.letters == paragraph.bold_letters
        self.blocks[paragraph.index] = TextBlock(text, kind, is_bold)
        self._unended = (paragraph, self._place()) if runs_on else None

    def begin_table(self) -> None:
        """A table opens, perhaps in a cell of another."""
        if self._tables:
            self._tables[-1].holds_table = True
        self._tables.append(_OpenTable(len(self.blocks)))

    def begin_row(self, is_header: bool = False, columns_before: int = 0) -> None:
        """A row opens; ``columns_before`` of the table are left of its first cell."""
        if self._tables:
            self._tables[-1].rows.append(_TableRow(is_header, columns_before))

    def begin_cell(self, span: int = 1) -> None:
        """A cell opens that covers ``span`` columns."""
        if not self._tables:
            return
        table = self._tables[-1]
        if table.open_cells or not table.rows:
            table.holds_table = True  # no table is built like this; keep the text as it comes
            table.rows.append(_TableRow(False, 0))
        row = table.rows[-1]
        table.open_cells.append(_CellRange(row.column, span, len(self.blocks), len(self.blocks)))
        row.cells.append(table.open_cells[-1])
        row.column += span

    def end_cell(self) -> None:
        """The innermost cell ends."""
        if self._tables and self._tables[-1].open_cells:
            self._tables[-1].open_cells.pop().end = len(self.blocks)
            self._unended = None

    def end_table(self) -> None:
        """The innermost table ends."""
        table = self._tables.pop()
        self._unended = None
        if table.holds_table:
            return
        rows = [Row(tuple(map(self._cell, row.cells)), row.is_header) for row in table.rows]
        if not self._lays_out_a_page(rows, self.blocks[table.start :]):
            self.blocks[table.start :] = row_blocks(rows)

    def _cell(self, cell: _CellRange) -> Cell:
        blocks = [block for block in self.blocks[cell.start : cell.end] if block.text]
        text = " ".join(block.text.replace("\n", " ") for block in blocks)
        return Cell(cell.column, cell.span, text, bool(blocks) and all(block.is_bold for block in blocks))

    @staticmethod
    def _lays_out_a_page(rows: Sequence[Row], blocks: Sequence[TextBlock]) -> bool:
        cells = [cell for row in rows for cell in row.cells if cell.text]
        paragraphs = sum(bool(block.text) for block in blocks)
        return (
            sum(len(row.cells) for row in rows) <= 1
            or any(block.kind in HEADING_KINDS for block in blocks)
            or (paragraphs > len(cells) and any(sum(len(c.text) for c in row.cells) > _LONGEST_ROW for row in rows))
        )

    def _place(self) -> object:
        cell = self._tables[-1].open_cells[-1:] if self._tables else []
        return (len(self._paragraphs), len(self._tables), cell[0].start if cell else -1)
