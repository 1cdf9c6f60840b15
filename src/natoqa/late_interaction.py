"""Late interaction (MaxSim; Khattab and Zaharia, ColBERT, arXiv 2004.12832) with idf weights on question tokens."""

from __future__ import annotations

import numpy as np

from natoqa.protocols import Floats, Ints


def best_similarities(question: Floats, tokens: Floats, spans: Ints) -> Floats:
    """For each span of tokens, the best cosine that each question token finds in it.

    ``question`` is (q, d), ``tokens`` (t, d), both of unit rows; ``spans`` is (s, 2), half-open ranges of token rows,
    in order and without overlap. Returns (s, q); the row of an empty span is 0.
    """
    result = np.zeros((len(spans), len(question)), dtype=np.float32)
    full = spans[:, 0] < spans[:, 1]
    if not full.any() or len(question) == 0:
        return result
    similarities = tokens @ question.T
    # reduceat takes boundaries: maximum from each start to the next boundary; the gaps between spans are dropped.
    padded = np.vstack([similarities, np.zeros((1, len(question)), dtype=np.float32)])
    result[full] = np.maximum.reduceat(padded, spans[full].ravel(), axis=0)[::2]
    return result


def maxsim(similarities: Floats, weights: Floats) -> Floats:
    """Weighted mean over question tokens: ``similarities`` (s, q), ``weights`` (q,) -> (s,)."""
    total = float(weights.sum())
    if total <= 0.0:
        return np.zeros(len(similarities), dtype=np.float32)
    return (similarities @ (weights / total)).astype(np.float32)


def inverse_document_frequency(frequencies: Ints, documents: int) -> Floats:
    """ln(1 + (N - n + 0.5) / (n + 0.5)), BM25's form, never negative. ``frequencies`` is (q,), the result (q,)."""
    counts = frequencies.astype(np.float64)
    return np.log1p((documents - counts + 0.5) / (counts + 0.5)).clip(min=0.0).astype(np.float32)
