"""Following the corpus: a change is indexed once it has settled, and no error ends the watching."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from natoqa import watching
from natoqa.errors import CorpusError, IndexLocked, IndexNotWritable, NatoqaError
from natoqa.indexing import SyncReport
from natoqa.watching import look, watch

INTERVAL = 0.05
PATIENCE = 10.0


@pytest.fixture
def watched(library: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Watch a library while steps are done: one each time that the watching sleeps. Ends after the last of them."""

    def run(*steps: Callable[[], Any], sync: Callable[[], SyncReport] = library.sync) -> list[Any]:
        outcomes: list[Any] = []
        remaining = iter(steps)

        def sleep(seconds: float) -> None:
            assert seconds == INTERVAL
            step = next(remaining, None)
            if step is None:
                raise KeyboardInterrupt
            step()

        with monkeypatch.context() as patch:
            patch.setattr(watching, "time", SimpleNamespace(sleep=sleep))
            watch(library.corpus, sync, outcomes.append, INTERVAL)
        return outcomes

    return run


def _nothing() -> None:
    pass


def _added(outcomes: list[Any]) -> list[tuple[str, ...]]:
    return [outcome.plan.added for outcome in outcomes]


def test_it_syncs_at_once_and_then_only_when_something_changed(library: Any, watched: Any) -> None:
    library.write("a.txt", "Text a.")
    outcomes = watched(_nothing, _nothing, lambda: library.write("b.txt", "Text b."), _nothing, _nothing, _nothing)
    assert _added(outcomes) == [("a.txt",), ("b.txt",)]


def test_it_waits_until_the_folder_is_quiet(library: Any, watched: Any) -> None:
    steps = [lambda number=number: library.write(f"{number}.txt", f"Text {number}.") for number in range(5)]
    outcomes = watched(*steps, _nothing, _nothing)
    assert _added(outcomes) == [(), ("0.txt", "1.txt", "2.txt", "3.txt", "4.txt")]


def test_edits_renames_and_removals_are_changes(library: Any, watched: Any) -> None:
    library.write("sub/a.txt", "Text a.")
    library.write("b.txt", "Text b.")
    outcomes = watched(
        lambda: library.write("sub/a.txt", "Text A."),
        _nothing,
        lambda: (library.corpus / "sub/a.txt").rename(library.corpus / "c.txt"),
        _nothing,
        (library.corpus / "b.txt").unlink,
        _nothing,
    )
    plans = [outcome.plan for outcome in outcomes[1:]]
    assert [(plan.changed, plan.renamed, plan.removed) for plan in plans] == [
        (("sub/a.txt",), (), ()),
        ((), (("sub/a.txt", "c.txt"),), ()),
        ((), (), ("b.txt",)),
    ]


def test_what_changes_during_a_sync_is_indexed_by_the_next(library: Any, watched: Any) -> None:
    library.write("a.txt", "Text a.")

    def sync() -> SyncReport:
        report = library.sync()
        library.write("late.txt", "Late.")
        return report

    assert _added(watched(_nothing, _nothing, _nothing, sync=sync)) == [("a.txt",), ("late.txt",)]


def test_hidden_files_are_no_change(library: Any, watched: Any) -> None:
    (library.corpus / ".removed").mkdir()
    outcomes = watched(
        lambda: library.write(".removed/a.txt", "Text."), _nothing, lambda: library.write(".b.txt", "Text."), _nothing
    )
    assert len(outcomes) == 1


def test_an_error_is_told_and_the_next_change_is_indexed(library: Any, watched: Any) -> None:
    outcomes = watched(
        lambda: library.write("metadata.toml", "[broken"),
        _nothing,
        _nothing,
        _nothing,
        lambda: library.write("metadata.toml", ""),
        _nothing,
    )
    assert [type(outcome) for outcome in outcomes] == [SyncReport, CorpusError, SyncReport]
    assert isinstance(outcomes[1], NatoqaError)


def test_a_corpus_that_is_not_there_is_waited_for(library: Any, watched: Any) -> None:
    library.corpus.rmdir()
    outcomes = watched(_nothing, _nothing, lambda: library.write("a.txt", "Text."), _nothing)
    assert [type(outcome) for outcome in outcomes] == [CorpusError, SyncReport]


def test_another_writer_is_waited_for_and_told_of_once(library: Any, watched: Any) -> None:
    library.write("a.txt", "Text a.")
    turns = iter(range(3))

    def sync() -> SyncReport:
        if (turn := next(turns, None)) is not None:
            raise IndexLocked(f"another process is writing since {turn} s")
        report: SyncReport = library.sync()
        return report

    outcomes = watched(_nothing, _nothing, _nothing, _nothing, sync=sync)
    assert [type(outcome) for outcome in outcomes] == [IndexLocked, SyncReport]


def test_a_full_disk_is_told_of_once_and_tried_again_less_and_less_often(library: Any, watched: Any) -> None:
    library.write("a.txt", "Text a.")
    tried: list[int] = []
    looked = iter(range(1000))

    def sync() -> SyncReport:
        tried.append(next(looked))
        if len(tried) < 5:
            raise IndexNotWritable("no space left on device")
        report: SyncReport = library.sync()
        return report

    outcomes = watched(*(lambda: next(looked) for _ in range(40)), sync=sync)
    assert [type(outcome) for outcome in outcomes] == [IndexNotWritable, SyncReport]
    waited = [after - before for before, after in pairwise(tried)]
    assert waited == sorted(waited)
    assert waited[-1] > 2 * waited[0]


def test_a_look_sees_every_visible_file_and_fails_at_none(library: Any) -> None:
    library.write("a.txt", "Text.")
    library.write("sub/b.txt", "Text.")
    (library.corpus / "dead.txt").symlink_to("nowhere")
    (library.corpus / "around").symlink_to(".", target_is_directory=True)
    seen = {Path(path).relative_to(library.corpus).as_posix() for path, *_ in look(library.corpus)}
    assert seen == {"a.txt", "sub/b.txt", "around"}
    assert look(library.corpus / "nothing") == frozenset()


def test_a_file_of_the_same_size_and_time_is_seen_to_be_another(library: Any) -> None:
    path = library.write("a.txt", "Text a.")
    before, times = look(library.corpus), path.stat()
    path.write_text("Text b.")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert look(library.corpus) != before


_PROGRAM = """
import sys
from pathlib import Path
from library import Library
from natoqa.indexing import SyncReport
from natoqa.watching import watch
library = Library(Path(sys.argv[1]))
def tell(outcome):
    print(outcome.documents if isinstance(outcome, SyncReport) else outcome, flush=True)
watch(library.corpus, library.sync, tell, 0.05)
"""


@contextmanager
def _watching(home: Path) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", _PROGRAM, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process
        process.kill()


def test_a_process_follows_real_changes_and_ctrl_c_ends_it_well(library: Any) -> None:
    with _watching(library.home) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        for number in range(1, 3):
            library.write(f"{number}.txt", f"Text {number}.")
            assert process.stdout.readline() == f"{number}\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert not list(library.index.rglob("unfinished-*"))
    assert json.loads((library.live / "manifest.json").read_text())["documents"] == 2
