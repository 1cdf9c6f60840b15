"""Answer metrics as arithmetic, and the worked example of docs/metrics.md."""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.evaluation.metrics import confidence as confidence_metrics
from natoqa.evaluation.metrics import ranking as ranking_metrics
from natoqa.evaluation.metrics import statistics
from natoqa.evaluation.metrics.answers import (
    citation_precision,
    citation_recall,
    evidence_recall,
    length_in_words,
    redundancy,
    token_f1,
)
from natoqa.evaluation.metrics.ranking import Place
from natoqa.evaluation.questions import GoldSpan
from natoqa.evaluation.scoring import METRICS
from natoqa.types import Span

Sets = list[list[GoldSpan]]
DOCUMENT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text("utf-8")


def quote(document: str, start: int, end: int) -> GoldSpan:
    return GoldSpan(document, Span(start, end))


ONE = [[quote("a", 100, 200)]]
TWO = [[quote("a", 100, 200), quote("b", 0, 50)]]
WHOLE = [[GoldSpan("c", None)]]

PLACES = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(0, 12)).map(lambda p: (p[0], p[1], p[1] + p[2])),
    max_size=5,
)
SETS = st.lists(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 12)).map(
            lambda p: quote(p[0], p[1], p[1] + p[2])
        ),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=3,
)


def characters(places: list[Place]) -> set[tuple[str, int]]:
    return {(document, at) for document, start, end in places for at in range(start, end)}


def letters(piece: GoldSpan) -> set[tuple[str, int]]:
    assert piece.span is not None
    return characters([(piece.document, piece.span.start, piece.span.end)])


def test_token_f1_by_hand() -> None:
    # Five tokens shown, two in the answer, both shared: 2 * 2 / 7.
    assert token_f1("NATO was founded in 1949.", ["in 1949"]) == 4 / 7


def test_the_best_answer_counts() -> None:
    assert token_f1("in Paris", ["Rome", "Paris", "in Paris"]) == 1.0


def test_a_repeated_token_counts_as_often_as_both_have_it() -> None:
    # Shared: "new" once. 2 * 1 / (3 + 2).
    assert token_f1("new new york", ["new zealand"]) == 2 / 5


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        ("The Treaty", "a treaty"),
        ("U.S.", "us"),
        ("co-operate", "cooperate"),
        ("$5", "5"),
        ("€5", "5"),
        ("2019–2021", "2019-2021"),
        ("“NATO”", '"NATO"'),
        ("Brazil’s", "Brazil's"),
        ("¿Qué?", "qué"),
        ("caf\u00e9", "cafe\u0301"),
        ("co\u00adoperate", "cooperate"),
        ("ships\u2014two", "ships two"),
        ("5\u00a0km", "5 km"),
    ],
)
def test_spellings_of_one_answer_are_the_same_tokens(shown: str, answer: str) -> None:
    assert token_f1(shown, [answer]) == 1.0


@pytest.mark.parametrize(
    ("shown", "answer"), [("theatre", "atre"), ("é", "e"), ("ships-two", "ships two"), ("km²", "km2")]
)
def test_other_words_stay_other_tokens(shown: str, answer: str) -> None:
    assert token_f1(shown, [answer]) < 1.0


def test_nothing_shared_is_zero_and_nothing_asked_does_not_apply() -> None:
    assert token_f1("", ["Paris"]) == token_f1("Rome", ["Paris"]) == token_f1("", ["the"]) == 0.0
    assert math.isnan(token_f1("Rome", []))


@given(st.text(string.printable, max_size=40), st.text(string.printable, max_size=20))
def test_ascii_text_is_treated_as_by_squad(shown: str, answer: str) -> None:
    def tokens(text: str) -> list[str]:
        kept = "".join(character for character in text.lower() if character not in set(string.punctuation))
        return re.sub(r"\b(a|an|the)\b", " ", kept).split()

    ours, theirs = Counter(tokens(shown)), Counter(tokens(answer))
    shared = sum((ours & theirs).values())
    expected = 0.0
    if shared:
        precision, recalled = shared / sum(ours.values()), shared / sum(theirs.values())
        expected = 2 * precision * recalled / (precision + recalled)
    assert token_f1(shown, [answer]) == pytest.approx(expected, abs=1e-9)


