"""Tables of pages: each row becomes a line that says by itself what its cells are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from natoqa.loaders.html_composing import Composition, collapse
from natoqa.loaders.html_walking import BLOCKS, HEADINGS, TEXT, walk
from natoqa.types import LandmarkKind

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# A longer cell holds a page's text and not a value.
_LONGEST_CELL = 1_000
_MOST_HEADS = 5
_WIDEST_SPAN = 50
_TALLEST_SPAN = 1_000
# Tables whose cells span far more places than there are cells are built to exhaust their reader.
_SPREAD = 20


@dataclass(slots=True)
class _Cell:
    is_header: bool
    columns: int = 1
    rows: int = 1
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return collapse("".join(self.pieces)).strip(" ,")


@dataclass(slots=True)
class _Row:
    is_head: bool
    cells: list[_Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Value:
    """What stands in one column of a row. ``is_first``: not merely spanned by the cell to its left."""

    text: str
    is_header: bool
    is_first: bool = True


_Values = Mapping[int, _Value]


def add_table(table: LexborNode, passed_over: Set[int], composition: Composition) -> bool:
    """Add a table's rows as items; False, and nothing added, when it only lays out text.

    Cells stand as ``Header: value; Header: value`` below a header row, as ``value | value`` without one. Raises
    UnreadableFile when the text becomes too much.
    """
    caption = _Cell(is_header=False)
    rows = _read(table, passed_over, caption)
    if rows is None or not _holds_data(rows):
        return False
    if caption.text:
        composition.add(LandmarkKind.PARAGRAPH, caption.text)
    above, heads = _head(rows)
    labels: Mapping[int, str] = {}
    separator = "\n\n"
    for index, values in enumerate(_spread(rows)):
        kind = LandmarkKind.ITEM
        if above <= index < above + heads:
            labels = _joined(labels, values)
            if index + 1 < above + heads:
                continue
            kind, line = LandmarkKind.MARKUP, " | ".join(dict.fromkeys(filter(None, labels.values())))
        else:
            line = _line(values, labels)
        if line:
            composition.add(kind, line, separator=separator)
            separator = "\n"
    return True


def _read(table: LexborNode, passed_over: Set[int], caption: _Cell) -> list[_Row] | None:
    """The rows of a table; None when it holds what no table of values does."""
    attributes = table.attributes
    if (attributes.get("role") or "").lower() in ("presentation", "none"):
        return None
    rows: list[_Row] = []
    target: _Cell | None = None
    length = 0
    in_head = False
    for tag, node, entered in walk(table, passed_over):
        if tag == TEXT:
            if target is not None:
                text = node.text_content or ""
                length += len(text)
                target.pieces.append(text)
        elif tag == "thead":
            in_head = entered
        elif tag == "tr" and entered:
            rows.append(_Row(in_head))
        elif tag in ("td", "th", "caption"):
            target, length = None, 0
            if entered and tag == "caption":
                target = caption
            elif entered and rows:
                spans = node.attributes
                columns = _span(spans.get("colspan"), _WIDEST_SPAN)
                target = _Cell(tag == "th", columns, _span(spans.get("rowspan"), _TALLEST_SPAN))
                rows[-1].cells.append(target)
        elif target is not None and (tag in BLOCKS or tag == "br"):
            target.pieces.append(", " if tag == "li" and not entered else " ")
        if length > _LONGEST_CELL or (
            entered and (tag in HEADINGS or (tag == "table" and node.mem_id != table.mem_id))
        ):
            return None
    return [row for row in rows if row.cells]


def _span(value: str | None, most: int) -> int:
    digits = (value or "").strip()[:6]
    return min(max(int(digits), 1), most) if digits.isascii() and digits.isdigit() else 1


def _holds_data(rows: Sequence[_Row]) -> bool:
    if not any(len(row.cells) > 1 for row in rows):
        return False
    return len(rows) > 1 or any(cell.is_header for cell in rows[0].cells)


def _head(rows: Sequence[_Row]) -> tuple[int, int]:
    """How many rows stand above the header, such as a title over all columns, and how many it takes up."""
    above = len([*takewhile(lambda row: len(row.cells) == 1, rows)])
    below = rows[above:]
    marked = len([*takewhile(lambda row: row.is_head, below)])
    named = len([*takewhile(lambda row: all(cell.is_header for cell in row.cells), below)])
    heads = marked or named
    return (above, heads) if heads < len(below) and heads <= _MOST_HEADS else (0, 0)


def _joined(labels: Mapping[int, str], values: _Values) -> Mapping[int, str]:
    """Labels with another header row below them: ``Exports`` over ``2001`` is ``Exports 2001``."""
    joined = dict(labels)
    spanning = ""
    for column, value in values.items():
        spanning = value.text if value.is_first else spanning
        above = joined.get(column, "")
        joined[column] = spanning if spanning == above else f"{above} {spanning}".strip()
    return joined


def _line(values: _Values, labels: Mapping[int, str]) -> str:
    filled = [(column, value) for column, value in values.items() if value.text and value.is_first]
    if not labels:
        is_named = len(filled) == 2 and filled[0][1].is_header and not filled[1][1].is_header
        return (": " if is_named else " | ").join(value.text for _, value in filled)
    return "; ".join(
        f"{label}: {value.text}" if (label := labels.get(column)) else value.text for column, value in filled
    )


def _spread(rows: Sequence[_Row]) -> Iterator[_Values]:
    """The values of each row by column; what spans several rows stands in each of them."""
    cells = [cell for row in rows for cell in row.cells]
    spans_are_sane = sum(cell.rows * cell.columns for cell in cells) <= _SPREAD * len(cells)
    carried: dict[int, tuple[int, _Value]] = {}
    for row in rows:
        values: dict[int, _Value] = {}
        following: dict[int, tuple[int, _Value]] = {}
        for column, (left, value) in carried.items():
            values[column] = value
            if left > 1:
                following[column] = left - 1, value
        column = 0
        for cell in row.cells:
            while column in values:
                column += 1
            for offset in range(cell.columns if spans_are_sane else 1):
                value = _Value(cell.text if offset == 0 else "", cell.is_header, offset == 0)
                values[column] = value
                if cell.rows > 1 and spans_are_sane:
                    following[column] = cell.rows - 1, value
                column += 1
        carried = following
        yield dict(sorted(values.items()))
