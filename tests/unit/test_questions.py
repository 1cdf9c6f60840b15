"""Question sets: what is wrong is named with its file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from natoqa.errors import QuestionSetError
from natoqa.evaluation.questions import Evidence, GoldSpan, Question, gold_spans, load_questions
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
        Question("q1", "Who paid?", True, ("Venezuela",), (Evidence("a.txt", "Venezuela paid."),), ("fact",), 1),
        Question("q2", "Who sang?", False, (), (), (), 3),
    )


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{not json", "not JSON"),
        ("[]", "malformed"),
        ("3", "malformed"),
        ("null", "malformed"),
        ({**GOOD, "id": None}, "'id'"),
        ({**GOOD, "question": "  "}, "'question'"),
        ({**GOOD, "answerable": "yes"}, "'answerable'"),
        ({name: value for name, value in GOOD.items() if name != "answerable"}, "answerable"),
        ({**GOOD, "evidence": []}, "without evidence"),
        ({**GOOD, "evidence": [{"quote": "no document"}]}, "document"),
        ({**GOOD, "evidence": ["a.txt"]}, "malformed"),
        ({**GOOD, "evidence": 5}, "malformed"),
        ({**GOOD, "answers": 5}, "malformed"),
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


def test_gold_is_found_by_its_text_wherever_it_stands(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD)
    (question,) = load_questions(path)
    for before in ("", "A new beginning. "):
        document = Document("a.txt", f"{before}Venezuela paid. More.")
        (span,) = gold_spans(path, question, {"a.txt": document}.__getitem__)
        assert span == GoldSpan("a.txt", Span(len(before), len(before) + len("Venezuela paid.")))


def test_gold_that_is_no_longer_there_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = _write(tmp_path, UNANSWERABLE, GOOD)
    question = load_questions(path)[1]
    for documents in ({}, {"a.txt": Document("a.txt", "Bolivia paid.")}):
        with pytest.raises(QuestionSetError, match=r"questions\.jsonl:2: .*a\.txt"):
            gold_spans(path, question, documents.__getitem__)


def test_half_of_the_evidence_is_enough_and_less_is_not() -> None:
    gold = GoldSpan("a.txt", Span(10, 20))
    assert gold.is_covered("a.txt", 0, 15)
    assert gold.is_covered("a.txt", 15, 99)
    assert not gold.is_covered("a.txt", 0, 14)
    assert not gold.is_covered("b.txt", 0, 99)
    assert GoldSpan("a.txt", None).is_covered("a.txt", 5, 6)
    assert not GoldSpan("a.txt", None).is_covered("b.txt", 5, 6)