def test_half_of_a_piece_covers_it_and_less_does_not() -> None:
    assert evidence_recall([("a", 150, 300)], ONE) == 1.0
    assert evidence_recall([("a", 151, 300)], ONE) == 0.0


def test_places_cover_a_piece_together_and_an_overlap_counts_once() -> None:
    assert evidence_recall([("a", 100, 130), ("a", 180, 200)], ONE) == 1.0
    assert evidence_recall([("a", 100, 130), ("a", 105, 130)], ONE) == 0.0


def test_evidence_recall_is_the_share_of_pieces_of_the_best_set() -> None:
    assert evidence_recall([("b", 0, 50)], TWO) == 1 / 2
    assert evidence_recall([("b", 0, 50)], [*TWO, [quote("b", 0, 50)]]) == 1.0


def test_any_place_covers_a_whole_document() -> None:
    assert evidence_recall([("c", 7, 8)], WHOLE) == 1.0
    assert evidence_recall([("a", 7, 8)], WHOLE) == 0.0


def test_a_citation_supports_by_half_of_the_shorter() -> None:
    assert citation_precision([("a", 190, 210)], ONE) == 1.0  # 10 of its own 20
    assert citation_precision([("a", 191, 211)], ONE) == 0.0
    assert citation_precision([("a", 0, 1000)], ONE) == 1.0  # all of the evidence's 100
    assert citation_precision([("a", 0, 149)], ONE) == 0.0


def test_citation_precision_is_the_share_of_places_that_support_any_piece_of_any_set() -> None:
    shown = [("a", 100, 200), ("b", 0, 50), ("c", 0, 9), ("d", 0, 9)]
    assert citation_precision(shown, [*TWO, *WHOLE]) == 3 / 4


def test_an_empty_place_supports_nothing() -> None:
    assert citation_precision([("a", 150, 150)], ONE) == 0.0


def test_citation_recall_counts_characters_of_the_best_set() -> None:
    assert citation_recall([("a", 150, 200)], ONE) == 50 / 100
    assert citation_recall([("a", 150, 200)], TWO) == 50 / 150
    assert citation_recall([("a", 150, 200)], [*TWO, *ONE]) == 50 / 100


def test_pieces_that_overlap_count_their_shared_characters_once() -> None:
    assert citation_recall([("a", 0, 10)], [[quote("a", 0, 20), quote("a", 10, 30)]]) == 10 / 30


def test_a_whole_document_weighs_as_much_as_the_mean_quote_of_its_set() -> None:
    pieces = [[*TWO[0], *WHOLE[0]]]  # quotes of 100 and 50: the document weighs 75
    assert citation_recall([("c", 0, 1)], pieces) == 75 / 225
    assert citation_recall([("a", 100, 200)], pieces) == 100 / 225
    assert citation_recall([("c", 0, 1)], WHOLE) == 1.0
    assert citation_recall([("c", 0, 1)], [[GoldSpan("c", None), GoldSpan("d", None)]]) == 1 / 2


def test_redundancy_is_the_share_of_characters_outside_all_evidence() -> None:
    assert redundancy([("a", 100, 200)], ONE) == 0.0
    assert redundancy([("a", 0, 400)], ONE) == 300 / 400
    assert redundancy([("a", 100, 200), ("b", 0, 50)], ONE) == 50 / 150
    assert redundancy([("a", 100, 200), ("b", 0, 50)], [*ONE, [quote("b", 0, 50)]]) == 0.0


def test_pasting_the_same_sentence_twice_is_no_more_redundant() -> None:
    assert redundancy([("a", 0, 200), ("a", 0, 200), ("a", 50, 200)], ONE) == 100 / 200


def test_pasting_a_whole_passage_raises_recall_and_redundancy() -> None:
    sentence, passage = [("a", 100, 160)], [("a", 0, 1000)]
    assert citation_recall(sentence, ONE) < citation_recall(passage, ONE)
    assert redundancy(sentence, ONE) < redundancy(passage, ONE)


