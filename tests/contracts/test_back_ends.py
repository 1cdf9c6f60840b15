"""The shipped back ends, and the fake, against the contracts in natoqa.testing."""

from __future__ import annotations

from natoqa import wiring
from natoqa.backends.bm25s_lexical import Bm25Index
from natoqa.backends.faiss_flat import FlatIndex
from natoqa.protocols import Encoder
from natoqa.settings import EncoderSettings
from natoqa.testing import EncoderContract, FakeEncoder, LexicalIndexContract, VectorIndexContract


class TestFakeEncoder(EncoderContract):
    def encoder(self) -> Encoder:
        return FakeEncoder()


class TestSentenceTransformersEncoder(EncoderContract):
    def encoder(self) -> Encoder:
        return wiring.encoder(EncoderSettings())


class TestFlatIndex(VectorIndexContract):
    def index_class(self) -> type[FlatIndex]:
        return FlatIndex


class TestBm25Index(LexicalIndexContract):
    def index_class(self) -> type[Bm25Index]:
        return Bm25Index


def test_every_back_end_that_the_wiring_names_is_under_contract() -> None:
    """A new line in a table asks for a class here."""
    tested = {
        ("natoqa.backends.sentence_transformers_encoder:SentenceTransformersEncoder"),
        f"{FlatIndex.__module__}:{FlatIndex.__name__}",
        f"{Bm25Index.__module__}:{Bm25Index.__name__}",
    }
    assert {*wiring.ENCODERS.values(), *wiring.VECTOR_INDEXES.values(), *wiring.LEXICAL_INDEXES.values()} == tested
