"""A run says under which conditions it was made, stops at what is wrong with its questions, and can be repeated."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from natoqa.errors import QuestionSetError
from natoqa.evaluation.questions import Evidence, Question
from natoqa.evaluation.runs import QuestionSet, describe, evaluate

JETS = {
    "id": "jets",
    "question": "Who sold jets to Bolivia?",
    "answerable": True,
    "answers": ["China"],
    "evidence": [{"document": "china.txt", "quote": "China sold jets to Bolivia"}],
    "tags": ["fact"],
}
SILENT = {"id": "silent", "question": "Who sang the anthem?", "answerable": False, "tags": ["off-topic"]}
DRAFT = {**JETS, "id": "drafted", "draft": True}


@pytest.fixture
def filled(library: Any) -> Any:
    library.write("china.txt", "China sold jets to Bolivia in the past decade.\n\nVenezuela paid for a satellite.\n")
    library.sync()
    return library


def _write(folder: Path, *lines: Any) -> Path:
    path = folder / "set.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def test_a_run_records_what_is_needed_to_repeat_it(filled: Any, tmp_path: Path) -> None:
    assistant = filled.open()
    run = evaluate(assistant, _write(tmp_path, JETS, SILENT, DRAFT))
    conditions = run.conditions
    assert (conditions.question_set.name, conditions.question_set.questions, conditions.question_set.drafts) == (
        "set",
        2,
        1,
    )
    assert conditions.settings["retrieval"]["candidates"] == 50
    assert conditions.settings["answer"]["threshold"] == 0.0
    assert set(conditions.settings["calibration"]) == {"slope", "offset", "threshold"}
    assert conditions.index["encoder"] == filled.encoder.fingerprint
    assert conditions.generation == "0001"
    assert len(conditions.corpus_hash) == len(conditions.question_set.digest) == 64
    assert run.machine.python
    assert run.machine.processors >= 1
    assert run.peak_memory_mb > 10
    assert run.date.endswith("+00:00")


def test_drafts_are_not_asked(filled: Any, tmp_path: Path) -> None:
    run = evaluate(filled.open(), _write(tmp_path, JETS, DRAFT))
    assert [outcome.id for outcome in run.outcomes] == ["jets"]
    with pytest.raises(QuestionSetError, match="drafts"):
        evaluate(filled.open(), _write(tmp_path, DRAFT))


def test_two_runs_of_the_same_give_the_same_figures_and_conditions(filled: Any, tmp_path: Path) -> None:
    path = _write(tmp_path, JETS, SILENT)
    one, other = evaluate(filled.open(), path), evaluate(filled.open(), path)
    assert one.conditions == other.conditions
    assert [replace(o, timings_ms={}) for o in one.outcomes] == [replace(o, timings_ms={}) for o in other.outcomes]
    figures = [{name: e for name, e in run.estimates.items() if "latency" not in name} for run in (one, other)]
    assert repr(figures[0]) == repr(figures[1])


def test_the_conditions_change_with_what_decides_an_outcome_and_with_nothing_else(filled: Any) -> None:
    assistant = filled.open()
    question = Question("q", "Who?", False)
    asked = QuestionSet.of([question], "set")
    digest = describe(assistant, asked).digest
    assert describe(assistant, QuestionSet.of([question], "renamed")).digest == digest
    assert describe(assistant, QuestionSet.of([replace(question, line=7)], "set")).digest == digest
    assert describe(assistant, QuestionSet.of([replace(question, question="What?")], "set")).digest != digest
    generous = replace(assistant, settings=assistant.settings.model_copy(update={"threshold": 0.1}))
    assert describe(generous, asked).digest != digest
    library = filled
    library.sync(rebuild=True)
    assert describe(library.open(), asked).digest == digest
    library.write("peru.txt", "Peru bought tents.")
    library.sync()
    assert describe(library.open(), asked).digest != digest


def test_questions_may_come_without_a_file(filled: Any) -> None:
    asked = [Question("q", "Who sold jets?", True, evidence=(Evidence("china.txt", "China sold jets to Bolivia"),))]
    assert [outcome.id for outcome in evaluate(filled.open(), asked, name="mine").outcomes] == ["q"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ({**JETS, "evidence": [{"document": "peru.txt"}]}, "peru.txt"),
        ({**JETS, "evidence": [{"document": "china.txt", "quote": "China sold tents"}]}, "China sold tents"),
        ({**JETS, "alternatives": [[{"document": "peru.txt"}]]}, "peru.txt"),
        ({**SILENT, "id": "long", "question": "why " * 1000}, "characters"),
        ({**SILENT, "id": "wordless", "question": "???"}, "no word"),
    ],
)
def test_a_question_that_cannot_be_asked_or_judged_stops_the_run_with_its_line(
    filled: Any, tmp_path: Path, line: dict[str, Any], complaint: str
) -> None:
    path = _write(tmp_path, SILENT, line)
    with pytest.raises(QuestionSetError) as raised:
        evaluate(filled.open(), path)
    assert str(raised.value).startswith(f"{path}:2: ")
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_wrong_evidence_is_found_before_the_first_question_is_asked(filled: Any, tmp_path: Path) -> None:
    wrong = {**JETS, "id": "other", "evidence": [{"document": "peru.txt"}]}
    kept: list[Any] = []
    with pytest.raises(QuestionSetError, match=r"set\.jsonl:2: .*1 more; run: natoqa questions check"):
        evaluate(filled.open(), _write(tmp_path, JETS, wrong, {**wrong, "id": "third"}), keep=kept.append)
    assert kept == []


def test_outcomes_that_are_there_already_are_not_asked_for_again(filled: Any, tmp_path: Path) -> None:
    path = _write(tmp_path, JETS, SILENT)
    assistant = filled.open()
    whole = evaluate(assistant, path)
    kept: list[Any] = []
    steps: list[tuple[int, int]] = []
    done = {"jets": whole.outcomes[0]}
    resumed = evaluate(assistant, path, done=done, keep=kept.append, progress=lambda *step: steps.append(step))
    assert [outcome.id for outcome in kept] == ["silent"]
    assert [outcome.id for outcome in resumed.outcomes] == ["jets", "silent"]
    assert resumed.outcomes[0] is whole.outcomes[0]
    assert steps == [(1, 2), (2, 2)]