def test_words_hold_a_letter_or_a_digit() -> None:
    assert length_in_words(["Two ships – no, 3!", "Çé\u00a0x"]) == 6.0
    assert length_in_words([]) == 0.0


def test_an_answer_that_shows_nothing_recalls_nothing_and_has_no_precision() -> None:
    assert evidence_recall([], ONE) == citation_recall([], ONE) == 0.0
    assert math.isnan(citation_precision([], ONE))
    assert math.isnan(redundancy([], ONE))


@pytest.mark.parametrize("metric", [evidence_recall, citation_precision, citation_recall, redundancy])
def test_a_metric_does_not_apply_without_evidence(metric: type[evidence_recall]) -> None:
    assert math.isnan(metric([("a", 0, 9)], []))
    assert math.isnan(metric([("a", 0, 9)], [[]]))


def test_redundancy_does_not_apply_to_a_whole_document() -> None:
    assert math.isnan(redundancy([("c", 0, 9)], [*ONE, *WHOLE]))


@given(PLACES, SETS)
def test_every_figure_equals_a_count_of_characters(shown: list[Place], sets: Sets) -> None:
    seen = characters(shown)
    covered = [sum(2 * len(letters(p) & seen) >= len(letters(p)) for p in s) / len(s) for s in sets]
    assert evidence_recall(shown, sets) == max(covered)
    gold = [set[tuple[str, int]]().union(*map(letters, s)) for s in sets]
    assert citation_recall(shown, sets) == max(len(g & seen) / len(g) for g in gold)
    if seen:
        assert redundancy(shown, sets) == len(seen.difference(*gold)) / len(seen)
    if shown:
        supports = [
            any(
                (shared := len(characters([place]) & letters(p)))
                and 2 * shared >= min(len(characters([place])), len(letters(p)))
                for s in sets
                for p in s
            )
            for place in shown
        ]
        assert citation_precision(shown, sets) == sum(map(bool, supports)) / len(shown)


@given(PLACES, SETS)
def test_the_order_of_places_and_sets_does_not_matter(shown: list[Place], sets: Sets) -> None:
    turned = [list(reversed(pieces)) for pieces in reversed(sets)]
    for metric in (evidence_recall, citation_precision, citation_recall, redundancy):
        assert repr(metric(shown, sets)) == repr(metric(shown[::-1], turned))


@given(PLACES, SETS)
def test_showing_more_never_lowers_recall(shown: list[Place], sets: Sets) -> None:
    assert evidence_recall(shown[1:], sets) <= evidence_recall(shown, sets)
    assert citation_recall(shown[1:], sets) <= citation_recall(shown, sets)


# The worked example: its tables are read from the page, so that page and code cannot part.


def rows_of(header: str) -> list[list[str]]:
    """The rows of the page's table whose header begins so."""
    table = DOCUMENT[DOCUMENT.index(f"| {header}") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in table]


def places_in(cell: str) -> list[Place]:
    found = re.findall(r"([\w.]+):(\d+)-(\d+)", cell)
    return [(document, int(start), int(end)) for document, start, end in found]


