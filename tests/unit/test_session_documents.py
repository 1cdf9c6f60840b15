"""A reader's own documents are asked together with the collection, and leave nothing behind."""

from __future__ import annotations

import io
import random
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from library import Library
from pdfs import listed, make

from natoqa.adoption import Adopted, adopt
from natoqa.backends.bm25s_lexical import Bm25Index
from natoqa.errors import FileRefused, IndexLocked, QuestionError
from natoqa.joint import PREFIX
from natoqa.live import Conversant, LiveAssistant, pinned
from natoqa.locking import writing
from natoqa.session_documents import Addition, Outcome, SessionDocuments, SessionLimits, fit_name

MAIN = {
    "a.txt": "China sold jets to Bolivia in 2008.\n\nPeru and Chile argue about the sea.\n\nNobody sold tanks.",
    "m.txt": "The satellite cost 406 million dollars. It was built in China.\n\nChile bought jets.",
    "z.txt": "Jets, jets, jets. Bolivia bought them.\n\nThe sea is calm.",
}
OWN = {
    "b.txt": "Argentina sold jets to Chile in 1982.\n\nThe sea froze. The satellite froze too.",
    "m.txt": "Bolivia has no sea. Peru sold jets to Argentina.\n\nChina sold jets to Bolivia in 2008.",
    "zz.txt": "Nobody knows what the satellite cost.",
}
QUESTIONS = (
    "Who sold jets to Bolivia?",
    "What did the satellite cost?",
    "Who argues about the sea?",
    "Where were jets bought in 2008?",
    "Argentina",
)


@pytest.fixture
def filled(library: Library) -> Library:
    for name, text in MAIN.items():
        library.write(name, text)
    library.sync()
    return library


@pytest.fixture
def session(filled: Library) -> Iterator[SessionDocuments]:
    opened = SessionDocuments(filled.open(), filled.indexer())
    yield opened
    opened.close()


@pytest.fixture
def add(tmp_path: Path, session: SessionDocuments) -> Callable[..., Addition]:
    def added(name: str, content: str | bytes, to: SessionDocuments = session) -> Addition:
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return to.add(path, name)

    return added


def _both(make_library: Callable[[str], Library], own: dict[str, str]) -> Library:
    """An index that was built of everything; an own document has the name of its own, made unlike the others."""
    both = make_library("both")
    for name, text in MAIN.items():
        both.write(name, text)
    for name, text in own.items():
        both.write(name if name not in MAIN else f"{name[:-4]}.txt ", text)
    both.sync()
    return both


def test_an_answer_is_the_one_of_an_index_that_was_built_of_both(
    make_library: Callable[[str], Library], session: SessionDocuments, add: Callable[..., Addition]
) -> None:
    own = {name: text for name, text in OWN.items() if name not in MAIN}
    for name, text in own.items():
        add(name, text)
    both = _both(make_library, own).open()
    for question in QUESTIONS:
        joint, built = session.ask(question), both.ask(question)
        assert _plain(joint.hits) == _plain(built.hits)
        assert [(_name(item.document), item.start, item.quote) for item in joint.citations] == [
            (item.document, item.start, item.quote) for item in built.citations
        ]
        assert joint.confidence == pytest.approx(built.confidence, abs=1e-6)


@pytest.mark.parametrize("b", [0.0, 0.4, 0.75, 0.95])
def test_two_lexical_indexes_score_as_one_to_the_last_bit(b: float) -> None:
    chance = random.Random(7)
    words = [f"w{number}" for number in range(400)]

    def made(count: int, length: int) -> list[list[str]]:
        often = [1 / (number + 1) for number in range(400)]
        return [chance.choices(words, often, k=chance.randrange(length)) for _ in range(count)]

    for first, second in (
        (made(60, 90), made(7, 20)),
        (made(2, 9), made(90, 200)),
        (made(5, 5), [[]]),
        ([], made(3, 9)),
    ):
        one, other = (Bm25Index.build(part, 1.2, b) for part in (first, second))
        joint, whole = one.joined(other), Bm25Index.build(first + second, 1.2, b)
        assert len(joint) == len(whole)
        for _ in range(20):
            asked = chance.choices(words, k=4)
            assert joint.scores(asked).tolist() == whole.scores(asked).tolist()
        assert [joint.document_frequency(word) for word in words] == [whole.document_frequency(word) for word in words]


