"""A run on disk: run.json, one question a line so that two runs can be read side by side, and the journal of one that
is under way."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TextIO

from natoqa.errors import RunError
from natoqa.evaluation import scoring
from natoqa.evaluation.files import replacing
from natoqa.evaluation.machine import Machine
from natoqa.evaluation.outcomes import Gold, Outcome, Shown, Verdict
from natoqa.evaluation.runs import Conditions, QuestionSet, Run

FORM = 1
RUN = "run.json"
JOURNAL = "unfinished.jsonl"


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
            tag: {"questions": len(own)}
            | {name: number(scoring.measure(scoring.METRICS[name], own)) for name in SLICED}
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
        "seed": conditions.seed,
        "machine": asdict(run.machine),
        "threads": run.threads,
        "date": run.date,
        "seconds": round(run.seconds, 3),
        "peak_memory_mb": round(run.peak_memory_mb, 1),
    }


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
        raw = json.loads(path.read_text("utf-8"))
        if raw["form"] != FORM:
            raise RunError(f"{path} has form {raw['form']}, this natoqa reads {FORM}; run natoqa eval again")
        conditions = Conditions(
            version=raw["version"],
            settings=raw["settings"],
            index=raw["index"],
            generation=raw["generation"],
            corpus_hash=raw["corpus_hash"],
            question_set=QuestionSet(**raw["question_set"]),
            seed=raw["seed"],
        )
        return Run(
            conditions=conditions,
            outcomes=tuple(map(outcome_from_json, raw["outcomes"])),
            machine=Machine(**raw["machine"]),
            threads=int(raw["threads"]),
            date=str(raw["date"]),
            seconds=float(raw["seconds"]),
            peak_memory_mb=float(raw["peak_memory_mb"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it does not hold what natoqa eval writes"
        raise RunError(f"{path} cannot be read as a run ({why}); make one with: natoqa eval") from error


def outcome_json(outcome: Outcome) -> str:
    """An outcome on one line."""
    return json.dumps(asdict(outcome), ensure_ascii=False)


def outcome_from_json(raw: Mapping[str, Any]) -> Outcome:
    """The inverse of :func:`outcome_json`, from the parsed line. Raises KeyError, TypeError or ValueError."""
    return Outcome(
        **{field.name: raw[field.name] for field in fields(Outcome) if field.name not in _PARSED},
        verdict=Verdict(raw["verdict"]) if raw["verdict"] is not None else None,
        answers=tuple(raw["answers"]),
        evidence=tuple(tuple(Gold(**piece) for piece in pieces) for pieces in raw["evidence"]),
        tags=tuple(raw["tags"]),
        history=tuple(raw["history"]),
        shown=tuple(Shown(**shown) for shown in raw["shown"]),
        withheld=tuple(Shown(**shown) for shown in raw["withheld"]),
        ranking=tuple(raw["ranking"]),
    )


_PARSED = frozenset({"verdict", "answers", "evidence", "tags", "history", "shown", "withheld", "ranking"})


@contextmanager
def journal(folder: Path, digest: str) -> Iterator[tuple[dict[str, Outcome], TextIO]]:
    """The outcomes that an interrupted run of the same conditions left in ``folder``, and the file to add to.

    The first line names the conditions; a journal of others, or a last line that a kill cut short, is dropped. The file
    goes away when the block ends without an error. Raises RunError when the folder cannot be written.
    """
    path = folder / JOURNAL
    done = read_journal(path, digest)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"conditions": digest}) + "\n")
            file.writelines(outcome_json(outcome) + "\n" for outcome in done.values())
            file.flush()
            yield done, file
        path.unlink()
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}; choose another with --out") from error


def read_journal(path: Path, digest: str) -> dict[str, Outcome]:
    """Outcomes by question id of an interrupted run under these conditions; empty when there is none."""
    done: dict[str, Outcome] = {}
    try:
        # A kill may leave half a character.
        first, *lines = path.read_text("utf-8", errors="replace").split("\n")
        if json.loads(first) != {"conditions": digest}:
            return {}
        for line in lines:
            outcome = outcome_from_json(json.loads(line))
            done[outcome.id] = outcome
    except (OSError, ValueError, KeyError, TypeError):
        pass  # what follows a line that was cut short does not count
    return done
