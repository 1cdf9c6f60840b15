"""Follow-ups that point back: "How much did it cost?", "their budget", "the satellite", "Who paid?"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from natoqa.ellipsis import Filled, close, lowered, relative
from natoqa.proposing.english import PERSON_NOUNS, words
from natoqa.question_parts import AUXILIARIES, BE, PREPOSITIONS, WH, Kind, Parts, Phrase, Role
from natoqa.terms import content_stems, fold

_SINGULAR, _PLURAL, _PERSON = words("it its"), words("they them their theirs"), words("he him his she her hers")
_OWNING = words("its their his her")
_ALWAYS_OBJECT = words("them him it her")
_BOUNDARIES = words(
    "and but or when after before while because if that which who although though since until as"
) | set(",;:")
# "It is possible to …" points at nothing before it.
_EMPTY_IT = re.compile(
    r"""\bit\s+(?:\w+\s+){0,2}(?:that|whether|if)\b
    | \b(?:is|was|be)\s+it\s+\w+\s+(?:for\s+.{1,40}?\s+)?to\s+(?!the\b|a\b|an\b|[A-Z])
    | \b(?:is|was)\s+it\s+\w+\s+(?:what|who|when|where|why|how)\b
    | \bit\s+be\s+\w+\s+(?:for\s+.{1,40}?\s+)?to\b
    | \bit\s+costs?\s+to\s+[a-z]
    | \bit\s+(?:take|takes|took|matter|rain|snow)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SPANS_OF_TIME = words("year month week day century decade morning evening time way")
_PLACES = words("country nation state place region city town area")
_HAVING = words("have buy own")
_TAKE = words("take takes took taken")
_PERSON_NOUN = re.compile(PERSON_NOUNS)
_PLACE_PREPOSITIONS = words("in at on")


class _Type(StrEnum):
    """How a word points back."""

    IT = "it"
    THEY = "they"
    PERSON = "person"
    PLACE = "place"
    CLAUSE = "clause"  # "Who said that?"
    NOUN = "noun"  # "that country"


@dataclass(frozen=True, slots=True)
class _Anaphor:
    """Words ``first:last`` that point back."""

    first: int
    last: int
    type: _Type
    owns: bool = False
    is_subject: bool = False


def resolve(question: Parts, earlier: Sequence[Parts]) -> Filled | None:
    """(the whole question, the reason) for one with a word that points back; None when there is none."""
    edits: list[tuple[int, int, str]] = []
    reasons: list[str] = []
    behind = ""
    used: set[str] = set()
    source = earlier[-1]
    for anaphor in _anaphors(question, earlier):
        said = question.span(anaphor.first, anaphor.last)
        start, end = question.words[anaphor.first].start, question.words[anaphor.last - 1].end
        if anaphor.type is _Type.CLAUSE:
            behind = _aside(lowered(earlier[-1]))
            reasons.append(f"'{said}' points to '{earlier[-1].text}'")
            continue
        found = _antecedent(question, anaphor, earlier, used)
        if found is None:
            behind = _aside(lowered(earlier[-1]))
            reasons.append(f"'{said}' points to '{earlier[-1].text}'")
            continue
        source, text = found
        used.add(text)
        reasons.append(f"'{said}' stands for '{text}'")
        is_same_noun = anaphor.type is _Type.NOUN and question.words[anaphor.last - 1].low in fold(text)
        if anaphor.type is _Type.PLACE or (anaphor.type is _Type.NOUN and not is_same_noun):
            edits.append((end, end, _aside(text)))
        else:
            edits.append((start, end, _owned(text) if anaphor.owns else text))
    if not reasons:
        return None
    text = question.text
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + (new[:1].upper() + new[1:] if start == 0 else new) + text[end:]
    return close(text, behind or _names_of(source, Parts(text))), ", ".join(dict.fromkeys(reasons))


