"""A document in the panel: its text to the character, marks on exact places and nowhere else."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from natoqa.chat.reading import REACH, Mark, find, render, stretch
from natoqa.types import Document, Landmark, LandmarkKind, Span

WORDS = st.text(st.sampled_from("ab \n.#é😀<&\"'"), min_size=1, max_size=200)
KINDS = st.sampled_from(list(LandmarkKind))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    words = draw(WORDS)
    offsets = sorted(draw(st.sets(st.integers(0, len(words)), max_size=6)))
    return Document("a", words, landmarks=tuple(Landmark(at, draw(KINDS), "x<y") for at in offsets))


def _content(page: str, selector: str = "") -> str:
    tree = LexborHTMLParser(f"<html><body>{page}</body></html>")
    chosen = tree.css(selector) if selector else [tree.body]
    return "".join(node.text(deep=True) for node in chosen if node)


@given(documents(), st.data())
def test_what_is_rendered_is_the_text_and_what_is_marked_is_the_quote(document: Document, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(document.text) - 1))
    end = data.draw(st.integers(start + 1, len(document.text)))
    other = data.draw(st.integers(0, len(document.text)))
    span = stretch(document, start, end, reach=data.draw(st.integers(0, 80)))
    assert 0 <= span.start <= start < end <= span.end <= len(document.text)
    page = render(document, span, [Mark(start, end, "quote"), Mark(min(other, start), max(other, end), "found")])
    assert _content(page) == document.text[span.start : span.end]
    assert _content(page, "mark.quote") == document.text[start:end]


def test_a_long_document_is_shown_in_stretches_that_join_without_a_gap() -> None:
    document = Document("a", "Nothing happened that day. " * 8_000)
    middle = len(document.text) // 2
    shown = stretch(document, middle, middle + 7)
    assert shown.end - shown.start < 3 * REACH
    edges = [shown.start]
    while edges[-1] > 0:
        edges.append(stretch(document, edges[-1], edges[-1]).start)
    edges = [*reversed(edges), shown.end]
    while edges[-1] < len(document.text):
        edges.append(stretch(document, edges[-1], edges[-1]).end)
    whole = "".join(_content(render(document, Span(*pair))) for pair in pairwise(edges))
    assert whole == document.text


def test_a_short_document_is_shown_whole() -> None:
    document = Document("a", "One.\n\nTwo.", landmarks=(Landmark(6, LandmarkKind.PARAGRAPH, "¶ 2"),))
    assert stretch(document, 6, 10) == Span(0, 10)


def test_words_are_found_exactly_whatever_their_case_and_spacing() -> None:
    document = Document("a", "Große Häfen. GROSSE\nhäfen (1) große  häfen.")
    assert [document.text[place.start : place.end] for place in find(document, "große häfen", 9)] == [
        "Große Häfen",
        "große  häfen",
    ]
    assert find(document, "(1)", 9) == [Span(26, 29)]
    assert find(document, "  ", 9) == find(document, "harbour", 9) == []
    assert len(find(document, "e", 2)) == 2


def test_a_page_that_begins_within_a_paragraph_is_told_without_touching_the_text() -> None:
    document = Document("a", "One two three.", landmarks=(Landmark(4, LandmarkKind.PAGE, 'p. "2"'),))
    page = render(document, Span(0, 14), [Mark(0, 14, "quote")])
    assert 'data-label="p. &quot;2&quot;"' in page
    assert _content(page, "mark.quote") == document.text