def sets_in(cell: str) -> Sets:
    return [[quote(*place) for place in places_in(pieces)] for pieces in cell.split(" or ") if pieces]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def worked_example() -> dict[str, float]:
    answers = {name: [a.strip() for a in cell.split(";") if a.strip()] for name, cell, _ in rows_of("question | short")}
    sets = {name: sets_in(cell) for name, _, cell in rows_of("question | short")}
    shown: dict[str, list[Place]] = {name: [] for name in sets}
    texts: dict[str, list[str]] = {name: [] for name in sets}
    for name, place, text in rows_of("question | place"):
        shown[name] += places_in(place)
        texts[name].append(text)
    found = {name: rest for name, *rest in rows_of("question | passages")}
    passages, sentences, withheld = ({q: places_in(found[q][i]) for q in found} for i in range(3))
    confidence, ms = ([float(found[q][i]) for q in found] for i in (3, 4))
    assert list(found) == list(sets)

    answerable = [q for q in sets if sets[q]]
    answered = [q for q in sets if shown[q]]
    both = [q for q in answerable if q in answered]
    gold = {q: [piece for pieces in sets[q] for piece in pieces] for q in sets}
    passage = [ranking_metrics.first_rank(passages[q], gold[q]) for q in answerable]
    sentence = [ranking_metrics.first_rank(sentences[q], gold[q]) for q in answerable]
    documents = {q: list(dict.fromkeys(document for document, _, _ in passages[q])) for q in sets}
    relevant = {q: {piece.document for piece in gold[q]} for q in sets}
    labels = [q in answerable for q in sets]
    correct = [any(evidence_recall(shown[q] or withheld[q], [[piece]]) for piece in gold[q]) for q in sets]
    abstention = confidence_metrics.precision_recall_f1(
        [q not in answered for q in sets], [not label for label in labels]
    )
    return {
        **{f"passage_hit@{k}": mean([ranking_metrics.hit(rank, k) for rank in passage]) for k in (1, 3, 5, 10)},
        "mrr": mean([ranking_metrics.reciprocal_rank(rank) for rank in passage]),
        **{f"sentence_hit@{k}": mean([ranking_metrics.hit(rank, k) for rank in sentence]) for k in (1, 3, 5)},
        "ndcg@10": mean([ranking_metrics.ndcg(documents[q], relevant[q]) for q in answerable]),
        "recall@100": mean([ranking_metrics.recall(documents[q], relevant[q]) for q in answerable]),
        "evidence_recall": mean([evidence_recall(shown[q], sets[q]) for q in answerable]),
        "answer_f1": mean([token_f1(" ".join(texts[q]), answers[q]) for q in answerable]),
        "citation_precision": mean([citation_precision(shown[q], sets[q]) for q in both]),
        "citation_recall": mean([citation_recall(shown[q], sets[q]) for q in both]),
        "redundancy": mean([redundancy(shown[q], sets[q]) for q in both]),
        "answer_words": mean([length_in_words(texts[q]) for q in answered]),
        **dict(zip(("abstention_precision", "abstention_recall", "abstention_f1"), abstention, strict=True)),
        "answerability_auroc": confidence_metrics.auroc(labels, confidence),
        "risk_coverage_auc": confidence_metrics.risk_coverage_auc(confidence, correct),
        "coverage@95": confidence_metrics.coverage_at_precision(confidence, correct),
        "calibration_error": confidence_metrics.expected_calibration_error(confidence, labels),
        "verbatim_rate": 1.0,
        "latency_ms_p50": float(np.percentile(ms, 50)),
        "latency_ms_p95": float(np.percentile(ms, 95)),
    }


FIGURES = {name.strip("`"): (by_hand, float(figure)) for name, by_hand, figure in rows_of("metric | by hand")}


@pytest.mark.parametrize("name", FIGURES)
def test_the_page_gives_the_figure_that_the_function_gives(name: str) -> None:
    by_hand, figure = FIGURES[name]
    numerator, denominator = by_hand.split("/")
    computed = worked_example()[name]
    assert figure == pytest.approx(computed, abs=5e-6)
    assert float(Fraction(numerator) / Fraction(denominator)) == pytest.approx(computed, abs=5e-6)


def test_the_page_explains_and_computes_every_metric_that_is_reported() -> None:
    assert list(FIGURES) == list(METRICS)
    explained = DOCUMENT.split("## A worked example")[0]
    for name in METRICS:
        stem, at, k = name.partition("@")
        assert f"`{name}`" in explained or (f"`{stem}@" in explained and f"`{at}{k}`" in explained), name


def test_the_texts_of_the_example_are_as_long_as_their_places() -> None:
    for _, place, text in rows_of("question | place"):
        ((_, start, end),) = places_in(place)
        assert len(text) == end - start


def test_the_comparison_on_the_page_gives_what_the_functions_give() -> None:
    page = " ".join(DOCUMENT.split("**A comparison.**")[1].split())
    assert f"14/64 = {statistics.mcnemar_p(5, 1)}" in page
    assert f"p = {round(8 * statistics.sign_flip_p([0.5, 0.25, -0.25, 0.0]))}/8" in page
    adjusted = [round(p, 6) for p in statistics.holm([0.01, 0.04, 0.03])]
    assert "become {}, {} and {}".format(*adjusted) in page
