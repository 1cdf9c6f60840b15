"""Real kills (SIGKILL) in the midst of a sync: the old index answers, and the next sync ends as if nothing had been."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from natoqa.errors import NoIndex

QUESTION = "What did China sell?"


@pytest.fixture(scope="module")
def attempt() -> Iterator[Callable[[Path, str], tuple[str, int]]]:
    """Sync a library in a process that is killed: ``attempt(home, "event 12")``, ``attempt(home, "after 0.02")``."""
    command = [sys.executable, str(Path(__file__).with_name("crashing.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None

        def one(home: Path, how: str) -> tuple[str, int]:
            parent.stdin.write(f"{home}\t{how}\n")
            parent.stdin.flush()
            ended, begun = parent.stdout.readline().split()
            assert ended != "failed"
            return ended, int(begun)

        yield one
        parent.stdin.close()


def _fill(library: Any) -> None:
    library.write("china.txt", "China sold jets to Bolivia in the past decade.\n\nVenezuela paid for a satellite.\n")
    library.write("nato.md", "# NATO\n\nNATO wisely evolved its mechanisms for consensus building.\n")
    for number in range(4):
        library.write(f"more/{number}.txt", f"Text number {number} of several about Chile. " * 6)


def _change(library: Any, number: int) -> None:
    """New, edited, renamed and removed files all at once."""
    library.write("china.txt", f"China sold {number} jets to Bolivia.\n\nVenezuela paid for a satellite.\n")
    library.write(f"new {number}.txt", f"Peru bought {number} trucks.")
    (library.corpus / f"new {number - 1}.txt").unlink(missing_ok=True)
    (path,) = (library.corpus / "more").glob("0*.txt")
    path.rename(library.corpus / "more" / f"0 {number}.txt")


def _quotes(library: Any) -> tuple[str, ...]:
    assistant = library.open()
    try:
        answer = assistant.ask(QUESTION)
        for citation in answer.citations:
            assert assistant.document(citation.document).text[citation.start : citation.end] == citation.quote
        return tuple(citation.quote for citation in answer.citations)
    finally:
        assistant.generation.close()


def _survives(library: Any, before: dict[str, Any], sell: tuple[str, ...], ended: str) -> bool:
    """Whether the killed sync had come to its end; in either case the index is one of the two, whole."""
    after = library.contents()  # opens and verifies
    has_switched = after != before
    if not has_switched:
        assert _quotes(library) == sell
    library.sync()
    assert not list(library.index.rglob("unfinished-*"))
    assert not list(library.index.glob("CURRENT.next"))
    assert len(list((library.index / "generations").iterdir())) <= library.keep
    assert library.contents() == library.rebuilt().contents()
    assert has_switched or ended == "killed"
    return has_switched


def _count_events(library: Any, attempt: Callable[[Path, str], tuple[str, int]]) -> int:
    ended, events = attempt(library.home, "event 1000000")
    assert ended == "done"
    assert events > 50
    return events


def test_a_killed_sync_leaves_the_old_index_answering(
    library: Any, attempt: Callable[[Path, str], tuple[str, int]]
) -> None:
    _fill(library)
    library.sync()
    _change(library, 0)
    events = _count_events(library, attempt)
    for number in range(1, 9):
        _change(library, number)
        before, sell = library.contents(), _quotes(library)
        ended, _ = attempt(library.home, f"event {number * events // 9}")
        assert ended == "killed"
        _survives(library, before, sell, ended)


def test_what_a_killed_sync_did_not_come_to_remove_is_removed_by_the_next(
    library: Any, attempt: Callable[[Path, str], tuple[str, int]]
) -> None:
    # The last thing that a sync does is to remove old generations; the next one may have nothing else to do.
    _fill(library)
    for number in range(2):
        _change(library, number)
        library.sync()
    _change(library, 2)
    events = _count_events(library, attempt)
    _change(library, 3)
    assert attempt(library.home, f"event {events - 3}")[0] == "killed"
    assert len(list((library.index / "generations").iterdir())) == library.keep + 1
    report = library.sync()
    assert not report.written
    assert len(list((library.index / "generations").iterdir())) == library.keep


def test_a_killed_first_sync_leaves_no_index_rather_than_half_of_one(
    library: Any, attempt: Callable[[Path, str], tuple[str, int]]
) -> None:
    _fill(library)
    for event in (1, 10, 40, 80):
        assert attempt(library.home, f"event {event}")[0] == "killed"
        with pytest.raises(NoIndex):
            library.open()
    library.sync()
    assert not list(library.index.rglob("unfinished-*"))
    assert library.contents() == library.rebuilt().contents()


@pytest.mark.slow
def test_a_sync_killed_before_any_of_its_file_operations_leaves_a_whole_index(
    library: Any, attempt: Callable[[Path, str], tuple[str, int]]
) -> None:
    _fill(library)
    library.sync()
    _change(library, 0)
    events = _count_events(library, attempt)
    switched = []
    for number in range(1, events + 1):
        _change(library, number)
        before, sell = library.contents(), _quotes(library)
        ended, _ = attempt(library.home, f"event {number}")
        switched.append(_survives(library, before, sell, ended))
    # The switch is one moment: before it always the old index, after it always the new one.
    assert switched == sorted(switched)
    assert not switched[0]
    assert switched[-1]


@pytest.mark.slow
def test_a_sync_killed_at_a_random_moment_leaves_a_whole_index(
    library: Any, attempt: Callable[[Path, str], tuple[str, int]]
) -> None:
    _fill(library)
    library.sync()
    moments = random.Random()
    seed = moments.randrange(1 << 32)
    print("seed", seed)
    moments.seed(seed)
    endings = []
    for number in range(30):
        _change(library, number)
        before, sell = library.contents(), _quotes(library)
        ended, _ = attempt(library.home, f"after {moments.uniform(0, 0.15):.4f}")
        _survives(library, before, sell, ended)
        endings.append(ended)
    assert "killed" in endings
