"""The property worth most: from any earlier state, a sync ends where a build from nothing ends."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from library import Library

QUESTION = "What did China sell to Chile?"
# Few names and few contents, so that copies, renamings and returns happen often.
NAMES = ("a.txt", "b.txt", "c.md", "sub/a.txt", "sub/d.md", "e.pdf")
CONTENTS = (
    b"China sold jets to Bolivia.\n\nNATO met in Chicago. Chile was not there.\n",
    b"China sold jets to Bolivia.\n\nNATO met in Lisbon. Chile was not there.\n",
    b"# A Title\n\nChina sold trucks.\n\n## A Heading\n\n- one item\n- another item\n",
    b"---\ntitle: Front\nauthor: A. Writer\n---\nChile can afford equipment.\n",
    b"---\ntitle: [broken\n---\nChile can afford equipment.\n",
    b"The text is long. " * 40 + b"Chile comes last.",
    "Perú y el español: señal, acción, nación, año, mañana, también.".encode("latin-1"),
    b"",
    bytes(range(256)),
)
OPERATIONS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(CONTENTS)),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("title"), st.sampled_from(NAMES), st.sampled_from(["", "One", "Other"])),
    st.tuples(st.just("sync"), st.none(), st.none()),
)


def _carry_out(library: Library, operation: str, name: Any, argument: Any) -> None:
    if operation == "sync":
        library.sync()
    elif operation == "write":
        library.write(name, argument)
    elif operation == "title":
        library.write("metadata.toml", f'["{name}"]\ntitle = "{argument}"\n')
    elif (path := library.corpus / name).exists():
        if operation == "delete":
            path.unlink()
        else:
            (library.corpus / argument).parent.mkdir(exist_ok=True)
            path.rename(library.corpus / argument)


def _check(operations: list[tuple[Any, Any, Any]]) -> None:
    # What a power cut could undo is another test's matter; here the disk need not be waited for.
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        library = Library(Path(home) / "library")
        for operation in operations:
            _carry_out(library, *operation)
        last = library.sync()
        rebuilt = library.rebuilt()
        assert library.contents() == rebuilt.contents()
        assert library.found(QUESTION) == rebuilt.found(QUESTION)
        again = library.sync()
        assert not again.written
        assert again.notices == last.notices
        assert not list(library.index.rglob("unfinished-*"))


@given(st.lists(OPERATIONS, max_size=10))
@settings(max_examples=100)
@example([("write", "c.md", CONTENTS[2]), ("sync", None, None), ("rename", "c.md", "b.txt")])
@example(
    [("write", "a.txt", CONTENTS[0]), ("write", "b.txt", CONTENTS[0]), ("sync", None, None), ("delete", "a.txt", None)]
)
def test_a_sync_from_any_earlier_state_equals_a_build_from_nothing(operations: list[tuple[Any, Any, Any]]) -> None:
    _check(operations)


@pytest.mark.slow
@given(st.lists(OPERATIONS, max_size=25))
@settings(max_examples=600, derandomize=False, print_blob=True)
def test_a_sync_from_any_earlier_state_equals_a_build_from_nothing_at_length(
    operations: list[tuple[Any, Any, Any]],
) -> None:
    _check(operations)
