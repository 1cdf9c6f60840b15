"""A run: a question set put to an assistant, with all that is needed to do it again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from natoqa import __version__
from natoqa.assistant import Assistant
from natoqa.errors import QuestionError, QuestionSetError
from natoqa.evaluation import scoring
from natoqa.evaluation.machine import Machine, describe_machine, peak_memory_mb, threads
from natoqa.evaluation.metrics.statistics import SEED
from natoqa.evaluation.outcomes import Found, Outcome, ask, judge
from natoqa.evaluation.questions import Question, find_evidence, load_questions, question_to_json
from natoqa.retrieval import understand
from natoqa.types import Document

Progress = Callable[[int, int], None]
_IDENTITY = ("schema", "encoder", "model", "dimensions", "chunker", "lexical", "vector_index")


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Which questions were asked. ``digest`` is the SHA-256 of the questions, whatever file they stand in."""

    name: str
    digest: str
    questions: int
    drafts: int
    source: Path | None = None

    @classmethod
    def of(cls, questions: Sequence[Question], name: str = "", source: Path | None = None) -> QuestionSet:
        """Describe a set; drafts are counted apart, since they are not asked."""
        lines = "\n".join(question_to_json(question) for question in questions if not question.draft)
        drafts = sum(question.draft for question in questions)
        return cls(name, hashlib.sha256(lines.encode()).hexdigest(), len(questions) - drafts, drafts, source)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the figures depend on: equal conditions give equal figures, latency aside.

    ``settings`` are those of retrieval and answering, with the calibration at work; ``index`` is the identity of the
    generation (encoder, model, chunker, schema, engines); ``corpus_hash`` covers every document's id and text, ``code``
    natoqa's own source and the versions of the libraries that figures depend on.
    """

    version: str
    code: str
    settings: Mapping[str, Any]
    index: Mapping[str, Any]
    generation: str
    corpus_hash: str
    question_set: QuestionSet
    seed: int = SEED

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides an outcome; the name of the generation and of the file do not."""
        decisive = [
            self.version,
            self.code,
            dict(self.settings),
            dict(self.index),
            self.corpus_hash,
            self.question_set.digest,
        ]
        return hashlib.sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """The outcomes of a question set under stated conditions.

    ``seconds`` and ``peak_memory_mb`` are as measured; ``resumed`` of the outcomes were taken over from an interrupted
    run and are not part of them.
    """

    conditions: Conditions
    outcomes: tuple[Outcome, ...]
    machine: Machine
    threads: int
    date: str
    seconds: float
    peak_memory_mb: float
    resumed: int = 0

    @cached_property
    def estimates(self) -> Mapping[str, scoring.Estimate]:
        """Every metric with its interval, by name."""
        return {name: scoring.estimate(metric, self.outcomes) for name, metric in scoring.METRICS.items()}

    @property
    def metrics(self) -> dict[str, float]:
        """Every metric by name; nan where it does not apply."""
        return {name: estimate.value for name, estimate in self.estimates.items()}


def evaluate(
    assistant: Assistant,
    questions: Sequence[Question] | str | Path,
    *,
    name: str = "",
    done: Mapping[str, Outcome] | None = None,
    keep: Callable[[Outcome], None] = lambda outcome: None,
    progress: Progress = lambda done, total: None,
) -> Run:
    """Put a question set, or the file that holds one, to an assistant.

    ``done`` are outcomes of an interrupted run, by question id, that need not be asked again; ``keep`` is called with
    every new outcome. Drafts are left out. Raises QuestionSetError that names file and line when the set is malformed
    or its evidence does not stand in the index.
    """
    if isinstance(questions, str | Path):
        source: Path | None = Path(questions)
        asked = load_questions(Path(questions))
    else:
        source, asked = None, tuple(questions)
    conditions = describe(assistant, QuestionSet.of(asked, name or (source.stem if source else ""), source))
    asked = tuple(question for question in asked if not question.draft)
    require_sound(asked, assistant.document, source)
    began = time.perf_counter()
    outcomes = observe(
        lambda question: ask(assistant, question.question, question.history),
        asked,
        assistant.document,
        source=source,
        done=done or {},
        keep=keep,
        progress=progress,
    )
    return Run(
        conditions=conditions,
        outcomes=outcomes,
        machine=describe_machine(),
        threads=threads(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=time.perf_counter() - began,
        peak_memory_mb=peak_memory_mb(),
        resumed=sum(question.id in done for question in asked) if done else 0,
    )


def describe(assistant: Assistant, question_set: QuestionSet) -> Conditions:
    """The conditions of a run that is about to begin."""
    generation = assistant.generation
    manifest = generation.manifest
    return Conditions(
        version=__version__,
        code=code_digest(),
        settings={
            "retrieval": assistant.retriever.settings.model_dump(mode="json"),
            "answer": assistant.settings.model_dump(mode="json"),
            "calibration": asdict(assistant.calibration),
        },
        index={name: getattr(manifest, name) for name in _IDENTITY},
        generation=generation.name,
        corpus_hash=generation.corpus_hash,
        question_set=question_set,
    )


def observe(
    system: Callable[[Question], Found],
    questions: Sequence[Question],
    open_document: Callable[[str], Document],
    *,
    source: Path | None = None,
    done: Mapping[str, Outcome] | None = None,
    keep: Callable[[Outcome], None] = lambda outcome: None,
    progress: Progress = lambda done, total: None,
) -> tuple[Outcome, ...]:
    """Put questions to any system that answers with :class:`Found` and hold what it found against the gold.

    Raises QuestionSetError for a question that cannot be asked and ValueError for evidence that does not stand;
    :func:`require_sound` finds both before the first question is asked.
    """
    outcomes: list[Outcome] = []
    for number, question in enumerate(questions, start=1):
        outcome = (done or {}).get(question.id)
        if outcome is None:
            try:
                outcome = judge(question, system(question), open_document)
            except QuestionError as error:
                raise QuestionSetError(f"{_place(source, question)}: {error}") from error
            keep(outcome)
        outcomes.append(outcome)
        progress(number, len(questions))
    return tuple(outcomes)


def require_sound(
    questions: Sequence[Question], open_document: Callable[[str], Document], source: Path | None = None
) -> None:
    """Raises QuestionSetError, with file and line, unless every question can be asked and all its evidence stands."""
    if not questions:
        raise QuestionSetError(f"{source or 'the question set'} holds no question to ask; drafts are left out")
    if len({question.id for question in questions}) < len(questions):
        raise QuestionSetError(f"{source or 'the question set'} has an id twice")
    found = ((question, why_not(question, open_document)) for question in questions)
    errors = [f"{_place(source, question)}: {error}" for question, error in found if error]
    if errors:
        more = f" (and {len(errors) - 1} more; run: natoqa questions check {source})" if len(errors) > 1 else ""
        raise QuestionSetError(errors[0] + more)


def why_not(question: Question, open_document: Callable[[str], Document]) -> str:
    """What keeps a question from being asked and judged; empty when nothing does."""
    try:
        understand(question.question)
        for pieces in question.evidence_sets:
            find_evidence(pieces, open_document)
    except (QuestionError, ValueError) as error:
        return str(error)
    return ""


@cache
def code_digest() -> str:
    """SHA-256 of natoqa's source files and of the versions of the libraries that figures depend on."""
    digest = hashlib.sha256(json.dumps(describe_machine().libraries, sort_keys=True).encode())
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _place(source: Path | None, question: Question) -> str:
    return f"{source}:{question.line}" if source else f"question '{question.id}'"
