"""natoqa eval, compare and calibrate from end to end, over the shipped corpus with the real weights."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from natoqa.evaluation.runfile import load_run

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path, real_index: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with an index and a few of the shipped questions."""
    shutil.copytree(real_index, tmp_path / "index")
    lines = (ROOT / "eval" / "briefing.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "few.jsonl").write_text("\n".join([*lines[:6], *lines[-6:]]) + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _json(finished: Any) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    assert finished.code == 0, finished.err
    value = json.loads(finished.out, parse_constant=refuse)
    assert isinstance(value, dict)
    return value


def _fails(finished: Any, *words: str) -> None:
    assert finished.code == 1
    assert finished.out == ""
    assert finished.err.count("\n") == 1, finished.err
    assert finished.err.startswith("natoqa: ")
    for word in words:
        assert word in finished.err


def test_eval_prints_a_table_and_writes_a_run_and_a_report(natoqa: Run, home: Path) -> None:
    finished = natoqa("eval", "few.jsonl")
    assert finished.code == 0, finished.err
    (folder,) = (home / "runs").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "run.json"]
    run = load_run(folder / "run.json")
    assert len(run.outcomes) == 12
    for name in ("passage_hit@1", "evidence_recall", "abstention_f1", "verbatim_rate"):
        assert name in finished.out
        assert f"{run.metrics[name]:.3f}" in finished.out
    assert f"runs/{folder.name}/report.html" in finished.out
    assert run.metrics["verbatim_rate"] == 1.0


def test_eval_json_is_one_value_with_the_promised_fields(natoqa: Run, home: Path) -> None:
    value = _json(natoqa("eval", "few.jsonl", "--out", "there", "--json"))
    assert {"metrics", "questions", "settings", "generation"} <= set(value)
    assert value["questions"] == 12
    assert {
        *(f"passage_hit@{k}" for k in (1, 3, 5, 10)), "mrr", *(f"sentence_hit@{k}" for k in (1, 3, 5)), "ndcg@10",
        "recall@100", "evidence_recall", "answer_f1", "abstention_precision", "abstention_recall", "abstention_f1",
        "answerability_auroc", "risk_coverage_auc", "verbatim_rate", "latency_ms_p50", "latency_ms_p95",
    } <= set(value["metrics"])  # fmt: skip
    assert value["metrics"]["verbatim_rate"] == 1.0
    assert Path(value["run"]) == Path("there/run.json")
    saved = json.loads((home / "there" / "run.json").read_text("utf-8"))
    assert saved["metrics"] == value["metrics"]
    assert "outcomes" not in value


def test_two_runs_of_the_same_thing_have_the_same_figures_to_the_last_digit(natoqa: Run, home: Path) -> None:
    one, other = (_json(natoqa("eval", "few.jsonl", "--out", name, "--json")) for name in ("one", "other"))
    for value in (one, other):
        for name in ("latency_ms_p50", "latency_ms_p95"):
            del value["metrics"][name], value["intervals"][name]
    same = ("metrics", "intervals", "counts", "slices", "settings", "index", "corpus_hash", "question_set", "seed")
    assert {name: one[name] for name in same} == {name: other[name] for name in same}
    compared = _json(natoqa("compare", "one/run.json", "other/run.json", "--json"))
    assert compared["flips"] == compared["conditions"] == compared["unpaired"] == []
    assert {d["difference"] for name, d in compared["differences"].items() if "latency" not in name} == {0.0}


