"""Whether a question reads well on its own: no word in it leans on the text around the sentence it was made of."""

from __future__ import annotations

import re
from collections.abc import Collection

from natoqa.proposing.clauses import INTRANSITIVE, PRONOUN, has_name, names_something
from natoqa.proposing.english import GENERIC_NOUNS, MONTHS, PERSON_NOUNS, words

_LONGEST = 140
_MOST_WORDS = 22
# Words that compare with something said before, and forms that nobody would use in asking.
_LEANING = re.compile(
    r"\b(?:others?|another|same|both|latter|former|following|previous|respective|respectively|further|again|instead"
    r"|too|later|earlier|above|below|each other|(?:the|these|those) (?:two|three|four|five|six|seven)|therefore|thus"
    r"|then|however|though|although|moreover|certain|various|own|so)\b|\bthe (?!world)[a-z]+'s?(?= )"
)
_STIFF = re.compile(
    r"^(?:By whom|Who ha(?:s|ve)|How many (?:hundred|thousand|million|dozen)s?) "
    r"|\b(?:did|does) \S+ (?:give|have|put|make|take) (?:in|at|to|from)\b"
    r"|^How many .* (?:are|were) [A-ZÀ-Ý]|^What (?:is|was) an? [A-ZÀ-Ý]|^What (?:does|did) an? "
    r"|^What did .*\b(?:Act|Agreement|Code|Constitution|Law|Treaty)\b.* do "
)
# "Who is Vice Presidents?": an office, not a person; "Who was President Lincoln?" tells it already.
_OFFICE = re.compile(
    rf"^Who (?:is|was) (?:.*\b(?:{PERSON_NOUNS})s?\?$|(?!the )(?:\S+ ){{0,3}}(?:{PERSON_NOUNS})\b)", re.IGNORECASE
)
_PLURAL = re.compile(r"^What (?:is|was) (?!said about )[^?]*[^s\W]s\?$")
_BROKEN = re.compile(r"[^\w\s?'.,&$€£%-]|\band (?:on|in|at|by) \d|\b(\w+) \1\b|\s[,.]|, ?\?|[a-z]\.[A-Z]|--")
_ARTICLE = re.compile(r"\bthe (?P<rest>[^?]+)")
# What joins a noun to the name that tells which one is meant.
_JOINING = words("of for in on between against with at")
# What no longer tells which one: "the selection over the city of Utrecht".
_PARTING = words("after and as before by from into over that through to under")
_SUPERLATIVE = re.compile(r"(?:first|last|only|most|least|best|worst|[a-z]+est)\b")
# "When did Peru sign a treaty?": one of many, and nothing that says which.
_INDEFINITE_END = re.compile(
    r"^(?:When|What|Who|Why)\b.* (?!(?:become|became|elect|name|as|in|at|of|for|on|to|with|from|by|into)\b)[a-z]+ "
    r"(?:an?|some)(?: (?!(?:in|at|of|for|on|to|with|from|by|between|against|that|as)\b)[\w'-]+)+"
    r"(?: (?:in|on)(?: \w+){0,3} \d{4}s?)?\?$"
)
_BARE_COUNT = re.compile(r"^How (?:many|much) .+ did .+ [a-z]+\?$")
# "What was Russia invited to?", "Who is Mares?": too little to tell what is meant.
_SHORT = re.compile(r"^(?:What (?:does|do|did|has|have|was|were) (?:\S+ ){1,2}|Who (?:is|was) )\S+\?$")
# "When did US Marines land?": of how many times; what begins or ends does so once.
_ONCE = words("begin close collapse disappear dissolve end expire open start")
_BARE_DEED = re.compile(rf"^When did .+ (?:{'|'.join(sorted(INTRANSITIVE - _ONCE))})\?$")
# Asked for a date, and another one given.
_SECOND_DATE = re.compile(r"^When .*\b\d{4}\b")
# "on 18 April", "on April 18": of which year?
_DAY_OF_NO_YEAR = re.compile(rf"\b\d{{1,2}} (?:{MONTHS})\b(?! \d{{4}})|\b(?:{MONTHS}) \d{{1,2}}\b(?!,? \d{{4}})")
_VAGUE_DEED = re.compile(r"^What (?:did|does) .+ (?:become|begin|continue|remain|seem|appear|use|need|try)\?$")


def reads_alone(question: str, names: Collection[str]) -> bool:
    """Whether a careful editor could print the question as it stands, as far as rules can tell."""
    asked = question.rstrip("?").split()
    return (
        len(question) <= _LONGEST
        and len(asked) <= _MOST_WORDS
        and not _BROKEN.search(question)
        and not _LEANING.search(question)
        and not _STIFF.search(question)
        and not _OFFICE.search(question)
        and not _PLURAL.search(question)
        and not _INDEFINITE_END.search(question)
        and not _BARE_COUNT.search(question)
        and not _BARE_DEED.search(question)
        and not _SECOND_DATE.search(question)
        and not _SHORT.search(question)
        and not _DAY_OF_NO_YEAR.search(question)
        and not _VAGUE_DEED.search(question)
        and not PRONOUN.search(" ".join(asked[2:]).replace(" there", ""))
        and (has_name(asked[1:], names) or re.search(MONTHS, question) is not None)
        and all(_is_definite(match["rest"]) for match in _overlapping(question))
    )


def _overlapping(question: str) -> list[re.Match[str]]:
    return [match for at in re.finditer(r"\bthe ", question) if (match := _ARTICLE.match(question, at.start()))]


def _is_definite(rest: str) -> bool:
    """Whether what follows "the" says which one: a name of its own, or one that a preposition ties to it."""
    if _SUPERLATIVE.match(rest) or re.match(r"(?:\d{4}s|\w+ century|world|year)\b", rest):
        return True
    own: list[str] = []
    every = rest.split()
    for at, word in enumerate(every):
        if word in _JOINING and own:
            following = " ".join(every[at + 1 : at + 6])
            return _tells(own) or names_something(following)
        if word in _PARTING and own:
            break
        own.append(word)
    return _tells(own[:6])


def _tells(own: list[str]) -> bool:
    large = [re.sub(r"'s?$", "", word) for word in own if word[:1].isupper()]
    return bool(large) and not (len(large) == 1 and large[0] in GENERIC_NOUNS)
