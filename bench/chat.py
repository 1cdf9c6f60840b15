"""How long a reader of the chat waits, in a real browser, and how the server bears many of them.

    python bench/chat.py [--json FILE] [--memory 2000]

The chat is `natoqa chat` over the shipped corpus, a process of its own; the browser runs before it is started. An
answer takes from the key that sends the question to the frame in which the answer is painted, by the page's own clock.
Readers at once, and the questions over which memory is watched, use the page's own request without a browser.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
NATOQA = (sys.executable, "-m", "natoqa")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ANSWERS = 50
AT_ONCE = 20
ROUNDS = 5
PER_SESSION = 4
QUESTIONS = (
    "Is NATO relevant to UNASUR?",
    "What arms has China sold?",
    "How much did the Túpac Katari satellite cost?",
    "Why are the Falkland Islands relevant to UNASUR?",
    "How do I reset my router?",
    "Where did the Colombian peace talks start?",
    "Which countries founded Mercosur?",
    "When was UNASUR's constitutive treaty signed?",
    "What did the International Court of Justice decide about the pulp mills?",
    "How large is Brazil's share of regional military spending?",
)
# Notes down when a question is sent and when the turn that answers it has been painted.
CLOCK = """
  window.answered = [];
  let sent = 0, seen = 0;
  document.addEventListener("keydown", (event) => { if (event.key === "Enter") sent = performance.now(); }, true);
  const look = () => {
    const turns = document.querySelectorAll(".turn:not(.pending)").length;
    if (turns > seen) {
      seen = turns;
      requestAnimationFrame(() => setTimeout(() => window.answered.push(performance.now() - sent)));
    }
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true});
"""


@dataclass
class Measured:
    """Seconds, but for ``answers_ms`` and ``memory_mb``: resident memory by the number of questions so far."""

    page_ready: float
    first_answer_ms: float
    answers_ms: list[float]
    at_once: list[float]
    wrong_at_once: int
    memory_mb: dict[int, float]


@dataclass(frozen=True)
class Chat:
    """A running chat: where it is, and its process."""

    address: str
    process: int

    def event(self) -> int:
        """The number of the event by which the page asks."""
        config = httpx.get(f"{self.address}config", timeout=30).json()
        names = {item["props"].get("elem_id"): item["id"] for item in config["components"]}
        target = [names["conversation"], "ask"]
        return int(next(item["id"] for item in config["dependencies"] if target in item["targets"]))

    def memory(self) -> float:
        rollup = Path(f"/proc/{self.process}/smaps_rollup").read_text("utf-8")
        return int(re.findall(r"^Rss:\s+(\d+) kB", rollup, re.MULTILINE)[0]) / 1024


@contextmanager
def started(index: str) -> Iterator[Chat]:
    command = [*NATOQA, "chat", "--port", "0", "--index", index]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield Chat(process.stdout.readline().split()[2], process.pid)
        finally:
            process.terminate()


def answered_in(page: Page, question: str) -> float:
    """Milliseconds from Enter to the painted answer."""
    before = page.evaluate("window.answered.length")
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_function("(before) => window.answered.length > before", arg=before)
    # As a reader, who does not ask before the questions to go on with are there.
    page.wait_for_timeout(300)
    return float(page.evaluate("window.answered.at(-1)"))


def ask(client: httpx.Client, chat: Chat, event: int, session: str, question: str) -> str:
    """The answer as the page would show it, without what differs from time to time."""
    body: dict[str, Any] = {
        "fn_index": event,
        "data": [None, {"all": True, "but": []}],
        "event_data": {"question": question, "asking": 1},
        "session_hash": session,
    }
    sent = client.post(f"{chat.address}gradio_api/run/predict", json=body).raise_for_status()
    return re.sub(r"in \d+ ms", "", sent.json()["data"][0]["messages"][-1]["html"])


def at_once(chat: Chat, event: int) -> tuple[list[float], int]:
    """Seconds that each of twenty readers waited, in five rounds, and how many saw another answer than when alone."""
    with httpx.Client(timeout=60) as client:
        alone = {question: ask(client, chat, event, f"alone-{question}", question) for question in QUESTIONS}
    barrier = threading.Barrier(AT_ONCE)

    def read(number: int) -> list[tuple[float, bool]]:
        waited = []
        with httpx.Client(timeout=60) as client:
            for part in range(ROUNDS):
                question = QUESTIONS[(number + part) % len(QUESTIONS)]
                barrier.wait()
                began = time.perf_counter()
                shown = ask(client, chat, event, f"reader-{number}-{part}", question)
                waited.append((time.perf_counter() - began, shown == alone[question]))
        return waited

    with ThreadPoolExecutor(AT_ONCE) as pool:
        waits = [item for waited in pool.map(read, range(AT_ONCE)) for item in waited]
    return [seconds for seconds, _ in waits], sum(not is_right for _, is_right in waits)


def memory(chat: Chat, event: int, questions: int) -> dict[int, float]:
    """Resident memory in MB after every quarter of so many questions, four to a session; sessions are never closed."""
    found = {0: chat.memory()}
    with httpx.Client(timeout=60) as client:
        for number in range(1, questions + 1):
            ask(client, chat, event, f"memory-{number // PER_SESSION}", QUESTIONS[number % len(QUESTIONS)])
            if number % max(1, questions // 4) == 0:
                found[number] = chat.memory()
    return found


def measure(index: str, questions: int) -> Measured:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        raise SystemExit(f"no browser found; install one of {', '.join(BROWSERS)}")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.add_init_script(CLOCK)
        with started(index) as chat:
            began = time.perf_counter()
            page.goto(chat.address)
            page.get_by_label("Your question").and_(page.locator(":enabled")).wait_for()
            page.wait_for_function("performance.getEntriesByType('paint').length > 0")
            ready = time.perf_counter() - began
            first = answered_in(page, QUESTIONS[0])
            answers = [answered_in(page, QUESTIONS[number % len(QUESTIONS)]) for number in range(1, ANSWERS + 1)]
            browser.close()
            event = chat.event()
            waits, wrong = at_once(chat, event)
            return Measured(ready, first, answers, waits, wrong, memory(chat, event, questions))


def p95(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def table(measured: Measured) -> Table:
    shown = Table("what", "measured", "wanted", title=f"{os.cpu_count()} processors")
    answers, waits, grown = measured.answers_ms, measured.at_once, measured.memory_mb
    middle = statistics.median(answers)
    shown.add_row("page ready after the server is up", f"{measured.page_ready:.2f} s", "2 s")
    shown.add_row("first answer after the start", f"{measured.first_answer_ms:.0f} ms", f"{middle + 1000:.0f} ms")
    shown.add_row(f"{len(answers)} answers, median", f"{middle:.0f} ms", "300 ms")
    shown.add_row(f"{len(answers)} answers, p95", f"{p95(answers):.0f} ms", "")
    shown.add_row(f"{AT_ONCE} readers at once, median", f"{statistics.median(waits):.2f} s", "")
    shown.add_row(f"{AT_ONCE} readers at once, p95", f"{p95(waits):.2f} s", "3 s")
    shown.add_row(f"{AT_ONCE} readers at once, wrong answers", str(measured.wrong_at_once), "0")
    for questions, megabytes in grown.items():
        shown.add_row(f"memory after {questions:,} questions", f"{megabytes:.0f} MB", "")
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write every figure into this file")
    parser.add_argument("--memory", type=int, default=2_000, help="questions over which memory is watched")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = f"{folder}/index"
        subprocess.run([*NATOQA, "index", "--index", index], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        measured = measure(index, arguments.memory)
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(measured), indent=2) + "\n", "utf-8")
    Console(width=100).print(table(measured))


if __name__ == "__main__":
    main()