def test_compare_and_baseline_say_what_a_worse_setting_did(
    natoqa: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _json(natoqa("eval", "few.jsonl", "--out", "before", "--json"))
    monkeypatch.setenv("NATOQA_ANSWER__THRESHOLD", "1.0")
    gate = "evidence_recall < -0.1"
    finished = natoqa("eval", "few.jsonl", "--out", "after", "--baseline", "before/run.json", "--fail-if", gate)
    assert finished.code == 1
    assert "evidence_recall" in finished.out.split("questions compared")[1]
    assert "answer.threshold: None → 1.0" in finished.out
    assert "right → false abstention" in finished.out
    assert finished.err.startswith(f"natoqa: {gate}: ")
    assert finished.err.count("\n") == 1
    assert "false abstention" in (home / "after" / "report.html").read_text("utf-8")
    assert natoqa("compare", "before/run.json", "after/run.json", "--fail-if", gate).code == 1
    assert natoqa("compare", "before/run.json", "before/run.json", "--fail-if", gate).code == 0
    assert natoqa("compare", "before/run.json", "after/run.json", "--fail-if", "passage_hit@1 < 0").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("eval", "few.jsonl", "--fail-if", "mrr < 0"), 2),
        (("compare", "few.jsonl", "few.jsonl", "--fail-if", "speed < 0"), 2),
        (("compare", "few.jsonl", "few.jsonl", "--fail-if", "nonsense"), 2),
        (("calibrate",), 2),
        (("calibrate", "few.jsonl", "--reset"), 2),
        (("calibrate", "few.jsonl", "--precision", "2"), 2),
    ],
)
def test_wrong_usage_exits_with_2(natoqa: Run, home: Path, arguments: tuple[str, ...], code: int) -> None:
    assert natoqa(*arguments).code == code


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("\x1b[31m{\n", ":1: not JSON"),
        ('{"id": "a", "question": "Who \\ud800?", "answerable": false}\n', ":1: 'question' holds half a character"),
        ('{"id": "a", "question": "???", "answerable": false}\n', ":1: the question holds no word"),
        ("{not json}\n", ":1: not JSON"),
        ('{"id": "a", "question": "Who?", "answerable": true}\n', ":1: answerable, but without evidence"),
        ('\n{"id": "a", "question": "Who?"}\n', ":2: 'answerable'"),
        (
            '{"id": "a", "question": "Who?", "answerable": true, "evidence": [{"document": "no.txt"}]}\n',
            ":1: there is no document 'no.txt'",
        ),
        (
            '{"id": "a", "question": "Who?", "answerable": true,'
            ' "evidence": [{"document": "briefing.txt", "quote": "Nobody said so"}]}\n',
            ":1: the quote 'Nobody said so…' does not stand in briefing.txt",
        ),
        ('{"id": "a", "question": "Who?", "answerable": false}\n' * 2, ":2: the id 'a' stands in line 1 too"),
        ('{"id": "a", "question": "Who?", "answerable": false, "draft": true}\n', "drafts"),
    ],
)
def test_a_malformed_set_is_one_line_with_file_and_line(natoqa: Run, home: Path, content: str, complaint: str) -> None:
    (home / "wrong.jsonl").write_text(content, "utf-8")
    _fails(natoqa("eval", "wrong.jsonl"), "wrong.jsonl", complaint)
    assert not (home / "runs").exists()


def test_what_a_file_says_cannot_break_the_line_or_speak_to_the_terminal(natoqa: Run, home: Path) -> None:
    hostile = "x\x1b[2J\ny"
    line = {"id": hostile, "question": "Who?", "answerable": True, "evidence": [{"document": hostile}]}
    (home / "hostile.jsonl").write_text(json.dumps(line), "utf-8")
    finished = natoqa("eval", "hostile.jsonl")
    _fails(finished, "there is no document")
    assert "\x1b" not in finished.err
    line |= {
        "evidence": [{"document": "briefing.txt"}],
        "question": f"Who founded Mercosur{hostile}?",
        "tags": [hostile],
    }
    (home / "hostile.jsonl").write_text(json.dumps(line), "utf-8")
    finished = natoqa("eval", "hostile.jsonl")
    assert finished.code == 0, finished.err
    assert "\x1b" not in finished.out


def test_a_run_is_replaced_only_when_forced(natoqa: Run, home: Path) -> None:
    _json(natoqa("eval", "few.jsonl", "--out", "there", "--json"))
    before = (home / "there" / "run.json").read_bytes()
    _fails(natoqa("eval", "few.jsonl", "--out", "there"), "exists already", "--force")
    assert (home / "there" / "run.json").read_bytes() == before
    _json(natoqa("eval", "few.jsonl", "--out", "there", "--force", "--json"))
    assert (home / "there" / "run.json").read_bytes() != before


def test_a_baseline_that_is_none_is_named_before_anything_is_asked(natoqa: Run, home: Path) -> None:
    _fails(natoqa("eval", "few.jsonl", "--baseline", "few.jsonl"), "few.jsonl", "natoqa eval")
    _fails(natoqa("compare", "absent.json", "few.jsonl"), "absent.json")
    assert not (home / "runs").exists()