def test_rows_of_both_stand_in_the_order_of_their_names(
    make_library: Callable[[str], Library], session: SessionDocuments, add: Callable[..., Addition]
) -> None:
    own = {"0.txt": "Zero jets.", "b.txt": "One. Two jets.", "mm.txt": "Jets again.", "zz.txt": "The last jets."}
    for name in sorted(own, reverse=True):
        add(name, own[name])
    both = _both(make_library, own).open().generation
    with session.pinned() as assistant:
        joint = assistant.generation
        rows = range(both.manifest.passages)
        assert [_name(item.passage.document) for item in joint.passages(rows)] == [
            item.passage.document for item in both.passages(rows)
        ]
        assert joint.vectors[np.asarray(rows)].tolist() == np.asarray(both.vectors).tolist()
        assert dict(joint.token_frequencies) == dict(both.token_frequencies)
        for name in (*MAIN, *own):
            identity = name if name in MAIN else PREFIX + name
            assert joint.rows_of([identity]).tolist() == both.rows_of([name]).tolist()


def test_what_is_kept_is_in_the_corpus_and_the_index(
    filled: Library, session: SessionDocuments, add: Callable[..., Addition]
) -> None:
    kept = add("b.txt", OWN["b.txt"])
    assert adopt(filled.indexer(), session.path(kept.document)) == Adopted("b.txt")
    assert filled.open().document("b.txt").text == OWN["b.txt"]
    other = add("m.txt", OWN["m.txt"])
    with pytest.raises(FileRefused, match=r"another 'm\.txt'; nothing was added; rename the file and add it again$"):
        adopt(filled.indexer(), session.path(other.document))
    assert (filled.corpus / "m.txt").read_text() == MAIN["m.txt"]
    with writing(filled.index, "a test"), pytest.raises(IndexLocked, match="another process is writing"):
        adopt(filled.indexer(), session.path(other.document))
    with pytest.raises(FileRefused, match=r"README\.md was not added"):
        adopt(filled.indexer(), session.path(add("README.md", "Read me.").document))


