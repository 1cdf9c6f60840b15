"""What the page is made of, without a page: excerpts are spans, and nothing from outside is HTML."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.chat.excerpt import excerpt
from natoqa.chat.render import text, turn
from natoqa.errors import IndexDamaged
from natoqa.types import Answer, AnswerSentence, Citation, Document, Landmark, LandmarkKind, Status


def _citation(document: Document, start: int, end: int, quote: str | None = None) -> Citation:
    shown = document.text[start:end] if quote is None else quote
    return Citation(1, document.id, document.title, "", "", "", start, end, shown)


@given(st.text(st.sampled_from("ab \n.é😀"), min_size=1, max_size=200), st.data())
def test_an_excerpt_is_one_span_of_the_document_around_the_quote(words: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    offsets = sorted(data.draw(st.sets(st.integers(0, len(words)), max_size=4)))
    document = Document("a", words, landmarks=tuple(Landmark(at, LandmarkKind.PARAGRAPH, "") for at in offsets))
    shown = excerpt(document, _citation(document, start, end), reach=data.draw(st.integers(0, 60)))
    assert shown.quote == words[start:end]
    assert words[:start].endswith(shown.before)
    assert words[end:].startswith(shown.after)


def test_a_quote_that_does_not_stand_there_is_never_shown() -> None:
    document = Document("a", "The harbour froze.")
    with pytest.raises(IndexDamaged, match="natoqa index --rebuild"):
        excerpt(document, _citation(document, 0, 3, quote="Tho"))


@given(st.text(max_size=60))
def test_text_from_outside_holds_no_tag_and_cannot_leave_an_attribute(words: str) -> None:
    escaped = text(words)
    assert not set(escaped) & set("<>\"'")
    assert re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "\ufffd", words) == html.unescape(escaped)


def test_the_ids_of_two_turns_differ_and_each_mark_leads_to_a_card() -> None:
    document = Document("a", "The harbour froze.")
    answer = Answer(
        "When?", Status.ANSWERED, (AnswerSentence("The harbour froze.", (1,)),), (_citation(document, 0, 18),)
    )
    pages = [turn(number, answer, {"a": document}.__getitem__) for number in (1, 2)]
    ids = [set(re.findall(r'\bid="([^"]+)"', page)) for page in pages]
    assert not ids[0] & ids[1]
    for page, known in zip(pages, ids, strict=True):
        assert {target.removeprefix("#") for target in re.findall(r'href="(#[^"]+)"', page)} <= known
        assert "<mark>The harbour froze.</mark>" in page
