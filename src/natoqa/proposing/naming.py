"""Questions about what a sentence names: who holds an office, what a name stands for, what was done or said on a day.

They are for a reader who wants to see what can be asked, and may be wider than those of :mod:`natoqa.proposing.rules`,
which have one short answer each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from natoqa.discourse import points_back
from natoqa.proposing.clauses import (
    INTRANSITIVE,
    NAME_PART,
    OWNER,
    PRONOUN,
    Statement,
    clauses,
    cut,
    has_name,
    is_subject,
    names_something,
    split_date,
    statements,
)
from natoqa.proposing.english import BASE_OF_PAST, ESTIMATING, MONTHS, PARTICIPLES, PERSON_NOUNS, words
from natoqa.proposing.figures import COUNT
from natoqa.proposing.rules import Proposal

_CAPITAL = r"[A-ZÀ-Ý][\w'-]*"
_NAME = rf"{_CAPITAL}(?:(?: (?:of|for|de|del|da|do|la))?(?: the)? {_CAPITAL}){{0,5}}"
_PERSON = re.compile(rf"\b(?:{PERSON_NOUNS})s?\b", re.IGNORECASE)
_THING = re.compile(
    r"(?<![\w-])(?:agreement|alliance|association|award|bank|battle|bloc|book|building|campaign|church|city|club|company"
    r"|council|country|court|department|disease|family|festival|film|game|group|institution|island|journal|lake"
    r"|language|law|league|market|mountain|movement|museum|newspaper|organisation|organization|park|party|plan|planet"
    r"|port|program|programme|project|province|range|religion|river|satellite|school|series|ship|software|state|store"
    r"|style|system|territory|theory|town|treaty|union|university|village|war)(?![\w-])"
)
_IDENTIFIED = re.compile(rf"^(?P<name>(?:The )?{_NAME}), (?P<what>(?:the|an?) [^,]{{8,90}}), [a-z]")
_OFFICE = re.compile(
    rf"\b[Tt]he (?P<office>(?:(?:{_CAPITAL}|[a-z][\w'-]*) ){{1,6}}?(?:{PERSON_NOUNS}))"
    rf",? (?P<name>{_CAPITAL}(?: {_CAPITAL}){{1,3}})(?=[ ,]|$)"
)
_PARTICIPLE_AFTER = re.compile(
    rf"(?P<name>(?:\b[Tt]he )?\b{_NAME}), (?P<participle>[a-z]+)(?P<rest> [^,]{{4,60}}?)(?=,|$| by | with )"
)
_SAID = re.compile(
    r"^(?P<who>[^,]{2,60}?) (?:also |once |later |then )?"
    r"(?P<verb>said|says|noted|notes|stated|states|warned|warns|claimed|claims|replied|replies|wrote|writes|added|adds"
    r"|answered|answers|remarked|remarks|reported|reports|found|finds|argued|argues|concluded|concludes|announced"
    r"|believed|believes|confirmed|confirms|suggested|suggests)"
    r"(?: on \d{1,2} [A-Z]\w+(?: \d{4})?)? (?:that |(?=the |[A-ZÀ-Ý]))(?P<what>.+)$"
)
# What is asked about a verb of saying, where that is not "say" itself.
_ASKED_AS = {
    **dict.fromkeys(("found", "finds"), "find"),
    **dict.fromkeys(("argued", "argues"), "argue"),
    **dict.fromkeys(("reported", "reports"), "report"),
}
_VERBAL = r" (?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|did|does)\b"
_FINITE = re.compile(_VERBAL)
_OFFERED = re.compile(
    r"^(?P<who>.+?) (?:also )?(?:(?P<verb>allow|ban|cover|forbid|include|offer|permit|promise|provide|recommend|require"
    r"|suggest)|(?P<leading>consist|belong|rest|deal|depend|focus|refer|aim|lead|agree|come|date))(?:s|es)"
    r" (?P<rest>(?!that\b|to [a-z]+ (?:the|a|an)\b).+)$"
)
_LED_BY = re.compile(r"(?P<preposition>of|to|on|with|from|at) (?P<what>.+)$")
_HAS_DONE = re.compile(r"^(?P<who>.+?) (?P<has>has|have) (?:also )?(?P<done>[a-z]+) (?P<what>.+)$")
_WAS_MADE = re.compile(
    r"^(?P<who>.+?) (?P<was>is|are|was|were) (?P<made>[a-z]+) (?P<preposition>to|as|for|into)"
    r" (?:(?:an?|the) [a-z]|[A-ZÀ-Ý])"
)
_RANKED = re.compile(
    r"^(?P<who>.+?) (?P<is>is|was) the"
    r" (?P<rank>only|first|last|largest|smallest|oldest|biggest|highest|longest|most \w+)"
    r" (?P<noun>(?:(?!by |of |in )[\w-]+ ){0,3}?[a-z]+) (?P<rest>(?:in|of|on|at|to) .+)$"
)
_OBJECT_START = re.compile(r"(?:an?|the|two|three|four|five|six|\d[\d,.]*|[$€£]\S+|[A-ZÀ-Ý][\w'-]*|some|many) ")
# Participles of which "what has it …?" asks something definite.
_GIVING = PARTICIPLES - INTRANSITIVE - words("become made taken had given put held")
_STATED = PARTICIPLES | words("known based made regarded") - words("used")
_LOCATED = re.compile(
    r"^(?P<who>.+?) (?P<is>is|was|lies|stands) (?:located |situated |based )?(?:in|on|at|near) (?:the )?[A-ZÀ-Ý]"
)
_HOLDS = re.compile(
    rf"^(?P<who>.+?) (?P<verb>has|contains|includes|covers|employs|operates|owns|hosts|houses|comprises)"
    rf" {COUNT.pattern}(?P<rest>[^,]*)"
)
_MEANS = re.compile(r"^(?P<before>(?:(?! to )[^,])+?) by [a-z]+ing [a-z]")
_NO_DEEDS = words("become begin have cost remain see seem number total reach exceed amount stand")
_YEAR_OR_MONTH = re.compile(rf"(?:(?:{MONTHS}) )?\d{{4}}")
_DAY = re.compile(rf"\d{{1,2}} (?:{MONTHS}) \d{{4}}")
_RUN_IN = re.compile(
    rf"^(?P<topic>{_CAPITAL}(?: {_CAPITAL}| and| of| against| between){{0,3}} [A-ZÀ-Ý][\w-]{{2,}})\. [A-ZÀ-Ý]"
)
_LONG_NAME = re.compile(rf"(?P<the>\b[Tt]he )?(?<![\w'])(?P<name>{_NAME})(?!['\w])")
# After a name that another noun does not follow: "Latin American" alone is no topic, "Latin American states" is none.
_NAME_ENDS = re.compile(
    rf"$|[,;:]| (?:of|in|on|and|or|to|at|by|for|from|with|as|that|which|who|after|before|during|until)\b|{_VERBAL}"
)
# Before a name without "the" that no adjective stands before: "a devolved Scottish Assembly" wants an article.
_NAME_BEGINS = re.compile(
    rf"(?:^|, |; |\b(?:of|in|at|by|to|from|with|and|for|as|on|between|against|after|before|under|or|that|when|than|like"
    rf"|including|{PERSON_NOUNS}) )$"
)
# "the Bureau of Narcotics and Law Enforcement" is one name, and so may be what looks like two.
_JOINED = re.compile(r" (?:and|on|for) (?:the )?[A-ZÀ-Ý]")
_GOES_ON = re.compile(r"[A-ZÀ-Ý][\w'-]*,? (?:and|on|for) $")
_ADJECTIVE = re.compile(r"(?:[ci]an|ese|ish)$")
_TITLES = words("Dr Mr Mrs Ms Sir Lord Lady President General King Queen Prince Saint St")
_SMALL = words("of for the and de del da do la The")
_HEADING = re.compile(r"The (?P<rest>[^,:;()?!\"“”]{8,70})$")


def propose_broadly(sentence: str, names: Collection[str]) -> Iterator[Proposal]:
    """Questions that a sentence answers or helps to answer, without regard to whether they can stand alone."""
    if run_in := _RUN_IN.match(sentence):
        topic = run_in["topic"]
        if has_name(topic.split(), names) and is_subject(topic, names) and topic.split()[0] not in _TITLES | {"The"}:
            yield Proposal("topic", f"What is said about {topic}?", topic, 1.5)
    for statement in statements(sentence):
        if points_back(statement.text):
            continue
        for rule in _RULES:
            for proposal in rule(statement, names):
                question = re.sub(r"(?<= )(?:The|An?)(?= )", lambda match: match.group().lower(), proposal.question)
                yield Proposal(proposal.kind, f"{' '.join(question.split())}?", proposal.answer, proposal.score)


def propose_for_section(heading: str) -> Proposal | None:
    """``The causes of the war`` -> ``What is said about the causes of the war?``; None for any other heading."""
    match = _HEADING.match(" ".join(heading.split()))
    return Proposal("topic", f"What is said about the {match['rest']}?", "", 1.5) if match else None


def says_what_it_is(text: str) -> bool:
    """Whether a description holds a noun that is no person's."""
    return _THING.search(text.casefold()) is not None


