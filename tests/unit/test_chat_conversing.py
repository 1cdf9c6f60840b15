"""Turns of a conversation: history, documents, failures, what is kept, judged and exported."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest
from library import Library

from natoqa.assistant import Assistant
from natoqa.chat import keeping
from natoqa.chat.conversing import UNEXPECTED, Session, Talk, reply
from natoqa.chat.library import Choice
from natoqa.feedback import Verdict, read


@pytest.fixture
def assistant(library: Library) -> Assistant:
    library.write("harbour.txt", "The harbour froze in the winter of 1929.\n\nThe frozen harbour cost 4,000 crowns.")
    library.write("tower.txt", "The tower was built by engineers from Montevideo.")
    library.sync()
    return library.open()


def _asked(assistant: Any, question: str, session: Session = (), choice: Choice | None = None) -> Any:
    return reply(assistant, question, session, choice or Choice())


def test_only_the_new_turn_is_sent_and_the_passages_of_old_ones_are_let_go(assistant: Assistant) -> None:
    first = _asked(assistant, "When did the harbour freeze?")
    assert (first.log["turn"], len(first.session)) == (1, 1)
    assert first.session[0].turn.answer.hits
    assert first.session[0].generation == assistant.generation.name
    second = _asked(assistant, "Who built the tower?", first.session)
    assert second.log["turn"] == 2
    assert "When did the harbour freeze?" not in second.log["html"]
    assert not second.session[0].turn.answer.hits
    assert second.session[1].turn.answer.hits


def test_only_chosen_documents_are_quoted_and_choosing_none_is_explained(assistant: Assistant) -> None:
    shown = _asked(assistant, "When did the harbour freeze?", choice=Choice(all=False, but=frozenset(["tower.txt"])))
    documents = {citation.document for citation in shown.session[0].turn.answer.citations}
    assert documents <= {"tower.txt"}
    refused = _asked(assistant, "When?", choice=Choice(all=False))
    assert refused.notice.startswith("Not answered: no document is chosen")
    assert refused.log == {"turn": 1, "html": ""}
    assert refused.session == ()


def test_whatever_breaks_costs_one_question(assistant: Assistant) -> None:
    class Broken:
        def ask(self, *_: object) -> None:
            raise RuntimeError("<b>")

    shown = _asked(Broken(), "When?")
    assert (shown.notice, shown.session) == (UNEXPECTED, ())


def test_what_the_page_was_told_in_the_last_second_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from natoqa.chat import conversing

    now = [100.0]
    # The module's clock alone: the event loop of a page that is served meanwhile reads the real one.
    monkeypatch.setattr(conversing, "time", SimpleNamespace(monotonic=lambda: now[0]))
    talk = Talk()
    assert talk.tell({"turn": 1}) == {"messages": [{"turn": 1, "serial": 1}]}
    now[0] += 0.5
    assert talk.tell({"turn": 2})["messages"] == [{"turn": 1, "serial": 1}, {"turn": 2, "serial": 2}]
    now[0] += 0.6
    assert [told["turn"] for told in talk.tell({"turn": 3})["messages"]] == [2, 3]


def test_a_follow_up_is_completed_from_what_was_asked_before(assistant: Assistant) -> None:
    first = _asked(assistant, "When did the harbour freeze?")
    second = _asked(assistant, "How much did it cost?", first.session)
    assert second.session[1].turn.answer.question != "How much did it cost?"
    assert "Understood as" in second.log["html"]
    alone = reply(assistant, "How much did it cost?", first.session, Choice(), is_new_topic=True)
    assert alone.session[1].turn.answer.question == "How much did it cost?"


def test_a_conversation_is_exported_in_every_form(assistant: Assistant) -> None:
    shown = _asked(assistant, "When did the harbour freeze?")
    files = {form: keeping.exported(assistant, shown.session, form)["download"] for form in keeping.FORMS}
    assert set(files) == set(keeping.LABELS)
    assert all(base64.b64decode(file["data"]) for file in files.values())
    assert "harbour" in json.dumps(json.loads(base64.b64decode(files["json"]["data"])))
    with pytest.raises(KeyError):
        keeping.exported(assistant, shown.session, "exe")


def test_a_verdict_is_kept_beside_the_index(assistant: Assistant, library: Library) -> None:
    shown = _asked(assistant, "When did the harbour freeze?")
    said = keeping.judged(assistant, shown.session, 1, "bad", " <b>wrong</b> ")
    assert "Marked as a bad answer" in said["html"]
    (kept,) = read(library.index)
    assert (kept.verdict, kept.note, kept.generation) == (Verdict.BAD, "<b>wrong</b>", assistant.generation.name)
    assert [cited.quote for cited in kept.citations] == [
        cited.quote for cited in shown.session[0].turn.answer.citations
    ]
    for number, verdict, error in ((0, "good", IndexError), (2, "good", IndexError), (1, "fine", ValueError)):
        with pytest.raises(error):
            keeping.judged(assistant, shown.session, number, verdict, "")
