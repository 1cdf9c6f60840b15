"""For people who write a back end: a tiny encoder, and for each protocol the tests that an implementation must pass.

A contract suite is a class. Subclass it in a test module under a name that begins with ``Test`` and say what to test:

    class TestMyEncoder(EncoderContract):
        def encoder(self):
            return MyEncoder()

pytest does the rest. Call ``pytest.register_assert_rewrite("natoqa.testing")`` in a conftest for telling failures.
"""
# ruff: noqa: S101 - these asserts are tests

from __future__ import annotations

import hashlib
import math
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from natoqa.errors import IndexDamaged
from natoqa.protocols import Encoder, Encoding, Floats, Ints, LexicalIndex, VectorIndex

_WORD = re.compile(r"\w+|[^\w\s]")
_TOLERANCE = 1e-5
_AWKWARD_FOLDER = "a folder – with ünïcode and spaces"


class FakeEncoder:
    """Words as tokens, each with a vector drawn from its hash: no model, no waiting, the same result everywhere.

    Equal words have equal vectors, whatever stands around them, and unequal ones hardly resemble each other. A text's
    vector is the mean of its words'. ``encoded`` lists the passages that were encoded, for tests that count.
    """

    def __init__(self, dimensions: int = 32, max_tokens: int = 254, name: str = "fake") -> None:
        self.encoded: list[str] = []
        self._dimensions = dimensions
        self._max_tokens = max_tokens
        self._name = name

    @property
    def fingerprint(self) -> str:
        """The name, the dimensions and the longest text, which is all that its vectors depend on."""
        return f"{self._name}:{self._dimensions}:{self._max_tokens}"

    @property
    def dimensions(self) -> int:
        """Length of every vector, at most 64."""
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """Words of a text that are read."""
        return self._max_tokens

    def count_tokens(self, text: str) -> int:
        """Number of words and other marks."""
        return sum(1 for _ in _WORD.finditer(text))

    def encode_passages(self, texts: Sequence[str]) -> Iterator[Encoding]:
        """One encoding a text, in order."""
        for text in texts:
            self.encoded.append(text)
            yield self._encode(text)

    def encode_question(self, text: str) -> Encoding:
        """Encoded like a passage."""
        return self._encode(text)

    def _encode(self, text: str) -> Encoding:
        words = list(_WORD.finditer(text))[: self._max_tokens]
        vectors = [_word_vector(word.group().casefold(), self._dimensions) for word in words]
        mean = np.sum(vectors, axis=0) if vectors else np.eye(1, self._dimensions)[0]
        return Encoding(
            vector=np.asarray(mean / np.linalg.norm(mean), dtype=np.float32),
            tokens=np.asarray(vectors, dtype=np.float32).reshape(-1, self._dimensions),
            token_ids=np.asarray([_word_id(word.group().casefold()) for word in words], dtype=np.int64),
            offsets=np.asarray([word.span() for word in words], dtype=np.int64).reshape(-1, 2),
        )


@lru_cache(maxsize=1 << 14)
def _word_vector(word: str, dimensions: int) -> Floats:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=64).digest()
    values = np.frombuffer(digest, dtype=np.uint8)[:dimensions].astype(np.float64) - 127.5
    return np.asarray(values / np.linalg.norm(values), dtype=np.float32)


