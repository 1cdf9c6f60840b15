"""A calibration is arithmetic, is kept with the index it belongs to, and stands aside when that has changed."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.calibration import (
    SHIPPED,
    Calibration,
    StoredCalibration,
    forget_calibration,
    load_calibration,
    logit,
    save_calibration,
    sigmoid,
    what_it_depends_on,
)
from natoqa.errors import IndexDamaged, IndexNotWritable
from natoqa.generations import Manifest
from natoqa.settings import RetrievalSettings

STORED = StoredCalibration(Calibration(0.5, -0.25, 0.4), "mine 0123", 120, "2026-01-01T00:00:00+00:00", "digest")


def test_a_confidence_by_hand() -> None:
    # logit 0.8 = ln 4; 0.5 * ln 4 - 0 = ln 2; 2 / (1 + 2).
    assert Calibration(0.5, 0.0, 0.5).confidence(0.8) == pytest.approx(2 / 3)
    assert Calibration(1.0, 0.0, 0.5).confidence(0.3) == pytest.approx(0.3)


@given(st.floats(0, 1), st.floats(0, 1))
def test_confidence_rises_with_the_probability(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= SHIPPED.confidence(low) <= SHIPPED.confidence(high) <= 1.0


@given(st.floats(-40, 30))
def test_logit_undoes_sigmoid(score: float) -> None:
    assert logit(sigmoid(score)) == pytest.approx(score, abs=1e-2)


def test_certainty_has_an_end() -> None:
    assert (logit(0.0), logit(1.0)) == (-50.0, 50.0)
    assert sigmoid(1e9) == pytest.approx(1.0)
    assert sigmoid(-1e9) > 0.0


def test_what_was_kept_is_found_again_and_can_be_forgotten(tmp_path: Path) -> None:
    assert load_calibration(tmp_path) is None
    path = save_calibration(tmp_path, STORED)
    assert path == tmp_path / "calibration.json"
    assert load_calibration(tmp_path) == STORED
    save_calibration(tmp_path, replace(STORED, questions=3))
    assert [path.name for path in tmp_path.iterdir()] == ["calibration.json"]
    assert forget_calibration(tmp_path) is True
    assert forget_calibration(tmp_path) is False
    assert load_calibration(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"calibration": {"slope": 1, "offset": 0, "threshold": 7}, "question_set": "", "questions": 1, "date": "",'
        ' "made_for": ""}',
        '{"calibration": {"slope": NaN, "offset": 0, "threshold": 0.5}, "question_set": "", "questions": 1, "date": "",'
        ' "made_for": ""}',
        '{"calibration": {"slop": 1}, "question_set": ""}',
        '{"calibration": {"slope": -1, "offset": 0, "threshold": 0.5}, "question_set": "", "questions": 1, "date": "",'
        ' "made_for": ""}',
        '{"calibration": {"slope": 1, "offset": 0, "threshold": 0.5}, "question_set": "", "questions": 1, "date": 7,'
        ' "made_for": ""}',
    ],
)
def test_a_damaged_calibration_names_the_command_that_mends_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "calibration.json").write_text(content, "utf-8")
    with pytest.raises(IndexDamaged, match=r"calibration\.json.*natoqa calibrate --reset") as raised:
        load_calibration(tmp_path)
    assert "\n" not in str(raised.value)


def test_a_calibration_that_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(IndexNotWritable, match=r"calibration\.json"):
        save_calibration(tmp_path / "file", STORED)


def test_it_belongs_to_encoder_chunker_and_retrieval_and_to_nothing_else() -> None:
    manifest = Manifest(1, "0.1.0", "today", "e1", 4, "m", "c1", "l1", "v", 1, 1, 1, 1, {})
    retrieval = RetrievalSettings()
    belongs = what_it_depends_on(manifest, retrieval)
    assert what_it_depends_on(replace(manifest, documents=9, created="later"), retrieval) == belongs
    for other in (replace(manifest, encoder="e2"), replace(manifest, chunker="c2"), replace(manifest, lexical="l2")):
        assert what_it_depends_on(other, retrieval) != belongs
    assert what_it_depends_on(manifest, retrieval.model_copy(update={"depth": 7})) != belongs
    assert not math.isnan(SHIPPED.confidence(0.5))
