"""Joining rankings: pure functions over arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from natoqa.protocols import Floats, Ints


def reciprocal_rank_fusion(rankings: Sequence[Ints], k: float = 60.0) -> Ints:
    """Fuse rankings (each: positions, best first) into one, best first.

    Score = sum over rankings of 1 / (k + rank), rank from 1 (Cormack, Clarke and Büttcher, SIGIR 2009).
    Equal scores come in order of position.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, position in enumerate(ranking.tolist(), start=1):
            scores[position] = scores.get(position, 0.0) + 1.0 / (k + rank)
    ordered = sorted(scores, key=lambda position: (-scores[position], position))
    return np.asarray(ordered, dtype=np.int64)


def standardise(scores: Floats) -> Floats:
    """Scores (n,) with mean 0 and standard deviation 1; all zero where they do not differ."""
    if scores.size == 0:
        return scores
    deviation = float(scores.std())
    if deviation < 1e-9:
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / deviation, dtype=np.float32)


def ranks(ranking: Ints) -> dict[int, int]:
    """Position -> rank from 1."""
    return {position: rank for rank, position in enumerate(ranking.tolist(), start=1)}
