"""What a turn is made of, without a page: nothing from outside is HTML, and no quote is shown that does not stand."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.chat import why
from natoqa.chat.escaping import filename, text
from natoqa.chat.library import Choice, Entry
from natoqa.chat.library import render as listed
from natoqa.chat.render import turn
from natoqa.errors import IndexDamaged
from natoqa.types import (
    Answer,
    AnswerSentence,
    Citation,
    Document,
    Hit,
    Metadata,
    Passage,
    Quote,
    Ranks,
    RejectedQuote,
    ScoredSentence,
    ScoreParts,
    Sentence,
    Status,
)

HARBOUR = Document("a", "The harbour froze. Nobody knew why.")


def _citation(document: Document, start: int, end: int, quote: str | None = None) -> Citation:
    shown = document.text[start:end] if quote is None else quote
    return Citation(1, document.id, document.title, "", "", "", start, end, shown)


def _answer(**changes: object) -> Answer:
    return Answer(
        "When did the harbour freeze?",
        Status.ANSWERED,
        (AnswerSentence("The harbour froze.", (1,)),),
        (_citation(HARBOUR, 0, 18),),
        **changes,  # type: ignore[arg-type]
    )


def _hit(start: int, end: int, ranks: Ranks) -> Hit:
    own = HARBOUR.text[start:end]
    return Hit(
        Passage("a", start, end, "", (Sentence(start, end),)),
        HARBOUR.title,
        "¶ 1",
        own,
        0.5,
        ranks,
        ScoreParts(0.1, 0.2, 0.3),
        (ScoredSentence(Sentence(start, end), own, 0.5),),
    )


@given(st.text(max_size=60))
def test_text_from_outside_holds_no_tag_and_cannot_leave_an_attribute(words: str) -> None:
    escaped = text(words)
    assert not set(escaped) & set("<>\"'")
    assert re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "\ufffd", words) == html.unescape(escaped)


def test_a_quote_that_does_not_stand_there_is_never_shown() -> None:
    wrong = Answer("When?", Status.ANSWERED, (AnswerSentence("Tho", (1,)),), (_citation(HARBOUR, 0, 3, quote="Tho"),))
    with pytest.raises(IndexDamaged, match="natoqa index --rebuild"):
        turn(1, wrong, {"a": HARBOUR}.__getitem__)


def test_the_ids_of_two_turns_differ_and_each_mark_says_what_it_quotes() -> None:
    pages = [turn(number, _answer(), {"a": HARBOUR}.__getitem__) for number in (1, 2)]
    ids = [set(re.findall(r'\bid="([^"]+)"', page)) for page in pages]
    assert not ids[0] & ids[1]
    for page in pages:
        assert page.count('data-quote="The harbour froze." ') == page.count('data-start="0" data-end="18"') == 3


def test_ranks_matched_words_and_refused_quotes_are_told() -> None:
    answer = _answer(
        hits=(_hit(0, 18, Ranks(2, 1)), _hit(19, 35, Ranks(None, 7))),
        rejected=(RejectedQuote(Quote("a", "The harbor froze."), "it stands nowhere"),),
        confidence=0.87,
        timings_ms={"total": 12.4},
    )
    told = why.explanation(answer)
    assert "<b>harbour</b> <b>froze</b>" in told or "<b>harbour</b> froze" in told
    for part in ("by meaning no. 2", "by words no. 1", "quoted as 1", "by meaning not found", "not quoted", "87%"):
        assert part in told
    assert "The harbor froze.</q>" in told
    assert "12 ms" in told


def test_a_follow_up_shows_how_it_was_understood() -> None:
    understood = turn(1, _answer(asked="And when?"), {"a": HARBOUR}.__getitem__)
    assert ">And when?</h2>" in understood
    assert '<q dir="auto">When did the harbour freeze?</q>' in understood
    assert "Understood" not in turn(1, _answer(), {"a": HARBOUR}.__getitem__)


def test_the_reader_is_told_when_a_document_left_out_answers() -> None:
    nothing = Answer("Who?", Status.NOT_FOUND, reason="No passage says.")
    assert "Search all documents" in turn(1, nothing, {}.__getitem__, left_out_answer=1)
    assert "Search all documents" not in turn(1, nothing, {}.__getitem__)


def test_the_name_of_a_file_is_read_in_the_order_it_has() -> None:
    turned = "report\N{RIGHT-TO-LEFT OVERRIDE}txt.<b>"
    assert filename(turned) == "report\N{REPLACEMENT CHARACTER}txt.<b>"
    row = listed([Entry(turned, Metadata("A report"), 1)], Choice())
    assert "report\N{REPLACEMENT CHARACTER}txt.&lt;b&gt;" in row
    assert "<b>" not in row
