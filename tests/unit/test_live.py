"""A live assistant moves to the new generation by itself, and no call ever sees two."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from natoqa.assistant import Assistant
from natoqa.errors import NoIndex
from natoqa.live import LiveAssistant, pinned
from natoqa.restoring import rollback
from natoqa.store import Generation

QUESTION = "Who sold jets to Bolivia?"


@pytest.fixture
def filled(library: Any) -> Any:
    library.write("jets.txt", "China sold jets to Bolivia.")
    library.sync()
    return library


def _is_closed(assistant: Assistant) -> bool:
    try:
        assistant.generation.document_ids()
    except sqlite3.ProgrammingError:
        return True
    return False


class _Openings:
    """Opens what is live, and keeps what it opened."""

    def __init__(self, library: Any) -> None:
        self.opened: list[Assistant] = []
        self._library = library

    def __call__(self) -> Assistant:
        self.opened.append(self._library.open())
        return self.opened[-1]


@pytest.fixture
def openings(filled: Any) -> _Openings:
    return _Openings(filled)


@pytest.fixture
def live(filled: Any, openings: Callable[[], Assistant]) -> LiveAssistant:
    return LiveAssistant(filled.index, openings)


def test_it_offers_what_an_assistant_does(filled: Any, live: LiveAssistant) -> None:
    plain = filled.open()
    assert live.ask(QUESTION).sentences == plain.ask(QUESTION).sentences
    assert live.search(QUESTION, 1) == plain.search(QUESTION, 1)
    assert live.document("jets.txt") == plain.document("jets.txt")
    assert live.documents() == plain.documents()
    assert (live.threshold, live.settings, live.generation.name) == (plain.threshold, plain.settings, "0001")
    public = {name for name in dir(Assistant) if not name.startswith("_")}
    assert public - {"calibration"} <= {name for name in dir(live) if not name.startswith("_")}


def test_the_next_call_after_a_sync_or_a_rollback_answers_from_what_is_live(
    filled: Any, live: LiveAssistant, openings: _Openings
) -> None:
    for _ in range(3):
        live.documents()
    assert len(openings.opened) == 1
    filled.write("jets.txt", "Peru sold jets to Bolivia.")
    filled.write("new.txt", "New.")
    filled.sync()
    assert live.ask(QUESTION).citations[0].quote == "Peru sold jets to Bolivia."
    assert list(live.documents()) == ["jets.txt", "new.txt"]
    rollback(filled.index)
    assert live.ask(QUESTION).citations[0].quote == "China sold jets to Bolivia."
    assert [_is_closed(assistant) for assistant in openings.opened] == [True, True, False]


def test_a_sync_without_work_opens_nothing(filled: Any, live: LiveAssistant, openings: _Openings) -> None:
    filled.sync()
    live.documents()
    assert len(openings.opened) == 1


def test_a_calibration_that_changes_is_taken_up(filled: Any, live: LiveAssistant, openings: _Openings) -> None:
    (filled.index / "calibration.json").write_text("{}")
    live.documents()
    assert len(openings.opened) == 2


def test_what_is_under_way_ends_on_the_old_generation_which_is_closed_after_it(
    filled: Any, live: LiveAssistant, openings: _Openings
) -> None:
    with live.pinned() as first, live.pinned() as second:
        filled.write("jets.txt", "Peru sold jets to Bolivia.")
        filled.sync()
        assert live.ask(QUESTION).citations[0].quote == "Peru sold jets to Bolivia."
        assert first.ask(QUESTION).citations[0].quote == "China sold jets to Bolivia."
        assert second.document("jets.txt").text.startswith("China")
        assert not _is_closed(openings.opened[0])
    assert _is_closed(openings.opened[0])
    assert not _is_closed(openings.opened[1])


def test_a_call_that_fails_lets_go_of_its_generation(filled: Any, live: LiveAssistant, openings: _Openings) -> None:
    with pytest.raises(KeyError):
        live.document("nothing.txt")
    filled.write("new.txt", "New.")
    filled.sync()
    live.documents()
    assert _is_closed(openings.opened[0])


def test_a_damaged_generation_is_reported_once_and_the_old_one_goes_on(
    filled: Any, live: LiveAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    filled.write("new.txt", "New.")
    filled.sync()
    (filled.live / "tokens.f16").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert list(live.documents()) == ["jets.txt"]
    assert [record.message.count("tokens.f16") for record in caplog.records] == [1]
    assert caplog.records[0].message.startswith("the old index goes on answering: ")
    filled.sync(rebuild=True)
    assert list(live.documents()) == ["jets.txt", "new.txt"]


def test_an_index_that_vanishes_is_reported_once_and_the_old_one_goes_on(
    filled: Any, live: LiveAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    (filled.index / "CURRENT").unlink()
    for _ in range(2):
        assert list(live.documents()) == ["jets.txt"]
    assert len(caplog.records) == 1


def test_without_an_index_there_is_nothing_to_follow(library: Any) -> None:
    with pytest.raises(NoIndex):
        LiveAssistant(library.index, library.open)


def test_a_pinned_assistant_is_of_one_generation_whatever_it_is(filled: Any, live: LiveAssistant) -> None:
    plain = filled.open()
    with pinned(plain) as same:
        assert same is plain
    with pinned(live) as one:
        filled.write("jets.txt", "Peru sold jets to Bolivia.")
        filled.sync()
        live.documents()
        assert one.document("jets.txt").text.startswith("China")


def test_many_threads_never_see_a_generation_that_is_closed_or_mixed(filled: Any, openings: _Openings) -> None:
    live = LiveAssistant(filled.index, openings)
    is_over = threading.Event()
    failures: list[BaseException] = []
    seen: set[str] = set()

    def ask() -> None:
        try:
            while not is_over.is_set():
                with live.pinned() as assistant:
                    for citation in assistant.ask(QUESTION).citations:
                        text = assistant.document(citation.document).text
                        assert text[citation.start : citation.end] == citation.quote
                        seen.add(citation.quote)
        except BaseException as error:  # a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(5):
        filled.write("jets.txt", f"Country number {number} sold jets to Bolivia.")
        filled.sync()
        time.sleep(0.02)
    is_over.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert live.ask(QUESTION).citations[0].quote == "Country number 4 sold jets to Bolivia."
    assert len(seen) > 1
    assert [_is_closed(assistant) for assistant in openings.opened[:-1]] == [True] * (len(openings.opened) - 1)


def test_while_one_call_opens_the_new_generation_others_are_answered_by_the_old(filled: Any) -> None:
    opening, go_on = threading.Event(), threading.Event()
    opened = []

    def open_slowly() -> Assistant:
        if opened:
            opening.set()
            assert go_on.wait(10)
        opened.append(filled.open())
        return opened[-1]

    live = LiveAssistant(filled.index, open_slowly)
    filled.write("new.txt", "New.")
    filled.sync()
    found: list[Any] = []
    swapping = threading.Thread(target=lambda: found.append(list(live.documents())))
    swapping.start()
    assert opening.wait(10)
    assert list(live.documents()) == ["jets.txt"]
    go_on.set()
    swapping.join()
    assert found == [["jets.txt", "new.txt"]]
    assert list(live.documents()) == ["jets.txt", "new.txt"]


def test_looking_whether_the_index_changed_costs_next_to_nothing(live: LiveAssistant) -> None:
    def seconds() -> float:
        began = time.perf_counter()
        for _ in range(200):
            with live.pinned():
                pass
        return (time.perf_counter() - began) / 200

    assert min(seconds() for _ in range(5)) < 50e-6


def test_a_new_generation_that_fails_in_an_unforeseen_way_leaves_the_old_one_answering(
    filled: Any, live: LiveAssistant, openings: _Openings, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    old = live.generation
    filled.write("new.txt", "Peru bought trucks from a yard in Lima.")
    filled.sync()

    def fails(self: Generation) -> None:
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(Generation, "token_frequencies", property(fails))
        with live.pinned() as held:
            assert held.generation is old
        assert "the old index goes on answering: no room" in caplog.text
        assert _is_closed(openings.opened[-1])
