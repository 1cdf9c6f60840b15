"""PATH B: a question -> a cited answer, or an honest 'not in the sources'."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from natoqa.answerability import judge
from natoqa.calibration import SHIPPED, Calibration
from natoqa.citing import cite, cite_passages
from natoqa.following_up import complete
from natoqa.protocols import Answerer
from natoqa.retrieval import Findings, Retriever, normalise
from natoqa.settings import AnswerSettings, Settings
from natoqa.store import Generation
from natoqa.types import Answer, Document, Hit, Metadata, Quote, Status


@dataclass(frozen=True)
class Assistant:
    """Answers questions from one generation of an index. May be shared between threads.

    The parts come from outside: :meth:`open` is the usual way to get one.
    """

    generation: Generation
    retriever: Retriever
    answerer: Answerer
    settings: AnswerSettings
    calibration: Calibration = SHIPPED

    @classmethod
    def open(cls, index: str | Path | None = None, settings: Settings | None = None) -> Assistant:
        """Open the live generation of ``index`` (default: the settings').

        Raises NoIndex when nothing has been indexed, IndexMismatch when the settings' encoder is not the index's,
        IndexDamaged when a file is not what the manifest says.
        """
        from natoqa import wiring  # the composition root knows this module; importing it above would be a circle

        return wiring.assistant(index, settings)

    @property
    def threshold(self) -> float:
        """Least confidence at which a question is answered: the settings', else the calibration's."""
        return self.calibration.threshold if self.settings.threshold is None else self.settings.threshold

    def ask(self, question: str, documents: Sequence[str] = (), history: Sequence[str] = ()) -> Answer:
        """Answer a question; ``documents`` are glob patterns over document ids that restrict the sources.

        ``history`` holds the earlier questions of the conversation, oldest first: a follow-up is completed from them,
        and the answer says both what was typed and what was understood. Raises QuestionError for a question that is
        empty, wordless or far too long.
        """
        began = time.perf_counter()
        completed = complete(question, history)
        asked = normalise(question) if completed.is_follow_up else ""
        findings = self.retriever.find(completed.question, documents)
        found = time.perf_counter()
        judgement = judge(findings)
        judged = time.perf_counter()
        confidence = self.calibration.confidence(judgement.probability)
        if confidence < self.threshold:
            return self._not_found(findings, asked, confidence, judgement.reason, _timings(began, found, judged))
        cited = cite(self.answerer.draft(findings.question, findings.hits).sentences, self.document)
        if not cited.sentences:
            reason = "No sentence could be quoted for this question."
            return self._not_found(findings, asked, confidence, reason, _timings(began, found, judged))
        return Answer(
            question=findings.question,
            status=Status.ANSWERED,
            asked=asked,
            sentences=cited.sentences,
            citations=cited.citations,
            rejected=cited.rejected,
            hits=findings.hits,
            confidence=confidence,
            timings_ms=_timings(began, found, judged),
        )

    def search(self, question: str, k: int = 10, documents: Sequence[str] = ()) -> list[Hit]:
        """The k best passages for a question."""
        return list(self.retriever.find(question, documents).hits[:k])

    def document(self, identity: str) -> Document:
        """A document by id. Raises KeyError when there is none."""
        return self.generation.document(identity)

    def documents(self) -> dict[str, Metadata]:
        """Metadata of every document by id."""
        return self.generation.document_metadata()

    def _not_found(
        self, findings: Findings, asked: str, confidence: float, reason: str, timings: dict[str, float]
    ) -> Answer:
        nearest = [
            Quote(hit.passage.document, hit.text, start=hit.passage.start)
            for hit in findings.hits[: self.settings.nearest]
        ]
        return Answer(
            question=findings.question,
            status=Status.NOT_FOUND,
            asked=asked,
            nearest=cite_passages(nearest, self.document),
            hits=findings.hits,
            confidence=confidence,
            reason=reason,
            timings_ms=timings,
        )


def _timings(began: float, found: float, judged: float) -> dict[str, float]:
    now = time.perf_counter()
    stages = {"retrieval": found - began, "answerability": judged - found, "answer": now - judged, "total": now - began}
    return {stage: round(seconds * 1000, 2) for stage, seconds in stages.items()}
