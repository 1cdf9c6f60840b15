"""PDFium: bytes -> pages of lines. Nothing but text is read: no script, form or attachment is ever opened."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from itertools import repeat
from math import hypot
from typing import TYPE_CHECKING, Any

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.pdf_lines import Font, Line, find_lines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FINE = 100  # PDFium counts whole pixels; a hundred to the point are exact enough
_LARGEST_PAGE = 200_000.0
_BOLD_NAME = re.compile(rb"bold|black|heavy|demi|[-,]bd\b|cmbx", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
_LONGEST_FONT_NAME = 128
_MOST_UNMAPPED = 0.5
# An image with no more than this many characters over it may be a scan with a stamp on it.
_FEW_CHARACTERS = 400


class Lack(Enum):
    """Why a page has no text."""

    NONE = "none"
    BLANK = "blank"
    IMAGE = "image"
    UNMAPPED = "unmapped"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is displayed; ``number`` counts from 1, ``printed`` is the label that the PDF gives it, if any.

    ``lack`` says why there are no lines, or would be none if running heads were left out.
    """

    number: int
    printed: str
    width: float
    height: float
    lines: tuple[Line, ...]
    lack: Lack


@contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """A ``pypdfium2.PdfDocument``. Raises UnreadableFile when PDFium cannot open it without a password."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY):
            raise UnreadableFile("it is encrypted; save it without a password") from error
        raise UnreadableFile("it is not a readable PDF (it is damaged, or of another kind)") from error
    try:
        yield pdf
    finally:
        pdf.close()


def read_pages(pdf: Any, limits: Limits) -> Iterator[Page]:
    """Every page in order. Raises UnreadableFile when there are none, or too many."""
    count = len(pdf)
    if count < 1:
        raise UnreadableFile("it is not a readable PDF (it has no pages)")
    if count > limits.pages:
        raise UnreadableFile(f"it has {count:,} pages, more than {limits.pages:,} (setting corpus.max_pages)")
    for index in range(count):
        yield _read_page(pdf, index)


def _read_page(pdf: Any, index: int) -> Page:
    from pypdfium2 import raw

    page = raw.FPDF_LoadPage(pdf, index)
    if not page:
        return Page(index + 1, "", 0.0, 0.0, (), Lack.DAMAGED)
    try:
        # In this order nan becomes 1.
        width = min(max(1.0, raw.FPDF_GetPageWidthF(page)), _LARGEST_PAGE)
        height = min(max(1.0, raw.FPDF_GetPageHeightF(page)), _LARGEST_PAGE)
        text_page = raw.FPDFText_LoadPage(page)
        if not text_page:
            return Page(index + 1, "", width, height, (), Lack.DAMAGED)
        try:
            text, boxes = _characters(text_page, _displayed(page, width, height))
            unmapped = _is_unmapped(text)
            lines = () if unmapped else tuple(find_lines(text, boxes, _font_reader(text_page)))
        finally:
            raw.FPDFText_ClosePage(text_page)
        lack = Lack.UNMAPPED if unmapped else Lack.NONE
        if not unmapped and sum(len(line.text) for line in lines) <= _FEW_CHARACTERS:
            lack = Lack.IMAGE if _has_image(page) else Lack.NONE if lines else Lack.BLANK
        return Page(index + 1, _printed(pdf, index), width, height, lines, lack)
    finally:
        raw.FPDF_ClosePage(page)


def _characters(text_page: Any, displayed: NDArray[np.float64]) -> tuple[str, NDArray[np.float64]]:
    """The text of a page and a row (left, top, right, bottom) in points for each character.

    FPDFText_GetText leaves out what is not in the Basic Multilingual Plane; characters asked for one by one are whole.
    """
    import numpy as np
    from pypdfium2 import raw

    count = max(raw.FPDFText_CountChars(text_page), 0)
    get_code, get_box = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    rectangles = (raw.FS_RECTF * count)()
    # Two calls for each character: map and deque make them without a loop in Python.
    codes = np.fromiter(map(get_code, repeat(text_page), range(count)), "<u4", count)
    deque(map(get_box, repeat(text_page), range(count), rectangles), maxlen=0)
    edges = np.frombuffer(rectangles, np.float32).reshape(count, 4).astype(np.float64)
    edges = np.nan_to_num(edges, nan=0.0, posinf=0.0, neginf=0.0).clip(-1e6, 1e6)
    x, y = edges[:, [0, 2]], edges[:, [1, 3]]
    across = displayed[0, 0] * x[:, [0, 0, 1, 1]] + displayed[0, 1] * y[:, [0, 1, 0, 1]] + displayed[0, 2]
    down = displayed[1, 0] * x[:, [0, 0, 1, 1]] + displayed[1, 1] * y[:, [0, 1, 0, 1]] + displayed[1, 2]
    boxes = np.stack([across.min(1), down.min(1), across.max(1), down.max(1)], axis=1) if count else edges
    text, kept = _paired(codes)
    return text, boxes if kept is None else boxes[kept]


def _paired(codes: NDArray[np.uint32]) -> tuple[str, NDArray[np.int64] | None]:
    """The text of UTF-16 or UTF-32 codes, and which of them it is made of if not of all."""
    import numpy as np

    codes = np.where(codes > 0x10FFFF, 0xFFFD, codes).astype("<u4")
    is_high, is_low = (codes >= 0xD800) & (codes < 0xDC00), (codes >= 0xDC00) & (codes < 0xE000)
    if not (is_high | is_low).any():
        return codes.tobytes().decode("utf-32-le"), None
    following = np.append(codes[1:], 0)
    opens = is_high & np.append(is_low[1:], False)
    supplementary = 0x10000 + ((codes - 0xD800) << 10) + (following - 0xDC00)
    codes = np.where(opens, supplementary, np.where(is_high | is_low, 0xFFFD, codes)).astype("<u4")
    kept = np.flatnonzero(~np.append(False, opens[:-1]))
    return codes[kept].tobytes().decode("utf-32-le"), kept


def _displayed(page: Any, width: float, height: float) -> NDArray[np.float64]:
    """The 2 by 3 matrix from the page's own coordinates to points from the upper left corner as it is displayed."""
    import numpy as np
    from pypdfium2 import raw

    across, down = ctypes.c_int(), ctypes.c_int()
    size = (round(width * _FINE), round(height * _FINE))
    corners = []
    for x, y in ((0.0, 0.0), (1_000.0, 0.0), (0.0, 1_000.0)):
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        corners.append((across.value / _FINE, down.value / _FINE))
    origin, right, up = np.array(corners)
    return np.column_stack([(right - origin) / 1_000, (up - origin) / 1_000, origin])


