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
    OPENERS,
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
    with_small_article,
)
from natoqa.proposing.english import ESTIMATING, MONTHS, PARTICIPLES, PERSON_NOUNS, words
from natoqa.proposing.figures import COUNT
from natoqa.proposing.rules import Proposal
from natoqa.proposing.topics import CAPITAL, NAME, is_long_name, subject_of, topic_of_lead_in, topics_named

_PERSON = re.compile(rf"\b(?:{PERSON_NOUNS})s?\b", re.IGNORECASE)
_THING = re.compile(
    r"(?<![\w-])(?:agreement|alliance|association|award|bank|battle|bloc|book|building|campaign|church|city|club|company"
    r"|council|country|court|department|disease|family|festival|film|game|group|institution|island|journal|lake"
    r"|language|law|league|market|mountain|movement|museum|newspaper|organisation|organization|park|party|plan|planet"
    r"|port|program|programme|project|province|range|religion|river|satellite|school|series|ship|software|state|store"
    r"|style|system|territory|theory|town|treaty|union|university|village|war)(?![\w-])"
)
_IDENTIFIED = re.compile(rf"^(?P<name>(?:The )?{NAME}), (?P<what>(?:the|an?) [^,]{{8,90}}), [a-z]")
_OFFICE = re.compile(
    rf"\b[Tt]he (?P<office>(?:(?:{CAPITAL}|[a-z][\w'-]*) ){{1,6}}?(?:{PERSON_NOUNS}))"
    rf",? (?P<name>{CAPITAL}(?: {CAPITAL}){{1,3}})(?=[ ,]|$)"
)
_PARTICIPLE_AFTER = re.compile(
    rf"(?P<name>(?:\b[Tt]he )?\b{NAME}), (?P<participle>[a-z]+)(?P<rest> [^,]{{4,60}}?)(?=,|$| by | with )"
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
_OFFERED = re.compile(
    r"^(?P<who>.+?) (?:also )?(?:(?P<verb>allow|ban|cover|forbid|include|offer|permit|promise|provide|recommend|require"
    r"|suggest)|(?P<leading>consist|belong|rest|deal|depend|focus|refer|aim|lead|agree|come|date))(?:s|es)"
    r" (?P<rest>(?!that\b|to [a-z]+ (?:the|a|an)\b).+)$"
)
_LED_BY = re.compile(r"(?P<preposition>of|to|on|with|from|at|for|in|against) (?P<what>.+)$")
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
_PLACED = re.compile(rf" (?P<where>(?:in|at|to|with) (?:the )?{NAME})$")
_OBJECT_START = re.compile(r"(?:an?|the|two|three|four|five|six|\d[\d,.]*|[$€£]\S+|[A-ZÀ-Ý][\w'-]*|some|many) ")
# Participles of which "what has it …?" asks something definite.
_GIVING = PARTICIPLES - INTRANSITIVE - words("become made taken had given put held")
_STATED = PARTICIPLES | words("known based made regarded") - words("involved used")
_STATED_TO = words("admitted assigned elected invited limited")
_LOCATED = re.compile(
    r"^(?P<who>.+?) (?P<is>is|was(?= (?:located|situated|based))|lies|stands) (?:located |situated |based )?"
    r"(?:in|on|at|near) (?:the )?[A-ZÀ-Ý]"
)
_HOLDS = re.compile(
    rf"^(?P<who>.+?) (?P<verb>has|contains|includes|covers|employs|operates|owns|hosts|houses|comprises)"
    rf" {COUNT.pattern}(?P<rest>[^,]*)"
)
_MEANS = re.compile(r"^(?P<before>(?:(?! to )[^,])+?) by [a-z]+ing [a-z]")
_NO_DEEDS = words("become begin have cost remain see seem number total reach exceed amount stand")
_YEAR_OR_MONTH = re.compile(rf"(?:(?:{MONTHS}) )?\d{{4}}")
_DAY = re.compile(rf"\d{{1,2}} (?:{MONTHS}) \d{{4}}")


def propose_broadly(sentence: str, names: Collection[str]) -> Iterator[Proposal]:
    """Questions that a sentence answers or helps to answer, without regard to whether they can stand alone."""
    yield from topic_of_lead_in(sentence, names)
    for statement in statements(sentence):
        if points_back(statement.text):
            continue
        for rule in _RULES:
            for proposal in rule(statement, names):
                question = with_small_article(" ".join(proposal.question.split()), statement)
                yield Proposal(proposal.kind, f"{question}?", proposal.answer, proposal.score)


def says_what_it_is(text: str) -> bool:
    """Whether a description holds a noun that is no person's."""
    return _THING.search(text.casefold()) is not None


def _identified(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Mercosur, the Common Market of the South, was …``."""
    match = _IDENTIFIED.match(statement.text)
    if match is None or not has_name(match["name"].split()[-1:], names) or PRONOUN.search(match["what"]):
        return
    if match["name"].split(" ", maxsplit=1)[0].casefold() in OPENERS:
        return
    head = re.split(r" (?:of|in|at|for|by|to|with|who|that|[a-z]+ed)\b", match["what"])[0]
    is_person = _PERSON.search(head) is not None
    if is_person and " " in match["name"] and not match["name"].startswith("The "):
        yield Proposal("definition", f"Who is {match['name']}", match["what"], 3.0)
    elif not is_person and says_what_it_is(head):
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
        if parts and match["participle"] in PARTICIPLES and len(parts[0].split()) <= 4 and is_long_name(match["name"]):
            yield Proposal("date", f"When was {match['name']} {match['participle']} {parts[0]}", parts[1], 3.0)


def _said(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Reuters noted that the withdrawal from the pact had …``."""
    match = _SAID.match(statement.text)
    if match is None or not _is_named_subject(match["who"], names):
        return
    about = subject_of(match["what"])
    if about and is_subject(about, names):
        did = "does" if match["verb"].endswith("s") else "did"
        asked = _ASKED_AS.get(match["verb"], "say")
        yield Proposal("view", f"What {did} {match['who']} {asked} about {about}", "", 3.0)


def _offers(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``The Brasilia Act allows …``, ``The note rests on …``."""
    match = _OFFERED.match(statement.text)
    if match is None or not _is_named_subject(match["who"], names):
        return
    if match["verb"] and not _LED_BY.match(match["rest"]):
        yield Proposal("fact", f"What does {match['who']} {match['verb']}", "", 2.0)
    elif match["leading"] and (led := _LED_BY.match(match["rest"])):
        yield Proposal("fact", f"What does {match['who']} {match['leading']} {led['preposition']}", "", 1.5)


def _has_done(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Brazil has inaugurated a Centre for Cyber Defence in Brasília``."""
    match = _HAS_DONE.match(statement.text)
    if match is None or match["done"] not in _GIVING or not _is_named_subject(match["who"], names):
        return
    placed = _PLACED.search(cut(match["what"]))
    # Without a place or a partner it is any of all that was ever done.
    if placed and _OBJECT_START.match(match["what"]) and not PRONOUN.match(match["what"]):
        yield Proposal("fact", f"What {match['has']} {match['who']} {match['done']} {placed['where']}", "", 2.5)


def _was_made(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Russia was invited to a session on Afghanistan``."""
    match = _WAS_MADE.match(statement.text)
    stated = _STATED_TO if match and match["preposition"] == "to" else _STATED
    if match and match["made"] in stated and _is_named_subject(match["who"], names):
        question = f"What {match['was']} {match['who']} {match['made']} {match['preposition']}"
        yield Proposal("fact", question, "", 2.0)


def _ranked(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Argentina was the only American state in the war``."""
    match = _RANKED.match(statement.text)
    if match and _is_named_subject(match["who"], names) and not _PERSON.search(match["noun"]):
        asked = f"the {match['rank']} {match['noun']} {cut(match['rest'])}"
        question = f"Which {match['is']} {asked}"
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


def _is_named_subject(text: str, names: Collection[str]) -> bool:
    return is_subject(text, names) and has_name(text.split(), names)


_RULES: tuple[Callable[[Statement, Collection[str]], Iterator[Proposal]], ...] = (
    _identified, _office, _begun, _said, _offers, _has_done, _was_made, _ranked, _located, _holds, _how, _did,
    topics_named,
)  # fmt: skip
