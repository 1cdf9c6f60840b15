"""Which sentences become an answer. Scores are given, so that each choice can be followed by hand."""

from __future__ import annotations

import pytest

from natoqa.discourse import points_back
from natoqa.extractive import ExtractiveAnswerer
from natoqa.types import Hit, Passage, Ranks, ScoredSentence, ScoreParts, Sentence, SentenceKind

QUESTION = "What did the harbour bridge cost?"


def _hit(document: str, *sentences: tuple[str, float], kind: SentenceKind = SentenceKind.PROSE, gap: str = " ") -> Hit:
    text = gap.join(words for words, _ in sentences)
    scored: list[ScoredSentence] = []
    start = 0
    for words, score in sentences:
        scored.append(ScoredSentence(Sentence(start, start + len(words), kind), words, score))
        start += len(words) + len(gap)
    passage = Passage(document, 0, len(text), "", tuple(item.sentence for item in scored))
    parts = ScoreParts(0.0, 0.0, 0.0)
    return Hit(passage, document, "", text, 0.0, Ranks(), parts, tuple(scored))


def _answer(*hits: Hit, most: int = 4) -> list[str]:
    return [sentence.text for sentence in ExtractiveAnswerer(most).draft(QUESTION, hits).sentences]


BRIDGE = "The harbour bridge cost 40 million."


def test_a_sentence_far_below_the_best_is_left_out() -> None:
    assert _answer(_hit("a", (BRIDGE, 0.9), ("The harbour has a bridge and a crane.", 0.7))) == [BRIDGE]


def test_the_sentence_that_it_points_to_comes_with_it_and_the_one_before_that_if_need_be() -> None:
    hit = _hit(
        "a", ("The bridge was new.", 0.1), ("It was built of steel.", 0.2), ("Its cost shocked the harbour.", 0.9)
    )
    assert _answer(hit) == ["The bridge was new.", "It was built of steel.", "Its cost shocked the harbour."]


def test_lines_of_one_paragraph_hang_together_and_paragraphs_do_not() -> None:
    sentences = ("The bridge was new.", 0.1), ("It cost the harbour 40 million.", 0.9), ("A dull closing remark.", 0.2)
    assert _answer(_hit("a", *sentences, gap="\n"))[0] == "The bridge was new."
    # In a paragraph of its own 'It' means nothing: another document's whole sentence is the better answer.
    other = _hit("b", (BRIDGE, 0.5))
    assert _answer(_hit("a", *sentences, gap="\n\n"), other) == [BRIDGE]


def test_what_does_not_fit_whole_is_not_begun() -> None:
    hit = _hit("a", ("The bridge was new.", 0.1), ("Its cost shocked the harbour.", 0.9), (BRIDGE, 0.8))
    assert _answer(hit, most=1) == [BRIDGE]


def test_a_document_that_repeats_two_figures_is_shown_with_what_it_says_next() -> None:
    first = _hit("a", ("The harbour bridge cost 40 million, 12 of them lent.", 0.9))
    second = _hit(
        "b",
        ("The report gives 40 million with 12 lent.", 0.2),
        ("The ledger has 38.5 million.", 0.1),
        ("The weather was fine that year.", 0.1),
    )
    assert _answer(first, second) == [
        "The harbour bridge cost 40 million, 12 of them lent.",
        "The report gives 40 million with 12 lent.",
        "The ledger has 38.5 million.",
    ]


def test_a_shared_year_is_not_a_shared_fact() -> None:
    first = _hit("a", ("The harbour bridge of 1911 cost much in 1912.", 0.9))
    assert len(_answer(first, _hit("b", ("In 1911 and 1912 there were floods.", 0.2)))) == 1


def test_two_sentences_that_say_the_same_are_one_unless_their_figures_differ() -> None:
    same = _hit("b", ("The harbour bridge, it cost 40 million.", 0.89))
    other = _hit("b", ("The harbour bridge cost 41 million.", 0.89))
    assert _answer(_hit("a", (BRIDGE, 0.9)), same) == [BRIDGE]
    assert _answer(_hit("a", (BRIDGE, 0.9)), other) == [BRIDGE, "The harbour bridge cost 41 million."]


@pytest.mark.parametrize("kind", [SentenceKind.HEADING, SentenceKind.MARKUP])
def test_headings_and_mark_up_are_no_answer(kind: SentenceKind) -> None:
    assert _answer(_hit("a", (BRIDGE, 0.9), kind=kind)) == []


def test_a_question_in_the_source_is_no_answer() -> None:
    assert _answer(_hit("a", ("What did the harbour bridge cost?", 0.99))) == []


def test_sentences_stand_in_reading_order_and_documents_in_the_order_of_their_best() -> None:
    hits = _hit("b", ("The bridge cost little.", 0.88), ("The harbour bridge cost 9.", 0.9)), _hit("a", (BRIDGE, 0.89))
    assert _answer(*hits) == ["The bridge cost little.", "The harbour bridge cost 9.", BRIDGE]


@pytest.mark.parametrize(("sentence", "expected"), [("Its cost", True), ("Italy", False), ("Thistles", False)])
def test_only_whole_words_point_back(sentence: str, expected: bool) -> None:
    assert points_back(sentence) is expected


def test_a_fragment_is_no_answer_and_a_sentence_written_without_spaces_is_one() -> None:
    assert _answer(_hit("a", ("The harbour bridge.", 0.9))) == []
    assert _answer(_hit("a", ("中国向玻利维亚出售了飞机。", 0.9))) == ["中国向玻利维亚出售了飞机。"]
