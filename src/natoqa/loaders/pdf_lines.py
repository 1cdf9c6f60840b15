"""Characters of a PDF page with their boxes -> lines of text in reading order."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from natoqa.loaders.pdf_columns import PART_GAP, SAME_ROW, Part, by_columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SOFT_HYPHEN = "\u00ad"
TENTHS = 10
_LARGEST = 65_535
# PDFium writes these for a hyphen at the end of a line.
_LINE_END_HYPHENS = "\x02\ufffe"
_SPACES = " \t\r\n\x0b\x0c\x85\u2028\u2029"
# Bullets of the Symbol and Wingdings fonts, which have no other code.
_SYMBOLS = {"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "‣", "\uf0fc": "✓", "\uf02d": "-"}
_INVISIBLE = frozenset("\u200b\u2060\ufeff")
# Shares of a character's height.
_CELL_GAP = 1.5
_WORD_GAP = 0.12
_OVERLAP = 0.3
_LONGEST_MARKER = 4


@dataclass(frozen=True, slots=True)
class Font:
    """Size in points as it appears on the page, and whether the face is bold."""

    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and its edges in points from the page's upper left corner.

    ``boxes`` is laid out as in :class:`~natoqa.types.PageLayout`. ``cells`` counts the parts that wide gaps separate.
    """

    text: str
    boxes: bytes
    left: float
    top: float
    right: float
    bottom: float
    font: Font
    cells: int = 1


def find_lines(text: str, boxes: NDArray[np.float64], font_at: Callable[[int], Font]) -> list[Line]:
    """The lines of a page in reading order.

    ``boxes`` has a row (left, top, right, bottom) in points for each character of ``text``; y grows downwards.
    ``font_at`` tells the font of a character.
    """
    tenths = _tenths(boxes)
    rows = [_line(row, text, tenths, font_at) for row in _rows(by_columns(_parts(text, boxes), text))]
    return [line for line in rows if line is not None]


def _tenths(boxes: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Boxes as they are kept; those without an area are empty, and so is one more at the end, for joined characters."""
    import numpy as np

    tenths = np.zeros((len(boxes) + 1, 4), "<u2")
    tenths[:-1] = np.clip(np.rint(boxes * TENTHS), 0, _LARGEST)
    tenths[(tenths[:, 2] <= tenths[:, 0]) | (tenths[:, 3] <= tenths[:, 1])] = 0
    return tenths


def _parts(text: str, boxes: NDArray[np.float64]) -> list[Part]:
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
    visible = np.flatnonzero(~np.isin(codes, [ord(character) for character in (*_SPACES, "\xa0", "\x00")]))
    if not len(visible):
        return []
    ends = np.cumsum(np.isin(codes, [10, 13]))[visible]
    left, top, right, bottom = boxes[visible].T
    heights, widths = np.maximum(bottom - top, 0.1), np.maximum(right - left, 0.1)
    height, width = np.minimum(heights[1:], heights[:-1]), np.minimum(widths[1:], widths[:-1])
    across = np.maximum(left[1:] - right[:-1], left[:-1] - right[1:])
    down = np.maximum(top[1:] - bottom[:-1], top[:-1] - bottom[1:])
    level = (down <= -_OVERLAP * height) & (across <= PART_GAP * height)
    upright = (across <= -SAME_ROW * width) & (down <= _OVERLAP * width)
    breaks = np.flatnonzero((ends[1:] != ends[:-1]) | ~(level | upright)) + 1
    starts = np.concatenate([[0], breaks])
    lasts = np.concatenate([breaks - 1, [len(visible) - 1]])
    columns = (
        visible[starts],
        visible[lasts],
        np.minimum.reduceat(left, starts),
        np.minimum.reduceat(top, starts),
        np.maximum.reduceat(right, starts),
        np.maximum.reduceat(bottom, starts),
    )
    return [Part(*edges) for edges in zip(*(column.tolist() for column in columns), strict=True)]


def _rows(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Parts that stand side by side and follow one another are one line."""
    row: list[Part] = []
    for part in parts:
        if row and not (row[-1].shares_row_with(part) and _goes_on(row, part)):
            yield row
            row = []
        row.append(part)
    if row:
        yield row


def _goes_on(row: Sequence[Part], part: Part) -> bool:
    """Whether a part continues a row in one direction and does not turn back over it."""
    slack = 0.5 * part.height
    onwards = [left.right - slack <= right.left for left, right in zip(row, [*row[1:], part], strict=True)]
    backwards = [left.left + slack >= right.right for left, right in zip(row, [*row[1:], part], strict=True)]
    return all(onwards) or all(backwards)


def _line(row: Sequence[Part], text: str, tenths: NDArray[np.uint16], font_at: Callable[[int], Font]) -> Line | None:
    content, boxes, cells = _content(row, text, tenths)
    if not content.strip(" " + SOFT_HYPHEN):
        return None
    return Line(
        content,
        boxes,
        min(part.left for part in row),
        min(part.top for part in row),
        max(part.right for part in row),
        max(part.bottom for part in row),
        _font(row, font_at),
        cells,
    )


def _content(row: Sequence[Part], text: str, tenths: NDArray[np.uint16]) -> tuple[str, bytes, int]:
    """The text of a line, the boxes of its characters, and how many cells it has."""
    first, last = row[0].first, row[-1].last + 1
    if len(row) == 1 and (piece := text[first:last]).isascii() and piece.isprintable() and "  " not in piece:
        return piece, tenths[first:last].tobytes(), 1
    indices: list[int] = []
    characters: list[str] = []
    cells = 1
    for before, part in zip([None, *row[:-1]], row, strict=True):
        if before is not None:
            gap = before.gap_to(part) / max(min(before.height, part.height), 0.1)
            if gap > _WORD_GAP and characters[-1:] != [" "]:
                indices.append(-1)
                characters.append(" ")
            if gap > _CELL_GAP and before.last - row[0].first >= _LONGEST_MARKER:
                cells += 1
        for index, character in _cleaned(text, part):
            inside = character == SOFT_HYPHEN and part is not row[-1]
            if not inside and (character != " " or characters[-1:] not in ([], [" "])):
                indices.append(index)
                characters.append(character)
    return "".join(characters), tenths[indices].tobytes(), cells


def _font(row: Sequence[Part], font_at: Callable[[int], Font]) -> Font:
    """The usual size in a line, and whether it is bold from end to end."""
    longest = max(row, key=lambda part: part.last - part.first)
    quarters = {longest.first + quarter * (longest.last - longest.first) // 4 for quarter in (1, 2, 3)}
    fonts = [font_at(index) for index in sorted({row[0].first, row[-1].last, *quarters})]
    sizes = sorted(font.size for font in fonts if font.size > 0) or [0.0]
    return Font(sizes[len(sizes) // 2], all(font.bold for font in fonts))


def _cleaned(text: str, part: Part) -> Iterator[tuple[int, str]]:
    piece = text[part.first : part.last + 1]
    if piece.isascii() and piece.isprintable():
        yield from enumerate(piece, part.first)
        return
    for index, raw in enumerate(piece, part.first):
        character = _SYMBOLS.get(raw, raw)
        if character in _LINE_END_HYPHENS:
            character = "-"
        elif character in _SPACES or unicodedata.category(character) == "Zs":
            character = " "
        elif (
            (character == SOFT_HYPHEN and index < part.last)
            or character in _INVISIBLE
            or unicodedata.category(character) in ("Cc", "Cs")
        ):
            continue
        yield index, character