def _word_id(word: str) -> int:
    """Fits the signed 32 bits in which the store keeps it."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big") >> 1


class EncoderContract(ABC):
    """What every :class:`~natoqa.protocols.Encoder` must do."""

    texts = (
        "In 2008 Venezuela paid US$ 406 million for a satellite, the Simón Bolívar.",
        "No.",
        "NATO is a political organisation whose unique tool is its military capability. " * 3,
        "Perú and Chile – over their “maritime” dispute …",
        "One.",
    )
    awkward_texts: Sequence[str] = (
        "",
        " ",
        "\n\n",
        "?",
        "🚢",
        "👩‍👩‍👧‍👦 family",
        "سلام به همه",
        "שלום עולם",
        "\u202eevil\u202c",
        "e\u0301\u0301\u0301",
        "\u0301",
        "\ue000\uf8ff",
        "a\x00b\x07c",
        "\u2028line\u2029paragraph",
        "x" * 5_000,
    )

    @abstractmethod
    def encoder(self) -> Encoder:
        """The encoder under test. Called by every test; may return the same object each time."""

    def test_vectors_have_unit_length_and_the_stated_dimensions(self) -> None:
        """Of the text and of each token."""
        encoder = self.encoder()
        for encoding in encoder.encode_passages(self.texts):
            assert encoding.vector.shape == (encoder.dimensions,)
            assert encoding.tokens.shape == (len(encoding.token_ids), encoder.dimensions)
            assert len(encoding.token_ids) > 0
            np.testing.assert_allclose(np.linalg.norm(encoding.vector), 1.0, atol=_TOLERANCE)
            np.testing.assert_allclose(np.linalg.norm(encoding.tokens, axis=1), 1.0, atol=_TOLERANCE)

    def test_each_token_stands_for_characters_of_the_text_in_order(self) -> None:
        """Offsets are ascending, within the text, and together leave out nothing but white space."""
        for text, encoding in zip(self.texts, self.encoder().encode_passages(self.texts), strict=True):
            assert encoding.offsets.shape == (len(encoding.token_ids), 2)
            starts, ends = encoding.offsets[:, 0], encoding.offsets[:, 1]
            assert (starts >= 0).all()
            assert (ends <= len(text)).all()
            assert (starts < ends).all()
            assert (starts[1:] >= ends[:-1]).all()
            covered = set[int]().union(*(range(start, end) for start, end in encoding.offsets.tolist()))
            assert "".join(c for offset, c in enumerate(text) if offset not in covered).strip() == ""

    def test_results_come_in_the_order_of_the_texts_and_do_not_depend_on_their_neighbours(self) -> None:
        """Alone, together and reversed, a text has the same encoding up to rounding."""
        encoder = self.encoder()
        alone = [next(iter(encoder.encode_passages([text]))) for text in self.texts]
        together = list(encoder.encode_passages(self.texts))
        backwards = list(encoder.encode_passages(self.texts[::-1]))[::-1]
        for one, other, another in zip(alone, together, backwards, strict=True):
            _assert_same(one, other)
            _assert_same(one, another)

    def test_the_same_text_is_always_encoded_alike(self) -> None:
        """Bit by bit, so that an index can be built twice and compared."""
        first, second = (next(iter(self.encoder().encode_passages(self.texts[:1]))) for _ in range(2))
        assert first.vector.tobytes() == second.vector.tobytes()
        assert first.tokens.tobytes() == second.tokens.tobytes()

    def test_no_texts_have_no_encodings(self) -> None:
        """And an empty list is no error."""
        assert list(self.encoder().encode_passages([])) == []

    def test_counting_agrees_with_encoding(self) -> None:
        """For a text that is read whole."""
        encoder = self.encoder()
        for text, encoding in zip(self.texts, encoder.encode_passages(self.texts), strict=True):
            assert encoder.count_tokens(text) == len(encoding.token_ids)

    def test_what_is_beyond_the_longest_text_is_cut_off(self) -> None:
        """The tokens are those of the beginning; the count is that of the whole text."""
        encoder = self.encoder()
        text = "treaty " * (2 * encoder.max_tokens)
        encoding = next(iter(encoder.encode_passages([text])))
        assert 0 < len(encoding.token_ids) <= encoder.max_tokens < encoder.count_tokens(text)
        assert encoding.offsets[0].tolist() == [0, len("treaty")]

    def test_a_question_is_encoded_like_a_text(self) -> None:
        """With a vector and tokens whose offsets lie in the question."""
        encoder = self.encoder()
        question = "Who paid for the satellite?"
        encoding = encoder.encode_question(question)
        assert len(encoding.token_ids) == len(encoding.tokens) == len(encoding.offsets) > 0
        assert encoding.offsets.min() >= 0
        assert encoding.offsets.max() == len(question)
        np.testing.assert_allclose(np.linalg.norm(encoding.vector), 1.0, atol=_TOLERANCE)

    def test_a_text_is_nearer_to_its_own_words_than_to_others(self) -> None:
        """The least that a search may expect."""
        encoder = self.encoder()
        own, other = encoder.encode_passages(["Venezuela paid for a satellite.", "The committee meets in May."])
        question = encoder.encode_question("a satellite for Venezuela").vector
        assert float(own.vector @ question) > float(other.vector @ question)

    def test_awkward_texts_are_encoded(self) -> None:
        """Emptiness, emoji, right-to-left script, control characters: a finite unit vector and matching tokens."""
        encoder = self.encoder()
        for text, encoding in zip(self.awkward_texts, encoder.encode_passages(self.awkward_texts), strict=True):
            assert np.isfinite(encoding.vector).all()
            assert np.isfinite(encoding.tokens).all()
            assert len(encoding.tokens) == len(encoding.token_ids) == len(encoding.offsets)
            assert encoding.offsets.size == 0 or int(encoding.offsets.max()) <= len(text)
            np.testing.assert_allclose(np.linalg.norm(encoding.vector), 1.0, atol=_TOLERANCE)

    def test_token_ids_fit_the_store(self) -> None:
        """Which keeps them as signed 32-bit numbers."""
        for encoding in self.encoder().encode_passages(self.texts):
            assert encoding.token_ids.min() >= 0
            assert encoding.token_ids.max() < 1 << 31

    def test_the_fingerprint_is_stable(self) -> None:
        """It is written into every index."""
        assert self.encoder().fingerprint == self.encoder().fingerprint != ""


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


def _assert_same(one: Encoding, other: Encoding) -> None:
    np.testing.assert_allclose(one.vector, other.vector, atol=_TOLERANCE)
    np.testing.assert_allclose(one.tokens, other.tokens, atol=_TOLERANCE)
    assert one.token_ids.tolist() == other.token_ids.tolist()
    assert one.offsets.tolist() == other.offsets.tolist()


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
