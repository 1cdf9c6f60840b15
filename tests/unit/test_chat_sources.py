"""What the panel is given: whole documents, exact marks or an error, page images only of the file that was indexed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from library import Library
from pdfs import Drawn, make, wrapped

from natoqa.chat.page_images import PageImages
from natoqa.chat.sources import CHANGED, GONE, MISUNDERSTOOD, Sources
from natoqa.corpus import Corpus

TEXT = "The harbour froze in 1929.\n\nNobody had seen that before.\n"
TOWER = "The tower was built in 1887 by engineers from Montevideo."
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(library: Library) -> Ask:
    library.write("harbour.txt", TEXT)
    library.write("tower.pdf", make(wrapped(60, 100, TOWER), [Drawn(60, 100, "The stairs have 214 steps.")]))
    library.sync()
    images = PageImages(Corpus.open(library.corpus))
    functions = {function.__name__: function for function in Sources(library.open(), images).functions()}
    return lambda name, **wanted: functions[name](wanted)


def _place(document: str, text: str, quote: str) -> dict[str, Any]:
    start = text.index(quote)
    return {"document": document, "start": start, "end": start + len(quote), "quote": quote}


def test_a_quote_is_marked_where_it_stands(ask: Ask) -> None:
    read = ask("read_document", **_place("harbour.txt", TEXT, "Nobody had seen that before."))
    assert '<mark class="quote">Nobody had seen that before.</mark>' in read["html"]
    assert read["html"].count("<mark") == 1
    assert read["reference"] == "“Nobody had seen that before.” – harbour.txt, ¶ 2 [harbour.txt]"
    assert (read["first"], read["last"]) == (0, read["length"])
    assert not read["hasPages"]


def test_a_quote_that_does_not_stand_there_is_an_error_and_nothing_is_marked(ask: Ask) -> None:
    place = _place("harbour.txt", TEXT, "Nobody had seen that before.")
    for wrong in (
        {**place, "quote": "Somebody had seen that before."},
        {**place, "start": place["start"] + 1},
        {**place, "end": place["end"] - 1},
        {**place, "start": 0, "end": 0},
        {**place, "start": -5, "end": 10**9},
    ):
        assert ask("read_document", **wrong) == {"error": CHANGED}
        assert ask("draw_page", **wrong) == {"error": CHANGED}


def test_nonsense_from_the_page_is_answered_with_an_error(ask: Ask, library: Library) -> None:
    assert ask("read_document", document="../secret.txt") == {"error": GONE}
    for wanted in ({}, {"document": ["a"]}, {"document": "harbour.txt", "start": "0", "end": 4}, {"document": None}):
        assert ask("read_document", **wanted)["error"] in (MISUNDERSTOOD, GONE)
    assert ask("read_more", document="harbour.txt") == {"error": MISUNDERSTOOD}
    assert ask("find_words", document="harbour.txt") == {"error": MISUNDERSTOOD}
    functions = Sources(library.open()).functions()
    assert all(function(None) == {"error": MISUNDERSTOOD} for function in functions)


def test_documents_can_be_searched_and_listed(ask: Ask) -> None:
    assert ask("find_words", document="harbour.txt", words="THAT   before") == {"places": [[44, 55]], "isCut": False}
    listed = ask("list_documents", words="", choice={"all": True, "but": ["tower.pdf"]})
    assert (listed["shown"], listed["chosen"], listed["total"]) == (["harbour.txt", "tower.pdf"], 1, 2)
    assert ask("list_documents", words="tower")["shown"] == ["tower.pdf"]


def test_more_of_a_document_that_changed_meanwhile_is_refused(ask: Ask) -> None:
    read = ask("read_document", document="harbour.txt")
    wanted = {"document": "harbour.txt", "first": 28, "last": 40, "before": True}
    assert ask("read_more", **wanted, version=read["version"])["last"] == 28
    assert ask("read_more", **wanted, version="0" * 16) == {"error": CHANGED}


def test_a_page_is_drawn_with_the_quote_marked_while_the_file_is_the_one_that_was_indexed(
    ask: Ask, library: Library
) -> None:
    text = library.open().document("tower.pdf").text
    place = _place("tower.pdf", text, TOWER)
    assert ask("read_document", **place)["hasPages"]
    page = ask("draw_page", **place)["html"]
    assert "data:image/png;base64,iVBOR" in page
    assert page.count("<rect") == 1
    assert 'alt="Page 1 of tower.pdf' in page
    assert "Page 2" in ask("draw_page", **_place("tower.pdf", text, "The stairs have 214 steps."))["html"]
    library.write("tower.pdf", make(wrapped(60, 100, "Another text altogether.")))
    assert "not the one that was indexed" in ask("draw_page", **place)["error"]


def test_a_file_that_cannot_be_drawn_gives_no_image(library: Library) -> None:
    corpus = Corpus.open(library.corpus)
    images = PageImages(corpus)
    data = make(wrapped(60, 100, TOWER))
    library.write("tower.pdf", data)
    library.write("broken.pdf", b"%PDF-1.4 nothing")
    library.write("note.txt", "x")
    assert images.image("tower.pdf", corpus.fingerprint("tower.pdf", data), 1)
    assert images.image("tower.pdf", corpus.fingerprint("tower.pdf", data), 2) is None
    assert images.image("broken.pdf", corpus.fingerprint("broken.pdf", b"%PDF-1.4 nothing"), 1) is None
    assert images.image("note.txt", corpus.fingerprint("note.txt", b"x"), 1) is None
    assert images.image("../tower.pdf", "", 1) is images.image("gone.pdf", "", 1) is None
