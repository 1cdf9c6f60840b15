from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from natoqa.citing import cite, cite_passages, locate
from natoqa.types import (
    AnswerSentence,
    Citation,
    Document,
    DraftSentence,
    Landmark,
    LandmarkKind,
    Metadata,
    Quote,
    Span,
)

TEXT = "One.\n\nIn 2008 Venezuela paid US$ 406 million.  Its “satellite” – the Simón Bolívar –\nwas launched."
PAPER = Document(
    "paper.txt",
    TEXT,
    Metadata("The Paper", "A. Writer", "2012-12-20"),
    (Landmark(0, LandmarkKind.PARAGRAPH, "¶ 1"), Landmark(6, LandmarkKind.PARAGRAPH, "¶ 2")),
)
OTHER = Document("other.md", "Other text. One.")
DOCUMENTS = {document.id: document for document in (PAPER, OTHER)}


def _drafted(*quotes: Quote, text: str = "Shown.") -> DraftSentence:
    return DraftSentence(text, quotes)


def test_a_citation_says_where_and_in_what_the_quote_stands() -> None:
    quote = "In 2008 Venezuela paid US$ 406 million."
    cited = cite([_drafted(Quote("paper.txt", quote))], DOCUMENTS.__getitem__)
    assert cited.citations == (
        Citation(1, "paper.txt", "The Paper", "A. Writer", "2012-12-20", "¶ 2", 6, 6 + len(quote), quote),
    )
    assert TEXT[6 : 6 + len(quote)] == quote


def test_a_document_without_a_title_is_cited_by_its_id() -> None:
    (citation,) = cite_passages([Quote("other.md", "Other text.")], DOCUMENTS.__getitem__)
    assert citation.title == "other.md"


@pytest.mark.parametrize(
    "quote",
    [
        "In 2008 Venezuela paid US$ 407 million.",
        "In 2008 Venezuela paid 406 million.",
        "in 2008 venezuela paid",
        "Venezuela paid … million",
        "In2008 Venezuela",
        "was launched. And more",
        "Simon Bolivar",
        "",
        "  \n ",
        "…",
    ],
)
def test_a_changed_word_a_gap_or_an_addition_is_rejected(quote: str) -> None:
    cited = cite([_drafted(Quote("paper.txt", quote, start=6))], DOCUMENTS.__getitem__)
    assert cited.citations == ()
    assert cited.sentences == ()
    assert [item.reason for item in cited.rejected] == ["these words do not stand in the document"]


@pytest.mark.parametrize(
    "quote",
    [
        'Its "satellite" - the Simón Bolívar - was launched.',
        "Its «satellite» — the Simón Bolívar — was launched.",
        "  Its “satellite”\n–\tthe Simón Bolívar – was launched. ",
        "Its “sa\u00adtel\u200blite” – the Simón Bolívar – was launched.\ufeff",
    ],
)
def test_typography_does_not_matter_and_the_documents_own_text_is_what_is_cited(quote: str) -> None:
    (citation,) = cite_passages([Quote("paper.txt", quote)], DOCUMENTS.__getitem__)
    assert citation.quote == "Its “satellite” – the Simón Bolívar –\nwas launched."
    assert TEXT[citation.start : citation.end] == citation.quote


def test_an_exact_place_wins_over_an_earlier_one_that_differs_in_typography() -> None:
    assert locate('"so"', '“so” and "so"') == Span(9, 13)


def test_of_several_places_the_one_nearest_to_the_hint_is_taken() -> None:
    text = "no no no no"
    assert [locate("no", text, near=near) for near in (None, 0, 4, 5, 100)] == [
        Span(0, 2),
        Span(0, 2),
        Span(3, 5),
        Span(6, 8),
        Span(9, 11),
    ]


def test_a_quote_from_a_document_that_does_not_exist_is_rejected() -> None:
    quote = Quote("nowhere.txt", "One.")
    cited = cite([_drafted(quote)], DOCUMENTS.__getitem__)
    assert [(item.quote, item.reason) for item in cited.rejected] == [(quote, "there is no such document")]


