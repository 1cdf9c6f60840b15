"""Words as the lexical side of natoqa sees them: folded, stemmed, function words marked."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# Dotted acronyms first, so that "U.S." and "US" are one term; then numbers with their separators, then words.
# A letter may be followed by its accent as a character of its own.
_WORD = r"[^\W_](?:[^\W_]|[\u0300-\u036f])*"
_TERM = re.compile(rf"(?:[^\W\d_]\.){{2,}}|\d+(?:[.,]\d+)*|{_WORD}(?:['’]{_WORD})*")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)

# "us" is not among them: in questions about the world it is a country.
FUNCTION_WORDS = frozenset(
    """
    a about above after again against all also am an and any are aren't as at be because been before being below
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each
    either else ever every few for from further get give given gives had hadn't has hasn't have haven't having
    he he's her here hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't it it's its
    itself just let let's made make makes many may me might more most much must my myself no nor not of off on
    once one only onto or other ought our ours ourselves out over own per please said same say says shall she
    should so some such take takes tell than that that's the their theirs them themselves then there there's
    these they they're this those though through to too under until up upon use used very was wasn't we were
    weren't what what's when when's where where's whether which while who who's whom whose why why's will with
    within without won't would wouldn't yes yet you your yours yourself yourselves
    """.split()  # noqa: SIM905 - sixty lines of quotation marks would be harder to read
)

_stemmer_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text: ``stem`` is what is compared, ``text`` what was written at ``start:end``."""

    text: str
    stem: str
    start: int
    end: int
    is_function_word: bool


def analyse(text: str) -> Iterator[Term]:
    """The words of a text in order.

    Accents and case are folded (``Túpac`` = ``tupac``) and endings removed by Snowball's English stemmer. A word in
    capitals is never a function word: ``WHO`` is an organisation.
    """
    for match in _TERM.finditer(text):
        word = match.group()
        plain = _POSSESSIVE.sub("", word.replace(".", "") if word[0].isalpha() else word)
        folded = fold(plain)
        if not folded:
            continue
        written_in_capitals = len(plain) > 1 and plain.isupper()
        function_word = folded.replace("’", "'") in FUNCTION_WORDS and not written_in_capitals
        yield Term(word, _stem(folded), match.start(), match.end(), function_word)


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order, repeats kept."""
    return [term.stem for term in analyse(text) if not term.is_function_word]


def fold(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    with _stemmer_lock:  # a Snowball stemmer keeps state between calls
        return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")
