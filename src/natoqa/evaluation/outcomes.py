"""What came of one question: what a system found and showed, held against the gold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from natoqa.assistant import Assistant
from natoqa.citing import cite
from natoqa.evaluation.metrics import answers as answer_metrics
from natoqa.evaluation.metrics import ranking as ranking_metrics
from natoqa.evaluation.metrics.ranking import Place
from natoqa.evaluation.questions import GoldSpan, Question, find_evidence
from natoqa.types import Answer, Citation, Document, SentenceKind, Status


class Verdict(StrEnum):
    """What a reader got. The first four are for answerable questions, the last two for unanswerable ones."""

    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"
    FALSE_ABSTENTION = "false abstention"
    RIGHT_ABSTENTION = "right abstention"
    FALSE_ANSWER = "false answer"


@dataclass(frozen=True, slots=True)
class Shown:
    """A cited sentence as the reader sees it, and where it stands."""

    document: str
    locator: str
    start: int
    end: int
    text: str

    @property
    def place(self) -> Place:
        """Document, start, end."""
        return self.document, self.start, self.end


@dataclass(frozen=True, slots=True)
class Found:
    """What a system did with one question.

    ``passages`` and ``sentences`` are ranked, best first. ``withheld`` is what it would have shown, had its confidence
    reached its threshold. ``abstained`` is None for a system that never abstains and makes no answer, only rankings;
    ``verbatim`` says whether every citation stands in its document, None when there is none.
    """

    passages: tuple[Place, ...]
    sentences: tuple[Place, ...]
    confidence: float
    timings_ms: Mapping[str, float]
    shown: tuple[Shown, ...] = ()
    withheld: tuple[Shown, ...] = ()
    abstained: bool | None = None
    reason: str | None = None
    verbatim: bool | None = None

    @property
    def documents(self) -> tuple[str, ...]:
        """Documents in the order of their best passage."""
        return tuple(dict.fromkeys(document for document, _, _ in self.passages))


@dataclass(frozen=True, slots=True)
class Gold:
    """A piece of evidence: its text and place (None: the whole document), and whether the answer covers it."""

    document: str
    start: int | None
    end: int | None
    text: str
    covered: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question, what is known about it, what was found, and the figures it adds to each metric that applies.

    ``correct``: answerable, and the answer, shown or withheld, covers at least one piece of evidence. ``ranking``:
    documents in the order of their best passage.
    """

    id: str
    question: str
    answerable: bool
    verdict: Verdict | None
    correct: bool
    confidence: float
    reason: str | None
    answers: tuple[str, ...]
    evidence: tuple[tuple[Gold, ...], ...]
    tags: tuple[str, ...]
    history: tuple[str, ...]
    shown: tuple[Shown, ...]
    withheld: tuple[Shown, ...]
    ranking: tuple[str, ...]
    values: Mapping[str, float]
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def abstained(self) -> bool:
        """Whether the reader was told that the sources do not answer."""
        return self.verdict in (Verdict.FALSE_ABSTENTION, Verdict.RIGHT_ABSTENTION)


def ask(assistant: Assistant, question: str, history: Sequence[str] = ()) -> Found:
    """Ask natoqa the way a reader does, after ``history``, and check every citation against its document."""
    answer = assistant.ask(question, history=history)
    withheld: tuple[Citation, ...] = ()
    if answer.status is Status.NOT_FOUND:
        drafted = assistant.answerer.draft(answer.question, answer.hits)
        withheld = cite(drafted.sentences, assistant.document).citations
    cited = (*answer.citations, *answer.nearest)
    return Found(
        passages=tuple((hit.passage.document, hit.passage.start, hit.passage.end) for hit in answer.hits),
        sentences=_ranked_sentences(answer),
        confidence=answer.confidence,
        timings_ms=answer.timings_ms,
        shown=tuple(map(_shown, answer.citations)),
        withheld=tuple(map(_shown, withheld)),
        abstained=answer.status is Status.NOT_FOUND,
        reason=answer.reason,
        verbatim=all(_stands(citation, assistant.document) for citation in cited) if cited else None,
    )


