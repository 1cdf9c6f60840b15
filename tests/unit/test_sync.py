"""PATH A with the fake encoder: what a sync does, and what it leaves alone."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from natoqa.corpus import Corpus, Notice
from natoqa.database import DocumentWriter
from natoqa.errors import CorpusError, IndexDamaged, NoIndex, SettingsError, UnreadableFile
from natoqa.planning import Plan
from natoqa.store import Generation
from natoqa.testing import FakeEncoder
from natoqa.types import Status
from natoqa.verification import verify

CHINA = "China sold jets to Bolivia in the past decade.\n\nVenezuela paid a company for a satellite.\n"
NATO = "# NATO\n\nNATO wisely evolved its mechanisms for consensus building.\n"


@pytest.fixture
def filled(library: Any) -> Any:
    """Two documents, indexed."""
    library.write("china.txt", CHINA)
    library.write("sub/nato.md", NATO)
    library.sync()
    library.encoder.encoded.clear()
    library.openings = 0
    return library


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_a_first_sync_indexes_everything(library: Any) -> None:
    library.write("china.txt", CHINA)
    library.write("sub/nato.md", NATO)
    report = library.sync()
    assert report.plan == Plan(added=("china.txt", "sub/nato.md"))
    assert (report.documents, report.written, report.notices) == (2, True, ())
    assert report.encoded == report.passages == len(library.encoder.encoded) == 2
    assert library.open().ask("Who sold jets to Bolivia?").citations[0].document == "china.txt"


def test_only_a_new_file_is_encoded(filled: Any) -> None:
    filled.write("chile.txt", "Chile can afford equipment.")
    report = filled.sync()
    assert report.plan == Plan(added=("chile.txt",), unchanged=("china.txt", "sub/nato.md"))
    assert filled.encoder.encoded == ["Chile can afford equipment."]
    assert report.encoded == 1
    assert report.documents == 3


def test_a_renamed_file_is_not_encoded_again_and_is_cited_by_its_new_name(filled: Any) -> None:
    (filled.corpus / "china.txt").rename(filled.corpus / "sub/prc.txt")
    report = filled.sync()
    assert report.plan.renamed == (("china.txt", "sub/prc.txt"),)
    assert filled.encoder.encoded == []
    assert filled.openings == 0
    answer = filled.open().ask("Who sold jets to Bolivia?")
    assert answer.citations[0].document == "sub/prc.txt"


def test_a_file_renamed_to_another_kind_is_read_anew(filled: Any) -> None:
    # The bytes are the same, but "# NATO" is a heading in one kind of file and a paragraph in the other.
    (filled.corpus / "sub/nato.md").rename(filled.corpus / "sub/nato.txt")
    filled.sync()
    assert filled.contents() == filled.rebuilt().contents()


def test_an_unchanged_corpus_writes_nothing_and_loads_no_model(filled: Any) -> None:
    before = _state(filled.index)
    report = filled.sync()
    assert not report.written
    assert report.plan.is_empty
    assert (report.documents, report.encoded) == (2, 0)
    assert filled.openings == 0
    assert _state(filled.index) == before


def test_touching_a_file_changes_nothing(filled: Any) -> None:
    os.utime(filled.corpus / "china.txt", (0, 0))
    assert not filled.sync().written


def test_equal_documents_are_encoded_once_and_both_can_be_cited(library: Any) -> None:
    library.write("one.txt", CHINA)
    library.write("two.txt", CHINA)
    report = library.sync()
    assert (report.documents, report.passages, report.encoded) == (2, 2, 1)
    assistant = library.open()
    for name in ("one.txt", "two.txt"):
        answer = assistant.ask("Who sold jets to Bolivia?", [name])
        assert {citation.document for citation in answer.citations} == {name}
    # One of them goes: the other stays.
    (library.corpus / "one.txt").unlink()
    library.sync()
    assert {hit.passage.document for hit in library.open().search("jets")} == {"two.txt"}


def test_an_edit_encodes_the_changed_passages_alone(library: Any) -> None:
    paragraphs = [f"Paragraph number {n} speaks of matter {n}. " + "It goes on and on. " * 5 for n in range(6)]
    library.write("a.txt", "\n\n".join(paragraphs))
    assert library.sync().encoded == 6
    library.encoder.encoded.clear()
    paragraphs[3] = paragraphs[3].replace("matter 3", "Peru")
    library.write("a.txt", "\n\n".join(paragraphs))
    report = library.sync()
    assert report.plan == Plan(changed=("a.txt",))
    assert [text.split(".")[0] for text in library.encoder.encoded] == ["Paragraph number 3 speaks of Peru"]
    assert "matter 3" not in str(library.contents()["documents"])


def test_a_removed_file_is_found_no_more(filled: Any) -> None:
    (filled.corpus / "china.txt").unlink()
    report = filled.sync()
    assert report.plan == Plan(removed=("china.txt",), unchanged=("sub/nato.md",))
    assert filled.openings == 0
    assistant = filled.open()
    assert {hit.passage.document for hit in assistant.search("China sold jets")} == {"sub/nato.md"}
    with pytest.raises(KeyError):
        assistant.document("china.txt")


@pytest.mark.parametrize("emptied", [False, True])
def test_an_empty_corpus_has_an_index_in_which_nothing_is_found(library: Any, emptied: bool) -> None:
    if emptied:
        path = library.write("china.txt", CHINA)
        library.sync()
        path.unlink()
    report = library.sync()
    assert (report.documents, report.passages, report.encoded, report.written) == (0, 0, 0, True)
    answer = library.open().ask("Who sold jets to Bolivia?")
    assert answer.status is Status.NOT_FOUND
    assert answer.reason
    assert (answer.nearest, answer.hits, answer.confidence) == ((), (), 0.0)
    assert not library.sync().written


def test_new_metadata_is_shown_without_reading_the_file_anew(filled: Any) -> None:
    filled.write("metadata.toml", '["china.txt"]\nauthor = "A. Writer"\n')
    report = filled.sync()
    assert report.plan == Plan(changed=("china.txt",), unchanged=("sub/nato.md",))
    assert filled.encoder.encoded == []  # an author is not part of what is encoded
    assert filled.open().ask("Who sold jets to Bolivia?").citations[0].author == "A. Writer"


def test_a_plan_says_what_a_sync_would_do_and_writes_nothing(filled: Any) -> None:
    filled.write("new.txt", "New.")
    filled.write("image.png", b"\x89PNG")
    before = _state(filled.index)
    forecast = filled.indexer().forecast()
    plan = forecast.plan
    assert plan == Plan(added=("new.txt",), unchanged=("china.txt", "sub/nato.md"))
    assert [identity for identity, _ in forecast.unreadable] == ["image.png"]
    assert (forecast.bytes, forecast.passages) == (4, 1)
    assert forecast.seconds > 0
    assert _state(filled.index) == before
    assert filled.indexer().forecast(rebuild=True).plan.added == ("china.txt", "new.txt", "sub/nato.md")
    assert filled.sync().plan == plan


def test_a_plan_for_a_new_index_does_not_make_its_folder(library: Any) -> None:
    library.write("china.txt", CHINA)
    assert library.indexer().forecast().plan.added == ("china.txt",)
    assert not library.index.exists()


def test_progress_counts_the_bytes_of_the_files_that_are_new(filled: Any) -> None:
    for number in range(3):
        filled.write(f"{number}.txt", f"Text {number}.")
    seen: list[tuple[int, int]] = []
    filled.sync(progress=lambda done, total: seen.append((done, total)))
    assert list(dict.fromkeys(seen)) == [(7, 21), (14, 21), (21, 21)]


UNREADABLE: dict[str, Callable[[Any], Any]] = {
    "empty.txt": lambda library: library.write("empty.txt", b""),
    "blank.md": lambda library: library.write("blank.md", b" \n\n"),
    "control.txt": lambda library: library.write("control.txt", b"\x01"),
    "binary.txt": lambda library: library.write("binary.txt", bytes(range(256)) * 8),
    "front.md": lambda library: library.write("front.md", b"---\ntitle: x\n---\n"),
    "lying.txt": lambda library: library.write("lying.txt", b"\xff\xfea"),
    "paper.pdf": lambda library: library.write("paper.pdf", b"%PDF-1.7"),
    "noextension": lambda library: library.write("noextension", b"Text."),
    "dangling.txt": lambda library: (library.corpus / "dangling.txt").symlink_to("nowhere.txt"),
    "endless.txt": lambda library: (library.corpus / "endless.txt").symlink_to("endless.txt"),
    "pipe.txt": lambda library: os.mkfifo(library.corpus / "pipe.txt"),
    "a\x1b[31mred.txt": lambda library: library.write("a\x1b[31mred.txt", b"Text."),
    "b\udcffd.txt": lambda library: (library.corpus / "b\udcffd.txt").write_text("Text."),
}


@pytest.mark.parametrize("name", UNREADABLE, ids=ascii)
def test_a_file_that_cannot_be_used_is_named_and_the_others_are_indexed(library: Any, name: str) -> None:
    library.write("china.txt", CHINA)
    UNREADABLE[name](library)
    for _ in range(2):
        report = library.sync()
        assert [identity for identity, reason in report.unreadable if reason] == [name]
        assert report.notices == ()
        assert report.documents == 1
    assert not report.written
    assert report.plan == Plan(unchanged=("china.txt",))
    library.contents()


def test_a_folder_that_is_called_like_a_file_is_a_folder(library: Any) -> None:
    library.write("x.txt/china.txt", CHINA)
    assert library.sync().plan.added == ("x.txt/china.txt",)


def test_a_file_too_large_is_named(library: Any) -> None:
    library.write("china.txt", CHINA)
    path = library.write("large.txt", b"")
    with path.open("wb") as file:
        file.truncate(50_000_001)  # sparse: no such file is written
    ((identity, reason),) = library.sync().unreadable
    assert identity == "large.txt"
    assert "larger than 50 MB" in reason


def test_a_file_that_becomes_unusable_leaves_the_index_and_comes_back(filled: Any) -> None:
    filled.write("china.txt", b"\x00\x01\x02\x03" * 50)
    report = filled.sync()
    assert [identity for identity, _ in report.unreadable] == ["china.txt"]
    assert report.documents == 1
    filled.write("china.txt", CHINA)
    assert filled.sync().documents == 2


def test_what_was_assumed_about_a_file_is_said_in_every_report(library: Any) -> None:
    library.write("latin.txt", "Perú y el español de América: señal, acción, nación, año, mañana.".encode("latin-1"))
    library.write("front.md", b"---\ntitle: [\n---\nText.")
    messages = {notice.document: notice.message for notice in library.sync().notices}
    assert messages["latin.txt"].startswith("not UTF-8; read as ")
    assert "front matter" in messages["front.md"]
    library.write("new.txt", "New.")
    assert {notice.document: notice.message for notice in library.sync().notices} == messages
    assert {notice.document: notice.message for notice in library.sync().notices} == messages


def test_a_renamed_file_keeps_its_notice_under_its_new_name(library: Any) -> None:
    path = library.write("front.md", b"---\ntitle: [\n---\nText.")
    (notice,) = library.sync().notices
    path.rename(library.corpus / "renamed.md")
    assert library.sync().notices == (Notice("renamed.md", notice.message),)
    assert library.contents() == library.rebuilt().contents()


def test_a_file_that_was_never_indexed_is_not_reported_as_removed_or_renamed(library: Any) -> None:
    library.write("china.txt", CHINA)
    path = library.write("binary.txt", bytes(range(256)))
    library.sync()
    path = path.rename(library.corpus / "other.txt")
    report = library.sync()
    assert report.plan == Plan(unchanged=("china.txt",))
    assert [identity for identity, _ in report.unreadable] == ["other.txt"]
    path.unlink()
    report = library.sync()
    assert report.plan == Plan(unchanged=("china.txt",))
    assert report.unreadable == ()


@pytest.mark.parametrize("error", [UnreadableFile("it cannot be read (Input/output error)"), None])
def test_a_file_that_vanishes_while_it_is_read_is_named_and_indexed_when_it_is_back(
    library: Any, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    library.write("china.txt", CHINA)
    path = library.write("nato.md", NATO)
    read = Corpus.read
    reads: list[str] = []

    def once(self: Corpus, file: Path) -> bytes:
        """The survey reads the file; when its turn comes it is gone, or the disk fails."""
        reads.append(file.name)
        if reads.count("nato.md") == 2:
            if error:
                raise error
            path.unlink()
        return read(self, file)

    with monkeypatch.context() as patch:
        patch.setattr(Corpus, "read", once)
        report = library.sync()
    assert reads.count("nato.md") == 2
    assert [identity for identity, _ in report.unreadable] == ["nato.md"]
    assert report.plan == Plan(added=("china.txt",))
    library.write("nato.md", NATO)
    report = library.sync()
    assert report.plan == Plan(added=("nato.md",), unchanged=("china.txt",))
    assert (report.documents, report.unreadable) == (2, ())


def test_a_corpus_that_is_not_there_is_an_error_and_the_index_still_answers(filled: Any) -> None:
    filled.corpus.rename(filled.home / "elsewhere")
    with pytest.raises(CorpusError, match="no corpus folder"):
        filled.sync()
    assert filled.open().ask("Who sold jets to Bolivia?").citations


def test_passages_longer_than_the_encoder_reads_are_refused_by_name(library: Any) -> None:
    library.write("china.txt", CHINA)
    library.encoder = FakeEncoder(max_tokens=80)
    with pytest.raises(SettingsError, match=r"chunking\.passage_tokens.* 32 "):
        library.sync()
    library.passage_tokens = 32
    assert library.sync().documents == 1


def test_old_generations_are_removed_and_as_many_kept_as_asked_for(library: Any) -> None:
    for keep in (2, 1, 3):
        library.keep = keep
        for number in range(4):
            library.write("a.txt", f"Text {keep} {number}.")
            library.sync()
        names = sorted(path.name for path in (library.index / "generations").iterdir())
        assert names[-1] == library.live.name
        assert len(names) == keep


def test_generations_are_numbered_beyond_four_digits(library: Any) -> None:
    library.write("a.txt", "Text 0.")
    library.sync()
    library.live.rename(library.index / "generations/9999")
    (library.index / "CURRENT").write_text("9999\n")
    for number, name in ((1, "10000"), (2, "10001"), (3, "10002")):
        library.write("a.txt", f"Text {number}.")
        assert library.sync().generation == name
        assert "a.txt" in library.contents()["fingerprints"]
    assert sorted(path.name for path in (library.index / "generations").iterdir()) == ["10001", "10002"]


@pytest.mark.parametrize("name", ["plain", "with space", "ünïcode – 索引 🚢", "per%20cent #1?x=y"])
def test_an_index_may_stand_in_a_folder_of_any_name(make_library: Callable[[str], Any], name: str) -> None:
    library = make_library(name)
    library.write("Ä ü.txt", CHINA)
    library.sync()
    library.write("new.txt", "New.")
    library.sync()
    assert library.open().ask("Who sold jets to Bolivia?").citations[0].document == "Ä ü.txt"


def test_a_reader_keeps_answering_the_same_while_the_index_moves_on(filled: Any) -> None:
    # One reader has been used before its generation goes, one is used for the first time after.
    used, fresh = filled.open(), filled.open()
    before = used.ask("Who sold jets to Bolivia?")
    for number in range(4):
        filled.write("china.txt", f"China was quiet in year {number}.")
        filled.sync()
    assert not used.generation.folder.exists()
    for reader in (used, fresh):
        after = reader.ask("Who sold jets to Bolivia?")
        assert (after.citations, after.sentences, after.hits) == (before.citations, before.sentences, before.hits)
        verbatim = [reader.document(c.document).text[c.start : c.end] == c.quote for c in after.citations]
        assert verbatim
        assert all(verbatim)


def test_the_pointer_is_replaced_and_never_rewritten(filled: Any) -> None:
    # Whoever has it open reads the old name to the end; rewriting it would show a moment of nothing.
    with (filled.index / "CURRENT").open() as pointer:
        filled.write("new.txt", "New.")
        filled.sync()
        assert pointer.read() == "0001\n"
    assert (filled.index / "CURRENT").read_text() == "0002\n"


def test_each_sentence_owns_the_tokens_of_its_own_words(filled: Any) -> None:
    filled.write("long.txt", "One two, three; " * 60 + "end.\n\nAnother sentence.It goes on. “Quoted.” Last one")
    filled.sync()
    generation = Generation.open(filled.index)
    checked = 0
    for stored in generation.passages(range(generation.manifest.passages)):
        text = generation.document(stored.passage.document).text
        for sentence, (first, last) in zip(stored.passage.sentences, stored.sentence_tokens.tolist(), strict=True):
            words = filled.encoder.encode_question(text[sentence.start : sentence.end])
            assert generation.token_ids[first:last].tolist() == words.token_ids.tolist()
            assert generation.tokens[first:last].tobytes() == words.tokens.astype("float16").tobytes()
            checked += 1
    assert checked == generation.manifest.sentences > 5


def test_a_reader_opened_after_a_sync_sees_the_new_state(filled: Any) -> None:
    filled.write("china.txt", "Chile can afford equipment.")
    filled.sync()
    assert "equipment" in filled.open().ask("Who can afford equipment?").text


def test_opening_and_asking_write_nothing(filled: Any) -> None:
    before = _state(filled.index)
    filled.open().ask("Who sold jets to Bolivia?")
    verify(Generation.open(filled.index))
    assert _state(filled.index) == before


def test_there_is_no_index_before_the_first_sync(library: Any) -> None:
    with pytest.raises(NoIndex, match=r"run: natoqa index$"):
        library.open()


def test_the_same_corpus_gives_the_same_index_in_another_process(filled: Any) -> None:
    # Hash seeds differ between processes: nothing may depend on the order of a set.
    code = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from library import Library\n"
        "home = Path(sys.argv[1]); other = Library(home).rebuilt(); print(other.home)\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", code, str(filled.home), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    other = type(filled)(Path(done.stdout.strip()))
    assert other.contents() == filled.contents()
    names = filled.live.rglob("*")
    # Everything but the manifest, which holds the time, is the same to the byte.
    for path in sorted(path for path in names if path.is_file() and path.name != "manifest.json"):
        assert path.read_bytes() == (other.live / path.relative_to(filled.live)).read_bytes(), path.name


def test_a_generation_that_does_not_verify_never_goes_live(filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = filled.live.name
    add_passage = DocumentWriter.add_passage

    def shifted(self: DocumentWriter, passage: Any, *rest: Any) -> None:
        add_passage(self, replace(passage, sentences=passage.sentences[1:]), *rest[:-1], rest[-1][1:])

    filled.write("new.txt", "Peru bought trucks. Chile did not buy any.")
    with monkeypatch.context() as patch:
        patch.setattr(DocumentWriter, "add_passage", shifted)
        with pytest.raises(IndexDamaged):
            filled.sync()
    assert filled.live.name == before
    assert not list(filled.index.rglob("unfinished-*"))
    assert filled.sync().plan.added == ("new.txt",)


def test_a_file_that_changes_between_survey_and_reading_is_indexed_as_read_and_not_again(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Corpus.read
    reads: list[str] = []

    def edited_meanwhile(self: Corpus, path: Path) -> bytes:
        reads.append(path.name)
        if reads.count("new.txt") == 2:
            path.write_text("Peru bought tanks from a yard in Lima.")
        return read(self, path)

    filled.write("new.txt", "Peru bought trucks from a yard in Lima.")
    with monkeypatch.context() as patch:
        patch.setattr(Corpus, "read", edited_meanwhile)
        filled.sync()
    assert "tanks" in filled.open().document("new.txt").text
    assert not filled.sync().written


def test_a_file_that_was_left_out_is_tried_again_by_another_reader_or_on_demand(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.write("broken.pdf", b"%PDF-1.7 broken")
    assert filled.sync().written
    loads: list[str] = []
    load = Corpus.load

    def counted(self: Corpus, identity: str, data: bytes) -> Any:
        loads.append(identity)
        return load(self, identity, data)

    monkeypatch.setattr(Corpus, "load", counted)
    report = filled.sync()
    assert (report.written, loads) == (False, [])
    assert [identity for identity, _ in report.unreadable] == ["broken.pdf"]
    filled.sync(checksum=True)
    assert loads == ["broken.pdf"]
    monkeypatch.setattr("natoqa.foundation.__version__", "99.0")
    filled.sync()
    assert loads == ["broken.pdf"] * 2


def test_a_plan_names_a_file_that_was_left_out_as_such_whatever_becomes_of_it(filled: Any) -> None:
    path = filled.write("broken.pdf", b"%PDF-1.7 broken")
    filled.write("copy.pdf", b"%PDF-1.7 broken")
    filled.sync()
    forecast = filled.indexer().forecast()
    assert forecast.plan == Plan(unchanged=("china.txt", "sub/nato.md"))
    assert [identity for identity, _ in forecast.unreadable] == ["broken.pdf", "copy.pdf"]
    path.rename(filled.corpus / "renamed.pdf")
    forecast = filled.indexer().forecast()
    assert forecast.plan == Plan(unchanged=("china.txt", "sub/nato.md"))
    assert [identity for identity, _ in forecast.unreadable] == ["copy.pdf", "renamed.pdf"]
    (filled.corpus / "copy.pdf").unlink()
    assert [identity for identity, _ in filled.indexer().forecast().unreadable] == ["renamed.pdf"]


def test_equal_documents_are_counted_once_in_a_forecast(filled: Any) -> None:
    text = "Peru bought trucks from a yard in Lima. " * 60
    filled.write("new.txt", text)
    once = filled.indexer().forecast()
    filled.write("copy.txt", text)
    twice = filled.indexer().forecast()
    assert twice.plan.duplicates == (("new.txt", "copy.txt"),)
    assert (twice.bytes, twice.passages) == (2 * once.bytes, once.passages)


def test_the_generation_that_was_live_before_is_kept_and_a_damaged_one_is_not(filled: Any) -> None:
    filled.write("new.txt", "New things happened in Peru.")
    filled.sync()  # 0002, after 0001
    path = filled.live / "vectors.f32"
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    path.write_bytes(data)
    filled.sync(rebuild=True)  # 0003
    assert [folder.name for folder in (filled.index / "generations").iterdir()] in (["0001", "0003"], ["0003", "0001"])
    filled.write("new.txt", "Other things happened in Peru.")
    filled.sync()
    assert sorted(folder.name for folder in (filled.index / "generations").iterdir()) == ["0003", "0004"]


def test_a_file_that_the_system_refuses_stays_as_it_was_and_is_read_when_it_can_be(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.write("china.txt", "China sold nothing to anybody in that year.")
    opened = os.open

    def refused(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if path == "china.txt":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, flags, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refused)
        report = filled.sync()
    assert not report.written
    assert report.notices == (Notice("china.txt", "kept as it was: it cannot be read (Permission denied)"),)
    report = filled.sync()
    assert report.plan == Plan(changed=("china.txt",), unchanged=("sub/nato.md",))
    assert report.notices == ()


def test_a_file_that_became_too_large_for_the_settings_is_left_out_however_untouched(filled: Any) -> None:
    indexer = filled.indexer()
    settings = indexer.settings.model_copy(
        update={"corpus": indexer.settings.corpus.model_copy(update={"max_file_mb": 0.00001})}
    )
    assert [name for name, _ in replace(indexer, settings=settings).sync().unreadable] == ["china.txt", "sub/nato.md"]
