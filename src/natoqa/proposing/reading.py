"""Whether a question reads well on its own: no word in it leans on the text around the sentence it was made of."""

from __future__ import annotations

import re
from collections.abc import Collection

from natoqa.proposing.clauses import PRONOUN, has_name, names_something
from natoqa.proposing.english import MONTHS, words

_LONGEST = 140
_MOST_WORDS = 22
# Words that compare with something said before, and forms that nobody would use in asking.
_LEANING = re.compile(
    r"\b(?:others?|another|same|both|latter|former|following|previous|respective|respectively|further|again|instead"
    r"|too|later|earlier|above|below|each other|(?:the|these|those) (?:two|three|four|five|six|seven)|therefore|thus"
    r"|however|moreover|certain|various|own|so)\b"
)
_STIFF = re.compile(r"^(?:By whom|Who ha(?:s|ve)) |\b(?:did|does) \S+ (?:give|have|put|make|take) (?:in|at|to|from)\b")
_BROKEN = re.compile(r"[^\w\s?'.,&$€£%-]|\b(\w+) \1\b|\s[,.]|, ?\?|[a-z]\.[A-Z]|--")
# Common nouns that are written large where one of many is meant that was named before: "the Court".
_GENERIC = words(
    """
    Academy Accord Act Administration Agency Agreement Air Alliance Amendment Archbishop Army Article Assembly
    Association Authority Bank Battle Bill Bishop Board Book Bureau Cabinet Cathedral Center Centre Chamber Chancellor
    Charter Church City Club Code College Commission Committee Community Company Conference Constitution Convention
    Corporation Council Count County Court Crown Department Dialogue District Duke Emperor Empire Federation Force
    Forum Foundation Fund General Government Governor Group Hall House Initiative Institute Island Islands Kingdom King
    Law League Library Memorial Minister Ministry Monastery Museum Navy Office Order Organisation Organization Pact
    Palace Park Parliament Party Plan Pope President Prince Programme Program Project Protocol Province Queen Region
    Republic Republics River Roman Royal School Secretary Senate Series Society State States Strategy Summit Supreme
    System Temple Territory Town Treaty Tribunal Trust Union University Vice-President War
    """
)
_ARTICLE = re.compile(r"\bthe (?P<rest>[^?]+)")
# What joins a noun to the name that tells which one is meant.
_JOINING = words("of for in on between against with at")
_SUPERLATIVE = re.compile(r"(?:first|last|only|most|least|best|worst|[a-z]+est)\b")
# "When did Peru sign a treaty?": one of many, and nothing that says which.
_INDEFINITE_END = re.compile(
    r"^(?:When|What|Who|Why)\b.* (?!(?:become|became|elect|name|as|in|at|of|for|on|to|with|from|by|into)\b)[a-z]+ "
    r"(?:an?|some)(?: (?!(?:in|at|of|for|on|to|with|from|by|between|against|that|as)\b)[\w'-]+)+"
    r"(?: (?:in|on)(?: \w+){0,3} \d{4}s?)?\?$"
)
_BARE_COUNT = re.compile(r"^How (?:many|much) .+ did .+ [a-z]+\?$")
# "What was Russia invited to?": too little to tell what is meant.
_SHORT = re.compile(r"^What (?:does|do|did|has|have|was|were) (?:\S+ ){1,2}\S+\?$")
# Asked for a date, and another one given.
_SECOND_DATE = re.compile(r"^When .*\b\d{4}\b")
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
        and not _INDEFINITE_END.search(question)
        and not _BARE_COUNT.search(question)
        and not _SECOND_DATE.search(question)
        and not _SHORT.search(question)
        and not _VAGUE_DEED.search(question)
        and not PRONOUN.search(" ".join(asked[2:]).replace(" there", "").replace("the only one ", ""))
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
        if word in ("and", "to", "by", "from", "as", "that") and own:
            break
        own.append(word)
    return _tells(own[:6])


def _tells(own: list[str]) -> bool:
    large = [re.sub(r"'s?$", "", word) for word in own if word[:1].isupper()]
    return bool(large) and not (len(large) == 1 and large[0] in _GENERIC)