def test_a_set_of_another_corpus_cannot_be_compared(natoqa: Run, home: Path) -> None:
    line = '{"id": "x", "question": "Who won the World Cup?", "answerable": false}\n'
    (home / "other.jsonl").write_text(line, "utf-8")
    _json(natoqa("eval", "other.jsonl", "--out", "other", "--json"))
    _json(natoqa("eval", "few.jsonl", "--out", "few", "--json"))
    _fails(natoqa("compare", "other/run.json", "few/run.json"), "share no question")
    _fails(natoqa("eval", "few.jsonl", "--out", "third", "--baseline", "other/run.json"), "other questions")
    assert not (home / "third").exists()


def test_conditions_on_runs_that_share_only_a_part_come_with_a_warning(natoqa: Run, home: Path) -> None:
    lines = (home / "few.jsonl").read_text("utf-8").splitlines()
    (home / "fewer.jsonl").write_text("\n".join(lines[2:]), "utf-8")
    for name in ("few", "fewer"):
        _json(natoqa("eval", f"{name}.jsonl", "--out", name, "--json"))
    finished = natoqa("compare", "few/run.json", "fewer/run.json", "--fail-if", "mrr < 0")
    assert finished.code == 0
    assert finished.err == "natoqa: 2 questions are not the same in both runs and were not judged\n"
    assert "2 questions left out" in finished.out


def test_calibrating_is_kept_with_the_index_and_can_be_taken_back(natoqa: Run, home: Path) -> None:
    silent = {"question": "Who won the football World Cup?", "answerable": False}
    # Off the subject, so that there is something to be told apart.
    lines = (ROOT / "eval" / "briefing.jsonl").read_text("utf-8").splitlines()
    far = [json.dumps({**silent, "id": f"far{n}", "question": f"Who won the cup in {1900 + n}?"}) for n in range(12)]
    (home / "mine.jsonl").write_text("\n".join([*lines, *far]), "utf-8")
    tried = _json(natoqa("calibrate", "mine.jsonl", "--dry-run", "--json"))
    assert not (home / "index" / "calibration.json").exists()
    kept = _json(natoqa("calibrate", "mine.jsonl", "--json"))
    assert (home / "index" / "calibration.json").is_file()
    assert {**kept, "kept_in": None} == tried
    assert kept["fitted"]["calibration_error"] < kept["before"]["calibration_error"]
    assert kept["risk_coverage"][-1]["coverage"] == 1.0
    measured = _json(natoqa("eval", "mine.jsonl", "--json"))
    assert measured["settings"]["calibration"] == {name: kept[name] for name in ("slope", "offset", "threshold")}
    assert measured["metrics"]["calibration_error"] == pytest.approx(kept["fitted"]["calibration_error"], abs=0.02)
    assert "fitted on mine" in natoqa("status").out
    # Another retrieval is another thing to calibrate.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NATOQA_RETRIEVAL__DEPTH", "50")
        assert "as shipped; calibration.json was fitted under other settings" in natoqa("status").out
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NATOQA_ANSWER__THRESHOLD", "0.9")
        assert "from a confidence of 0.90 on" in natoqa("status").out
    assert _json(natoqa("calibrate", "--reset", "--json")) == {"reset": True}
    assert not (home / "index" / "calibration.json").exists()
    shown = natoqa("calibrate", "mine.jsonl", "--precision", "0.9", "--dry-run")
    assert shown.code == 0
    assert "cross-validated" in shown.out
    assert "nothing was stored" in shown.out


def test_too_few_questions_calibrate_nothing(natoqa: Run, home: Path) -> None:
    _fails(natoqa("calibrate", "few.jsonl"), "few.jsonl", "at least 10")


@pytest.mark.slow
def test_a_killed_evaluation_goes_on_where_it_was(natoqa: Run, home: Path) -> None:
    shutil.copy(ROOT / "eval" / "dev.jsonl", home / "dev.jsonl")
    command = [sys.executable, "-m", "natoqa", "eval", "dev.jsonl", "--json"]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            journals = list(home.glob("runs/*/unfinished.jsonl"))
            if journals and journals[0].read_bytes().count(b"\n") > 20:
                break
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    (journal,) = home.glob("runs/*/unfinished.jsonl")
    finished = natoqa("eval", "dev.jsonl")
    assert finished.code == 0, finished.err
    assert "taken over from an interrupted run" in finished.out
    (folder,) = (home / "runs").iterdir()
    assert folder == journal.parent
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "run.json"]
    resumed = load_run(folder / "run.json")
    whole = _json(natoqa("eval", "dev.jsonl", "--out", "whole", "--json"))
    for name, value in resumed.metrics.items():
        if "latency" not in name:
            assert whole["metrics"][name] == value, name
