"""From the answerability model's probability to the confidence a reader sees, and the threshold to answer at.

A calibration belongs to an encoder, a chunker and the settings of retrieval: it is kept beside the generations, in
``calibration.json``, and stands aside when any of these changes.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from natoqa.errors import IndexNotWritable
from natoqa.generations import Manifest, damaged
from natoqa.settings import RetrievalSettings

CALIBRATION = "calibration.json"
_CERTAIN = 50.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """confidence = 1 / (1 + exp(-(slope · logit(probability) + offset))); answers are given from ``threshold`` on.

    (Platt, Probabilistic outputs for support vector machines, 1999.)
    """

    slope: float
    offset: float
    threshold: float

    def confidence(self, probability: float) -> float:
        """Between 0 and 1, rising with the probability; 0 stays 0, since then nothing was found at all."""
        return sigmoid(self.slope * logit(probability) + self.offset) if probability > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """A calibration with what it was fitted on and what it belongs to."""

    calibration: Calibration
    question_set: str
    questions: int
    date: str
    made_for: str


SHIPPED = Calibration(slope=0.4197, offset=0.4014, threshold=0.5095)
"""Fitted by bench/calibration.py on the development half of natoqa's own questions and halves of three other sets, each
weighing the same; see docs/decisions/0009."""


def sigmoid(score: float) -> float:
    """1 / (1 + exp(-score)), without overflow."""
    return 1.0 / (1.0 + math.exp(-max(-_CERTAIN, min(_CERTAIN, score))))


def logit(probability: float) -> float:
    """The inverse of :func:`sigmoid`, within ±50."""
    if not 0.0 < probability < 1.0:
        return _CERTAIN if probability >= 1.0 else -_CERTAIN
    return max(-_CERTAIN, min(_CERTAIN, math.log(probability) - math.log1p(-probability)))


def what_it_depends_on(manifest: Manifest, retrieval: RetrievalSettings) -> str:
    """SHA-256 of what a calibration belongs to."""
    parts = [manifest.encoder, manifest.chunker, manifest.lexical, retrieval.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def calibration_in_use(index: Path, manifest: Manifest, retrieval: RetrievalSettings) -> tuple[Calibration, str]:
    """The calibration that answers from this index are given with, and where it comes from, in words.

    Raises IndexDamaged when a stored one cannot be read.
    """
    stored = load_calibration(index)
    if stored is None:
        return SHIPPED, "as shipped"
    if stored.made_for != what_it_depends_on(manifest, retrieval):
        return SHIPPED, f"as shipped; {CALIBRATION} was fitted under other settings, to renew it: natoqa calibrate"
    return stored.calibration, f"fitted on {stored.question_set}, {stored.questions} questions, {stored.date[:10]}"


def load_calibration(index: Path) -> StoredCalibration | None:
    """The calibration kept in an index folder, None when there is none. Raises IndexDamaged when it cannot be read."""
    path = index / CALIBRATION
    try:
        stored = TypeAdapter(StoredCalibration).validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise damaged(index, CALIBRATION, "run: natoqa calibrate --reset") from error
    fitted = stored.calibration
    # A slope that is not positive would call the least likely the most certain.
    if not (0.0 <= fitted.threshold <= 1.0 and 0.0 < fitted.slope < math.inf and math.isfinite(fitted.offset)):
        raise damaged(index, CALIBRATION, "run: natoqa calibrate --reset")
    return stored


def save_calibration(index: Path, stored: StoredCalibration) -> Path:
    """Keep a calibration in an index folder, in one step, and say where. Raises IndexNotWritable."""
    path = index / CALIBRATION
    unfinished = index / f"{CALIBRATION}.next"
    try:
        unfinished.write_text(json.dumps(asdict(stored), indent=1, ensure_ascii=False) + "\n", "utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise IndexNotWritable(f"{path} cannot be written: {error.strerror}") from error
    return path


def forget_calibration(index: Path) -> bool:
    """Return to the shipped calibration; says whether there was another. Raises IndexNotWritable."""
    path = index / CALIBRATION
    try:
        existed = path.exists()
        path.unlink(missing_ok=True)
    except OSError as error:
        raise IndexNotWritable(f"{path} cannot be removed: {error.strerror}") from error
    return existed
