"""Sentences and passages: what is cut where."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from natoqa.chunking import PREFIX_TOKENS, chunk, embedded_text
from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import loader_for
from natoqa.protocols import Encoder
from natoqa.testing import FakeEncoder
from natoqa.types import Document, Metadata, Passage, SentenceKind

COUNT = FakeEncoder().count_tokens


def _document(text: str, suffix: str = ".txt") -> Document:
    loaded = loader_for(suffix)(text.encode(), Limits())
    return Document(f"a{suffix}", loaded.text, loaded.metadata, loaded.landmarks)


def _sentences(text: str, suffix: str = ".txt", passage_tokens: int = 200) -> list[str]:
    document = _document(text, suffix)
    passages = chunk(document, COUNT, passage_tokens)
    return [document.text[s.start : s.end] for passage in passages for s in passage.sentences]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "In that year Venezuela paid US$ 406 million. Bolivia paid less.",
            ["In that year Venezuela paid US$ 406 million.", "Bolivia paid less."],
        ),
        (
            "It continues to provoke conflict, e.g. between Colombia and Ecuador, i.e. neighbours. It ended.",
            ["It continues to provoke conflict, e.g. between Colombia and Ecuador, i.e. neighbours.", "It ended."],
        ),
        (
            "The paper was written by Dr. D.S.V. Jesus of Porto. Mr. Mares wrote another.",
            ["The paper was written by Dr. D.S.V. Jesus of Porto.", "Mr. Mares wrote another."],
        ),
        (
            "The U.S. Army left in the end of 1990. The U.S. Congress met about it.",
            ["The U.S. Army left in the end of 1990.", "The U.S. Congress met about it."],
        ),
        (
            "Defence took 2.3 per cent of all spending. No. 3 in the list is Chile.",
            ["Defence took 2.3 per cent of all spending.", "No. 3 in the list is Chile."],
        ),
        (
            "Chile lost the war in the end. Álvaro Uribe won the vote of 2002. Évo came later.",
            ["Chile lost the war in the end.", "Álvaro Uribe won the vote of 2002.", "Évo came later."],
        ),
        (
            "He called it “a failed state.” Nobody objected to that in the room.",
            ["He called it “a failed state.”", "Nobody objected to that in the room."],
        ),
    ],
)
def test_a_paragraph_is_cut_between_sentences_and_nowhere_else(text: str, sentences: list[str]) -> None:
    assert _sentences(text) == sentences


def test_a_sentence_runs_over_the_end_of_a_line_but_not_over_a_blank_line() -> None:
    assert _sentences("It was a long and cold winter\nin the north.\n\nIt froze") == [
        "It was a long and cold winter\nin the north.",
        "It froze",
    ]


def test_a_heading_and_an_item_are_one_sentence_each_however_many_stops_they_hold() -> None:
    text = "Opening words.\n\nA Heading\n\n• Jesus, D.S.V. A paper. World Committee. Porto, 2011.\n• Mares.\n\nEnd."
    document = _document(text)
    kinds = [
        (document.text[s.start : s.end], s.kind) for passage in chunk(document, COUNT, 200) for s in passage.sentences
    ]
    assert kinds == [
        ("Opening words.", SentenceKind.PROSE),
        ("A Heading", SentenceKind.HEADING),
        ("• Jesus, D.S.V. A paper. World Committee. Porto, 2011.", SentenceKind.ITEM),
        ("• Mares.", SentenceKind.ITEM),
        ("End.", SentenceKind.PROSE),
    ]


def test_a_passage_holds_one_section_and_knows_its_heading() -> None:
    document = _document("# Title\n\nIntro.\n\n## One\n\nFirst.\n\nSecond.\n\n## Two\n\nThird.\n", ".md")
    passages = chunk(document, COUNT, 200)
    assert [(p.heading, document.text[p.start : p.end]) for p in passages] == [
        ("", "# Title\n\nIntro."),
        ("One", "## One\n\nFirst.\n\nSecond."),
        ("Two", "## Two\n\nThird."),
    ]


def test_a_long_section_is_broken_between_paragraphs_rather_than_within_one() -> None:
    paragraph = "This paragraph holds six words. And this one five. "
    document = _document("\n\n".join([paragraph * 2] * 3))
    tokens = COUNT(paragraph) * 2
    passages = chunk(document, COUNT, int(tokens * 1.5))
    assert [document.text[p.start : p.end] for p in passages] == [(paragraph * 2).strip()] * 3


def test_a_sentence_too_long_for_a_passage_is_cut_at_a_clause() -> None:
    clause = "one two three four five six seven; "
    pieces = _sentences(clause * 6 + "end.", passage_tokens=16)
    assert all(piece.endswith((";", "end.")) for piece in pieces)
    assert " ".join(pieces) == clause * 6 + "end."


def test_a_word_without_an_end_is_cut_anywhere() -> None:
    pieces = _sentences("x" * 10_000, passage_tokens=16)
    assert "".join(pieces) == "x" * 10_000
    # A tokenizer may read such a word as a single token: its length counts as well, ten characters a token.
    assert max(map(len, pieces)) < 16 * 10 + 10


def test_a_text_of_white_space_has_no_passages() -> None:
    assert chunk(Document("a.txt", " \n\n \u2003 "), COUNT, 200) == []


def test_the_encoder_reads_title_and_heading_before_the_passage() -> None:
    document = Document("a.txt", "One. Two.", Metadata(title="The Title"))
    passage = Passage("a.txt", 5, 9, "The Heading", ())
    text, start = embedded_text(document, passage, COUNT)
    assert text == "The Title. The Heading. Two."
    assert text[start:] == "Two."
    untitled = embedded_text(Document("a.txt", "One. Two."), Passage("a.txt", 0, 4, "", ()), COUNT)
    assert untitled == ("One.", 0)


def test_a_heading_that_is_the_title_is_read_once() -> None:
    document = Document("a.txt", "Two.", Metadata(title="Same"))
    assert embedded_text(document, Passage("a.txt", 0, 4, "Same", ()), COUNT)[0] == "Same. Two."


@pytest.mark.parametrize("long", ["word " * 200, "x" * 5_000])
def test_a_title_too_long_to_leave_room_is_left_out(long: str) -> None:
    document = Document("a.txt", "Two.", Metadata(title=long))
    text, start = embedded_text(document, Passage("a.txt", 0, 4, "Heading", ()), COUNT)
    assert text == "Heading. Two."
    assert COUNT(text[:start]) <= PREFIX_TOKENS


# Text as hostile as Unicode allows: separators of lines, marks that combine, private use, right-to-left, emoji, and
# the signs that open blocks and close sentences.
SIGNS = st.one_of(
    st.characters(codec="utf-8"),
    st.sampled_from("\n\n\n   .!?;,:()“”’•-#|*`>19aAzZéÁ\u2028\u2029\x85\x0b\x1c\u00a0\u3000"),
    st.sampled_from("\u0301\u200d\ufe0f🚢👩שם عر\ue000\ue001\uf8ff\U0010fffd"),
    st.sampled_from(["Dr. ", "e.g. ", "\n\n• ", "\n\n# ", "\n\nA Heading\n\n", "A sentence of words. ", "x" * 12]),
)
TEXTS = st.lists(SIGNS, max_size=80).map("".join)


def _check(text: str, suffix: str, count: Callable[[str], int], passage_tokens: int) -> None:
    try:
        document = _document(text, suffix)
    except UnreadableFile:
        return
    position = 0
    for passage in chunk(document, count, passage_tokens):
        assert passage.sentences
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        assert count(document.text[passage.start : passage.end]) <= passage_tokens
        for sentence in passage.sentences:
            between, quote = document.text[position : sentence.start], document.text[sentence.start : sentence.end]
            assert position <= sentence.start < sentence.end
            assert not between.strip()
            assert quote == quote.strip() != ""
            position = sentence.end
    assert not document.text[position:].strip()


@given(TEXTS, st.sampled_from([".txt", ".md"]), st.integers(3, 40))
@settings(max_examples=600)
@example("\ue000\ue001\ue002. A\n\nb", ".txt", 3)
@example("a " * 2_000 + "b" * 2_500, ".txt", 16)
@example("• " + "item " * 400, ".txt", 16)
@example("\u0301" * 3_000, ".txt", 16)
def test_sentences_tile_any_text_and_every_passage_fits(text: str, suffix: str, passage_tokens: int) -> None:
    _check(text, suffix, COUNT, passage_tokens)


@given(TEXTS, st.sampled_from([".txt", ".md"]), st.integers(16, 60))
@settings(max_examples=200)
@example("𝕏" * 3_000, ".txt", 16)
@example("漢字" * 1_500, ".txt", 16)
@example("unaffable" * 500, ".txt", 16)
@example("🚢" * 2_000 + "الأمن" * 400, ".md", 200)
def test_every_passage_fits_what_the_real_tokenizer_counts(
    encoder: Encoder, text: str, suffix: str, passage_tokens: int
) -> None:
    _check(text, suffix, encoder.count_tokens, passage_tokens)


@given(TEXTS, st.sampled_from([".txt", ".md"]))
def test_no_sentence_lies_across_two_blocks(text: str, suffix: str) -> None:
    try:
        document = _document(text, suffix)
    except UnreadableFile:
        return
    offsets = [mark.offset for mark in document.landmarks]
    for passage in chunk(document, COUNT, 50):
        for sentence in passage.sentences:
            assert not any(sentence.start < offset < sentence.end for offset in offsets), re.escape(text)


@pytest.mark.parametrize(
    "sentences",
    [
        ["We asked them twice about it.", "The answer was no.", "The court agreed."],
        ["He had fought long in World War I.", "It began in 1914."],
        ["There was always a plan B.", "It failed."],
        ["They took a great interest in art.", "It is fun."],
        ["The paper of William R. Brownfield, see fig. 3 and No. 4, was read.", "Nobody spoke."],
        ["D.S.V. Jesus and Dr. J. R. Smith met Lt. Col. Diaz at St. Petersburg.", "They left."],
    ],
)
def test_a_full_stop_is_told_from_an_abbreviation(sentences: list[str]) -> None:
    assert _sentences(" ".join(sentences)) == sentences


@pytest.mark.parametrize("unit", ["it is. and so. ", "“““““", "![![", "a. B. "])
def test_splitting_takes_time_in_proportion_to_the_text(unit: str) -> None:
    began = time.perf_counter()
    _sentences(unit * (120_000 // len(unit)))
    assert time.perf_counter() - began < 10  # in proportion some 2 s; by the square, minutes


def test_chinese_sentences_end_at_their_own_full_stops() -> None:
    text = "中国向玻利维亚出售了飞机。委内瑞拉购买了卫星。巴西没有购买任何东西！"
    passages = chunk(Document("a.txt", text), FakeEncoder().count_tokens, 200)
    quotes = [text[s.start : s.end] for passage in passages for s in passage.sentences]
    assert quotes == ["中国向玻利维亚出售了飞机。", "委内瑞拉购买了卫星。", "巴西没有购买任何东西！"]


def test_marks_are_found_in_time_in_a_text_that_holds_most_characters() -> None:
    text = "\n\n".join(("".join(map(chr, range(0xE000, 0xFFFF))), *("Chile can afford equipment.",) * 2_000))
    began = time.perf_counter()
    passages = chunk(Document("a.txt", text), FakeEncoder().count_tokens, 200)
    assert time.perf_counter() - began < 5
    assert passages[-1].end == len(text)


def test_a_text_that_holds_every_character_is_refused_and_not_an_error_of_our_own() -> None:
    text = "".join(map(chr, range(0xE000, 0x110000)))
    with pytest.raises(UnreadableFile, match="every character"):
        chunk(Document("a.txt", text), FakeEncoder().count_tokens, 200)
