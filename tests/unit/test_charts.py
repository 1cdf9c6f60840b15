"""Pictures as arithmetic: where a figure is drawn, and that it can be read without the picture."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.evaluation.metrics.confidence import reliability, risk_coverage
from natoqa.evaluation.report import charts
from natoqa.evaluation.report.wording import escaped, figure, p_value, printable, signed

CONFIDENCE = [0.9, 0.8, 0.7, 0.2]
CORRECT = [True, True, False, False]
PICTURES = {
    "stacked bar": charts.stacked_bar([charts.Part("right", "right", 3), charts.Part("wrong", "wrong", 1)]),
    "whisker": charts.whisker(0.5, 0.4, 0.6, title="half"),
    "bar": charts.bar(0.5, title="half"),
    "risk and coverage": charts.risk_coverage_curve(risk_coverage(CONFIDENCE, CORRECT), (0.75, 1 / 3)),
    "reliability": charts.reliability_diagram(reliability(CONFIDENCE, CORRECT)),
    "confidence": charts.confidence_histogram([0.9, 0.8, 0.0], [0.2, 1.0], 0.3),
    "latency": charts.latency_histogram([10.0, 20.0, 30.0], 20.0, 29.0),
}


def _numbers(picture: str, tag: str, *names: str) -> list[tuple[float, ...]]:
    return [
        tuple(float(element.get(name, "0").rstrip("%")) for name in names)
        for element in ET.fromstring(picture).iter(tag)
    ]


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_picture_is_well_formed_and_has_a_name(picture: str) -> None:
    svg = ET.fromstring(picture)
    assert svg.get("role") == "img"
    assert (svg[0].tag, bool(svg[0].text)) == ("title", True)
    assert not re.search(r"\bnan\b", picture)
    assert not {"style", "id", "href"} & {name for element in svg.iter() for name in element.attrib}


def test_segments_are_as_wide_as_their_share_and_empty_ones_are_left_out() -> None:
    parts = [charts.Part("right", "right", 3), charts.Part("partial", "partial", 0), charts.Part("wrong", "wrong", 1)]
    picture = charts.stacked_bar(parts)
    assert _numbers(picture, "rect", "x", "width") == [(0, 75), (75, 25)]
    assert ET.fromstring(picture)[0].text == "right 3, partial 0, wrong 1"


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any))
def test_segments_fill_the_bar(counts: list[int]) -> None:
    drawn = _numbers(charts.stacked_bar([charts.Part("x", "x", count) for count in counts]), "rect", "x", "width")
    assert sum(width for _, width in drawn) == pytest.approx(100, abs=0.01)
    ends = [0.0, *(x + width for x, width in drawn)]
    assert [x for x, _ in drawn] == pytest.approx(ends[:-1], abs=0.01)


def test_a_dot_stands_at_its_share_of_the_rail() -> None:
    assert _numbers(charts.whisker(0.25, 0.0, 1.0), "circle", "cx") == [(5 + 0.25 * 140,)]
    assert 'd="M5.0 10H145.0"' in charts.whisker(0.25, 0.0, 1.0)
    assert "zero" not in charts.whisker(0.25, 0.0, 1.0)


def test_a_difference_has_a_tick_at_zero() -> None:
    assert 'class="zero" d="M75.0 ' in charts.whisker(0.1, -0.1, 0.2, (-0.2, 0.2))


def test_without_an_interval_there_is_a_dot_alone() -> None:
    picture = charts.whisker(0.5, math.nan, math.nan)
    assert "reach" not in picture
    assert "circle" in picture


def test_a_bar_has_the_length_of_its_value() -> None:
    assert _numbers(charts.bar(0.3), "rect", "width")[1] == (30,)
    assert _numbers(charts.bar(30, 40), "rect", "width")[1] == (75,)
    assert charts.bar(math.nan) == ""


def test_the_curve_goes_through_its_points_and_the_used_one_is_named() -> None:
    # Coverage 1/4, 2/4, 3/4, 1; risk 0, 0, 1/3, 1/2: the axis ends at a half.
    svg = ET.fromstring(PICTURES["risk and coverage"])
    points = [tuple(map(float, point.split(","))) for point in svg.find("polyline").get("points").split()]
    left, right, top, foot = 54, charts.WIDTH - 22, 16, charts.HEIGHT - 42
    expected = [
        (left + coverage * (right - left), foot - risk / 0.5 * (foot - top))
        for coverage, risk in ((0.25, 0), (0.5, 0), (0.75, 1 / 3), (1, 0.5))
    ]
    assert points == [pytest.approx(point, abs=0.06) for point in expected]
    assert (float(svg.find("circle").get("cx")), float(svg.find("circle").get("cy"))) == points[2]
    assert svg[0].text == "Risk against coverage; used: 75 % answered, 33.3 % of it wrong"


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    confidence = [number / 5000 for number in range(5000)]
    picture = charts.risk_coverage_curve(risk_coverage(confidence, [True] * 5000), None)
    points = ET.fromstring(picture).find("polyline").get("points").split()
    assert len(points) <= 401
    assert float(points[-1].split(",")[0]) == charts.WIDTH - 22


def test_every_bin_of_the_reliability_diagram_has_its_count() -> None:
    svg = ET.fromstring(PICTURES["reliability"])
    assert [text.text for text in svg.iter("text") if text.get("class") == "note"] == ["1", "1", "1", "1"]
    assert "confidence 0.20: 0.00 of 1 answerable" in svg[0].text


def test_answerable_questions_stand_above_the_axis_and_the_others_below() -> None:
    svg = ET.fromstring(PICTURES["confidence"])
    axis = next(path for path in svg.iter("path") if path.get("class") == "axis")
    height = float(axis.get("d").split()[1].split("H")[0])
    bars = [(rect.get("class"), float(rect.get("y")), float(rect.get("height"))) for rect in svg.iter("rect")]
    assert sorted(name for name, _, _ in bars) == ["down", "down", "up", "up", "up"]
    for name, y, tall in bars:
        assert (y + tall if name == "up" else y) == pytest.approx(height, abs=0.11)
    assert svg[0].text == "Confidence of 3 answerable and 2 unanswerable questions; threshold 0.3"


@given(st.lists(st.floats(0, 1), max_size=40), st.lists(st.floats(0, 1), max_size=40))
def test_no_question_is_missing_from_the_histogram(up: list[float], down: list[float]) -> None:
    svg = ET.fromstring(charts.confidence_histogram(up, down, None))
    heights = [(rect.get("class"), float(rect.get("height"))) for rect in svg.iter("rect")]
    ticks = [text for text in svg.iter("text") if text.get("text-anchor") == "end" and text.get("class") is None]
    unit = abs(float(ticks[0].get("y")) - float(ticks[1].get("y"))) / abs(
        abs(float(ticks[0].text)) - abs(float(ticks[1].text))
    )
    for name, values in (("up", up), ("down", down)):
        total = sum(height for own, height in heights if own == name) / unit
        assert total == pytest.approx(len(values), abs=0.5)


def test_slow_outliers_stand_in_the_last_bar() -> None:
    picture = charts.latency_histogram([10.0] * 99 + [5000.0], 10.0, 12.0)
    heights = [height for (height,) in _numbers(picture, "rect", "height")]
    assert len(heights) == 2
    assert heights[0] / heights[1] == pytest.approx(99, rel=0.06)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7, 9, 40, 55, 100, 777])
@pytest.mark.parametrize("also_below", [False, True])
def test_questions_are_counted_in_whole_numbers(count: int, also_below: bool) -> None:
    svg = ET.fromstring(charts.confidence_histogram([0.5] * count, [0.5] * also_below, None))
    ticks = [text.text or "" for text in svg.iter("text") if text.get("text-anchor") == "end"]
    assert all(tick.isdecimal() for tick in ticks)
    assert max(map(int, ticks)) >= count
    assert (ticks.index("0") == 0) != also_below


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30))
def test_any_latency_can_be_drawn(times: list[float]) -> None:
    ordered = sorted(times)
    ET.fromstring(charts.latency_histogram(times, ordered[len(times) // 2], ordered[-1]))


@given(st.text())
def test_escaped_text_is_well_formed_and_nothing_but_the_unprintable_is_lost(text: str) -> None:
    element = ET.fromstring(f'<p a="{escaped(text)}">{escaped(text)}</p>')
    assert (element.text or "") == printable(text).replace("\r\n", "\n").replace("\r", "\n")


def test_figures_in_words() -> None:
    assert [figure(value) for value in (0.12345, 1.0, 12.345, math.nan)] == ["0.123", "1.000", "12.3", "–"]
    assert [signed(value) for value in (0.1, -0.1, 0.0, math.nan)] == ["+0.100", "−0.100", "±0.000", "–"]
    assert [p_value(value) for value in (0.04, 0.0001, math.nan)] == ["0.040", "< 0.001", "–"]
