"""The parts of an English question, found without a grammar: what is asked, subject, verb, phrases, times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from natoqa.proposing.english import BASE_OF_PAST, MONTHS, PARTICIPLES, words
from natoqa.terms import FUNCTION_WORDS, content_stems, fold

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[.,'’&/-][^\W_]+)*['’]?|[^\w\s]")
_YEAR = re.compile(r"(?:1\d|20)\d\d(?:s|-\d\d(?:\d\d)?)?")
_OWN = re.compile(r"(?:['’]s|(?<=s)['’])$")
_ADJECTIVE = re.compile(r".{3,}(?:al|able|ible|ful|ic|ive|less|ous)$|(?:relev|import|domin|differ|perman)[ae]nt$")

WH = words("who whom whose what which when where why how")
# Those that ask for a circumstance: any of them can stand in the place of another.
ADVERBIAL_WH = words("when where why how")
BE = words("is are was were be been being")
AUXILIARIES = BE | words("do does did has have had can could will would shall should may might must")
PREPOSITIONS = words(
    "about above across after against along among around as at before behind below between beyond by despite during for"
    " from in inside into like near of off on onto outside over per since through throughout to toward towards under"
    " until upon via with within without"
)
DETERMINERS = words("a an the this that these those its their his her our my your each every all any some no both")
PRONOUNS = words("it they them he him she her i you we us me itself themselves himself herself one ones")
# Phrases with these belong to the noun before them; with others, to the verb.
_OF_NOUNS = words("of with between against over on about")
_OFTEN_TIMES = words("monday tuesday wednesday thursday friday saturday sunday today yesterday century decade")
_TIMES = frozenset(MONTHS.casefold().split("|")) - {"may"} | _OFTEN_TIMES
_SUPERLATIVES = re.compile(r"(?!west|rest|test|nest|guest|request|interest|forest|harvest|protest)\w{2,}est")
_ORDINALS = words("first second third fourth fifth sixth seventh eighth ninth tenth last next") | {"1st", "2nd", "3rd"}
_MORE = words("most least more less")
_COMMON_VERBS = words(
    "apply arise arrest assert borrow break carry cast celebrate check click collapse come compare compete consist"
    " contain contribute cook deal declare depend die differ do drink drive earn eat elect erupt expand feel flow form"
    " get happen hear heal include know lay learn lie live look lose measure need operate oppose participate pay"
    " permit pick protect prevent react rebel remember save say see seem send ship sing sit smoke speak stand start"
    " stop think throw try understand vote walk wash wear weigh"
)
_BASES = frozenset(BASE_OF_PAST.values()) | _COMMON_VERBS
_VERB_STEMS = frozenset(stem for verb in _BASES for stem in content_stems(verb))
_PASTS = (
    frozenset(BASE_OF_PAST)
    | PARTICIPLES
    | words("born came said saw knew broke shown got done known broken seen gone heard felt lay fallen died")
)
_IMPERATIVES = words("describe explain list name show tell compare define summarise summarize discuss please give")


class Kind(StrEnum):
    """What a phrase speaks of; a phrase is replaced by one of its kind."""

    NAME = "name"
    TIME = "time"
    DEGREE = "degree"  # "the largest", "the second"
    COMMON = "common"


class Role(StrEnum):
    """Where a phrase stands."""

    ASKED = "asked"  # "arms" in "What arms …"
    SUBJECT = "subject"
    OBJECT = "object"
    OBLIQUE = "oblique"


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a punctuation mark; ``low`` is folded and without the possessive ending."""

    text: str
    low: str
    start: int
    end: int
    owns: bool

    @property
    def is_word(self) -> bool:
        """Whether it is more than punctuation."""
        return self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words ``first:last`` of a question, with the preposition before them, and the number of their head."""

    first: int
    last: int
    head: int
    kind: Kind
    role: Role
    preposition: str = ""
    determiner: str = ""
    inner: bool = False

    @property
    def start(self) -> int:
        """Number of the first word, the preposition included."""
        return self.first - bool(self.preposition)


class Parts:
    """A question taken apart once. ``words`` are its words and marks; all numbers count them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = tuple(_words(text))
        self.phrases: list[Phrase] = []
        self.asked: tuple[int, int] | None = None
        self.auxiliary: int | None = None
        self.verb: int | None = None
        self.end = next((n for n in range(len(self.words), 0, -1) if self.words[n - 1].is_word), 0)
        self._scan()

    def span(self, first: int, last: int) -> str:
        """The text from one word to before another."""
        return self.text[self.words[first].start : self.words[last - 1].end] if first < last else ""

    def text_of(self, phrase: Phrase) -> str:
        """A phrase without its preposition."""
        return self.span(phrase.first, phrase.last)

    @property
    def is_clause(self) -> bool:
        """Whether there is a verb: a fragment has none."""
        return self.auxiliary is not None or self.verb is not None

    @cached_property
    def subject(self) -> Phrase | None:
        """The phrase before the verb."""
        return next((p for p in self.phrases if p.role is Role.SUBJECT and not p.inner), None)

    @cached_property
    def asked_for(self) -> Phrase | None:
        """The noun after the question word."""
        return next((p for p in self.phrases if p.role is Role.ASKED), None)

    def is_name(self, n: int) -> bool:
        """Whether a word is written as a name is; the first word's capital says nothing."""
        word = self.words[n]
        if not word.text[0].isupper() or (word.low in _IMPERATIVES and n == 0):
            return False
        # "US" and "WHO" are names, "us" and "who" are not.
        is_acronym = len(word.text) > 1 and word.text.upper() == word.text
        return is_acronym or not _is_function(word.low)

    def is_content(self, n: int) -> bool:
        """Whether a word carries meaning."""
        word = self.words[n]
        return word.is_word and (self.is_name(n) or not _is_function(word.low))

    def content(self, first: int = 0, last: int | None = None) -> list[int]:
        """The words of a stretch that carry meaning."""
        return [n for n in range(first, self.end if last is None else last) if self.is_content(n)]

    def has_name(self, phrase: Phrase) -> bool:
        """Whether a phrase holds a name."""
        return any(self.is_name(n) for n in range(phrase.first, phrase.last))

    def is_plural(self, phrase: Phrase) -> bool:
        """Whether a phrase speaks of several."""
        head = self.words[phrase.head].low
        inside = [self.words[n].low for n in range(phrase.first, phrase.last)]
        joined = "and" in inside and not PREPOSITIONS.intersection(inside[: inside.index("and")])
        return joined or (head.endswith("s") and not head.endswith(("ss", "us", "is")) and len(head) > 3)

    def _scan(self) -> None:
        at = 1 if self.end > 1 and self.words[0].low in PREPOSITIONS and self.words[1].low in WH else 0
        if at < self.end and self.words[at].low in WH and not (self.words[at].text.isupper() and len(self.words) > 2):
            at = self._scan_asked(at)
        elif self.end and self.words[0].low in _IMPERATIVES:
            self.verb, at = 0, 1
        if at < self.end and self.words[at].low in AUXILIARIES:
            self.auxiliary = at
            at = self._scan_subject(at + 1)
        self._scan_rest(at)

    def _scan_asked(self, at: int) -> int:
        first = at
        at += 1
        if self.words[first].low == "how" and at < self.end and self._is_plain(at):
            at += self.words[at].low not in AUXILIARIES
        while at < self.end and self.words[at].low in {"else", "many", "much", *_MORE, "other", "others", *DETERMINERS}:
            at += 1
        nouns = at
        while at < self.end and self._continues(at, at > nouns):
            at += 1
        of_what = at
        if nouns < at < self.end - 1 and self.words[at].low == "of":
            while of_what + 1 < self.end and self.words[of_what].low not in AUXILIARIES:
                of_what += 1
        followed = of_what < self.end and self.words[of_what].low in AUXILIARIES
        if not followed:
            of_what = at = self._end_of_asked(first, nouns, at)
        self.asked = (first, of_what)
        if nouns < at:
            self._add(nouns, at, Role.ASKED, "", "")
            if of_what > at:
                noun = self.phrases[0]
                self.phrases[0] = Phrase(nouns, of_what, noun.head, noun.kind, noun.role)
                self._add(at + 1, of_what, Role.ASKED, "of", "")
            at = of_what
        if not followed and at < self.end and self.is_content(at):
            self.verb = at
            return at + 1
        return at

    def _end_of_asked(self, first: int, nouns: int, at: int) -> int:
        """Where what is asked for ends when no auxiliary shows it: before the verb, known or not."""
        if nouns == at or (self.words[first].low in {"who", "what"} and nouns == first + 1):
            return nouns
        opens = at - nouns == 1 and self.words[nouns].low in _PASTS  # "How many died?"
        known = next((n for n in range(nouns + (not opens), at) if self._is_verb(n, finite=True)), None)
        if known is not None:
            return known
        own = next((n for n in range(nouns + 1, at) if self.is_name(n) and not self.is_name(n - 1)), at)
        is_followed = own < at or (at < self.end and self.words[at].low in DETERMINERS)
        return own - 1 if is_followed and own - nouns > 1 else at

    def _scan_subject(self, at: int) -> int:
        while at < self.end and self.words[at].low in {"not", "also", "ever", "still", "yet", "already", "there"}:
            at += 1
        if at >= self.end or self.words[at].low in PREPOSITIONS:
            return at
        if self.asked and self.words[at].low not in DETERMINERS and self._is_verb(at, finite=True):
            self.verb = at  # "Which countries have signed …?"
            return at + 1
        after = self._phrase(at, Role.SUBJECT, "")
        if after < self.end and self.words[after].low in PRONOUNS:
            after += 1
        if after < self.end and self.words[after].low in {"have", "do"}:
            self.verb = after
            return after + 1
        while after < self.end and not self.is_content(after) and self.words[after].text not in ",;:":
            if self.words[after].low in PREPOSITIONS or self.words[after].low in DETERMINERS:
                return after
            after += 1
        if after < self.end and self.is_content(after) and not self.is_name(after):
            self.verb = after
            return after + 1
        return after

    def _scan_rest(self, at: int) -> None:
        preposition = ""
        while at < self.end:
            low = self.words[at].low
            is_conjunction = low == "that" and at + 1 < self.end and self.is_name(at + 1)
            if (low in DETERMINERS and not is_conjunction) or self.is_content(at):
                role = Role.OBLIQUE if preposition else Role.OBJECT
                after = self._phrase(at, role, preposition)
                preposition, at = "", max(after, at + 1)
            else:
                preposition = low if low in PREPOSITIONS and self.words[at].is_word else ""
                if self.verb is None and self.auxiliary is None and low in AUXILIARIES:
                    self.auxiliary = at
                at += 1

    def _phrase(self, at: int, role: Role, preposition: str) -> int:
        """Add the phrase that begins here; where it ends."""
        first, determiner = at, ""
        if self.words[at].low in DETERMINERS and not self.is_name(at):
            determiner = self.words[at].low
            at += 1
        start = at
        while at < self.end and self._continues(at, at > start):
            at += 1
        stops_at_of = at < self.end and self.words[at].low in {"of", "and"}
        at = self._cut(start, at, role, stops_at_of, bool(determiner))
        if at == start:
            return at
        head = at - 1
        outer = len(self.phrases)
        self._add(first, at, role, preposition, determiner)
        end = at
        if at + 1 < self.end and self.words[at].low in _OF_NOUNS and self._opens(at + 1):
            is_of = self.words[at].low == "of"
            if is_of or (not self.is_name(head) and role is not Role.ASKED):
                end = self._phrase(at + 1, role, self.words[at].low)
        elif at + 1 < self.end and self.words[at].low == "and" and self._opens(at + 1) and role is not Role.ASKED:
            end = self._phrase(at + 1, role, "")
        if end > at:
            whole = self.phrases[outer]
            self.phrases[outer + 1 :] = [
                Phrase(p.first, p.last, p.head, p.kind, p.role, p.preposition, p.determiner, inner=True)
                for p in self.phrases[outer + 1 :]
            ]
            self.phrases[outer] = Phrase(
                whole.first, end, whole.head, whole.kind, role, preposition, determiner, whole.inner
            )
            if self.is_name(whole.head) or not is_time(self, whole.first, whole.last):
                self.phrases.insert(
                    outer + 1, Phrase(first, at, head, whole.kind, role, preposition, determiner, inner=True)
                )
        return end

    def _cut(self, start: int, at: int, role: Role, stops_at_of: bool, determined: bool) -> int:
        """Where the phrase ends in a run of words that may hold the verb as well."""
        names = start
        while names < at and self.is_name(names) and not self.words[names].owns:
            names += 1
        if role is not Role.SUBJECT:
            after = max(start + 1, names)
            return next((n for n in range(after, at) if self.words[n].low in _PASTS or _is_ed(self.words[n].low)), at)
        is_be = self.auxiliary is not None and self.words[self.auxiliary].low in BE
        least = max(start + 1, names)
        verbs = [n for n in range(least, at) if self._is_verb(n, finite=is_be)]
        if not determined and names > start:
            return verbs[0] if verbs else names
        if stops_at_of:
            return at
        if is_be:
            adjectives = [n for n in range(least, at) if n == at - 1 and _ADJECTIVE.match(self.words[n].low)]
            return (verbs or adjectives or [at])[0]
        if verbs:
            return verbs[-1]
        return at - 1 if at - start > 1 and not self.is_name(at - 1) else at

    def _add(self, first: int, last: int, role: Role, preposition: str, determiner: str) -> None:
        kind = Kind.COMMON
        content = [n for n in range(first, last) if self.words[n].low not in DETERMINERS] or [first]
        if is_time(self, first, last):
            kind = Kind.TIME
        elif self.words[content[0]].low in _ORDINALS | _MORE or any(is_superlative(self.words[n].low) for n in content):
            kind = Kind.DEGREE
        elif self.is_name(last - 1):
            kind = Kind.NAME
        self.phrases.append(Phrase(first, last, last - 1, kind, role, preposition, determiner))
        for n in range(first, last):  # the owner is a phrase of its own: "Brazil's budget"
            if self.words[n].owns and self.is_name(n):
                name = n
                while name > first and self.is_name(name - 1):
                    name -= 1
                self.phrases.append(Phrase(name, n + 1, n, Kind.NAME, role, "", "", inner=True))

    def _continues(self, n: int, inside: bool) -> bool:
        low = self.words[n].low
        if low in {"most", "least"} or (self.is_content(n) and low not in PREPOSITIONS):
            return low not in AUXILIARIES and (low not in WH or self.is_name(n)) and low not in PRONOUNS
        # "the Treaty of …" is joined elsewhere; a hyphen or a point within a name is part of its word.
        return inside and self.words[n].text in {"&"}

    def _opens(self, n: int) -> bool:
        return self.words[n].low in DETERMINERS or self._continues(n, inside=False)

    def _is_plain(self, n: int) -> bool:
        return self.words[n].is_word and self.words[n].low not in PRONOUNS | DETERMINERS

    def _is_verb(self, n: int, *, finite: bool) -> bool:
        if self.is_name(n):
            return False
        low = self.words[n].low
        if low in _PASTS or _is_ed(low) or (finite and low.endswith("ing")):
            return True
        known = bool(_VERB_STEMS.intersection(content_stems(low)))
        return known and (not finite or low.endswith("s"))


def is_time(parts: Parts, first: int, last: int) -> bool:
    """Whether a stretch of words is a year, a month, a day or a date."""
    own = [parts.words[n] for n in range(first, last)]
    timely = [_YEAR.fullmatch(w.low) is not None or w.low in _TIMES or w.text == "May" for w in own]
    return any(timely) and all(
        is_one or w.low.isdigit() or w.low in DETERMINERS or not w.is_word or w.low[0].isdigit() or w.low in _ORDINALS
        for is_one, w in zip(timely, own, strict=True)
    )


def is_superlative(low: str) -> bool:
    """Whether a word is a superlative such as "largest"."""
    return _SUPERLATIVES.fullmatch(low) is not None


def _words(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        own = _OWN.search(match.group())
        plain = match.group()[: own.start()] if own else match.group()
        yield Word(match.group(), fold(plain), match.start(), match.end(), bool(own))


def _is_function(low: str) -> bool:
    return low in FUNCTION_WORDS or low in PREPOSITIONS or low in {"else", "ones"}


def _is_ed(low: str) -> bool:
    return low.endswith("ed") and len(low) > 4 and not low.endswith("eed")
