from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.fusion import ranks, reciprocal_rank_fusion, standardise
from natoqa.protocols import Ints


def _ranking(*positions: int) -> Ints:
    return np.asarray(positions, dtype=np.int64)


def test_second_in_two_lists_beats_first_in_one() -> None:
    # 1: 1/62 + 1/62 = 0.0323; 0 and 2: 1/61 = 0.0164 each, in order of position.
    assert reciprocal_rank_fusion([_ranking(2, 1), _ranking(0, 1)]).tolist() == [1, 0, 2]


def test_a_small_k_favours_the_top_of_each_list() -> None:
    # k = 0: position 5 has 1/1, position 7 has 1/3 + 1/3; with k = 60 it is 1/61 against 2/63.
    first, second = _ranking(5, 1, 7), _ranking(2, 3, 7)
    assert reciprocal_rank_fusion([first, second], k=0).tolist()[:2] == [2, 5]
    assert reciprocal_rank_fusion([first, second], k=60).tolist()[0] == 7


def test_one_list_keeps_its_order() -> None:
    assert reciprocal_rank_fusion([_ranking(9, 4, 6)]).tolist() == [9, 4, 6]


def test_no_lists_and_empty_lists_fuse_to_nothing() -> None:
    assert reciprocal_rank_fusion([]).tolist() == []
    fused = reciprocal_rank_fusion([_ranking(), _ranking()])
    assert fused.tolist() == []
    assert fused.dtype == np.int64


@given(st.lists(st.lists(st.integers(0, 30), unique=True, max_size=12), max_size=4))
def test_fusion_equals_the_formula_and_does_not_depend_on_the_order_of_the_lists(lists: list[list[int]]) -> None:
    positions = {position for ranking in lists for position in ranking}
    score = {p: sum(1 / (60 + 1 + ranking.index(p)) for ranking in lists if p in ranking) for p in positions}
    rankings = [_ranking(*ranking) for ranking in lists]
    fused = reciprocal_rank_fusion(rankings).tolist()
    assert sorted(fused) == sorted(positions)
    assert all(score[a] >= score[b] - 1e-12 for a, b in pairwise(fused))
    assert [score[p] for p in reciprocal_rank_fusion(rankings[::-1]).tolist()] == pytest.approx(
        [score[p] for p in fused]
    )


def test_standard_scores_have_mean_0_and_deviation_1() -> None:
    # Mean 4, deviation 2.
    scores = standardise(np.asarray([2.0, 6.0, 2.0, 6.0], dtype=np.float32))
    assert scores.tolist() == [-1.0, 1.0, -1.0, 1.0]
    assert scores.dtype == np.float32


def test_scores_that_do_not_differ_are_all_zero() -> None:
    assert standardise(np.asarray([0.3, 0.3, 0.3], dtype=np.float32)).tolist() == [0.0, 0.0, 0.0]
    assert standardise(np.asarray([7.0], dtype=np.float32)).tolist() == [0.0]
    assert standardise(np.empty(0, dtype=np.float32)).tolist() == []


def test_ranks_count_from_1() -> None:
    assert ranks(_ranking(8, 3)) == {8: 1, 3: 2}
