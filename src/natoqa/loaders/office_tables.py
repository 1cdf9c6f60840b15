"""A table of a word processor's text as one line a row that can be understood alone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from natoqa.loaders.office_blocks import TextBlock
from natoqa.types import LandmarkKind

_LONGEST_LABEL = 60
_MOST_HEADER_ROWS = 3
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that covers ``span`` columns from ``column`` on, counted from 0; ``text`` is one line."""

    column: int
    span: int
    text: str
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row from left to right; ``is_header``: the document says that it heads the columns."""

    cells: tuple[Cell, ...]
    is_header: bool = False


def row_blocks(rows: Sequence[Row]) -> list[TextBlock]:
    """A block for each row that has text.

    Below a header each cell is ``Header: value`` and the cells are joined by ``; ``, else by `` | ``. The header itself
    says nothing without the rows and is mark-up.
    """
    rows = [row for row in rows if any(cell.text for cell in row.cells)]
    headers = _header_rows(rows)
    labels = [_Labels(row) for row in rows[:headers]]
    width = max((cell.column + cell.span for row in rows for cell in row.cells), default=0)
    blocks: list[TextBlock] = []
    for index, row in enumerate(rows):
        if index < headers or not labels:
            text = " | ".join(cell.text for cell in row.cells if cell.text)
        else:
            text = "; ".join(_labelled(cell, labels, width) for cell in row.cells if cell.text)
        kind = LandmarkKind.MARKUP if index < headers else LandmarkKind.ITEM
        blocks.append(TextBlock(text, kind, continues=index > 0))
    return blocks


class _Labels:
    """What a header row calls each column."""

    def __init__(self, row: Row) -> None:
        self._cells = [cell for cell in row.cells if cell.text]
        self._columns = [cell.column for cell in self._cells]

    def of(self, column: int) -> str:
        index = bisect_right(self._columns, column) - 1
        if index < 0:
            return ""
        cell = self._cells[index]
        covers = column < cell.column + cell.span and len(cell.text) <= _LONGEST_LABEL
        return cell.text.rstrip(" :") if covers else ""


def _labelled(cell: Cell, labels: Sequence[_Labels], width: int) -> str:
    if cell.span >= width > 1:  # it speaks of the rows below it, not of a column
        return cell.text
    names = dict.fromkeys(name for row in labels if (name := row.of(cell.column)))
    return f"{' '.join(names)}: {cell.text}" if names else cell.text


def _header_rows(rows: Sequence[Row]) -> int:
    """How many rows head the columns: as the document says, else one or none as the first row looks."""
    marked = next((index for index, row in enumerate(rows) if not row.is_header), 0)
    if marked:
        return min(marked, _MOST_HEADER_ROWS)
    if len(rows) < 2:
        return 0
    first = rows[0].cells
    if all(cell.is_bold for cell in first if cell.text):
        return int(not all(cell.is_bold for row in rows[1:] for cell in row.cells if cell.text))
    return int(_reads_as_header(first) and not _has_labels_at_the_left(rows))


def _reads_as_header(cells: Sequence[Cell]) -> bool:
    texts = [cell.text for cell in cells]
    if len(texts) < 2 or not all(texts[1:]) or any(len(text) > _LONGEST_LABEL or text[-1:] == "." for text in texts):
        return False
    worded = [any(character.isalpha() for character in text) for text in texts[1:]]
    if texts[0] and not any(character.isalpha() for character in texts[0]):
        return False
    return all(worded) or (len(texts) > 2 and all(map(_YEAR.fullmatch, texts[1:])))


def _has_labels_at_the_left(rows: Sequence[Row]) -> bool:
    left = [row.cells[0] for row in rows if row.cells]
    return all(cell.text.endswith(":") for cell in left) or all(cell.is_bold for cell in left)
