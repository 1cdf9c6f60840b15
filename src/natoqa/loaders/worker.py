"""The process that reads files for natoqa, one after another; :mod:`natoqa.loaders.bounded` starts and stops it.

It reads requests from a socket until that is closed. What a library prints goes nowhere, and what a file might make one
do beside reading it, such as writing a file, starting a program or opening a connection, is refused.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from natoqa.errors import UnreadableFile
from natoqa.loaders.loaded import Loaded, one_line, with_short_lines
from natoqa.loaders.transfer import PREFIX, READY, Failure, Request, answer_frame, read_request

_LONGEST_REASON = 300
# Past its time the process is stopped from outside; if nobody is left to do so, it ends by itself this much later.
_GRACE_SECONDS = 5.0
# Address space that libraries reserve, most of which they never use.
_RESERVED_BYTES = 150_000_000
# A file can be packed a thousandfold; no document that somebody wrote is.
_MOST_TIMES_ITS_SIZE = 200
_ALWAYS_ENOUGH = 1_000_000  # characters
_REFUSED = (
    *("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.kill", "webbrowser."),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.chown"),
    *("os.chflags", "os.utime", "os.setxattr", "os.removexattr"),
)
_WRITING_MODE = frozenset("wax+")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_OUT_OF_MEMORY = answer_frame(Failure("", out_of_memory=True))  # made while there is memory to make it with


def main(connection: int, parent: int) -> None:
    """Answer requests from the socket ``connection`` (a file descriptor) while the process ``parent`` lives."""
    os.set_inheritable(connection, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both processes; the other one decides
    _end_with(parent)
    for what in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (0, 0))
    sys.addaudithook(_refuse)
    mapped = _mapped_bytes() + _RESERVED_BYTES
    os.write(connection, READY)
    with os.fdopen(connection, "rb") as requests:
        while prefix := requests.read(PREFIX.size):
            header, payload = PREFIX.unpack(prefix)
            _serve(read_request(requests.read(header), requests.read(payload)), connection, mapped)


def _serve(request: Request, connection: int, mapped: int) -> None:
    _lower(resource.RLIMIT_AS, mapped + request.limits.memory_bytes)
    signal.setitimer(signal.ITIMER_REAL, request.limits.seconds + _GRACE_SECONDS)
    remaining = memoryview(_answer(request))
    while remaining:
        remaining = remaining[os.write(connection, remaining) :]
    signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(request: Request) -> bytes:
    try:
        with _READING:
            loaded: Loaded = import_module(request.loader).load(request.data, request.limits)
        if len(loaded.text) > max(_MOST_TIMES_ITS_SIZE * len(request.data), _ALWAYS_ENOUGH):
            raise UnreadableFile(f"its text is more than {_MOST_TIMES_ITS_SIZE} times as long as the file itself")
        return answer_frame(replace(loaded, metadata=with_short_lines(loaded.metadata)))
    except Exception as error:  # a fault of a loader costs the file, not the run
        return _OUT_OF_MEMORY if _is_for_memory(error) else answer_frame(Failure(_reason(error)))


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    said = str(error) if isinstance(error, UnreadableFile) else f"its reader failed ({type(error).__name__}: {error})"
    return one_line(said)[:_LONGEST_REASON]


def _is_for_memory(error: BaseException | None) -> bool:
    """Whether memory ran out, also where a library made another error of it."""
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _end_with(parent: int) -> None:
    """Ask the kernel, where it can, to end this process with its parent, however busy it is."""
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            set_parent_death_signal = 1
            ctypes.CDLL(None).prctl(set_parent_death_signal, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before the kernel was asked
        sys.exit()


def _lower(what: int, limit: int) -> None:
    """Set a soft limit, so that the next request may set another. Some systems have no such limit, or refuse it."""
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _mapped_bytes() -> int:
    """Address space that Python itself takes; 0 where the system does not tell."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
        return pages * resource.getpagesize()
    return 0


class _Reading:
    """Entered while a file is read: its limits are then no longer to be changed."""

    def __init__(self) -> None:
        self.is_going_on = False

    def __enter__(self) -> None:
        self.is_going_on = True

    def __exit__(self, *_: object) -> None:
        self.is_going_on = False


_READING = _Reading()


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        _, mode, flags = arguments
        if _WRITING_MODE.intersection(mode or "") or (isinstance(flags, int) and flags & _WRITING):
            raise PermissionError("reading a file may not write another")
    elif event.startswith(_REFUSED) or (_READING.is_going_on and event in ("resource.setrlimit", "resource.prlimit")):
        raise PermissionError(f"reading a file may not use {event}")
