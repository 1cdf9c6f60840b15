"""Operating an index from the command line: index, add, remove, status, doctor, rollback, and watching."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from natoqa.locking import writing

Run = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a corpus of two small documents and files to add."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/keeper.txt").write_text("The lighthouse keeper was called Ambrose.\n")
    (tmp_path / "corpus/harbour.txt").write_text("The harbour froze in the winter of 1929.\n")
    (tmp_path / "bicycle.txt").write_text("The emperor's bicycle is painted vermilion.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def indexed(natoqa: Run, home: Path) -> Path:
    assert natoqa("index").code == 0
    return home


def _json(finished: Any, code: int = 0) -> dict[str, Any]:
    assert finished.code == code, finished.err
    value = json.loads(finished.out)
    assert isinstance(value, dict)
    return value


def _fails(finished: Any, *words: str) -> None:
    assert (finished.code, finished.out, finished.err.count("\n")) == (1, "", 1)
    for word in words:
        assert word in finished.err


def _documents(natoqa: Run) -> list[str]:
    return [item["document"] for item in _json(natoqa("status", "--json"))["documents"]]


@contextmanager
def _at_a_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Iterator[str]:
    """What ``natoqa`` prints when its output is a terminal."""
    from natoqa.cli import main

    ours, its = pty.openpty()
    with monkeypatch.context() as patch, os.fdopen(its, "w", encoding="utf-8") as terminal:
        patch.setattr(sys, "argv", ["natoqa", *arguments])
        patch.setattr(sys, "stdout", terminal)
        patch.setenv("TERM", "dumb")
        with pytest.raises(SystemExit):
            main()
        terminal.flush()
        yield _all_that_is_written(ours)
    os.close(ours)


def _all_that_is_written(terminal: int) -> str:
    written = b""
    while select.select([terminal], [], [], 0.1)[0]:
        written += os.read(terminal, 65536)
    return written.decode()


def test_at_a_terminal_index_says_first_what_it_is_going_to_do(
    natoqa: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _at_a_terminal(monkeypatch, "index") as said:
        assert said.count("2 added") == 1
        assert said.index("2 added") < said.index("generation 0001: 2 documents")
    with _at_a_terminal(monkeypatch, "index") as said:
        assert said.split()[:2] == ["2", "unchanged"]
        assert "to be encoded" not in said
    (home / "corpus/new.txt").write_text("New.\n")
    said = natoqa("index").out
    assert said.split()[:3] == ["1", "added", "new.txt"]
    assert "to be encoded" not in said
    assert "generation 0002: 3 documents, 3 passages, 1 encoded" in said
    assert "nothing to do; generation 0002" in natoqa("index").out


def test_a_dry_run_counts_names_what_is_left_out_and_estimates(natoqa: Run, home: Path) -> None:
    (home / "corpus/picture.png").write_bytes(b"\x89PNG")
    (home / "corpus/same.txt").write_bytes((home / "corpus/keeper.txt").read_bytes())
    dry = _json(natoqa("index", "--dry-run", "--json"))
    assert dry["added"] == ["harbour.txt", "keeper.txt", "same.txt"]
    assert dry["duplicates"] == [{"document": "same.txt", "same_as": "keeper.txt"}]
    assert [item["document"] for item in dry["unreadable"]] == ["picture.png"]
    assert ".png" in dry["unreadable"][0]["reason"]
    assert (dry["bytes"] > 0, dry["passages"] > 0, dry["seconds"] > 0) == (True, True, True)
    said = natoqa("index", "--dry-run").out
    for words in ("3 added", "1 duplicates", "same.txt = keeper.txt", "left out: picture.png: ", "MB", "about"):
        assert words in said
    assert not (home / "index").exists()


def test_checksum_finds_a_change_that_cannot_be_seen(natoqa: Run, indexed: Path) -> None:
    report = _json(natoqa("index", "--checksum", "--json"))
    assert (report["written"], len(report["unchanged"])) == (False, 2)


def test_status_lists_the_generations(natoqa: Run, indexed: Path) -> None:
    (indexed / "corpus/new.txt").write_text("New.\n")
    natoqa("index")
    kept = _json(natoqa("status", "--json"))["generations"]
    assert [(item["generation"], item["documents"], item["passages"], item["live"]) for item in kept] == [
        ("0001", 2, 2, False),
        ("0002", 3, 3, True),
    ]
    rows = [line.split() for line in natoqa("status").out.splitlines()]
    assert [(row[0], row[2:]) for row in rows if row and row[0] in ("0001", "0002")] == [
        ("0001", ["2", "2"]),
        ("0002", ["3", "3", "live"]),
    ]


def test_add_copies_indexes_and_reports(natoqa: Run, indexed: Path) -> None:
    added = _json(natoqa("add", "bicycle.txt", "--into", "notes", "--json"))
    assert (added["copied"], added["replaced"], added["there_already"]) == (["notes/bicycle.txt"], [], [])
    assert (added["index"]["added"], added["index"]["encoded"]) == (["notes/bicycle.txt"], 1)
    again = natoqa("add", "bicycle.txt", "--into", "notes")
    assert again.code == 0
    assert "there already, with the same content: notes/bicycle.txt" in again.out
    assert "nothing to do" in again.out
    (indexed / "bicycle.txt").write_text("The emperor's bicycle is painted green.\n")
    _fails(natoqa("add", "bicycle.txt", "--into", "notes"), "holds another 'notes/bicycle.txt'", "--replace")
    replaced = _json(natoqa("add", "bicycle.txt", "--into", "notes", "--replace", "--json"))
    assert (replaced["replaced"], replaced["index"]["changed"]) == (["notes/bicycle.txt"], ["notes/bicycle.txt"])
    found = _json(natoqa("search", "What colour is the bicycle?", "-k", "1", "--json"))["hits"]
    assert "green" in found[0]["text"]


def test_while_another_writes_nothing_is_copied_or_moved(natoqa: Run, indexed: Path) -> None:
    with writing(indexed / "index", "natoqa index"):
        for command in (("add", "bicycle.txt"), ("remove", "keeper.txt")):
            _fails(natoqa(*command), "another process is writing the index", "try again when it is done")
    assert sorted(path.name for path in (indexed / "corpus").iterdir()) == ["harbour.txt", "keeper.txt"]


def test_what_cannot_be_added_is_one_line_and_changes_nothing(natoqa: Run, indexed: Path) -> None:
    (indexed / "picture.png").write_bytes(b"\x89PNG")
    _fails(natoqa("add", "bicycle.txt", "picture.png"), "picture.png", "does not read .png")
    _fails(natoqa("add", "bicycle.txt", "--into", "../elsewhere", "--json"), "no folder inside the corpus")
    _fails(natoqa("add", "missing.txt"), "missing.txt")
    _fails(natoqa("add", "bicycle.txt", "--corpus", "nowhere"), "there is no corpus folder nowhere")
    assert _documents(natoqa) == ["harbour.txt", "keeper.txt"]
    assert natoqa("add").code == 2


def test_remove_moves_the_file_away_and_indexes(natoqa: Run, indexed: Path) -> None:
    removed = _json(natoqa("remove", "keeper.txt", "--json"))
    assert [item["document"] for item in removed["moved"]] == ["keeper.txt"]
    assert removed["index"]["removed"] == ["keeper.txt"]
    assert _documents(natoqa) == ["harbour.txt"]
    kept = indexed / removed["moved"][0]["to"]
    assert kept.read_text() == "The lighthouse keeper was called Ambrose.\n"
    assert _json(natoqa("add", kept, "--json"))["index"]["added"] == ["keeper.txt"]
    (indexed / "corpus/harbour.txt").unlink()
    gone = natoqa("remove", "harbour.txt")
    assert "gone already: harbour.txt" in gone.out
    assert _documents(natoqa) == ["keeper.txt"]
    _fails(natoqa("remove", "keper.txt"), "did you mean keeper.txt?", "see: natoqa status")


def test_doctor_says_that_all_is_well(natoqa: Run, indexed: Path) -> None:
    examination = _json(natoqa("doctor", "--json"))
    assert (examination["healthy"], examination["generation"]) == (True, "0001")
    assert {check["state"] for check in examination["checks"]} == {"ok"}
    assert "the index in index is healthy (generation 0001)" in natoqa("doctor").out


def test_doctor_names_a_damage_and_the_command_that_mends_it(natoqa: Run, indexed: Path) -> None:
    (path,) = (indexed / "index/generations").glob("*/tokens.f16")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    said = natoqa("doctor")
    assert said.code == 1
    assert "damage: tokens.f16: it is not what was written; run: natoqa index --rebuild\n" in said.out
    examination = _json(natoqa("doctor", "--json"), code=1)
    assert not examination["healthy"]
    assert natoqa("index", "--rebuild").code == 0
    assert _json(natoqa("doctor", "--json"))["healthy"]
    assert [item["generation"] for item in _json(natoqa("status", "--json"))["generations"]] == ["0002"]


def test_doctor_names_the_folders_in_its_commands(natoqa: Run, indexed: Path) -> None:
    (indexed / "corpus").rename(indexed / "my texts")
    (indexed / "index").rename(indexed / "my index")
    (indexed / "my texts/new.txt").write_text("New.\n")
    said = natoqa("doctor", "--corpus", "my texts", "--index", "my index")
    assert said.code == 0
    assert "1 added; run: natoqa index --corpus 'my texts' --index 'my index'\n" in said.out
    (indexed / "natoqa.toml").write_text("[corpus]\npath = 'my texts'\n[index]\npath = 'my index'\n")
    assert said.out == natoqa("doctor").out


def test_doctor_needs_an_index(natoqa: Run, home: Path) -> None:
    _fails(natoqa("doctor"), "there is no index in index; run: natoqa index")


def test_rollback_returns_to_what_was_and_says_what_follows(natoqa: Run, indexed: Path) -> None:
    _fails(natoqa("rollback"), "no generation before the live one; there is 0001 (live, ")
    natoqa("add", "bicycle.txt")
    back = natoqa("rollback")
    assert back.code == 0
    assert "generation 0001" in back.out
    assert "it was 0002" in back.out
    assert "in step with the documents again: natoqa index\n" in back.out
    assert _documents(natoqa) == ["harbour.txt", "keeper.txt"]
    forth = _json(natoqa("rollback", "0002", "--json"))
    assert (forth["before"], forth["generation"], forth["documents"]) == ("0001", "0002", 3)
    _fails(natoqa("rollback", "7"), "holds no generation '7'", "0001", "0002 (live")


@pytest.mark.parametrize("command", [("index",), ("add", "bicycle.txt"), ("remove", "keeper.txt"), ("rollback",)])
def test_while_another_process_writes_it_is_named(natoqa: Run, indexed: Path, command: tuple[str, ...]) -> None:
    with writing(Path("index"), "natoqa index"):
        finished = natoqa(*command)
    assert finished.code == 1
    assert f"natoqa index, process {os.getpid()} on " in finished.err
    assert finished.err.endswith("try again when it is done\n")
    assert finished.err.count("\n") == 1
    assert natoqa("doctor").code == 0


@pytest.mark.parametrize("other", ["--dry-run", "--rebuild"])
def test_watching_goes_with_no_single_run(natoqa: Run, home: Path, other: str) -> None:
    assert natoqa("index", "--watch", other).code == 2


def test_watching_prints_one_line_of_json_a_sync_until_ctrl_c(home: Path) -> None:
    command = [sys.executable, "-m", "natoqa", "index", "--watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["added"] == ["harbour.txt", "keeper.txt"]
        (home / "corpus/new.txt").write_text("New.\n")
        assert json.loads(process.stdout.readline())["added"] == ["new.txt"]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (0, "")
        assert err == "natoqa: watching corpus  (Ctrl+C ends it)\n"
