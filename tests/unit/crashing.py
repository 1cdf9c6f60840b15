"""Work upon libraries in processes that die on the way; see test_crash.py.

:class:`Crasher` starts this file as a program, which has imported everything once and forks a child for each piece of
work. Requests and answers are lines of JSON. A child is stopped (SIGSTOP) where it is to die, so that its own children
can be listed, and then killed (SIGKILL): it never runs again in between.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from library import Library

from natoqa.additions import add_files, remove_documents
from natoqa.assistant import Assistant
from natoqa.corpus import Corpus
from natoqa.errors import NatoqaError
from natoqa.live import LiveAssistant
from natoqa.restoring import rollback

QUESTION = "What did China sell?"
_WATCHED = ("open", "os.", "shutil.", "sqlite3.")
_UNWATCHED = ("os.kill", "os.fork")
_NEVER = 1 << 30
_DONE, _FAILED, _REFUSED = 0, 1, 3
_ENDINGS = {_DONE: "done", _FAILED: "failed", _REFUSED: "refused"}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: ``done``, ``refused`` (with the error's ``message``), ``killed`` or, still there, ``held``.

    ``begun`` counts the file operations that it began; ``children`` are the processes that it had when it was killed.
    """

    how: str
    pid: int
    begun: int = 0
    children: tuple[int, ...] = ()
    message: str = ""


class Crasher:
    """Does work upon libraries in processes of their own, and kills them."""

    def __enter__(self) -> Self:
        command = [sys.executable, __file__]
        self._program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._program.communicate()

    def run(self, library: Library, work: str = "sync", *, event: int = _NEVER, after: float | None = None) -> Ending:
        """Work until its end, or die before the file operation ``event`` (from 1), or ``after`` so many seconds."""
        return self._ask(_attempt, library, work, event=event, after=after)[0]

    def hold(self, library: Library, work: str, event: int) -> Ending:
        """Stop before a file operation and stay; ``kill`` ends it."""
        return self._ask(_hold, library, work, event=event)[0]

    def kill(self, held: Ending) -> None:
        """End a process that was held."""
        self._ask(_kill, pid=held.pid)

    def race(self, library: Library, work: str = "sync", processes: int = 2) -> list[Ending]:
        """The same work by several processes that begin at once."""
        return self._ask(_race, library, work, processes=processes)

    def _ask(self, what: Callable[..., Any], library: Library | None = None, work: str = "", **fields: Any) -> Any:
        assert self._program.stdin
        assert self._program.stdout
        if library:
            fields |= {"home": str(library.home), "keep": library.keep, "work": work}
        print(json.dumps([what.__name__, fields]), file=self._program.stdin, flush=True)
        endings = [Ending(**{**item, "children": tuple(item["children"])}) for item in self._answer()]
        assert all(ending.how != "failed" for ending in endings)
        return endings

    def _answer(self) -> list[dict[str, Any]]:
        assert self._program.stdout
        answer: list[dict[str, Any]] = json.loads(self._program.stdout.readline())
        return answer


class Asker:
    """Another process that asks an index the same question, again and again, while the block runs."""

    def __init__(self, library: Library) -> None:
        self._home = library.home
        self.answers = 0
        self.generations: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        command = [sys.executable, __file__, str(self._home)]
        self._program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._program.stdout
        assert self._program.stdout.readline() == "asking\n"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        out, _ = self._program.communicate()
        if kind is None:
            assert self._program.returncode == 0, "an answer failed"
            answers, *generations = out.split()
            self.answers, self.generations = int(answers), tuple(generations)


