"""The panel: every mark opens its document at the very sentence, and nothing is highlighted approximately."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
ANSWERED = "When did the harbour freeze?"
IN_VIEW = """
(mark) => {
  const [inner, outer] = [mark, mark.closest(".text")].map((e) => e.getBoundingClientRect());
  return inner.top >= outer.top && inner.bottom <= outer.bottom && inner.bottom <= innerHeight;
}
"""


def _marked(page: Any) -> str:
    return "".join(page.locator("#panel mark.quote").all_text_contents())


def _opened(page: Any, title: str) -> None:
    page.locator("#panel[data-view=reader] .head .title", has_text=title).wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_second_mark_opens_its_document_at_the_very_sentence(visit: Open, fake: Any, width: int) -> None:
    visited = visit(width=width)
    turn = visited.ask(ANSWERED)
    turn.locator(".cite").nth(1).click()
    page = visited.page
    _opened(page, "Ledger of the Town")
    citation = fake.answers[ANSWERED].citations[1]
    assert _marked(page) == citation.quote == fake.texts[citation.document].text[citation.start : citation.end]
    assert page.locator("#panel mark.quote").first.evaluate(IN_VIEW)
    assert page.locator("#panel .text").evaluate("(e) => [...e.children].map((c) => c.textContent).join('')") == (
        fake.texts[citation.document].text
    )
    assert turn.locator(".cite.is-open").all_text_contents() == ["2"]
    if width == 390:
        # The mark that was followed stays in sight above the panel.
        assert (
            turn.locator(".cite")
            .nth(1)
            .evaluate(
                "(e) => e.getBoundingClientRect().bottom < document.querySelector('#panel').getBoundingClientRect().top"
            )
        )


def test_from_citation_to_citation_and_a_reference_to_copy(visit: Open, context: Any, fake: Any) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visited = visit()
    page = visited.page
    visited.ask(ANSWERED).locator(".cite").first.click()
    _opened(page, "The Harbour")
    first, second = fake.answers[ANSWERED].citations
    assert page.locator("#panel .which").text_content() == "1 of 2"
    assert page.get_by_role("button", name="Previous citation").is_disabled()
    for part in (first.author, first.date, "¶ 2"):
        assert part in page.locator("#panel .about").text_content()
    assert page.locator("#panel .identity").text_content() == first.document
    page.get_by_role("button", name="Copy reference").click()
    page.locator("#panel .copied", has_text="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"“{first.quote}” – A. Keeper, The Harbour, 1931-02-03, {first.locator} [{first.document}]"
    page.get_by_role("button", name="Next citation").click()
    _opened(page, "Ledger of the Town")
    assert _marked(page) == second.quote
    assert page.get_by_role("button", name="Next citation").is_disabled()


def test_the_keyboard_alone_goes_from_mark_to_sentence_and_back(visit: Open) -> None:
    page = visit().page
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    page.locator(".turn.answered").wait_for()
    assert page.get_by_label("Your question").input_value() == ""
    for _ in range(15):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.id") == "turn-1-mark-2":
            break
    tip = page.get_by_role("tooltip")
    assert "The winter cost the town 4,000 crowns." in tip.text_content()
    assert page.locator("#turn-1-mark-2").get_attribute("aria-describedby") == tip.get_attribute("id")
    page.keyboard.press("Enter")
    _opened(page, "Ledger of the Town")
    page.wait_for_function("document.activeElement.matches('mark.quote')")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.id === 'turn-1-mark-2'")
    assert not page.locator("#panel").is_visible()


def test_the_first_tab_leads_to_the_question_box(visit: Open) -> None:
    page = visit().page
    link = page.locator(".skip")
    link.focus()
    assert link.evaluate("(e) => e.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('#question textarea')")


def test_a_quote_that_does_not_stand_in_the_document_is_refused_and_nothing_is_marked(visit: Open) -> None:
    visited = visit()
    page = visited.page
    turn = visited.ask(ANSWERED)
    mark = turn.locator(".sources .number").first
    mark.evaluate("(e) => { e.dataset.start = Number(e.dataset.start) + 1; }")
    mark.click()
    problem = page.locator("#panel .problem")
    problem.wait_for()
    assert "has changed since the answer was given" in problem.text_content()
    assert page.locator("#panel mark").count() == 0
    turn.locator(".sources .number").nth(1).click()
    _opened(page, "Ledger of the Town")
    assert problem.count() == 0


def test_hostile_documents_are_text_in_the_panel_as_well(visit: Open, fake: Any) -> None:
    visited = visit()
    page = visited.page
    hostile = fake.texts["hostile.md"]
    visited.ask(hostile.title).locator(".cite").click()
    page.locator("#panel mark.quote").first.wait_for()
    assert _marked(page) == fake.answers[hostile.title].citations[0].quote
    assert page.locator("#panel .head .title").text_content() == hostile.title
    page.locator("#filter").evaluate("() => document.querySelector('[data-show=library]').click()")
    page.locator("#panel .row .open", has_text="broken").wait_for()
    assert page.locator("#panel img, #panel script").count() == 0
    assert page.title() == "natoqa"


def test_a_page_of_a_pdf_is_drawn_with_the_quote_marked(visit: Open, shelf: Any) -> None:
    visited = visit(shelf.address)
    page = visited.page
    turn = visited.ask("How many times did the keeper row out to the barque Esperanza?")
    cite = turn.locator(".cite").first
    assert "saved nineteen sailors" in cite.get_attribute("data-quote")
    cite.click()
    _opened(page, "The Lighthouse of Punta Alta")
    assert _marked(page) == cite.get_attribute("data-quote")
    page.get_by_role("button", name="Page", exact=True).click()
    image = page.locator("#panel .page-image img")
    image.wait_for()
    assert image.get_attribute("alt") == "Page 2 of The Lighthouse of Punta Alta, with the quote marked"
    assert image.evaluate("(e) => e.naturalWidth") > 1000
    # Two lines of text, two rectangles, where the lines were drawn.
    boxes = [box.bounding_box() for box in page.locator("#panel .page-image rect").all()]
    frame = image.bounding_box()
    tops = [(box["y"] - frame["y"]) / frame["height"] * 842 for box in boxes]
    assert len(boxes) == 2
    assert all(abs(top - wanted) < 4 for top, wanted in zip(tops, (842 - 710, 842 - 696), strict=True))
    page.get_by_role("button", name="Text", exact=True).click()
    assert page.locator("#panel mark.quote").first.is_visible()


def test_a_long_document_is_read_piece_by_piece_around_the_sentence(visit: Open, shelf: Any) -> None:
    visited = visit(shelf.address)
    page = visited.page
    visited.ask("What was seen above the observatory of Lisboa?").locator(".cite").first.click()
    page.locator("#panel mark.quote", has_text="a comet with two tails").first.wait_for()
    assert page.locator("#panel mark.quote").first.evaluate(IN_VIEW)
    whole = shelf.assistant.document("notes/long.txt").text
    shown = page.locator("#panel .text").text_content()
    assert shown in whole
    assert len(shown) < len(whole)
    place = page.locator("#panel mark.quote").first.evaluate("(e) => e.getBoundingClientRect().top")
    for name in ("before", "follows"):
        button = page.get_by_role("button", name=f"Show what {'comes before' if name == 'before' else 'follows'}")
        while button.is_visible():
            before = page.locator("#panel .text").text_content()
            button.click()
            page.wait_for_function(
                "(n) => document.querySelector('#panel .text').textContent.length > n", arg=len(before)
            )
        if name == "before":
            now = page.locator("#panel mark.quote").first.evaluate("(e) => e.getBoundingClientRect().top")
            assert abs(now - place) < 60
    assert page.locator("#panel .text").text_content() == whole


def test_a_document_is_browsed_and_searched(visit: Open, shelf: Any) -> None:
    visited = visit(shelf.address)
    page = visited.page
    page.locator("#panel .row .open", has_text="The Harbour").click()
    _opened(page, "The Harbour")
    assert page.locator("#panel mark").count() == 0
    assert page.locator("#panel .citations").is_hidden()
    page.get_by_label("Find in this document").fill("HARBOUR")
    finds = page.locator("#panel .finds")
    total = shelf.assistant.document("harbour.md").text.lower().count("harbour")
    finds.filter(has_text=f"1 of {total}").wait_for()
    page.locator("#panel mark.found.current").wait_for()
    assert page.locator("#panel mark.found").count() == total
    page.keyboard.press("Enter")
    finds.filter(has_text=f"2 of {total}").wait_for()
    page.get_by_role("button", name="Previous place").click()
    finds.filter(has_text=f"1 of {total}").wait_for()
    page.get_by_label("Find in this document").fill("no such words")
    finds.filter(has_text="Not in this document").wait_for()


def test_how_an_answer_was_found_is_told(visit: Open, shelf: Any) -> None:
    turn = visit(shelf.address).ask("What did the winter of 1929 cost the town?")
    turn.get_by_text("How this was found").click()
    told = turn.locator(".why")
    assert "by meaning no. " in told.text_content()
    assert told.locator(".hit.used").count() >= 1
    assert told.locator(".hit.unused").count() >= 1
    bold = {word.lower() for word in told.locator(".hit.used b").all_text_contents()}
    assert {"winter", "1929", "cost", "town"} <= bold
