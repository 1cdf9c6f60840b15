"""What the sentences of some passages could be asked, and which words in them are names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from natoqa.proposing.english import words
from natoqa.proposing.naming import propose_broadly, propose_for_section, says_what_it_is
from natoqa.proposing.reading import reads_alone
from natoqa.proposing.rules import Proposal, propose, propose_for_heading

_WORD = re.compile(r"[^\W\d_][\w.’'-]*")
_LEAST_CAPITALS = 0.9
# A sentence of more characters is a list or a table that lost its lines.
_LONGEST = 400
# Function words that no neighbouring language has.
_ENGLISH = words(
    "the of and to was is that for with by which from his at were been their this it has had are will would"
)
_FEWEST_ENGLISH = 2
_LEAST_ENGLISH = 0.12
# A name of more mentions is what the documents are about as a whole, and tells no reader what to ask.
_MOST_MENTIONS = 6
# Score from which a topic is what its sentence speaks of, and not only a name in it.
_OF_ITS_OWN = 1.0
_TWO_NAMES = re.compile(r"What (?:is|was) (?P<name>[A-ZÀ-Ý][^\W\d_]+ [A-ZÀ-Ý][^\W\d_]+)\?$")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The sentences of one passage that can be quoted."""

    document: str
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question and the sentence of a document that it was made of."""

    document: str
    quote: str
    proposal: Proposal


def candidates_in(excerpts: Sequence[Excerpt]) -> list[Candidate]:
    """Questions that read well on their own, each once, in the order of the excerpts; none for what is not English."""
    names = names_in(sentence for excerpt in excerpts for sentence in excerpt.sentences)
    found: dict[str, Candidate] = {}
    headed: set[tuple[str, str]] = set()
    for excerpt in excerpts:
        for sentence in excerpt.sentences:
            if not _is_english(sentence):
                continue
            proposals = [*propose(sentence, names), *propose_broadly(sentence, names)]
            if excerpt.heading and (excerpt.document, excerpt.heading) not in headed:
                headed.add((excerpt.document, excerpt.heading))
                proposals += filter(None, [propose_for_heading(excerpt.heading), propose_for_section(excerpt.heading)])
            for proposal in proposals:
                candidate = Candidate(excerpt.document, sentence, proposal)
                other = found.setdefault(proposal.question, candidate)
                if other.proposal.score < proposal.score:
                    found[proposal.question] = candidate
    text = "\n".join(sentence for excerpt in excerpts for sentence in excerpt.sentences)
    return [
        candidate
        for question, candidate in found.items()
        if reads_alone(question, names) and _is_worth_asking(candidate.proposal, text)
    ]


def names_in(sentences: Iterable[str]) -> frozenset[str]:
    """Words that are written with a capital where no sentence begins, as good as always."""
    capital: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for sentence in sentences:
        for match in list(_WORD.finditer(sentence))[1:]:
            word = re.sub(r"['’]s?$", "", match.group()).rstrip(".")
            every[word.casefold()] += 1
            if word[:1].isupper():
                capital[word] += 1
    return frozenset(word for word, times in capital.items() if times >= _LEAST_CAPITALS * every[word.casefold()])


def _is_worth_asking(proposal: Proposal, text: str) -> bool:
    if proposal.kind == "topic":
        return not proposal.answer or _is_topic(proposal, text)
    if name := _TWO_NAMES.match(proposal.question):
        # Of two such words it cannot be seen that they name no person.
        return says_what_it_is(f"{name['name']} {proposal.answer}")
    return True


def _is_topic(proposal: Proposal, text: str) -> bool:
    """Whether a name is named more than in passing and not all the time, and is whole with or without its article."""
    name = proposal.answer
    mentions = text.count(name)
    fewest = 1 if proposal.score >= _OF_ITS_OWN else 2
    has_article = f" the {name}?" in proposal.question
    takes_article = 2 * len(re.findall(rf"\b[Tt]he {re.escape(name)}", text)) >= mentions
    is_part = re.search(rf"{re.escape(name)} [A-ZÀ-Ý]", text) is not None
    return fewest <= mentions <= _MOST_MENTIONS and has_article == takes_article and not is_part


def _is_english(sentence: str) -> bool:
    if len(sentence) > _LONGEST:
        return False
    own = sentence.casefold().split()
    known = [word for word in own if word in _ENGLISH]
    return len(set(known)) >= min(_FEWEST_ENGLISH, len(own)) and len(known) >= _LEAST_ENGLISH * len(own)
