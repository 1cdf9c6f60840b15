"""The briefing, read by the rules for any plain text: nothing in the code knows it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from natoqa.chunking import chunk
from natoqa.corpus import Corpus
from natoqa.testing import FakeEncoder
from natoqa.types import Document, LandmarkKind, Passage, SentenceKind

CORPUS = Path(__file__).parents[2] / "corpus"
HEADINGS = [
    "Patterns of inter-state conflict",
    "The US security engagement in Latin America",
    "An assessment of selected key countries in the region",
    "Chinese Interest in the Region",
]


@pytest.fixture(scope="module")
def briefing() -> Document:
    corpus = Corpus.open(CORPUS)
    loaded = corpus.load("briefing.txt", (CORPUS / "briefing.txt").read_bytes())
    assert loaded.notices == ()
    return loaded.document


@pytest.fixture(scope="module")
def passages(briefing: Document) -> list[Passage]:
    return chunk(briefing, FakeEncoder().count_tokens, 200)


def test_the_file_is_the_original_byte_for_byte(briefing: Document) -> None:
    data = (CORPUS / "briefing.txt").read_bytes()
    assert hashlib.sha256(data).hexdigest() == "63e4e25ffa850eb1da5d187e44407e3f94af02920aedfa429e849ff096c06d75"
    # And no character of it is changed on the way to a citation, line ends apart.
    assert briefing.text == data.decode().replace("\r\n", "\n")


def test_the_headings_are_found(briefing: Document) -> None:
    headings = [mark.label for mark in briefing.landmarks if mark.kind is LandmarkKind.HEADING]
    assert headings == HEADINGS
    assert briefing.landmarks[0].kind is LandmarkKind.TITLE
    assert briefing.title == "Latin America and Learning from NATO’s Experience"
    assert (briefing.metadata.author, briefing.metadata.date) == ("Celia Szusterman", "2012-12-20")


@pytest.mark.parametrize(
    ("words", "locator"),
    [
        ("$58 million worth", "Chinese Interest in the Region, ¶ 3"),
        ("US$ 406 million", "Chinese Interest in the Region, ¶ 3"),
        ("peace talks which started in Norway", "An assessment of selected key countries in the region, ¶ 4"),
        ("e.g. between Colombia", "Patterns of inter-state conflict, ¶ 1"),
        ("(CARSI)", "The US security engagement in Latin America, ¶ 2"),
        ("• Mares, David", "Chinese Interest in the Region, item 6"),
        ("Despite the fact", "¶ 2"),
    ],
)
def test_a_locator_reads_as_a_person_would_say_it(briefing: Document, words: str, locator: str) -> None:
    assert briefing.locator(briefing.text.index(words)) == locator


@pytest.mark.parametrize(
    "sentence",
    [
        "The notion that the protection of national sovereignty is the highest priority continues to provoke "
        "interstate conflict, e.g. between Colombia and Ecuador in 2008, and Nicaragua and Costa Rica in 2010.",
        "In 2008 Venezuela paid a Chinese company, Great Wall Industries Corporation (GWIC), US$ 406 million to "
        "develop and launch a satellite, the Simón Bolívar.",
        "Dr Celia Szusterman, Director, The Institute for Statecraft's Latin America Programme.",
        "Brazilian defence expenditure, which increased 30 per cent in the last decade, accounts for 55 per cent of "
        "all military spending in the region and 2.3 per cent of the global spending on defence.",
        "It has signed “strategic alliances” with Iran and China.",
    ],
)
def test_abbreviations_and_figures_do_not_break_a_sentence(
    briefing: Document, passages: list[Passage], sentence: str
) -> None:
    sentences = [briefing.text[s.start : s.end] for passage in passages for s in passage.sentences]
    assert sentences.count(sentence) == 1


def test_each_entry_of_the_bibliography_is_one_sentence(briefing: Document, passages: list[Passage]) -> None:
    items = [s for passage in passages for s in passage.sentences if s.kind is SentenceKind.ITEM]
    texts = [briefing.text[s.start : s.end] for s in items]
    names = ("Brownfield", "Hurrell", "International", "Jesus, D.S.V.", "Malamud", "Mares", "Marcella", "Security")
    assert len(texts) == len(names)
    for text, name in zip(texts, names, strict=True):
        assert text.startswith(f"• {name}")
    assert texts[3].endswith("Porto, Portugal, August 17th-20th 2011.")


def test_every_sentence_ends_as_a_sentence_does(briefing: Document, passages: list[Passage]) -> None:
    prose = [s for passage in passages for s in passage.sentences if s.kind is SentenceKind.PROSE]
    texts = [briefing.text[s.start : s.end] for s in prose]
    assert len(texts) > 100
    # All but the date below the title.
    assert [text for text in texts if not text.endswith((".", "?", "!"))] == ["- 20/12/2012"]
    # A stop that the author set apart from its sentence belongs to it.
    assert "." not in texts


def test_every_passage_of_the_shipped_corpus_is_of_one_section() -> None:
    corpus = Corpus.open(CORPUS)
    count = 0
    for identity, path in ((file.id, file.path) for file in corpus.files()):
        loaded = corpus.load(identity, path.read_bytes())
        assert loaded.notices == (), identity
        document = loaded.document
        for passage in chunk(document, FakeEncoder().count_tokens, 200):
            count += 1
            assert passage.heading == document.heading_at(passage.start) == document.heading_at(passage.end - 1)
    assert count > 80
