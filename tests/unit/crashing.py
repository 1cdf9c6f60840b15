"""A process that syncs libraries in children which die on the way; see test_crash.py.

Reads lines ``home<TAB>event 12`` (the child kills itself before its 12th file operation) or ``home<TAB>after 0.02``
(it is killed after so many seconds), and answers each with how the child ended and how many file operations it began.
Everything is imported once; a child is a fork.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from library import Library

WATCHED = ("open", "os.", "shutil.", "sqlite3.")
UNWATCHED = ("os.kill", "os.fork")


def _sync(home: Path, kind: str, limit: float, pipe: int) -> None:
    begun = 0

    def count(event: str, _arguments: tuple[Any, ...]) -> None:
        nonlocal begun
        if event.startswith(WATCHED) and event not in UNWATCHED:
            begun += 1
            os.write(pipe, b".")
            if kind == "event" and begun >= limit:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    Library(home).sync()


def _attempt(home: Path, kind: str, limit: float) -> tuple[str, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _sync(home, kind, limit, writing)
        except BaseException as error:  # a child must not return into the code of its parent
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    os.close(writing)
    if kind == "after":
        time.sleep(limit)
        os.kill(child, signal.SIGKILL)
    begun = 0
    while chunk := os.read(reading, 4096):
        begun += len(chunk)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    ended = "killed" if os.WIFSIGNALED(status) else {0: "done", 1: "failed"}[os.WEXITSTATUS(status)]
    return ended, begun


if __name__ == "__main__":
    for line in sys.stdin:
        folder, _, how = line.rstrip("\n").partition("\t")
        kind, _, limit = how.partition(" ")
        print(*_attempt(Path(folder), kind, float(limit)), flush=True)
