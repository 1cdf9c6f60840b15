"""A corpus of files good and bad: what becomes a document can be cited to the letter, and the rest is named."""

from __future__ import annotations

import glob
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import large
import pages
import papers
import plain
import pytest
import spoilt
from library import Library
from specimens import Bad, Good

from natoqa.assistant import Assistant
from natoqa.citing import cite, locate
from natoqa.doctor import examine
from natoqa.examination import State
from natoqa.loaders import LOADERS
from natoqa.protocols import Encoder
from natoqa.types import DraftSentence, Quote, Span, Status
from natoqa.verification import inspect

GOOD: tuple[Good, ...] = tuple(
    specimen
    for specimens in (
        plain.texts(), plain.encodings(), plain.names(), plain.markdowns(), pages.htmls(), pages.tables(),
        pages.books(), papers.docxs(), papers.odts(), papers.prints(), papers.mislabelled(),
    )
    for specimen in specimens
)  # fmt: skip
BAD: tuple[Bad, ...] = tuple(
    specimen
    for specimens in (
        spoilt.empty(), spoilt.locked(), spoilt.broken(), spoilt.mislabelled(), spoilt.hostile(),
        spoilt.unsupported(), spoilt.places(),
    )
    for specimen in specimens
)  # fmt: skip
UNSEEN = ("README.md", ".hidden.txt", ".folder/a.txt")
NOT_FOLLOWED = ("leads out", "leads out.txt")


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """All specimens, and files that are no documents."""
    library = Library(tmp_path_factory.mktemp("zoo") / "library")
    for specimen in (*GOOD, *BAD):
        specimen.put(library.corpus)
    library.write("README.md", plain.HARBOUR)
    library.write(".hidden.txt", plain.HARBOUR)
    library.write(".folder/a.txt", plain.HARBOUR)
    outside = library.home / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(plain.HARBOUR)
    (library.corpus / "leads out.txt").symlink_to(outside / "secret.txt")
    (library.corpus / "leads out").symlink_to(outside, target_is_directory=True)
    return library


@pytest.fixture(scope="module")
def report(zoo: Library) -> Any:
    """Of the one sync."""
    return zoo.sync()


@pytest.fixture(scope="module")
def assistant(zoo: Library, report: Any) -> Assistant:
    return zoo.open()


def test_the_zoo_is_complete() -> None:
    assert len(GOOD) >= 60
    assert len(BAD) >= 40
    assert len({specimen.name for specimen in (*GOOD, *BAD)}) == len(GOOD) + len(BAD)
    kinds = Counter(Path(specimen.name).suffix.lower() for specimen in GOOD)
    assert set(kinds) == set(LOADERS)


def test_every_good_file_is_a_document_and_every_bad_one_is_named(report: Any, assistant: Assistant) -> None:
    assert sorted(assistant.documents()) == sorted(specimen.name for specimen in GOOD)
    refused = [*(specimen.name for specimen in BAD), *NOT_FOLLOWED]
    assert sorted(identity for identity, _ in report.unreadable) == sorted(refused)
    assert report.plan.added == tuple(sorted(specimen.name for specimen in GOOD))


@pytest.mark.parametrize("specimen", BAD, ids=lambda specimen: ascii(specimen.name))
def test_the_reason_fits(report: Any, specimen: Bad) -> None:
    reason = dict(report.unreadable)[specimen.name]
    assert re.search(specimen.reason, reason)
    assert reason.isprintable()
    assert len(reason) < 300


def test_what_was_assumed_is_said_and_nothing_else(report: Any) -> None:
    told: dict[str, str] = {}
    for notice in report.notices:
        told[notice.document] = f"{told.get(notice.document, '')} {notice.message}"
    expected = {specimen.name: specimen.notice for specimen in GOOD if specimen.notice}
    assert sorted(told) == sorted(expected)
    assert [name for name, words in expected.items() if words not in told[name]] == []


def test_copies_are_known_for_copies_and_stay_citable(report: Any, assistant: Assistant) -> None:
    assert ("twins/two.txt", "twins/one.txt") in report.plan.duplicates
    for name in ("twins/one.txt", "twins/two.txt"):
        assert {c.document for c in assistant.ask("When was the old harbour built?", [name]).citations} == {name}


def test_nothing_that_is_no_document_is_found(report: Any, assistant: Assistant) -> None:
    named = {*assistant.documents(), *(identity for identity, _ in report.unreadable)}
    assert not [name for name in named if name.startswith(UNSEEN)]


def test_a_second_sync_has_nothing_to_do(zoo: Library, report: Any) -> None:
    again = zoo.sync()
    assert not again.written
    assert (again.unreadable, again.notices) == (report.unreadable, report.notices)


def test_the_doctor_finds_nothing_wrong(zoo: Library, assistant: Assistant) -> None:
    assert list(inspect(assistant.generation)) == []
    examination = examine(zoo.indexer())
    assert examination.is_healthy
    notes = [check.check for check in examination.checks if check.state is State.NOTE]
    assert notes == ["corpus"]  # for some are left out
    assert all(check.state in (State.OK, State.NOTE) for check in examination.checks)