def _plain(hits: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [
        (_name(hit.passage.document), hit.passage.start, hit.ranks, round(hit.score, 4), round(hit.parts.lexical, 6))
        for hit in hits
    ]


def _name(identity: str) -> str:
    return identity.removeprefix(PREFIX)


def test_every_citation_stands_in_the_document_it_names(
    session: SessionDocuments, add: Callable[..., Addition]
) -> None:
    for name, text in OWN.items():
        add(name, text)
    quoted = set()
    for question in QUESTIONS:
        answer = session.ask(question)
        assert not answer.rejected
        for citation in answer.citations:
            quoted.add(citation.document)
            assert session.document(citation.document).text[citation.start : citation.end] == citation.quote
    assert {identity for identity in quoted if identity.startswith(PREFIX)} == {PREFIX + name for name in OWN}


def test_it_is_what_a_chat_needs(session: SessionDocuments, add: Callable[..., Addition]) -> None:
    conversant: Conversant = session
    add("b.txt", OWN["b.txt"])
    with pinned(conversant) as assistant:
        assert list(assistant.documents()) == [".uploads/b.txt", "a.txt", "m.txt", "z.txt"]
        generation: Any = assistant.generation  # type: ignore[attr-defined]
        assert generation.passage_counts().keys() == assistant.documents().keys() == generation.fingerprints().keys()
        assert generation.manifest.documents == 4


def test_only_what_is_chosen_is_searched(session: SessionDocuments, add: Callable[..., Addition]) -> None:
    add("m.txt", OWN["m.txt"])
    for chosen in ("m.txt", ".uploads/m.txt", "a.txt"):
        assert {hit.passage.document for hit in session.search("jets", documents=[chosen])} == {chosen}
    assert {hit.passage.document for hit in session.search("jets", documents=["*m.txt"])} == {"m.txt", ".uploads/m.txt"}
    with pytest.raises(QuestionError):
        session.search("jets", documents=["b.txt"])


def test_a_document_of_the_same_name_as_one_of_the_collection_is_another(
    session: SessionDocuments, add: Callable[..., Addition]
) -> None:
    assert add("m.txt", OWN["m.txt"]) == Addition("m.txt", Outcome.ADDED, ".uploads/m.txt")
    assert session.document("m.txt").text == MAIN["m.txt"]
    assert session.document(".uploads/m.txt").text == OWN["m.txt"]


def test_the_collection_is_left_alone(filled: Library, session: SessionDocuments, add: Callable[..., Addition]) -> None:
    files = {path: path.stat().st_mtime_ns for path in filled.home.rglob("*")}
    add("b.txt", OWN["b.txt"])
    session.ask(QUESTIONS[0])
    assert {path: path.stat().st_mtime_ns for path in filled.home.rglob("*")} == files
    assert list(filled.open().documents()) == list(MAIN)


def test_sessions_know_nothing_of_one_another(
    filled: Library, session: SessionDocuments, add: Callable[..., Addition]
) -> None:
    other = SessionDocuments(filled.open(), filled.indexer())
    add("b.txt", OWN["b.txt"])
    add("zz.txt", OWN["zz.txt"], other)
    assert session.added() == (".uploads/b.txt",)
    assert other.added() == (".uploads/zz.txt",)
    with pytest.raises(KeyError):
        other.document(".uploads/b.txt")
    other.close()
    assert session.document(".uploads/b.txt").text == OWN["b.txt"]


def test_nothing_is_left_when_it_is_closed(session: SessionDocuments, add: Callable[..., Addition]) -> None:
    add("b.txt", OWN["b.txt"])
    home = session.corpus.root.parent
    assert home.is_dir()
    session.close()
    session.close()
    assert not home.exists()
    assert list(session.documents()) == list(MAIN)
    assert add("zz.txt", OWN["zz.txt"]).message == "the conversation is over"


def test_a_document_that_is_removed_is_no_longer_found(session: SessionDocuments, add: Callable[..., Addition]) -> None:
    for name, text in OWN.items():
        add(name, text)
    session.remove(".uploads/b.txt")
    assert session.added() == (".uploads/m.txt", ".uploads/zz.txt")
    assert ".uploads/b.txt" not in {hit.passage.document for hit in session.search("jets Argentina")}
    for document in session.added():
        session.remove(document)
    assert session.search("jets") == session.search("jets")
    assert list(session.documents()) == list(MAIN)
    with pytest.raises(KeyError):
        session.remove(".uploads/b.txt")
    assert add("b.txt", OWN["b.txt"]).outcome is Outcome.ADDED


def test_it_goes_on_beside_a_new_generation_of_the_collection(filled: Library, tmp_path: Path) -> None:
    live = LiveAssistant(filled.index, filled.open)
    session = SessionDocuments(live, filled.indexer())
    path = tmp_path / "b.txt"
    path.write_text(OWN["b.txt"])
    session.add(path, "b.txt")
    filled.write("aa.txt", "Uruguay sold jets to Argentina.")
    (filled.corpus / "z.txt").unlink()
    filled.sync()
    assert list(session.documents()) == [".uploads/b.txt", "a.txt", "aa.txt", "m.txt"]
    found = {hit.passage.document for hit in session.search("Who sold jets to Argentina?")}
    assert {"aa.txt", ".uploads/b.txt"} <= found
    for citation in session.ask("Who sold jets to Argentina?").citations:
        assert session.document(citation.document).text[citation.start : citation.end] == citation.quote
    session.close()


def test_the_same_file_twice_is_one_document(session: SessionDocuments, add: Callable[..., Addition]) -> None:
    add("b.txt", OWN["b.txt"])
    again = add("c.txt", OWN["b.txt"])
    assert (again.outcome, again.document) == (Outcome.THERE, ".uploads/b.txt")
    assert again.message == "it was added already, as 'b.txt'"
    known = add("copy.txt", MAIN["a.txt"])
    assert (known.outcome, known.document) == (Outcome.THERE, "a.txt")
    assert known.message == "the collection holds it already, as 'a.txt'"
    other = add("b.txt", OWN["zz.txt"])
    assert (other.name, other.document) == ("b (2).txt", ".uploads/b (2).txt")
    assert len(session.added()) == 2


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w>" + b" " * 60_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.txt", b"", "empty"),
        ("program.exe", b"MZ\x90\x00", "natoqa does not read .exe"),
        ("none", b"text", "natoqa does not read files without a suffix"),
        ("pictures.zip", b"PK\x05\x06" + b"\x00" * 18, "natoqa does not open archives such as .zip; unpack it"),
        ("broken.pdf", b"%PDF-1.7\nnothing", ""),
        ("mislabelled.docx", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, ""),
        ("binary.txt", b"\x00\x01\x02" * 100, ""),
        ("bomb.docx", _bomb(), ""),
    ],
)
def test_a_file_that_is_no_document_is_refused_in_words(
    session: SessionDocuments, add: Callable[..., Addition], name: str, content: bytes, why: str
) -> None:
    refused = add(name, content)
    assert (refused.name, refused.outcome, refused.document) == (name, Outcome.REFUSED, "")
    assert why in refused.message
    assert refused.message
    assert "natoqa index" not in refused.message
    assert session.added() == ()
    assert not any(session.corpus.root.rglob("*.*"))
    assert session.ask(QUESTIONS[0]).citations
    assert add("b.txt", OWN["b.txt"]).outcome is Outcome.ADDED


