"""Fitting a calibration: Platt's scaling against scikit-learn, thresholds by hand, and on a real run."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runs import outcome
from sklearn.linear_model import LogisticRegression

from natoqa.calibration import Calibration, load_calibration
from natoqa.errors import QuestionSetError
from natoqa.evaluation.calibrating import UNCALIBRATED, calibrated, fit, keep, platt, quality
from natoqa.evaluation.outcomes import Outcome, Verdict


def _outcome(number: int, confidence: float, answerable: bool, correct: bool | None = None) -> Outcome:
    verdict = Verdict.RIGHT if answerable else Verdict.FALSE_ANSWER
    return outcome(str(number), verdict, confidence=confidence, correct=answerable if correct is None else correct)


@pytest.mark.parametrize("seed", range(4))
def test_platt_agrees_with_logistic_regression_on_many_examples(seed: int) -> None:
    chance = np.random.default_rng(seed)
    scores = chance.normal(0.5, 2.0, 4000)
    labels = chance.random(4000) < 1 / (1 + np.exp(-(0.7 * scores - 0.4)))
    weights = chance.uniform(0.5, 2.0, 4000)
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(scores[:, None], labels, sample_weight=weights)
    slope, offset = platt(scores, labels, weights)
    # The smoothed targets move it by a little.
    assert slope == pytest.approx(model.coef_[0, 0], abs=5e-3)
    assert offset == pytest.approx(model.intercept_[0], abs=5e-3)


def test_scores_that_separate_give_finite_values() -> None:
    scores, labels = np.asarray([-3.0, -2.0, 2.0, 3.0]), np.asarray([False, False, True, True])
    slope, offset = platt(scores, labels, np.ones(4))
    assert 0 < slope < 5
    assert abs(offset) < 1e-6


def test_the_smoothed_optimum_is_where_the_gradient_vanishes() -> None:
    chance = np.random.default_rng(7)
    scores = chance.normal(0, 1, 60)
    labels = chance.random(60) < 0.5
    slope, offset = platt(scores, labels, np.ones(60))
    positives, negatives = labels.sum(), (~labels).sum()
    targets = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    error = 1 / (1 + np.exp(-(slope * scores + offset))) - targets
    assert abs(error.sum()) < 1e-6
    assert abs((error * scores).sum()) < 1e-6


def test_the_threshold_is_where_most_questions_end_well() -> None:
    # In order of confidence: two silent, then four answered rightly with one silent between.
    rows = [(0.1, False), (0.2, False), (0.6, True), (0.65, True), (0.7, False), (0.8, True), (0.9, True)]
    found = calibrated([_outcome(n, *row) for n, row in enumerate(rows)])
    cut = [found.confidence(confidence) >= found.threshold for confidence, _ in rows]
    assert cut == [False, False, True, True, True, True, True]  # six of seven end well


def test_a_wrong_answer_to_an_answerable_question_does_not_end_well() -> None:
    rows = [(0.2, False, False), (0.6, True, False), (0.7, True, False), (0.8, True, True), (0.9, True, True)]
    found = calibrated([_outcome(n, *row) for n, row in enumerate(rows)], precision=1.0)
    assert [found.confidence(row[0]) >= found.threshold for row in rows] == [False, False, False, True, True]


def test_with_a_precision_the_lowest_threshold_that_keeps_it_is_taken() -> None:
    rows = [(n / 10, n >= 2) for n in range(1, 10)] + [(0.95, True)]
    outcomes = [_outcome(n, *row) for n, row in enumerate(rows)]
    generous, strict = calibrated(outcomes, precision=0.9), calibrated(outcomes, precision=1.0)
    assert generous.threshold == 0.0  # nine of ten are right when everything is answered
    assert strict.confidence(0.1) < strict.threshold <= strict.confidence(0.2)
    assert calibrated([_outcome(n, n / 10, n % 2 == 0, False) for n in range(9)], precision=0.5).threshold == 1.0


def test_quality_by_hand() -> None:
    judged = [(_outcome(n, c, a), UNCALIBRATED) for n, (c, a) in enumerate([(0.2, False), (0.4, True), (0.9, True)])]
    found = quality(judged)
    assert found.answered == pytest.approx(1 / 3)
    assert found.answered_right == 1.0
    assert (found.abstention_precision, found.abstention_recall) == (0.5, 1.0)
    assert found.brier == pytest.approx((0.04 + 0.36 + 0.01) / 3)
    nothing = quality([(_outcome(0, 0.1, True), replace(UNCALIBRATED, threshold=0.9))])
    assert math.isnan(nothing.answered_right)


@pytest.fixture
def filled(library: Any) -> Any:
    lines = [f"The port of City{n} has {n + 10} cranes and a lighthouse.\n\n" for n in range(14)]
    library.write("ports.txt", "".join(lines))
    library.sync()
    return library


def _set(folder: Path, answerable: int, silent: int) -> Path:
    lines: list[dict[str, Any]] = [
        {
            "id": f"a{n}",
            "question": f"How many cranes has the port of City{n}?",
            "answerable": True,
            "evidence": [{"document": "ports.txt", "quote": f"The port of City{n} has {n + 10} cranes"}],
        }
        for n in range(answerable)
    ]
    lines += [{"id": f"s{n}", "question": f"Who painted picture{n}?", "answerable": False} for n in range(silent)]
    lines += [{"id": "follow", "question": "And how many there?", "answerable": False, "history": ["Where?"]}]
    path = folder / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return path


def test_a_set_of_questions_calibrates_an_index(filled: Any, tmp_path: Path) -> None:
    assistant = filled.open()
    fitted = fit(assistant, _set(tmp_path, 14, 12))
    assert fitted.new.brier < fitted.before.brier
    assert fitted.new.abstention_f1 == 1.0
    assert fitted.calibration.confidence(0.9) > fitted.calibration.threshold
    assert len(fitted.curve.coverage) > 2
    path = keep(assistant, fitted)
    stored = load_calibration(filled.index)
    assert stored is not None
    assert path.is_file()
    assert stored.calibration == fitted.calibration
    assert stored.question_set.startswith("mine ")


def test_calibrating_does_not_depend_on_the_calibration_at_work(filled: Any, tmp_path: Path) -> None:
    path = _set(tmp_path, 12, 12)
    assistant = filled.open()
    other = replace(assistant, calibration=Calibration(3.0, -9.0, 0.99))
    assert fit(assistant, path).calibration == fit(other, path).calibration


def test_too_few_questions_of_a_kind_are_refused(filled: Any, tmp_path: Path) -> None:
    for answerable, silent in ((14, 9), (9, 14)):
        with pytest.raises(QuestionSetError, match=r"mine\.jsonl .*at least 10 of each"):
            fit(filled.open(), _set(tmp_path, answerable, silent))


def test_a_fit_that_would_turn_confidence_round_is_refused(filled: Any, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in _set(tmp_path, 14, 12).read_text("utf-8").splitlines()]
    quote = [{"document": "ports.txt", "quote": "The port of City0 has 10 cranes"}]
    for line in lines:
        line["answerable"] = not line["answerable"]
        line["evidence"] = quote if line["answerable"] else []
    path = tmp_path / "upside down.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    with pytest.raises(QuestionSetError, match="nothing to fit"):
        fit(filled.open(), path)
