"""Folders of JSON Lines: BEIR's form (Thakur et al., arXiv 2104.08663), and natoqa's own with a corpus.jsonl beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from natoqa.errors import QuestionSetError
from natoqa.evaluation.files import read_lines, read_objects
from natoqa.evaluation.questions import Evidence, Question, load_questions
from natoqa.evaluation.sets.importing import Collected, ImportOptions, SourceDocument

_LEAST_RELEVANT = 1.0


def read_beir(source: Path, options: ImportOptions) -> Collected:
    """Read corpus.jsonl, queries.jsonl and qrels/<split>.tsv of a folder, or the qrels that ``options`` names.

    Each relevant document answers by itself: the most relevant is the evidence, the others are alternatives. Raises
    QuestionSetError that names file and line.
    """
    documents = _read_corpus(_folder(source) / "corpus.jsonl")
    path = options.qrels or source / "qrels" / f"{options.split}.tsv"
    if not options.qrels and not path.is_file():
        splits = ", ".join(sorted(file.stem for file in path.parent.glob("*.tsv"))) or "none"
        raise QuestionSetError(f"there is no {path}; the folder's splits: {splits} (--split, or --qrels FILE)")
    left_out: Counter[str] = Counter()
    relevant = _read_judgements(path, documents, left_out)
    questions: list[Question] = []
    for identity, text in _read_queries(source / "queries.jsonl"):
        ranked = sorted(relevant.pop(identity, {}).items(), key=lambda pair: -pair[1])
        if not ranked:
            left_out["queries without a relevant document"] += 1
            continue
        first, *others = ((Evidence(document),) for document, _ in ranked)
        questions.append(Question(identity, text, True, (), first, tuple(others), tags=("beir",)))
    left_out["judgements of queries that are not there"] += sum(map(len, relevant.values()))
    return Collected(tuple(questions), tuple(documents.values()), left_out)


def read_own_form(source: Path, options: ImportOptions) -> Collected:
    """Read corpus.jsonl and questions.jsonl of a folder; evidence names ids of the corpus. Raises QuestionSetError."""
    documents = _read_corpus(_folder(source) / "corpus.jsonl")
    questions = load_questions(source / "questions.jsonl")
    unknown = Counter(
        piece.document
        for question in questions
        for pieces in (question.evidence, *question.alternatives)
        for piece in pieces
        if piece.document not in documents
    )
    left_out = {"pieces of evidence that name no document": unknown.total()}
    return Collected(questions, tuple(documents.values()), left_out)


def _folder(source: Path) -> Path:
    if not source.is_dir():
        raise QuestionSetError(f"{source} is not a folder; name the one that holds corpus.jsonl")
    return source


def _read_corpus(path: Path) -> dict[str, SourceDocument]:
    documents: dict[str, SourceDocument] = {}
    lines: dict[str, int] = {}
    for number, fields in read_objects(path):
        identity = _identity(path, number, fields)
        if identity in documents:
            raise QuestionSetError(f"{path}:{number}: the id '{identity}' stands in line {lines[identity]} too")
        title, text = (_text(path, number, fields, name) for name in ("title", "text"))
        documents[identity] = SourceDocument(identity, title, text)
        lines[identity] = number
    return documents


def _read_queries(path: Path) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for number, fields in read_objects(path):
        identity = _identity(path, number, fields)
        text = " ".join(_text(path, number, fields, "text").split())
        if not text or not identity.strip():
            raise QuestionSetError(f"{path}:{number}: a query without {'text' if identity.strip() else 'an id'}")
        first = seen.setdefault(identity, number)
        if first != number:
            raise QuestionSetError(f"{path}:{number}: the id '{identity}' stands in line {first} too")
        yield identity, text


def _read_judgements(
    path: Path, documents: Mapping[str, SourceDocument], left_out: Counter[str]
) -> dict[str, dict[str, float]]:
    """Query id -> relevant document -> score, in the file's order."""
    relevant: dict[str, dict[str, float]] = {}
    for place, (number, line) in enumerate(read_lines(path)):
        columns = [column.strip() for column in line.split("\t")]
        try:
            query, document, written = columns
            score = float(written)
        except ValueError as error:
            if place == 0 and len(columns) == 3:
                continue  # the header
            what = "should be query-id, corpus-id and score, with tabs between them"
            raise QuestionSetError(f"{path}:{number}: {what}") from error
        if not score >= _LEAST_RELEVANT:
            left_out["judgements below 1"] += 1
        elif document not in documents:
            left_out["judgements of documents that are not there"] += 1
        else:
            relevant.setdefault(query, {}).setdefault(document, score)
    return relevant


def _identity(path: Path, number: int, fields: Mapping[str, Any]) -> str:
    value = fields.get("_id", fields.get("id"))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise QuestionSetError(f"{path}:{number}: '_id' should be text")
    return value


def _text(path: Path, number: int, fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None and (name == "title"):
        return ""
    if not isinstance(value, str):
        raise QuestionSetError(f"{path}:{number}: '{name}' should be text")
    return value
