"""Back to an earlier generation: verified first, in one step, with nothing lost."""

from __future__ import annotations

import dataclasses
import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from natoqa.checksums import checksums
from natoqa.errors import IndexDamaged, IndexLocked, IndexMismatch, IndexNotWritable, NoGeneration, NoIndex
from natoqa.generations import MANIFEST, Manifest
from natoqa.locking import writing
from natoqa.restoring import kept_generations, rollback
from natoqa.store import Generation


@pytest.fixture
def three(library: Any) -> Any:
    """Three generations: of one, two and three documents."""
    library.keep = 3
    for name in ("a.txt", "b.txt", "c.txt"):
        library.write(name, f"This is the text of {name}.")
        library.sync()
    return library


def _documents(library: Any) -> list[str]:
    generation = Generation.open(library.index)
    try:
        return generation.document_ids()
    finally:
        generation.close()


def test_the_last_generation_before_the_live_one_is_returned_to(three: Any) -> None:
    done = rollback(three.index)
    assert (done.before, done.now.name, done.now.is_live) == ("0003", "0002", True)
    assert (done.now.documents, done.now.passages) == (2, 2)
    assert _documents(three) == ["a.txt", "b.txt"]
    assert rollback(three.index).now.name == "0001"
    assert _documents(three) == ["a.txt"]


@pytest.mark.parametrize("name", ["0001", "1", "01"])
def test_a_generation_may_be_named_and_one_may_go_forward_again(three: Any, name: str) -> None:
    assert rollback(three.index, name).now.name == "0001"
    assert rollback(three.index, "0003").before == "0001"
    assert _documents(three) == ["a.txt", "b.txt", "c.txt"]


def test_the_next_sync_brings_the_index_in_step_with_the_corpus_again(three: Any) -> None:
    rollback(three.index, "0001")
    report = three.sync()
    assert (report.plan.added, report.generation) == (("b.txt", "c.txt"), "0004")
    assert three.contents() == three.rebuilt().contents()


def test_kept_generations_are_described_by_their_manifests(three: Any) -> None:
    kept = kept_generations(three.index)
    assert [(item.name, item.documents, item.passages, item.is_live, item.problem) for item in kept] == [
        ("0001", 1, 1, False, ""),
        ("0002", 2, 2, False, ""),
        ("0003", 3, 3, True, ""),
    ]
    assert all(item.created.startswith("20") for item in kept)
    (three.index / "generations/0001/manifest.json").write_text("{")
    assert kept_generations(three.index)[0].problem == "damaged"


def test_a_generation_that_is_not_kept_is_refused_with_those_that_are(three: Any) -> None:
    for name in ("0009", "x", "", "../generations/0001", "9" * 5000, "\u0661"):
        with pytest.raises(NoGeneration, match=r"there is 0001 \(20.*\), 0002 \(20.*\), 0003 \(live, 20"):
            rollback(three.index, name)
    with pytest.raises(NoGeneration, match="0003 is the live one already"):
        rollback(three.index, "0003")
    rollback(three.index, "0001")
    with pytest.raises(NoGeneration, match="no generation before the live one"):
        rollback(three.index)


@pytest.mark.parametrize("name", ["tokens.f16", "documents.sqlite", "vectors.faiss", "bm25/passages.json"])
def test_a_damaged_generation_is_refused_and_nothing_changes(three: Any, name: str) -> None:
    path = three.index / "generations/0002" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"nothing was changed; there is 0001") as raised:
        rollback(three.index)
    assert name in str(raised.value)
    assert _documents(three) == ["a.txt", "b.txt", "c.txt"]
    assert rollback(three.index, "0001").now.documents == 1


def test_a_generation_whose_contents_do_not_hold_together_is_refused_though_its_checksums_do(three: Any) -> None:
    folder = three.index / "generations/0002"
    database = sqlite3.connect(folder / "documents.sqlite")
    database.execute("UPDATE sentences SET start = start + 1")
    database.commit()
    database.close()
    manifest = dataclasses.replace(Manifest.read(folder), files=checksums(folder, but=MANIFEST))
    (folder / MANIFEST).write_text(manifest.to_json(), "utf-8")
    with pytest.raises(IndexDamaged, match=r"the sentence at 1 is not whole.*; nothing was changed"):
        rollback(three.index)
    assert _documents(three) == ["a.txt", "b.txt", "c.txt"]


def test_a_generation_of_another_schema_is_refused(three: Any) -> None:
    (three.index / "generations/0002/manifest.json").write_text('{"schema": 99}')
    with pytest.raises(IndexMismatch, match=r"0002 \(of another version"):
        rollback(three.index)


@pytest.mark.parametrize("current", [None, b"", b"0009\n"])
def test_a_lost_pointer_is_found_again(three: Any, current: bytes | None) -> None:
    pointer = three.index / "CURRENT"
    pointer.unlink() if current is None else pointer.write_bytes(current)
    done = rollback(three.index)
    assert (done.before, done.now.name) == ("", "0003")
    assert _documents(three) == ["a.txt", "b.txt", "c.txt"]


def test_without_an_index_there_is_nothing_to_return_to(library: Any) -> None:
    with pytest.raises(NoIndex, match="natoqa index"):
        rollback(library.index)
    assert not library.index.exists()


def test_while_somebody_writes_nothing_is_switched(three: Any) -> None:
    with writing(three.index, "natoqa index"), pytest.raises(IndexLocked, match="natoqa index, process"):
        rollback(three.index)
    assert _documents(three) == ["a.txt", "b.txt", "c.txt"]


def test_a_disk_that_refuses_the_switch_leaves_the_live_generation(three: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(IndexNotWritable, match="No space"):
            rollback(three.index)
    assert _documents(three) == ["a.txt", "b.txt", "c.txt"]


def test_readers_are_not_disturbed(three: Any) -> None:
    assistant = three.open()
    rollback(three.index, "0001")
    assert assistant.ask("What is the text of c.txt?").citations
    assert list(assistant.documents()) == ["a.txt", "b.txt", "c.txt"]


def test_a_rollback_that_is_killed_leaves_one_of_the_two_live(three: Any) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom natoqa.restoring import rollback\n"
        "left = int(sys.argv[2])\n"
        "def count(event, _):\n"
        "    global left\n"
        "    if event.startswith(('open', 'os.')) and event != 'os.kill':\n"
        "        left -= 1\n"
        "        if left == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(count)\nrollback(Path(sys.argv[1]), '0001')\n"
    )
    live: list[Path] = []
    for events in (5, 20, 40, 44, 48, 200):
        subprocess.run([sys.executable, "-c", code, str(three.index), str(events)], check=False)
        live.append(three.live.name)
        assert kept_generations(three.index)[int(live[-1]) - 1].is_live
        assert three.open().documents()
        if live[-1] == "0001":
            rollback(three.index, "0003")
    assert live[0] == "0003"
    assert live[-1] == "0001"