def _font_reader(text_page: Any) -> Any:
    from pypdfium2 import raw

    name, flags, matrix = ctypes.create_string_buffer(_LONGEST_FONT_NAME), ctypes.c_int(), raw.FS_MATRIX()

    def font_at(index: int) -> Font:
        size = raw.FPDFText_GetFontSize(text_page, index)
        if raw.FPDFText_GetMatrix(text_page, index, matrix):
            size *= hypot(matrix.c, matrix.d)
        length = raw.FPDFText_GetFontInfo(text_page, index, name, _LONGEST_FONT_NAME, flags)
        bold = _BOLD_NAME.search(name.raw[:length]) if 0 < length <= _LONGEST_FONT_NAME else None
        return Font(round(size, 1), bool(bold) or bool(length and flags.value & _FORCE_BOLD))

    return font_at


def _is_unmapped(text: str) -> bool:
    """Whether most of a text are codes that mean nothing: its fonts do not say which characters they draw."""
    if text.isascii() and text.replace("\r\n", "").isprintable():
        return False
    visible = [character for character in text if not character.isspace() and character not in "\x02\ufffe"]
    unmapped = sum(
        1 for character in visible if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cn", "Co")
    )
    return unmapped > _MOST_UNMAPPED * len(visible)


def _has_image(page: Any) -> bool:
    from pypdfium2 import raw

    for index in range(raw.FPDFPage_CountObjects(page)):
        item = raw.FPDFPage_GetObject(page, index)
        if raw.FPDFPageObj_GetType(item) in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM):
            return True
    return False


def _printed(pdf: Any, index: int) -> str:
    from natoqa.loaders.loaded import one_line

    try:
        return one_line(pdf.get_page_label(index))[:20]
    except (UnicodeDecodeError, ValueError):
        return ""
