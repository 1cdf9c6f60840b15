"""Feedback: nothing said is lost, nothing broken does harm, and what comes of it is no more than it says."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import example, given
from hypothesis import strategies as st

from natoqa import feedback as feedback_module
from natoqa.errors import IndexNotWritable, QuestionSetError
from natoqa.evaluation.questions import Evidence, Question, load_questions, read_questions
from natoqa.evaluation.sets.documents import Documents
from natoqa.evaluation.sets.importing import ImportOptions, ImportSummary, import_questions
from natoqa.feedback import FEEDBACK, LONGEST_NOTE, Feedback, Shown, Verdict, read, read_file, record
from natoqa.types import Answer, AnswerSentence, Citation, Document, Status

AT = "2026-11-25T20:00:00+00:00"
QUOTE = "The harbour froze."
GOOD = Feedback(
    "Why did trade stop?", "And why?", Verdict.GOOD, "", Status.ANSWERED, (Shown("a.txt", 0, 18, QUOTE),), "0001", AT
)
BAD = replace(GOOD, verdict=Verdict.BAD, note="It says nothing of trade.")


def test_feedback_on_an_answer_keeps_what_was_shown() -> None:
    citation = Citation(1, "a.txt", "A", "Ann", "2012", "¶ 1", 0, 18, QUOTE)
    answer = Answer("Why did trade stop?", Status.ANSWERED, (AnswerSentence(QUOTE, (1,)),), (citation,))
    assert Feedback.on(answer, "And why?", Verdict.GOOD, generation="0001", at=AT) == GOOD


def test_what_is_recorded_is_read_in_order(tmp_path: Path) -> None:
    assert read(tmp_path) == ()
    for feedback in (GOOD, BAD, GOOD):
        record(tmp_path, feedback)
    assert read(tmp_path) == (GOOD, BAD, GOOD)
    assert (tmp_path / FEEDBACK).read_bytes().count(b"\n") == 3


@given(st.text(max_size=50), st.text(st.characters(), max_size=50))
@example("line\u2028break\nand \x00", "half \ud800 a character")
def test_any_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, quote: str, note: str) -> None:
    folder = tmp_path_factory.mktemp("any", numbered=True)
    said = replace(BAD, question=note, note=note, citations=(Shown(quote, 0, len(quote), quote),))
    record(folder, said)
    record(folder, GOOD)
    assert read(folder) == (said, GOOD)
    assert len((folder / FEEDBACK).read_bytes().split(b"\n")) == 3


def test_a_long_note_is_cut_and_says_so(tmp_path: Path) -> None:
    for length in (LONGEST_NOTE, LONGEST_NOTE + 1):
        record(tmp_path, replace(BAD, note="x" * length))
    whole, cut = (feedback.note for feedback in read(tmp_path))
    assert whole == "x" * LONGEST_NOTE
    assert cut == "x" * (LONGEST_NOTE - 1) + "…"


def test_feedback_is_for_the_eyes_of_its_user_alone(tmp_path: Path) -> None:
    record(tmp_path, GOOD)
    assert (tmp_path / FEEDBACK).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "half", [b'{"question": "Wh', '{"question": "¿Qu'.encode() + b"\xc3", b"\x00\xff", b"[" * 100_000]
)
def test_half_a_line_of_a_killed_writer_takes_no_other_with_it(tmp_path: Path, half: bytes) -> None:
    record(tmp_path, GOOD)
    with (tmp_path / FEEDBACK).open("ab") as file:
        file.write(half)
    assert read(tmp_path) == (GOOD,)
    record(tmp_path, BAD)
    assert read(tmp_path) == (GOOD, BAD)
    assert read_file(tmp_path / FEEDBACK).broken == (2,)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "splendid"},
        {"status": "perhaps"},
        {"question": None},
        {"note": 7},
        {"citations": None},
        {"citations": [{}]},
        {"citations": ["a"]},
        {"citations": [{"document": "a", "start": "0", "end": 1, "quote": "b"}]},
        {"citations": [{"document": "a", "start": True, "end": 1, "quote": "b"}]},
    ],
)
def test_a_line_that_is_no_feedback_is_passed_over(tmp_path: Path, change: dict[str, Any]) -> None:
    record(tmp_path, GOOD)
    fields = json.loads((tmp_path / FEEDBACK).read_text("utf-8")) | change
    with (tmp_path / FEEDBACK).open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(fields)}\n7\nnull\n[]\n\n")
    record(tmp_path, BAD)
    lines = read_file(tmp_path / FEEDBACK)
    assert [feedback for _, feedback in lines.read] == [GOOD, BAD]
    assert lines.broken == (2, 3, 4, 5)


def _record_many(folder: Path, writer: int, count: int) -> None:
    for number in range(count):
        record(folder, replace(GOOD, asked=f"{writer}:{number}", note="n" * 1_500))


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    writers, count = 4, 25
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_record_many, args=(tmp_path, writer, count)) for writer in range(writers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * writers
    lines = read_file(tmp_path / FEEDBACK)
    assert lines.broken == ()
    said = [feedback.asked for _, feedback in lines.read]
    assert sorted(said) == sorted(f"{writer}:{number}" for writer in range(writers) for number in range(count))
    for writer in range(writers):
        own = [asked for asked in said if asked.startswith(f"{writer}:")]
        assert own == [f"{writer}:{number}" for number in range(count)]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path, GOOD)
    write = os.write
    with monkeypatch.context() as patch:
        # As a disk with room for ten more bytes does.
        patch.setattr(feedback_module.os, "write", lambda file, data: write(file, data[:10]))
        with pytest.raises(IndexNotWritable, match="the disk is full"):
            record(tmp_path, BAD)
    assert (tmp_path / FEEDBACK).read_bytes().endswith(b"}\n")
    record(tmp_path, BAD)
    assert read_file(tmp_path / FEEDBACK).broken == ()
    assert read(tmp_path) == (GOOD, BAD)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexNotWritable, match=r"none/feedback\.jsonl cannot be written"):
        record(tmp_path / "none", GOOD)
    (tmp_path / FEEDBACK).mkdir()
    with pytest.raises(IndexNotWritable, match="cannot be written"):
        record(tmp_path, GOOD)
    with pytest.raises(QuestionSetError, match="cannot be read"):
        read(tmp_path)


def test_a_lock_that_is_never_released_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback_module, "_PATIENCE", 0.05)
    with FileLock(tmp_path / ".feedback.lock"), pytest.raises(IndexNotWritable, match="locked by another process"):
        record(tmp_path, GOOD)


# What comes of it


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., tuple[tuple[Question, ...], ImportSummary]]:
    """Feedback -> the questions that are made of it, and the summary."""
    document = Document("a.txt", QUOTE)

    def run(*said: Feedback, junk: str = "") -> tuple[tuple[Question, ...], ImportSummary]:
        for feedback in said:
            record(tmp_path, feedback)
        if junk:
            with (tmp_path / FEEDBACK).open("a", encoding="utf-8") as file:
                file.write(junk)
        documents = Documents("here", frozenset({"a.txt"}), {"a.txt": document}.__getitem__)
        out = tmp_path / "candidates.jsonl"
        summary = import_questions("feedback", tmp_path / FEEDBACK, out, ImportOptions(lambda: documents))
        assert read_questions(out)[1] == ()
        return tuple(replace(question, line=0) for question in load_questions(out)), summary

    return run


Imported = Callable[..., tuple[tuple[Question, ...], ImportSummary]]


def test_praise_becomes_an_answerable_question_with_the_quotes_as_evidence(imported: Imported) -> None:
    questions, summary = imported(GOOD)
    assert questions == (
        Question(
            "feedback-001",
            "Why did trade stop?",
            answerable=True,
            evidence=(Evidence("a.txt", QUOTE),),
            tags=("feedback", "feedback-good", "answered"),
        ),
    )
    assert (summary.questions, summary.answerable, summary.quotes, summary.quotes_missing) == (1, 1, 1, 0)


def test_blame_becomes_a_draft_without_evidence_and_the_note_is_shown(imported: Imported) -> None:
    (question,), summary = imported(BAD)
    assert (question.draft, question.answerable, question.evidence) == (True, False, ())
    assert question.tags == ("feedback", "feedback-bad", "answered")
    assert summary.notes == ("question feedback-001: bad, and the reader wrote: It says nothing of trade.",)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("citations", [(), GOOD.citations], ids=["nothing shown", "nearest passages shown"])
def test_a_verdict_on_silence_is_a_draft(imported: Imported, verdict: Verdict, citations: tuple[Shown, ...]) -> None:
    (question,), _ = imported(replace(GOOD, verdict=verdict, status=Status.NOT_FOUND, citations=citations))
    assert (question.draft, question.answerable) == (True, False)
    assert question.tags == ("feedback", f"feedback-{verdict}", "not-found")


def test_of_several_verdicts_on_one_answer_the_last_counts(imported: Imported) -> None:
    other = replace(GOOD, question="What froze?")
    again = replace(BAD, question="Why did  trade stop?")
    questions, summary = imported(GOOD, other, again)
    assert [(question.id, question.draft) for question in questions] == [
        ("feedback-001", True),
        ("feedback-002", False),
    ]
    assert summary.left_out == {"feedback: the same answer was judged again later": 1}


def test_what_cannot_be_read_or_asked_is_left_out_and_counted(imported: Imported) -> None:
    questions, summary = imported(GOOD, replace(GOOD, question="  \n"), replace(GOOD, question="Wh\ud800?"), junk="{")
    assert len(questions) == 1
    assert summary.left_out == {
        "lines: broken, or no feedback": 1,
        "feedback: without a question, or with half a character": 2,
    }


def test_a_quote_that_no_longer_stands_is_reported(imported: Imported) -> None:
    gone = replace(GOOD, citations=(Shown("a.txt", 0, 9, "It thawed."), Shown("b.txt", 0, 18, QUOTE)))
    _, summary = imported(gone)
    assert (summary.quotes, summary.quotes_missing) == (2, 2)


def test_a_file_without_feedback_is_refused(tmp_path: Path) -> None:
    options = ImportOptions(lambda: pytest.fail("no document is needed"))
    for content in ("", "{}\n", "question,answer\n"):
        (tmp_path / FEEDBACK).write_text(content, "utf-8")
        with pytest.raises(QuestionSetError, match="holds no feedback"):
            import_questions("feedback", tmp_path / FEEDBACK, tmp_path / "out.jsonl", options)
    with pytest.raises(QuestionSetError, match="cannot be read"):
        import_questions("feedback", tmp_path / "none.jsonl", tmp_path / "out.jsonl", options)
    assert not (tmp_path / "out.jsonl").exists()


def test_feedback_is_imported_from_the_command_line(natoqa: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text(QUOTE, "utf-8")
    for feedback in (GOOD, replace(BAD, question="Who paid?")):
        record(tmp_path, feedback)
    out = tmp_path / "candidates.jsonl"
    arguments = ("questions", "import", "feedback", tmp_path / FEEDBACK, "--out", out, "--corpus", tmp_path / "corpus")
    finished = natoqa(*arguments, "--json")
    assert finished.code == 0, finished.err
    value = json.loads(finished.out)
    assert (value["questions"], value["answerable"], value["quotes_missing"]) == (2, 1, 0)
    assert [question.draft for question in load_questions(out)] == [False, True]
    checked = natoqa("questions", "check", out, "--corpus", tmp_path / "corpus")
    assert checked.code == 0
