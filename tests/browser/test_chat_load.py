"""Many readers at once, and one server over many questions."""

from __future__ import annotations

import html
import math
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client

from natoqa import Assistant
from natoqa.live import LiveAssistant

AT_ONCE = 20
P95_SECONDS = 3.0
READY_SECONDS = 2.0
FIRST_SECONDS = 1.0
# What 1,500 further questions may add in sessions that are never closed, and 1,000 when there are as many sessions as
# are remembered.
GROWTH_MB = 50.0
LEAK_MB = 10.0
ALL = {"all": True, "but": []}


@dataclass(frozen=True, slots=True)
class Server:
    """The address of a chat, and the number of the event by which its page asks."""

    address: str
    event: int
    process: int = 0

    @classmethod
    def at(cls, address: str, process: int = 0) -> Server:
        config = httpx.get(f"{address}config", timeout=30).json()
        names = {item["props"].get("elem_id"): item["id"] for item in config["components"]}
        target = [names["conversation"], "ask"]
        event = next(item["id"] for item in config["dependencies"] if target in item["targets"])
        return cls(address, event, process)

    def ask_page(self, client: httpx.Client, session: str, question: str) -> dict[str, Any]:
        """What the page of a session is told: ``{"turn": …, "html": …, "asking": …}``."""
        body = {
            "fn_index": self.event,
            "data": [None, ALL],
            "event_data": {"question": question, "asking": 7},
            "session_hash": session,
        }
        sent = client.post(f"{self.address}gradio_api/run/predict", json=body).raise_for_status()
        message = sent.json()["data"][0]["messages"][-1]
        assert isinstance(message, dict)
        return message

    def ask_api(self, client: httpx.Client, question: str, after: tuple[str, ...] = ()) -> dict[str, Any]:
        sent = client.post(f"{self.address}ask", json={"question": question, "after": [*after]})
        return dict(sent.raise_for_status().json())

    def memory(self) -> float:
        """Resident memory in MB."""
        rollup = Path(f"/proc/{self.process}/smaps_rollup").read_text("utf-8")
        return int(re.findall(r"^Rss:\s+(\d+) kB", rollup, re.MULTILINE)[0]) / 1024


