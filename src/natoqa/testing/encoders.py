"""What every encoder must do."""
# ruff: noqa: S101 - these asserts are tests

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from natoqa.protocols import Encoder, Encoding

_TOLERANCE = 1e-5


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


def _assert_same(one: Encoding, other: Encoding) -> None:
    np.testing.assert_allclose(one.vector, other.vector, atol=_TOLERANCE)
    np.testing.assert_allclose(one.tokens, other.tokens, atol=_TOLERANCE)
    assert one.token_ids.tolist() == other.token_ids.tolist()
    assert one.offsets.tolist() == other.offsets.tolist()
