"""Ranking metrics as arithmetic, and against trec_eval through ir-measures."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ir_measures import RR, R, Success, nDCG
from sklearn.metrics import ndcg_score

from natoqa.evaluation.metrics.ranking import first_rank, hit, ndcg, recall, reciprocal_rank
from natoqa.evaluation.questions import GoldSpan
from natoqa.types import Span

QUOTE = GoldSpan("a.md", Span(100, 200))
WHOLE = GoldSpan("b.md", None)


def test_half_of_a_quote_is_enough_and_less_is_not() -> None:
    assert first_rank([("a.md", 0, 149), ("a.md", 0, 150)], [QUOTE]) == 2
    assert first_rank([("a.md", 151, 300), ("a.md", 150, 300)], [QUOTE]) == 2


def test_the_same_offsets_in_another_document_are_another_place() -> None:
    assert first_rank([("b.md", 100, 200), ("c.md", 100, 200)], [QUOTE]) is None


def test_any_piece_of_evidence_counts() -> None:
    places = [("c.md", 0, 9), ("b.md", 0, 9), ("a.md", 100, 200)]
    assert first_rank(places, [QUOTE]) == 3
    assert first_rank(places, [QUOTE, WHOLE]) == 2


def test_two_halves_too_small_by_themselves_do_not_add_up_to_a_hit() -> None:
    assert first_rank([("a.md", 100, 140), ("a.md", 140, 180)], [QUOTE]) is None


def test_there_is_no_rank_without_places_or_evidence() -> None:
    assert first_rank([], [QUOTE]) is None
    assert first_rank([("a.md", 0, 9)], []) is None


def test_a_hit_is_a_rank_up_to_k() -> None:
    assert [hit(rank, 3) for rank in (1, 3, 4, None)] == [1.0, 1.0, 0.0, 0.0]


def test_reciprocal_rank_is_zero_for_what_is_not_found() -> None:
    assert [reciprocal_rank(rank) for rank in (1, 2, 4, None)] == [1.0, 1 / 2, 1 / 4, 0.0]


def test_ndcg_by_hand() -> None:
    # Relevant at ranks 2 and 4: (1/log2 3 + 1/log2 5) / (1/log2 2 + 1/log2 3).
    gain = (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    assert ndcg(["x", "a", "y", "b"], {"a", "b"}) == pytest.approx(gain, abs=1e-12)
    assert ndcg(["a", "b", "x"], {"a", "b"}) == 1.0
    assert ndcg(["x", "y", "a"], {"a"}, k=2) == 0.0


def test_the_ideal_of_ndcg_ends_at_k() -> None:
    assert ndcg(["a", "x"], {"a", "b", "c"}, k=1) == 1.0


def test_recall_counts_each_relevant_once() -> None:
    assert recall(["a", "a", "x", "b"], {"a", "b", "c"}) == 2 / 3
    assert recall(["x", "a"], {"a"}, k=1) == 0.0


@given(st.lists(st.booleans(), min_size=2, max_size=30), st.integers(1, 12))
def test_ndcg_equals_scikit_learns(labels: list[bool], k: int) -> None:
    assume(any(labels))
    names = [str(number) for number in range(len(labels))]
    relevant = {name for name, label in zip(names, labels, strict=True) if label}
    descending = -np.arange(len(labels), dtype=float)
    expected = ndcg_score([np.asarray(labels, dtype=float)], [descending], k=k)
    assert ndcg(names, relevant, k) == pytest.approx(expected, abs=1e-9)


def test_every_figure_equals_trec_evals() -> None:
    rng = np.random.default_rng(1)
    pool = [f"d{number}" for number in range(300)]
    rankings, relevant = {}, {}
    for number in range(60):
        rankings[f"q{number}"] = list(rng.permutation(pool)[: rng.integers(1, 200)])
        relevant[f"q{number}"] = set(rng.permutation(pool)[: rng.integers(1, 25)])
    qrels = {q: dict.fromkeys(names, 1) for q, names in relevant.items()}
    # Scores fall strictly: trec_eval orders equal ones by name.
    scored = {q: {name: float(-rank) for rank, name in enumerate(names)} for q, names in rankings.items()}
    measures = [nDCG @ 10, R @ 100, RR, Success @ 1, Success @ 5]
    seen = 0
    for figure in ir_measures.iter_calc(measures, qrels, scored):
        ranking, wanted = rankings[figure.query_id], relevant[figure.query_id]
        found = [rank for rank, name in enumerate(ranking, start=1) if name in wanted]
        rank = found[0] if found else None
        own = {
            nDCG @ 10: ndcg(ranking, wanted),
            R @ 100: recall(ranking, wanted),
            RR: reciprocal_rank(rank),
            Success @ 1: hit(rank, 1),
            Success @ 5: hit(rank, 5),
        }
        assert own[figure.measure] == pytest.approx(figure.value, abs=1e-9), figure
        seen += 1
    assert seen == len(measures) * len(rankings)
