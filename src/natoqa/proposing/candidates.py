"""What the sentences of some passages could be asked, and which words in them are names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from natoqa.proposing.english import GENERIC_NOUNS, PERSON_NOUNS, words
from natoqa.proposing.naming import propose_broadly, says_what_it_is
from natoqa.proposing.reading import reads_alone
from natoqa.proposing.rules import Proposal, propose, propose_for_heading
from natoqa.proposing.topics import propose_for_section

_WORD = re.compile(r"[^\W\d_][\w.’'-]*")
_SMALL_WORD = re.compile(r"(?<![\w.-])[a-z]{2,}(?![\w-])")
_CALLINGS = frozenset(PERSON_NOUNS.split("|")) - words("admiral general governor pope president secretary senator")
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
_MOST_OF_EXCERPTS = 0.1
# Score from which a topic is what its sentence speaks of, and not only a name in it.
_OF_ITS_OWN = 1.0
# Of these so much may be said anywhere that the question tells nothing of the documents.
_KNOWN_TO_ALL = frozenset(
    ("Cold War", "Middle East", "New York", "New York City", "United Kingdom", "United States", "World War II")
)
# What is named as where something was, or whose it was.
_WIDE = words("America Empire Islands Kingdom Ocean Republic Sea States Union")
# "as Roman Emperor", "the Prime Minister": an office, of which it is not said whose.
_OFFICES = words(
    "Archbishop Bishop Chancellor Duke Emperor Governor King Minister Pope President Prince Queen Secretary Senator"
)
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
    text = "\n".join(sentence for excerpt in excerpts for sentence in excerpt.sentences)
    names = names_in(sentence for excerpt in excerpts for sentence in excerpt.sentences)
    small = frozenset(_SMALL_WORD.findall(text))
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
            for proposal in (_uncapitalised(proposal, sentence, names, small) for proposal in proposals):
                candidate = Candidate(excerpt.document, sentence, proposal)
                other = found.setdefault(proposal.question, candidate)
                if other.proposal.score < proposal.score:
                    found[proposal.question] = candidate
    most = max(_MOST_MENTIONS, int(_MOST_OF_EXCERPTS * len(excerpts)))
    return [
        candidate
        for question, candidate in found.items()
        if reads_alone(question, names) and _is_worth_asking(candidate.proposal, text, most)
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


def _uncapitalised(proposal: Proposal, sentence: str, names: Collection[str], small: frozenset[str]) -> Proposal:
    """The first word of a sentence is written small in a question, unless it is a name."""
    first, _, rest = sentence.partition(" ")
    # "Lake Kariba" is one name, "Economist Simon Kuznets" is not.
    is_of_name = rest[:1].isupper() and first.casefold() not in _CALLINGS
    if is_of_name or first in names or first.casefold() not in small | _CALLINGS:
        return proposal
    return replace(proposal, question=re.sub(rf"(?<= ){re.escape(first)}(?= )", first.casefold(), proposal.question))


def _is_worth_asking(proposal: Proposal, text: str, most: int) -> bool:
    if proposal.kind == "topic":
        return not proposal.answer or _is_topic(proposal, text, most)
    if name := _TWO_NAMES.match(proposal.question):
        # Of two such words it cannot be seen that they name no person.
        return says_what_it_is(f"{name['name']} {proposal.answer}")
    return True


def _is_topic(proposal: Proposal, text: str, most: int) -> bool:
    """Whether a name is named more than in passing and not all the time, and is whole with or without its article."""
    name = proposal.answer
    mentions = text.count(name)
    fewest = 1 if proposal.score >= _OF_ITS_OWN else 2
    has_article = f" the {name}?" in proposal.question
    takes_article = 2 * len(re.findall(rf"\b[Tt]he {re.escape(name)}", text)) >= mentions
    is_part = re.search(rf"{re.escape(name)} [A-ZÀ-Ý]", text) is not None
    return (
        fewest <= mentions <= most
        and has_article == takes_article
        and not is_part
        and name not in _KNOWN_TO_ALL
        and (proposal.score >= _OF_ITS_OWN or name.rpartition(" ")[2] not in _WIDE)
        and name.rpartition(" ")[2] not in _OFFICES
        and (not has_article or _is_common(_head_of(name), text))
    )


def _head_of(name: str) -> str:
    return re.split(r" (?:of|for|on|in)\b", name)[0].rpartition(" ")[2]


def _is_common(noun: str, text: str) -> bool:
    """Whether it is a noun that says what something is: a ship is "the Simón Bolívar", and nobody asks so."""
    return noun in GENERIC_NOUNS or re.search(rf"\b{re.escape(noun.casefold())}s?\b", text) is not None


def _is_english(sentence: str) -> bool:
    if len(sentence) > _LONGEST:
        return False
    own = sentence.casefold().split()
    known = [word for word in own if word in _ENGLISH]
    return len(set(known)) >= min(_FEWEST_ENGLISH, len(own)) and len(known) >= _LEAST_ENGLISH * len(own)