def test_every_sentence_of_every_document_can_be_cited(assistant: Assistant) -> None:
    generation = assistant.generation
    checked: Counter[str] = Counter()
    for stored in generation.passages(range(generation.manifest.passages)):
        document = generation.document(stored.passage.document)
        for sentence in stored.passage.sentences:
            if not sentence.kind.is_quotable:
                continue
            words = document.text[sentence.start : sentence.end]
            assert words
            assert words == words.strip()
            assert locate(words, document.text, near=sentence.start) == Span(sentence.start, sentence.end)
            drafted = DraftSentence(words, (Quote(document.id, words, start=sentence.start),))
            (citation,) = cite([drafted], generation.document).citations
            assert (citation.start, citation.end, citation.quote) == (sentence.start, sentence.end, words)
            assert citation.locator == document.locator(sentence.start)
            checked[document.id] += 1
    assert set(checked) == {specimen.name for specimen in GOOD}
    assert checked.total() >= generation.manifest.documents


@pytest.mark.parametrize("specimen", GOOD, ids=lambda specimen: ascii(specimen.name)[:60])
def test_a_question_is_answered_from_it_word_for_word(assistant: Assistant, specimen: Good) -> None:
    answer = assistant.ask(specimen.question, documents=[glob.escape(specimen.name)])
    assert answer.status is Status.ANSWERED
    assert answer.rejected == ()
    document = assistant.document(specimen.name)
    for citation in answer.citations:
        assert citation.document == specimen.name
        assert document.text[citation.start : citation.end] == citation.quote
        assert citation.locator == document.locator(citation.start)
    cited = [citation for citation in answer.citations if specimen.quote in citation.quote]
    assert cited, [citation.quote for citation in answer.citations]
    assert specimen.place in cited[0].locator


def test_pages_hold_a_box_for_every_character(assistant: Assistant) -> None:
    laid_out = {specimen.name: assistant.generation.pages(specimen.name) for specimen in GOOD}
    with_pages = {name for name, layouts in laid_out.items() if layouts}
    assert with_pages == {specimen.name for specimen in GOOD if specimen.data.startswith(b"%PDF")}
    for name in with_pages:
        text = assistant.document(name).text
        for layout in laid_out[name]:
            assert 0 <= layout.start < layout.end <= len(text)
            assert len(layout.boxes) == 8 * (layout.end - layout.start)
            drawn = [
                layout.boxes[8 * n : 8 * n + 8]
                for n in range(layout.end - layout.start)
                if not text[layout.start + n].isspace()
            ]
            assert sum(box != bytes(8) for box in drawn) >= 0.9 * len(drawn)


REAL = {
    "text/english.txt": "In which year was the harbour constructed?",
    "markdown/list.md": "To which port does the Aurora go in May?",
    "web/sections.html": "In which year was the harbour constructed?",
    "tables/comma.csv": "To which port does the Aurora go in May?",
    "books/two chapters.epub": "In which year was the harbour constructed?",
    "word/sections.docx": "In which year was the harbour constructed?",
    "word/chinese.docx": plain.ASK_CHINESE,
    "odt/arabic.odt": plain.ASK_ARABIC,
    "pdf/second page.pdf": "In which year was the harbour constructed?",
    "pdf/accents.pdf": "¿En qué mayo se abrió el puerto?",
    "encodings/cp1252.txt": "In which year was the harbour constructed?",
}


def test_the_real_encoder_answers_from_every_kind_of_file(
    tmp_path: Path, encoder: Encoder, natoqa: Callable[..., Any]
) -> None:
    library = Library(tmp_path / "library", encoder=encoder, passage_tokens=200)  # type: ignore[arg-type]
    chosen = [specimen for specimen in GOOD if specimen.name in REAL]
    assert len(chosen) == len(REAL)
    for specimen in chosen:
        specimen.put(library.corpus)
    library.sync()
    assistant = library.open()
    for specimen in chosen:
        asked = replace(specimen, question=REAL[specimen.name])
        test_a_question_is_answered_from_it_word_for_word(assistant, asked)
    finished = natoqa("doctor", "--corpus", library.corpus, "--index", library.index, "--json")
    assert (finished.code, finished.err) == (0, "")
    assert {check["state"] for check in json.loads(finished.out)["checks"]} == {"ok"}


@pytest.mark.slow
def test_large_files_are_read_whole_and_cited_to_the_letter(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", passage_tokens=200)
    specimens = tuple(large.files())
    for specimen in specimens:
        specimen.put(library.corpus)
    report = library.sync()
    assert (report.documents, report.unreadable) == (len(specimens), ())
    assistant = library.open()
    for specimen in specimens:
        test_a_question_is_answered_from_it_word_for_word(assistant, specimen)
        assert len(assistant.document(specimen.name).text) >= large.CHARACTERS[specimen.name]
    assert [layout.number for layout in assistant.generation.pages("large.pdf")] == list(range(1, large.PAGES + 1))
    assert list(inspect(assistant.generation)) == []