def supply(question: Parts, earlier: Sequence[Parts]) -> Filled | None:
    """As :func:`resolve`, for a question that says too little by itself: "Who paid for the satellite?", "Who paid?"."""
    has_name = any(question.is_name(n) for n in range(question.end))
    for phrase in question.phrases:
        own = question.content(phrase.first, phrase.last)
        if phrase.determiner != "the" or len(own) != 1 or question.is_name(phrase.head):
            continue
        if found := _repeated(question, phrase, earlier[-2:]):
            source, full = found
            old = question.text_of(phrase)
            if len(full) > len(old):
                start, end = question.words[phrase.first].start, question.words[phrase.last - 1].end
                return close(question.text[:start] + full + question.text[end:]), f"'{old}' stands for '{full}'"
            names = "" if has_name else _names_of(source, question)
            return (close(question.text, names), f"'{old}' is that of '{source.text}'") if names else None
    if has_name or not _says_too_little(question):
        return None
    topic = _topic(earlier[-1])
    return (close(question.text, _aside(topic)), f"the question before was about '{topic}'") if topic else None


def _anaphors(question: Parts, earlier: Sequence[Parts]) -> Iterator[_Anaphor]:
    for n in range(question.end):
        word = question.words[n]
        low, following = word.low, question.words[n + 1] if n + 1 < question.end else None
        if question.is_name(n) and n:
            continue
        is_subject = question.auxiliary is not None and n == question.auxiliary + 1
        points = _SINGULAR | _PLURAL | _PERSON
        if low in points:
            kind = _Type.IT if low in _SINGULAR else _Type.THEY if low in _PLURAL else _Type.PERSON
            owns = low in _OWNING and following is not None and (following.low == "own" or question.is_content(n + 1))
            if low == "it" and _EMPTY_IT.search(question.text):
                continue
            if not _is_inside(question, n, kind, owns=owns, is_subject=is_subject):
                yield _Anaphor(n, n + 1, kind, owns, is_subject)
        elif low == "there":
            beside = {question.words[m].low for m in (n - 1, n + 1) if 0 <= m < question.end}
            if not beside & (BE | {"exist"}) and not _place_before(question, n):
                yield _Anaphor(n, n + 1, _Type.PLACE)
        elif low in {"this", "that", "these", "those"}:
            yield from _demonstratives(question, n, earlier)
        elif low in {"one", "ones"} and 0 < n == question.end - 1 and question.words[n - 1].low in _HAVING:
            yield _Anaphor(n, n + 1, _Type.IT)
        elif low in {"former", "latter"} and n and question.words[n - 1].low == "the":
            yield _Anaphor(n - 1, n + 1, _Type.NOUN)


def _demonstratives(question: Parts, n: int, earlier: Sequence[Parts]) -> Iterator[_Anaphor]:
    low = question.words[n].low
    is_last = n + 1 == question.end
    after = None if is_last else question.words[n + 1]
    before = question.words[n - 1].low if n else ""
    is_plural = low in {"these", "those"}
    stands_alone = after is None or not after.is_word or after.low in AUXILIARIES | PREPOSITIONS
    if is_plural and after is not None and after.low in WH | {"of", "that", "in", "with"}:
        return  # "those of Chile", "those who …"
    if stands_alone or (before in AUXILIARIES and after is not None and not question.is_content(n + 1)):
        if low != "that" or is_last or before in AUXILIARIES | PREPOSITIONS or n == 0:
            yield _Anaphor(n, n + 1, _Type.THEY if is_plural else _Type.CLAUSE)
        return
    phrase = next((p for p in question.phrases if p.first == n and not p.inner), None)
    if phrase is None or not question.is_content(n + 1) or question.is_name(n + 1):
        return
    if question.words[phrase.head].low in _SPANS_OF_TIME:
        return
    is_subject = before in AUXILIARIES
    if is_subject and question.verb is not None and phrase.last - phrase.first == 2 and _is_bare_verb(question, n + 1):
        yield _Anaphor(n, n + 1, _Type.CLAUSE)  # "How did that happen?"
    elif low != "that" or before in AUXILIARIES | PREPOSITIONS or _repeated(question, phrase, earlier):
        yield _Anaphor(n, phrase.last, _Type.NOUN, is_subject=is_subject)
    elif question.verb == n - 1 and len(question.content(n)) == 1:
        yield _Anaphor(n, phrase.last, _Type.NOUN)


