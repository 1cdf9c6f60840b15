"""The plain clauses of an English statement: subject, verb, rest. What is not plain is passed over, not guessed at."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from natoqa.proposing.english import BASE_OF_PAST, GENERIC_NOUNS, MONTHS, PARTICIPLES, words

YEAR = r"(?:1[5-9]|20)\d\d"
_CENTURY = r"(?:beginning|end|start) of (?:the )?[\w-]+ century"
DATE = rf"(?:(?:early|late) )?(?:(?:\d{{1,2}} )?(?:{MONTHS}) {YEAR}|{YEAR}|the {YEAR}s)"
WHEN = re.compile(
    rf" (?P<whole>(?:(?:early|late) )?(?:on|in) (?P<date>{DATE})|at the (?P<part>{_CENTURY}))(?![\d-])(?! (?:to|and) )"
)
_LEAD = re.compile(rf"(?:On|In) (?P<date>{DATE})(?:,? (?:in|at) [^,]{{3,40}}(?=,))?,? (?=[A-Za-zÀ-ÿ])")
_ADVERBIAL = re.compile(r"(?:According to|At|During|For|From|In|On|Since|Under|With)\b[^,]{3,50}, (?=[A-Za-zÀ-ÿ])")
_PART = re.compile(r"; |, (?:and|but|while|whereas) (?=(?:the |an? )?[A-ZÀ-Ý])")
_ATTRIBUTION = re.compile(
    r"(?:The |A |An )?[\w.'’ -]{2,60}? (?:adds?|added|concluded|confirmed|confirms|found|held|holds|noted|notes|records"
    r"|reported|reports|said|says|stated|states|stressed|stresses|writes|wrote) that "
)
# A heading that opens its own paragraph: "Peace talks. President …", but not "Dr." and not an initial.
_LEAD_IN = re.compile(r"^(?:[^\s.]+ ){0,4}(?!Prof|Messrs)[^\s.]*[a-z\d]{3,}\. (?=[A-ZÀ-Ý])")
_PARENTHESIS = re.compile(r" ?\([^()]*\)")
_ASIDE = re.compile(r"\s*(?:[:(“\"]| [–—-] ).*$")
_UNFIT = re.compile(r"[*_`|<>#\[\]{}@\\“”\"?!…]|://|\bnot\b|\bno\b|n't\b|\be\.g\.")
# Where a clause begins that a question can do without.
_TAIL = re.compile(
    r"[,;:(]|(?<!\w)[–—]|[–—](?!\w)| - "
    r"| (?:because|although|though|while|whereas|when|where|after|before|but|since|until|so that|which|who|that)\b.*"
    r"| and (?:had|has|was|were|is|are|then|later|also|it|he|she|they|the|that|[a-z]+ed)\b.*"
)
PRONOUN = re.compile(
    r"\b(?:it|he|she|they|them|him|this|these|those|here|there|such|former|latter|who|I|we|one|ones)\b", re.IGNORECASE
)
OWNER = re.compile(r"\b(?:its|his|her|their|itself|himself|herself|themselves)\b", re.IGNORECASE)
NAME_PART = re.compile(r"[A-ZÀ-Ý][\w.’'-]*")
_NAME = re.compile(rf"(?<![\w'])(?:{NAME_PART.pattern})(?: (?:{NAME_PART.pattern}))*")
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|will|would|can|could|said|says|may|might|must)\b")
_SUBJECT_WORD = re.compile(r"(?:[A-ZÀ-Ý][\w.’'-]*|of|the|and|for|de|del|la|\d{4}|[a-z-]+)")
_POSSESSIVE = re.compile(r"['’]s?$")
_ADVERBS = words("also later then first soon eventually finally")
OPENERS = words(
    "after although an as at because before between both but by despite downstream during each every few for from"
    " given having however if in indeed like many most much no on once one only other others several since so some"
    " still that then though thus today two under unless until upstream what when where whether which while whose"
    " with without yet also among"
)
_COMMON = (
    GENERIC_NOUNS | words(MONTHS.replace("|", " ")) | {word.title() for word in OPENERS} | words("The A An It He She")
)
_SUBORDINATORS = words("that when where which while who whom whose because although if than as in at on to about")
_PREPOSITIONS = words("about among as at before between for from in into of on out over to under up with within")
# Verbs that a preposition may follow; after any other it makes the verb a participle: "the text approved in 2010 says".
INTRANSITIVE = words(
    "agree appear apply arrive begin close collapse depart disappear dissolve end enter escape expire fall fight grow"
    " join land last lead leave live meet move open operate participate rejoin resign retire return rise rule serve"
    " side spread start take talk travel visit vote win withdraw work"
)
_MOST_SUBJECT_WORDS = 8


@dataclass(frozen=True, slots=True)
class Statement:
    """Text that could be a sentence; ``date`` is that of a lead such as ``In May 2012``, which is not part of it."""

    text: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause in the past: ``subject verb rest``."""

    subject: str
    verb: str
    base: str
    rest: str
    lead_date: str = ""

    @property
    def lead_year(self) -> str:
        """`` in May 2012`` when the lead is a month or a year, else nothing: to be put behind a question."""
        return f" in {self.lead_date}" if re.fullmatch(rf"(?:\w+ )?{YEAR}", self.lead_date) else ""


