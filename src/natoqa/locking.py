"""One writer at a time: a lock that dies with its process, and a note of who holds it.

index/
  .lock      locked, by the operating system, while somebody writes
  .writer    who that is: {"pid": 1234, "host": "…", "what": "natoqa index", "since": 1764079380.0}
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from natoqa.errors import IndexLocked, IndexNotWritable
from natoqa.loaders.loaded import one_line

LOCK = ".lock"
WRITER = ".writer"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Writer:
    """A process that writes an index. ``since`` is in seconds since the epoch."""

    pid: int
    host: str
    what: str
    since: float

    def __str__(self) -> str:
        began = datetime.fromtimestamp(self.since)
        today = began.date() == datetime.fromtimestamp(time.time()).date()
        return (
            f"{one_line(self.what)}, process {self.pid} on {one_line(self.host)}, "
            f"since {began:{'%H:%M' if today else '%Y-%m-%d %H:%M'}} ({_duration(time.time() - self.since)})"
        )


@contextmanager
def writing(index: Path, what: str) -> Iterator[None]:
    """Be the only writer of ``index`` while the block runs; ``what`` tells others who that is, as ``natoqa index``.

    Makes the folder if need be. Raises IndexLocked, at once, when another process writes, and IndexNotWritable when
    the folder cannot be written.
    """
    try:
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / LOCK, timeout=0)
        lock.acquire()
    except Timeout as error:
        raise _locked(index) from error
    except OSError as error:
        raise _not_writable(index, error) from error
    try:
        try:
            _sign(index, what)
        except OSError as error:
            raise _not_writable(index, error) from error
        yield
    finally:
        with suppress(OSError):
            (index / WRITER).unlink()
        lock.release()


def writer_of(index: Path) -> Writer | None:
    """Who writes ``index`` now; None if nobody does, or nobody is known."""
    writer = _signed(index)
    return writer if writer is not None and _is_locked(index) else None


def _signed(index: Path) -> Writer | None:
    """Who signed for writing ``index``, and has not died on this host."""
    try:
        # Whatever stands there, it is a note: only the lock decides.
        fields = json.loads((index / WRITER).read_text("utf-8"))
        writer = Writer(int(fields["pid"]), str(fields["host"]), str(fields["what"]), float(fields["since"]))
        datetime.fromtimestamp(writer.since)
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return writer if writer.host != socket.gethostname() or _runs(writer.pid) else None


def _is_locked(index: Path) -> bool:
    """Whether the lock is held; a process that was killed, here or on another host, leaves its note and no lock."""
    if not (index / LOCK).exists():
        return False
    lock = FileLock(index / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:  # who may not write here cannot try: the note must do
        return True
    lock.release()
    return False


def _sign(index: Path, what: str) -> None:
    writer = Writer(os.getpid(), socket.gethostname(), what, time.time())
    unfinished = index / f"{WRITER}.next"
    unfinished.write_text(json.dumps(asdict(writer), ensure_ascii=False) + "\n", "utf-8")
    unfinished.replace(index / WRITER)


def _runs(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _locked(index: Path) -> IndexLocked:
    writer = _signed(index)
    who = f": {writer}" if writer else ""
    return IndexLocked(f"another process is writing the index in {index}{who}; try again when it is done")


def _not_writable(index: Path, error: OSError) -> IndexNotWritable:
    reason = error.strerror or error
    return IndexNotWritable(f"the index in {index} cannot be written ({reason}); the old one is intact")


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{max(0, int(seconds))} s"
    if seconds < _HOUR:
        return f"{int(seconds / _MINUTE)} min"
    return f"{int(seconds / _HOUR)} h" if seconds < 2 * _DAY else f"{int(seconds / _DAY)} days"
