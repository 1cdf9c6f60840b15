"""Runs loaders in a process of their own, so that no file can take more than its share of time and memory.

A parser that hangs, crashes or eats memory costs one file: its process is replaced by another. The process is started
when the first file is read and kept for those that follow; it ends with this one.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from natoqa.errors import CorpusError, UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import LOADERS
from natoqa.loaders.loaded import Loaded
from natoqa.loaders.transfer import PREFIX, READY, Failure, Request, read_answer, request_frame

_BOOTSTRAP = (
    "import sys; connection, parent, *sys.path = sys.argv[1:]; "
    "from natoqa.loaders.worker import main; main(int(connection), int(parent))"
)
# Time and memory are also a matter of what else the machine was doing.
_AGAIN = "; to try again: natoqa index --checksum"
# Where Python itself is found; nothing else that was set for natoqa, such as a key, is a reader's business.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_START_SECONDS = 60.0
_BUFFER_BYTES = 1 << 20
_LONGEST_WAIT = 1e6  # a socket accepts no time-out of many weeks


def load(suffix: str, data: bytes, limits: Limits) -> Loaded:
    """Read a file within ``limits``, with the loader for ``suffix`` (such as ``.md``, in any case).

    Raises UnreadableFile with the reason, KeyError for a kind that is not read, and CorpusError when no process can be
    started. Threads wait for one another.
    """
    return _READER.read(suffix, data, limits)


class Reader:
    """A process that reads files with ``loaders``: module names by suffix."""

    def __init__(self, loaders: Mapping[str, str] = LOADERS) -> None:
        self._loaders = loaders
        self._lock = threading.Lock()
        self._child: _Child | None = None

    @property
    def pid(self) -> int | None:
        """The process at work or waiting, if there is one."""
        child = self._child
        return child.process.pid if child else None

    def read(self, suffix: str, data: bytes, limits: Limits) -> Loaded:
        """As :func:`load`."""
        request = Request(self._loaders[suffix.lower()], data, limits)
        with self._lock:
            is_fresh = self._child is None
            outcome = self._try(request)
            if isinstance(outcome, _Loss) and outcome.may_be_of_another and not is_fresh:
                # Memory lost, or corrupted, by the files before must not be held against this one.
                outcome = self._try(request)
        if isinstance(outcome, Loaded):
            return outcome
        raise UnreadableFile(outcome.reason)

    def close(self) -> None:
        """End the process; the next file starts another."""
        child, self._child = self._child, None
        if child:
            child.kill()

    def forget(self) -> None:
        """Leave the process to the one that started it: this one is a fork of that."""
        child, self._child = self._child, None
        self._lock = threading.Lock()  # a thread that was not forked may have held it
        if child:
            child.connection.close()
            child.process.returncode = 0  # it is not this process's to wait for

    def _try(self, request: Request) -> Loaded | Failure | _Loss:
        try:
            self._child = self._child or _start()
            outcome = self._child.ask(request)
        except TimeoutError:
            self.close()
            return _Loss(f"reading it took more than {request.limits.seconds:g} s (setting corpus.max_seconds){_AGAIN}")
        except (_Ended, ConnectionError):
            self.close()
            reason = f"its reader crashed, or ran out of memory (setting corpus.max_memory_mb){_AGAIN}"
            return _Loss(reason, may_be_of_another=True)
        except BaseException:  # such as Ctrl-C: an answer may still come, and must not be taken for the next one
            self.close()
            raise
        if isinstance(outcome, Failure) and outcome.out_of_memory:
            self.close()
            most = request.limits.memory_bytes / 1_000_000
            reason = f"reading it took more than {most:g} MB of memory (setting corpus.max_memory_mb){_AGAIN}"
            return _Loss(reason, may_be_of_another=True)
        return outcome


@dataclass(frozen=True, slots=True)
class _Loss:
    """A process was lost over a file; perhaps for what the files before it had left behind."""

    reason: str
    may_be_of_another: bool = False


class _Ended(Exception):
    """The process ended, or answers nonsense."""


@dataclass(frozen=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    connection: socket.socket

    def ask(self, request: Request) -> Loaded | Failure:
        """Raises TimeoutError, ConnectionError or _Ended."""
        deadline = time.monotonic() + request.limits.seconds
        for part in request_frame(request):
            self._wait_until(deadline)
            self.connection.sendall(part)
        header, payload = PREFIX.unpack(self.receive(PREFIX.size, deadline))
        if header + payload > request.limits.memory_bytes:
            raise _Ended
        frame = self.receive(header + payload, deadline)
        try:
            return read_answer(frame[:header], frame[header:])
        except (ValueError, KeyError, TypeError) as error:
            raise _Ended from error

    def receive(self, length: int, deadline: float) -> memoryview:
        """``length`` bytes. Raises TimeoutError, ConnectionError or _Ended."""
        received = memoryview(bytearray(length))
        done = 0
        while done < length:
            self._wait_until(deadline)
            count = self.connection.recv_into(received[done:])
            if count == 0:
                raise _Ended
            done += count
        return received

    def kill(self) -> None:
        self.process.kill()
        self.connection.close()
        self.process.wait()

    def _wait_until(self, deadline: float) -> None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self.connection.settimeout(min(remaining, _LONGEST_WAIT))


def _start() -> _Child:
    """A process that is ready to read. Raises CorpusError when there cannot be one."""
    paths = [str(Path(__file__).parents[2]), *(str(Path(entry).absolute()) for entry in sys.path if entry)]
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            for end in (ours, theirs):
                with suppress(OSError):  # it is only for speed
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            process = subprocess.Popen(  # noqa: S603 - natoqa's own code, and no shell
                [sys.executable, "-I", "-X", "utf8", "-c", _BOOTSTRAP, str(theirs.fileno()), str(os.getpid()), *paths],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                pass_fds=[theirs.fileno()],
            )
    except OSError as error:
        ours.close()
        raise CorpusError(f"no process can be started to read files ({error.strerror or error})") from error
    child = _Child(process, ours)
    try:
        child.receive(len(READY), time.monotonic() + _START_SECONDS)
    except (_Ended, OSError) as error:
        child.kill()
        raise CorpusError(f"the process that reads files does not start (exit status {process.returncode})") from error
    except BaseException:
        child.kill()
        raise
    return child


_READER = Reader()
atexit.register(_READER.close)
os.register_at_fork(after_in_child=_READER.forget)
