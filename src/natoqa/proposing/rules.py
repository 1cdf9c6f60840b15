"""Rules that turn a statement into a question: regular expressions, no model.

A rule gives up whenever the statement has more than it understands: few good questions are worth more than many bad.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from natoqa.discourse import points_back
from natoqa.proposing.clauses import (
    INTRANSITIVE,
    NAME_PART,
    OPENERS,
    OWNER,
    PRONOUN,
    WHEN,
    YEAR,
    Clause,
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
from natoqa.proposing.english import AGENTIVE, ESTIMATING, MONTHS, PARTICIPLES, PERSON_NOUNS, SPENDING, TRANSFER
from natoqa.proposing.figures import BARE_FIGURE, COUNT, MONEY, OPENING_COUNT, SHARE, THERE

_BE = re.compile(r"^(?P<subject>.+?) (?P<verb>is|are|was|were) (?P<rest>.+)$")
_HAS = re.compile(r"^(?P<subject>.+?) (?P<verb>has|have) (?:also |now )?(?P<participle>[a-z]+) (?P<rest>.+)$")
_KIND_OF = re.compile(r"(?:a|an|the) (?P<noun>.+)$")
_BY = re.compile(r"^(?P<before>(?:(?!\bby\b).)*?) ?\bby (?P<agent>(?:the )?[A-ZÀ-Ý].*)$")
_PLACE = re.compile(
    r"^(?:in|at) (?P<place>(?:the )?[A-ZÀ-Ý][\w'-]+(?:(?: (?:de|del|da|do|la|of)){0,2} [A-ZÀ-Ý][\w'-]+){0,3})\b"
    r"(?! (?:\d|[A-ZÀ-Ý]|(?:de|del|da|do|of)\b))"
)
_OBJECT = re.compile(
    r"(?P<object>(?:(?:a|an|the|two|three|four|five|six|\d+) )?(?:(?!in |at |to |from |during |on )[\w'-]+ ){1,6}?)"
    r"(?P<preposition>in|at|to|from|during) (?P<place>.+)$"
)
_INTRODUCED = re.compile(
    r"(?P<name>(?:[A-ZÀ-Ý][\w'-]+\.? ){1,4}?[A-ZÀ-Ý][\w'-]+), "
    r"(?P<what>(?!and |or |with |then )(?:(?:a|an|the|former) )?[a-z][^,]{6,70})[,.]"
)
_EMPTY_OBJECT = re.compile(rf"{OWNER.pattern}|{PRONOUN.pattern}", re.IGNORECASE)
_APPOSITION = re.compile(
    r"^([A-ZÀ-Ý][\w.'-]+(?: (?:(?:of|in|for|and)(?: the)? )?[A-ZÀ-Ý][\w.'-]+){0,7}), [^,]{3,60}, (?=[a-z]+ )"
)
_PERSON = re.compile(rf"\b(?:{PERSON_NOUNS})s?\b", re.IGNORECASE)
_HEADING = re.compile(r"(?P<head>[A-Z][a-z]+[^s\W]s) (?P<rest>(?:of|for) .+)$")
_OPEN_END = re.compile(r"\b(?:of|the|and|for|to|in|on|by|at|with|a|an|or|from|as|that|between|originally|also|first)$")
_SMALL = frozenset(("of", "the", "and", "for", "de", "del", "la", "The"))
_MOST_WORDS = 26


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question made of one sentence. ``score`` is higher for what is more likely to stand by itself."""

    kind: str
    question: str
    answer: str
    score: float


StatementRule = Callable[[Statement, Collection[str]], Iterator[Proposal]]
ClauseRule = Callable[[Clause, Collection[str]], Iterator[Proposal]]


def propose(sentence: str, names: Collection[str]) -> Iterator[Proposal]:
    """Questions that a sentence answers. ``names`` are words that the documents write with a capital everywhere."""
    for statement in statements(sentence):
        if points_back(statement.text):
            continue
        for proposal in _proposals(statement, names):
            if checked := _standing_alone(proposal, statement, names):
                yield checked


