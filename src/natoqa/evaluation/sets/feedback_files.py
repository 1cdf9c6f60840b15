"""Readers' feedback as candidates for a question set.

Praise says that the quotes shown do answer. Nothing else that a reader says settles what the sources hold: it becomes a
draft, without evidence, for a person to complete.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from natoqa.errors import QuestionSetError
from natoqa.evaluation.questions import Evidence, Question
from natoqa.evaluation.sets.importing import Collected, ImportOptions
from natoqa.feedback import Feedback, Verdict, read_file
from natoqa.types import Status

TAG = "feedback"


def read_feedback(source: Path, options: ImportOptions) -> Collected:
    """Read a ``feedback.jsonl``. Of several verdicts on one answer the last counts, under the line of the first.

    Raises QuestionSetError when the file cannot be read.
    """
    lines = read_file(source)
    if not lines.read:
        raise QuestionSetError(f"{source} holds no feedback")
    left_out = Counter({"lines: broken, or no feedback": len(lines.broken)})
    judged: dict[object, tuple[int, Feedback]] = {}
    for number, feedback in lines.read:
        if not _one_line(feedback.question) or _is_broken(feedback):
            left_out["feedback: without a question, or with half a character"] += 1
            continue
        answer = (_one_line(feedback.question).casefold(), feedback.status, feedback.citations)
        left_out["feedback: the same answer was judged again later"] += answer in judged
        judged[answer] = judged.get(answer, (number, feedback))[0], feedback
    questions = tuple(_question(number, feedback) for number, feedback in judged.values())
    notes = tuple(
        f"question {_id(number)}: {feedback.verdict}, and the reader wrote: {_one_line(feedback.note)}"
        for number, feedback in judged.values()
        if feedback.note.strip()
    )
    return Collected(questions, left_out=left_out, notes=notes)


def _question(number: int, feedback: Feedback) -> Question:
    evidence = tuple(dict.fromkeys(Evidence(cited.document, cited.quote) for cited in feedback.citations))
    is_settled = feedback.verdict is Verdict.GOOD and feedback.status is Status.ANSWERED and bool(evidence)
    return Question(
        id=_id(number),
        question=_one_line(feedback.question),
        answerable=is_settled,
        evidence=evidence if is_settled else (),
        tags=(TAG, f"{TAG}-{feedback.verdict}", feedback.status.value.replace("_", "-")),
        draft=not is_settled,
    )


def _id(number: int) -> str:
    return f"{TAG}-{number:03d}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _is_broken(feedback: Feedback) -> bool:
    """Whether it holds what a question set may not: a lone surrogate, or a blank quote or document."""
    cited = [text for shown in feedback.citations for text in (shown.document, shown.quote)]
    halves = any("\ud800" <= character <= "\udfff" for text in (feedback.question, *cited) for character in text)
    return halves or not all(text.strip() for text in cited)
