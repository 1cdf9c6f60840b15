"""Fit the answerability model on question-answering data that is used for nothing else.

    python bench/answerability.py DATA.jsonl [SWAPPED.jsonl ...] ...

A row of DATA has question, context, answers ([{text}]) and answerable. The contexts become a corpus; an answerable
question counts as answerable with all of them, and as unanswerable once every passage that holds its answer is taken
away, which is how a corpus that is silent looks. A file whose name begins with ``swap_`` holds questions in which one
thing was exchanged, so that their context no longer answers. Prints the model as it stands in natoqa/answerability.py.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from datasets import CACHE, lay_out, open_indexed, settings_for
from natoqa.answerability import Signals, signals
from natoqa.evaluation.metrics.confidence import auroc
from natoqa.retrieval import Findings

SEED = 20121220
CONTEXTS = 700
QUESTIONS_A_CONTEXT = 2
QUESTIONS = 1_100


@dataclass(frozen=True)
class Row:
    """A training question; ``document`` holds its context, ``answers`` are empty when it is unanswerable."""

    question: str
    document: str
    answers: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+", help="JSONL files; swap_* follow the file they were made from")
    groups = grouped(parser.parse_args().data)
    examples = [example for data, swapped in groups for example in collect(data, swapped)]
    values = np.asarray([astuple(signal) for signal, _ in examples])
    labels = np.asarray([label for _, label in examples])
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(scaler.transform(values), labels)
    weights = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    scores = values @ weights + intercept
    print(f"{len(labels)} examples, {labels.mean():.2f} answerable; AUROC on them {auroc(labels, scores):.3f}")
    named = ", ".join(f"{field.name}={weight:.3f}" for field, weight in zip(fields(Signals), weights, strict=True))
    print(f"FITTED = LogisticModel(intercept={intercept:.3f}, weights=Signals({named}))")


def grouped(paths: Sequence[Path]) -> list[tuple[Path, list[Path]]]:
    """Each data file with the swapped files that follow it."""
    groups: list[tuple[Path, list[Path]]] = []
    for path in paths:
        if path.name.startswith("swap_"):
            groups[-1][1].append(path)
        else:
            groups.append((path, []))
    return groups


def collect(data: Path, swapped: Sequence[Path]) -> Iterator[tuple[Signals, bool]]:
    """Index a sample of the contexts and turn their questions into labelled signals."""
    rows = sample(data, swapped)
    assistant = open_indexed(settings_for(CACHE / f"{data.stem}.corpus", data.stem))
    for row in rows:
        findings = assistant.retriever.find(row.question)
        yield signals(findings), bool(row.answers)
        silent = silenced(findings, row)
        if row.answers and silent.hits:
            yield signals(silent), False


def sample(data: Path, swapped: Sequence[Path]) -> list[Row]:
    """Choose contexts and questions, and lay the contexts out as a corpus."""
    chance = random.Random(SEED)
    by_context: dict[str, list[dict[str, object]]] = {}
    for line in data.read_text("utf-8").splitlines():
        row = json.loads(line)
        by_context.setdefault(row["context"], []).append(row)
    chosen = chance.sample(sorted(by_context), min(CONTEXTS, len(by_context)))
    exchanged: dict[str, list[str]] = {}
    for path in swapped:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            exchanged.setdefault(row["context"], []).append(row["question"])
    rows: list[Row] = []
    documents: list[tuple[str, str, str]] = []
    for context in chosen:
        name = hashlib.sha256(context.encode()).hexdigest()[:12] + ".txt"
        questions = by_context[context]
        documents.append((name, str(questions[0].get("title", "")), context))
        chance.shuffle(questions)
        rows += [
            Row(str(q["question"]), name, tuple(a["text"] for a in q["answers"]))  # type: ignore[attr-defined]
            for q in questions[:QUESTIONS_A_CONTEXT]
        ]
        rows += [Row(question, name, ()) for question in exchanged.get(context, [])[:1]]
    lay_out(documents, CACHE / f"{data.stem}.corpus")
    chance.shuffle(rows)
    return rows[:QUESTIONS]


def silenced(findings: Findings, row: Row) -> Findings:
    """The findings less every passage of the row's own document and every other one that holds an answer."""
    spoken = [answer.lower() for answer in row.answers if len(answer) > 2]
    hits, kept, first = [], [], 0
    for hit in findings.hits:
        text = hit.text.lower()
        if hit.passage.document != row.document and not any(answer in text for answer in spoken):
            hits.append(hit)
            kept += range(first, first + len(hit.sentences))
        first += len(hit.sentences)
    return replace(findings, hits=tuple(hits), similarities=findings.similarities[kept])


if __name__ == "__main__":
    main()
