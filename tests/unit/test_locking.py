"""One writer at a time, known by name; by real processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from natoqa.errors import IndexLocked, IndexNotWritable
from natoqa.locking import LOCK, WRITER, Writer, writer_of, writing

_HOLDER = """
import sys
from pathlib import Path
from natoqa.locking import writing
with writing(Path(sys.argv[1]), "natoqa index"):
    print("writing", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _another_writer(index: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _HOLDER, str(index)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        yield process
        process.kill()


def _refused(index: Path) -> str:
    with pytest.raises(IndexLocked) as raised, writing(index, "a test"):
        pass
    return str(raised.value)


def test_a_second_process_is_told_who_writes_and_since_when(tmp_path: Path) -> None:
    with _another_writer(tmp_path) as process:
        said = _refused(tmp_path)
        since = time.strftime("%H:%M", time.localtime(json.loads((tmp_path / WRITER).read_text())["since"]))
        assert said.startswith(
            f"another process is writing the index in {tmp_path}: natoqa index, process {process.pid} on "
            f"{socket.gethostname()}, since {since} ("
        )
        assert said.endswith(" s); try again when it is done")
        assert writer_of(tmp_path) is not None


def test_the_lock_of_a_killed_process_is_free_and_nobody_is_named(tmp_path: Path) -> None:
    with _another_writer(tmp_path) as process:
        process.kill()
        process.wait()
        assert (tmp_path / WRITER).exists()
        assert writer_of(tmp_path) is None
        with writing(tmp_path, "a test"):
            pass
    assert not (tmp_path / WRITER).exists()


def test_the_note_of_a_process_that_died_on_another_machine_names_nobody(tmp_path: Path) -> None:
    note = {"pid": 1, "host": "another machine", "what": "natoqa index", "since": time.time()}
    (tmp_path / WRITER).write_text(json.dumps(note))
    (tmp_path / LOCK).touch()
    assert writer_of(tmp_path) is None
    with _another_writer(tmp_path):
        (tmp_path / WRITER).write_text(json.dumps(note))
        assert "another machine" in str(writer_of(tmp_path))


def test_a_writer_that_is_done_leaves_no_note_and_may_be_followed(tmp_path: Path) -> None:
    index = tmp_path / "not/there yet"
    for _ in range(2):
        with writing(index, "a test"):
            assert writer_of(index) == Writer(
                os.getpid(), socket.gethostname(), "a test", pytest.approx(time.time(), abs=5)
            )
        assert {path.name for path in index.iterdir()} <= {".lock"}


def test_a_failure_inside_comes_out_as_it_is_and_frees_the_lock(tmp_path: Path) -> None:
    for kind in (OSError, KeyboardInterrupt, TimeoutError):
        with pytest.raises(kind), writing(tmp_path, "a test"):
            raise kind
    assert writer_of(tmp_path) is None


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"{}",
        b"null",
        b'{"pid": "x", "host": "h", "what": "w", "since": 1}',
        b'{"pid": 0, "host": "h", "what": "w", "since": 1e400}',
        b'{"pid": 1, "host": "h", "what": "w", "since": NaN}',
        b'{"pid": 999999999999999999999, "host": "' + socket.gethostname().encode() + b'", "what": "w", "since": 1}',
        b"[" * 100_000,
        None,
    ],
)
def test_a_note_that_is_none_names_nobody_and_the_lock_still_holds(tmp_path: Path, note: bytes | None) -> None:
    with _another_writer(tmp_path):
        (tmp_path / WRITER).unlink()
        if note is not None:
            (tmp_path / WRITER).write_bytes(note)
        assert _refused(tmp_path) == (f"another process is writing the index in {tmp_path}; try again when it is done")


def test_a_note_cannot_break_the_line_and_old_ones_have_a_date(tmp_path: Path) -> None:
    written = {"pid": 7, "host": "far\x1b[2J\nhost", "what": "natoqa\tindex", "since": time.time() - 3 * 86400}
    with _another_writer(tmp_path):
        (tmp_path / WRITER).write_text(json.dumps(written))
        said = _refused(tmp_path)
    day = time.strftime("%Y-%m-%d", time.localtime(written["since"]))
    assert "\n" not in said
    assert "\x1b" not in said
    assert f"natoqa index, process 7 on far [2J host, since {day}" in said
    assert "(3 days)" in said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (7200, "2 h"), (172800, "2 days")]
)
def test_how_long_it_writes_is_said_in_the_largest_unit(seconds: int, said: str) -> None:
    assert str(Writer(1, "host", "what", time.time() - seconds - 0.5)).endswith(f"({said})")


@pytest.mark.parametrize("place", ["index", "index/deeper"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "index").write_text("a file")
    with (
        pytest.raises(IndexNotWritable, match=r"index.* cannot be written \(.+\); the old one is intact"),
        writing(tmp_path / place, "a test"),
    ):
        pass


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom natoqa.errors import IndexNotWritable\n"
        "from natoqa.locking import writing\nos.geteuid() or os.setuid(65534)\n"
        "try:\n    with writing(Path('index'), 'a test'): pass\n"
        "except IndexNotWritable as error: print(error)\n"
    )
    index = tmp_path / "index"
    for locked_before in (False, True):
        index.mkdir(exist_ok=True)
        if locked_before:
            (index / ".lock").touch()
            (index / ".lock").chmod(0o666)
        index.chmod(0o555)
        for folder in (index.parent, *index.parent.parents):
            if folder.stat().st_uid == os.geteuid():
                folder.chmod(folder.stat().st_mode | 0o555)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
        assert done.stdout == "the index in index cannot be written (Permission denied); the old one is intact\n"
        index.chmod(0o755)
