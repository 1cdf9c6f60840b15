"""Follow-ups that leave out what the question before said: "And to Venezuela?", "Why?", "Did Chile?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from natoqa.question_parts import ADVERBIAL_WH, PREPOSITIONS, WH, Kind, Parts, Phrase, Role
from natoqa.terms import content_stems

_MARKER = re.compile(
    r"(?:(?:and|but|or|so|ok|okay|then|well|also|now)\b[,:]?\s+)*(?:(?:what|how)\s+about\s+|what\s+of\s+)?",
    re.IGNORECASE,
)
_AND = re.compile(r"(?:and|but|so|also|or)\b[,:]?\s+(?=\w)", re.IGNORECASE)
# "Is that true of Peru?" asks what "And Peru?" asks.
_LIKEWISE = re.compile(
    r"(?:is|was|are|were|do|does|did|has|had|will|would)\s+(?:that|this|it|the\s+same)\s+"
    r"(?:(?:also|still|the|true|case|same|so|apply|hold|go|happen)\s+)+(?:(?:of|for|to|with)\s+|(?=(?:in|on|at)\s))",
    re.IGNORECASE,
)
# "When was that?" asks what "When?" asks.
_WHEN_WAS_THAT = re.compile(
    r"((?:\w+\s+)?(?:when|where|why|how))\s+(?:is|was|did|does|has|had)\s+"
    r"(?:(?:that|this)(?:\s+(?:happen|occur|so))?|it\s+(?:happen|occur))\s*\?*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r",\s+(?:[\w’']+\s+){0,3}(?:who|whom|what|which|when|where|why|how)(?:\s+[\w’']+){0,3}$", re.IGNORECASE
)
_LONGEST_BARE = 6
_MOST_WORDS = 12
_LIKEWISE_ENDINGS = frozenset({"too", "also", "as", "well", "either", "not", "one"})
_REPLIES = frozenset({"hello", "hi", "thanks", "thank", "ok", "okay", "yes", "no", "really", "sure", "indeed", "more"})

Filled = tuple[str, str]


def repeat(question: Parts, earlier: Sequence[Parts]) -> Filled | None:
    """As :func:`fill`, for "Is that true of Peru?" and "When was that?", which say no more than a fragment."""
    if same := _LIKEWISE.match(question.text):
        return _substitute(Parts(question.text[same.end() :]), earlier, is_marked=True)
    that = _WHEN_WAS_THAT.fullmatch(question.text)
    return _ask(Parts(that[1]), earlier[-1]) if that else None


def fill(question: Parts, earlier: Sequence[Parts]) -> Filled | None:
    """(the whole question, the reason) for a fragment of one, such as "And to Venezuela?"; None for anything else."""
    before, text = earlier[-1], question.text
    marker = _MARKER.match(text)
    said = Parts(text[marker.end() :] if marker else text)
    if not 0 < said.end <= _MOST_WORDS or said.words[0].low in _REPLIES:
        return None
    if said.auxiliary == 0:
        return _ask_of_another(said, earlier)
    if said.is_clause:
        return None
    if said.asked:
        # A long one is a whole question whose verb was not recognised.
        return _ask(said, before) if (marker and marker.end()) or said.end <= _LONGEST_BARE else None
    if said.words[said.end - 1].low in {"one", "ones"}:
        return None
    return _substitute(said, earlier, is_marked=bool(marker and marker.end()))


def unmarked(text: str) -> str:
    """A whole question without the "And" that tied it to the one before."""
    opening = _AND.match(text)
    rest = text[opening.end() :] if opening else text
    return rest[:1].upper() + rest[1:] if opening and rest[:1].islower() else rest


def close(text: str, added: str = "") -> str:
    """``text`` as a question, with something added before its question mark."""
    mark = "?" if text.rstrip().endswith("?") else ""
    return f"{text.rstrip(' ?.!,;:')}{added}{mark}"


def lowered(parts: Parts, last: int | None = None) -> str:
    """A question without its mark, to stand inside another."""
    text = parts.text[: parts.words[(last or parts.end) - 1].end]
    return text if parts.is_name(0) else text[:1].lower() + text[1:]


def relative(parts: Parts) -> str:
    """``arms China has sold to Bolivia`` of ``What arms has China sold to Bolivia?``; empty where it cannot be told."""
    asked, subject = parts.asked_for, parts.subject
    if not (asked and subject and parts.auxiliary is not None and parts.verb == subject.last):
        return ""
    auxiliary = parts.words[parts.auxiliary].text
    return f"{parts.text_of(asked)} {parts.text_of(subject)} {auxiliary} {parts.span(parts.verb, parts.end)}"


def _ask(said: Parts, before: Parts) -> Filled:
    """Another question word for the question before: "Why?", "Who else?", "How many helicopters?"."""
    asking = said.span(0, said.end)
    because = f"'{asking}' asks about '{before.text}'"
    counts = said.end > 1 and said.words[said.end - 1].low in {"one", "ones"} and before.asked_for is not None
    start = said.span(0, said.end - counts)
    start = start[:1].upper() + start[1:]
    if before.asked is None:
        is_argument = said.words[0].low in {"who", "whom", "what", "which"} or asking.endswith("not")
        if before.auxiliary == 0 and not is_argument:
            return f"{start} {_counted_first(said, before)}?", because
    elif replaced := _ask_instead(said, before):
        return close(f"{start}{replaced}"), because
    return close(_TAIL.sub("", before.text.rstrip(" ?")), f", {asking[:1].lower() + asking[1:]}"), because


def _counted_first(said: Parts, before: Parts) -> str:
    """``tanks does Peru buy`` of ``Does Peru buy tanks?`` for "How many?"; else the question as it stands."""
    counted = next((p for p in before.phrases if p.role is Role.OBJECT and not p.inner and not p.determiner), None)
    if (
        counted is None
        or counted.kind is not Kind.COMMON
        or said.span(0, said.end).lower() not in {"how many", "how much"}
    ):
        return lowered(before)
    rest = before.text[before.words[counted.last - 1].end :].rstrip(" ?")
    return f"{before.text_of(counted)} {lowered(before, counted.first)}{rest}"


def _ask_instead(said: Parts, before: Parts) -> str:  # noqa: PLR0911 - one case after the other reads best
    """What follows the new question word when it takes the place of the old one; empty when it cannot."""
    _, last = before.asked or (0, 0)
    rest = before.text[before.words[last - 1].end :].rstrip(" ?")
    own, old = ([w.low for w in p.words[slice(*(p.asked or (0, 0)))]] for p in (said, before))
    noun = before.text_of(before.asked_for) if before.asked_for else ""
    if said.asked and said.asked[0] > 0:  # "By whom?"
        return ""
    if noun and said.words[said.end - 1].low in {"one", "ones"}:
        return f" {noun}{rest}"[: 0 if own[0] == "who" else None]
    if own[0] == old[0] and (own[0] != "how" or own[:2] == old[:2]) and (len(own) > 1 or len(old) == 1):
        return rest
    if own[0] in ADVERBIAL_WH and old[0] in ADVERBIAL_WH and len(old) == len(own) == 1:
        return rest
    is_bare = len(own) == 1 or said.asked_for is None
    if before.auxiliary is None or not is_bare:
        return ""
    if old == ["what"] and own[:2] == ["how", "much"]:
        return rest
    subject = before.subject
    if own[0] in ADVERBIAL_WH and len(own) == 1 and noun and subject and before.verb == subject.last:
        behind = before.verb + 1
        is_stranded = before.words[before.end - 1].low in PREPOSITIONS
        front, back = before.span(last, behind), before.span(behind, before.end)
        return f" {front} {back} {noun}" if is_stranded else f" {front} {noun} {back}".rstrip()
    return ""


def _ask_of_another(said: Parts, earlier: Sequence[Parts]) -> Filled | None:
    """ "Did Chile?": the question before, of another subject."""
    subject, before = said.subject, earlier[-1]
    if subject is None or said.verb is not None:
        return None
    if any(word.low not in _LIKEWISE_ENDINGS for word in said.words[subject.last : said.end]):
        return None
    name = said.text_of(subject)
    if before.subject is None:
        return _substitute(Parts(name), earlier, is_marked=True)
    old = before.text_of(before.subject)
    because = f"'{name}' takes the place of '{old}' in '{before.text}'"
    rest = before.text[before.words[before.subject.last - 1].end :]
    asks_why = before.asked is not None and before.words[before.asked[0]].low in ADVERBIAL_WH
    if before.auxiliary == 0 or (asks_why and before.asked_for is None):
        opening = said.span(0, subject.last)
        return close(opening[:1].upper() + opening[1:] + rest), because
    return close(before.text[: before.words[before.subject.first].start] + name + rest), because


def _substitute(said: Parts, earlier: Sequence[Parts], *, is_marked: bool) -> Filled | None:
    """Phrases for phrases: "And to Venezuela?", "What about Brazil in 2010?"."""
    before = earlier[-1]
    phrases = [phrase for phrase in said.phrases if not phrase.inner]
    if not is_marked and not _is_plainly_elliptic(said, phrases):
        return None
    if not phrases:
        added = said.span(0, said.end)
        is_short = said.end <= 2 and not any(word.low in WH for word in said.words)
        return (close(before.text, f", {added}"), f"'{added}' is added to '{before.text}'") if is_short else None
    text, reasons = before.text, []
    edits: list[tuple[int, int, str]] = []
    added = ""
    for phrase in phrases:
        own = said.span(phrase.start, phrase.last)
        slot = _slot(said, phrase, earlier)
        if slot is None:
            is_topic = not phrase.preposition and len(said.content(phrase.first, phrase.last)) > 1
            if is_topic and phrase.kind is not Kind.DEGREE:
                return None
            added += f" {own}" if phrase.preposition or phrase.kind is Kind.TIME else f", {own}"
            reasons.append(f"'{own}' is added to '{before.text}'")
            continue
        first, last, new = _placed(said, phrase, before, slot)
        start, end = before.words[first].start, before.words[last - 1].end
        edits.append((start, end, new))
        reasons.append(f"'{new}' takes the place of '{before.text[start:end]}' in '{before.text}'")
    edits.sort(reverse=True)
    if any(later[0] < sooner[1] for later, sooner in pairwise(edits)):
        return None
    for start, end, new in edits:
        text = text[:start] + new + text[end:]
    return close(text, added), "; ".join(reasons)


def _is_plainly_elliptic(said: Parts, phrases: Sequence[Phrase]) -> bool:
    """Whether words without "and" or "what about" are a fragment, and not what somebody types into a search box."""
    if not phrases or len(phrases) > 2:
        return False
    if phrases[0].preposition and phrases[0].start == 0:
        return said.end <= 5
    return said.text.rstrip().endswith("?") and len(phrases) == 1 and len(said.content()) <= 2


def _slot(said: Parts, phrase: Phrase, earlier: Sequence[Parts]) -> Phrase | None:
    """The phrase of the question before whose place the new one takes."""
    before = earlier[-1]
    # "The capital of Chile" stands for "the population of Peru", "the capital" for "the population" alone.
    is_long = any(p.inner and phrase.first <= p.first and p.last <= phrase.last for p in said.phrases)
    known = {earlier[-2].text_of(p) for p in earlier[-2].phrases} if len(earlier) > 1 else set()
    scored = [
        (_likeness(said, phrase, before, slot, known), slot.first, slot.last if is_long else -slot.last, number)
        for number, slot in enumerate(before.phrases)
        if _fits(said, phrase, before, slot)
    ]
    return before.phrases[max(scored)[-1]] if scored else None


def _fits(said: Parts, phrase: Phrase, before: Parts, slot: Phrase) -> bool:  # noqa: PLR0911 - as above
    if Kind.TIME in (phrase.kind, slot.kind):
        return phrase.kind is slot.kind
    if phrase.preposition:
        return phrase.preposition == slot.preposition
    if Kind.DEGREE in (phrase.kind, slot.kind):
        return phrase.kind is slot.kind
    if _is_same_head(said, phrase, before, slot):
        return True
    if phrase.kind is Kind.NAME:
        return slot.kind is Kind.NAME
    is_bare = phrase.determiner == ""
    if slot.kind is Kind.NAME:  # names typed without capitals
        return is_bare and not said.is_plural(phrase) and len(said.content()) == 1
    if said.has_name(phrase) and slot is before.subject and before.verb is None:
        return True  # "And Peru's capital?" after "What is the area of Peru?"
    if slot.role is Role.ASKED:
        return is_bare and said.is_plural(phrase) == before.is_plural(slot)
    return phrase.determiner == slot.determiner and (not is_bare or said.is_plural(phrase) == before.is_plural(slot))


def _likeness(said: Parts, phrase: Phrase, before: Parts, slot: Phrase, known: set[str]) -> float:
    head, other = said.words[phrase.head], before.words[slot.head]
    return (
        4.0 * _is_same_head(said, phrase, before, slot)
        + 3.0 * (head.owns == other.owns)
        # What the last follow-up changed is likely to be changed again.
        + 3.0 * (bool(known) and before.text_of(slot) not in known)
        # Whoever means the phrase with a preposition repeats it.
        + 2.0 * (slot.preposition == phrase.preposition)
        + 2.0 * (phrase.kind is slot.kind)
        + 1.0 * (head.text.isupper() == other.text.isupper())
        + 1.0 * (bool(phrase.determiner) == bool(slot.determiner))
        + 1.0 * (said.is_plural(phrase) == before.is_plural(slot))
    )


def _is_same_head(said: Parts, phrase: Phrase, before: Parts, slot: Phrase) -> bool:
    own, other = content_stems(said.words[phrase.head].low), content_stems(before.words[slot.head].low)
    return bool(own) and own == other and not said.words[phrase.head].owns


def _placed(said: Parts, phrase: Phrase, before: Parts, slot: Phrase) -> tuple[int, int, str]:
    """Which words of the question before are replaced, and by what."""
    new = said.text_of(phrase)
    if phrase.kind is Kind.DEGREE and said.words[phrase.head].low == said.words[phrase.last - 1].low:
        degree = Parts(new)
        if len(degree.content()) == 1 and before.words[slot.head].low != before.words[slot.first].low:
            last = next(
                (
                    n + 1
                    for n in range(slot.first, slot.last)
                    if before.words[n].low.endswith(("est", "st", "nd", "rd", "th"))
                ),
                slot.last,
            )
            return slot.first, last, new
    if before.words[slot.head].owns and not said.words[phrase.head].owns:
        new += "'" if new.endswith("s") else "'s"
    elif said.words[phrase.head].owns and not before.words[slot.head].owns:
        new = re.sub(r"['’]s?$", "", new)
    if phrase.preposition:
        return slot.start, slot.last, f"{phrase.preposition} {new}"
    return slot.first, slot.last, new