def _is_bare_verb(question: Parts, n: int) -> bool:
    return question.words[n].low in {"happen", "cost", "mean", "matter", "work", "change", "begin", "end", "help"} and (
        n + 1 >= question.end or not question.is_content(n + 1)
    )


def _is_inside(question: Parts, n: int, kind: _Type, *, owns: bool, is_subject: bool) -> bool:
    """Whether the question itself says before the word what it stands for."""
    if kind is _Type.PERSON and question.words[n].low not in _ALWAYS_OBJECT and _names_somebody(question, n):
        return True
    for phrase in question.phrases:
        if phrase.last > n or phrase.kind is Kind.TIME or question.words[phrase.first].low in _OWNING:
            continue
        if not _agrees(question, phrase, kind):
            continue
        between = {word.low for word in question.words[phrase.last : n]}
        if owns or between & _BOUNDARIES:
            return True
    return False


def _names_somebody(question: Parts, before: int) -> bool:
    return any(
        question.is_name(n) and question.words[n - 1].low not in _PLACE_PREPOSITIONS | {"to", "from", "the"}
        for n in range(1, before)
    )


def _agrees(parts: Parts, phrase: Phrase, kind: _Type) -> bool:
    is_name = parts.is_name(phrase.head)
    is_person = _PERSON_NOUN.fullmatch(parts.words[phrase.head].low) is not None
    if kind is _Type.THEY:
        return parts.is_plural(phrase)
    if kind is _Type.PERSON:
        is_placed = phrase.preposition in {"in", "at", "to", "from", "on"}
        is_plain = not (phrase.determiner or is_placed or parts.words[phrase.head].text.isupper())
        return is_person or (is_name and is_plain)
    return is_name or not parts.is_plural(phrase)


def _antecedent(
    question: Parts, anaphor: _Anaphor, earlier: Sequence[Parts], used: set[str]
) -> tuple[Parts, str] | None:
    """(the question it stands in, its text) of what a word stands for."""
    if anaphor.type is _Type.NOUN:
        return _of_noun(question, anaphor, earlier)
    for parts in reversed(earlier):
        if anaphor.type is _Type.PLACE:
            if place := _place_before(parts, parts.end):
                return parts, parts.span(place.start, place.last)
            continue
        rated = [
            (_salience(parts, phrase, anaphor), -number, text)
            for number, phrase in enumerate(parts.phrases)
            if (text := _text(parts, phrase)) and text not in used and _is_possible(parts, phrase, anaphor)
        ]
        if rated:
            return parts, max(rated)[2]
        asks_who = parts.asked is not None and parts.words[parts.asked[0]].low in {"who", "which", "what"}
        if asks_who and parts.auxiliary is None:
            return None
    return None


def _text(parts: Parts, phrase: Phrase) -> str:
    if parts.words[phrase.head].owns:
        return re.sub(r"['’]s?$", "", parts.text_of(phrase))
    return relative(parts) or parts.text_of(phrase) if phrase.role is Role.ASKED else parts.text_of(phrase)


def _is_possible(parts: Parts, phrase: Phrase, anaphor: _Anaphor) -> bool:
    if phrase.kind is Kind.TIME or not parts.content(phrase.first, phrase.last) or phrase.determiner in {"no", "any"}:
        return False
    if phrase.role is Role.ASKED and not relative(parts):
        return False
    if anaphor.type is _Type.THEY:
        return parts.is_plural(phrase) or parts.is_name(phrase.head)
    return _agrees(parts, phrase, anaphor.type)


def _salience(parts: Parts, phrase: Phrase, anaphor: _Anaphor) -> float:
    is_name = phrase.kind is Kind.NAME
    is_definite = not is_name and (phrase.determiner == "the" or phrase.kind is Kind.DEGREE or parts.has_name(phrase))
    is_like_role = anaphor.is_subject == (phrase.role is Role.SUBJECT)
    rating = 2.0 * is_like_role + 1.0 * (phrase.role is Role.SUBJECT) - 2.5 * phrase.inner
    if anaphor.type is _Type.THEY:
        return rating + 3.0 * parts.is_plural(phrase) + 2.0 * (phrase.role is Role.ASKED) + 1.0 * is_definite
    if anaphor.type is _Type.PERSON:
        return rating + 2.0 * (not is_name) + 1.0 * (phrase.role is Role.SUBJECT)
    if anaphor.owns:
        return rating + (3.0 + 2.5 * phrase.inner) * is_name + 2.0 * is_definite
    return rating + 4.0 * is_definite + 1.0 * is_name + 1.0 * (phrase.determiner in {"a", "an"})


