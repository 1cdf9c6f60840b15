"""Pictures of a run as SVG. Each is named by its ``<title>``; colours come from the page's style through classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from natoqa.evaluation.metrics.confidence import ReliabilityBin, RiskCoverage
from natoqa.evaluation.report.wording import escaped, percent

WIDTH, HEIGHT = 380, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 22, 16, 42
_POINTS = 400  # of a curve: more cannot be told apart at this width
_PIECES = 20  # of a histogram
_WHISKER = 150
_STEPS = {"1": (5, 2), "2": (4, 2), "4": (4, 2), "5": (5, 1), "6": (3, 2), "8": (4, 2)}


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a stacked bar: ``name`` is its class, ``label`` its word."""

    name: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class _Axis:
    """From ``low`` to ``high``; ``word`` writes a figure beside its tick."""

    low: float
    high: float
    label: str
    word: Callable[[float], str] = percent

    def share(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class _Plane:
    """The drawing area with its scales."""

    across: _Axis
    up: _Axis

    def x(self, value: float) -> float:
        return _LEFT + self.across.share(value) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - self.up.share(value) * (HEIGHT - _TOP - _BOTTOM)


def stacked_bar(parts: Sequence[Part]) -> str:
    """Counts as one bar of full width; segments differ by colour and by pattern."""
    total = sum(part.count for part in parts)
    title = ", ".join(f"{part.label} {part.count}" for part in parts)
    drawn, before = [], 0
    for part in parts:
        if part.count:
            drawn.append(_segment(part, 100 * before / total, 100 * part.count / total))
        before += part.count
    return (
        f'<svg class="stack" role="img" width="100%" height="44"><title>{escaped(title)}</title>{"".join(drawn)}</svg>'
    )


def swatch(name: str) -> str:
    """The pattern of a segment, for a legend."""
    return f'<svg class="swatch" aria-hidden="true" width="22" height="22">{_segment(Part(name, "", 1), 0, 100)}</svg>'


def whisker(value: float, low: float, high: float, bounds: tuple[float, float] = (0.0, 1.0), title: str = "") -> str:
    """A dot for a value and a line for its interval between ``bounds``; a tick where 0 lies inside them."""
    least, most = bounds

    def at(figure: float) -> float:
        return 5 + (min(max(figure, least), most) - least) / (most - least) * (_WHISKER - 10)

    zero = f'<path class="zero" d="M{at(0):.1f} 1V19"/>' if least < 0 < most else ""
    line = "" if math.isnan(low + high) else f'<path class="reach" d="M{at(low):.1f} 10H{at(high):.1f}"/>'
    return (
        f'<svg class="whisker" role="img" width="{_WHISKER}" height="20" viewBox="0 0 {_WHISKER} 20">'
        f'<title>{escaped(title)}</title><path class="rail" d="M5 10H{_WHISKER - 5}"/>{zero}{line}'
        f'<circle class="dot" cx="{at(value):.1f}" cy="10" r="4.5"/></svg>'
    )


def bar(value: float, most: float = 1.0, title: str = "") -> str:
    """A value as a bar of at most 100 units; nothing for nan."""
    if math.isnan(value):
        return ""
    width = 100 * min(max(value / most, 0.0), 1.0) if most else 0.0
    return (
        f'<svg class="bar" role="img" width="100" height="10" viewBox="0 0 100 10"><title>{escaped(title)}</title>'
        f'<rect class="rail" width="100" height="10" rx="2"/>'
        f'<rect class="fill" width="{width:.1f}" height="10" rx="2"/></svg>'
    )


def risk_coverage_curve(curve: RiskCoverage, used: tuple[float, float] | None) -> str:
    """Share of wrong answers against the share answered; ``used`` is the (coverage, risk) of the run itself."""
    shown = _thinned(list(zip(curve.coverage.tolist(), curve.risk.tolist(), strict=True)))
    # Risk is noise while a handful of questions is answered; the axis still holds every point.
    most = _ceiling(max([0.1, *(risk for _, risk in shown)]))
    plane = _Plane(_Axis(0, 1, "share of questions answered"), _Axis(0, most, "share wrong"))
    points = " ".join(f"{plane.x(coverage):.1f},{plane.y(risk):.1f}" for coverage, risk in shown)
    marks = f'<polyline class="curve" points="{points}"/>'
    title = "Risk against coverage"
    if used is not None:
        words = f"{percent(used[0])} answered", f"{percent(used[1])} of it wrong"
        title += f"; used: {', '.join(words)}"
        # The words stand at the foot, where the curve is not.
        marks += _line(plane, used[0], words[0], HEIGHT - _TOP - _BOTTOM - 34, top=plane.y(used[1]))
        marks += _line(plane, used[0], words[1], HEIGHT - _TOP - _BOTTOM - 18, top=plane.y(used[1]))
        marks += _dot(plane, *used, 6, "used")
    return _figure(title, plane, marks)


def reliability_diagram(bins: Sequence[ReliabilityBin]) -> str:
    """Share answerable against mean confidence, bin by bin with the number of questions; the diagonal is perfect."""
    plane = _Plane(_Axis(0, 1, "confidence"), _Axis(0, 1, "share answerable"))
    marks = f'<path class="ideal" d="M{plane.x(0)} {plane.y(0)}L{plane.x(1)} {plane.y(1)}"/>'
    points = " ".join(f"{plane.x(one.confidence):.1f},{plane.y(one.share):.1f}" for one in bins)
    marks += f'<polyline class="curve faint" points="{points}"/>'
    most = max((one.count for one in bins), default=1)
    for one in bins:
        radius = 3 + 6 * math.sqrt(one.count / most)
        above = one.share < 0.85  # at the top edge the number goes below its dot
        height = plane.y(one.share) + (-radius - 4 if above else radius + 13)
        marks += _dot(plane, one.confidence, one.share, radius, "used")
        marks += _note(plane.x(one.confidence), height, str(one.count))
    title = "; ".join(f"confidence {b.confidence:.2f}: {b.share:.2f} of {b.count} answerable" for b in bins)
    return _figure(f"Reliability. {title}", plane, marks)


def confidence_histogram(answerable: Sequence[float], silent: Sequence[float], threshold: float | None) -> str:
    """Confidences in [0, 1] of answerable questions above the axis, of the others below it; a line at the threshold."""
    up, down = _counts(answerable, 1.0), _counts(silent, 1.0)
    reach = _ceiling(max(*up, *down, 1), whole=True)
    counted = _Axis(
        -reach if any(down) else 0,
        reach if any(up) or not any(down) else 0,
        "questions",
        lambda count: f"{abs(count):g}",
    )
    plane = _Plane(_Axis(0, 1, "confidence"), counted)
    marks = ""
    for number in range(_PIECES):
        x, width = plane.x(number / _PIECES) + 0.75, plane.x(1 / _PIECES) - plane.x(0) - 1.5
        for count, top, name in ((up[number], up[number], "up"), (down[number], 0, "down")):
            if count:
                height = plane.y(0) - plane.y(count)
                marks += (
                    f'<rect class="{name}" x="{x:.1f}" y="{plane.y(top):.1f}" '
                    f'width="{width:.1f}" height="{height:.1f}"/>'
                )
    marks += f'<path class="axis" d="M{plane.x(0)} {plane.y(0):.1f}H{plane.x(1)}"/>'
    title = f"Confidence of {len(answerable)} answerable and {len(silent)} unanswerable questions"
    if threshold is not None:
        title += f"; threshold {threshold:g}"
        marks += _line(plane, threshold, f"threshold {threshold:g}")
    return _figure(title, plane, marks)


def latency_histogram(milliseconds: Sequence[float], p50: float, p95: float) -> str:
    """How long questions took; the last bar also holds those slower than three times the 95th percentile."""
    longest = _ceiling(min(max(milliseconds), 3 * p95) or 1.0)
    counts = _counts(milliseconds, longest)
    most = _ceiling(max(counts), whole=True)
    plane = _Plane(_Axis(0, longest, "milliseconds", "{:g}".format), _Axis(0, most, "questions", "{:g}".format))
    marks = ""
    for number, count in enumerate(counts):
        x, width = plane.x(number / _PIECES * longest) + 0.75, (WIDTH - _LEFT - _RIGHT) / _PIECES - 1.5
        marks += (
            f'<rect class="up" x="{x:.1f}" y="{plane.y(count):.1f}" '
            f'width="{width:.1f}" height="{plane.y(0) - plane.y(count):.1f}"/>'
            if count
            else ""
        )
    marks += _line(plane, p50, f"p50 {p50:.1f} ms") + _line(plane, min(p95, longest), f"p95 {p95:.1f} ms", 15)
    title = f"Latency of {len(milliseconds)} questions: median {p50:.1f} ms, 95th percentile {p95:.1f} ms"
    return _figure(title, plane, marks)


def _segment(part: Part, start: float, width: float) -> str:
    # Stripes are dashed lines: a pattern would need an id and a reference, and dashes keep their size at any width.
    name = f' data-verdict="{escaped(part.name)}"' if part.label else ""
    stripes = "".join(
        f'<line class="stripe s{row}" x1="{start:.4f}%" x2="{start + width:.4f}%" y1="{y}%" y2="{y}%"/>'
        for row, y in enumerate((20, 50, 80))
    )
    return (
        f'<g class="verdict-{escaped(part.name)}"{name}><rect x="{start:.4f}%" width="{width:.4f}%" height="100%"/>'
        f"{stripes}</g>"
    )


def _figure(title: str, plane: _Plane, marks: str) -> str:
    middle_x, middle_y = (_LEFT + WIDTH - _RIGHT) / 2, (_TOP + HEIGHT - _BOTTOM) / 2
    ticks = "".join(
        f'<text x="{plane.x(tick):.1f}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">'
        f"{escaped(plane.across.word(tick))}</text>"
        for tick in _ticks(plane.across)
    )
    ticks += "".join(
        f'<path class="grid" d="M{_LEFT} {plane.y(tick):.1f}H{WIDTH - _RIGHT}"/>'
        f'<text x="{_LEFT - 6}" y="{plane.y(tick) + 4:.1f}" text-anchor="end">{escaped(plane.up.word(tick))}</text>'
        for tick in _ticks(plane.up)
    )
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {HEIGHT}"><title>{escaped(title)}</title>{ticks}{marks}'
        f'<text class="label" x="{middle_x}" y="{HEIGHT - 6}" text-anchor="middle">{escaped(plane.across.label)}</text>'
        f'<text class="label" transform="translate(11 {middle_y}) rotate(-90)" text-anchor="middle">'
        f"{escaped(plane.up.label)}</text></svg>"
    )