def _identified(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Mercosur, the Common Market of the South, was …``."""
    match = _IDENTIFIED.match(statement.text)
    if match is None or not has_name(match["name"].split()[-1:], names) or PRONOUN.search(match["what"]):
        return
    head = re.split(r" (?:of|in|at|for|by|to|with|who|that|[a-z]+ed)\b", match["what"])[0]
    if _PERSON.search(head) and not match["name"].startswith("The "):
        yield Proposal("definition", f"Who is {match['name']}", match["what"], 3.0)
    elif says_what_it_is(head):
        yield Proposal("definition", f"What is {match['name']}", match["what"], 3.0)


def _office(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``The Colombian defence minister, Juan Carlos Pinzón, …``."""
    for match in _OFFICE.finditer(statement.text):
        is_telling = statement.date or len(match["office"].split()) > 2
        if is_telling and names_something(match["office"]) and not PRONOUN.search(match["office"]):
            when = f" in {statement.date}" if _YEAR_OR_MONTH.fullmatch(statement.date) else ""
            yield Proposal("name", f"Who was the {match['office']}{when}", match["name"], 3.5)


def _begun(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``The Treaty of Asunción, signed on 26 March 1991 by …``."""
    for match in _PARTICIPLE_AFTER.finditer(statement.text):
        parts = split_date(match["rest"].strip())
        if parts and match["participle"] in PARTICIPLES and len(parts[0].split()) <= 4 and _is_long_name(match["name"]):
            yield Proposal("date", f"When was {match['name']} {match['participle']} {parts[0]}", parts[1], 3.0)


def _said(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Reuters noted that the withdrawal from the pact had …``."""
    match = _SAID.match(statement.text)
    if match is None or not _is_named_subject(match["who"], names):
        return
    about = _subject_of(match["what"])
    if about and is_subject(about, names):
        did = "does" if match["verb"].endswith("s") else "did"
        asked = _ASKED_AS.get(match["verb"], "say")
        yield Proposal("view", f"What {did} {match['who']} {asked} about {about}", "", 3.0)


def _offers(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``The Brasilia Act allows …``, ``The note rests on …``."""
    match = _OFFERED.match(statement.text)
    if match is None or not _is_named_subject(match["who"], names):
        return
    if match["verb"]:
        yield Proposal("fact", f"What does {match['who']} {match['verb']}", "", 2.0)
    elif led := _LED_BY.match(match["rest"]):
        yield Proposal("fact", f"What does {match['who']} {match['leading']} {led['preposition']}", "", 1.5)


def _has_done(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Brazil has inaugurated a Centre for Cyber Defence``."""
    match = _HAS_DONE.match(statement.text)
    if match and match["done"] in PARTICIPLES - INTRANSITIVE - {
        "become",
        "made",
        "taken",
        "had",
        "given",
        "put",
        "held",
    }:
        is_thing = _OBJECT_START.match(match["what"]) and not PRONOUN.match(match["what"])
        if is_thing and _is_named_subject(match["who"], names):
            yield Proposal("fact", f"What {match['has']} {match['who']} {match['done']}", "", 2.5)


def _was_made(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Russia was invited to a session on Afghanistan``."""
    match = _WAS_MADE.match(statement.text)
    if match and match["made"] in _STATED and _is_named_subject(match["who"], names):
        question = f"What {match['was']} {match['who']} {match['made']} {match['preposition']}"
        yield Proposal("fact", question, "", 2.0)


def _ranked(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Argentina was the only American state in the war``."""
    match = _RANKED.match(statement.text)
    if match and _is_named_subject(match["who"], names) and not _PERSON.search(match["noun"]):
        rank = f"{match['rank']} one" if match["rank"] == "only" else match["rank"]
        question = f"Which {match['noun']} {match['is']} the {rank} {cut(match['rest'])}"
        yield Proposal("name", question, match["who"], 2.5)


def _located(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``The museum of Lima is located in Miraflores``."""
    match = _LOCATED.match(statement.text)
    if match and _is_named_subject(match["who"], names):
        is_or_was = "was" if match["is"] == "was" else "is"
        yield Proposal("place", f"Where {is_or_was} {match['who']}", "", 2.5)


def _holds(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Warsaw has 13 natural reserves``."""
    match = _HOLDS.match(statement.text)
    if match and _is_named_subject(match["who"], names):
        base = "have" if match["verb"] == "has" else match["verb"].removesuffix("s")
        yield Proposal("number", f"How many {match['noun']} does {match['who']} {base}", match["figure"], 3.5)


def _how(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Brazil saved the talks by inviting both sides``."""
    for clause in clauses(statement, names, COUNT):
        means = _MEANS.match(clause.rest)
        if means and cut(means["before"]) == means["before"] and has_name(clause.subject.split(), names):
            yield Proposal("manner", f"How did {clause.subject} {clause.base} {means['before']}", "", 3.0)


def _did(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``In 2015 Colombian forces served …``."""
    if not statement.date:
        return
    is_day = _DAY.fullmatch(statement.date) is not None
    is_month = not is_day and _YEAR_OR_MONTH.fullmatch(statement.date) is not None
    if not is_day and not is_month:
        return
    when = f"{'on' if is_day else 'in'} {statement.date}"
    for clause in clauses(statement, names, COUNT):
        # In a year a country does many things.
        is_one = not statement.date.isdigit() or len(clause.subject.split()) > 1
        is_deed = clause.base not in _NO_DEEDS | ESTIMATING and not OWNER.match(clause.rest)
        if is_one and is_deed and has_name(clause.subject.split(), names):
            yield Proposal("event", f"What did {clause.subject} do {when}", "", 2.5)
            return
    if is_day and names_something(statement.text[1:]):
        yield Proposal("event", f"What happened {when}", "", 1.5)


def _topic(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``… launched the Mediterranean Dialogue``: what the sentence says of it is left open."""
    if not _subject_of(statement.text):
        return
    for match in _LONG_NAME.finditer(statement.text):
        the, name = ("the " if match["the"] else ""), match["name"]
        if not the:
            name = name.partition(" of ")[0]  # "Evo Morales of Bolivia", but "the Pact of Bogotá"
        before, after = statement.text[: match.start()], statement.text[match.end() :]
        own = [word for word in name.split() if word not in _SMALL]
        is_whole = _is_over(after) and (the or _NAME_BEGINS.search(before)) and not _GOES_ON.search(before[-20:])
        # The first word of a statement is written large whatever it is.
        is_name = has_name(own if before or the else own[:1], names) and not _ADJECTIVE.search(name)
        if is_whole and is_name and "'" not in name and _is_long_name(name):
            yield Proposal("topic", f"What is said about {the}{name}", name, 0.5 if before else 1.0)


def _is_over(after: str) -> bool:
    """Whether a name is at its end where this text follows, and is not put before a noun: "the Rio Group summit"."""
    return _NAME_ENDS.match(after) is not None or after[1:].split(" ", maxsplit=1)[0] in BASE_OF_PAST


def _subject_of(text: str) -> str:
    """The words before the first that is a verb for certain; empty when there is none."""
    found = _FINITE.search(text)
    own = text[: found.start() if found else len(text)].split(" ")
    before = next((at for at, word in enumerate(own) if at and word in BASE_OF_PAST), len(own))
    return " ".join(own[:before]) if found or before < len(own) else ""


def _is_named_subject(text: str, names: Collection[str]) -> bool:
    return is_subject(text, names) and has_name(text.split(), names)


def _is_long_name(text: str) -> bool:
    """A name of two words or more beside titles: the name of one thing, not of one of many."""
    own = [word for word in text.split() if word not in _SMALL]
    return (
        all(map(NAME_PART.fullmatch, own))
        and len([word for word in own if word not in _TITLES and not re.fullmatch(MONTHS, word)]) >= 2
    )


_RULES: tuple[Callable[[Statement, Collection[str]], Iterator[Proposal]], ...] = (
    _identified, _office, _begun, _said, _offers, _has_done, _was_made, _ranked, _located, _holds, _how, _did, _topic,
)  # fmt: skip
