"""What a browser sends back as a conversation: any JSON gives one or a clear error, and no quote is believed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from library import Library

from natoqa.assistant import Assistant
from natoqa.chat import keeping, remembering
from natoqa.chat.conversing import Exchange, reply
from natoqa.chat.library import Choice
from natoqa.chat.remembering import ALL_CHANGED, CHANGED, GONE, OWN, check, owner, parse, restore, turn_json
from natoqa.conversations import Turn
from natoqa.errors import ConversationError
from natoqa.types import Answer, AnswerSentence, Citation, Document, Metadata, Status

FROZE = "The harbour froze in the winter of 1929."
COST = "The frozen harbour cost 4,000 crowns."
SCRIPT = "<script>alert(1)</script><b onclick=x>"
DOCUMENTS = {
    "harbour.txt": Document("harbour.txt", f"{FROZE}\n\n{COST}\n\n“Nobody”  knew – why.", Metadata("The Harbour")),
    "again.txt": Document("again.txt", f"{FROZE} {COST} {FROZE}"),
}


class Shelf:
    """The documents and nothing else: restoring asks no question."""

    def document(self, identity: str) -> Document:
        return DOCUMENTS[identity]


def _quote(text: str = FROZE, document: str = "harbour.txt", start: Any = 0) -> dict[str, Any]:
    return {"document": document, "start": start, "text": text}


def _kept(*sentences: list[dict[str, Any]], **others: Any) -> dict[str, Any]:
    return {
        "asked": "When?",
        "question": "When did the harbour freeze?",
        "at": "2026-11-25T20:00:00.000+00:00",
        "generation": "0001",
        "natoqa": "0.4.0",
        "confidence": 0.9,
        "sentences": list(sentences),
        "nearest": [],
        **others,
    }


def _places(html: str) -> set[str]:
    """Every quote that the page would open and highlight."""
    return set(re.findall(r'data-quote="([^"]*)"', html))


def _restored(*turns: dict[str, Any]) -> remembering.Restored:
    return restore(Shelf(), list(turns))  # type: ignore[arg-type]


@pytest.fixture
def assistant(library: Library) -> Assistant:
    library.write("harbour.txt", f"{FROZE}\n\n{COST}")
    library.sync()
    return library.open()


def test_a_conversation_comes_back_from_json_as_it_was_and_goes_on(assistant: Assistant) -> None:
    first = reply(assistant, "When did the harbour freeze?", (), Choice())
    second = reply(assistant, "How much did it cost?", first.session, Choice())
    sent = json.loads(json.dumps([turn_json(exchange, "0.4.0") for exchange in second.session]))
    again = restore(assistant, sent)
    assert [one.turn.asked for one in again.session] == ["When did the harbour freeze?", "How much did it cost?"]
    for one, was in zip(again.session, second.session, strict=True):
        assert one.turn.answer.citations == was.turn.answer.citations
        assert one.turn.answer.sentences == was.turn.answer.sentences
        assert (one.turn.answer.question, one.turn.at) == (was.turn.answer.question, was.turn.at)
        assert one.generation == assistant.generation.name
    third = reply(assistant, "When did the harbour freeze?", again.session, Choice())
    assert third.log["turn"] == 3
    assert keeping.exported(assistant, again.session, "json")["download"]["name"].endswith(".json")
    assert keeping.judged(assistant, again.session, 1, "good", "")["turn"] == 1


def test_a_quote_that_moved_is_found_where_it_stands_now() -> None:
    answer = check(parse([_kept([_quote(COST, start=3)])])[0], DOCUMENTS.__getitem__).answer
    (citation,) = answer.citations
    assert DOCUMENTS["harbour.txt"].text[citation.start : citation.end] == citation.quote == COST
    answer = check(parse([_kept([_quote(document="again.txt", start=50)])])[0], DOCUMENTS.__getitem__).answer
    assert answer.citations[0].start == len(f"{FROZE} {COST} ")


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        (_quote(FROZE.replace("1929", "1930")), CHANGED),
        (_quote(FROZE.replace("1929", "1930"), start=10**9), CHANGED),
        (_quote(f" {FROZE}"), CHANGED),
        (_quote('"Nobody" knew - why.'), CHANGED),
        (_quote(""), CHANGED),
        (_quote(SCRIPT), CHANGED),
        (_quote(document="gone.txt"), GONE),
        (_quote(document="../../etc/passwd"), GONE),
        (_quote(document="", text=FROZE), GONE),
        (_quote("", ""), OWN),
    ],
)
def test_a_quote_that_does_not_stand_is_shown_as_such_and_opens_nothing(quote: dict[str, Any], reason: str) -> None:
    restored = _restored(_kept([quote], nearest=[quote]), _kept([quote], [_quote(COST)]))
    assert _places(restored.html) == {COST}
    assert restored.html.count(reason) == 2
    assert SCRIPT not in restored.html
    assert (restored.session[0].turn.answer.status, restored.session[0].turn.answer.reason) == (
        Status.NOT_FOUND,
        ALL_CHANGED,
    )
    assert [citation.quote for citation in restored.session[1].turn.answer.citations] == [COST]


def test_a_sentence_of_which_one_quote_fell_is_no_answer() -> None:
    checked = check(parse([_kept([_quote(), _quote("Invented.")])])[0], DOCUMENTS.__getitem__)
    assert (checked.answer.citations, checked.fallen) == ((), ((f"{FROZE} Invented.", CHANGED),))


def test_questions_from_the_browser_are_text() -> None:
    html = _restored(_kept([_quote()], asked=SCRIPT, question=f"{SCRIPT}2")).html
    assert "<script" not in html
    assert "<b " not in html
    assert "&lt;script&gt;" in html


def test_the_words_of_a_document_that_was_added_for_one_conversation_are_not_kept() -> None:
    secret = Citation(1, ".uploads/mine.txt", "Mine", "Me", "", "", 0, 6, "Secret")
    answer = Answer("What?", Status.ANSWERED, (AnswerSentence("Secret", (1,)),), (secret,), nearest=(secret,))
    kept = json.dumps(turn_json(Exchange(Turn("What?", answer, "2026-11-25T20:00:00+00:00"), "1"), "0.4.0"))
    assert "Secret" not in kept
    assert "mine" not in kept.lower()
    assert OWN in _restored(json.loads(kept)).html


def test_half_a_character_in_a_question_can_be_sent() -> None:
    answer = Answer("a\ud800", Status.NOT_FOUND)
    kept = turn_json(Exchange(Turn("a\ud800", answer, "2026-11-25T20:00:00+00:00"), "1"), "0.4.0")
    assert kept["asked"].encode() == b"a?"


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "turns",
        {},
        [],
        [[]],
        [_kept()] * 101,
        [_kept(extra=1)],
        [_kept(asked="")],
        [_kept(asked=7)],
        [_kept(asked="a\ud800")],
        [_kept(question="x" * 20_001)],
        [_kept(at="yesterday")],
        [_kept(at="2026-11-25")],
        [_kept(confidence=float("nan"))],
        [_kept(confidence=2)],
        [_kept(confidence="0.5")],
        [_kept([])],
        [_kept([_quote(start=-1)])],
        [_kept([_quote(start=True)])],
        [_kept([_quote(start=1.5)])],
        [_kept([_quote("x" * 20_001)])],
        [_kept([{**_quote(), "number": 1}])],
        [_kept(*[[_quote()]] * 101)],
        [_kept(**{SCRIPT + "\n": 1})],
    ],
)
def test_anything_else_is_refused_in_one_line(wrong: object) -> None:
    with pytest.raises(ConversationError, match=r"^the conversation cannot be opened: [^\n]{1,300}$"):
        parse(wrong)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_texts = st.sampled_from([FROZE, COST, FROZE[4:20], "", SCRIPT, "froze", " "]) | st.text(max_size=12)
_quotes = st.fixed_dictionaries(
    {"document": st.sampled_from([*DOCUMENTS, "", "gone"]) | st.text(max_size=6), "text": _texts}
    | {"start": st.integers(-2, 200) | st.integers()}
)
_fields = {
    "asked": _texts,
    "question": _texts,
    "at": st.just("2026-11-25T20:00:00+00:00") | st.datetimes().map(str) | st.text(max_size=5),
    "generation": st.text(max_size=5),
    "natoqa": st.text(max_size=5),
    "confidence": st.floats(0, 1) | st.floats(),
    "sentences": st.lists(st.lists(_quotes, max_size=3), max_size=3),
    "nearest": st.lists(_quotes, max_size=2),
}
_turns = st.fixed_dictionaries(_fields) | st.tuples(
    st.fixed_dictionaries(_fields), st.sampled_from([*_fields, "x"]), _json
).map(lambda parts: {**parts[0], parts[1]: parts[2]})


@settings(max_examples=400, deadline=None)
@given(_json | st.lists(_turns, max_size=3))
def test_whatever_comes_back_every_quote_that_is_shown_stands_in_its_document(value: Any) -> None:
    try:
        restored = restore(Shelf(), value)  # type: ignore[arg-type]
    except ConversationError as error:
        assert str(error).startswith("the conversation cannot be opened: ")
        return
    assert len(restored.session) == len(value)
    for exchange in restored.session:
        answer = exchange.turn.answer
        for citation in (*answer.citations, *answer.nearest):
            assert DOCUMENTS[citation.document].text[citation.start : citation.end] == citation.quote
        assert "".join(sentence.text for sentence in answer.sentences) in {
            "".join(" ".join(quote["text"] for quote in sentence) for sentence in chosen)
            for chosen in [_standing(value[restored.session.index(exchange)]["sentences"])]
        }
    assert "<script" not in restored.html
    assert "<b " not in restored.html


def _standing(sentences: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """The sentences of which every quote stands somewhere, whatever was said of the place."""

    def stands(quote: dict[str, Any]) -> bool:
        document = DOCUMENTS.get(quote["document"])
        is_fit = bool(quote["text"]) and quote["text"] == quote["text"].strip()
        return is_fit and document is not None and quote["text"] in document.text

    return [sentence for sentence in sentences if all(map(stands, sentence))]


def test_users_and_collections_have_names_of_their_own_that_tell_neither() -> None:
    names = {owner("/a", ""), owner("/a", "anna"), owner("/a", "ben"), owner("/b", "anna")}
    assert len(names) == 4
    assert all(re.fullmatch("[0-9a-f]{24}", name) for name in names)


def test_a_tampered_place_is_replaced_by_the_true_one() -> None:
    true = check(parse([_kept([_quote(COST, start=len(FROZE) + 2)])])[0], DOCUMENTS.__getitem__).answer
    for start in (0, 1, 77, 10**9):
        answer = check(parse([_kept([_quote(COST, start=start)])])[0], DOCUMENTS.__getitem__).answer
        assert replace(answer, confidence=0) == replace(true, confidence=0)
