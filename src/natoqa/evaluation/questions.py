"""Question sets: JSONL, one question a line, gold evidence keyed by verbatim text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from natoqa.citing import locate
from natoqa.errors import QuestionSetError
from natoqa.types import Document, Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: a verbatim quote, or without one the whole document."""

    document: str
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known about its answer. ``line`` is its place in the file, from 1."""

    id: str
    question: str
    answerable: bool
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    tags: tuple[str, ...]
    line: int


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
    """Read a question set. Raises QuestionSetError that names the file and the line."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionSetError(f"{path} cannot be read: {error}") from error
    questions = [_question(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not questions:
        raise QuestionSetError(f"{path} holds no question")
    seen: dict[str, int] = {}
    for question in questions:
        if question.id in seen:
            raise QuestionSetError(
                f"{path}:{question.line}: the id '{question.id}' stands in line {seen[question.id]} too"
            )
        seen[question.id] = question.line
    return tuple(questions)


def gold_spans(path: Path, question: Question, open_document: Callable[[str], Document]) -> tuple[GoldSpan, ...]:
    """Find a question's evidence. Raises QuestionSetError for a document or a quote that is not there (any more)."""
    spans: list[GoldSpan] = []
    for evidence in question.evidence:
        try:
            document = open_document(evidence.document)
        except KeyError as error:
            raise QuestionSetError(f"{path}:{question.line}: there is no document '{evidence.document}'") from error
        span = locate(evidence.quote, document.text) if evidence.quote else None
        if evidence.quote and span is None:
            raise QuestionSetError(
                f"{path}:{question.line}: the quote '{evidence.quote[:60]}…' does not stand in {evidence.document}"
            )
        spans.append(GoldSpan(evidence.document, span))
    return tuple(spans)


def _question(path: Path, number: int, line: str) -> Question:
    try:
        fields = json.loads(line)
        evidence = tuple(Evidence(item["document"], item.get("quote")) for item in fields.get("evidence", ()))
        question = Question(
            id=_text(fields, "id"),
            question=_text(fields, "question"),
            answerable=_flag(fields, "answerable"),
            answers=tuple(map(str, fields.get("answers", ()))),
            evidence=evidence,
            tags=tuple(map(str, fields.get("tags", ()))),
            line=number,
        )
    except json.JSONDecodeError as error:
        raise QuestionSetError(f"{path}:{number}: not JSON ({error.msg})") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise QuestionSetError(f"{path}:{number}: missing or malformed: {error}") from error
    if question.answerable and not question.evidence:
        raise QuestionSetError(f"{path}:{number}: answerable, but without evidence")
    return question


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"'{name}' should be text")
    return value


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields[name]
    if not isinstance(value, bool):
        raise TypeError(f"'{name}' should be true or false")
    return value
