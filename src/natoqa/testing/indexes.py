"""What every vector index and every lexical index must do."""
# ruff: noqa: S101 - these asserts are tests

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from natoqa.errors import IndexDamaged
from natoqa.protocols import Floats, Ints, LexicalIndex, VectorIndex

_TOLERANCE = 1e-5
_AWKWARD_FOLDER = "a folder – with ünïcode and spaces"


class VectorIndexContract(ABC):
    """What every exact :class:`~natoqa.protocols.VectorIndex` must do."""

    dimensions = 24

    @abstractmethod
    def index_class(self) -> type[VectorIndex]:
        """The class under test."""

    def test_results_equal_a_full_sort(self) -> None:
        """Positions and inner products, for every k up to the number of rows."""
        vectors, questions = _unit_rows(200, self.dimensions, seed=1), _unit_rows(5, self.dimensions, seed=2)
        index = self.index_class().build(vectors)
        assert len(index) == 200
        for question in questions:
            for k in (1, 7, 199, 200):
                _assert_best(index.search(question, k), vectors, question, k)

    def test_a_restricted_search_sees_only_the_rows_it_is_given(self) -> None:
        """In whatever order they are named."""
        vectors, question = _unit_rows(200, self.dimensions, seed=3), _unit_rows(1, self.dimensions, seed=4)[0]
        index = self.index_class().build(vectors)
        for among in (np.arange(50, 90), np.asarray([199, 3, 77]), np.asarray([5])):
            for k in (1, 3, 500):
                _assert_best(index.search(question, k, among), vectors, question, k, among)

    def test_no_rows_to_search_give_no_results(self) -> None:
        """An empty restriction, an empty index, or k = 0."""
        vectors, question = _unit_rows(3, self.dimensions, seed=5), _unit_rows(1, self.dimensions, seed=6)[0]
        index = self.index_class().build(vectors)
        empty = self.index_class().build(np.empty((0, self.dimensions), dtype=np.float32))
        assert len(empty) == 0
        for positions, scores in (
            index.search(question, 3, np.empty(0, dtype=np.int64)),
            index.search(question, 0),
            empty.search(question, 3),
            empty.search(question, 3, np.empty(0, dtype=np.int64)),
        ):
            assert positions.tolist() == []
            assert scores.tolist() == []

    def test_more_results_than_rows_are_all_rows(self) -> None:
        """Without padding."""
        vectors, question = _unit_rows(3, self.dimensions, seed=7), _unit_rows(1, self.dimensions, seed=8)[0]
        positions, scores = self.index_class().build(vectors).search(question, 10)
        assert sorted(positions.tolist()) == [0, 1, 2]
        assert scores.shape == (3,)
        assert np.isfinite(scores).all()

    def test_equal_scores_come_in_order_of_position(self) -> None:
        """Also where k cuts through them, and for a k beyond the sizes that engines treat alike."""
        row = _unit_rows(1, self.dimensions, seed=9)
        vectors = np.repeat(row, 400, axis=0)
        index = self.index_class().build(vectors)
        for k in (1, 10, 150, 400):
            positions, _ = index.search(row[0], k)
            assert positions.tolist() == list(range(k))
        positions, _ = index.search(row[0], 3, np.asarray([300, 20, 10, 200]))
        assert positions.tolist() == [10, 20, 200]

    def test_a_saved_index_answers_like_the_one_it_came_from(self, tmp_path: Path) -> None:
        """In a folder whose name holds spaces and accents."""
        folder = tmp_path / _AWKWARD_FOLDER
        folder.mkdir()
        question = _unit_rows(1, self.dimensions, seed=10)[0]
        for count in (0, 1, 60):
            home = folder / str(count)
            home.mkdir()
            index = self.index_class().build(_unit_rows(count, self.dimensions, seed=11))
            index.save(home)
            loaded = self.index_class().load(home)
            assert len(loaded) == count
            positions, scores = index.search(question, 9)
            loaded_positions, loaded_scores = loaded.search(question, 9)
            assert loaded_positions.tolist() == positions.tolist()
            assert loaded_scores.tolist() == scores.tolist()

    def test_a_damaged_file_is_named(self, tmp_path: Path) -> None:
        """Each file of the index removed, emptied or cut short."""

        def save(folder: Path) -> None:
            self.index_class().build(_unit_rows(40, self.dimensions, seed=12)).save(folder)

        _assert_damage_is_found(save, self.index_class().load, tmp_path)


