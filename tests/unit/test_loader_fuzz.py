"""Whatever bytes come, a loader gives a sound text or a reason in words, and nothing else.

``LOADER_FUZZ`` says how many inputs of each kind the slow tests make.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from contextlib import suppress
from itertools import pairwise

import pytest
from fuzzing import KINDS
from hostile import HOSTILE
from hypothesis import given, settings
from seeds import BODY, SEEDS

from natoqa.chunking import chunk
from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import LOADERS, bounded, loader_for
from natoqa.loaders.loaded import Loaded
from natoqa.loaders.recognising import recognise
from natoqa.loaders.transfer import PREFIX, answer_frame, read_answer
from natoqa.testing import FakeEncoder
from natoqa.types import Document

INPUTS = 150
MANY_INPUTS = int(os.environ.get("LOADER_FUZZ", "500"))
LIMITS = Limits(file_bytes=1_000_000, characters=300_000, pages=40)
# Seconds are few, that the test be short; megabytes are those of the settings.
BOUNDS = Limits(seconds=20.0)
SCARCE = Limits(memory_bytes=300_000_000)
COUNT = FakeEncoder().count_tokens
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@pytest.mark.parametrize("kind", KINDS)
def test_any_input_gives_a_sound_text_or_a_reason(kind: str) -> None:
    outcomes = _fuzz(kind, INPUTS, derandomize=True)
    assert outcomes.total() >= INPUTS


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_any_of_many_inputs_gives_a_sound_text_or_a_reason(kind: str) -> None:
    began = time.perf_counter()
    outcomes = _fuzz(kind, MANY_INPUTS, derandomize=False)
    print(f"{kind}: {outcomes.total()} inputs in {time.perf_counter() - began:.0f} s, {dict(outcomes)}")
    assert outcomes.total() >= MANY_INPUTS


def _fuzz(kind: str, count: int, *, derandomize: bool) -> Counter[str]:
    """How many inputs had which outcome."""
    suffix, strategy = KINDS[kind]
    outcomes: Counter[str] = Counter()

    @given(data=strategy)
    @settings(max_examples=count, derandomize=derandomize, print_blob=True)
    def run(data: bytes) -> None:
        outcomes[_check(suffix, data)] += 1

    run()
    return outcomes


def test_the_seeds_are_valid_files_and_every_kind_has_some() -> None:
    assert {LOADERS[suffix] for suffix in SEEDS} == set(LOADERS.values())
    for suffix, seeds in SEEDS.items():
        assert [_check(suffix, seed) for seed in seeds] == ["loaded"] * len(seeds)


def _check(suffix: str, data: bytes) -> str:
    """What became of it."""
    with suppress(UnreadableFile):
        assert recognise(suffix, data).suffix in LOADERS
    try:
        loaded = loader_for(suffix)(data, LIMITS)
    except UnreadableFile as error:
        assert not _CONTROL_IN_A_LINE.search(str(error))
        return "left out"
    _check_loaded(loaded)
    return "loaded"


def _check_loaded(loaded: Loaded) -> None:
    text = loaded.text
    assert text.strip()
    assert len(text) <= LIMITS.characters
    assert not _CONTROL.search(text)
    offsets = [landmark.offset for landmark in loaded.landmarks]
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(text) for offset in offsets)
    metadata = loaded.metadata
    said = [
        metadata.title,
        metadata.author,
        metadata.date,
        metadata.kind,
        metadata.about,
        *metadata.confidence,
        *loaded.notes,
    ]
    said += [words for source in metadata.sources for words in (source.title, source.publisher, source.url)]
    said += [landmark.label for landmark in loaded.landmarks]
    assert not [words for words in said if _CONTROL_IN_A_LINE.search(words)]
    for page in loaded.pages:
        assert 0 <= page.start < page.end <= len(text)
        assert len(page.boxes) == 8 * (page.end - page.start)
    for page, following in pairwise(loaded.pages):
        assert page.number < following.number
        assert page.end <= following.start
    _check_passages(Document("a", text, metadata, loaded.landmarks))
    frame = answer_frame(loaded)
    header, _ = PREFIX.unpack(frame[: PREFIX.size])
    rest = memoryview(frame)[PREFIX.size :]
    assert read_answer(rest[:header], rest[header:]) == loaded


def _check_passages(document: Document) -> None:
    """Sentences and passages are in order, and nothing but white space lies between them."""
    passages = chunk(document, COUNT, 40)
    spans = [(sentence.start, sentence.end) for passage in passages for sentence in passage.sentences]
    position = 0
    for start, end in spans:
        assert not document.text[position:start].strip()
        assert position <= start < end
        position = end
    assert not document.text[position:].strip()
    for passage in passages:
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_costs_no_more_than_its_share(name: str) -> None:
    data = HOSTILE[name]()
    began = time.perf_counter()
    try:
        loaded = bounded.load("." + name.rpartition(".")[2], data, BOUNDS)
        outcome = f"{len(loaded.text)} characters"
    except UnreadableFile as error:
        outcome = str(error)
    seconds = time.perf_counter() - began
    print(f"{name}: {len(data)} bytes, {seconds:.1f} s: {outcome}")
    assert seconds < BOUNDS.seconds + 5
    assert "its reader failed" not in outcome  # it may crash: a parser in C that gets no memory has no other way
    assert bounded.load(".txt", b"The next file.", BOUNDS).text == "The next file."


@pytest.mark.parametrize(
    ("suffix", "data", "limits", "reason"),
    [
        (".md", BODY.encode() * 20_000, Limits(seconds=0.1), "more than 0.1 s (setting corpus.max_seconds)"),
        pytest.param(
            ".txt",
            b"a\n\n" * 1_800_000,
            SCARCE,
            "more than 300 MB of memory (setting corpus.max_memory_mb)",
            marks=pytest.mark.slow,
        ),
        (".html", b"<p><b>x" * 600_000, SCARCE, "more than 300 MB of memory (setting corpus.max_memory_mb)"),
    ],
    ids=["time", "memory", "memory of a parser"],
)
def test_a_file_that_needs_more_than_its_share_is_left_out_and_the_next_is_read(
    suffix: str, data: bytes, limits: Limits, reason: str
) -> None:
    with pytest.raises(UnreadableFile) as raised:
        bounded.load(suffix, data, limits)
    assert str(raised.value).startswith(f"reading it took {reason}")
    assert bounded.load(".txt", b"The next file.", limits).text == "The next file."


def test_a_heading_with_a_tab_in_it_is_a_label_of_one_line() -> None:
    loaded = loader_for(".txt")(b"The\told harbour\n\nIt was built in 1911.\n", LIMITS)
    assert (loaded.landmarks[0].label, loaded.metadata.title) == ("The old harbour", "The old harbour")
    assert loaded.text.startswith("The\told harbour\n")
