"""run.json: what is written is read back, what is no run is named, an interrupted run is gone on with."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs import outcome

from natoqa.errors import RunError
from natoqa.evaluation.outcomes import Gold, Shown, Verdict
from natoqa.evaluation.runfile import (
    is_being_written,
    journal,
    load_run,
    outcome_from_json,
    outcome_json,
    read_journal,
    save_run,
)
from natoqa.testing.runs import made_run


def test_a_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    written = made_run([outcome(verdict.value, verdict) for verdict in Verdict] + [outcome("none", None)])
    save_run(written, tmp_path / "new folder" / "run.json")
    read = load_run(tmp_path / "new folder" / "run.json")
    assert read.outcomes == written.outcomes
    assert read.conditions == written.conditions
    assert repr(read.estimates) == repr(written.estimates)
    assert (read.machine, read.date, read.seconds) == (written.machine, written.date, written.seconds)


@given(
    text=st.text(max_size=40),
    number=st.floats(allow_nan=False, allow_infinity=False),
    places=st.lists(st.integers(0, 10**9), min_size=2, max_size=2),
)
def test_an_outcome_survives_json_whatever_stands_in_it(text: str, number: float, places: list[int]) -> None:
    start, end = places
    one = outcome(
        text,
        question=text,
        tags=(text,),
        shown=(Shown(text, text, start, end, text),),
        evidence=((Gold(text, None, None, "", False), Gold(text, start, end, text, True)), ()),
        values={"mrr": number},
    )
    line = outcome_json(one)
    assert "\n" not in line
    assert outcome_from_json(json.loads(line)) == one


def test_run_json_holds_the_figures_for_other_programs_and_no_nan(tmp_path: Path) -> None:
    save_run(made_run([outcome("a"), outcome("b", Verdict.WRONG)]), tmp_path / "run.json")

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    content = json.loads((tmp_path / "run.json").read_text("utf-8"), parse_constant=refuse)
    assert content["metrics"]["passage_hit@1"] == 0.5
    assert content["metrics"]["abstention_recall"] is None
    assert content["counts"]["passage_hit@1"] == 2
    assert content["intervals"]["passage_hit@1"] == [0.0, 1.0]
    assert content["slices"]["fact"]["questions"] == 2
    assert content["verdicts"]["right"] == 1
    assert content["latency_ms"]["retrieval"] == {"p50": 7.0, "p95": 7.0}
    assert [one["id"] for one in content["outcomes"]] == ["a", "b"]


@pytest.mark.parametrize("content", ["", "[]", "{}", "{not json", '{"form": 1}', '{"form": 1, "version": 3}', "null"])
def test_what_is_no_run_is_named_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content, "utf-8")
    with pytest.raises(RunError, match=r"run\.json cannot be read.*natoqa eval") as raised:
        load_run(path)
    assert "\n" not in str(raised.value)


def test_a_run_of_another_form_says_so(tmp_path: Path) -> None:
    save_run(made_run([outcome("a")]), tmp_path / "run.json")
    content = json.loads((tmp_path / "run.json").read_text("utf-8"))
    (tmp_path / "run.json").write_text(json.dumps(content | {"form": 99}), "utf-8")
    with pytest.raises(RunError, match="form 99"):
        load_run(tmp_path / "run.json")
    for absent in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(RunError, match="cannot be read"):
            load_run(absent)


def test_a_run_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RunError, match="cannot be written"):
        save_run(made_run([outcome("a")]), tmp_path / "file" / "run.json")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def _interrupt(folder: Path, *names: str) -> None:
    with pytest.raises(KeyboardInterrupt), journal(folder, "conditions") as (_, keep):
        for name in names:
            keep(outcome(name))
        raise KeyboardInterrupt


def test_an_interrupted_run_is_gone_on_with(tmp_path: Path) -> None:
    _interrupt(tmp_path, "a", "b")
    _interrupt(tmp_path, "c")
    with journal(tmp_path, "conditions") as (done, _):
        assert list(done) == ["a", "b", "c"]
        assert done["b"] == outcome("b")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_of_other_conditions_is_not(tmp_path: Path) -> None:
    _interrupt(tmp_path, "a")
    with journal(tmp_path, "others") as (done, _):
        assert done == {}


def test_a_line_that_a_kill_cut_short_is_asked_again(tmp_path: Path) -> None:
    _interrupt(tmp_path, "a", "b")
    path = tmp_path / "unfinished.jsonl"
    whole = path.read_bytes()
    lines = whole.split(b"\n")
    for cut in range(len(lines[0]) + 1, len(whole) - 1, 7):
        path.write_bytes(whole[:cut])
        complete = max(0, whole[:cut].count(b"\n") - 1)
        found = read_journal(path, "conditions")
        # A line counts from its last character on, whether the line break came through or not.
        assert set(found) <= {"a", "b"}
        assert len(found) in (complete, complete + 1)


def test_figures_that_do_not_apply_are_null(tmp_path: Path) -> None:
    one: Any = made_run([outcome("a", None, answerable=True, values={}, timings_ms={})])
    assert all(math.isnan(value) for name, value in one.metrics.items() if name != "answerability_auroc")
    save_run(one, tmp_path / "run.json")
    content = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert set(content["metrics"].values()) == {None}


def test_two_evaluations_do_not_write_into_one_folder(tmp_path: Path) -> None:
    assert not is_being_written(tmp_path)
    with journal(tmp_path, "conditions") as (_, keep):
        keep(outcome("a"))
        assert is_being_written(tmp_path)
        with pytest.raises(RunError, match="another evaluation is writing"), journal(tmp_path, "conditions"):
            pass
        assert list(read_journal(tmp_path / "unfinished.jsonl", "conditions")) == ["a"]
    assert not is_being_written(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": "high"},
        {"confidence": 7.0},
        {"confidence": None},
        {"values": [1]},
        {"values": {"mrr": "first"}},
        {"values": {"passage_hit@1": 0.5}},
        {"tags": [[1]]},
        {"shown": [{"document": "a.txt"}]},
        {"verdict": "excellent"},
        {"evidence": 3},
        {"timings_ms": {"total": "long"}},
    ],
)
def test_an_outcome_that_was_tampered_with_makes_the_file_no_run(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "run.json"
    save_run(made_run([outcome("a"), outcome("b")]), path)
    content = json.loads(path.read_text("utf-8"))
    content["outcomes"][1] |= change
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(RunError, match=r"run\.json"):
        load_run(path)


@pytest.mark.parametrize(
    "change",
    [
        {"settings": [1]}, {"corpus_hash": 3}, {"machine": {}}, {"threads": "two"}, {"question_set": {"name": "x"}},
        {"outcomes": {}}, {"code": None}, {"index": 5},
    ],
)  # fmt: skip
def test_a_head_that_was_tampered_with_makes_the_file_no_run(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "run.json"
    save_run(made_run([outcome("a")]), path)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(RunError, match=r"run\.json"):
        load_run(path)


def test_an_id_that_stands_twice_nan_and_deep_nesting_make_the_file_no_run(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    save_run(made_run([outcome("a"), outcome("a")]), path)
    twice = path.read_text("utf-8")
    for text in (twice, twice.replace('"mrr": 1.0', '"mrr": NaN', 1), "[" * 100_000):
        path.write_text(text, "utf-8")
        with pytest.raises(RunError, match=r"run\.json"):
            load_run(path)