class LexicalIndexContract(ABC):
    """What every :class:`~natoqa.protocols.LexicalIndex` must do."""

    passages: Sequence[Sequence[str]] = (
        ("china", "sold", "jet", "bolivia", "jet"),
        ("nato", "partner"),
        (),
        ("china", "satellit", "venezuela", "paid", "satellit", "launch", "bolivar"),
        ("nato", "nato", "china"),
    )

    @abstractmethod
    def index_class(self) -> type[LexicalIndex]:
        """The class under test."""

    def test_a_score_is_zero_exactly_where_no_term_occurs(self) -> None:
        """And positive elsewhere, even for a term that most passages hold."""
        index = self.index_class().build(self.passages, k1=1.2, b=0.75)
        for terms in (["china"], ["nato", "jet"], ["unheard"], ["unheard", "paid"], []):
            scores = index.scores(terms)
            assert scores.shape == (len(self.passages),)
            assert (scores >= 0).all()
            assert (scores > 0).tolist() == [bool(set(terms) & set(passage)) for passage in self.passages]

    def test_scores_equal_the_textbook(self) -> None:
        """BM25 with Lucene's idf, computed here by the formula, over random passages."""
        random = np.random.default_rng(7)
        vocabulary = [f"t{number}" for number in range(30)]
        for k1, b in ((1.2, 0.75), (0.9, 0.4), (2.0, 0.0)):
            passages = [
                [vocabulary[min(29, int(random.exponential(6)))] for _ in range(int(random.integers(0, 25)))]
                for _ in range(40)
            ]
            index = self.index_class().build(passages, k1, b)
            for terms in (["t0"], ["t1", "t9", "unheard"], ["t3", "t3", "t4"], vocabulary):
                np.testing.assert_allclose(
                    index.scores(terms), _textbook_bm25(passages, terms, k1, b), rtol=1e-4, atol=1e-6
                )

    def test_passages_that_hold_a_term_are_counted(self) -> None:
        """Each passage once."""
        index = self.index_class().build(self.passages, k1=1.2, b=0.75)
        counts = [index.document_frequency(term) for term in ("china", "nato", "jet", "unheard", "")]
        assert counts == [3, 2, 1, 0, 0]

    def test_an_index_without_terms_scores_nothing(self) -> None:
        """No passages at all, or only empty ones."""
        empty: list[list[list[str]]] = [[], [[]], [[], []]]
        for passages in empty:
            index = self.index_class().build(passages, k1=1.2, b=0.75)
            assert len(index) == len(passages)
            assert index.scores(["china"]).tolist() == [0.0] * len(passages)
            assert index.document_frequency("china") == 0

    def test_a_saved_index_answers_like_the_one_it_came_from(self, tmp_path: Path) -> None:
        """In a folder whose name holds spaces and accents; empty ones too."""
        folder = tmp_path / _AWKWARD_FOLDER
        for number, passages in enumerate((self.passages, (), ((), ()))):
            home = folder / str(number)
            home.mkdir(parents=True)
            index = self.index_class().build(passages, k1=1.2, b=0.75)
            index.save(home)
            loaded = self.index_class().load(home)
            assert len(loaded) == len(passages)
            for terms in (["china", "nato"], ["unheard"]):
                assert loaded.scores(terms).tolist() == index.scores(terms).tolist()
                assert loaded.document_frequency(terms[0]) == index.document_frequency(terms[0])

    def test_a_damaged_file_is_named(self, tmp_path: Path) -> None:
        """Each file of the index removed, emptied or cut short."""

        def save(folder: Path) -> None:
            self.index_class().build(self.passages, k1=1.2, b=0.75).save(folder)

        _assert_damage_is_found(save, self.index_class().load, tmp_path)


def _unit_rows(count: int, dimensions: int, seed: int) -> Floats:
    rows = np.random.default_rng(seed).normal(size=(count, dimensions))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _assert_best(
    found: tuple[Ints, Floats], vectors: Floats, question: Floats, k: int, among: Ints | None = None
) -> None:
    allowed = np.arange(len(vectors)) if among is None else np.sort(among)
    products = vectors[allowed] @ question
    order = np.lexsort((allowed, -products))[:k]
    assert found[0].tolist() == allowed[order].tolist()
    np.testing.assert_allclose(found[1], products[order], atol=_TOLERANCE)


def _textbook_bm25(passages: Sequence[Sequence[str]], terms: Sequence[str], k1: float, b: float) -> list[float]:
    mean_length = sum(map(len, passages)) / len(passages)
    frequency = {term: sum(term in passage for passage in passages) for term in terms}
    scores: list[float] = []
    for passage in passages:
        counts = Counter(passage)
        score = 0.0
        for term in terms:
            idf = math.log(1 + (len(passages) - frequency[term] + 0.5) / (frequency[term] + 0.5))
            norm = k1 * (1 - b + b * len(passage) / mean_length)
            score += idf * counts[term] / (counts[term] + norm)
        scores.append(score)
    return scores


def _assert_damage_is_found(save: Callable[[Path], None], load: Callable[[Path], object], folder: Path) -> None:
    whole = folder / "whole"
    whole.mkdir()
    save(whole)
    load(whole)
    names = [path.relative_to(whole) for path in sorted(whole.rglob("*")) if path.is_file()]
    assert names
    for number, name in enumerate(names):
        for damage in ("removed", "emptied", "cut short"):
            home = folder / f"{number} {damage}"
            home.mkdir()
            save(home)
            path = home / name
            if damage == "removed":
                path.unlink()
            else:
                data = path.read_bytes()
                path.write_bytes(b"" if damage == "emptied" else data[: len(data) // 2])
            try:
                load(home)
            except IndexDamaged as error:
                assert str(home) in str(error)
            else:
                raise AssertionError(f"{name} {damage} goes unnoticed")
