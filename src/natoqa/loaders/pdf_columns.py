"""The order of reading on a PDF page.

The order in which a PDF draws its text is nearly always that in which it is read. It is changed in one case: where a
page is drawn row by row across two columns, each column is read to its end before the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# Shares of a character's height.
PART_GAP = 0.8
SAME_ROW = 0.5
_INDENT = 3.0
_FEWEST_ROWS = 4
_FULL = 0.55
_SHORTEST_COLUMN_LINE = 12


@dataclass(frozen=True, slots=True)
class Part:
    """An unbroken stretch of a line: the characters ``first`` to ``last``, both included, and their edges."""

    first: int
    last: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """In points."""
        return self.bottom - self.top

    def shares_row_with(self, other: Part) -> bool:
        """Whether the two stand at one height."""
        overlap = min(self.bottom, other.bottom) - max(self.top, other.top)
        return overlap >= SAME_ROW * min(self.height, other.height)

    def gap_to(self, other: Part) -> float:
        """The empty space between the two, whichever is on the left; negative if they overlap."""
        return max(other.left - self.right, self.left - other.right)


def by_columns(parts: list[Part], text: str) -> list[Part]:
    """The parts with two columns read one after the other, if the page is drawn row by row across them."""
    pairs = [index for index in range(len(parts) - 1) if _stand_side_by_side(parts[index], parts[index + 1])]
    rights = [parts[index + 1] for index in pairs]
    if len(pairs) < _FEWEST_ROWS:
        return parts
    edge, _ = Counter(round(part.left) for part in rights).most_common(1)[0]
    columns = [index for index in pairs if -3 <= parts[index + 1].left - edge <= _INDENT * parts[index + 1].height]
    if len(columns) < max(_FEWEST_ROWS, 0.8 * len(pairs)) or not _hold_prose(parts, columns, text):
        return parts
    ordered = parts[: columns[0]]
    left_column: list[Part] = []
    right_column: list[Part] = []
    for part in parts[columns[0] :]:
        if part.left >= edge - 3:
            right_column.append(part)
        elif part.right <= edge:
            left_column.append(part)
        else:  # spans both columns: what stands above it is read first
            ordered += [*left_column, *right_column, part]
            left_column, right_column = [], []
    return [*ordered, *left_column, *right_column]


def _stand_side_by_side(part: Part, following: Part) -> bool:
    return part.shares_row_with(following) and following.left - part.right > PART_GAP * min(
        part.height, following.height
    )


def _hold_prose(parts: Sequence[Part], columns: Sequence[int], text: str) -> bool:
    """Whether the two columns are filled like prose, not like a table."""
    for side in (0, 1):
        lines = [parts[index + side] for index in columns]
        width = max(line.right for line in lines) - min(line.left for line in lines)
        filled = sum(line.right - line.left for line in lines) / len(lines)
        words = [text[line.first : line.last + 1] for line in lines]
        if filled < _FULL * width or sum(map(len, words)) < _SHORTEST_COLUMN_LINE * len(words):
            return False
        if sum(" " in part for part in words) < SAME_ROW * len(words):
            return False
    return True
