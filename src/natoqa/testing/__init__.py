"""For people who write a back end: a tiny encoder, and for each protocol the tests that an implementation must pass.

A contract suite is a class. Subclass it in a test module under a name that begins with ``Test`` and say what to test:

    class TestMyEncoder(EncoderContract):
        def encoder(self):
            return MyEncoder()

pytest does the rest. Call ``pytest.register_assert_rewrite("natoqa.testing")`` in a conftest for telling failures.
"""

from natoqa.testing.encoders import EncoderContract
from natoqa.testing.fakes import FakeEncoder
from natoqa.testing.indexes import LexicalIndexContract, VectorIndexContract

__all__ = ["EncoderContract", "FakeEncoder", "LexicalIndexContract", "VectorIndexContract"]
