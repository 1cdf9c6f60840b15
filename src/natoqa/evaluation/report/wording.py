"""Figures, dates and foreign text as the report writes them."""

from __future__ import annotations

import html
import math
import re
from datetime import datetime

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(value: str) -> str:
    """``value`` with what a page cannot carry (control characters, lone surrogates) as the replacement character."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)


def escaped(value: str) -> str:
    """``value`` as HTML or SVG text that is also safe inside a quoted attribute."""
    return html.escape(printable(value))


def date(value: str) -> str:
    """An ISO 8601 date and time for reading; anything else as it is."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{moment.day} {moment:%B %Y, %H:%M} {moment.tzname() or ''}".strip()


def figure(value: float) -> str:
    """A number with three decimals, one from 10 on; a dash for nan."""
    if math.isnan(value):
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def signed(value: float) -> str:
    """A difference with its sign."""
    return ("" if math.isnan(value) else "+" if value > 0 else "−" if value < 0 else "±") + figure(abs(value))


def p_value(value: float) -> str:
    """A probability with three decimals; a dash for nan."""
    return "–" if math.isnan(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"


def percent(share: float) -> str:
    """A share in per cent, three digits at most."""
    return f"{share * 100:.3g} %"
