"""Metrics of one question's ranking, as pure functions. docs/metrics.md explains them with an example."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from natoqa.evaluation.questions import GoldSpan

Place = tuple[str, int, int]
"""Document, start and end (half open, in code points of the canonical text)."""


def first_rank(places: Sequence[Place], gold: Sequence[GoldSpan]) -> int | None:
    """Rank, from 1, of the first place that covers at least half of a piece of evidence; None when there is none."""
    for rank, place in enumerate(places, start=1):
        if any(piece.is_covered(*place) for piece in gold):
            return rank
    return None


def hit(rank: int | None, k: int) -> float:
    """1 when the first relevant result stands among the first ``k``, else 0 (also called Success@k)."""
    return float(rank is not None and rank <= k)


def reciprocal_rank(rank: int | None) -> float:
    """1 / rank of the first relevant result, 0 where there is none (Voorhees, TREC-8, 1999)."""
    return 0.0 if rank is None else 1.0 / rank


def ndcg(ranking: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """Normalised discounted cumulative gain with binary gains (Järvelin and Kekäläinen, TOIS 2002).

    DCG = sum of 1 / log2(rank + 1) over relevant results of the first k; divided by the best possible DCG. Each name
    should stand in ``ranking`` once.
    """
    gain = sum(1.0 / math.log2(rank + 1) for rank, name in enumerate(ranking[:k], start=1) if name in relevant)
    ideal = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1))
    return gain / ideal if ideal else 0.0


def recall(ranking: Sequence[str], relevant: Collection[str], k: int = 100) -> float:
    """Share of the relevant that stand among the first ``k``."""
    return len(set(ranking[:k]) & set(relevant)) / len(relevant) if relevant else 0.0
