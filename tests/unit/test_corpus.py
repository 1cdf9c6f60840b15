"""The corpus folder: which files are documents and what is said of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from natoqa.corpus import Corpus
from natoqa.errors import CorpusError, UnreadableFile
from natoqa.loaders import LOADERS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


def _write(root: Path, name: str, text: str = "Text.") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def _ids(root: Path) -> list[str]:
    return [identity for identity, _ in Corpus.open(root).paths()]


def test_files_are_named_by_their_path_and_sorted(root: Path) -> None:
    for name in ("b.txt", "a.md", "sub/deeper/c.txt", "sub/ä with space.txt"):
        _write(root, name)
    assert _ids(root) == ["a.md", "b.txt", "sub/deeper/c.txt", "sub/ä with space.txt"]


def test_what_speaks_about_the_corpus_is_no_document_at_the_top_and_is_one_below(root: Path) -> None:
    for name in ("README.md", "readme.txt", "metadata.toml", "sub/README.md"):
        _write(root, name, "")
    assert _ids(root) == ["sub/README.md"]


def test_hidden_files_and_folders_are_passed_over(root: Path) -> None:
    for name in (".hidden.txt", ".git/a.txt", "sub/.b.txt", "shown.txt"):
        _write(root, name)
    assert _ids(root) == ["shown.txt"]


def test_a_link_out_of_the_corpus_is_not_followed_and_one_within_is(root: Path) -> None:
    secret = _write(root.parent, "secret.txt")
    _write(root, "a.txt")
    (root / "out.txt").symlink_to(secret)
    (root / "up.txt").symlink_to("../secret.txt")
    (root / "folder").symlink_to(root.parent, target_is_directory=True)
    (root / "in.txt").symlink_to("a.txt")
    assert _ids(root) == ["a.txt", "in.txt"]


def test_a_corpus_that_is_itself_a_link_is_followed(root: Path) -> None:
    _write(root, "a.txt")
    link = root.parent / "link"
    link.symlink_to(root, target_is_directory=True)
    assert _ids(link) == ["a.txt"]


@pytest.mark.parametrize("make", ["folder", "pipe", "dangling link", "endless link"])
def test_what_is_no_regular_file_is_refused_without_waiting(root: Path, make: str) -> None:
    path = root / "a.txt"
    if make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    elif make == "dangling link":
        path.symlink_to("nowhere.txt")
    else:
        path.symlink_to("a.txt")
    corpus = Corpus.open(root)
    assert [identity for identity, _ in corpus.paths()] in (["a.txt"], [])
    with pytest.raises(UnreadableFile):
        corpus.read(path)


def test_a_file_that_vanished_is_refused(root: Path) -> None:
    with pytest.raises(UnreadableFile):
        Corpus.open(root).read(root / "gone.txt")


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(root: Path) -> None:
    path = _write(root, "a.txt", "x" * 2_500_000)
    assert len(Corpus.open(root, 2_500_000).read(path)) == 2_500_000
    with pytest.raises(UnreadableFile, match=r"larger than 2\.5 MB .*max_file_mb"):
        Corpus.open(root, 2_499_999).read(path)


def test_a_kind_that_is_not_read_is_named_with_those_that_are(root: Path) -> None:
    corpus = Corpus.open(root)
    for identity in ("a.txt", "A.TXT", "sub.pdf/a.md"):
        corpus.check_kind(identity)
    for identity, kind in (("a.exe", r"\.exe"), ("a", "without a suffix"), ("a.txt.bak", r"\.bak")):
        with pytest.raises(UnreadableFile, match=kind) as raised:
            corpus.check_kind(identity)
        assert all(suffix in str(raised.value) for suffix in LOADERS)


def test_metadata_toml_overrides_field_by_field(root: Path) -> None:
    _write(root, "metadata.toml", '["a.md"]\ntitle = "New"\ndate = 2012-12-20\n["sub/b.txt"]\nauthor = "B"\n')
    corpus = Corpus.open(root)
    document, _ = corpus.load("a.md", b"---\ntitle: Old\nauthor: A\n---\nText.")
    assert (document.metadata.title, document.metadata.author, document.metadata.date) == ("New", "A", "2012-12-20")
    assert corpus.load("sub/b.txt", b"Text.")[0].metadata.author == "B"
    assert corpus.load("c.txt", b"Text.")[0].metadata.author == ""


@pytest.mark.parametrize(
    "toml", ["[a.txt", '["a.txt"]\ntitel = "x"', 'title = "x"', '["a.txt"]\nsources = []', '["a.txt"]\ntitle = ["x"]']
)
def test_metadata_toml_that_is_wrong_is_an_error_that_names_it(root: Path, toml: str) -> None:
    _write(root, "metadata.toml", toml)
    with pytest.raises(CorpusError, match=r"metadata\.toml"):
        Corpus.open(root).load("a.txt", b"Text.")


def test_a_fingerprint_depends_on_the_bytes_the_kind_of_file_and_what_metadata_toml_says_of_it(root: Path) -> None:
    plain = Corpus.open(root)
    fingerprint = plain.fingerprint("a.txt", b"Text.")
    assert plain.fingerprint("sub/b.TXT", b"Text.") == fingerprint
    assert plain.fingerprint("a.txt", b"Text!") != fingerprint
    # The same bytes read as Markdown are another document.
    assert plain.fingerprint("a.md", b"Text.") != fingerprint
    _write(root, "metadata.toml", '["a.txt"]\ntitle = "T"\n')
    titled = Corpus.open(root)
    assert titled.fingerprint("a.txt", b"Text.") != fingerprint
    assert titled.fingerprint("b.txt", b"Text.") == fingerprint


@pytest.mark.parametrize("make", ["nothing", "file"])
def test_a_corpus_that_is_no_folder_is_an_error_that_names_it(tmp_path: Path, make: str) -> None:
    root = tmp_path / "corpus"
    if make == "file":
        root.write_text("x")
    with pytest.raises(CorpusError, match=str(root)):
        Corpus.open(root)


def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its documents would silently leave the index.
    _write(root, "a.txt")
    locked = _write(root, "locked/b.txt").parent
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path) == str(locked):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(CorpusError, match="locked"):
        list(Corpus.open(root).paths())


def test_a_table_of_metadata_toml_without_its_document_is_pointed_out(root: Path) -> None:
    _write(root, "a.txt")
    _write(root, "metadata.toml", '["a.txt"]\ntitle = "T"\n["b.txt"]\ntitle = "T"\n')
    corpus = Corpus.open(root)
    (notice,) = corpus.unmatched_metadata([identity for identity, _ in corpus.paths()])
    assert (notice.document, notice.message) == ("metadata.toml", "there is no document 'b.txt'")
