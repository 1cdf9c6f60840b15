"""The JSON of runs, comparisons and calibrations, as the command line prints it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from natoqa.evaluation.calibrating import Fitted
from natoqa.evaluation.comparison import Comparison
from natoqa.evaluation.runfile import number, summary_json
from natoqa.evaluation.writing import WrittenRun


def run_json(written: WrittenRun) -> dict[str, Any]:
    """``natoqa eval --json``: everything about a run but its single outcomes, which stand in run.json."""
    value = summary_json(written.run) | {"run": str(written.path), "report": str(written.report)}
    return value | ({"comparison": comparison_json(written.comparison)} if written.comparison is not None else {})


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """``natoqa compare --json``."""
    return {
        "questions": comparison.questions,
        "differences": {
            difference.metric: {
                "baseline": difference.baseline,
                "new": difference.new,
                "difference": difference.difference,
                "interval": [number(difference.interval.low), number(difference.interval.high)],
                "p": number(difference.p),
                "adjusted_p": number(difference.adjusted_p),
                "questions": difference.questions,
                "worse": difference.is_worse,
                "significant": difference.is_significant,
            }
            for difference in comparison.differences
        },
        "flips": [
            {"id": flip.id, "question": flip.question, "before": flip.before.value, "after": flip.after.value}
            for flip in comparison.flips
        ],
        "conditions": [
            {"name": name, "baseline": before, "new": after} for name, before, after in comparison.conditions
        ],
        "unpaired": list(comparison.unpaired),
    }


def fitted_json(fitted: Fitted, path: Path | None) -> dict[str, Any]:
    """``natoqa calibrate --json``."""
    qualities = {"before": fitted.before, "fitted": fitted.new, "cross_validated": fitted.cross_validated}
    return {
        **asdict(fitted.calibration),
        "questions": fitted.questions,
        "question_set": {"name": fitted.question_set.name, "digest": fitted.question_set.digest},
        **{name: {key: number(value) for key, value in asdict(quality).items()} for name, quality in qualities.items()},
        "coverage@95": fitted.coverage_at_95,
        "risk_coverage": [
            {"coverage": coverage, "risk": risk, "threshold": threshold}
            for coverage, risk, threshold in zip(
                fitted.curve.coverage.tolist(),
                fitted.curve.risk.tolist(),
                fitted.curve.threshold.tolist(),
                strict=True,
            )
        ],
        "kept_in": str(path) if path else None,
    }
