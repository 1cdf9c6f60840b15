"""How well natoqa finds and abstains, beside plain MiniLM + FAISS in the same run, both scored as natoqa eval does.

    python bench/retrieval.py FOLDER                         a folder with corpus.jsonl and questions.jsonl
    python bench/retrieval.py --corpus DIR --questions FILE  files as natoqa users have them

Questions of odd and even places are reported apart: whoever chooses a setting does so on the first half.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from datasets import import_collection, open_indexed, settings_for
from natoqa.assistant import Assistant
from natoqa.evaluation.metrics.ranking import Place
from natoqa.evaluation.outcomes import Found, ask
from natoqa.evaluation.questions import load_questions
from natoqa.evaluation.runs import observe, require_sound
from natoqa.evaluation.scoring import METRICS, measure
from natoqa.protocols import Floats
from natoqa.types import SentenceKind

DEPTH = 100


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

    def __call__(self, question: str) -> Found:
        began = time.perf_counter()
        vector = self._encoder.encode_question(question).vector
        cosines = self._passage_vectors @ vector
        passages = tuple(self._passages[row] for row in np.argsort(-cosines, kind="stable")[:DEPTH])
        order = np.argsort(-(self._sentence_vectors @ vector), kind="stable")[:DEPTH] if self._sentences else []
        sentences = tuple(self._sentences[row] for row in order)
        # A cosine below 0 says no more than 0 does; confidence lies between 0 and 1.
        confidence = min(1.0, max(0.0, float(cosines.max())))
        return Found(passages, sentences, confidence, {"total": (time.perf_counter() - began) * 1000})

    def _encode(self, assistant: Assistant, places: Sequence[Place]) -> Floats:
        texts = [assistant.document(name).text[start:end] for name, start, end in places]
        vectors = [encoding.vector for encoding in self._encoder.encode_passages(texts)]
        return np.stack(vectors) if vectors else np.empty((0, self._encoder.dimensions), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path, nargs="?", help="folder with corpus.jsonl and questions.jsonl")
    parser.add_argument("--corpus", type=Path, help="folder of documents")
    parser.add_argument("--questions", type=Path, help="question set")
    chosen = parser.parse_args()
    if chosen.collection:
        corpus, path = import_collection(chosen.collection)
        name = chosen.collection.name
    elif chosen.corpus and chosen.questions:
        corpus, path, name = chosen.corpus, chosen.questions, chosen.corpus.resolve().name
    else:
        parser.error("name a collection, or --corpus and --questions")
    assistant = open_indexed(settings_for(corpus, name))
    questions = load_questions(path)
    require_sound(questions, assistant.document, path)
    quoted = any(piece.quote for question in questions for piece in question.evidence)
    systems: dict[str, Callable[[str], Found]] = {
        "plain": Plain(assistant, with_sentences=quoted),
        "natoqa": lambda question: ask(assistant, question),
    }
    for system in systems.values():
        system(questions[0].question)  # neither system's first, cold question is counted
    halves = {"all": slice(None), "half A": slice(0, None, 2), "half B": slice(1, None, 2)}
    outcomes = {
        name: observe(lambda question, ask=system: ask(question.question), questions, assistant.document)
        for name, system in systems.items()
    }
    columns = {f"{system}, {half}": own[part] for system, own in outcomes.items() for half, part in halves.items()}
    table = Table("metric", *columns, title=f"{name}, {len(questions)} questions")
    for metric in METRICS.values():
        figures = [measure(metric, own) for own in columns.values()]
        if not all(map(math.isnan, figures)):
            table.add_row(metric.name, *("–" if math.isnan(figure) else f"{figure:.4g}" for figure in figures))
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
