"""Metrics as pure functions of ranks, labels and scores. Each names its source; tests check them as arithmetic."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence


def hit_rate(ranks: Sequence[int | None], k: int) -> float:
    """Share of questions whose first relevant result has rank <= k. ``ranks`` count from 1; None: not found."""
    return _mean([float(rank is not None and rank <= k) for rank in ranks])


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Mean of 1 / rank of the first relevant result, 0 where there is none (Voorhees, TREC-8, 1999)."""
    return _mean([1.0 / rank if rank else 0.0 for rank in ranks])


def ndcg(ranking: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """Normalised discounted cumulative gain with binary gains (Järvelin and Kekäläinen, TOIS 2002).

    DCG = sum of 1 / log2(rank + 1) over relevant results of the first k; divided by the best possible DCG.
    """
    gain = sum(1.0 / math.log2(rank + 1) for rank, name in enumerate(ranking[:k], start=1) if name in relevant)
    ideal = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1))
    return gain / ideal if ideal else 0.0


def recall(ranking: Sequence[str], relevant: Collection[str], k: int = 100) -> float:
    """Share of the relevant that stand among the first k."""
    return len(set(ranking[:k]) & set(relevant)) / len(relevant) if relevant else 0.0


def auroc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Probability that a positive scores higher than a negative, ties counted half (Hanley and McNeil 1982)."""
    positives = [score for label, score in zip(labels, scores, strict=True) if label]
    negatives = [score for label, score in zip(labels, scores, strict=True) if not label]
    if not positives or not negatives:
        return math.nan
    wins = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
    return wins / (len(positives) * len(negatives))


def precision_recall_f1(predicted: Sequence[bool], actual: Sequence[bool]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean; nan where nothing is predicted or nothing is actual."""
    both = sum(p and a for p, a in zip(predicted, actual, strict=True))
    precision = both / sum(predicted) if any(predicted) else math.nan
    recalled = both / sum(actual) if any(actual) else math.nan
    total = sum(predicted) + sum(actual)
    return precision, recalled, 2 * both / total if total else math.nan


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
