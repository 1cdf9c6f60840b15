"""Frames between natoqa and the process that reads its files."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.limits import Limits
from natoqa.loaders.loaded import Loaded
from natoqa.loaders.transfer import (
    PREFIX,
    Failure,
    Request,
    answer_frame,
    read_answer,
    read_request,
    request_frame,
)
from natoqa.types import Landmark, LandmarkKind, Metadata, PageLayout, SourceReference

# Lone surrogates too: nothing may change on the way, not even what should not be there.
TEXT = st.text(st.characters() | st.characters(categories=["Cs"]) | st.sampled_from('\x00\n"\\🚢'))
NUMBER = st.integers(0, 2**62)
LANDMARK = st.builds(Landmark, NUMBER, st.sampled_from(LandmarkKind), TEXT)
PAGE = st.builds(PageLayout, NUMBER, NUMBER, NUMBER, st.floats(0, 1e9), st.floats(0, 1e9), st.binary())
METADATA = st.builds(
    Metadata,
    *[TEXT] * 5,
    sources=st.lists(st.builds(SourceReference, TEXT, TEXT, TEXT)).map(tuple),
    confidence=st.lists(TEXT).map(tuple),
)
LOADED = st.builds(
    Loaded,
    TEXT,
    st.lists(LANDMARK).map(tuple),
    METADATA,
    notes=st.lists(TEXT).map(tuple),
    pages=st.lists(PAGE).map(tuple),
)
FAILURE = st.builds(Failure, TEXT, st.booleans())
LIMITS = st.builds(Limits, NUMBER, NUMBER, NUMBER, NUMBER, st.floats(0.001, 1e9))


def _parts(frame: bytes) -> tuple[bytes, bytes]:
    header, payload = PREFIX.unpack_from(frame)
    body = frame[PREFIX.size :]
    assert len(body) == header + payload
    return body[:header], body[header:]


def _received(frame: bytes) -> Loaded | Failure:
    header, payload = _parts(frame)
    return read_answer(memoryview(header), memoryview(payload))


@given(LOADED | FAILURE)
def test_an_answer_arrives_as_it_was_sent(answer: Loaded | Failure) -> None:
    assert _received(answer_frame(answer)) == answer


@given(st.builds(Request, TEXT, st.binary(), LIMITS))
def test_a_request_arrives_as_it_was_sent(request: Request) -> None:
    assert read_request(*_parts(b"".join(request_frame(request)))) == request


def test_two_lone_surrogates_are_not_joined() -> None:
    pair = "\ud83d\udea2"
    loaded = Loaded(pair, (Landmark(0, LandmarkKind.HEADING, pair),), Metadata(title=pair))
    assert _received(answer_frame(loaded)) == loaded


@given(st.binary(max_size=200))
def test_what_is_no_answer_is_refused(nonsense: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_answer(memoryview(nonsense), memoryview(b""))


def test_an_answer_whose_payload_is_cut_is_refused() -> None:
    header, payload = _parts(
        answer_frame(Loaded("Text.", (), Metadata(), pages=(PageLayout(1, 0, 5, 1, 1, b"12345678"),)))
    )
    for wrong in (payload[:-1], payload + b"x", b""):
        with pytest.raises(ValueError, match="payload"):
            read_answer(memoryview(header), memoryview(wrong))
    unknown = json.loads(header) | {"landmarks": [[0, "nothing such", ""]]}
    with pytest.raises(KeyError):
        read_answer(memoryview(json.dumps(unknown).encode()), memoryview(payload))
