"""What a reader does over several turns: choose documents, follow up, go on, judge, export, begin anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
COST = "What did the winter of 1929 cost the town?"


def _words_of_a_docx(path: Path) -> str:
    from docx import Document

    return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def _words_of_a_page(path: Path) -> str:
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(path.read_text("utf-8"))
    assert not page.css("script, link, img, iframe")
    return page.body.text()


def _plain(path: Path) -> str:
    return path.read_text("utf-8")


EXPORTS = (
    ("Markdown", ".md", _plain),
    ("Web page", ".html", _words_of_a_page),
    ("Word", ".docx", _words_of_a_docx),
    ("JSON", ".json", lambda path: json.dumps(json.loads(_plain(path)))),
    ("BibTeX", ".bib", _plain),
    ("RIS", ".ris", _plain),
)


def _choose_only(page: Any, title: str) -> None:
    page.locator(".chosen", has_text="All 3").wait_for()
    page.get_by_role("button", name="None", exact=True).click()
    page.locator(".chosen", has_text="0 of 3").wait_for()
    page.get_by_label(f"Search in {title}").check()
    page.locator(".chosen", has_text="1 of 3").wait_for()


def test_only_the_chosen_documents_are_searched_and_the_reader_is_told_what_that_costs(visit: Open, shelf: Any) -> None:
    visited = visit(shelf.address)
    page = visited.page
    _choose_only(page, "The Lighthouse of Punta Alta")
    refused = visited.ask(COST)
    assert "not_found" in refused.get_attribute("class")
    assert page.locator("[data-opens]").text_content() == "Documents (1 of 3)"
    refused.get_by_role("button", name="Search all documents").click()
    answered = page.locator(".turn.answered")
    answered.wait_for()
    assert "4,000 crowns" in answered.text_content()
    page.locator(".chosen", has_text="All 3 documents are searched.").wait_for()


def test_with_no_document_chosen_the_question_waits_in_the_box(visit: Open, shelf: Any) -> None:
    visited = visit(shelf.address)
    page = visited.page
    page.locator(".chosen", has_text="All 3").wait_for()
    page.get_by_role("button", name="None", exact=True).click()
    page.locator(".chosen", has_text="0 of 3").wait_for()
    page.get_by_label("Your question").fill(COST)
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="no document is chosen").wait_for()
    assert page.get_by_label("Your question").input_value() == COST
    assert page.locator(".turn").count() == 0
    page.get_by_role("button", name="All", exact=True).click()
    page.locator(".chosen", has_text="All 3").wait_for()
    assert "answered" in visited.ask(COST).get_attribute("class")


def test_the_filter_shows_what_matches_and_chooses_among_it(visit: Open, shelf: Any) -> None:
    page = visit(shelf.address).page
    page.locator("#panel .row").nth(2).wait_for()
    page.get_by_label("Filter the documents").fill("chronicle")
    page.wait_for_function("document.querySelectorAll('#panel .row').length === 1")
    page.get_by_role("button", name="None", exact=True).click()
    page.locator(".chosen", has_text="2 of 3 documents are searched.").wait_for()
    page.get_by_label("Filter the documents").fill("")
    page.wait_for_function("document.querySelectorAll('#panel .row').length === 3")
    assert page.locator("#panel .row input:checked").count() == 2
    for part in ("chronicle", "A. Keeper", "1931-02-03", "passage", "harbour.md"):
        assert part in page.locator("#panel .row", has_text="The Harbour").text_content()


def test_a_follow_up_shows_how_it_was_understood_and_can_be_changed(visit: Open, shelf: Any) -> None:
    visited = visit(shelf.address)
    page = visited.page
    visited.ask("When was the lighthouse of Punta Alta built?")
    second = visited.ask("Who built it?")
    understood = second.locator(".understood q").text_content()
    assert "lighthouse" in understood
    assert second.locator(".question").text_content() == "Who built it?"
    second.get_by_role("button", name="Change").click()
    assert page.get_by_label("Your question").input_value() == understood
    page.get_by_label("Your question").fill("")
    second.get_by_role("button", name="Ask it as typed").click()
    page.locator(".turn:not(.pending)").nth(2).wait_for()
    assert page.locator(".turn").nth(2).locator(".understood").count() == 0


def test_questions_are_suggested_that_the_documents_answer(visit: Open, shelf: Any) -> None:
    visited = visit(shelf.address)
    page = visited.page
    opening = page.locator("#examples .ask")
    opening.first.wait_for()
    opening.first.click()
    page.locator(".turn.answered").wait_for()
    assert page.locator(".turn").count() == 1


def test_an_answer_is_judged_and_the_verdict_kept_on_this_machine(visit: Open, shelf: Any) -> None:
    from natoqa.feedback import read

    visited = visit(shelf.address)
    turn = visited.ask(COST)
    before = len(read(shelf.index))
    turn.get_by_role("button", name="Good answer").click()
    visited.page.keyboard.type("the right <b>sum</b>")
    visited.page.keyboard.press("Enter")
    turn.get_by_text("Marked as a good answer").wait_for()
    kept = read(shelf.index)
    assert len(kept) == before + 1
    assert (kept[-1].question, kept[-1].note, kept[-1].verdict) == (COST, "the right <b>sum</b>", "good")


def test_a_conversation_is_exported_and_begun_anew(visit: Open, shelf: Any) -> None:
    visited = visit(shelf.address)
    page = visited.page
    assert page.get_by_text("Export", exact=True).is_hidden()
    visited.ask(COST)
    for form, suffix, opened in EXPORTS:
        page.get_by_text("Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=form, exact=True).click()
        assert download.value.suggested_filename.endswith(suffix)
        told = opened(Path(download.value.path()))
        wanted = (
            ("The Harbour",) if suffix in (".bib", ".ris") else (COST, "cost the town 4,000 crowns.", "The Harbour")
        )
        for part in wanted:
            assert part in told, (form, part)
    page.get_by_role("button", name="New", exact=True).click()
    page.wait_for_function("document.querySelectorAll('.turn').length === 0")
    assert visited.ask(COST).get_attribute("id") == "turn-1"
