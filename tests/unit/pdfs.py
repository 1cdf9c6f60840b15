"""PDFs for the tests, drawn string by string so that every place on the page is known."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
BODY, BOLD, CHINESE = "Helvetica", "Helvetica-Bold", "STSong-Light"
LEADING = 12.0
pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


@dataclass(frozen=True)
class Drawn:
    """A string on a page; ``y`` is its baseline in points below the page's upper edge."""

    x: float
    y: float
    text: str
    font: str = BODY
    size: float = 10.0

    @property
    def width(self) -> float:
        return float(pdfmetrics.stringWidth(self.text, self.font, self.size))


Page = Sequence[Drawn]
IMAGE = Drawn(0, 0, "", "image")


def wrapped(x: float, y: float, text: str, width: float = 400.0, size: float = 10.0) -> list[Drawn]:
    """A paragraph whose first baseline is at ``y``."""
    lines = simpleSplit(text, BODY, size, width)
    return [Drawn(x, y + index * LEADING, line, size=size) for index, line in enumerate(lines)]


def listed(x: float, y: float, lines: Iterable[str]) -> list[Drawn]:
    """Lines one below the other, just as they are."""
    return [Drawn(x, y + index * LEADING, line) for index, line in enumerate(lines)]


def make(
    *pages: Page,
    rotated: int = 0,
    crop: tuple[float, float, float, float] | None = None,
    compressed: bool = True,
    encrypt: Any = None,
    **info: str,
) -> bytes:
    """A PDF of A4 pages. ``info`` are its fields, such as ``title``; ``crop`` and ``encrypt`` are reportlab's."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, pageCompression=int(compressed), encrypt=encrypt)
    for name, value in info.items():
        getattr(canvas, f"set{name.title()}")(value)
    for page in pages:
        if rotated:
            canvas.setPageRotation(rotated)
        if crop:
            canvas.setCropBox(crop)
        for drawn in page:
            if drawn is IMAGE:
                canvas.drawImage(_image(), 50, 50, 300, 300)
            else:
                canvas.setFont(drawn.font, drawn.size)
                canvas.drawString(drawn.x, HEIGHT - drawn.y, drawn.text)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def mapped(data: bytes, ranges: str) -> bytes:
    """An uncompressed PDF in which Helvetica's codes stand for other characters; ``ranges`` as in a CMap."""
    cmap = f"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
1 begincodespacerange <00> <FF> endcodespacerange
1 beginbfrange {ranges} endbfrange
endcmap end end"""
    number = data.count(b" obj") + 1
    font = re.sub(rb"(/BaseFont /Helvetica )", rb"\1/ToUnicode %d 0 R " % number, data)
    stream = f"{number} 0 obj << /Length {len(cmap)} >> stream\n{cmap}\nendstream endobj\n"
    return font.replace(b"xref\n", stream.encode() + b"xref\n", 1)


def _image() -> ImageReader:
    from PIL import Image

    return ImageReader(Image.new("RGB", (60, 60), (200, 180, 40)))
