"""A file that looks untouched is not read again, and nothing that changed is missed for it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from natoqa.corpus import Corpus, Notice
from natoqa.errors import FileUnavailable
from natoqa.planning import Plan
from natoqa.surveying import SEEN, survey

LONG_AGO = 1_000_000_000  # seconds


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read."""
    names: list[str] = []
    read = Corpus.read

    def counted(self: Corpus, path: Path) -> bytes:
        names.append(path.name)
        return read(self, path)

    monkeypatch.setattr(Corpus, "read", counted)
    return names


@pytest.fixture
def seen(library: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A library of two files that was surveyed long after they were written."""
    library.write("a.txt", "China sold jets to Bolivia.")
    library.write("b.txt", "NATO met in Chicago.")
    library.sync()
    _let_time_pass(monkeypatch)
    _survey(library).remember(library.index)
    return library


def _let_time_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 3_000_000_000)


def _survey(library: Any, **options: Any) -> Any:
    return survey(Corpus.open(library.corpus), library.index, **options)


def test_a_file_that_looks_untouched_is_not_read_again(seen: Any, reads: list[str]) -> None:
    again = _survey(seen)
    assert reads == []
    assert again.fingerprints == _survey(seen, checksum=True).fingerprints
    assert sorted(reads) == ["a.txt", "b.txt"]


def test_a_file_with_another_size_time_or_inode_is_read_again(seen: Any, reads: list[str]) -> None:
    path = seen.corpus / "a.txt"
    stat = path.stat()
    for change in (
        lambda: path.write_text("China sold jets to Bolivia and more."),
        lambda: os.utime(path, (LONG_AGO, LONG_AGO)),
        lambda: (path.rename(path.with_suffix(".old")), path.write_text("Chile sold jets to Bolivia.")),
    ):
        change()
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns)) if path.stat().st_size != stat.st_size else None
        _survey(seen)
        assert reads == ["a.txt"]
        reads.clear()


def test_an_edit_that_hides_behind_an_old_time_stamp_is_seen(seen: Any) -> None:
    path = seen.corpus / "a.txt"
    stat = path.stat()
    path.write_text("Chile sold jets to Bolivia.")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    assert seen.sync().plan == Plan(changed=("a.txt",), unchanged=("b.txt",))


def test_a_file_that_was_just_written_is_read_again(library: Any, reads: list[str]) -> None:
    library.write("a.txt", "China sold jets.")
    library.sync()
    reads.clear()
    _survey(library)
    assert reads == ["a.txt"]


@pytest.mark.parametrize("memory", ["", "[]", "{", '{"x": 1}', '{"CORPUS": {"a.txt": [1]}}', '{"CORPUS": []}'])
def test_a_damaged_memory_costs_only_time(seen: Any, reads: list[str], memory: str) -> None:
    before = _survey(seen).fingerprints
    (seen.index / SEEN).write_text(memory.replace("CORPUS", str(seen.corpus.absolute())))
    assert _survey(seen).fingerprints == before
    assert sorted(reads) == ["a.txt", "b.txt"]


def test_what_was_seen_in_another_corpus_is_not_believed(seen: Any, reads: list[str], tmp_path: Path) -> None:
    seen.corpus.rename(tmp_path / "elsewhere")
    survey(Corpus.open(tmp_path / "elsewhere"), seen.index)
    assert sorted(reads) == ["a.txt", "b.txt"]


def test_metadata_that_changes_changes_the_fingerprint_of_a_file_that_is_not_read(seen: Any, reads: list[str]) -> None:
    before = _survey(seen).fingerprints
    seen.write("metadata.toml", '["a.txt"]\ntitle = "Arms"\n')
    after = _survey(seen).fingerprints
    assert not {"a.txt", "b.txt"} & set(reads)
    assert after["a.txt"] != before["a.txt"]
    assert after["b.txt"] == before["b.txt"]


def test_what_was_seen_is_forgotten_with_the_file(seen: Any) -> None:
    (seen.corpus / "a.txt").unlink()
    seen.sync()
    (memory,) = json.loads((seen.index / SEEN).read_text()).values()
    assert list(memory) == ["b.txt"]


def test_a_document_whose_file_is_being_written_stays_as_it_was_indexed(
    seen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen.write("a.txt", "China sold nothing.")
    seen.write("c.txt", "Chile bought trucks.")
    seen.write("d.txt", "Peru bought jets.")
    read = Corpus.read

    def busy(self: Corpus, path: Path) -> bytes:
        if path.name in ("a.txt", "c.txt"):
            raise FileUnavailable("it changed while it was read")
        return read(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(Corpus, "read", busy)
        report = seen.sync()
    assert report.plan == Plan(added=("d.txt",), unchanged=("a.txt", "b.txt"))
    assert report.notices == (Notice("a.txt", "kept as it was: it changed while it was read"),)
    assert [identity for identity, _ in report.unreadable] == ["c.txt"]
    assert seen.open().ask("What did China sell?").citations[0].quote == "China sold jets to Bolivia."
    assert seen.sync().plan == Plan(added=("c.txt",), changed=("a.txt",), unchanged=("b.txt", "d.txt"))


def test_a_link_that_is_not_followed_is_refused_as_such(library: Any, tmp_path: Path) -> None:
    library.write("a.txt", "China sold jets to Bolivia.")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.txt").write_text("Nobody asked for this.")
    (library.corpus / "folder").symlink_to(outside, target_is_directory=True)
    (library.corpus / "b.txt").symlink_to(outside / "b.txt")
    refused = dict(_survey(library).refused)
    assert sorted(refused) == ["b.txt", "folder"]
    assert all("it is a link that leads out of the corpus" in reason for reason in refused.values())
    assert library.sync().documents == 1