def _of_noun(question: Parts, anaphor: _Anaphor, earlier: Sequence[Parts]) -> tuple[Parts, str] | None:
    noun = question.words[anaphor.last - 1].low
    for parts in reversed(earlier):
        names = [phrase for phrase in parts.phrases if phrase.kind is Kind.NAME]
        if noun in {"former", "latter"} and len(names) > 1:
            return parts, _text(parts, names[-2 if noun == "former" else -1])
        if noun in _PLACES and names:
            return parts, _text(parts, names[-1])
    phrase = next((p for p in question.phrases if p.first == anaphor.first), None)
    return _repeated(question, phrase, earlier) if phrase else None


def _repeated(question: Parts, phrase: Phrase, earlier: Sequence[Parts]) -> tuple[Parts, str] | None:
    """The longest phrase of the earlier questions with the same noun."""
    stems = content_stems(question.words[phrase.head].low)
    for parts in reversed(earlier):
        same = [
            parts.text_of(p)
            for p in parts.phrases
            if stems and content_stems(parts.words[p.head].low) == stems and p.role is not Role.ASKED
        ]
        if same:
            return parts, max(same, key=len)
    return None


def _place_before(parts: Parts, n: int) -> Phrase | None:
    places = [
        phrase
        for phrase in parts.phrases
        if phrase.last <= n and phrase.preposition in _PLACE_PREPOSITIONS and phrase.kind is not Kind.TIME
    ]
    names = [phrase for phrase in parts.phrases if phrase.last <= n and phrase.kind is Kind.NAME]
    named = [phrase for phrase in places if parts.has_name(phrase)]
    found = named or places or names
    return found[-1] if found else None


def _says_too_little(question: Parts) -> bool:
    """Whether a clause has, beside its verb, nothing that tells what it is about."""
    light = {"part", "place"} if question.verb is not None and question.words[question.verb].low in _TAKE else set()
    content = [n for n in question.content() if question.words[n].low not in light]
    asked = question.asked_for
    others = [n for n in content if n != question.verb and not (asked and asked.first <= n < asked.last)]
    if not question.is_clause or any(question.words[n].text.isdigit() for n in content):
        return False
    if not others:
        # "Who paid?", "Which countries signed?"; but not "Define deterrence", nor "What is it?"
        is_about_talkers = any(word.low in {"i", "you", "we", "me", "us"} for word in question.words)
        return question.asked is not None and question.verb is not None and not is_about_talkers
    if len(others) > 1 or question.verb is not None or asked:
        return False
    phrase = next((p for p in question.phrases if p.first <= others[0] < p.last), None)
    return phrase is not None and (phrase.determiner == "the" or question.words[others[0]].low.endswith(("er", "est")))


def _topic(parts: Parts) -> str:
    """What a question is about."""
    rated = [
        (4.0 * parts.has_name(p) + 2.0 * (p.determiner == "the") + (p.role is Role.SUBJECT) - 3.0 * p.inner, -number, p)
        for number, p in enumerate(parts.phrases)
        if p.kind is not Kind.TIME and p.role is not Role.ASKED
    ]
    if clause := relative(parts):
        return clause
    return _text(parts, max(rated)[2]) if rated else lowered(parts)


def _names_of(source: Parts, completed: Parts) -> str:
    """The names of the earlier question, as an aside, for a question that has none: "the satellite" was Bolivia's."""
    if any(completed.is_name(n) for n in range(completed.end)):
        return ""
    names = [p for p in source.phrases if p.kind is Kind.NAME and not (p.inner and p.role is not Role.SUBJECT)]
    return _aside(", ".join(dict.fromkeys(_text(source, p) for p in names)))


def _aside(text: str) -> str:
    return f" ({text})" if text else ""


def _owned(text: str) -> str:
    return text + ("'" if text.endswith("s") else "'s")
