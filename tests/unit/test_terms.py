from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.terms import FUNCTION_WORDS, analyse, content_stems, fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Túpac Katari", "tupac katari"),
        ("satellites", "satellite"),
        ("Venezuela’s", "Venezuela"),
        ("Venezuela's", "venezuela"),
        ("the militaries", "the military"),
        ("U.S.", "US"),
        ("U.N. forces", "UN force"),
        ("STRASSE", "Straße"),
        ("e\u0301lite", "\u00e9lite"),
    ],
)
def test_words_that_mean_the_same_have_one_stem(one: str, other: str) -> None:
    assert content_stems(one) == content_stems(other) != []


@pytest.mark.parametrize(("one", "other"), [("406", "407"), ("2.3", "23"), ("1,000", "1"), ("Chile", "China")])
def test_words_that_differ_in_meaning_have_different_stems(one: str, other: str) -> None:
    assert content_stems(one) != content_stems(other)


def test_a_function_word_in_capitals_is_a_name() -> None:
    assert [term.is_function_word for term in analyse("the WHO saw who")] == [True, False, False, True]


def test_us_is_a_country_however_it_is_written() -> None:
    us, also = analyse("US us")
    assert us.stem == also.stem
    assert not us.is_function_word | also.is_function_word


def test_a_number_keeps_its_separators() -> None:
    assert [term.text for term in analyse("US$ 1,406.5 million in 2013.")] == ["US", "1,406.5", "million", "in", "2013"]


def test_a_text_of_punctuation_has_no_terms() -> None:
    assert list(analyse("?! … – “” 🚢 \u0301")) == []


def test_every_function_word_is_recognised_with_either_apostrophe() -> None:
    for word in FUNCTION_WORDS:
        for written in (word, word.replace("'", "’")):
            terms = list(analyse(written))
            assert terms, written
            assert all(term.is_function_word for term in terms), written


@given(st.text())
def test_each_term_stands_in_the_text_where_it_says(text: str) -> None:
    position = 0
    for term in analyse(text):
        assert text[term.start : term.end] == term.text
        assert term.start >= position
        assert term.stem
        position = term.end


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_threads_share_the_stemmer() -> None:
    # A Snowball stemmer keeps state: without a lock concurrent calls mix up letters.
    words = [f"organis{ending}{number}" for number in range(300) for ending in ("ations", "ing", "ed")]
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(content_stems, words))
    assert at_once == [content_stems(word) for word in words]
