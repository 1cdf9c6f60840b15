"""What natoqa says on the page, in the reader's language.

The English sentence stands where it is said, in this package or in the core, and is the key of a table for each other
language (``words/es.toml``). So the API, the command line and exports are English whatever a reader speaks, and what
the core says needs no second name here. The page itself looks a sentence up when it appears (``language.js``), which
lets a reader change the language in the middle of a conversation; only the page to log in is made here.

Gradio's own ``gr.I18n`` follows the browser's language alone and knows neither numbers nor what comes with an answer.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from natoqa.settings import LANGUAGES

ENGLISH = "en"
COOKIE = "natoqa_language"
_NAME = re.compile(r"\{(\w+)\}")
_FOLDER = Path(__file__).with_name("words")


@cache
def tables() -> Mapping[str, Any]:
    """By language, English aside: its ``name`` and ``tag`` (BCP 47), and the sentences of the ``page``."""
    return {
        language: tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
        for language in LANGUAGES
        if language != ENGLISH
    }


def say(language: str, english: str) -> str:
    """An English sentence in ``language``; itself when the table has none for it."""
    pairs = tables()[language]["page"] if language != ENGLISH else {}
    if english in pairs:
        return str(pairs[english])
    for template, own in pairs.items():
        found = pattern(template).fullmatch(english) if _NAME.search(template) else None
        if found:
            return str(own).format(**found.groupdict())
    return english


@cache
def pattern(template: str) -> re.Pattern[str]:
    """The sentences that a template stands for."""
    pieces = [_group(piece) if place % 2 else re.escape(piece) for place, piece in enumerate(_NAME.split(template))]
    return re.compile("".join(pieces), re.DOTALL)


def _group(name: str) -> str:
    return rf"(?P<{name}>[\d,.]*\d)" if name in ("n", "m") else f"(?P<{name}>.+?)"


def language_of(cookies: Mapping[str, str], accepted: str, fixed: str) -> str:
    """What a reader chose, else the ``fixed`` language (empty: none), else the first that the browser accepts."""
    asked = [tag.strip()[:2].lower() for tag in accepted.split(",")]
    return next((one for one in (cookies.get(COOKIE, ""), fixed, *asked) if one in LANGUAGES), ENGLISH)


def chooser() -> str:
    """The languages as a list to choose from."""
    named = {ENGLISH: "English"} | {language: str(table["name"]) for language, table in tables().items()}
    options = "".join(
        f'<option value="{language}" lang="{language}">{name}</option>' for language, name in named.items()
    )
    return f'<span class="language" data-code="EN"><select aria-label="Language">{options}</select></span>'