def propose_for_heading(heading: str) -> Proposal | None:
    """``Patterns of conflict`` -> ``What are the patterns of conflict?``; the answer is left to the reviewer."""
    match = _HEADING.match(" ".join(heading.split()).rstrip("."))
    if match is None or re.search(r"[,:;()]", heading):
        return None
    return Proposal("heading", f"What are the {match['head'].lower()} {match['rest']}?", "", 1.0)


def _proposals(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    yield from _opening_count(statement, names)
    yield from _there_are(statement, names)
    if statement.text.split()[0].casefold() in OPENERS:
        return
    yield from _introduction(statement, names)
    plain = Statement(_APPOSITION.sub(r"\1 ", statement.text), statement.date)
    for rule in _STATEMENT_RULES:
        yield from rule(plain, names)
    for clause in clauses(plain, names, COUNT):
        for clause_rule in _CLAUSE_RULES:
            yield from clause_rule(clause, names)


def _standing_alone(proposal: Proposal, statement: Statement, names: Collection[str]) -> Proposal | None:
    """The question with its mark, if a reader understands it without the text around it."""
    question = with_small_article(" ".join(proposal.question.split()), statement)
    asked = question.split()
    about = " ".join(asked[2:])
    if asked[:2] == ["How", "many"]:
        about = about.replace(" there", "")
    if (
        (not 4 <= len(asked) <= _MOST_WORDS and proposal.kind != "definition")
        or PRONOUN.search(about)
        or _OPEN_END.search(question)
        or proposal.answer.casefold() in question.casefold()
        or not (has_name(asked[1:], names) or proposal.kind == "definition")
    ):
        return None
    return Proposal(proposal.kind, f"{question}?", proposal.answer, proposal.score)


def _when(clause: Clause, names: Collection[str]) -> Iterator[Proposal]:
    if clause.base in ESTIMATING or not (has_name(clause.subject.split(), names) or names_something(clause.rest)):
        return
    rest, date = cut(clause.rest), clause.lead_date
    if not date:
        parts = split_date(rest)
        if parts is None:
            return
        rest, date = parts
        if rest.rpartition(" ")[2] in PARTICIPLES:  # "a market built in 1808": the date is not the verb's
            return
    if (
        BARE_FIGURE.fullmatch(rest)
        or re.match(r"(?:whether|how|its place)\b", rest)
        or re.search(r"\b(?:his|her)\b", rest)
    ):
        return
    if rest or clause.base in INTRANSITIVE:
        yield Proposal("date", f"When did {clause.subject} {clause.base} {rest}", date, 3.0)


def _how_many(clause: Clause, names: Collection[str]) -> Iterator[Proposal]:
    rest = cut(clause.rest)
    asked = f"did {clause.subject} {clause.base}"
    money = MONEY.match(rest)
    if money and clause.base in SPENDING:
        yield Proposal("number", f"How much {asked}{rest[money.end() :]}{clause.lead_year}", money["figure"], 4.0)
    elif share := SHARE.match(rest):
        question = f"What percentage of {share['whole']} {asked}{clause.lead_year}"
        yield Proposal("number", question, share["figure"], 3.0)
    elif count := COUNT.match(rest):
        question = f"How many {count['noun']} {asked}{rest[count.end() :]}{clause.lead_year}"
        yield Proposal("number", question, count["figure"], 4.0)


def _who(clause: Clause, names: Collection[str]) -> Iterator[Proposal]:
    rest = cut(clause.rest)
    if clause.base not in AGENTIVE or not _is_name(clause.subject):
        return
    if len(rest.split()) >= 3 and names_something(rest) and not OWNER.search(rest):
        yield Proposal("name", f"Who {clause.verb} {rest}{clause.lead_year}", clause.subject, 3.5)


def _what(clause: Clause, names: Collection[str]) -> Iterator[Proposal]:
    match = _OBJECT.match(cut(clause.rest))
    if clause.base not in AGENTIVE or match is None or _EMPTY_OBJECT.search(match["object"]):
        return
    if match["preposition"] == "to" and clause.base not in TRANSFER:
        return
    about = f"{match['preposition']} {match['place']}"
    if names_something(about) or clause.lead_date or re.search(YEAR, about):
        question = f"What did {clause.subject} {clause.base} {about}{clause.lead_year}"
        yield Proposal("fact", question, match["object"].strip(), 2.0)


def _why(clause: Clause, names: Collection[str]) -> Iterator[Proposal]:
    before, because, reason = clause.rest.partition(" because ")
    if because and before and cut(before) == before:
        yield Proposal("cause", f"Why did {clause.subject} {clause.base} {before}", f"because {reason}", 4.0)


def _opening_count(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    match = OPENING_COUNT.match(statement.text)
    if match and len(match["rest"].split()) >= 3 and names_something(match["rest"]):
        yield Proposal("number", f"How many {match['noun']} {cut(match['rest'])}", match["figure"], 3.0)


def _there_are(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    if match := THERE.match(statement.text):
        question = f"How many {match['noun']} {match['verb']} there {cut(match['rest'])}"
        yield Proposal("number", question, match["figure"], 3.0)


def _introduction(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    """``Nelson Jobim, the defence minister, …``."""
    for match in _INTRODUCED.finditer(statement.text):
        is_name = has_name(match["name"].split()[-1:], names)
        if is_name and _PERSON.search(_head(match["what"])) and not PRONOUN.search(match["what"]):
            yield Proposal("definition", f"Who is {match['name']}", match["what"], 2.5)


def _definition(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    match = _BE.match(statement.text)
    if match is None or match["verb"] not in ("is", "was") or not is_subject(match["subject"], names):
        return
    answer = cut(match["rest"])
    kind = _KIND_OF.match(answer)
    if kind is None or len(kind["noun"].split()) < 3 or not has_name(match["subject"].split(), names):
        return
    is_person = _PERSON.search(f"{match['subject']} {_head(kind['noun'])}") is not None
    if match["verb"] == "is" or is_person:
        asked = "Who" if is_person else "What"
        yield Proposal("definition", f"{asked} {match['verb']} {match['subject']}", answer, 3.5)


def _head(noun_phrase: str) -> str:
    """The phrase up to its first preposition or participle: "the head of the bureau" is a head."""
    return re.split(r" (?:of|in|at|for|by|to|with|who|that|[a-z]+ed)\b", f" {noun_phrase}")[0]


def _who_has(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    match = _HAS.match(statement.text)
    if match is None or match["participle"] not in PARTICIPLES or not is_subject(match["subject"], names):
        return
    rest = cut(match["rest"])
    if _is_name(match["subject"]) and len(rest.split()) >= 3 and not OWNER.search(rest):
        yield Proposal("name", f"Who {match['verb']} {match['participle']} {rest}", match["subject"], 2.5)


def _passive(statement: Statement, names: Collection[str]) -> Iterator[Proposal]:
    match = _BE.match(statement.text)
    if match is None or match["verb"] not in ("was", "were") or not is_subject(match["subject"], names):
        return
    participle, _, rest = match["rest"].partition(" ")
    if participle not in PARTICIPLES:
        return
    rest = cut(rest)
    asked = f"{match['verb']} {match['subject']} {participle}"
    if by := _BY.match(WHEN.sub("", f" {rest}").strip()):
        yield Proposal("name", f"By whom {asked} {by['before']}", by["agent"], 2.5)
    place = _PLACE.match(rest)
    if place and not re.match(MONTHS, place["place"]):
        yield Proposal("place", f"Where {asked} {rest[place.end() :]}", place["place"], 2.5)
    if statement.date:
        yield Proposal("date", f"When {asked} {rest}", statement.date, 3.0)
    elif parts := split_date(rest):
        yield Proposal("date", f"When {asked} {parts[0]}", parts[1], 3.0)


def _is_name(subject: str) -> bool:
    return all(NAME_PART.fullmatch(word) for word in subject.split() if word not in _SMALL)


_STATEMENT_RULES: tuple[StatementRule, ...] = (_definition, _who_has, _passive)
_CLAUSE_RULES: tuple[ClauseRule, ...] = (_when, _how_many, _who, _what, _why)
