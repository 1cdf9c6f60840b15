"""SQuAD 1.1 and 2.0 (Rajpurkar et al., arXiv 1606.05250 and 1806.03822): contexts become documents.

The evidence of an answer is the sentence that holds its span, or the sentences where it runs over their border.
Annotators who point at other sentences give alternatives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any

from natoqa.chunking import chunk
from natoqa.errors import QuestionSetError, UnreadableFile
from natoqa.evaluation.files import read_json
from natoqa.evaluation.questions import Evidence, Question
from natoqa.evaluation.sets.importing import Collected, ImportOptions, SourceDocument
from natoqa.limits import Limits
from natoqa.loaders.text import load
from natoqa.types import Document, Sentence

# Sentences are wanted here, not passages: no text is too long for the one passage.
_NO_LIMIT = 1 << 40
_KINDS: Mapping[type, str] = {
    list: "a list",
    dict: "an object",
    str: "text",
    int: "a whole number",
    bool: "true or false",
}


@dataclass(frozen=True, slots=True)
class _Context:
    """A context as a document, with its sentences."""

    document: Document
    sentences: tuple[Sentence, ...]


@dataclass
class _Reading:
    """What has been read so far. Equal contexts are one document."""

    path: Path
    documents: dict[str, SourceDocument] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    questions: dict[str, Question] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    spans_missing: int = 0

    def field(self, place: str, values: Any, name: str, kind: type, default: Any = None) -> Any:
        """``values[name]``, of this type. Raises QuestionSetError with the place."""
        value = values.get(name, default) if isinstance(values, dict) else None
        if not isinstance(values, dict) or type(value) is not kind:
            what = f"'{name}' should be {_KINDS[kind]}" if isinstance(values, dict) else "not an object"
            raise QuestionSetError(f"{self.path}: {place}: {what}")
        return value


def read_squad(source: Path, options: ImportOptions) -> Collected:
    """Read a SQuAD file. Raises QuestionSetError with the place in the JSON, such as ``data[0].paragraphs[3]``."""
    reading = _Reading(source)
    content = read_json(source)
    for number, article in enumerate(reading.field("the file", content, "data", list)):
        place = f"data[{number}]"
        title = reading.field(place, article, "title", str, "").replace("_", " ").strip()
        for index, paragraph in enumerate(reading.field(place, article, "paragraphs", list)):
            _read_paragraph(reading, f"{place}.paragraphs[{index}]", title, paragraph, index)
    documents, questions = tuple(reading.documents.values()), tuple(reading.questions.values())
    note = f"{reading.spans_missing} answers do not stand in their context and point at no sentence"
    return Collected(questions, documents, reading.left_out, (note,) if reading.spans_missing else ())


def _read_paragraph(reading: _Reading, place: str, title: str, paragraph: Any, index: int) -> None:
    text = reading.field(place, paragraph, "context", str)
    entries = reading.field(place, paragraph, "qas", list)
    document = reading.documents.get(text)
    if document is None:
        name = f"{title.replace(' ', '-')}-{index + 1}" if title else f"context-{len(reading.documents) + 1}"
        document = SourceDocument(_unused(name, reading), title, text)
        reading.documents[text] = document
        reading.names.add(document.id)
    context = _context(document)
    for number, entry in enumerate(entries):
        where = f"{place}.qas[{number}]"
        question = _question(reading, where, entry, document, context)
        if question is None:
            continue
        if question.id in reading.questions:
            raise QuestionSetError(f"{reading.path}: {where}: the id '{question.id}' stands there twice")
        reading.questions[question.id] = question


def _unused(name: str, reading: _Reading) -> str:
    numbered = (f"{name}-{number}" for number in count(2))
    return next(own for own in chain((name,), numbered) if own not in reading.names)


def _context(document: SourceDocument) -> _Context | None:
    """None for a context that cannot be a document."""
    try:
        loaded = load(document.text.encode("utf-8", "replace"), Limits())
    except UnreadableFile:
        return None
    read = Document(document.id, loaded.text, loaded.metadata, loaded.landmarks)
    sentences = (sentence for passage in chunk(read, len, _NO_LIMIT) for sentence in passage.sentences)
    return _Context(read, tuple(sentences))


def _question(
    reading: _Reading, place: str, entry: Any, document: SourceDocument, context: _Context | None
) -> Question | None:
    identity = reading.field(place, entry, "id", str)
    text = " ".join(reading.field(place, entry, "question", str).split())
    if not identity.strip() or not text:
        reading.left_out["questions: without words or without an id"] += 1
        return None
    if reading.field(place, entry, "is_impossible", bool, False):
        return Question(identity, text, answerable=False, tags=("squad",))
    answers: dict[str, None] = {}
    evidence: dict[Evidence, None] = {}
    for number, answer in enumerate(reading.field(place, entry, "answers", list)):
        where = f"{place}.answers[{number}]"
        wording = reading.field(where, answer, "text", str)
        start = reading.field(where, answer, "answer_start", int)
        if not wording.strip():
            continue
        answers[" ".join(wording.split())] = None
        quote = _sentences_around(context, wording, start) if context else None
        if quote is None:
            reading.spans_missing += 1
        else:
            evidence[Evidence(document.id, quote)] = None
    if not answers:
        reading.left_out["questions: answerable, but without an answer"] += 1
        return None
    first, *others = evidence or [Evidence(document.id)]
    return Question(
        identity, text, True, tuple(answers), (first,), tuple((other,) for other in others), tags=("squad",)
    )


def _sentences_around(context: _Context, answer: str, start: int) -> str | None:
    """The sentences that hold the answer's span; of several places of its words the one nearest to ``start``."""
    text = context.document.text
    if not (start >= 0 and text.startswith(answer, start)):
        found = min(_places(answer, text), key=lambda place: abs(place - start), default=None)
        if found is None:
            return None
        start = found
    end = start + len(answer)
    held = [sentence for sentence in context.sentences if sentence.start < end and sentence.end > start]
    return text[held[0].start : held[-1].end] if held else None


def _places(needle: str, haystack: str) -> Iterator[int]:
    place = haystack.find(needle)
    while place >= 0:
        yield place
        place = haystack.find(needle, place + 1)
