"""What suggested questions cost beside an answer, and the questions themselves, to be read by a person.

    python bench/suggesting.py [--corpus DIR] [--half odd|even] [--together 2] [--count 60]

Prints questions to begin with, from so many neighbouring documents at a time as ``--together`` says, and questions to
go on with after each of them. Whoever changes a rule does so while reading one half of the documents, and counts the
good ones of the other. Times are user CPU seconds of one thread: idle threads of the arithmetic count for nothing.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy is imported

import argparse
import gc
import math
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from datasets import open_indexed, settings_for
from natoqa.assistant import Assistant
from natoqa.suggesting import Suggester
from speed import QUESTIONS

ROOT = Path(__file__).resolve().parent.parent
OPENING = 6
FOLLOWING = 3
HALVES = {"odd": slice(0, None, 2), "even": slice(1, None, 2), "all": slice(None)}

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Timed:
    """User CPU seconds of each call."""

    seconds: list[float]

    def call(self, work: Callable[[], _Found]) -> _Found:
        """What ``work`` returns; its time is noted."""
        gc.collect()
        began = _user_seconds()
        found = work()
        self.seconds.append(_user_seconds() - began)
        return found

    def row(self) -> tuple[str, str, str, str]:
        """Number of calls, and median, 95th percentile and maximum in milliseconds."""
        ordered = sorted(self.seconds)
        at = (len(ordered) - 1, *(math.ceil(share * len(ordered)) - 1 for share in (0.5, 0.95)))
        most, median, high = (f"{1000 * ordered[place]:.0f} ms" for place in at)
        return str(len(ordered)), median, high, most


def _user_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def measured(assistant: Assistant) -> Table:
    """Costs with nothing remembered, as for the first reader."""
    asking, opening, following = Timed([]), Timed([]), Timed([])
    for question in QUESTIONS:
        assistant.ask(question)
    for question in QUESTIONS:
        opening.call(lambda: Suggester(assistant).opening(OPENING))
        answer = asking.call(lambda question=question: assistant.ask(question))
        following.call(lambda answer=answer: Suggester(assistant).following(answer, FOLLOWING))
    table = Table("user CPU time", "calls", "median", "p95", "most")
    table.add_row("a warm answer", *asking.row())
    table.add_row(f"opening({OPENING})", *opening.row())
    table.add_row(f"following(answer, {FOLLOWING})", *following.row())
    return table


def to_begin_with(assistant: Assistant, documents: Sequence[str], together: int) -> list[str]:
    """Questions to begin with over neighbouring documents, each once."""
    suggester = Suggester(assistant)
    groups = [documents[at : at + together] for at in range(0, len(documents), together)]
    return [*dict.fromkeys(question for group in groups for question in suggester.opening(OPENING, group))]


def to_go_on_with(assistant: Assistant, documents: Sequence[str], asked: Sequence[str]) -> list[tuple[str, str]]:
    """(question asked, question to go on with)."""
    suggester = Suggester(assistant)
    return [
        (question, following)
        for question in asked
        for following in suggester.following(assistant.ask(question, documents), FOLLOWING, documents=documents)
    ]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    arguments.add_argument("--half", choices=tuple(HALVES), default="all")
    arguments.add_argument("--together", type=int, default=2)
    arguments.add_argument("--count", type=int, default=60)
    chosen = arguments.parse_args()
    assistant = open_indexed(settings_for(chosen.corpus, f"suggesting-{chosen.corpus.resolve().name}"))
    documents = list(assistant.documents())[HALVES[chosen.half]]
    console = Console()
    console.print(measured(assistant))
    opening = to_begin_with(assistant, documents, chosen.together)
    following = to_go_on_with(assistant, documents, opening)
    console.print(f"{len(opening)} to begin with, {len(following)} to go on with after {len(opening)} answers")
    for number, question in enumerate(opening[: chosen.count], start=1):
        console.print(f"{number:3} {escape(question)}")
    for number, (asked, question) in enumerate(following[: chosen.count], start=1):
        console.print(f"{number:3} {escape(question)}  [dim]after: {escape(asked)}[/]")


if __name__ == "__main__":
    main()
