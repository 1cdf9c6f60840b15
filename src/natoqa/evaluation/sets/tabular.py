"""Question sets from spreadsheets: CSV with a header, whatever the delimiter and the encoding."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from pathlib import Path

from natoqa.errors import QuestionSetError, UnreadableFile
from natoqa.evaluation.questions import Evidence, Question
from natoqa.evaluation.sets.documents import Documents
from natoqa.evaluation.sets.importing import Collected, ImportOptions
from natoqa.limits import Limits
from natoqa.loaders.decoding import decode

_COLUMNS = ("question", "id", "answer", "document", "quote", "answerable", "tags", "history")
_ALIASES: Mapping[str, str] = {"answers": "answer", "tag": "tags", "documents": "document", "quotes": "quote"}
_DELIMITERS = (",", ";", "\t")
# Excel's own first line, which names the delimiter.
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")
_FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "y", "1", "x"), True),
    **dict.fromkeys(("false", "no", "n", "0"), False),
}


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]


def read_table(source: Path, options: ImportOptions) -> Collected:
    """Read a CSV file with a column ``question``; raises QuestionSetError that names the first wrong row and the rest.

    A row is answerable when its column says so, or without that column when it names a document.
    """
    text, notes = _read(source)
    documents = cache(options.documents)
    rows, unknown = _rows(source, text)
    wrong: list[tuple[int, str]] = []
    read: list[tuple[_Row, Question]] = []
    for row in rows:
        try:
            read.append((row, _question(row, documents)))
        except ValueError as error:
            wrong.append((row.line, str(error)))
    questions = tuple(_numbered(read, wrong))
    if wrong:
        line, what = min(wrong)
        others = ", ".join(str(other) for other, _ in sorted(wrong)[1:6])
        more = f" (and {len(wrong) - 1} more: line {others}{' …' if len(wrong) > 6 else ''})" if others else ""
        raise QuestionSetError(f"{source}:{line}: {what}{more}")
    if not questions:
        raise QuestionSetError(f"{source} holds a header and no question")
    notes += tuple(f"the column '{name}' is not read" for name in unknown)
    return Collected(questions, notes=notes)


def _read(source: Path) -> tuple[str, tuple[str, ...]]:
    try:
        return decode(source.read_bytes(), Limits())
    except OSError as error:
        raise QuestionSetError(f"{source} cannot be read ({error.strerror or error})") from error
    except UnreadableFile as error:
        raise QuestionSetError(f"{source}: {error}") from error


def _rows(source: Path, text: str) -> tuple[list[_Row], list[str]]:
    """Rows that hold something, by the names of their columns, and the names of columns that mean nothing."""
    skipped = 0
    if match := _SEPARATOR_LINE.match(text):
        text, skipped = text[match.end() :], 1
    delimiter = max(_DELIMITERS, key=lambda mark: _likelihood(text, mark))
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[_Row] = []
    names: list[str] = []
    line = 1
    try:
        for cells in reader:
            line, start = reader.line_num + 1, line
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [_column(cell) for cell in cells]
                _check_header(f"{source}:{start + skipped}", names)
                continue
            if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
                raise QuestionSetError(f"{source}:{start + skipped}: {len(cells)} cells under {len(names)} columns")
            rows.append(_Row(start + skipped, dict(zip(names, (cell.strip() for cell in cells), strict=False))))
    except csv.Error as error:
        raise QuestionSetError(f"{source}:{line + skipped}: not CSV ({error})") from error
    return rows, [name for name in names if name and name not in _COLUMNS]


def _likelihood(text: str, delimiter: str) -> tuple[bool, int]:
    """Whether the header has a column ``question`` under this delimiter, and how many columns it has."""
    try:
        header = next(csv.reader(StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return False, 0
    return "question" in map(_column, header), len(header)


def _column(cell: str) -> str:
    name = cell.strip().casefold()
    return _ALIASES.get(name, name)


def _check_header(place: str, names: list[str]) -> None:
    if "question" not in names:
        raise QuestionSetError(f"{place}: there is no column 'question'; the columns read are {', '.join(_COLUMNS)}")
    twice = next((name for name in names if name in _COLUMNS and names.count(name) > 1), None)
    if twice:
        raise QuestionSetError(f"{place}: there are two columns '{twice}'")


def _question(row: _Row, documents: Callable[[], Documents]) -> Question:
    cells = row.cells
    if not cells.get("question"):
        raise ValueError("no question")
    document, quote = cells.get("document", ""), cells.get("quote", "")
    written = cells.get("answerable", "")
    answerable = _FLAGS.get(written.casefold()) if written else bool(document)
    if answerable is None:
        raise ValueError(f"'{written[:40]}' under 'answerable'; it should be yes or no")
    if answerable and not document:
        raise ValueError("answerable, but no document")
    if quote and not document:
        raise ValueError("a quote, but no document")
    evidence = (Evidence(documents().resolve(document) or document, quote or None),) if document else ()
    return Question(
        id=cells.get("id", ""),
        question=" ".join(cells["question"].split()),
        answerable=answerable,
        answers=_parts(cells.get("answer", ""), "|"),
        evidence=evidence,
        history=_parts(cells.get("history", ""), "|"),
        tags=_parts(cells.get("tags", "").replace(";", ","), ","),
    )


def _parts(cell: str, mark: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in cell.split(mark) if part.strip()))


def _numbered(read: list[tuple[_Row, Question]], wrong: list[tuple[int, str]]) -> Iterator[Question]:
    """Questions with ids: their own, or ``q`` and the row's line. An id that stands twice is added to ``wrong``."""
    lines: dict[str, int] = {}
    for row, question in read:
        identity = question.id or f"q{row.line}"
        first = lines.setdefault(identity, row.line)
        if first != row.line:
            wrong.append((row.line, f"the id '{identity}' stands in line {first} too"))
        yield replace(question, id=identity)