def _dot(plane: _Plane, x: float, y: float, radius: float, name: str) -> str:
    return f'<circle class="{name}" cx="{plane.x(x):.1f}" cy="{plane.y(y):.1f}" r="{radius:.1f}"/>'


def _line(plane: _Plane, x: float, words: str, lower: float = 0, top: float = _TOP) -> str:
    across = plane.x(x)
    # The words stand on the side where there is more room.
    side, at = ("start", across + 6) if across < WIDTH / 2 else ("end", across - 6)
    line = f'<path class="at" d="M{across:.1f} {top:.1f}V{HEIGHT - _BOTTOM}"/>'
    return line + _note(at, _TOP + 10 + lower, words, side)


def _note(x: float, y: float, words: str, side: str = "middle") -> str:
    return f'<text class="note" x="{x:.1f}" y="{y:.1f}" text-anchor="{side}">{escaped(words)}</text>'


def _counts(values: Sequence[float], high: float) -> list[int]:
    """How many values fall into each of the equal pieces of [0, high]; what lies outside counts at the edge."""
    counts = [0] * _PIECES
    for value in values:
        counts[min(max(int(value / high * _PIECES), 0), _PIECES - 1)] += 1
    return counts


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    step = max(1, math.ceil(len(points) / _POINTS))
    return points[::step] + (points[-1:] if (len(points) - 1) % step else [])


def _ceiling(value: float, whole: bool = False) -> float:
    """The least of 1, 2, 4, 5, 6, 8, 10 times a power of ten that is not below ``value``."""
    power = 10.0 ** math.floor(math.log10(value))
    found = next(step * power for step in (1, 2, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-9))
    return max(found, 2) if whole else found


def _ticks(axis: _Axis) -> list[float]:
    """Two to five equal steps from 0 to the farther end, so wide that whole ends give whole ticks; 0 is among them."""
    reach = max(abs(axis.low), abs(axis.high))
    one_sided, two_sided = _STEPS[f"{reach:.0e}"[0]]
    parts = two_sided if axis.low < 0 < axis.high else 2 if reach == 2 else one_sided
    first, last = -parts if axis.low < 0 else 0, parts if axis.high > 0 else 0
    return [number * reach / parts for number in range(first, last + 1)]