def lives(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _sync(library: Library, _: str) -> None:
    library.sync()


def _add(library: Library, name: str) -> None:
    add_files(Corpus.open(library.corpus), [library.home / name], replace=True)


def _remove(library: Library, identity: str) -> None:
    remove_documents(Corpus.open(library.corpus), [identity], ())


def _rollback(library: Library, _: str) -> None:
    rollback(library.index)


WORK: Mapping[str, Callable[[Library, str], None]] = {
    "sync": _sync,
    "add": _add,
    "remove": _remove,
    "rollback": _rollback,
}


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    progress: int

    @classmethod
    def start(cls, home: str, keep: int, work: str, event: int = _NEVER, barrier: int | None = None) -> _Child:
        reading, writing = os.pipe()
        if (pid := os.fork()) != 0:
            os.close(writing)
            return cls(pid, reading)
        code = _FAILED
        try:
            if barrier is not None:
                os.read(barrier, 1)
            _count_operations(writing, event)
            name, _, argument = work.partition(" ")
            WORK[name](Library(Path(home), keep=keep), argument)
            code = _DONE
        except NatoqaError as error:
            os.write(writing, f"\n{error}".encode())
            code = _REFUSED
        except BaseException:  # a child must not return into the code of its parent
            traceback.print_exc()
        os._exit(code)

    def wait(self) -> Ending:
        """Until it has ended, or has stopped: then it is killed."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return self._ending(_ENDINGS[os.WEXITSTATUS(status)])
        children = _children(self.pid)
        _end(self.pid)
        return self._ending("killed", children)

    def _ending(self, how: str, children: tuple[int, ...] = ()) -> Ending:
        with os.fdopen(self.progress, "rb") as progress:
            begun, _, message = progress.read().partition(b"\n")
        return Ending(how, self.pid, len(begun), children, message.decode())


def _count_operations(progress: int, event: int) -> None:
    begun = 0

    def count(name: str, _: tuple[Any, ...]) -> None:
        nonlocal begun
        if name.startswith(_WATCHED) and name not in _UNWATCHED:
            begun += 1
            os.write(progress, b".")
            while begun >= event:
                os.kill(os.getpid(), signal.SIGSTOP)

    sys.addaudithook(count)


def _children(pid: int) -> tuple[int, ...]:
    """What a process has started; nothing where the system does not tell."""
    return tuple(int(child) for list_ in Path(f"/proc/{pid}/task").glob("*/children") for child in _words(list_))


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:  # the thread has ended
        return []


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _attempt(home: str, keep: int, work: str, event: int, after: float | None) -> list[Ending]:
    child = _Child.start(home, keep, work, event)
    if after is not None:
        time.sleep(after)
        os.kill(child.pid, signal.SIGSTOP)
    return [child.wait()]


def _hold(home: str, keep: int, work: str, event: int) -> list[Ending]:
    child = _Child.start(home, keep, work, event)
    _, status = os.waitpid(child.pid, os.WUNTRACED)
    os.close(child.progress)
    return [Ending("held" if os.WIFSTOPPED(status) else "done", child.pid)]


def _kill(pid: int) -> list[Ending]:
    _end(pid)
    return []


def _race(home: str, keep: int, work: str, processes: int) -> list[Ending]:
    barrier, start = os.pipe()
    children = [_Child.start(home, keep, work, barrier=barrier) for _ in range(processes)]
    os.write(start, b"!" * processes)
    endings = [child.wait() for child in children]
    os.close(barrier)
    os.close(start)
    return endings


def _serve() -> None:
    # What the work would import first, so that a child's file operations are those of its work.
    import langchain_text_splitters  # noqa: F401
    import sentencex  # noqa: F401

    requests: Mapping[str, Callable[..., list[Ending]]] = {
        request.__name__: request for request in (_attempt, _hold, _kill, _race)
    }
    for line in sys.stdin:
        name, fields = json.loads(line)
        print(json.dumps([asdict(ending) for ending in requests[name](**fields)]), flush=True)


def _keep_asking(library: Library) -> None:
    """One reader opens the index anew for every question, one keeps what it opened for many, one follows the index."""
    kept, live = library.open(), LiveAssistant(library.index, library.open)
    print("asking", flush=True)
    answers, generations = 0, {}
    while not select.select([sys.stdin], [], [], 0)[0]:
        if answers % 60 == 0:
            kept.generation.close()
            kept = library.open()
        fresh = library.open()
        with live.pinned() as following:
            for assistant in (fresh, kept, following):
                _ask(assistant)
                answers += 1
                generations[assistant.generation.name] = True
        fresh.generation.close()
    print(answers, *generations)


def _ask(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION)
    assert answer.citations
    for citation in answer.citations:
        assert assistant.document(citation.document).text[citation.start : citation.end] == citation.quote


if __name__ == "__main__":
    if sys.argv[1:]:
        _keep_asking(Library(Path(sys.argv[1])))
    else:
        _serve()
