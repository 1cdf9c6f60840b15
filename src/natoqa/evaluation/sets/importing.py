"""Question sets from other formats: read a source, write its documents as a corpus, write the question set.

A format is a function ``read(source, options) -> Collected`` named in :data:`FORMATS`. It speaks of documents by the
source's own ids; here they become files with safe names, and every quote is looked up in the document as natoqa reads
it. Nothing is changed on the disk before the whole source has been read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import cast

from natoqa.errors import QuestionSetError, UnreadableFile
from natoqa.evaluation.files import refuse_existing, replacing
from natoqa.evaluation.questions import Evidence, Question, question_to_json
from natoqa.evaluation.sets.documents import Documents
from natoqa.evaluation.sets.quotes import QuoteFinder
from natoqa.types import Document

# Quotes that do not stand, for a person to read; the count covers all.
_LISTED = 20
_OPEN_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document as the source holds it; ``id`` is any text at all."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collected:
    """What a format's reader found. ``left_out`` counts, by reason, what it passed over."""

    questions: tuple[Question, ...]
    documents: tuple[SourceDocument, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a reader may need beside its source. ``documents`` opens those that are there already, when it is called."""

    documents: Callable[[], Documents]
    qrels: Path | None = None
    queries: Path | None = None
    split: str = "test"


@dataclass(frozen=True, slots=True)
class Format:
    """How a source is read: ``module:function``, and whether it brings its own documents."""

    reader: str
    brings_documents: bool


FORMATS: Mapping[str, Format] = {
    "squad": Format("natoqa.evaluation.sets.squad:read_squad", brings_documents=True),
    "beir": Format("natoqa.evaluation.sets.beir:read_beir", brings_documents=True),
    "jsonl": Format("natoqa.evaluation.sets.beir:read_own_form", brings_documents=True),
    "trec": Format("natoqa.evaluation.sets.trec:read_trec", brings_documents=False),
    "csv": Format("natoqa.evaluation.sets.tabular:read_table", brings_documents=False),
    "feedback": Format("natoqa.evaluation.sets.feedback_files:read_feedback", brings_documents=False),
}


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import wrote, what it left out and why, and the quotes that do not stand in their documents."""

    path: Path
    corpus: Path | None
    questions: int
    answerable: int
    documents: int
    quotes: int
    quotes_missing: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...]


def import_questions(
    name: str, source: Path, out: Path, options: ImportOptions, corpus: Path | None = None, *, force: bool = False
) -> ImportSummary:
    """Read ``source`` in the format ``name`` and write the question set ``out``, and the documents below ``corpus``.

    Raises QuestionSetError for a malformed source, with file and line, and for an output that exists already
    (unless ``force``) or cannot be written; CorpusError for a corpus folder that must not be replaced.
    """
    kind = FORMATS[name]
    refuse_existing([out], force=force)
    if kind.brings_documents and corpus is None:
        raise QuestionSetError(f"{name} brings its own documents; say into which new folder: --corpus DIR")
    if kind.brings_documents and corpus is not None and out.resolve().is_relative_to(corpus.resolve()):
        raise QuestionSetError(f"{out} would lie among the documents in {corpus}; write it elsewhere")
    module, function = kind.reader.split(":")
    read = cast(Callable[[Path, ImportOptions], Collected], getattr(import_module(module), function))
    collected = read(source, options)
    if not collected.questions:
        reasons = "; ".join(f"{count} {reason}" for reason, count in collected.left_out.items() if count)
        raise QuestionSetError(f"{source} holds no question" + (f" (left out: {reasons})" if reasons else ""))
    if kind.brings_documents and corpus is not None:
        return _write_with_documents(collected, out, corpus, force=force)
    return _write(collected, out, options.documents)


def _write_with_documents(collected: Collected, out: Path, corpus: Path, *, force: bool) -> ImportSummary:
    from natoqa.evaluation.sets.document_files import building_corpus

    with building_corpus(corpus, force=force) as folder:
        written = folder.write(collected.documents)
        left_out = Counter(collected.left_out)
        for reason in written.unreadable.values():
            left_out[f"documents: {reason}"] += 1
        questions = tuple(_renamed(collected.questions, written.names, left_out))
        merged = replace(collected, questions=questions, left_out=left_out)
        with replacing(out) as file:
            summary = _checked(merged, out, lambda: folder.documents, len(written.names))
            file.writelines(question_to_json(question) + "\n" for question in questions)
            folder.publish()
    return replace(summary, corpus=corpus)


def _write(collected: Collected, out: Path, documents: Callable[[], Documents]) -> ImportSummary:
    with replacing(out) as file:
        summary = _checked(collected, out, documents, 0)
        file.writelines(question_to_json(question) + "\n" for question in collected.questions)
    return summary


def _renamed(questions: Sequence[Question], names: Mapping[str, str], left_out: Counter[str]) -> Iterator[Question]:
    """Questions whose evidence names files; a set of evidence with a document that is not there is dropped."""
    for question in questions:
        known = [
            tuple(Evidence(names[piece.document], piece.quote) for piece in pieces)
            for pieces in (question.evidence, *question.alternatives)
            if all(piece.document in names for piece in pieces)
        ]
        known = [pieces for pieces in known if pieces]
        if question.answerable and not known:
            left_out["questions: none of their documents can be read"] += 1
            continue
        first, *others = known or [()]
        yield replace(question, evidence=first, alternatives=tuple(others))


def _checked(collected: Collected, out: Path, documents: Callable[[], Documents], count: int) -> ImportSummary:
    """The summary, with every quote looked up in its document."""
    quotes = missing = 0
    notes = list(collected.notes)
    find: Callable[[str], QuoteFinder | None] | None = None
    for question in collected.questions:
        for piece in (piece for pieces in (question.evidence, *question.alternatives) for piece in pieces):
            if piece.quote is None:
                continue
            find = find or _finders(documents())
            quotes += 1
            finder = find(piece.document)
            if finder is not None and finder.places(piece.quote):
                continue
            missing += 1
            if missing <= _LISTED:
                shown = " ".join(piece.quote.split())[:80]
                where = f"does not stand in {piece.document}" if finder else f"names no document: {piece.document}"
                notes.append(f"question {question.id}: the quote '{shown}' {where}")
    return ImportSummary(
        path=out,
        corpus=None,
        questions=len(collected.questions),
        answerable=sum(question.answerable for question in collected.questions),
        documents=count,
        quotes=quotes,
        quotes_missing=missing,
        left_out={reason: number for reason, number in collected.left_out.items() if number},
        notes=tuple(notes),
    )


def _finders(documents: Documents) -> Callable[[str], QuoteFinder | None]:
    @lru_cache(maxsize=_OPEN_AT_ONCE)
    def find(identity: str) -> QuoteFinder | None:
        document: Document
        try:
            document = documents.open(identity)
        except (KeyError, UnreadableFile):
            return None
        return QuoteFinder(document)

    return find