def statements(sentence: str) -> Iterator[Statement]:
    """What a sentence states, part by part, and what it says that someone said; none for an unfit sentence."""
    whole = _LEAD_IN.sub("", " ".join(sentence.split()))
    text = _ASIDE.sub("", _PARENTHESIS.sub("", whole)).replace("’", "'").rstrip(".")
    if not whole.endswith(".") or not 4 <= len(text.split()) <= 40 or _UNFIT.search(text):
        return
    parts = _PART.split(text)
    if attributed := _ATTRIBUTION.match(text):
        parts.append(text[attributed.end() :])
    for part in parts:
        if lead := _LEAD.match(part):
            yield Statement(part[lead.end() :], lead["date"])
        elif adverbial := _ADVERBIAL.match(part):
            # "In the 2010 election": what follows holds of that year alone.
            if not re.search(YEAR, adverbial.group()):
                yield Statement(part[adverbial.end() :])
        elif part:
            yield Statement(part)


def clauses(statement: Statement, names: Collection[str], counts: re.Pattern[str]) -> Iterator[Clause]:
    """The reading in which the first known verb is the main verb, if the words before it can be a subject.

    ``had`` counts as a verb only before what ``counts`` matches: more often it opens a tense.
    """
    parts = statement.text.split(" ")
    for at, word in enumerate(parts[: _MOST_SUBJECT_WORDS + 2]):
        if at and word in BASE_OF_PAST:
            subject = " ".join(parts[: at - 1 if parts[at - 1] in _ADVERBS else at])
            rest = " ".join(parts[at + 1 :])
            is_verb = counts.match(rest) or (word != "had" and _is_rest(BASE_OF_PAST[word], rest))
            if is_verb and is_subject(subject, names):
                yield Clause(subject, word, BASE_OF_PAST[word], rest, statement.date)
            return
        if _FINITE.fullmatch(word):
            return


def is_subject(text: str, names: Collection[str]) -> bool:
    """Whether a phrase can be a subject that means something by itself: short, plain, and not just "the bloc"."""
    own = text.split()
    return (
        1 <= len(own) <= _MOST_SUBJECT_WORDS
        and all(map(_SUBJECT_WORD.fullmatch, own))
        and not PRONOUN.search(text)
        and not OWNER.search(text)
        and not _FINITE.search(text)
        and own[0].casefold() not in OPENERS
        and own[-1] not in ("of", "the", "and", "for", "de")
        and not any(word in PARTICIPLES or word in _SUBORDINATORS or word.endswith("ly") for word in own)
        and (has_name(own, names) or len(own) > (2 if own[0].casefold() in ("the", "a", "an") else 1))
    )


def has_name(among: Collection[str], names: Collection[str]) -> bool:
    """Whether one of the words is a name; a month is none."""
    return any(_POSSESSIVE.sub("", word) in names and not re.fullmatch(MONTHS, word) for word in among)


def names_of(text: str) -> frozenset[str]:
    """The names in a text, each whole: "West Africa" and "West Gate" have nothing in common."""
    found = (_POSSESSIVE.sub("", run.group().rstrip(".")) for run in _NAME.finditer(text))
    return frozenset(name for name in found if " " in name or name not in _COMMON)


def with_small_article(question: str, statement: Statement) -> str:
    """The question, in which the article that opened the statement no longer stands first; "The" of a title stays."""
    opening, _, _ = statement.text.partition(" ")
    if opening not in ("The", "A", "An"):
        return question
    return question.replace(f" {opening} ", f" {opening.lower()} ", 1)


def names_something(text: str) -> bool:
    """Whether a phrase holds a word with a capital that is no month."""
    return any(not re.fullmatch(MONTHS, word) for word in NAME_PART.findall(text))


def cut(text: str) -> str:
    """The text up to where a clause begins that a question can do without."""
    match = _TAIL.search(f" {text}")
    return (f" {text}"[: match.start()] if match else text).strip()


def split_date(text: str) -> tuple[str, str] | None:
    """(what stands before a date, the date); None when there is none."""
    found = WHEN.search(f" {text}")
    if found is None:
        return None
    return f" {text}"[: found.start()].strip(), found["date"] or f"the {found['part']}"


def _is_rest(base: str, rest: str) -> bool:
    opening = rest.split(" ", 1)[0]
    return opening != "by" and (opening not in _PREPOSITIONS or base in INTRANSITIVE)
