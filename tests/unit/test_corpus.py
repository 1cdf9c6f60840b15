"""The corpus folder: which files are documents and what is said of them."""

from __future__ import annotations

import os
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from natoqa.corpus import Corpus, CorpusFile, Notice
from natoqa.errors import CorpusError, UnreadableFile
from natoqa.limits import Limits
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
    return [file.id for file in Corpus.open(root).files()]


def test_files_are_named_by_their_path_and_sorted(root: Path) -> None:
    for name in ("b.txt", "a.md", "sub/deeper/c.txt", "sub/ä with space.txt"):
        _write(root, name)
    assert _ids(root) == ["a.md", "b.txt", "sub/deeper/c.txt", "sub/ä with space.txt"]


def test_what_speaks_about_the_corpus_is_no_document_at_the_top_and_is_one_below(root: Path) -> None:
    for name in ("README.md", "readme.txt", "metadata.toml", "sub/README.md"):
        _write(root, name, "")
    assert _ids(root) == ["sub/README.md"]


def test_hidden_files_and_folders_are_passed_over(root: Path) -> None:
    for name in (".hidden.txt", ".git/a.txt", "sub/.b.txt", ".natoqa-a.txt", "shown.txt"):
        _write(root, name)
    assert _ids(root) == ["shown.txt"]


def test_a_link_that_leads_out_or_to_a_folder_is_refused_with_the_reason_and_one_within_is_followed(root: Path) -> None:
    secret = _write(root.parent, "secret.txt")
    _write(root, "a.txt")
    (root / "out.txt").symlink_to(secret)
    (root / "up.txt").symlink_to("../secret.txt")
    (root / "folder").symlink_to(root.parent, target_is_directory=True)
    (root / "in.txt").symlink_to("a.txt")
    (root / "sub").mkdir()
    (root / "sub/around").symlink_to(root, target_is_directory=True)
    (root / "folder.txt").symlink_to(root / "sub", target_is_directory=True)
    assert _ids(root) == ["a.txt", "folder", "folder.txt", "in.txt", "out.txt", "sub/around", "up.txt"]
    corpus = Corpus.open(root)
    assert corpus.read(root / "in.txt") == b"Text."
    for name in ("out.txt", "up.txt"):
        with pytest.raises(
            UnreadableFile, match=r"^it is a link that leads out of the corpus; copy it: natoqa add PATH$"
        ):
            corpus.read(root / name)
    for name in ("folder", "sub/around"):
        with pytest.raises(UnreadableFile, match=r"^it is a link to a folder; "):
            corpus.check_kind(name)
    with pytest.raises(UnreadableFile, match=r"^it is a link to a folder; "):
        corpus.read(root / "folder.txt")


def test_a_link_that_is_not_followed_looks_like_itself_and_not_like_what_it_leads_to(root: Path) -> None:
    # Else a file moved out of the corpus, with a link in its place, would look untouched.
    (root / "out.txt").symlink_to(_write(root.parent, "secret.txt", "x" * 5_000))
    (file,) = Corpus.open(root).files()
    assert (file.size, file.inode) == ((status := (root / "out.txt").lstat()).st_size, status.st_ino)


def test_a_file_is_listed_with_its_size_and_times_and_a_link_with_those_of_what_it_leads_to(root: Path) -> None:
    path = _write(root, "a.txt", "Some text.")
    os.utime(path, ns=(1, 1_234_567_890_123_456_789))
    (root / "in.txt").symlink_to("a.txt")
    file, link = Corpus.open(root).files()
    status = path.stat()
    assert file == CorpusFile("a.txt", path, 10, 1_234_567_890_123_456_789, status.st_ctime_ns, status.st_ino)
    assert link == replace(file, id="in.txt", path=root / "in.txt")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_put_in_the_place_of_a_file_since_it_was_listed_does_not_lead_out(root: Path, what: str) -> None:
    _write(root.parent, "elsewhere/a.txt", "Secret.")
    path = _write(root, "sub/a.txt")
    corpus = Corpus.open(root)
    assert [file.path for file in corpus.files()] == [path]
    swapped = path if what == "file" else path.parent
    target = root.parent / "elsewhere" / ("a.txt" if what == "file" else "")
    swapped.rename(root.parent / "old")
    swapped.symlink_to(target)
    assert path.read_text() == "Secret."
    with pytest.raises(UnreadableFile):
        corpus.read(path)


def test_a_link_put_there_while_a_file_is_opened_does_not_lead_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = root / "a.txt"
    path.symlink_to(_write(root.parent, "secret.txt"))
    monkeypatch.setattr(Path, "is_symlink", lambda _: False)  # it was none when it was looked at
    with pytest.raises(UnreadableFile, match="symbolic links"):
        Corpus.open(root).read(path)


def test_no_path_leads_out_of_the_corpus(root: Path) -> None:
    secret = _write(root.parent, "secret.txt")
    for path in (secret, root / "../secret.txt", root / "sub/../../secret.txt"):
        with pytest.raises(UnreadableFile, match="out of the corpus"):
            Corpus.open(root).read(path)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten"])
def test_a_file_that_changes_while_it_is_read_is_left_to_the_next_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = _write(root, "a.txt", "Some text.")
    os.utime(path, ns=(1, 1))
    fstat, looks = os.fstat, []

    def looking(opened: int) -> os.stat_result:
        """The first look is at the file as it was; then it changes."""
        status = fstat(opened)
        if not looks:
            path.write_text({"grows": "Some text, and more.", "shrinks": "Some", "is rewritten": "Same long."}[change])
        looks.append(status)
        return status

    monkeypatch.setattr(os, "fstat", looking)
    with pytest.raises(UnreadableFile, match=r"^it changed while it was read; run natoqa index again$"):
        Corpus.open(root).read(path)


@pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse or change such names")
def test_names_that_look_alike_are_two_documents_and_those_that_cannot_be_written_down_are_refused(root: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "ñ.txt") for form in ("NFC", "NFD"))
    for name in (composed, decomposed):
        _write(root, name)
    assert sorted(_ids(root)) == sorted([composed, decomposed])
    for name in (b"a\nb.txt", b"a\x1b[31m.txt", b"\xff.txt"):
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).touch()
        identity = os.fsdecode(name)
        assert identity in _ids(root)
        with pytest.raises(UnreadableFile, match="rename it"):
            Corpus.open(root).check_kind(identity)


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
    assert [file.id for file in corpus.files()] in (["a.txt"], [])
    with pytest.raises(UnreadableFile):
        corpus.read(path)


def test_a_file_that_vanished_is_refused(root: Path) -> None:
    with pytest.raises(UnreadableFile):
        Corpus.open(root).read(root / "gone.txt")


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(root: Path) -> None:
    path = _write(root, "a.txt", "x" * 2_500_000)
    assert len(Corpus.open(root, Limits(file_bytes=2_500_000)).read(path)) == 2_500_000
    with pytest.raises(UnreadableFile, match=r"larger than 2\.5 MB .*max_file_mb"):
        Corpus.open(root, Limits(file_bytes=2_499_999)).read(path)


def test_a_kind_that_is_not_read_is_named_with_those_that_are(root: Path) -> None:
    corpus = Corpus.open(root)
    for identity in ("a.zip", "a.tar.gz", "A.7Z"):
        with pytest.raises(UnreadableFile, match=r"does not open archives .*; unpack it"):
            corpus.check_kind(identity)
    for identity in ("a.txt", "A.TXT", "sub.pdf/a.md"):
        corpus.check_kind(identity)
    for identity, kind in (("a.exe", r"\.exe"), ("a", "without a suffix"), ("a.txt.bak", r"\.bak")):
        with pytest.raises(UnreadableFile, match=kind) as raised:
            corpus.check_kind(identity)
        assert all(suffix in str(raised.value) for suffix in LOADERS)


def test_metadata_toml_overrides_field_by_field(root: Path) -> None:
    _write(root, "metadata.toml", '["a.md"]\ntitle = "New"\ndate = 2012-12-20\n["sub/b.txt"]\nauthor = "B"\n')
    corpus = Corpus.open(root)
    document = corpus.load("a.md", b"---\ntitle: Old\nauthor: A\n---\nText.").document
    assert (document.metadata.title, document.metadata.author, document.metadata.date) == ("New", "A", "2012-12-20")
    assert corpus.load("sub/b.txt", b"Text.").document.metadata.author == "B"
    assert corpus.load("c.txt", b"Text.").document.metadata.author == ""


def test_the_title_is_the_nearest_thing_that_has_been_said(root: Path) -> None:
    _write(root, "metadata.toml", '["named.md"]\ntitle = "Of metadata.toml"\n')
    corpus = Corpus.open(root)
    front, heading = b"---\ntitle: Of the front matter\n---\n", b"# Of the heading\n\n"
    titles = {
        corpus.load("named.md", front + heading + b"Text.").document.title: "Of metadata.toml",
        corpus.load("a.md", front + heading + b"Text.").document.title: "Of the front matter",
        corpus.load("a.md", heading + b"Text.").document.title: "Of the heading",
        corpus.load("sub/a.md", b"Text.").document.title: "a.md",
    }
    assert list(titles) == list(titles.values())
    assert corpus.load("sub/a.md", b"Text.").document.metadata.title == ""


def test_a_mislabelled_file_is_read_as_what_it_is_with_a_notice(root: Path) -> None:
    loaded = Corpus.open(root).load("a.txt", b"<!doctype html><title>T</title><p>A paragraph of text.</p>")
    assert loaded.document.text == "A paragraph of text."
    assert Notice("a.txt", "named .txt but is HTML; read as such") in loaded.notices
    with pytest.raises(UnreadableFile, match="it is a PNG image, not text"):
        Corpus.open(root).load("a.txt", b"\x89PNG\r\n\x1a\n")


def test_a_loader_works_within_the_limits_of_the_corpus(root: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"longer than 1e-05 million characters"):
        Corpus.open(root, Limits(characters=10)).load("a.txt", b"Eleven char")


@pytest.mark.parametrize(
    "toml",
    [
        "a = " + "[" * 5_000,
        "[a.txt",
        '["a.txt"]\ntitel = "x"',
        'title = "x"',
        '["a.txt"]\nsources = []',
        '["a.txt"]\ntitle = ["x"]',
    ],
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
        Corpus.open(root).files()


def test_a_table_of_metadata_toml_without_its_document_is_pointed_out(root: Path) -> None:
    _write(root, "a.txt")
    _write(root, "metadata.toml", '["a.txt"]\ntitle = "T"\n["b.txt"]\ntitle = "T"\n')
    corpus = Corpus.open(root)
    (notice,) = corpus.unmatched_metadata([file.id for file in corpus.files()])
    assert (notice.document, notice.message) == ("metadata.toml", "there is no document 'b.txt'")


def test_what_metadata_toml_says_is_cut_to_a_line_that_can_be_shown(root: Path) -> None:
    _write(root, "metadata.toml", f'["a.txt"]\ntitle = "{"word " * 1_000}"\n')
    title = Corpus.open(root).load("a.txt", b"Text.").document.title
    assert (len(title), title[-6:]) == (300, " word…")
