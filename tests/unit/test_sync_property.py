"""The property worth most: from any earlier state, a sync ends where a build from nothing ends."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pdfs
import pytest
from crashing import Crasher
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from library import Library

from natoqa import surveying
from natoqa.errors import NoGeneration, NoIndex
from natoqa.restoring import rollback

QUESTION = "What did China sell to Chile?"
# Files that were touched so short a time before a sync are read again by the next one; by default it is two seconds,
# in which everything here is over.
CLOCK_TICK_NS = 10_000_000


def _docx(*paragraphs: str) -> bytes:
    document = docx.Document()
    document.add_heading("Ships", 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


# Few names and few contents, so that copies, renamings and returns happen often.
NAMES = ("a.txt", "b.txt", "c.md", "sub/a.txt", "sub/d.html", "e.docx", "f.csv", "g.pdf", "h.png")
CONTENTS = (
    b"China sold jets to Bolivia.\n\nNATO met in Chicago. Chile was not there.\n",
    b"China sold jets to Bolivia.\n\nNATO met in Lisbon.. Chile was not there.\n",  # as long as the one above
    b"# A Title\n\nChina sold trucks.\n\n## A Heading\n\n- one item\n- another item\n",
    b"---\ntitle: Front\nauthor: A. Writer\n---\nChile can afford equipment.\n",
    b"---\ntitle: [broken\n---\nChile can afford equipment.\n",
    b"The text is long. " * 40 + b"Chile comes last.",
    b"<html><head><title>Ships</title></head><body><h1>Ships</h1><p>China sold ships to Chile.</p></body></html>",
    b"Country,Sold\nChina,jets\nChile,copper\n",
    _docx("China sold a ship to Chile.", "Peru paid for it."),
    pdfs.make(
        pdfs.wrapped(72, 72, "China sold jets to Chile. Peru paid for them."),
        pdfs.wrapped(72, 72, "Nobody sold ships."),
    ),
    "Perú y el español: señal, acción, nación, año, mañana, también.".encode("latin-1"),
    b"",
    bytes(range(256)),
)
OPERATIONS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(CONTENTS)),
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(CONTENTS)),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("touch"), st.sampled_from(NAMES), st.integers(0, 2_000_000_000)),
    st.tuples(st.just("edit unseen"), st.sampled_from(NAMES), st.integers(0, 255)),
    st.tuples(st.just("title"), st.sampled_from(NAMES), st.sampled_from(["", "One", "Other"])),
    st.tuples(st.just("sync"), st.none(), st.none()),
    st.tuples(st.just("sync"), st.none(), st.none()),
    st.tuples(st.just("wait"), st.none(), st.none()),
    st.tuples(st.just("interrupt"), st.none(), st.floats(0, 1)),
    st.tuples(st.just("kill"), st.none(), st.floats(0, 1)),
    st.tuples(st.just("roll back"), st.none(), st.none()),
)
Operation = tuple[str, Any, Any]


class Interrupted(BaseException):
    """What a signal could raise, at a moment of the test's choice."""


class Interruption:
    """Raises :class:`Interrupted` at a file operation. There is one for all tests: an audit hook stays for good."""

    def __init__(self) -> None:
        self._left: int | None = None
        sys.addaudithook(self._count)

    def __call__(self, work: Callable[[], Any], event: int) -> None:
        self._left = event
        try:
            work()
        except Interrupted:
            pass
        finally:
            self._left = None

    def _count(self, name: str, _: tuple[Any, ...]) -> None:
        if self._left is None or not name.startswith(("open", "os.", "sqlite3.")):
            return
        self._left -= 1
        if self._left <= 0:
            self._left = None
            raise Interrupted


@pytest.fixture(scope="module")
def crasher() -> Iterator[Crasher]:
    with Crasher() as crasher:
        yield crasher


@pytest.fixture(scope="module")
def interruption() -> Interruption:
    return Interruption()


