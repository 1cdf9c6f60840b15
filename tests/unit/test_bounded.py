"""Reading a file in a process of its own: what it may take, and what happens when it takes more."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import misbehaving
import pytest

from natoqa.errors import CorpusError, UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import bounded, text
from natoqa.loaders.bounded import Reader

SECONDS = 0.4
TIGHT = Limits(memory_bytes=300_000_000, seconds=SECONDS)
AMPLE = Limits(memory_bytes=300_000_000)


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader(misbehaving.LOADERS)
    yield reader
    reader.close()


def _do(reader: Reader, action: str, limits: Limits = AMPLE) -> str:
    return reader.read(".do", action.encode(), limits).text


def _lives(pid: int) -> bool:
    """Whether the process runs; one that ended and was not waited for does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def _ends(pid: int, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while _lives(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not _lives(pid)


def test_a_file_is_read_as_its_loader_reads_it() -> None:
    data = "A Title\n\nA paragraph – “quoted”.\n\n• an item 🚢\n".encode()
    assert bounded.load(".TXT", data, Limits()) == text.load(data, Limits())


def test_one_process_reads_one_file_after_another(reader: Reader) -> None:
    first = _do(reader, "who")
    assert [_do(reader, "who") for _ in range(3)] == [first] * 3
    assert first == str(reader.pid)
    assert first != str(os.getpid())


@pytest.mark.parametrize("action", ["hang", "hold"])
def test_a_file_that_takes_too_long_is_left_out_and_the_next_one_is_read(reader: Reader, action: str) -> None:
    _do(reader, "who")
    began = time.monotonic()
    with pytest.raises(UnreadableFile, match=r"^reading it took more than 0\.4 s \(setting corpus\.max_seconds\); to "):
        _do(reader, action, TIGHT)
    assert SECONDS <= time.monotonic() - began < SECONDS + 2
    assert _do(reader, "echo next") == "next"


@pytest.mark.parametrize("action", ["eat 500", "disguise"])
def test_a_file_that_takes_too_much_memory_is_left_out_and_the_next_one_is_read(reader: Reader, action: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^reading it took more than 300 MB of memory \(setting corpus\.max_memo"):
        _do(reader, action)
    assert _do(reader, "echo next") == "next"


def test_all_the_memory_that_is_granted_can_be_used(reader: Reader) -> None:
    assert _do(reader, "eat 290") == "290000000 bytes"


def test_each_file_has_its_own_limits(reader: Reader) -> None:
    with pytest.raises(UnreadableFile, match="300 MB"):
        _do(reader, "eat 500")
    assert _do(reader, "eat 500", replace(AMPLE, memory_bytes=600_000_000)) == "500000000 bytes"
    with pytest.raises(UnreadableFile, match="300 MB"):
        _do(reader, "eat 500")


def test_memory_that_earlier_files_left_behind_is_not_held_against_a_file(reader: Reader) -> None:
    for _ in range(4):
        assert _do(reader, "keep 200") == "kept"


@pytest.mark.parametrize("action", ["crash", "exit"])
def test_a_reader_that_crashes_costs_one_file(reader: Reader, action: str) -> None:
    _do(reader, "who")
    with pytest.raises(UnreadableFile, match=r"^its reader crashed, or ran out of memory \(setting corpus\.max_m"):
        _do(reader, action)
    assert _do(reader, "echo next") == "next"


def test_a_fault_of_a_loader_is_told_in_one_line_and_leaves_the_process_at_work(reader: Reader) -> None:
    pid = _do(reader, "who")
    with pytest.raises(UnreadableFile, match=r"^its reader failed \(TypeError: a fault of two lines\)$"):
        _do(reader, "fail")
    assert _do(reader, "who") == pid


def test_endless_recursion_is_nesting_too_deep(reader: Reader) -> None:
    with pytest.raises(UnreadableFile, match=r"^it is nested too deeply$"):
        _do(reader, "recurse")
    assert _do(reader, "echo next") == "next"


def test_a_loaders_own_refusal_comes_through(reader: Reader) -> None:
    with pytest.raises(UnreadableFile, match=r"^it is empty$"):
        reader.read(".txt", b" ", AMPLE)


def test_what_a_library_prints_goes_nowhere(reader: Reader, capfd: pytest.CaptureFixture[str]) -> None:
    assert _do(reader, "noise") == "quiet"
    assert capfd.readouterr() == ("", "")


def test_reading_a_file_neither_writes_one_nor_starts_a_program_nor_connects(reader: Reader) -> None:
    with pytest.raises(UnreadableFile, match=r"File too large|FileNotFoundError"):
        _do(reader, "write")
    with pytest.raises(UnreadableFile, match=r"may not use subprocess\.Popen"):
        _do(reader, "start")
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(UnreadableFile, match="may not use socket"):
        host, port = server.getsockname()
        _do(reader, f"connect {host} {port}")


def test_a_process_killed_while_it_reads_costs_that_file_alone(reader: Reader) -> None:
    def kill() -> None:
        while reader.pid is None:
            time.sleep(0.01)
        time.sleep(0.3)
        os.kill(reader.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(UnreadableFile, match="crashed"):
        _do(reader, "hang")
    killer.join()
    assert _do(reader, "echo next") == "next"


def test_a_process_killed_between_two_files_costs_none(reader: Reader) -> None:
    killed = int(_do(reader, "who"))
    os.kill(killed, signal.SIGKILL)
    assert _ends(killed)
    assert _do(reader, "who") != str(killed)


def test_no_process_is_left_behind(reader: Reader) -> None:
    for action in ("crash", "hang"):
        with pytest.raises(UnreadableFile):
            _do(reader, action, TIGHT)
    pid = int(_do(reader, "who"))
    reader.close()
    assert reader.pid is None
    assert not Path(f"/proc/{pid}").exists()  # not even as one that nobody waited for


def test_an_interrupted_read_does_not_give_its_answer_to_the_next(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    _do(reader, "who")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(bounded._Child, "receive", _interrupt)
        _do(reader, "echo first")
    assert _do(reader, "echo second") == "second"


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_threads_get_their_own_answers(reader: Reader) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda number: _do(reader, f"echo {number}"), range(200)))
    assert said == [str(number) for number in range(200)]


def test_the_process_outlives_the_thread_that_started_it_or_is_replaced_unnoticed(reader: Reader) -> None:
    for number in range(3):
        said: list[str] = []
        thread = threading.Thread(target=lambda said=said, number=number: said.append(_do(reader, f"echo {number}")))
        thread.start()
        thread.join()
        assert said == [str(number)]


def test_a_fork_has_a_process_of_its_own() -> None:
    data = b"Text."
    bounded.load(".txt", data, AMPLE)
    ours = bounded._READER.pid
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            before = bounded._READER.pid
            read = bounded.load(".txt", data, AMPLE).text
            os.write(sending, f"{before} {bounded._READER.pid} {read}".encode())
            bounded._READER.close()
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving) as said:
        before, theirs, read = said.read().split()
    os.waitpid(child, 0)
    assert (before, read) == ("None", "Text.")
    assert theirs != str(ours)
    assert bounded.load(".txt", data, AMPLE).text == "Text."
    assert bounded._READER.pid == ours


def test_a_fork_can_read_while_another_thread_of_its_parent_does() -> None:
    # The lock was held when the fork was made, by a thread that the fork does not have.
    bounded.load(".txt", b"Text.", AMPLE)
    with bounded._READER._lock:
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(20)
                code = 0 if bounded.load(".txt", b"Text.", AMPLE).text == "Text." else 1
                bounded._READER.close()
            finally:
                os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


PROGRAM = """
import sys; sys.path.insert(0, sys.argv[1])
import misbehaving
from natoqa.limits import Limits
from natoqa.loaders.bounded import Reader
reader = Reader(misbehaving.LOADERS)
print(reader.read(".do", b"who", Limits()).text, flush=True)
if sys.argv[2:]:
    reader.read(".do", " ".join(sys.argv[2:]).encode(), Limits())
"""


def _program(*action: str, folder: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), *action]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=folder)


def _is_being_read(pipe: Path) -> bool:
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends with its time")
@pytest.mark.parametrize("how", [["hold"], ["mark"], []], ids=["busy", "asleep", "idle"])
def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path, how: list[str]) -> None:
    mark = tmp_path / "reading"
    os.mkfifo(mark)
    arguments = ["mark", str(mark)] if how == ["mark"] else how
    with _program(*arguments, folder=tmp_path) as program:
        assert program.stdout
        pid = int(program.stdout.readline())
        if how == ["mark"]:
            while not _is_being_read(mark):
                time.sleep(0.01)
        elif how:
            time.sleep(0.2)
            assert _lives(pid)
        program.kill()
    assert _ends(pid)


