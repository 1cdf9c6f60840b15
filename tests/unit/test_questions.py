"""Question sets: what is wrong is named with its file and line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from natoqa.errors import QuestionSetError
from natoqa.evaluation.questions import (
    Evidence,
    GoldSpan,
    Question,
    Severity,
    find_evidence,
    load_questions,
    question_to_json,
    read_questions,
)
from natoqa.types import Document, Span

GOOD: dict[str, Any] = {
    "id": "q1",
    "question": "Who paid?",
    "answerable": True,
    "answers": ["Venezuela"],
    "evidence": [{"document": "a.txt", "quote": "Venezuela paid."}],
    "tags": ["fact"],
}
UNANSWERABLE = {"id": "q2", "question": "Who sang?", "answerable": False}


def _write(folder: Path, *lines: Any) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def test_a_question_set_is_read_line_by_line(tmp_path: Path) -> None:
    questions = load_questions(_write(tmp_path, GOOD, "", UNANSWERABLE))
    assert questions == (
        Question(
            "q1", "Who paid?", True, ("Venezuela",), (Evidence("a.txt", "Venezuela paid."),), tags=("fact",), line=1
        ),
        Question("q2", "Who sang?", False, line=3),
    )


def test_alternatives_history_and_drafts_are_read_and_written_back(tmp_path: Path) -> None:
    full = {
        **GOOD,
        "alternatives": [[{"document": "b.txt", "quote": "It paid."}, {"document": "c.txt"}], [{"document": "d.txt"}]],
        "history": ["What is it?", "Where?"],
        "draft": True,
    }
    (question,) = load_questions(_write(tmp_path, full))
    assert question.evidence_sets == (
        (Evidence("a.txt", "Venezuela paid."),),
        (Evidence("b.txt", "It paid."), Evidence("c.txt")),
        (Evidence("d.txt"),),
    )
    assert (question.history, question.draft) == (("What is it?", "Where?"), True)
    assert json.loads(question_to_json(question)) == full
    assert json.loads(question_to_json(Question("q2", "Who sang?", False))) == UNANSWERABLE


def test_an_unanswerable_question_has_no_evidence_whatever_its_line_says(tmp_path: Path) -> None:
    (question,) = load_questions(_write(tmp_path, {**GOOD, "answerable": False}))
    assert question.evidence_sets == ()


def test_a_byte_order_mark_and_other_line_ends_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "windows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n" + json.dumps(UNANSWERABLE).encode())
    assert [question.line for question in load_questions(path)] == [1, 2]


def test_an_unknown_field_is_a_warning_and_the_question_stands(tmp_path: Path) -> None:
    questions, problems = read_questions(_write(tmp_path, {**GOOD, "awnsers": []}))
    assert len(questions) == 1
    assert [(problem.line, problem.severity) for problem in problems] == [(1, Severity.WARNING)]
    assert "'awnsers'" in problems[0].message
    assert len(load_questions(tmp_path / "questions.jsonl")) == 1


def test_every_wrong_line_is_found_and_the_first_is_raised_with_their_number(tmp_path: Path) -> None:
    path = _write(tmp_path, "{", GOOD, "[]", {**GOOD, "id": ""})
    questions, problems = read_questions(path)
    assert [question.id for question in questions] == ["q1"]
    assert [problem.line for problem in problems] == [1, 3, 4]
    assert all(str(problem).startswith(f"{path}:{problem.line}: ") for problem in problems)
    with pytest.raises(
        QuestionSetError, match=r"questions\.jsonl:1: not JSON.*and 2 more; run: natoqa questions check"
    ):
        load_questions(path)


def test_a_hundred_thousand_questions_are_read_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({**UNANSWERABLE, "id": str(n)}) + "\n" for n in range(100_000)), "utf-8")
    began = time.perf_counter()
    assert len(load_questions(path)) == 100_000
    assert time.perf_counter() - began < 15


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{not json", "not JSON"),
        ("[]", "not a JSON object"),
        ("3", "not a JSON object"),
        ("null", "not a JSON object"),
        ("[" * 100_000, "recursion"),
        ({**GOOD, "id": None}, "'id'"),
        ({**GOOD, "question": "  "}, "'question'"),
        ({**GOOD, "answerable": "yes"}, "'answerable'"),
        ({name: value for name, value in GOOD.items() if name != "answerable"}, "answerable"),
        ({**GOOD, "evidence": []}, "without evidence"),
        ({**GOOD, "evidence": [{"quote": "no document"}]}, "document"),
        ({**GOOD, "evidence": ["a.txt"]}, "'evidence'"),
        ({**GOOD, "evidence": 5}, "'evidence'"),
        ({**GOOD, "evidence": [{"document": "a.txt", "quote": 3}]}, "'quote'"),
        ({**GOOD, "alternatives": [{"document": "a.txt"}]}, "'alternatives'"),
        ({**GOOD, "alternatives": 5}, "'alternatives'"),
        ({**GOOD, "alternatives": [[]]}, "alternatives is empty"),
        ({**GOOD, "question": "Who \ud800?"}, "half a character"),
        ({**GOOD, "tags": ["\udfff"]}, "half a character"),
        ({**GOOD, "answers": 5}, "'answers'"),
        ({**GOOD, "tags": [1]}, "'tags'"),
        ({**GOOD, "history": "before"}, "'history'"),
        ({**GOOD, "draft": "yes"}, "'draft'"),
        ({**GOOD, "id": "q2"}, "the id 'q2' stands in line 1 too"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: Any, complaint: str) -> None:
    path = _write(tmp_path, UNANSWERABLE, line)
    with pytest.raises(QuestionSetError) as raised:
        load_questions(path)
    message = str(raised.value)
    assert message.startswith(f"{path}:2: ")
    assert complaint in message
    assert "\n" not in message


def test_a_file_that_holds_no_question_or_is_not_there_is_named(tmp_path: Path) -> None:
    empty = _write(tmp_path, "", "  ")
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (empty, binary, tmp_path / "absent.jsonl", tmp_path):
        with pytest.raises(QuestionSetError, match=path.name):
            load_questions(path)


def test_gold_is_found_by_its_text_wherever_it_stands() -> None:
    for before in ("", "A new beginning. "):
        document = Document("a.txt", f"{before}Venezuela paid. More.")
        pieces = [Evidence("a.txt", "Venezuela paid."), Evidence("a.txt")]
        quoted, whole = find_evidence(pieces, {"a.txt": document}.__getitem__)
        assert quoted == GoldSpan("a.txt", Span(len(before), len(before) + len("Venezuela paid.")))
        assert whole == GoldSpan("a.txt", None)


@pytest.mark.parametrize("text", ["Bolivia paid.", "Venezuela payed.", "Venezuela  has paid."])
def test_gold_is_never_found_by_likeness(text: str) -> None:
    with pytest.raises(ValueError, match=r"Venezuela paid\..*a\.txt"):
        find_evidence([Evidence("a.txt", "Venezuela paid.")], {"a.txt": Document("a.txt", text)}.__getitem__)


def test_gold_in_a_document_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no document 'a\.txt'"):
        find_evidence([Evidence("a.txt")], {}.__getitem__)


def test_half_of_the_evidence_is_enough_and_less_is_not() -> None:
    gold = GoldSpan("a.txt", Span(10, 20))
    assert gold.is_covered("a.txt", 0, 15)
    assert gold.is_covered("a.txt", 15, 99)
    assert not gold.is_covered("a.txt", 0, 14)
    assert not gold.is_covered("b.txt", 0, 99)
    assert GoldSpan("a.txt", None).is_covered("a.txt", 5, 6)
    assert not GoldSpan("a.txt", None).is_covered("b.txt", 5, 6)
