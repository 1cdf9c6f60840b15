"""Outcomes with plain figures, for arithmetic: right is 1 and wrong is 0."""

from __future__ import annotations

from typing import Any

from natoqa.evaluation.outcomes import Gold, Outcome, Verdict
from natoqa.testing.runs import made_outcome

TEXT = "Text"


def outcome(name: str, verdict: Verdict | None = Verdict.RIGHT, **fields: Any) -> Outcome:
    """One piece of evidence; confidence 0.9, or 0.1 when it abstained; other figures from the verdict."""
    made = made_outcome(name, verdict)
    plain: dict[str, Any] = {
        "confidence": 0.1 if made.abstained else 0.9,
        "evidence": ((Gold("a.txt", 0, 4, TEXT, verdict is Verdict.RIGHT),),) if made.answerable else (),
        "values": {"passage_hit@1": float(verdict is Verdict.RIGHT), "mrr": 1.0} if made.answerable else {},
        "timings_ms": {"retrieval": 7.0, "total": 10.0},
    }
    return made_outcome(name, verdict, **(plain | fields))
