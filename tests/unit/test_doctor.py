"""The doctor names every damage with the command that mends it, breaks at none, and writes nothing."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from natoqa import doctor
from natoqa.backends.bm25s_lexical import Bm25Index
from natoqa.checksums import checksums
from natoqa.doctor import FINDINGS_A_CHECK, examine
from natoqa.errors import IndexDamaged, NoIndex
from natoqa.examination import Examination, Folders
from natoqa.generations import MANIFEST, Manifest
from natoqa.locking import writing
from natoqa.restoring import rollback
from natoqa.store import Generation
from natoqa.verification import inspect, verify

REBUILD = "natoqa index --rebuild"


@pytest.fixture
def filled(library: Any) -> Any:
    library.write("china.txt", "China sold jets to Bolivia in the past decade.\n\nVenezuela paid for a satellite.\n")
    library.write("nato.md", "# NATO\n\nNATO wisely evolved its mechanisms for consensus building.\n")
    library.sync()
    return library


def _examine(library: Any) -> Examination:
    before = _bytes_of(library.home)
    examination = examine(library.indexer())
    assert _bytes_of(library.home) == before  # the doctor never writes
    return examination


def _bytes_of(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and not path.is_symlink()}


def _found(examination: Examination) -> list[tuple[str, str, str]]:
    return [(check.check, item.where, item.mend) for check in examination.checks for item in check.findings]


def _states(examination: Examination) -> dict[str, str]:
    return {check.check: check.state.value for check in examination.checks}


def _reseal(library: Any, **fields: Any) -> None:
    """Make the manifest agree with the files as they are now, as if they had been written so."""
    manifest = Manifest.read(library.live)
    sealed = dataclasses.replace(manifest, files=checksums(library.live, but=MANIFEST), **fields)
    (library.live / MANIFEST).write_text(sealed.to_json(), "utf-8")


def _execute(library: Any, *statements: str) -> None:
    database = sqlite3.connect(library.live / "documents.sqlite")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()
    _reseal(library)


def test_a_whole_index_is_healthy_in_every_check(filled: Any) -> None:
    examination = _examine(filled)
    assert set(_states(examination).values()) == {"ok"}
    assert examination.is_healthy
    assert (examination.generation, examination.index) == ("0001", filled.index)
    assert {"files", "documents", "passages", "token vectors", "vector index", "lexical index"} <= set(
        _states(examination)
    )


def test_an_empty_index_is_healthy(library: Any) -> None:
    library.sync()
    assert set(_states(_examine(library)).values()) == {"ok"}


def test_without_an_index_there_is_nothing_to_examine(library: Any) -> None:
    with pytest.raises(NoIndex, match="natoqa index"):
        examine(library.indexer())
    assert not library.index.exists()


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "deleted": lambda data: None,
    "emptied": lambda data: b"",
    "cut short": lambda data: data[: len(data) // 2],
    "made longer": lambda data: data + b"\0",
    "zeroed": lambda data: bytes(len(data)),
    "first bit flipped": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "middle bit flipped": lambda data: (
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 64]) + data[len(data) // 2 + 1 :]
    ),
    "last bit flipped": lambda data: data[:-1] + bytes([data[-1] ^ 128]),
    "noise": lambda data: np.random.default_rng(1).bytes(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damage_to_any_single_file_is_named_with_what_mends_it(filled: Any, damage: str) -> None:
    whole = filled.home / "whole"
    shutil.copytree(filled.index, whole)
    names = [path.relative_to(whole) for path in sorted(whole.rglob("*")) if path.is_file()]
    unimportant = {".lock", "seen.json"}  # a lock holds nothing, and what was seen is only a memory
    assert len(names) > 10
    for name in names:
        if name.name in unimportant:
            continue
        path = filled.index / name
        data = path.read_bytes()
        damaged = DAMAGES[damage](data)
        if damaged == data:
            continue
        path.unlink() if damaged is None else path.write_bytes(damaged)
        examination = _examine(filled)
        assert not examination.is_healthy, name
        assert name.as_posix().endswith(_found(examination)[0][1]), name
        assert all(mend.startswith("natoqa ") for *_, mend in _found(examination))
        path.write_bytes(data)
    assert examine(filled.indexer()).is_healthy


def _run(library: Any, command: str) -> None:
    """Do what a command of a finding does."""
    match command.split():
        case ["natoqa", "index", *options]:
            library.sync(rebuild="--rebuild" in options)
        case ["natoqa", "rollback", name]:
            rollback(library.index, name)
        case ["natoqa", "calibrate", "--reset"]:
            (library.index / "calibration.json").unlink()
        case _:
            pytest.fail(f"no command of natoqa: {command}")


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_command_that_is_named_mends_a_damage_to_any_single_file(filled: Any, damage: str) -> None:
    filled.write("new.txt", "New.")
    filled.sync()
    whole = filled.home / "whole"
    shutil.copytree(filled.index, whole)
    mended = 0
    for name in [path.relative_to(whole) for path in sorted(whole.rglob("*")) if path.is_file()]:
        shutil.rmtree(filled.index)
        shutil.copytree(whole, filled.index)
        path = filled.index / name
        if not (data := path.read_bytes()):
            continue
        damaged = DAMAGES[damage](data)
        path.unlink() if damaged is None else path.write_bytes(damaged)
        examination = examine(filled.indexer())
        if examination.is_healthy:  # a lock, or a memory: nothing that answers depends on it
            continue
        _run(filled, _found(examination)[0][2])
        assert _found(examine(filled.indexer())) == [], name
        assert len(filled.found("China")) == 3
        mended += 1
    assert mended > 15


def test_a_sync_beside_it_is_no_damage(filled: Any) -> None:
    filled.keep = 1
    done = threading.Event()

    def sync_again_and_again() -> None:
        for number in range(30):
            filled.write("new.txt", f"New, number {number}.")
            filled.sync()
        done.set()

    writer = threading.Thread(target=sync_again_and_again)
    writer.start()
    generations, states = set(), set()
    while not done.is_set():
        examination = examine(filled.indexer())
        generations.add(examination.generation)
        states |= {check.state.value for check in examination.checks}
    writer.join()
    assert len(generations) > 1
    assert "damage" not in states
    assert _found(_examine(filled)) == []


def test_a_generation_that_every_look_finds_removed_in_its_midst_is_no_damage(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.keep = 1
    compared = doctor.damaged_files

    def removed_after_it(folder: Path, manifest: Any) -> Any:
        found = compared(folder, manifest)
        filled.write("new.txt", f"New, beside {folder.name}.")
        filled.sync()
        assert not folder.exists()
        return found

    monkeypatch.setattr(doctor, "damaged_files", removed_after_it)
    states = _states(examine(filled.indexer()))
    assert states["live generation"] == "note"
    assert states["documents"] == "skipped"
    assert "damage" not in states.values()


def test_a_folder_that_takes_the_place_of_a_file_is_named(filled: Any) -> None:
    for name in ("CURRENT", "generations/0001/manifest.json", "generations/0001/tokens.f16"):
        path = filled.index / name
        data = path.read_bytes()
        path.unlink()
        path.mkdir()
        assert name.endswith(_found(_examine(filled))[0][1])
        path.rmdir()
        path.write_bytes(data)


def test_what_builds_on_a_damaged_file_is_skipped_and_the_rest_is_not(filled: Any) -> None:
    (filled.live / "vectors.faiss").write_bytes(b"")
    states = _states(_examine(filled))
    assert states["files"] == "damage"
    assert (states["documents"], states["token vectors"]) == ("ok", "ok")
    assert {states[name] for name in ("vector index", "lexical index", "settings")} == {"skipped"}
    (filled.live / "tokens.f16").write_bytes(b"")
    states = _states(_examine(filled))
    assert {states[name] for name in ("counts", "documents", "token vectors")} == {"skipped"}


def test_a_file_too_many_is_named(filled: Any) -> None:
    (filled.live / "extra.bin").write_bytes(b"x")
    assert _found(_examine(filled)) == [("files", "extra.bin", REBUILD)]
    assert _states(_examine(filled))["vector index"] == "ok"


@pytest.mark.parametrize(
    ("statement", "check", "what"),
    [
        ("UPDATE sentences SET start = start + 1 WHERE number = 0", "passages", "is not whole"),
        ("UPDATE sentences SET start = 0 WHERE number = 1", "passages", "is not whole"),
        ("UPDATE sentences SET kind = 'song' WHERE passage = 0", "passages", "no known kind"),
        ("UPDATE sentences SET number = 7 WHERE number = 1", "passages", "without a gap"),
        ("UPDATE passages SET start = start + 1 WHERE row = 0", "passages", "not what its sentences are"),
        ("UPDATE passages SET row = row + 5 WHERE row = 1", "passages", "stands where passage 1 should"),
        ("UPDATE passages SET document = 'nobody' WHERE row = 0", "orphans", "document that is not there"),
        ("DELETE FROM documents WHERE id = 'nato.md'", "counts", "1 documents, the manifest says 2"),
        ("DELETE FROM passages WHERE row = 1", "orphans", "passage that is not there"),
        ("DELETE FROM passages WHERE document = 'nato.md'", "passages", "the text from 0 on is in no passage"),
        ("DELETE FROM sentences WHERE passage = 1", "orphans", "it holds no sentence"),
        ("INSERT INTO pages VALUES ('nobody', 1, 0, 1, 1, 1, x'00')", "orphans", "a page of a document"),
        ("INSERT INTO pages VALUES ('china.txt', 1, 0, 1, 1, 1, x'00')", "pages", "cannot be read"),
        ("INSERT INTO pages VALUES ('china.txt', 1, 5, 2, 1, 1, x'789c030000000001')", "pages", "page 1"),
        ("INSERT INTO pages VALUES ('china.txt', 1, 0, 5, 1, 1, x'789c030000000001')", "pages", "page 1"),
        ("UPDATE documents SET text = text || 'and more'", "documents", "not the one that was indexed"),
        ("UPDATE documents SET metadata = '[]' WHERE id = 'nato.md'", "documents", "cannot be read"),
        ('UPDATE documents SET landmarks = \'[[99999, "heading", "x"]]\'', "documents", "landmarks are not in order"),
        ("UPDATE passages SET last_token = last_token + 1000", "token rows", "not all in tokens.f16"),
        ("UPDATE passages SET first_token = -1", "token rows", "not all in tokens.f16"),
        ("UPDATE sentences SET last_token = last_token + 1000", "token rows", "not its passage's"),
        ("UPDATE passages SET embedding_key = 'key'", "embedding keys", "its embedding key is none"),
        (
            "UPDATE passages SET embedding_key = (SELECT embedding_key FROM passages WHERE row = 0)",
            "embedding keys",
            "it has passage 0's embedding key and other token rows",
        ),
        ("UPDATE documents SET text = x'ff'", "documents", "cannot be read"),
        ("DROP TABLE sentences", "counts", "cannot be read"),
        ("DROP TABLE pages", "orphans", "cannot be read"),
    ],
)
def test_contents_that_do_not_hold_together_are_named_though_their_checksums_do(
    filled: Any, statement: str, check: str, what: str
) -> None:
    _execute(filled, statement)
    examination = _examine(filled)
    (named,) = [item for item in examination.checks if item.check == check]
    assert what in " ".join(finding.what for finding in named.findings)
    assert not examination.is_healthy
    with pytest.raises(IndexDamaged, match=r"; run: natoqa index --rebuild$"):
        verify(Generation.open(filled.index))


@pytest.mark.parametrize(
    ("name", "kind", "value", "check", "what"),
    [
        ("vectors.f32", np.float32, np.nan, "passage vectors", "no number"),
        ("vectors.f32", np.float32, np.inf, "passage vectors", "no number"),
        ("vectors.f32", np.float32, 2.0, "passage vectors", "its length is"),
        ("tokens.f16", np.float16, np.nan, "token vectors", "no number"),
        ("tokens.f16", np.float16, -np.inf, "token vectors", "no number"),
        ("token_ids.i32", np.int32, -1, "token vectors", "negative"),
    ],
)
def test_vectors_that_are_none_are_named_by_their_row(
    filled: Any, name: str, kind: Any, value: float, check: str, what: str
) -> None:
    path = filled.live / name
    width = 1 if kind is np.int32 else 32
    numbers = np.fromfile(path, dtype=kind).reshape(-1, width)
    numbers[-1, 0] = value
    numbers.tofile(path)
    _reseal(filled)
    found = list(inspect(Generation.open(filled.index)))
    assert [(item.where, what in item.what) for item in found] == [(f"{name}, row {len(numbers) - 1}", True)]
    assert _states(_examine(filled))[check] == "damage"


def test_an_index_of_vectors_that_does_not_find_them_is_named(filled: Any) -> None:
    from natoqa.backends.faiss_flat import FlatIndex

    vectors = np.fromfile(filled.live / "vectors.f32", dtype=np.float32).reshape(-1, 32)
    for built, what in ((-vectors, "does not find the vector of passage 0"), (vectors[:1], "holds 1 vectors for 2")):
        FlatIndex.build(built).save(filled.live)
        _reseal(filled)
        (named,) = [check for check in _examine(filled).checks if check.check == "vector index"]
        assert what in named.findings[0].what


def test_a_lexical_index_of_another_length_is_named(filled: Any) -> None:
    (filled.live / "bm25/passages.json").write_text("7")
    _reseal(filled)
    assert _found(_examine(filled)) == [("lexical index", "lexical index", REBUILD)]


def test_a_lexical_index_of_other_texts_is_named(filled: Any) -> None:
    shutil.rmtree(filled.live / "bm25")
    Bm25Index.build([["rivers", "and", "lakes"], ["mountains"]], k1=1.5, b=0.75).save(filled.live)
    _reseal(filled)
    (named,) = [check for check in _examine(filled).checks if check.check == "lexical index"]
    assert [item.what for item in named.findings] == [f"it does not find passage {row} by its words" for row in (0, 1)]


def test_many_findings_of_one_kind_are_not_all_listed(library: Any) -> None:
    for number in range(2 * FINDINGS_A_CHECK):
        library.write(f"{number}.txt", f"Text number {number}.")
    library.sync()
    _execute(library, "UPDATE passages SET embedding_key = 'key'")
    assert len(_found(_examine(library))) == FINDINGS_A_CHECK


@pytest.mark.parametrize("current", [None, b"", b"0009\n", b"../generations/0001", b"\xff", b"0001\n0002\n"])
def test_a_pointer_that_leads_nowhere_is_mended_by_going_back_to_a_whole_generation(
    filled: Any, current: bytes | None
) -> None:
    filled.write("new.txt", "New.")
    filled.sync()
    pointer = filled.index / "CURRENT"
    pointer.unlink() if current is None else pointer.write_bytes(current)
    examination = _examine(filled)
    assert _found(examination) == [("live generation", "CURRENT", "natoqa rollback 0002")]
    assert (examination.generation, examination.is_healthy) == ("", False)
    (filled.index / "generations/0002/tokens.f16").write_bytes(b"")
    assert _found(_examine(filled))[0] == ("live generation", "CURRENT", "natoqa rollback 0001")
    (filled.index / "generations/0001/tokens.f16").write_bytes(b"")
    assert _found(_examine(filled))[0] == ("live generation", "CURRENT", REBUILD)


def test_an_older_generation_that_one_cannot_go_back_to_is_named(filled: Any) -> None:
    filled.write("new.txt", "New.")
    filled.sync()
    (filled.index / "generations/0001/vectors.f32").write_bytes(b"")
    examination = _examine(filled)
    assert _found(examination) == [("older generations", "generation 0001", REBUILD)]
    assert not examination.is_healthy
    filled.sync(rebuild=True)  # which removes it
    assert _examine(filled).is_healthy


def test_documents_that_changed_since_are_a_note_and_no_damage(filled: Any) -> None:
    filled.write("new.txt", "New.")
    filled.write("china.txt", "Something else.")
    (filled.corpus / "nato.md").unlink()
    filled.write("picture.png", b"\x89PNG")
    examination = _examine(filled)
    (corpus,) = [check for check in examination.checks if check.check == "corpus"]
    assert [(item.what, item.mend) for item in corpus.findings] == [
        ("documents since: 1 added, 1 changed, 1 removed", "natoqa index"),
        ("files that are left out: 1; the command lists them", "natoqa index --dry-run"),
    ]
    assert corpus.state.value == "note"
    assert examination.is_healthy


def test_a_corpus_that_is_gone_is_a_note(filled: Any) -> None:
    shutil.rmtree(filled.corpus)
    examination = _examine(filled)
    assert [(check, where) for check, where, _ in _found(examination)] == [("corpus", "corpus")]
    assert examination.is_healthy


def test_settings_that_are_not_the_index_s_are_named(filled: Any) -> None:
    filled.passage_tokens += 1
    examination = _examine(filled)
    assert _found(examination) == [("settings", "settings", REBUILD)]
    assert "chunker" in examination.checks[-4].findings[0].what
    assert not examination.is_healthy


def test_an_index_of_another_schema_is_named(filled: Any) -> None:
    path = filled.live / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"schema": 99}))
    assert _found(_examine(filled)) == [("manifest", MANIFEST, REBUILD)]


def test_a_calibration_that_cannot_be_read_is_mended_by_itself(filled: Any) -> None:
    (filled.index / "calibration.json").write_text("{")
    assert _found(_examine(filled)) == [("calibration", "calibration.json", "natoqa calibrate --reset")]


def test_what_a_killed_run_left_is_a_note(filled: Any) -> None:
    (filled.index / "generations/unfinished-0002").mkdir()
    examination = _examine(filled)
    assert _found(examination) == [("leftovers", "unfinished-0002", "natoqa index")]
    assert examination.is_healthy


def test_a_writer_at_work_is_a_note(filled: Any) -> None:
    with writing(filled.index, "natoqa index"):
        (filled.index / "generations/unfinished-0002").mkdir()
        (found,) = examine(filled.indexer()).checks[-1].findings
    assert "natoqa index, process" in found.what


def test_commands_name_the_folders_they_are_to_work_on(filled: Any) -> None:
    filled.write("new.txt", "New.")
    (filled.index / "calibration.json").write_text("{")
    folders = Folders(Path("my index"), Path("texts"))
    assert [item.mend for check in examine(filled.indexer(), folders).checks for item in check.findings] == [
        "natoqa calibrate --reset --index 'my index'",
        "natoqa index --corpus texts --index 'my index'",
    ]


def test_progress_is_told_up_to_the_end(filled: Any) -> None:
    told: list[tuple[int, int]] = []
    examine(filled.indexer(), progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0
    assert len({total for _, total in told}) == 1
