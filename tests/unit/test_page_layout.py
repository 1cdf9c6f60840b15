"""Rectangles of a quote: they cover what was drawn."""

from __future__ import annotations

import struct

import pytest
from pdfs import HEIGHT, WIDTH, Drawn, listed, make, wrapped

from natoqa.limits import Limits
from natoqa.loaders.pdf import load
from natoqa.page_layout import QuoteBoxes, Rectangle, quote_boxes
from natoqa.types import PageLayout

TEXT = (
    "The alliance was founded in April 1949 by twelve states, which promised one another to regard an attack on any "
    "of them as an attack on them all. Its first secretary general took office three years later."
)


def boxes_of(data: bytes, quote: str) -> tuple[QuoteBoxes, ...]:
    loaded = load(data, Limits())
    start = loaded.text.index(quote)
    return quote_boxes(loaded.pages, start, start + len(quote))


def assert_covers(rectangle: Rectangle, drawn: Drawn) -> None:
    """Within a few points of where the string was drawn, and no less than its letters."""
    assert rectangle.left == pytest.approx(drawn.x, abs=1)
    assert rectangle.right == pytest.approx(drawn.x + drawn.width, abs=1)
    assert drawn.y - 1.2 * drawn.size <= rectangle.top <= drawn.y - 0.6 * drawn.size
    assert drawn.y <= rectangle.bottom <= drawn.y + 0.4 * drawn.size


def test_a_quote_over_three_lines_has_a_rectangle_for_each() -> None:
    lines = wrapped(72, 100, TEXT, 250)
    (found,) = boxes_of(make(lines), TEXT)
    assert (found.number, len(found.rectangles)) == (1, len(lines))
    assert (found.width, found.height) == pytest.approx((WIDTH, HEIGHT), abs=0.1)
    for rectangle, line in zip(found.rectangles, lines, strict=True):
        assert_covers(rectangle, line)


def test_a_part_of_a_line_is_covered_and_no_more() -> None:
    before, quote = "Its first ", "secretary general"
    (found,) = boxes_of(make(listed(72, 300, [f"{before}{quote} took office."])), quote)
    (rectangle,) = found.rectangles
    assert_covers(rectangle, Drawn(72 + Drawn(0, 0, before).width, 300, quote))


def test_a_broken_word_is_covered_on_both_lines_without_its_hyphen() -> None:
    lines = ["It needs the consen-", "sus of all."]
    (found,) = boxes_of(make(listed(72, 100, lines)), "consensus")
    first, second = found.rectangles
    assert_covers(first, Drawn(72 + Drawn(0, 0, "It needs the ").width, 100, "consen"))
    assert_covers(second, Drawn(72, 112, "sus"))


def test_a_quote_over_two_pages_has_boxes_on_both() -> None:
    lines = listed(72, 700, ["They promised to regard an attack on one"]), listed(72, 80, ["as an attack on all."])
    first, second = boxes_of(make(*lines), "attack on one as an attack")
    assert (first.number, second.number) == (1, 2)
    assert_covers(
        first.rectangles[0], Drawn(72 + Drawn(0, 0, "They promised to regard an ").width, 700, "attack on one")
    )
    assert_covers(second.rectangles[0], Drawn(72, 80, "as an attack"))


def test_a_page_that_is_shown_turned_has_its_boxes_turned() -> None:
    up = 400.0  # from the lower edge of the sheet as it is drawn, which is the left one as it is shown
    line = Drawn(72, HEIGHT - up, "They promised to regard an attack on one")
    (found,) = boxes_of(make([line], rotated=90), line.text)
    (rectangle,) = found.rectangles
    assert (found.width, found.height) == pytest.approx((WIDTH, HEIGHT), abs=0.1)
    assert (rectangle.top, rectangle.bottom) == pytest.approx((line.x, line.x + line.width), abs=1)
    assert up - 4 <= rectangle.left <= up < up + 6 <= rectangle.right <= up + 12


def test_a_page_that_is_cropped_has_its_boxes_where_it_shows_them() -> None:
    line = Drawn(100, 100, "They promised to regard an attack on one")
    (found,) = boxes_of(make([line], crop=(30, 20, 530, HEIGHT - 40)), line.text)
    assert (found.width, found.height) == pytest.approx((500, HEIGHT - 60), abs=0.1)
    assert_covers(found.rectangles[0], Drawn(70, 60, line.text))


def _layout(*boxes: tuple[int, int, int, int], start: int = 0, number: int = 1) -> PageLayout:
    packed = b"".join(struct.pack("<4H", *box) for box in boxes)
    return PageLayout(number, start, start + len(boxes), 595.0, 842.0, packed)


def test_nothing_is_marked_outside_the_quote_or_where_no_character_stands() -> None:
    pages = [_layout((10, 10, 20, 30), (0, 0, 0, 0)), _layout((50, 60, 70, 80), start=2, number=4)]
    assert quote_boxes(pages, 1, 2) == ()
    assert quote_boxes(pages, 2, 2) == ()
    assert quote_boxes(pages, 9, 12) == ()
    assert quote_boxes(pages, 1, 9) == (QuoteBoxes(4, 595.0, 842.0, (Rectangle(5.0, 6.0, 7.0, 8.0),)),)


def test_columns_side_by_side_are_not_one_rectangle() -> None:
    (found,) = quote_boxes([_layout((100, 100, 150, 200), (2000, 100, 2050, 200))], 0, 2)
    assert found.rectangles == (Rectangle(10.0, 10.0, 15.0, 20.0), Rectangle(200.0, 10.0, 205.0, 20.0))


def test_text_that_runs_upwards_is_one_rectangle() -> None:
    (found,) = quote_boxes([_layout((100, 150, 200, 180), (100, 110, 200, 150), (100, 90, 200, 110))], 0, 3)
    assert found.rectangles == (Rectangle(10.0, 9.0, 20.0, 18.0),)