def test_a_quote_is_looked_for_in_its_own_document_alone() -> None:
    assert cite([_drafted(Quote("paper.txt", "Other text."))], DOCUMENTS.__getitem__).citations == ()


def test_a_sentence_stays_only_if_all_its_quotes_stand_and_is_shown_in_the_words_of_the_document() -> None:
    good, bad = Quote("paper.txt", "One."), Quote("paper.txt", "Two.")
    drafted = [_drafted(bad, good, text="one is false"), _drafted(text="no quote"), _drafted(good, text="mine")]
    cited = cite(drafted, DOCUMENTS.__getitem__)
    assert cited.sentences == (AnswerSentence("One.", (1,)),)
    assert [item.quote for item in cited.rejected] == [bad]


def test_a_hint_before_the_text_is_no_place_in_it() -> None:
    assert locate("abc", "xxabc", near=-3) == Span(2, 5)


def test_numbers_follow_first_appearance_and_one_place_has_one_number() -> None:
    one, other, launched = Quote("paper.txt", "One."), Quote("other.md", "One."), Quote("paper.txt", "launched")
    cited = cite([_drafted(launched, one), _drafted(one, one), _drafted(other)], DOCUMENTS.__getitem__)
    assert [sentence.citations for sentence in cited.sentences] == [(1, 2), (2,), (3,)]
    assert [(item.number, item.document, item.quote) for item in cited.citations] == [
        (1, "paper.txt", "launched"),
        (2, "paper.txt", "One."),
        (3, "other.md", "One."),
    ]


TEXTS = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("ab  \n\t\u00a0\u00ad\u200b“”\"'’–—-.")),
    max_size=60,
)
DOUBLE, SINGLE, DASHES = '“”„‟«»″"', "‘’‚‛′`´'", "‐‑‒–—―−-"


def _plain(text: str) -> str:
    """An independent idea of what typography is: one sign for each family, single spaces, nothing invisible."""
    signs = []
    for sign in text:
        if sign in "\u00ad\u200b\u200c\u200d\u2060\ufeff":
            continue
        family = next((family[-1] for family in (DOUBLE, SINGLE, DASHES) if sign in family), sign)
        signs.append(" " if family.isspace() else family)
    return " ".join("".join(signs).split())


@given(st.data(), TEXTS)
def test_whatever_stands_in_a_text_is_found_there(data: st.DataObject, text: str) -> None:
    start = data.draw(st.integers(0, len(text)))
    quote = text[start : data.draw(st.integers(start, len(text)))].strip()
    assume(quote)
    near = data.draw(st.none() | st.integers(0, len(text)))
    span = locate(quote, text, near)
    assert span is not None
    assert text[span.start : span.end] == quote


@given(st.data(), TEXTS)
def test_whatever_stands_in_a_text_up_to_typography_is_found_there(data: st.DataObject, text: str) -> None:
    start = data.draw(st.integers(0, len(text)))
    quote = _plain(text[start : data.draw(st.integers(start, len(text)))])
    assume(quote)
    span = locate(quote, text)
    assert span is not None
    assert _plain(text[span.start : span.end]) == quote


@given(TEXTS, TEXTS, st.none() | st.integers(0, 60))
def test_what_is_found_stands_there_and_what_is_not_found_does_not(quote: str, text: str, near: int | None) -> None:
    span = locate(quote, text, near)
    if span is None:
        assert not _plain(quote) or _plain(quote) not in _plain(text)
        return
    assert 0 <= span.start < span.end <= len(text)
    found = text[span.start : span.end]
    assert found == quote.strip() or _plain(found) == _plain(quote)


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_what_is_cited_is_the_documents_own_text(quote: str, text: str) -> None:
    document = Document("a.txt", f"{text} {unicodedata.normalize('NFD', quote)} {text}")
    for citation in cite_passages([Quote("a.txt", quote)], {"a.txt": document}.__getitem__):
        assert document.text[citation.start : citation.end] == citation.quote