def judge(question: Question, found: Found, open_document: Callable[[str], Document]) -> Outcome:
    """Hold what was found against the gold.

    Raises ValueError when a piece of the question's evidence names a document or a quote that does not exist.
    """
    sets = tuple(find_evidence(pieces, open_document) for pieces in question.evidence_sets)
    offered = [sentence.place for sentence in found.shown or found.withheld]
    recalled = answer_metrics.evidence_recall([sentence.place for sentence in found.shown], sets) if sets else 0.0
    return Outcome(
        id=question.id,
        question=question.question,
        answerable=question.answerable,
        verdict=_verdict(question.answerable, found.abstained, recalled),
        correct=bool(sets)
        and answer_metrics.evidence_recall(offered, [[span] for pieces in sets for span in pieces]) > 0,
        confidence=found.confidence,
        reason=found.reason,
        answers=question.answers,
        evidence=tuple(tuple(_gold(span, offered, open_document) for span in pieces) for pieces in sets),
        tags=question.tags,
        history=question.history,
        shown=found.shown,
        withheld=found.withheld,
        ranking=found.documents,
        values=_values(question, found, sets),
        timings_ms=found.timings_ms,
    )


def _values(question: Question, found: Found, sets: Sequence[Sequence[GoldSpan]]) -> dict[str, float]:
    """The metrics that apply to this question by themselves; a metric that does not apply is left out."""
    values: dict[str, float] = {}
    if sets:
        values |= _ranking_values(found, [span for pieces in sets for span in pieces])
    if found.abstained is None:
        return values
    if found.verbatim is not None:
        values["verbatim_rate"] = float(found.verbatim)
    if found.shown:
        values["answer_words"] = answer_metrics.length_in_words([sentence.text for sentence in found.shown])
    if sets:
        places = [sentence.place for sentence in found.shown]
        values["evidence_recall"] = answer_metrics.evidence_recall(places, sets)
        if question.answers:
            shown = " ".join(sentence.text for sentence in found.shown)
            values["answer_f1"] = answer_metrics.token_f1(shown, question.answers)
        if places:
            values["citation_precision"] = answer_metrics.citation_precision(places, sets)
            values["citation_recall"] = answer_metrics.citation_recall(places, sets)
            values["redundancy"] = answer_metrics.redundancy(places, sets)
    return {name: value for name, value in values.items() if value == value}  # noqa: PLR0124 - nan is not itself


def _ranking_values(found: Found, gold: Sequence[GoldSpan]) -> dict[str, float]:
    rank = ranking_metrics.first_rank(found.passages, gold)
    values = {f"passage_hit@{k}": ranking_metrics.hit(rank, k) for k in (1, 3, 5, 10)}
    values["mrr"] = ranking_metrics.reciprocal_rank(rank)
    # A sentence is right or wrong only where the evidence is a quote.
    if found.sentences and all(span.span for span in gold):
        rank = ranking_metrics.first_rank(found.sentences, gold)
        values |= {f"sentence_hit@{k}": ranking_metrics.hit(rank, k) for k in (1, 3, 5)}
    relevant = {span.document for span in gold}
    values["ndcg@10"] = ranking_metrics.ndcg(found.documents, relevant, 10)
    values["recall@100"] = ranking_metrics.recall(found.documents, relevant, 100)
    return values


def _verdict(answerable: bool, abstained: bool | None, recalled: float) -> Verdict | None:
    if abstained is None:
        return None
    if not answerable:
        return Verdict.RIGHT_ABSTENTION if abstained else Verdict.FALSE_ANSWER
    if abstained:
        return Verdict.FALSE_ABSTENTION
    return Verdict.RIGHT if recalled >= 1.0 else Verdict.PARTIAL if recalled > 0.0 else Verdict.WRONG


def _gold(span: GoldSpan, offered: Sequence[Place], open_document: Callable[[str], Document]) -> Gold:
    covered = answer_metrics.evidence_recall(offered, [[span]]) > 0
    if span.span is None:
        return Gold(span.document, None, None, "", covered)
    text = open_document(span.document).text[span.span.start : span.span.end]
    return Gold(span.document, span.span.start, span.span.end, text, covered)


def _ranked_sentences(answer: Answer) -> tuple[Place, ...]:
    ranked = sorted(
        (
            (scored.score, hit.score, (hit.passage.document, scored.sentence.start, scored.sentence.end))
            for hit in answer.hits
            for scored in hit.sentences
            if scored.sentence.kind is not SentenceKind.HEADING
        ),
        reverse=True,
    )
    return tuple(place for _, _, place in ranked)


def _shown(citation: Citation) -> Shown:
    return Shown(citation.document, citation.locator, citation.start, citation.end, citation.quote)


def _stands(citation: Citation, open_document: Callable[[str], Document]) -> bool:
    return open_document(citation.document).text[citation.start : citation.end] == citation.quote
