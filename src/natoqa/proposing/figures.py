"""Figures in English statements: counts of things, sums of money, shares."""

from __future__ import annotations

import re

from natoqa.proposing.english import NUMBER_WORDS

_HEDGE = r"(?:(?:about|almost|approximately|around|at least|just|more than|nearly|only|over|roughly|some|up to) )?"
_FIGURE = rf"(?:\d[\d,.]*\d|\d|{NUMBER_WORDS})(?: (?:thousand|million|billion|trillion))?"
_CURRENCY = r"(?:US )?(?:dollars|euros|yuan|pounds|reais|pesos|yen|roubles)"
BARE_FIGURE = re.compile(rf"{_HEDGE}{_FIGURE}")
MONEY = re.compile(
    rf"{_HEDGE}(?P<figure>(?:US)?[$€£] ?\d[\d,.]*(?: (?:million|billion))?|{_FIGURE} {_CURRENCY})(?![\w.])"
)
COUNT = re.compile(
    rf"{_HEDGE}(?P<figure>{_FIGURE}) (?!(?:{_CURRENCY}|per|percent|of|or|and)\b)(?P<noun>(?:[a-z][a-z-]+ ){{0,2}}?"
    r"(?:[a-z-]{2,}[^s\W]s|people|police|troops|personnel|aircraft)(?! of [a-z]+ing\b)(?: of [a-z]+(?=$| ))?)\b"
    # "two sports centres": the first plural is not what is counted.
    r"(?! [a-z-]{2,}[^s\W]s\b)"
)
SHARE = re.compile(rf"{_HEDGE}(?P<figure>{_FIGURE} per ?cent|\d[\d.]*%) of (?P<whole>the [^,]+|[A-Z][^,]+)$")
OPENING_COUNT = re.compile(
    COUNT.pattern + r" (?P<rest>(?:were|are|had|have|can|could|will|[a-z]+ed) .+)$", re.IGNORECASE
)
THERE = re.compile(rf"There (?P<verb>are|were) {COUNT.pattern}(?P<rest>.*)$")
