"""Questions asked twice in nearly the same words, and tags that are one slip away from another."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from natoqa.evaluation.questions import Question
from natoqa.terms import FUNCTION_WORDS

LEAST_LIKENESS = 0.8
LEAST_WORDS = 4
_FREQUENT = 3
_WORD = re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*")
# "Which country did not sign" is another question than "Which country did sign".
_IGNORED = FUNCTION_WORDS - {"no", "nor", "not", "never", "without", "before", "after", "more", "most"}
_NEAR_SUFFIX = "-near"
# A set of words that this many others may be like is compared with no more.
_MOST_COMPARED = 500


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two questions whose words are nearly the same; ``likeness`` is Jaccard's index of those that carry meaning.

    ``is_same``: all words are equal, in the same order.
    """

    earlier: Question
    later: Question
    likeness: float
    is_same: bool = False


def near_duplicates(questions: Sequence[Question]) -> Iterator[DuplicatePair]:
    """Each question that has the words of an earlier one, or at least 0.8 of all their words in common with it.

    The second holds from four words on that carry meaning. Follow-ups are compared within one conversation; a near
    miss is not compared with its twin. Prefix filtering with lengths and positions (Xiao et al., PPJoin, WWW 2008):
    sets so alike share one of their first few words in the order from the rarest to the commonest, hence only sets
    that do are compared, and time stays near linear in the number of questions.
    """
    seen: dict[tuple[object, ...], Question] = {}
    kept: list[tuple[frozenset[str], Question]] = []
    for question in questions:
        words = tuple(_WORD.findall(question.question.casefold()))
        earlier = seen.setdefault((question.history, words), question)
        if earlier is not question:
            if not _are_twins(earlier, question):
                yield DuplicatePair(earlier, question, 1.0, is_same=True)
            continue
        content = frozenset(words) - _IGNORED
        if len(content) >= LEAST_WORDS:
            kept.append((content, question))
    yield from _alike(kept)


def content_words(text: str) -> frozenset[str]:
    """The words of a text that carry meaning, case folded."""
    return frozenset(_WORD.findall(text.casefold())) - _IGNORED


def _alike(sets: Sequence[tuple[frozenset[str], Question]]) -> Iterator[DuplicatePair]:
    frequency = Counter(word for words, _ in sets for word in words)
    # (word, size of the set, place of the word in it) -> numbers of the sets
    index: defaultdict[tuple[str, int, int], list[int]] = defaultdict(list)
    for number, (words, question) in enumerate(sets):
        ordered = sorted(words, key=lambda word: (frequency[word], word))
        size = len(ordered)
        prefix = ordered[: size - math.ceil(LEAST_LIKENESS * size) + 1]
        for other in _candidates(index, prefix, size):
            their_words, earlier = sets[other]
            shared = len(words & their_words)
            likeness = shared / (size + len(their_words) - shared)
            if likeness >= LEAST_LIKENESS and earlier.history == question.history and not _are_twins(earlier, question):
                yield DuplicatePair(earlier, question, likeness)
                break
        for place, word in enumerate(prefix):
            index[word, size, place].append(number)


def _candidates(index: Mapping[tuple[str, int, int], list[int]], prefix: Sequence[str], size: int) -> Iterator[int]:
    """Numbers of the sets that could be alike, each once."""
    compared: set[int] = set()
    for their_size in range(math.ceil(LEAST_LIKENESS * size), math.floor(size / LEAST_LIKENESS) + 1):
        shared = math.ceil(LEAST_LIKENESS / (1 + LEAST_LIKENESS) * (size + their_size) - 1e-9)
        for place, word in enumerate(prefix):
            # From a word that stands at these places on, there must be enough words left to share.
            if size - place < shared:
                break
            for their_place in range(their_size - shared + 1):
                for number in index.get((word, their_size, their_place), ()):
                    if number not in compared:
                        compared.add(number)
                        yield number
                        if len(compared) >= _MOST_COMPARED:
                            return


def _are_twins(one: Question, other: Question) -> bool:
    return one.id + _NEAR_SUFFIX == other.id or other.id + _NEAR_SUFFIX == one.id


def mistyped_tags(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """(tag that occurs once, tag that occurs at least three times) where one edit makes them the same.

    An edit is a letter too many, too few, another, or two exchanged. Tags that differ in a digit are both meant.
    """
    by_deletion: dict[str, list[str]] = {}
    for tag, count in counts.items():
        if count >= _FREQUENT:
            for shorter in _deletions(tag):
                by_deletion.setdefault(shorter, []).append(tag)
    for tag, count in counts.items():
        if count != 1:
            continue
        near = {other for shorter in _deletions(tag) for other in by_deletion.get(shorter, ()) if _one_edit(tag, other)}
        if near:
            yield tag, min(near, key=lambda other: (-counts[other], other))


def _deletions(tag: str) -> set[str]:
    return {tag, *(tag[:at] + tag[at + 1 :] for at in range(len(tag)))}


def _one_edit(one: str, other: str) -> bool:
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other):
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    return one[1:] in (other, other[1:]) or one == other[1:] or (one[:2] == other[:2][::-1] and one[2:] == other[2:])
