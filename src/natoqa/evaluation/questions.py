"""Question sets: JSONL, one question a line, gold evidence keyed by verbatim text.

    {"id": "q1", "question": "…", "answerable": true, "answers": ["short answer", …],
     "evidence": [{"document": "briefing.txt", "quote": "verbatim text"}],
     "alternatives": [[{"document": "notes.md", "quote": "…"}]],
     "history": ["an earlier question"], "tags": ["fact"], "draft": true}

``evidence`` is a set of pieces that answer the question together; each of ``alternatives`` is another set that would do
in its place. A piece without a quote means the whole document. ``history`` holds the earlier questions of the
conversation, oldest first. ``draft`` marks a question that no person has checked yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from natoqa.citing import locate
from natoqa.errors import QuestionSetError
from natoqa.evaluation.files import read_lines
from natoqa.types import Document, Span

_KEYS = frozenset({"id", "question", "answerable", "answers", "evidence", "alternatives", "history", "tags", "draft"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: a verbatim quote, or without one the whole document."""

    document: str
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known about its answer. ``line`` is its place in its file, from 1; 0: in no file."""

    id: str
    question: str
    answerable: bool
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[tuple[Evidence, ...], ...] = ()
    history: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    draft: bool = False
    line: int = 0

    @property
    def evidence_sets(self) -> tuple[tuple[Evidence, ...], ...]:
        """Every set of evidence that answers the question by itself; none when it is unanswerable."""
        return tuple(pieces for pieces in (self.evidence, *self.alternatives) if pieces and self.answerable)


class Severity(StrEnum):
    """An error keeps a set from being used; a warning is for a person to look at."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line of a question set. ``line`` 0 means the file as a whole."""

    path: Path
    line: int
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        if self.line:
            return f"{self.path}:{self.line}: {self.message}"
        # What is wrong with the encoding of the file names its line itself.
        return f"{self.path}{'' if self.message.startswith(':') else ' '}{self.message}"


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A piece of evidence found in its document; ``span`` None means the whole document."""

    document: str
    span: Span | None

    def is_covered(self, document: str, start: int, end: int) -> bool:
        """Whether ``start:end`` of ``document`` holds at least half of the evidence."""
        if document != self.document:
            return False
        if self.span is None:
            return True
        shared = min(end, self.span.end) - max(start, self.span.start)
        return shared * 2 >= self.span.end - self.span.start


def load_questions(path: Path) -> tuple[Question, ...]:
    """Read a question set. Raises QuestionSetError that names the file, the first wrong line and how many follow."""
    questions, problems = read_questions(path)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        more = f" (and {len(errors) - 1} more; run: natoqa questions check {path})" if len(errors) > 1 else ""
        raise QuestionSetError(f"{errors[0]}{more}")
    return questions


def read_questions(path: Path) -> tuple[tuple[Question, ...], tuple[Problem, ...]]:
    """Read what can be read of a question set, and say what cannot. Never raises for what stands in the file."""
    try:
        lines = tuple(read_lines(path))
    except QuestionSetError as error:
        return (), (Problem(path, 0, str(error).removeprefix(str(path)).strip()),)
    questions: list[Question] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, line in lines:
        try:
            fields = _object(line)
            question = _question(fields, number)
        except (ValueError, TypeError, RecursionError) as error:
            problems.append(Problem(path, number, str(error)))
            continue
        for name in sorted(fields.keys() - _KEYS):
            what = f"unknown field '{name}'; there is {', '.join(sorted(_KEYS))}"
            problems.append(Problem(path, number, what, Severity.WARNING))
        first = seen.setdefault(question.id, number)
        if first != number:
            problems.append(Problem(path, number, f"the id '{question.id}' stands in line {first} too"))
        questions.append(question)
    return tuple(questions), tuple(problems)


def question_to_json(question: Question) -> str:
    """A question as a line of a question set; empty fields are left out."""
    fields: dict[str, Any] = {"id": question.id, "question": question.question, "answerable": question.answerable}
    if question.answers:
        fields["answers"] = list(question.answers)
    if question.evidence:
        fields["evidence"] = [_evidence_json(piece) for piece in question.evidence]
    if question.alternatives:
        fields["alternatives"] = [[_evidence_json(piece) for piece in pieces] for pieces in question.alternatives]
    if question.history:
        fields["history"] = list(question.history)
    if question.tags:
        fields["tags"] = list(question.tags)
    if question.draft:
        fields["draft"] = True
    return json.dumps(fields, ensure_ascii=False)


def find_evidence(pieces: Sequence[Evidence], open_document: Callable[[str], Document]) -> tuple[GoldSpan, ...]:
    """Where the evidence stands. Raises ValueError for a document or a quote that is not there (any more).

    ``open_document`` raises KeyError for a document that does not exist.
    """
    found: list[GoldSpan] = []
    for piece in pieces:
        try:
            document = open_document(piece.document)
        except KeyError as error:
            raise ValueError(f"there is no document '{piece.document}'") from error
        span = locate(piece.quote, document.text) if piece.quote else None
        if piece.quote and span is None:
            raise ValueError(f"the quote '{piece.quote[:60]}…' does not stand in {piece.document}")
        found.append(GoldSpan(piece.document, span))
    return tuple(found)


def _object(line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}, column {error.colno})") from error
    if not isinstance(fields, dict):
        raise TypeError("not a JSON object")
    return fields


def _question(fields: Mapping[str, Any], number: int) -> Question:
    question = Question(
        id=_text(fields, "id"),
        question=_text(fields, "question"),
        answerable=_flag(fields, "answerable"),
        answers=_texts(fields, "answers"),
        evidence=_evidence(fields.get("evidence", []), "evidence"),
        alternatives=tuple(_evidence(pieces, "alternatives") for pieces in _list(fields, "alternatives")),
        history=_texts(fields, "history"),
        tags=_texts(fields, "tags"),
        draft=_flag(fields, "draft") if "draft" in fields else False,
        line=number,
    )
    if not all(question.alternatives):
        raise ValueError("one of the alternatives is empty")
    if question.answerable and not question.evidence:
        raise ValueError("answerable, but without evidence")
    return question


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"'{name}' should be text")
    return _whole(value, name)


def _whole(value: str, name: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"'{name}' holds half a character (a lone surrogate)") from error
    return value


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise TypeError(f"'{name}' should be true or false")
    return value


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name, [])
    if not isinstance(value, list):
        raise TypeError(f"'{name}' should be a list")
    return value


def _texts(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = _list(fields, name)
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise TypeError(f"'{name}' should be a list of texts")
    return tuple(_whole(value, name) for value in values)


def _evidence(pieces: Any, name: str) -> tuple[Evidence, ...]:
    if not isinstance(pieces, list) or not all(isinstance(piece, dict) for piece in pieces):
        raise TypeError(f"'{name}' should be a list of objects with 'document' and 'quote'")
    return tuple(
        Evidence(_text(piece, "document"), _text(piece, "quote") if piece.get("quote") is not None else None)
        for piece in pieces
    )


def _evidence_json(piece: Evidence) -> dict[str, str]:
    return {"document": piece.document} | ({"quote": piece.quote} if piece.quote else {})
