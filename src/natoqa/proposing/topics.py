"""Questions that leave open what is said: about a name, about the heading of a section."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from natoqa.proposing.clauses import NAME_PART, OPENERS, Statement, has_name, is_subject
from natoqa.proposing.english import BASE_OF_PAST, MONTHS, PERSON_NOUNS, words
from natoqa.proposing.rules import Proposal

CAPITAL = r"[A-ZÀ-Ý][\w'-]*"
NAME = rf"{CAPITAL}(?:(?: (?:of|for|de|del|da|do|la))?(?: the)? {CAPITAL}){{0,5}}"
_VERBAL = r" (?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|did|does)\b"
_FINITE = re.compile(_VERBAL)
_LEAD_IN = re.compile(rf"^(?P<topic>{CAPITAL}(?: {CAPITAL}| and| of){{0,3}} [A-ZÀ-Ý][\w-]{{2,}})\. [A-ZÀ-Ý]")
_LONG_NAME = re.compile(rf"(?P<the>\b[Tt]he )?(?<![\w'])(?P<name>{NAME})(?!['\w])")
# After a name that another noun does not follow: "Latin American" alone is no topic, "Latin American states" is none.
_NAME_ENDS = re.compile(
    rf"$|[,;:]| (?:of|in|on|and|or|to|at|by|for|from|with|as|that|which|who|after|before|during|until)\b|{_VERBAL}"
)
# What is named after a body and a preposition says which body: "the Washington Office on Latin America".
_BODY = re.compile(
    r"(?:Agency|Bureau|Centre|Center|Commission|Committee|Conference|Council|Fund|Institute|Mission|Office|Service)$"
)
_OF_THE_BODY = re.compile(rf" (?:in|on|for) (?:the )?{CAPITAL}(?: {CAPITAL})*")
# Before a name without "the" that no adjective stands before: "a devolved Scottish Assembly" wants an article.
_NAME_BEGINS = re.compile(
    rf"(?:^|, |; |\b(?:of|in|at|by|to|from|with|and|for|as|on|between|against|after|before|under|or|that|when|than|like"
    rf"|including|{PERSON_NOUNS}) )$"
)
# Where somebody was, or something was done: the sentence tells little of the place.
_WHEREABOUTS = re.compile(r"\b(?:at|from|in|near|of|on|to) $")
# "the Bureau of Narcotics and Law Enforcement" is one name, and so may be what looks like two.
_GOES_ON = re.compile(r"[A-ZÀ-Ý][\w'-]*,? (?:and|on|for|with) $")
_MAY_GO_ON = re.compile(r",? and (?:the )?[A-ZÀ-Ý]")
_ADJECTIVE = re.compile(r"(?:[ci]an|ese|ish)$")
_TITLES = words("Dr Mr Mrs Ms Sir Lord Lady President General King Queen Prince Saint St")
_SMALL = words("of for the and de del da do la The")
_HEADING = re.compile(r"The (?P<rest>[^,:;()?!\"“”]{8,70})$")


def propose_for_section(heading: str) -> Proposal | None:
    """``The causes of the war`` -> ``What is said about the causes of the war?``; None for any other heading."""
    match = _HEADING.match(" ".join(heading.split()))
    return Proposal("topic", f"What is said about the {match['rest']}?", "", 1.5) if match else None


def topic_of_lead_in(sentence: str, names: Collection[str]) -> Iterator[Proposal]:
    """``Bolivia and Chile. The dispute …``: a heading that opens its own paragraph."""
    if lead_in := _LEAD_IN.match(sentence):
        topic = lead_in["topic"]
        if has_name(topic.split(), names) and is_subject(topic, names) and topic.split()[0] not in _TITLES | {"The"}:
            yield Proposal("topic", f"What is said about {topic}?", topic, 1.5)


def topics_named(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``… launched the Mediterranean Dialogue``: what the sentence says of it is left open."""
    if not subject_of(statement.text):
        return
    for match in _LONG_NAME.finditer(statement.text):
        the, name = ("the " if match["the"] else ""), match["name"]
        if not the:
            name = name.partition(" of ")[0]  # "Evo Morales of Bolivia", but "the Pact of Bogotá"
        before, after = statement.text[: match.start()], statement.text[match.end() :]
        if before and "," not in before and before.split(" ", 1)[0].casefold() in OPENERS:
            continue  # "Since the attack on …": a circumstance
        if the and _BODY.search(name) and (rest := _OF_THE_BODY.match(after)):
            name, after = name + rest.group(), after[rest.end() :]
        own = [word for word in name.split() if word not in _SMALL]
        begins = the or (_NAME_BEGINS.search(before) and not _WHEREABOUTS.search(before))
        is_whole = begins and _is_over(after) and not _MAY_GO_ON.match(after) and not _GOES_ON.search(before[-20:])
        # The first word of a statement is written large whatever it is.
        is_name = has_name(own if before or the else own[:1], names) and not _ADJECTIVE.search(name)
        if is_whole and is_name and "'" not in name and is_long_name(name):
            yield Proposal("topic", f"What is said about {the}{name}", name, 0.5 if before else 1.0)


def subject_of(text: str) -> str:
    """The words before the first that is a verb for certain; empty when there is none."""
    found = _FINITE.search(text)
    own = text[: found.start() if found else len(text)].split(" ")
    before = next((at for at, word in enumerate(own) if at and word in BASE_OF_PAST), len(own))
    return " ".join(own[:before]) if found or before < len(own) else ""


def is_long_name(text: str) -> bool:
    """A name of two words or more beside titles: the name of one thing, not of one of many."""
    own = [word for word in text.split() if word not in _SMALL | {"in", "on"}]
    return (
        all(map(NAME_PART.fullmatch, own))
        and len([word for word in own if word not in _TITLES and not re.fullmatch(MONTHS, word)]) >= 2
    )


def _is_over(after: str) -> bool:
    """Whether a name is at its end where this text follows, and is not put before a noun: "the Rio Group summit"."""
    return _NAME_ENDS.match(after) is not None or after[1:].split(" ", maxsplit=1)[0] in BASE_OF_PAST
