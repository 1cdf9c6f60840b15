"""Runs that are made up, for tests of whatever reads one: every verdict, no index, no model."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from natoqa.evaluation.machine import Machine
from natoqa.evaluation.outcomes import Gold, Outcome, Shown, Verdict
from natoqa.evaluation.runs import Conditions, QuestionSet, Run

DOCUMENT = "The port was built in 1911. The harbour froze in 1929. Nobody knows who paid for the lighthouse."
HARBOUR = (28, 54)
_RECALLED = {Verdict.RIGHT: 1.0, Verdict.PARTIAL: 0.5}
_UNANSWERABLE = (Verdict.RIGHT_ABSTENTION, Verdict.FALSE_ANSWER)
_ABSTAINED = (Verdict.RIGHT_ABSTENTION, Verdict.FALSE_ABSTENTION)
_FOUND = (Verdict.RIGHT, Verdict.PARTIAL, Verdict.WRONG, Verdict.FALSE_ABSTENTION)
_KINDS = ("fact", "number", "list", "follow-up")


def made_outcome(name: str, verdict: Verdict | None = Verdict.RIGHT, **fields: Any) -> Outcome:
    """An outcome that fits its verdict; None is a ranking without an answer. ``fields`` override what is made up."""
    start, end = HARBOUR
    harbour, ledger = DOCUMENT[start:end], "4,000 crowns"
    cited = (Shown("harbour.txt", "Ice, ¶ 2", start, end, harbour), Shown("ledger.md", "¶ 1", 9, 21, ledger))
    recalled = _RECALLED.get(verdict, 0.0) if verdict else 0.0
    answerable, abstained = verdict not in _UNANSWERABLE, verdict in _ABSTAINED
    values: dict[str, float] = {}
    if answerable:
        values = {f"passage_hit@{k}": 1.0 for k in (1, 3, 5, 10)} | {"mrr": 1.0, "ndcg@10": 1.0, "recall@100": 1.0}
    if verdict is not None:
        values["verbatim_rate"] = 1.0
        if answerable:
            values |= {"evidence_recall": recalled, "answer_f1": recalled / 2}
    evidence = (
        Gold("harbour.txt", start, end, harbour, recalled > 0),
        Gold("ledger.md", 9, 21, ledger, recalled == 1),
    )
    made: dict[str, Any] = {
        "id": name,
        "question": f"When did the harbour freeze ({name})?",
        "answerable": answerable,
        "verdict": verdict,
        "correct": recalled > 0,
        "confidence": 0.1 if abstained else 0.8,
        "reason": "No passage mentions 'harbour'." if abstained else None,
        "answers": ("1929",) if answerable else (),
        "evidence": (evidence,) if answerable else (),
        "tags": ("fact",),
        "history": (),
        "shown": () if abstained or verdict is None else cited[: 2 if verdict is Verdict.RIGHT else 1],
        "withheld": cited if abstained else (),
        "ranking": ("ledger.md", "harbour.txt"),
        "values": values,
        "timings_ms": {"retrieval": 8.0, "total": 10.0},
    }
    return Outcome(**(made | fields))


def made_run(outcomes: Sequence[Outcome], **fields: Any) -> Run:
    """A run of these outcomes. ``fields``: ``name``, ``drafts``, ``settings``, and those of :class:`Run`."""
    name, drafts = fields.pop("name", "made up"), fields.pop("drafts", 0)
    settings: Mapping[str, Any] = fields.pop(
        "settings",
        {
            "retrieval": {"candidates": 50},
            "answer": {"max_sentences": 4, "threshold": None},
            "calibration": {"threshold": 0.3},
        },
    )
    conditions = Conditions(
        version="0.2.0",
        code="c0de" * 16,
        settings=settings,
        index={"schema": 3, "model": "a-small-model", "encoder": "sentence-transformers"},
        generation="0007",
        corpus_hash="c0ffee" * 10,
        question_set=QuestionSet(name, "f00d" * 16, len(outcomes), drafts),
    )
    made: dict[str, Any] = {
        "conditions": conditions,
        "outcomes": tuple(outcomes),
        "machine": Machine("Linux x86_64", "A Processor", 2, 16.0, "3.12.1", {"numpy": "2.0.0"}),
        "threads": 2,
        "date": "2026-01-02T03:04:05+00:00",
        "seconds": 12.5,
        "peak_memory_mb": 640.0,
    }
    return Run(**(made | fields))


def mixed_run(questions: int = 60, seed: int = 0, **fields: Any) -> Run:
    """A run in which every verdict, tag and confidence occurs; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - nothing is kept secret
    outcomes = []
    for number in range(1, questions + 1):
        # Which questions can be answered does not depend on the seed, so that two runs can be compared.
        verdict = rng.choices(_UNANSWERABLE, (4, 1))[0] if number % 3 == 0 else rng.choices(_FOUND, (6, 2, 1, 2))[0]
        low = verdict in _ABSTAINED
        tags = ("unanswerable", "topic:harbour") if number % 3 == 0 else (_KINDS[number % 4], "topic:ledger")
        total = rng.lognormvariate(3.5, 0.4)
        outcomes.append(
            made_outcome(
                f"made-{number:02d}",
                verdict,
                confidence=rng.uniform(0.0, 0.3) if low else rng.uniform(0.3, 1.0),
                tags=tags,
                history=("What is the harbour?",) if number % 7 == 0 else (),
                timings_ms={"retrieval": total * 0.7, "answer": total * 0.3, "total": total},
            )
        )
    return made_run(outcomes, **fields)
