"""What readers think of answers: kept beside the index, one JSON object a line, and sent nowhere.

index/
  feedback.jsonl   {"question": …, "asked": …, "verdict": "good", "note": …, "status": "answered", "citations": [
                   {"document": …, "start": …, "end": …, "quote": …}], "generation": "0007", "at": …}
  .feedback.lock   locked, by the operating system, while a line is added

A new generation leaves both alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from natoqa.errors import IndexNotWritable, QuestionSetError
from natoqa.types import Answer, Status

FEEDBACK = "feedback.jsonl"
LONGEST_NOTE = 2_000
"""Characters of a note that are kept."""
_LOCK = ".feedback.lock"
_PATIENCE = 10.0
_LINE = b"\n"


class Verdict(StrEnum):
    """A reader's verdict on an answer."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Shown:
    """A citation that the reader saw: ``document.text[start:end] == quote``, in the generation of the feedback."""

    document: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict on one answer, with as much of the answer as it takes to make a question of an evaluation of it.

    ``question`` is the one that was answered, ``asked`` what the reader typed. ``generation`` names that of the index,
    ``at`` is the time in ISO 8601.
    """

    question: str
    asked: str
    verdict: Verdict
    note: str
    status: Status
    citations: tuple[Shown, ...]
    generation: str
    at: str

    @classmethod
    def on(cls, answer: Answer, asked: str, verdict: Verdict, *, note: str = "", generation: str, at: str) -> Feedback:
        """Feedback on an answer that was shown."""
        shown = tuple(Shown(cited.document, cited.start, cited.end, cited.quote) for cited in answer.citations)
        return cls(answer.question, asked, verdict, note, answer.status, shown, generation, at)


@dataclass(frozen=True, slots=True)
class FeedbackLines:
    """What a file of feedback holds: what can be read, with its line from 1, and the lines that cannot."""

    read: tuple[tuple[int, Feedback], ...]
    broken: tuple[int, ...]


def record(index: Path, feedback: Feedback) -> None:
    """Add a line to the feedback of ``index``; processes that do so at once wait for each other.

    A note is cut to :data:`LONGEST_NOTE` characters. Raises IndexNotWritable, and leaves what was there as it was, when
    the folder or the disk refuses it.
    """
    note = feedback.note if len(feedback.note) <= LONGEST_NOTE else feedback.note[: LONGEST_NOTE - 1] + "…"
    # Half a character cannot be written in UTF-8; escaped, it is what JSON calls it anyway.
    line = json.dumps(asdict(replace(feedback, note=note)), ensure_ascii=False).encode("utf-8", "backslashreplace")
    try:
        # In this order: a lock would make a folder that is not there.
        with _appending(index / FEEDBACK) as file, FileLock(index / _LOCK, timeout=_PATIENCE):
            size = os.fstat(file).st_size
            # A writer that was killed may have left half a line: it must not take this one with it.
            begun = size and os.pread(file, 1, size - 1) != _LINE
            data = _LINE * bool(begun) + line + _LINE
            if os.write(file, data) != len(data):
                os.truncate(file, size)
                raise IndexNotWritable(f"the feedback in {index / FEEDBACK} cannot be written (the disk is full)")
    except Timeout as error:
        raise IndexNotWritable(f"the feedback in {index / FEEDBACK} is locked by another process; try again") from error
    except OSError as error:
        reason = error.strerror or error
        raise IndexNotWritable(f"the feedback in {index / FEEDBACK} cannot be written ({reason})") from error


def read(index: Path) -> tuple[Feedback, ...]:
    """All feedback of an index, oldest first; lines that cannot be read are passed over. None given: empty.

    Raises QuestionSetError when the file is there and cannot be read at all.
    """
    path = index / FEEDBACK
    return tuple(feedback for _, feedback in read_file(path).read) if path.exists() else ()


def read_file(path: Path) -> FeedbackLines:
    """The feedback of a file, line by line. Raises QuestionSetError when it cannot be opened or read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise QuestionSetError(f"{path} cannot be read ({error.strerror or error})") from error
    found: list[tuple[int, Feedback]] = []
    broken: list[int] = []
    for number, line in enumerate(data.split(_LINE), start=1):
        if not line.strip():
            continue
        try:
            found.append((number, _feedback(json.loads(line))))
        except (ValueError, TypeError, KeyError, RecursionError):
            broken.append(number)
    return FeedbackLines(tuple(found), tuple(broken))


@contextmanager
def _appending(path: Path) -> Iterator[int]:
    """The file, opened to be added to."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _feedback(fields: Mapping[str, Any]) -> Feedback:
    """Raises KeyError, TypeError or ValueError for what is no feedback."""
    return Feedback(
        question=_text(fields["question"]),
        asked=_text(fields["asked"]),
        verdict=Verdict(fields["verdict"]),
        note=_text(fields["note"]),
        status=Status(fields["status"]),
        citations=tuple(
            Shown(_text(item["document"]), _offset(item["start"]), _offset(item["end"]), _text(item["quote"]))
            for item in fields["citations"]
        ),
        generation=_text(fields["generation"]),
        at=_text(fields["at"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not text: {type(value).__name__}")
    return value


def _offset(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"not an offset: {type(value).__name__}")
    return value
