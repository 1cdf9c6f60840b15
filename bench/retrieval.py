"""How well natoqa finds and abstains, beside plain MiniLM + FAISS in the same run.

    python bench/retrieval.py FOLDER                         a folder with corpus.jsonl and questions.jsonl
    python bench/retrieval.py --corpus DIR --questions FILE  files as natoqa users have them

Questions of odd and even places are reported apart: whoever chooses a setting does so on the first half.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from datasets import CACHE, lay_out, open_indexed, settings_for
from natoqa.assistant import Assistant
from natoqa.evaluation import metrics
from natoqa.evaluation.questions import GoldSpan, Question, gold_spans, load_questions
from natoqa.protocols import Floats
from natoqa.types import SentenceKind, Status

Place = tuple[str, int, int]


@dataclass(frozen=True)
class Outcome:
    """What one system did with one question. Places are (document, start, end), best first."""

    passages: list[Place]
    sentences: list[Place]
    confidence: float
    milliseconds: float
    verbatim: bool = True
    not_found: bool | None = None


class Plain:
    """The usual recipe: one vector a passage and one a sentence, cosine, nothing else."""

    def __init__(self, assistant: Assistant, with_sentences: bool) -> None:
        self._encoder = assistant.retriever.encoder
        stored = assistant.generation.passages(list(range(assistant.generation.manifest.passages)))
        self._passages = [(item.passage.document, item.passage.start, item.passage.end) for item in stored]
        self._sentences = [
            (item.passage.document, sentence.start, sentence.end)
            for item in stored
            for sentence in item.passage.sentences
            if with_sentences and sentence.kind is not SentenceKind.HEADING
        ]
        self._passage_vectors = self._encode(assistant, self._passages)
        self._sentence_vectors = self._encode(assistant, self._sentences)

    def __call__(self, question: str) -> Outcome:
        began = time.perf_counter()
        vector = self._encoder.encode_question(question).vector
        cosines = self._passage_vectors @ vector
        passages = [self._passages[row] for row in np.argsort(-cosines, kind="stable")[:100]]
        order = np.argsort(-(self._sentence_vectors @ vector), kind="stable")[:100] if self._sentences else []
        sentences = [self._sentences[row] for row in order]
        return Outcome(passages, sentences, float(cosines.max()), (time.perf_counter() - began) * 1000)

    def _encode(self, assistant: Assistant, places: Sequence[Place]) -> Floats:
        texts = [assistant.document(name).text[start:end] for name, start, end in places]
        vectors = [encoding.vector for encoding in self._encoder.encode_passages(texts)]
        return np.stack(vectors) if vectors else np.empty((0, self._encoder.dimensions), dtype=np.float32)


def natoqa_outcome(assistant: Assistant, question: str) -> Outcome:
    """Ask natoqa, with every citation checked against its document."""
    began = time.perf_counter()
    answer = assistant.ask(question)
    milliseconds = (time.perf_counter() - began) * 1000
    ranked = sorted(
        (
            (scored.score, hit.score, (hit.passage.document, scored.sentence.start, scored.sentence.end))
            for hit in answer.hits
            for scored in hit.sentences
            if scored.sentence.kind is not SentenceKind.HEADING
        ),
        reverse=True,
    )
    verbatim = all(
        assistant.document(citation.document).text[citation.start : citation.end] == citation.quote
        for citation in (*answer.citations, *answer.nearest)
    )
    return Outcome(
        passages=[(hit.passage.document, hit.passage.start, hit.passage.end) for hit in answer.hits],
        sentences=[place for _, _, place in ranked],
        confidence=answer.confidence,
        milliseconds=milliseconds,
        verbatim=verbatim,
        not_found=answer.status is Status.NOT_FOUND,
    )


def first_rank(places: Sequence[Place], gold: Sequence[GoldSpan]) -> int | None:
    """Rank from 1 of the first place that covers at least half of a piece of evidence."""
    for rank, place in enumerate(places, start=1):
        if any(span.is_covered(*place) for span in gold):
            return rank
    return None


def measure(
    system: Callable[[str], Outcome], questions: Sequence[Question], gold: Sequence[tuple[GoldSpan, ...]]
) -> dict[str, float]:
    """All metrics of one system; a question that a metric does not apply to is left out of it."""
    outcomes = [system(question.question) for question in questions]
    answerable = [index for index, question in enumerate(questions) if question.answerable]
    ranks = [first_rank(outcomes[index].passages, gold[index]) for index in answerable]
    quoted = [index for index in answerable if all(span.span for span in gold[index]) and outcomes[index].sentences]
    sentence_ranks = [first_rank(outcomes[index].sentences, gold[index]) for index in quoted]
    documents = [list(dict.fromkeys(name for name, _, _ in outcomes[index].passages)) for index in answerable]
    relevant = [{span.document for span in gold[index]} for index in answerable]
    result = {
        "questions": float(len(questions)),
        "passage_hit@1": metrics.hit_rate(ranks, 1),
        "passage_hit@3": metrics.hit_rate(ranks, 3),
        "mrr": metrics.mean_reciprocal_rank(ranks),
        "ndcg@10": float(np.mean([metrics.ndcg(d, r) for d, r in zip(documents, relevant, strict=True)])),
        "recall@100": float(np.mean([metrics.recall(d, r) for d, r in zip(documents, relevant, strict=True)])),
    }
    if sentence_ranks:
        result["sentence_hit@1"] = metrics.hit_rate(sentence_ranks, 1)
        result["sentence_hit@3"] = metrics.hit_rate(sentence_ranks, 3)
    if len(answerable) < len(questions):
        labels = [question.answerable for question in questions]
        result["answerability_auroc"] = metrics.auroc(labels, [outcome.confidence for outcome in outcomes])
        if all(outcome.not_found is not None for outcome in outcomes):
            precision, recall, f1 = metrics.precision_recall_f1(
                [bool(outcome.not_found) for outcome in outcomes], [not label for label in labels]
            )
            result |= {"abstention_precision": precision, "abstention_recall": recall, "abstention_f1": f1}
    if outcomes[0].not_found is not None:
        result["verbatim_rate"] = float(np.mean([outcome.verbatim for outcome in outcomes]))
    result["latency_ms_p50"] = float(np.median([outcome.milliseconds for outcome in outcomes]))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path, nargs="?", help="folder with corpus.jsonl and questions.jsonl")
    parser.add_argument("--corpus", type=Path, help="folder of documents")
    parser.add_argument("--questions", type=Path, help="question set")
    chosen = parser.parse_args()
    if chosen.collection:
        corpus, path = CACHE / f"{chosen.collection.name}.corpus", chosen.collection / "questions.jsonl"
        lay_out(chosen.collection, corpus)
        suffix, name = ".txt", chosen.collection.name
    elif chosen.corpus and chosen.questions:
        corpus, path, suffix, name = chosen.corpus, chosen.questions, "", chosen.corpus.resolve().name
    else:
        parser.error("name a collection, or --corpus and --questions")
    assistant = open_indexed(settings_for(corpus, name))
    questions = load_questions(path)
    gold = [gold_spans(path, question, lambda doc: assistant.document(doc + suffix)) for question in questions]
    gold = [tuple(GoldSpan(span.document + suffix, span.span) for span in spans) for spans in gold]
    plain = Plain(assistant, with_sentences=any(span.span for spans in gold for span in spans))
    halves = {"all": slice(None), "half A": slice(0, None, 2), "half B": slice(1, None, 2)}
    systems: dict[str, Callable[[str], Outcome]] = {
        "plain": plain,
        "natoqa": lambda question: natoqa_outcome(assistant, question),
    }
    for system in systems.values():
        system(questions[0].question)  # neither system's first, cold question is counted
    results = {
        (system, half): measure(run, questions[part], gold[part])
        for system, run in systems.items()
        for half, part in halves.items()
    }
    table = Table("metric", *(f"{system}, {half}" for system, half in results), title=name)
    for metric in results["natoqa", "all"]:
        table.add_row(metric, *(f"{result[metric]:.4g}" if metric in result else "–" for result in results.values()))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