class Course:
    """What a library goes through."""

    def __init__(self, library: Library, crasher: Crasher, interruption: Interruption) -> None:
        self._library = library
        self._crasher = crasher
        self._interruption = interruption

    def take(self, operation: Operation) -> None:
        what, name, argument = operation
        self._STEPS[what](self, name, argument)

    def _write(self, name: str, content: bytes) -> None:
        self._library.write(name, content)

    def _delete(self, name: str, _: None) -> None:
        (self._library.corpus / name).unlink(missing_ok=True)

    def _rename(self, name: str, to: str) -> None:
        path, target = self._library.corpus / name, self._library.corpus / to
        if path.exists():
            target.parent.mkdir(exist_ok=True)
            path.rename(target)

    def _touch(self, name: str, seconds: int) -> None:
        path = self._library.corpus / name
        if path.exists():
            os.utime(path, (seconds, seconds))

    def _edit_unseen(self, name: str, byte: int) -> None:
        """Another letter in place, and the time stamp as it was: only the time of the entry tells."""
        path = self._library.corpus / name
        if not path.exists() or not (data := path.read_bytes()):
            return
        seen = path.stat()
        place = byte % len(data)
        with path.open("r+b") as file:
            file.seek(place)
            file.write(b"x" if data[place : place + 1] != b"x" else b"y")
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))

    def _title(self, name: str, title: str) -> None:
        self._library.write("metadata.toml", f'["{name}"]\ntitle = "{title}"\n')

    def _sync(self, *_: object) -> None:
        self._library.sync()

    def _wait(self, *_: object) -> None:
        """Until what is there may be taken for untouched."""
        time.sleep(1.5 * CLOCK_TICK_NS / 1e9)

    def _interrupt(self, _: None, share: float) -> None:
        self._interruption(self._library.sync, 1 + int(share * 200))

    def _kill(self, _: None, share: float) -> None:
        ending = self._crasher.run(self._library, event=1 + int(share * 250))
        event(f"a sync was {ending.how}")

    def _roll_back(self, *_: object) -> None:
        try:
            rollback(self._library.index)
        except (NoIndex, NoGeneration):
            return
        event("rolled back")

    _STEPS: Mapping[str, Callable[..., None]] = {
        "write": _write,
        "delete": _delete,
        "rename": _rename,
        "touch": _touch,
        "edit unseen": _edit_unseen,
        "title": _title,
        "sync": _sync,
        "wait": _wait,
        "interrupt": _interrupt,
        "kill": _kill,
        "roll back": _roll_back,
    }


def _check(operations: list[Operation], crasher: Crasher, interruption: Interruption) -> None:
    # What a power cut could undo is another test's matter; here the disk need not be waited for.
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        patch.setattr(surveying, "_CLOCK_TICK_NS", CLOCK_TICK_NS)
        library = Library(Path(home) / "library")
        course = Course(library, crasher, interruption)
        for operation in operations:
            course.take(operation)
        last = library.sync()
        rebuilt = library.rebuilt()
        assert library.contents() == rebuilt.contents()
        assert library.found(QUESTION) == rebuilt.found(QUESTION)
        again = library.sync()
        assert not again.written
        assert (again.notices, again.unreadable) == (last.notices, last.unreadable)
        assert not list(library.index.rglob("unfinished-*"))
        assert not list(library.index.glob("*.next"))


@given(operations=st.lists(OPERATIONS, max_size=12))
@settings(max_examples=60)
@example([("write", "c.md", CONTENTS[2]), ("sync", None, None), ("rename", "c.md", "b.txt")])
@example(
    [("write", "a.txt", CONTENTS[0]), ("write", "b.txt", CONTENTS[0]), ("sync", None, None), ("delete", "a.txt", None)]
)
@example([("write", "a.txt", CONTENTS[0]), ("wait", None, None), ("sync", None, None), ("edit unseen", "a.txt", 7)])
@example(
    [
        *[("write", "a.txt", CONTENTS[0]), ("sync", None, None), ("write", "a.txt", CONTENTS[1]), ("sync", None, None)],
        *[("roll back", None, None), ("interrupt", None, 0.5)],
    ]
)
def test_a_sync_from_any_earlier_state_equals_a_build_from_nothing(
    crasher: Crasher, interruption: Interruption, operations: list[Operation]
) -> None:
    _check(operations, crasher, interruption)


@pytest.mark.slow
@given(operations=st.lists(OPERATIONS, max_size=25))
@settings(max_examples=400, derandomize=False, print_blob=True)
def test_a_sync_from_any_earlier_state_equals_a_build_from_nothing_at_length(
    crasher: Crasher, interruption: Interruption, operations: list[Operation]
) -> None:
    _check(operations, crasher, interruption)
