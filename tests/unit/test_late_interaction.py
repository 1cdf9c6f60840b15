from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.late_interaction import best_similarities, inverse_document_frequency, maxsim
from natoqa.protocols import Floats, Ints


def _unit(count: int, dimensions: int, seed: int) -> Floats:
    rows = np.random.default_rng(seed).normal(size=(count, dimensions))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _floats(*values: float) -> Floats:
    return np.asarray(values, dtype=np.float32)


def test_each_question_token_takes_its_best_match_in_each_span() -> None:
    east, north = [1.0, 0.0], [0.0, 1.0]
    between = [0.6, 0.8]
    question = _floats(*east, *north).reshape(2, 2)
    tokens = _floats(*east, *between, *north).reshape(3, 2)
    spans = np.asarray([[0, 2], [2, 3], [0, 3]])
    expected = [[1.0, 0.8], [0.0, 1.0], [1.0, 1.0]]
    np.testing.assert_allclose(best_similarities(question, tokens, spans), expected, atol=1e-6)


def test_a_span_may_hold_nothing_but_unlike_tokens() -> None:
    # The maximum of negative cosines is negative: it must not be lifted to the 0 of some neighbour or padding.
    question = _floats(1.0, 0.0).reshape(1, 2)
    tokens = _floats(-1.0, 0.0, 0.0, 1.0, -1.0, 0.0).reshape(3, 2)
    spans = np.asarray([[0, 1], [2, 3]])
    assert best_similarities(question, tokens, spans).tolist() == [[-1.0], [-1.0]]


@given(st.integers(0, 6), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=8), st.integers(0, 99))
def test_best_similarities_equal_a_plain_loop(words: int, pieces: list[tuple[int, int]], seed: int) -> None:
    spans, position = [], 0
    for gap, length in pieces:
        spans.append((position + gap, position + gap + length))
        position += gap + length
    question, tokens = _unit(words, 8, seed), _unit(position + 2, 8, seed + 1)
    expected = np.zeros((len(spans), words))
    for row, (start, end) in enumerate(spans):
        for column in range(words):
            if end > start:
                expected[row, column] = max(float(tokens[t] @ question[column]) for t in range(start, end))
    ranges: Ints = np.asarray(spans, dtype=np.int64).reshape(-1, 2)
    found = best_similarities(question, tokens, ranges)
    assert found.shape == (len(spans), words)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_maxsim_is_a_weighted_mean() -> None:
    similarities = _floats(1.0, 0.5, 0.0, 0.5).reshape(2, 2)
    # (3·1.0 + 1·0.5) / 4 and (3·0.0 + 1·0.5) / 4.
    assert maxsim(similarities, _floats(3.0, 1.0)).tolist() == [0.875, 0.125]


def test_weights_that_are_all_zero_score_nothing() -> None:
    assert maxsim(_floats(1.0, 1.0).reshape(2, 1), _floats(0.0)).tolist() == [0.0, 0.0]
    assert maxsim(np.empty((0, 2), dtype=np.float32), _floats(1.0, 1.0)).tolist() == []


def test_idf_is_the_lucene_form() -> None:
    # 10 passages: in 1 of them ln(1 + 9.5/1.5), in all of them ln(1 + 0.5/10.5).
    idf = inverse_document_frequency(np.asarray([1, 10, 0]), 10).tolist()
    assert idf == pytest.approx([math.log(1 + 9.5 / 1.5), math.log(1 + 0.5 / 10.5), math.log(1 + 10.5 / 0.5)])


@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_idf_is_never_negative_and_falls_with_frequency(first: int, second: int) -> None:
    low, high = sorted((first, second))
    rare, common = inverse_document_frequency(np.asarray([low, high]), 1_000).tolist()
    assert rare >= common >= 0
