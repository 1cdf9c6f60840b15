"""Follow-up questions, completed from the questions before them by rules, without a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from natoqa import anaphora, ellipsis
from natoqa.errors import QuestionError
from natoqa.question_parts import Parts
from natoqa.retrieval import LONGEST_QUESTION, normalise

_MOST_EARLIER = 5
_MOST_CHARACTERS = 2_000
# Each takes the question and the earlier ones, and gives None for a question that is not its business.
_RULES = (ellipsis.repeat, anaphora.resolve, ellipsis.fill, anaphora.supply)


@dataclass(frozen=True, slots=True)
class Completed:
    """A question that stands by itself, in one line.

    ``because`` says in words what was put in, as in "'it' stands for 'the Túpac Katari satellite'"; it is empty when
    the question was left alone.
    """

    question: str
    is_follow_up: bool
    because: str


def complete(question: str, history: Sequence[str]) -> Completed:
    """Complete a follow-up from the earlier questions, oldest first; any other question is left alone.

    Only words of the question and of its history are used. Of ``history`` the last five questions and 2,000 characters
    are read; follow-ups among them are completed first. Raises QuestionError for a question that is empty or far too
    long.
    """
    return _complete(normalise(question), _understood(history))


def _understood(history: Sequence[str]) -> list[Parts]:
    lines: list[str] = []
    room = _MOST_CHARACTERS
    for text in reversed(history[-_MOST_EARLIER:]):
        if len(text) > room:
            break
        room -= len(text)
        try:
            lines.append(normalise(text))
        except QuestionError:
            continue
    earlier: list[Parts] = []
    for line in reversed(lines):
        parts = Parts(_complete(line, earlier).question)
        if parts.end:
            earlier.append(parts)
    return earlier


def _complete(line: str, earlier: Sequence[Parts]) -> Completed:
    parts = Parts(line)
    alone = Completed(line, is_follow_up=False, because="")
    if not earlier or not parts.end:
        return alone
    found = next(filter(None, (rule(parts, earlier) for rule in _RULES)), None)
    if found is None:
        return alone
    text, because = found
    if not parts.is_clause and (filled := ellipsis.fill(Parts(text), earlier)):  # "And its capital?"
        text, because = filled[0], f"{because}; {filled[1]}"
    text = ellipsis.unmarked(text)
    if text == line or len(text) > LONGEST_QUESTION:
        return alone
    return Completed(text, is_follow_up=True, because=because)