def test_a_folder_with_modules_of_the_same_names_does_not_get_into_the_process(tmp_path: Path) -> None:
    for name in ("json", "yaml", "markdown_it", "natoqa"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the current folder')")
    code = "import sys; sys.path.pop(0); from natoqa.loaders import bounded; from natoqa.limits import Limits; "
    code += "import os; sys.path.insert(0, ''); print(bounded.load('.md', b'Text.', Limits()).text)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout == "Text.\n"


def test_where_no_process_can_be_started_the_corpus_cannot_be_read(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for program, reason in ((tmp_path / "none", "No such file"), (Path(shutil.which("false") or ""), "exit status 1")):
        monkeypatch.setattr(sys, "executable", str(program))
        with pytest.raises(CorpusError, match=reason) as raised:
            _do(reader, "who")
        assert not isinstance(raised.value, UnreadableFile)  # it is no fault of the file


def test_a_small_file_costs_little(reader: Reader) -> None:
    _do(reader, "echo warm")
    began = time.perf_counter()
    for _ in range(200):
        _do(reader, "echo x")
    assert (time.perf_counter() - began) / 200 < 0.005  # 0.1 ms on an idle machine


def test_a_large_file_passes_whole(reader: Reader) -> None:
    line = "Ñandú – " * 12 + "\n\n"
    data = (line * 40_000).encode()
    assert reader.read(".txt", data, replace(AMPLE, memory_bytes=1_500_000_000)).text == line * 40_000


@pytest.mark.parametrize("action", ["open", "append", "remove", "rename", "mkdir", "truncate", "symlink", "chmod"])
def test_reading_a_file_changes_no_other(reader: Reader, tmp_path: Path, action: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Text.")
    before = path.stat()
    with pytest.raises(UnreadableFile, match="reading a file may not"):
        _do(reader, f"change {action} {path}")
    after = path.stat()
    assert list(tmp_path.iterdir()) == [path]
    assert (after.st_size, after.st_mode, after.st_mtime_ns) == (before.st_size, before.st_mode, before.st_mtime_ns)


def test_a_file_cannot_raise_the_limits_of_its_reader(reader: Reader) -> None:
    with pytest.raises(UnreadableFile, match=r"may not use resource\.setrlimit"):
        _do(reader, "raise")
    assert _do(reader, "limits") == "0 0 0 0"


def test_a_reader_knows_nothing_of_what_was_set_for_natoqa(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "secret")
    assert set(_do(reader, "environment").split()) <= {"LC_CTYPE", *bounded._ENVIRONMENT}


def test_a_small_file_does_not_become_a_text_without_end(reader: Reader) -> None:
    assert len(_do(reader, "repeat 1000000")) == 1_000_000
    with pytest.raises(UnreadableFile, match="more than 200 times as long as the file itself"):
        _do(reader, "repeat 1000001")


def test_metadata_comes_in_lines_of_a_length_that_can_be_shown() -> None:
    long, address = "word " * 100, "https://example.org/" + "x" * 300
    front = f"---\ntitle: {long}\nauthor: {long}\nabout: {long}\nsources: [{{title: {long}, url: {address}}}]\n---\n"
    metadata = bounded.load(".md", f"{front}Text.".encode(), Limits()).metadata
    (source,) = metadata.sources
    lines = (metadata.title, metadata.author, metadata.about, source.title)
    assert set(lines) == {("word " * 59).strip() + " word…"}
    assert source.url == ""
