"""A run on disk: run.json, one question a line so that two runs can be read side by side, and the journal of one that
is under way."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from natoqa.errors import RunError
from natoqa.evaluation import scoring
from natoqa.evaluation.files import replacing
from natoqa.evaluation.machine import Machine
from natoqa.evaluation.outcomes import Outcome, Verdict
from natoqa.evaluation.runs import Conditions, Run
from natoqa.evaluation.scoring import METRICS

FORM = 1
RUN = "run.json"
JOURNAL = "unfinished.jsonl"
_LOCK = "unfinished.lock"
_MALFORMED = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
_Kept = TypeVar("_Kept")

SLICED = (
    "passage_hit@1",
    "sentence_hit@1",
    "evidence_recall",
    "answer_f1",
    "citation_precision",
    "abstention_precision",
    "abstention_recall",
)
"""The metrics that are told apart by tag."""


def summary_json(run: Run) -> dict[str, Any]:
    """Everything about a run but its single outcomes; ``natoqa eval --json`` without the places of its files."""
    conditions = run.conditions
    return {
        "metrics": {name: number(estimate.value) for name, estimate in run.estimates.items()},
        "intervals": {
            name: [number(estimate.interval.low), number(estimate.interval.high)]
            for name, estimate in run.estimates.items()
        },
        "counts": {name: estimate.questions for name, estimate in run.estimates.items()},
        "questions": len(run.outcomes),
        "verdicts": {verdict.value: sum(o.verdict is verdict for o in run.outcomes) for verdict in Verdict},
        "slices": {
            tag: {"questions": len(own), **{name: number(scoring.measure(METRICS[name], own)) for name in SLICED}}
            for tag, own in scoring.by_tag(run.outcomes).items()
        },
        "latency_ms": scoring.latency_by_stage(run.outcomes),
        "settings": dict(conditions.settings),
        "index": dict(conditions.index),
        "generation": conditions.generation,
        "corpus_hash": conditions.corpus_hash,
        "question_set": {
            "name": conditions.question_set.name,
            "digest": conditions.question_set.digest,
            "questions": conditions.question_set.questions,
            "drafts": conditions.question_set.drafts,
        },
        "version": conditions.version,
        "code": conditions.code,
        "seed": conditions.seed,
        "machine": asdict(run.machine),
        "threads": run.threads,
        "date": run.date,
        "seconds": round(run.seconds, 3),
        "resumed": run.resumed,
        "peak_memory_mb": round(run.peak_memory_mb, 1),
    }


def number(value: float) -> float | None:
    """JSON has no nan: a figure that does not apply is null."""
    return None if math.isnan(value) else value


def save_run(run: Run, path: Path) -> None:
    """Write run.json in one step: it is there whole or not at all. Raises RunError when the disk refuses."""
    head = json.dumps({"form": FORM} | summary_json(run), ensure_ascii=False, indent=1)
    lines = ",\n".join("  " + outcome_json(outcome) for outcome in run.outcomes)
    with replacing(path, RunError) as file:
        file.write(f'{head[:-2]},\n "outcomes": [\n{lines}\n ]\n}}\n')


def load_run(path: Path) -> Run:
    """Read run.json. Raises RunError that names the file when it is none."""
    try:
        raw = _parsed(path.read_text("utf-8"))
        if raw["form"] != FORM:
            raise RunError(f"{path} has form {raw['form']}, this natoqa reads {FORM}; run natoqa eval again")
        conditions = _valid(
            Conditions, {name: raw[name] for name in _CONDITIONS} | {"question_set": raw["question_set"]}
        )
        outcomes = tuple(map(outcome_from_json, _valid(list, raw["outcomes"])))
        if len({outcome.id for outcome in outcomes}) < len(outcomes):
            raise ValueError("an id stands there twice")
        return Run(
            conditions=conditions,
            outcomes=outcomes,
            machine=_valid(Machine, raw["machine"]),
            threads=int(raw["threads"]),
            date=str(raw["date"]),
            seconds=float(raw["seconds"]),
            peak_memory_mb=float(raw["peak_memory_mb"]),
            resumed=int(raw["resumed"]),
        )
    except _MALFORMED as error:
        why = error.strerror if isinstance(error, OSError) else "it does not hold what natoqa eval writes"
        raise RunError(f"{path} cannot be read as a run ({why}); make one with: natoqa eval") from error


_CONDITIONS = ("version", "code", "settings", "index", "generation", "corpus_hash", "seed")


def outcome_json(outcome: Outcome) -> str:
    """An outcome on one line."""
    return json.dumps(asdict(outcome), ensure_ascii=False)


def outcome_from_json(raw: Mapping[str, Any]) -> Outcome:
    """The inverse of :func:`outcome_json`, from the parsed line. Raises ValueError for anything else."""
    outcome = _valid(Outcome, raw)
    if not 0.0 <= outcome.confidence <= 1.0:
        raise ValueError("a confidence lies between 0 and 1")
    if any(
        METRICS[name].binary and value not in (0.0, 1.0) for name, value in outcome.values.items() if name in METRICS
    ):
        raise ValueError("a hit is 0 or 1")
    return outcome


@contextmanager
def journal(folder: Path, digest: str) -> Iterator[tuple[dict[str, Outcome], Callable[[Outcome], None]]]:
    """The outcomes that an interrupted run of the same conditions left in ``folder``, and how to add one.

    The first line names the conditions; a journal of others, or a last line that a kill cut short, is dropped. The file
    goes away when the block ends without an error. Raises RunError when the folder cannot be written or another
    evaluation is writing there.
    """
    path = folder / JOURNAL
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise RunError(f"another evaluation is writing in {folder}; wait for it, or choose --out") from error
    except OSError as error:
        raise RunError(f"{folder} cannot be written ({error.strerror}); choose another folder with --out") from error
    try:
        done = read_journal(path, digest)
        with replacing(path, RunError) as whole:
            whole.write(json.dumps({"conditions": digest}) + "\n")
            whole.writelines(outcome_json(outcome) + "\n" for outcome in done.values())

        def keep(outcome: Outcome) -> None:
            try:
                with path.open("a", encoding="utf-8") as file:
                    file.write(outcome_json(outcome) + "\n")
            except OSError as error:
                raise RunError(f"{path} cannot be written ({error.strerror}); what it holds is kept") from error

        yield done, keep
        path.unlink(missing_ok=True)
    finally:
        lock.release()
        (folder / _LOCK).unlink(missing_ok=True)


def is_being_written(folder: Path) -> bool:
    """Whether an evaluation is under way in this folder."""
    try:
        with FileLock(folder / _LOCK, timeout=0):
            return False
    except (Timeout, OSError):
        return True


def read_journal(path: Path, digest: str) -> dict[str, Outcome]:
    """Outcomes by question id of an interrupted run under these conditions; empty when there is none."""
    done: dict[str, Outcome] = {}
    try:
        # A kill may leave half a character.
        first, *lines = path.read_text("utf-8", errors="replace").split("\n")
        if _parsed(first) != {"conditions": digest}:
            return {}
        for line in lines:
            outcome = outcome_from_json(_parsed(line))
            done[outcome.id] = outcome
    except _MALFORMED:
        pass  # what follows a line that was cut short does not count
    return done


def _parsed(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _valid(kind: Callable[..., _Kept], raw: Any) -> _Kept:
    """A dataclass from its JSON, every field of the right type. Raises ValueError."""
    return cast(_Kept, _adapter(kind).validate_python(raw))


@cache
def _adapter(kind: Callable[..., object]) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))