@contextmanager
def _started(index: Path) -> Iterator[Server]:
    """``natoqa chat`` as its own process, from the moment it says that it is there."""
    command = [sys.executable, "-m", "natoqa", "chat", "--port", "0", "--index", str(index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(process.stdout.readline().split()[2], 0, process.pid)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def server(serving: Any, coast: Any) -> Iterator[Server]:
    assistant = LiveAssistant.open(coast.index)
    with serving(assistant) as address:
        yield Server.at(address)
    assistant.close()


@pytest.fixture(scope="module")
def alone(coast: Any) -> Assistant:
    """Another assistant over the same index, whom nobody else asks."""
    return Assistant.open(coast.index)


def _at_once(count: int, work: Callable[[int, httpx.Client], Any]) -> list[tuple[Any, float]]:
    """What ``work`` gives for each client, all let go at the same moment, and the seconds that each waited."""
    barrier = threading.Barrier(count)

    def run(number: int) -> tuple[Any, float]:
        with httpx.Client(timeout=60) as client:
            barrier.wait()
            began = time.perf_counter()
            done = work(number, client)
            return done, time.perf_counter() - began

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


def _quotes(answer: Any) -> list[str]:
    return [citation.quote for citation in answer.citations]


def test_everyone_who_asks_the_api_at_once_gets_the_own_answer(server: Server, alone: Assistant, coast: Any) -> None:
    answers = _at_once(AT_ONCE, lambda number, client: server.ask_api(client, coast.question(number)))
    got = [[citation["quote"] for citation in answer["citations"]] for answer, _ in answers]
    assert got == [_quotes(alone.ask(coast.question(number))) for number in range(AT_ONCE)]
    # Else a mix-up would not be seen.
    assert len({*map(tuple, got)}) > AT_ONCE / 2


def test_conversations_that_go_on_at_once_do_not_mix(server: Server, alone: Assistant, coast: Any) -> None:
    kinds = ("When was the lighthouse of {} built?", "Is the lighthouse of {} older than 1750?")

    def first(number: int) -> str:
        return kinds[number % 2].format(coast.names[number])

    def follow_up(number: int) -> str:
        return f"And that of {coast.names[AT_ONCE + number % 7]}?"

    def converse(number: int, client: httpx.Client) -> list[dict[str, Any]]:
        session = f"converse-{number}"
        return [server.ask_page(client, session, question) for question in (first(number), follow_up(number))]

    for number, (turns, _) in enumerate(_at_once(AT_ONCE, converse)):
        assert [(turn["turn"], turn["asking"]) for turn in turns] == [(1, 7), (2, 7)]
        expected = [alone.ask(first(number)), alone.ask(follow_up(number), (), [first(number)])]
        assert expected[1].asked == follow_up(number)
        for turn, answer in zip(turns, expected, strict=True):
            assert html.escape(answer.question) in turn["html"]
            for quote in _quotes(answer):
                assert html.escape(quote) in turn["html"]


def test_gradios_clients_at_once_get_each_the_own_answer(server: Server, coast: Any) -> None:
    clients = [Client(server.address, verbose=False) for _ in range(4)]
    jobs = [clients[number % 4].submit(coast.question(number), api_name="/ask") for number in range(8)]
    assert [job.result()["citations"][0]["quote"] for job in jobs] == [coast.fact(number) for number in range(8)]


def test_no_more_sessions_are_remembered_than_there_is_room_for(
    serving: Any, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from natoqa.chat import server as serving_module

    kept: list[Any] = []
    build = serving_module.page.build
    monkeypatch.setattr(serving_module, "_MOST_SESSIONS", 5)
    monkeypatch.setattr(serving_module.page, "build", lambda *given: kept.append(build(*given)) or kept[-1])
    question = next(iter(fake.answers))
    with serving(fake) as address, httpx.Client(timeout=30) as client:
        server = Server.at(address)
        turns = [server.ask_page(client, f"session-{number}", question)["turn"] for number in range(20)]
        again = [server.ask_page(client, f"session-{number}", question)["turn"] for number in (19, 0)]
    assert turns == [1] * 20
    # The newest goes on; the oldest was forgotten, and begins anew.
    assert again == [2, 1]
    assert len(kept[0].state_holder.session_data) == 5


@pytest.mark.slow
def test_twenty_at_once_are_answered_in_time(server: Server, alone: Assistant, coast: Any) -> None:
    seconds = []
    for part in range(5):
        numbers = [(part * AT_ONCE + number) % len(coast.names) for number in range(AT_ONCE)]

        def ask(number: int, client: httpx.Client, numbers: list[int] = numbers, part: int = part) -> str:
            question = coast.question(numbers[number])
            return str(server.ask_page(client, f"in-time-{part}-{number}", question)["html"])

        answers = _at_once(AT_ONCE, ask)
        seconds += [waited for _, waited in answers]
        for number, (shown, _) in zip(numbers, answers, strict=True):
            for quote in _quotes(alone.ask(coast.question(number))):
                assert html.escape(quote) in shown
    assert _p95(seconds) < P95_SECONDS


@pytest.mark.slow
def test_memory_is_steady_over_two_thousand_questions(coast: Any) -> None:
    with _started(coast.index) as started, httpx.Client(timeout=60) as client:
        server = Server.at(started.address, started.process)
        memory = {}
        for number in range(2_000):
            if number % 4:
                server.ask_page(client, f"memory-{number // 4}", coast.question(number))
            else:
                server.ask_api(client, coast.question(number))
            if number + 1 in (500, 1_000, 2_000):
                memory[number + 1] = server.memory()
        assert memory[2_000] - memory[500] < GROWTH_MB, memory
        assert memory[2_000] - memory[1_000] < LEAK_MB, memory


@pytest.mark.slow
def test_the_first_answer_after_the_start_waits_hardly_longer_than_others(coast: Any) -> None:
    with _started(coast.index) as server, httpx.Client(timeout=60) as client:
        seconds = []
        for number in range(11):
            began = time.perf_counter()
            server.ask_api(client, coast.question(number))
            seconds.append(time.perf_counter() - began)
    assert seconds[0] - statistics.median(seconds[1:]) < FIRST_SECONDS, seconds


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_is_ready_soon_after_the_server_is_up(coast: Any, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    with _started(coast.index) as server:
        began = time.perf_counter()
        page.goto(server.address)
        box = page.get_by_label("Your question")
        box.wait_for()
        seconds = time.perf_counter() - began
        assert box.is_enabled()
        assert page.evaluate("performance.getEntriesByType('paint').length") > 0
        box.fill(coast.question(0))
        page.keyboard.press("Enter")
        page.locator(".turn:not(.pending)").filter(has_text=coast.fact(0)).wait_for()
    context.close()
    assert seconds < READY_SECONDS
