"""Who may add documents in the browser, and what the server does with requests that no page of its own would send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from library import Library
from starlette.requests import Request

from natoqa.chat import server
from natoqa.chat.uploading import Uploads
from natoqa.settings import load_settings

TEXT = "Argentina sold jets to Chile in 1982."


@pytest.fixture
def filled(library: Library) -> Library:
    library.write("a.txt", "China sold jets to Bolivia in 2008.")
    library.sync()
    return library


@pytest.fixture
def uploads(filled: Library) -> Iterator[Uploads]:
    made = Uploads(filled.open(), filled.indexer(), may_keep=True)
    yield made
    made.close()


def _call(uploads: Uploads, name: str, wanted: object, session: str | None = "me") -> Any:
    """As Gradio calls what a page asks for: with the bare request."""
    body = json.dumps({"session_hash": session} if session else []).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    function = next(
        function for function in (*uploads.functions(), *uploads.component().server_fns) if function.__name__ == name
    )
    request = Request({"type": "http", "headers": []}, receive)
    # In a thread of its own: a browser under test may have an event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(function(wanted, request))).result()


def _arrived(uploads: Uploads, text: str = TEXT, name: str = "x.bin") -> str:
    path = uploads.folder / "ab12" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def _add(uploads: Uploads, name: str = "b.txt", session: str = "me") -> Any:
    return _call(uploads, "receive_file", {"key": "1", "path": _arrived(uploads), "name": name}, session)


def test_a_file_that_arrived_is_added_and_removed_from_where_it_arrived(uploads: Uploads) -> None:
    said = _add(uploads)
    assert (said["state"], said["name"], said["chosen"]) == ("added", "b.txt", [".uploads/b.txt"])
    assert not list(uploads.folder.iterdir())
    shown = _call(uploads, "list_documents", {"words": "", "choice": None})
    assert shown["total"] == 2
    assert "only in this conversation" in shown["html"]
    assert _call(uploads, "read_document", {"document": ".uploads/b.txt"})["identity"] == "b.txt"


def test_another_session_has_none_of_it(uploads: Uploads) -> None:
    _add(uploads)
    for other in ("you", None):
        assert _call(uploads, "list_documents", {"words": "", "choice": None}, other)["total"] == 1
        assert "error" in _call(uploads, "read_document", {"document": ".uploads/b.txt"}, other)
        for name in ("adopt_document", "discard_document"):
            assert _call(uploads, name, {"document": ".uploads/b.txt"}, other)["state"] == "failed"
    assert _call(uploads, "list_documents", {"words": "", "choice": None})["total"] == 2


def test_only_what_arrived_can_be_named(uploads: Uploads, filled: Library, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Nobody may read this.")
    link = uploads.folder / "cd34" / "link.bin"
    link.parent.mkdir()
    link.symlink_to(secret)
    for path in (secret, filled.corpus / "a.txt", link, f"{uploads.folder}/ab/../../{secret}", "", uploads.folder):
        said = _call(uploads, "receive_file", {"key": "1", "path": str(path), "name": "b.txt"})
        assert (said["state"], said["message"]) == ("failed", "the file did not arrive; add it again")
    assert secret.exists()
    for wanted in (None, [], {}, {"path": 3}, "text"):
        assert _call(uploads, "receive_file", wanted)["state"] == "failed"
        assert _call(uploads, "adopt_document", wanted)["state"] == "failed"


def test_what_is_kept_is_found_under_the_name_it_had(uploads: Uploads, filled: Library) -> None:
    _add(uploads)
    said = _call(uploads, "adopt_document", {"document": ".uploads/b.txt"})
    assert (said["state"], said["chosen"]) == ("kept", ["b.txt"])
    assert (filled.corpus / "b.txt").read_text() == TEXT
    uploads._collection = filled.open()
    reader = uploads._readers.welcome("me").documents
    reader._collection = uploads._collection
    assert _call(uploads, "read_document", {"document": ".uploads/b.txt"})["identity"] == "b.txt"
    assert _call(uploads, "list_documents", {"words": "", "choice": None})["total"] == 2


def test_a_reader_who_leaves_takes_everything_along(uploads: Uploads) -> None:
    _add(uploads)
    home = uploads._readers.welcome("me").documents.corpus.root.parent
    uploads.leave(SimpleNamespace(session_hash="me"))  # type: ignore[arg-type]
    assert not home.exists()
    assert _call(uploads, "list_documents", {"words": "", "choice": None})["total"] == 1


def test_those_who_left_without_a_word_make_room(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("natoqa.chat.readers._MOST", 2)
    for session in ("one", "two", "three"):
        _add(uploads, session=session)
    assert [uploads._readers.get(session) is not None for session in ("one", "two", "three")] == [False, True, True]


def test_keeping_can_be_forbidden(filled: Library) -> None:
    uploads = Uploads(filled.open(), filled.indexer(), may_keep=False)
    _add(uploads)
    said = _call(uploads, "adopt_document", {"document": ".uploads/b.txt"})
    assert said["message"] == "this page may not change the collection; ask whoever runs it"
    assert not (filled.corpus / "b.txt").exists()
    uploads.close()


def test_the_settings_say_who_may_add_and_only_this_machine_may_keep(filled: Library) -> None:
    settings = load_settings(index={"path": filled.index}, chat={"upload_files": 3, "upload_mb": 1.5})
    assistant = filled.open()
    local = server._uploads(assistant, "127.0.0.1", None, settings)
    assert local is not None
    assert (local.limits.files, local.limits.file_bytes, local._may_keep) == (3, 1_500_000, True)
    public = server._uploads(assistant, "0.0.0.0", None, settings)
    assert public is not None
    assert not public._may_keep
    assert server._uploads(assistant, "127.0.0.1", None, load_settings(chat={"uploads": False})) is None
    assert server._uploads(SimpleNamespace(), "127.0.0.1", None, settings) is None  # type: ignore[arg-type]
