"""An index that is damaged, foreign, locked or on a bad disk: an error that says so and how to mend it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from natoqa.checksums import checksums
from natoqa.errors import IndexDamaged, IndexLocked, IndexMismatch, IndexNotWritable, IndexUnusable, NoIndex
from natoqa.store import Generation
from natoqa.testing import FakeEncoder
from natoqa.verification import verify

QUESTION = "Who sold jets to Bolivia?"
MEND = r"; run: natoqa index --rebuild$"
FILES = (
    "manifest.json",
    "documents.sqlite",
    "vectors.f32",
    "tokens.f16",
    "token_ids.i32",
    "vectors.faiss",
    "bm25/passages.json",
    "bm25/vocab.index.json",
    "bm25/params.index.json",
    "bm25/data.csc.index.npy",
    "bm25/indices.csc.index.npy",
    "bm25/indptr.csc.index.npy",
)


@pytest.fixture
def filled(library: Any) -> Any:
    library.write("china.txt", "China sold jets to Bolivia in the past decade.\n\nVenezuela paid for a satellite.\n")
    library.write("nato.md", "# NATO\n\nNATO wisely evolved its mechanisms for consensus building.\n")
    library.sync()
    return library


def _answers(library: Any) -> tuple[str, ...]:
    assistant = library.open()
    verify(assistant.generation)
    return tuple(citation.quote for citation in assistant.ask(QUESTION).citations)


def test_the_list_of_files_below_is_complete(filled: Any) -> None:
    files = {path.relative_to(filled.live).as_posix() for path in filled.live.rglob("*") if path.is_file()}
    assert files == set(FILES)


@pytest.mark.parametrize("damage", ["removed", "emptied", "cut short", "made longer"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_whole_is_named_and_a_rebuild_mends_it(filled: Any, name: str, damage: str) -> None:
    path = filled.live / name
    data = path.read_bytes()
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes({"emptied": b"", "cut short": data[: len(data) // 2], "made longer": data + b"\0x"}[damage])
    for attempt in (filled.open, filled.sync, filled.indexer().forecast):
        with pytest.raises(IndexDamaged, match=MEND) as raised:
            attempt()
        assert name in str(raised.value)
        assert str(filled.live) in str(raised.value)
    report = filled.sync(rebuild=True)
    assert report.documents == 2
    assert filled.contents() == filled.rebuilt().contents()


@pytest.mark.parametrize("name", FILES)
def test_a_single_changed_byte_is_found_when_the_index_is_opened(filled: Any, name: str) -> None:
    # Every file of a small index is its own sample; what a sample of a large one misses, verifying finds.
    path = filled.live / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match=MEND) as raised:
        Generation.open(filled.index)
    assert f"({name})" in str(raised.value)


def test_a_file_too_many_is_found_by_verifying(filled: Any) -> None:
    (filled.live / "extra.bin").write_bytes(b"x")
    with pytest.raises(IndexDamaged, match=r"extra\.bin"):
        verify(Generation.open(filled.index))


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE sentences SET start = start + 1 WHERE number = 0", "not whole"),
        ("DELETE FROM sentences WHERE number = 0", "documents.sqlite"),
        ("DELETE FROM documents WHERE id = 'nato.md'", "documents.sqlite"),
        ("UPDATE documents SET text = text || 'and more'", "the text of"),
        ("UPDATE passages SET last_token = last_token + 1000", "tokens.f16"),
    ],
)
def test_offsets_and_counts_that_do_not_hold_are_found_even_when_the_checksums_do(
    filled: Any, edit_manifest: Callable[..., None], statement: str, complaint: str
) -> None:
    import sqlite3

    path = filled.live / "documents.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    edit_manifest(filled, files=checksums(filled.live, but="manifest.json"))
    with pytest.raises(IndexDamaged, match=complaint):
        verify(Generation.open(filled.index))


@pytest.mark.parametrize("current", [b"", b"0009\n", b"../generations/0001", b"..", b".", b"\xff", b"0001\n0002\n"])
def test_a_pointer_that_leads_nowhere_is_damage_and_a_rebuild_mends_it(filled: Any, current: bytes) -> None:
    (filled.index / "CURRENT").write_bytes(current)
    with pytest.raises(IndexDamaged, match=r"CURRENT.*" + MEND):
        filled.open()
    filled.sync(rebuild=True)
    assert _answers(filled)


@pytest.mark.parametrize("manifest", ["[]", "{}", "3", '{"schema": 2}', '{"schema": 2, "files": []}', "{"])
def test_a_manifest_that_is_none_is_damage(filled: Any, manifest: str) -> None:
    (filled.live / "manifest.json").write_text(manifest)
    with pytest.raises(IndexDamaged, match=r"manifest\.json.*" + MEND):
        filled.open()


def test_without_a_pointer_there_is_no_index_and_a_sync_makes_one(filled: Any) -> None:
    (filled.index / "CURRENT").unlink()
    with pytest.raises(NoIndex):
        filled.open()
    filled.sync()
    assert _answers(filled)


def test_an_index_of_another_schema_is_a_mismatch(filled: Any, edit_manifest: Callable[..., None]) -> None:
    edit_manifest(filled, schema=99)
    for attempt in (filled.open, filled.sync):
        with pytest.raises(IndexMismatch, match=r"schema 99.*" + MEND):
            attempt()
    filled.sync(rebuild=True)
    assert _answers(filled)


def test_an_index_of_another_encoder_is_not_built_upon(filled: Any) -> None:
    filled.write("new.txt", "New.")
    filled.encoder = FakeEncoder(name="other")
    with pytest.raises(IndexMismatch, match=r"fake:.*other:.*" + MEND):
        filled.sync()
    filled.sync(rebuild=True)
    assert Generation.open(filled.index).manifest.encoder == filled.encoder.fingerprint
    assert _answers(filled)


def test_an_index_of_another_chunker_is_not_built_upon(filled: Any) -> None:
    filled.passage_tokens += 1
    with pytest.raises(IndexMismatch, match=r"chunker.*" + MEND):
        filled.sync()
    assert filled.open().ask(QUESTION).citations  # it can be read all the same: its passages are its own
    filled.sync(rebuild=True)
    assert filled.contents() == filled.rebuilt().contents()


@pytest.mark.parametrize("field", ["model", "lexical", "vector_index"])
def test_an_index_of_another_back_end_is_not_built_upon(
    filled: Any, edit_manifest: Callable[..., None], field: str
) -> None:
    edit_manifest(filled, **{field: "another"})
    with pytest.raises(IndexMismatch, match=r"another.*" + MEND):
        filled.sync()


def test_the_old_index_answers_until_a_rebuild_is_done(filled: Any) -> None:
    before = _answers(filled)
    seen: list[tuple[str, ...]] = []
    filled.write("china.txt", "Something else entirely was written here.")
    filled.sync(rebuild=True, progress=lambda done, total: seen.append(_answers(filled)))
    assert seen == [before] * 2
    assert _answers(filled) != before


def test_a_second_writer_is_turned_away_at_once(filled: Any) -> None:
    filled.write("new.txt", "New.")
    with FileLock(filled.index / ".lock"), pytest.raises(IndexLocked, match="another process"):
        filled.sync()
    assert filled.sync().plan.added == ("new.txt",)


def test_a_writer_in_another_process_is_noticed_and_readers_are_not_disturbed(filled: Any) -> None:
    code = (
        "import sys\nfrom filelock import FileLock\n"
        "with FileLock(sys.argv[1]):\n    print('locked', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(filled.index / ".lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "locked\n"
        with pytest.raises(IndexLocked):
            filled.sync()
        assert _answers(filled)
        writer.kill()
    # A lock does not outlive the process that held it.
    filled.sync()


def test_an_encoder_that_fails_leaves_everything_as_it_was(filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before, current = _answers(filled), filled.live

    def failing(self: FakeEncoder, texts: object) -> Iterator[Any]:
        yield from ()
        raise KeyboardInterrupt

    filled.write("new.txt", "New.")
    with monkeypatch.context() as patch:
        patch.setattr(FakeEncoder, "encode_passages", failing)
        with pytest.raises(KeyboardInterrupt):
            filled.sync()
    assert (_answers(filled), filled.live) == (before, current)
    assert [path.name for path in (filled.index / "generations").iterdir()] == [current.name]
    assert filled.sync().plan.added == ("new.txt",)


def test_an_index_that_cannot_be_made_says_so(library: Any) -> None:
    library.write("a.txt", "Text.")
    library.index.write_text("a file where the folder should be")
    with pytest.raises(IndexNotWritable, match="cannot be written"):
        library.sync()


def _refuse_after(monkeypatch: pytest.MonkeyPatch, call: str, count: int) -> None:
    """The disk is full from the ``count``-th call on."""
    calls = iter(range(count))
    original = getattr(os, call)

    def refusing(*arguments: Any, **named: Any) -> Any:
        if next(calls, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(*arguments, **named)

    monkeypatch.setattr(os, call, refusing)


@pytest.mark.parametrize(("call", "count"), [("fsync", 0), ("fsync", 1), ("fsync", 14), ("rename", 0), ("replace", 0)])
def test_a_disk_that_fails_at_the_last_steps_leaves_the_old_index_answering(
    filled: Any, monkeypatch: pytest.MonkeyPatch, call: str, count: int
) -> None:
    before = _answers(filled)
    filled.write("new.txt", "New.")
    with monkeypatch.context() as patch:
        _refuse_after(patch, call, count)
        with pytest.raises(IndexNotWritable, match="No space left on device"):
            filled.sync()
        assert _answers(filled) == before
        assert "new.txt" not in filled.contents()["fingerprints"]
    filled.sync()
    assert filled.contents() == filled.rebuilt().contents()


@pytest.mark.parametrize("room", [0, 30, 100])
def test_a_file_that_may_not_grow_leaves_the_old_index_answering(filled: Any, room: int) -> None:
    # A real limit of the operating system, in a process of its own: no file beyond ``room`` kilobytes.
    before = _answers(filled)
    filled.write("new.txt", "\n\n".join(f"Paragraph {n} of many about Chile and Peru." for n in range(400)))
    code = (
        "import resource, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from library import Library\n"
        "from natoqa.errors import IndexNotWritable\n"
        "library = Library(Path(sys.argv[1]))\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room} * 1024, {room} * 1024))\n"
        "try:\n    library.sync()\nexcept IndexNotWritable as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", code, str(filled.home), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "cannot be written" in done.stdout
    assert _answers(filled) == before
    assert not list((filled.index / "generations").glob("unfinished-*"))
    filled.sync()
    assert filled.contents() == filled.rebuilt().contents()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a disk of so many kilobytes; needs to be root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted: list[Path] = []

    def mount(kilobytes: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a small disk needs root; the tests with a limit on file sizes run everywhere")
        mounted.append(folder)
        return folder

    yield mount
    for place in mounted:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("kilobytes", [220, 320])
def test_a_full_disk_leaves_the_old_index_answering(
    library: Any, small_disk: Callable[[int], Path], kilobytes: int
) -> None:
    library.write("china.txt", "China sold jets to Bolivia in the past decade.")
    library.index.symlink_to(small_disk(kilobytes))
    library.sync()
    before = _answers(library)
    path = library.write("new.txt", "\n\n".join(f"Paragraph {n} of many about Chile and Peru." for n in range(900)))
    with pytest.raises(IndexNotWritable, match=r"No space|full|space"):
        library.sync()
    assert _answers(library) == before
    path.write_text("A short text.")
    assert library.sync().documents == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_disk_that_may_not_be_written_still_answers(filled: Any) -> None:
    bind = subprocess.run(["mount", "--bind", filled.index, filled.index], capture_output=True, check=False)
    if bind.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", filled.index], check=True)
        assert _answers(filled)
        filled.write("new.txt", "New.")
        with pytest.raises(IndexNotWritable, match="Read-only"):
            filled.sync()
    finally:
        subprocess.run(["umount", "--lazy", filled.index], check=True)


def test_every_error_about_an_index_is_one_kind() -> None:
    for kind in (NoIndex, IndexMismatch, IndexDamaged, IndexLocked, IndexNotWritable):
        assert issubclass(kind, IndexUnusable)


def test_vectors_that_are_mapped_cannot_be_changed(filled: Any) -> None:
    generation = Generation.open(filled.index)
    for array in (generation.vectors, generation.tokens, generation.token_ids):
        assert len(array) > 0
        with pytest.raises(ValueError, match="read-only"):
            np.asarray(array)[0] = 0


def test_a_text_that_is_not_the_one_that_was_indexed_is_never_quoted(
    filled: Any, edit_manifest: Callable[..., None]
) -> None:
    import sqlite3

    with sqlite3.connect(filled.live / "documents.sqlite") as database:
        database.execute("UPDATE documents SET text = replace(text, 'Bolivia', 'Colombo')")
    database.close()
    edit_manifest(filled, files=checksums(filled.live, but="manifest.json"))
    assistant = filled.open()
    with pytest.raises(IndexDamaged, match=r"the text of china\.txt"):
        assistant.ask(QUESTION)


def test_an_index_that_is_switched_and_pruned_while_it_is_opened_is_opened_again(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Generation.open_folder.__func__  # type: ignore[attr-defined]
    filled.keep = 1
    folders: list[str] = []

    def late(cls: type[Generation], folder: Path) -> Generation:
        folders.append(folder.name)
        if len(folders) == 1:
            monkeypatch.undo()
            filled.write("new.txt", "Peru bought trucks from a yard in Lima.")
            filled.sync()
            assert not folder.exists()
        return opened(cls, folder)

    monkeypatch.setattr(Generation, "open_folder", classmethod(late))
    assert Generation.open(filled.index).name == "0002"
    assert folders == ["0001", "0002"]


def test_a_pointer_that_is_switched_between_two_looks_is_looked_at_again(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.keep = 1
    stale = filled.live.name
    filled.write("new.txt", "Peru bought trucks from a yard in Lima.")
    filled.sync()
    pointer = filled.index / "CURRENT"
    current = pointer.read_text()
    pointer.write_text(stale + "\n")  # what a reader saw before the switch; the folder is gone
    read = Path.read_text
    reads: list[Path] = []

    def switching(self: Path, *arguments: Any, **options: Any) -> str:
        if self == pointer:
            reads.append(self)
            if len(reads) == 3:
                pointer.write_text(current)
        return read(self, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", switching)
    assert Generation.open(filled.index).name == "0002"


def test_a_generation_that_is_closed_is_not_called_damaged(filled: Any) -> None:
    import sqlite3

    generation = Generation.open(filled.index)
    generation.close()
    with pytest.raises(sqlite3.ProgrammingError):
        generation.document_ids()
