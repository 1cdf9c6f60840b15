"""Files into the corpus and out of it: whole, under their names, never over others, never outside."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.additions import REMOVED, add_files, remove_documents
from natoqa.corpus import Corpus
from natoqa.errors import FileRefused
from natoqa.limits import Limits


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    (tmp_path / "corpus").mkdir()
    return Corpus(tmp_path / "corpus", Limits(file_bytes=1000))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "a.txt").write_text("The text of a.")
    (folder / "b.md").write_text("The text of b.")
    return folder


def _contents(folder: Path) -> dict[str, bytes | str]:
    """Everything below a folder, what is hidden and links included."""
    return {
        path.relative_to(folder).as_posix(): f"-> {path.readlink()}" if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def _refused(corpus: Corpus, *arguments: object, match: str, replace: bool = False) -> None:
    before = _contents(corpus.root.parent)
    with pytest.raises(FileRefused, match=match):
        add_files(corpus, *arguments, replace=replace)  # type: ignore[arg-type]
    assert _contents(corpus.root.parent) == before


def test_files_keep_their_names_and_contents(corpus: Corpus, outside: Path) -> None:
    added = add_files(corpus, [outside / "b.md", outside / "a.txt"])
    assert (added.added, added.replaced, added.there, added.left_out) == (("a.txt", "b.md"), (), (), ())
    assert _contents(corpus.root) == {"a.txt": b"The text of a.", "b.md": b"The text of b."}


def test_a_folder_inside_the_corpus_is_made_as_needed(corpus: Corpus, outside: Path) -> None:
    for into in ("reports/2024", "reports/2024/", "./reports//2024"):
        add_files(corpus, [outside / "a.txt"], into)
        assert set(_contents(corpus.root)) == {"reports/2024/a.txt"}


def test_a_whole_folder_is_added_under_its_name_and_what_is_not_read_is_named(corpus: Corpus, outside: Path) -> None:
    (outside / "deep").mkdir()
    (outside / "deep/c.txt").write_text("c")
    (outside / "deep/picture.png").write_bytes(b"\x89PNG")
    (outside / ".hidden.txt").write_text("hidden")
    (outside / "large.txt").write_text("x" * 1001)
    added = add_files(corpus, [outside])
    assert added.added == ("outside/a.txt", "outside/b.md", "outside/deep/c.txt")
    assert [(Path(file).name, "does not read" in reason) for file, reason in added.left_out] == [
        ("picture.png", True),
        ("large.txt", False),
    ]
    assert set(_contents(corpus.root)) == set(added.added)


def test_the_same_content_is_there_already_and_other_content_is_refused(corpus: Corpus, outside: Path) -> None:
    add_files(corpus, [outside / "a.txt"])
    again = add_files(corpus, [outside / "a.txt", outside / "b.md"])
    assert (again.added, again.there) == (("b.md",), ("a.txt",))
    (outside / "a.txt").write_text("Another text.!")
    (outside / "new.txt").write_text("New.")
    _refused(corpus, [outside / "new.txt", outside / "a.txt"], match=r"holds another 'a\.txt'; .* --replace$")


def test_replacing_must_be_asked_for_and_is_seen_though_size_and_time_are_the_same(
    corpus: Corpus, outside: Path
) -> None:
    add_files(corpus, [outside / "a.txt"])
    (outside / "a.txt").write_text("The text of A.")
    there = (corpus.root / "a.txt").stat()
    os.utime(outside / "a.txt", ns=(there.st_mtime_ns, there.st_mtime_ns))
    replaced = add_files(corpus, [outside / "a.txt"], replace=True)
    assert (replaced.added, replaced.replaced) == ((), ("a.txt",))
    assert _contents(corpus.root) == {"a.txt": b"The text of A."}
    assert (corpus.root / "a.txt").stat().st_mtime_ns != there.st_mtime_ns


def test_two_files_of_one_name_are_refused_unless_they_are_the_same(corpus: Corpus, outside: Path) -> None:
    (outside / "other").mkdir()
    shutil.copy(outside / "a.txt", outside / "other/a.txt")
    assert add_files(corpus, [outside / "a.txt", outside / "other/a.txt"], "same").added == ("same/a.txt",)
    (outside / "other/a.txt").write_text("Another.")
    _refused(corpus, [outside / "a.txt", outside / "other/a.txt"], match=r"would both become 'a\.txt'")


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("picture.png", b"\x89PNG", r"natoqa does not read \.png"),
        ("large.txt", b"x" * 1001, r"larger than 0\.001 MB"),
        (".hidden.txt", b"x", "hidden"),
        ("README.md", b"x", "--into FOLDER"),
        ("bad\x1bname.txt", b"x", "rename it"),
        ("nothing", b"x", "without a suffix"),
    ],
)
def test_a_file_that_would_be_no_document_is_refused_before_anything_is_copied(
    corpus: Corpus, outside: Path, name: str, content: bytes, match: str
) -> None:
    (outside / name).write_bytes(content)
    _refused(corpus, [outside / "a.txt", outside / name], match=match)


def test_a_readme_may_be_a_document_in_a_folder(corpus: Corpus, outside: Path) -> None:
    (outside / "README.md").write_text("About something.")
    assert add_files(corpus, [outside / "README.md"], "project").added == ("project/README.md",)


def test_what_is_no_file_is_refused(corpus: Corpus, outside: Path) -> None:
    _refused(corpus, [outside / "missing.txt"], match="it cannot be read")
    os.mkfifo(outside / "pipe.txt")
    _refused(corpus, [outside / "pipe.txt"], match="not a regular file")
    (outside / "empty").mkdir()
    _refused(corpus, [outside / "empty"], match="holds no file")


@pytest.mark.parametrize("into", ["..", "a/../../b", "/", "/tmp", "../outside", "a\x00b", ".hidden", "a/.hidden"])
def test_a_place_outside_the_corpus_or_hidden_in_it_is_refused(corpus: Corpus, outside: Path, into: str) -> None:
    _refused(corpus, [outside / "a.txt"], into, match=r"inside the corpus|hidden")


def test_a_link_in_the_corpus_is_not_followed(corpus: Corpus, outside: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (corpus.root / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (corpus.root / "file").write_text("x")
    for into in ("link", "link/deeper", "file"):
        _refused(corpus, [outside / "a.txt"], into, match="not a folder")
    (corpus.root / "a.txt").symlink_to(tmp_path / "elsewhere/a.txt")
    _refused(corpus, [outside / "a.txt"], match="holds another")
    assert add_files(corpus, [outside / "a.txt"], replace=True).replaced == ("a.txt",)
    assert not (corpus.root / "a.txt").is_symlink()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_never_gives_way_to_a_file(corpus: Corpus, outside: Path) -> None:
    (corpus.root / "a.txt").mkdir()
    _refused(corpus, [outside / "a.txt"], match="holds another", replace=True)


def test_a_link_is_added_as_what_it_leads_to(corpus: Corpus, outside: Path) -> None:
    (outside / "link.txt").symlink_to("a.txt")
    (outside / "dead.txt").symlink_to("nowhere.txt")
    (outside / "loop.txt").symlink_to("loop.txt")
    assert add_files(corpus, [outside / "link.txt"]).added == ("link.txt",)
    assert _contents(corpus.root) == {"link.txt": b"The text of a."}
    for name in ("dead.txt", "loop.txt"):
        _refused(corpus, [outside / name], match="it cannot be read")


def test_a_file_of_the_corpus_is_recognised(corpus: Corpus, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_files(corpus, [outside / "a.txt"], "sub")
    (outside / "way").symlink_to(corpus.root, target_is_directory=True)
    monkeypatch.chdir(corpus.root)
    for source in (corpus.root / "sub/a.txt", Path("sub/a.txt"), Path("sub/../sub/a.txt"), outside / "way/sub/a.txt"):
        assert add_files(corpus, [source]).there == ("sub/a.txt",)
        assert add_files(corpus, [source], "sub").there == ("sub/a.txt",)
    _refused(corpus, [corpus.root / "sub/a.txt"], "elsewhere", match="in the corpus already")
    for folder in (corpus.root, corpus.root / "sub", corpus.root.parent):
        _refused(corpus, [folder], match="hold one another")


def test_copies_are_not_made_by_halves_when_the_disk_is_full(
    corpus: Corpus, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter([None])

    def refuse(descriptor: int) -> None:
        if next(calls, True):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    _refused(corpus, [outside / "a.txt", outside / "b.md"], "new/folder", match="No space left")
    assert list(corpus.root.iterdir()) == []


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_comes_meanwhile_is_not_overwritten(
    corpus: Corpus, outside: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def refuse(*paths: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "fsync", lambda descriptor: (corpus.root / "a.txt").write_text("Of another."))
    if not has_links:
        monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(FileRefused, match="cannot be written"):
        add_files(corpus, [outside / "a.txt"])
    assert _contents(corpus.root) == {"a.txt": b"Of another."}


def test_a_file_system_without_links_is_written_as_well(
    corpus: Corpus, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    add_files(corpus, [outside / "a.txt"])
    assert _contents(corpus.root) == {"a.txt": b"The text of a."}


def test_an_addition_that_is_killed_leaves_nothing_to_be_seen_and_no_half_of_a_file(
    corpus: Corpus, outside: Path
) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from natoqa.additions import add_files\nfrom natoqa.corpus import Corpus\n"
        "left = int(sys.argv[1])\n"
        "def count(event, _):\n"
        "    global left\n"
        "    if event.startswith(('open', 'os.')) and event != 'os.kill':\n"
        "        left -= 1\n"
        "        if left == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(count)\n"
        "add_files(Corpus(Path(sys.argv[2])), [Path(sys.argv[3])], 'sub')\n"
    )
    ended = []
    for events in (2, 4, 6, 7, 8, 9, 100):
        command = [sys.executable, "-c", code, str(events), str(corpus.root), str(outside / "a.txt")]
        ended.append(subprocess.run(command, check=False).returncode)
        seen = {name: data for name, data in _contents(corpus.root).items() if "/." not in name}
        assert seen in ({}, {"sub/a.txt": b"The text of a."})
        (corpus.root / "sub/a.txt").unlink(missing_ok=True)
    assert ended[0] == -signal.SIGKILL
    assert ended[-1] == 0
    for path in (corpus.root / "sub").glob(".natoqa-*"):
        os.utime(path, (0, 0))
    add_files(corpus, [outside / "a.txt"], "sub")
    assert set(_contents(corpus.root)) == {"sub/a.txt"}


@given(st.text(max_size=30))
def test_no_name_of_a_folder_leads_outside(tmp_path_factory: pytest.TempPathFactory, into: str) -> None:
    home = tmp_path_factory.mktemp("any")
    (home / "corpus").mkdir()
    (home / "a.txt").write_text("x")
    with contextlib.suppress(FileRefused):
        add_files(Corpus(home / "corpus"), [home / "a.txt"], into)
    assert {path.name for path in home.iterdir()} == {"corpus", "a.txt"}


# Taking out.


@pytest.fixture
def filled(corpus: Corpus, outside: Path) -> Corpus:
    add_files(corpus, [outside / "a.txt", outside / "b.md"], "sub")
    return corpus


def test_a_removed_document_is_hidden_and_not_deleted(filled: Corpus) -> None:
    removed = remove_documents(filled, ["sub/a.txt"])
    assert removed.moved == (("sub/a.txt", str(filled.root / REMOVED / "sub/a.txt")),)
    assert _contents(filled.root) == {".removed/sub/a.txt": b"The text of a.", "sub/b.md": b"The text of b."}
    assert [file.id for file in filled.files()] == ["sub/b.md"]


def test_what_was_removed_before_is_kept_beside(filled: Corpus, outside: Path) -> None:
    for number in range(3):
        remove_documents(filled, ["sub/a.txt"])
        (outside / "a.txt").write_text(f"Text {number}.")
        add_files(filled, [outside / "a.txt"], "sub")
    assert set(_contents(filled.root / REMOVED)) == {"sub/a.txt", "sub/a (2).txt", "sub/a (3).txt"}


def test_what_was_removed_can_be_added_again(filled: Corpus) -> None:
    ((_, to),) = remove_documents(filled, ["sub/a.txt"]).moved
    assert add_files(filled, [Path(to)], "sub").added == ("sub/a.txt",)


def test_a_document_may_be_named_by_its_path(filled: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(filled.root.parent)
    assert remove_documents(filled, ["corpus/sub/a.txt", "sub/b.md", "sub/b.md"]).moved == (
        ("sub/a.txt", str(filled.root / ".removed/sub/a.txt")),
        ("sub/b.md", str(filled.root / ".removed/sub/b.md")),
    )


def test_an_unknown_document_is_refused_with_those_that_are_near(filled: Corpus) -> None:
    before = _contents(filled.root)
    with pytest.raises(FileRefused, match=r"'sub/a\.text'; did you mean sub/a\.txt\?; see: natoqa status$"):
        remove_documents(filled, ["sub/b.md", "sub/a.text"])
    for name in ("zzz", "", ".", "sub", "..", "../outside/a.txt", "/etc/passwd", ".removed", "x\x00y"):
        with pytest.raises(FileRefused, match=r"there is no document '.*'.*; see: natoqa status$"):
            remove_documents(filled, [name])
    assert _contents(filled.root) == before


def test_a_document_whose_file_is_gone_needs_only_a_sync(filled: Corpus) -> None:
    removed = remove_documents(filled, ["sub/a.txt", "lost.txt"], indexed=["lost.txt", "sub/a.txt"])
    assert removed.gone == ("lost.txt",)
    assert [identity for identity, _ in removed.moved] == ["sub/a.txt"]


def test_nothing_is_moved_through_a_link(filled: Corpus, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (filled.root / REMOVED).symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(FileRefused, match="leads elsewhere"):
        remove_documents(filled, ["sub/a.txt"])
    assert (filled.root / "sub/a.txt").exists()
    (filled.root / REMOVED).unlink()
    (filled.root / REMOVED).mkdir()
    (filled.root / REMOVED / "sub").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(FileRefused, match="leads elsewhere"):
        remove_documents(filled, ["sub/a.txt"])
    assert list((tmp_path / "elsewhere").iterdir()) == []
