"""CSV and TSV files. Each row becomes one line that can be understood alone: ``Column: value; Column: value``.

The header stays in the text as a line of its own, so that no word of the file is lost, but says nothing to quote.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from operator import itemgetter

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.decoding import decode, require_within
from natoqa.loaders.loaded import Loaded
from natoqa.types import Landmark, LandmarkKind, Metadata

# Of delimiters that fit equally well the first is taken.
_DELIMITERS = ("\t", ";", ",", "|")
_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_ROWS = 200
# So much of the sample must be of one width.
_EVEN = 0.5
# A quoted cell of more lines is a quotation mark that is never closed.
_MOST_LINES_A_CELL = 200
_LONGEST_COLUMN_NAME = 100
_MOST_ROWS_ABOVE = 10
# With its columns' names in every row, a text may be so many times as long as the file.
_MOST_TIMES_ITS_SOURCE = 20
_ALWAYS_ENOUGH = 1_000_000  # characters
_VALUE = re.compile(r"[-+(]?[$€£¥]?\s?\d[\d\s.,:/%-]*\)?%?|\S+@\S+|\w+://\S+|true|false|n/a", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d")
# Spreadsheets write the delimiter into the first line, which is then no row.
_STATED_DELIMITER = re.compile(r"sep=([\t;,|])\n")
# No decoded text holds it; a row of its own, it shows that no quotation mark is left open above.
_END = "\x00"


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a file is cut into cells; without a ``delimiter`` each line is one cell."""

    delimiter: str
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class _Header:
    """The names of the columns and the index of the row that they stand in."""

    columns: tuple[str, ...]
    row: int


_NO_HEADER = _Header((), -1)


class _NeverClosed(Exception):
    pass


class _TooRepetitive(Exception):
    pass


def load(data: bytes, limits: Limits) -> Loaded:
    """Read a ``.csv`` or ``.tsv`` file. Rows are numbered as a spreadsheet numbers them. Raises UnreadableFile."""
    source, notes = decode(data, limits)
    stated = _STATED_DELIMITER.match(source)
    source = source[stated.end() :] if stated else source
    delimiter = stated[1] if stated else _find_delimiter(source)
    try:
        text, landmarks, more = _named(source, _Dialect(delimiter), limits)
    except _NeverClosed:
        text, landmarks, more = _named(source, _Dialect(delimiter, quoted=False), limits)
        notes += ("a quotation mark in it is never closed; all were read as plain characters",)
    notes += more
    if not landmarks:
        raise UnreadableFile("it has no text")
    return Loaded(text, landmarks, Metadata(), notes)


def _named(source: str, dialect: _Dialect, limits: Limits) -> tuple[str, tuple[Landmark, ...], tuple[str, ...]]:
    """Text, landmarks and notes, with the names of the columns in every row if that does not drown what they hold."""
    try:
        return *_compose(source, dialect, limits, named=True), ()
    except _TooRepetitive:
        note = "the names of its columns are far longer than what they hold; its rows are given without them"
        return *_compose(source, dialect, limits, named=False), (note,)


def _compose(source: str, dialect: _Dialect, limits: Limits, *, named: bool) -> tuple[str, tuple[Landmark, ...]]:
    most = max(_MOST_TIMES_ITS_SOURCE * len(source), _ALWAYS_ENOUGH)
    header = _find_header(list(islice(_rows(source, dialect, limits), _SAMPLE_ROWS)))
    lines: list[str] = []
    landmarks: list[Landmark] = []
    length = 0
    for index, row in enumerate(_rows(source, dialect, limits)):
        kind = LandmarkKind.MARKUP if index <= header.row else LandmarkKind.ITEM
        if line := _line(row, header.columns if named and index > header.row else ()):
            landmarks.append(Landmark(length, kind, f"row {index + 1}"))
            lines.append(line)
            length += len(line) + 1
            if named and header.columns and length > most:
                raise _TooRepetitive
            require_within(length, limits)
    return "\n".join(lines), tuple(landmarks)


def _line(row: Sequence[str], columns: Sequence[str]) -> str:
    if not columns:
        return " | ".join(filter(None, row))
    names = (*columns, *[""] * (len(row) - len(columns)))
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=False) if cell)


def _rows(source: str, dialect: _Dialect, limits: Limits) -> Iterator[list[str]]:
    """The cells of each row, each cell one line. Raises _NeverClosed."""
    if not dialect.delimiter:
        yield from ([" ".join(line.split())] for line in source.split("\n"))
        return
    csv.field_size_limit(max(csv.field_size_limit(), limits.characters))
    for row in _cells(chain(io.StringIO(source, newline=""), [_END]), dialect):
        if row == [_END]:
            return
        if any(cell.count("\n") > _MOST_LINES_A_CELL for cell in row):
            break
        yield [" ".join(cell.split()) for cell in row]
    raise _NeverClosed


def _cells(lines: Iterable[str], dialect: _Dialect) -> Iterator[list[str]]:
    if dialect.quoted:
        return csv.reader(lines, delimiter=dialect.delimiter)
    return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)


def _find_delimiter(source: str) -> str:
    """The delimiter that cuts most rows of a sample into equally many cells; empty when none does."""
    sample = source[:_SAMPLE_CHARACTERS]
    if len(source) > len(sample):
        sample = sample[: sample.rfind("\n") + 1] or sample
    best, best_share = "", _EVEN
    for delimiter in _DELIMITERS:
        rows = _cells(io.StringIO(sample, newline=""), _Dialect(delimiter))
        width, share = _commonest_width(list(islice(rows, _SAMPLE_ROWS)))
        if width > 1 and share > best_share:
            best, best_share = delimiter, share
    return best


def _commonest_width(rows: Iterable[Sequence[str]]) -> tuple[int, float]:
    """How many cells the most rows have, and the share of these; blank rows do not count."""
    widths = Counter(len(row) for row in rows if row)
    return max(
        ((width, count / widths.total()) for width, count in widths.items()), key=itemgetter(1), default=(0, 0.0)
    )


def _find_header(rows: Sequence[Sequence[str]]) -> _Header:
    """The first row of full width, if its cells read as names and not as values, and rows follow."""
    width, _ = _commonest_width(rows)
    top = enumerate(rows[:_MOST_ROWS_ABOVE])
    index = next((index for index, row in top if len(row) == width and not _is_padded(row)), -1)
    if width < 2 or index < 0 or not any(map(any, rows[index + 1 :])):
        return _NO_HEADER
    row = rows[index]
    names = [cell for cell in row if cell]
    are_names = (
        max(1, width // 2) <= len(names) == len(set(names))
        and all(len(name) <= _LONGEST_COLUMN_NAME for name in names)
        and _are_years_if_any([name for name in names if _VALUE.fullmatch(name)])
    )
    return _Header(tuple(row), index) if are_names else _NO_HEADER


def _is_padded(row: Sequence[str]) -> bool:
    """Whether a row is a title with empty cells behind it. Names may lack over a first column, and over no other."""
    filled = sum(map(bool, row))
    return filled * 2 <= len(row) and not (filled and not row[0] and filled * 2 >= len(row) - 1)


def _are_years_if_any(values: Sequence[str]) -> bool:
    """Whether values in a header can be meant as names: columns of consecutive years often are."""
    return not values or (
        len(values) > 1
        and all(map(_YEAR.fullmatch, values))
        and len({earlier < later for earlier, later in pairwise(values)}) == 1
    )
