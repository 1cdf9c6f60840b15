"""How long a user waits, and how much memory it takes, over the shipped corpus on this machine.

    python bench/speed.py

Each figure comes from processes of its own, started anew; the system's file cache is warm. Questions that are already
running, warm ones, are put to one assistant after five that are not counted.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
NATOQA = (sys.executable, "-m", "natoqa")
PORT = 17860
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


def run(*arguments: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of one natoqa command."""
    began = time.perf_counter()
    process = subprocess.Popen([*NATOQA, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"natoqa {' '.join(arguments)} failed")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def served_after(index: str) -> float:
    """Seconds from the start of `natoqa index` and `natoqa chat`, as `make chat` runs them, to a page that answers."""
    began = time.perf_counter()
    run("index", "--index", index)
    with subprocess.Popen(
        [*NATOQA, "chat", "--port", str(PORT), "--index", index], stdout=subprocess.DEVNULL, cwd=ROOT
    ) as chat:
        try:
            while time.perf_counter() - began < 120:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5):
                        return time.perf_counter() - began
                except OSError:
                    time.sleep(0.05)
        finally:
            chat.kill()
    raise SystemExit("the chat was not served within two minutes")


def warm_questions(index: str) -> tuple[list[float], float]:
    """Milliseconds of each question to an open assistant, three rounds, and the peak memory of this process in MB."""
    from natoqa import Assistant

    assistant = Assistant.open(index)
    for question in QUESTIONS[:5]:
        assistant.ask(question)
    milliseconds = []
    for question in QUESTIONS * 3:
        began = time.perf_counter()
        assistant.ask(question)
        milliseconds.append((time.perf_counter() - began) * 1000)
    return milliseconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def middle(runs: Sequence[tuple[float, float]]) -> str:
    seconds = sorted(second for second, _ in runs)
    return (
        f"{statistics.median(seconds):.2f} s ({seconds[0]:.2f} – {seconds[-1]:.2f}), {max(m for _, m in runs):.0f} MB"
    )


def main() -> None:
    table = Table("what", "median (least – most), peak memory", title=f"{os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        table.add_row(
            "index 25 documents from nothing", middle([run("index", "--index", f"{folder}/{n}") for n in "abc"])
        )
        table.add_row(
            "index again, nothing changed", middle([run("index", "--index", f"{folder}/a") for _ in range(3)])
        )
        table.add_row(
            "ask, from a cold process", middle([run("ask", QUESTIONS[0], "--index", f"{folder}/a") for _ in range(3)])
        )
        table.add_row("natoqa --help", middle([run("--help") for _ in range(5)]))
        table.add_row("index and serve the chat", f"{served_after(f'{folder}/chat'):.2f} s")
        milliseconds, memory = warm_questions(f"{folder}/a")
    least, most = min(milliseconds), max(milliseconds)
    warm = f"{statistics.median(milliseconds):.1f} ms ({least:.1f} – {most:.1f}), {memory:.0f} MB"
    table.add_row(f"a warm question ({len(milliseconds)})", warm)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