def test_what_is_told_of_a_readable_file_is_in_the_report(
    session: SessionDocuments, add: Callable[..., Addition]
) -> None:
    page = add(
        "page.txt", "<!doctype html><html><head><title>A page</title></head><body><p>Hello sea.</p></body></html>"
    )
    assert page.outcome is Outcome.ADDED
    assert page.message
    report = add("report.pdf", make(listed(72, 300, ["The pipeline was laid in 1962."])))
    assert (report.outcome, session.document(report.document).text.strip()) == (
        Outcome.ADDED,
        "The pipeline was laid in 1962.",
    )


def test_there_is_a_limit_to_files_bytes_and_passages(filled: Library, tmp_path: Path) -> None:
    session = SessionDocuments(filled.open(), filled.indexer(), SessionLimits(files=2, file_bytes=2000, passages=4))
    path = tmp_path / "file"

    def added(name: str, text: str) -> str:
        path.write_text(text)
        return session.add(path, name).message

    assert added("large.txt", "x" * 2001) == "it is larger than 0.002 MB"
    long = "\n\n".join(
        f"Paragraph {number} says that the sea of {number} is calm and wide." * 2 for number in range(12)
    )
    assert added("long.txt", long) == "it is too long: a conversation holds at most 4 added passages"
    assert session.added() == ()
    assert added("b.txt", OWN["b.txt"]) == ""
    assert added("zz.txt", OWN["zz.txt"]) == ""
    assert added("m.txt", OWN["m.txt"]) == "a conversation holds at most 2 added files; remove one first"
    session.close()


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\report.pdf", "report.pdf"),
        ("/absolute/x.txt", "x.txt"),
        (".hidden.txt", "hidden.txt"),
        ("..", "file"),
        ("", "file"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("a\x00b\nc.txt", "abc.txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
        ("lone\udcff.txt", "lone.txt"),
        ("ñ" * 300 + ".txt", "ñ" * 58 + ".txt"),
    ],
)
def test_a_name_is_made_fit(given: str, name: str) -> None:
    assert fit_name(given) == name


def test_a_name_never_leads_out(session: SessionDocuments, add: Callable[..., Addition], tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    for name in ("../../../out.txt", "..\\out2.txt", "README.md", "metadata.txt", "%2e%2e%2fout3.txt", "a;b|c.txt"):
        assert add(name, f"This is {name} and nothing else.").outcome is Outcome.ADDED
    assert set(tmp_path.rglob("*")) - before <= {tmp_path / "upload"}
    assert ".uploads/README.md" in session.documents()


def test_files_added_at_once_are_all_there_while_others_ask(filled: Library, tmp_path: Path) -> None:
    session = SessionDocuments(LiveAssistant(filled.index, filled.open), filled.indexer())
    outcomes: list[Any] = []

    def add(number: int) -> None:
        path = tmp_path / f"{number}"
        path.write_text(f"Ship {number} carried jets over the sea.")
        outcomes.append(session.add(path, f"ship {number}.txt").outcome)

    def ask() -> None:
        for _ in range(10):
            answer = session.ask("What did ship 3 carry over the sea?")
            texts = [session.document(item.document).text[item.start : item.end] for item in answer.citations]
            outcomes.append(texts == [item.quote for item in answer.citations])

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    threads += [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(Outcome.ADDED) == 6
    assert False not in outcomes
    assert len(session.documents()) == 9
    session.close()
