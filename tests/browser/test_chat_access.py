"""The chat page by keyboard alone, and as a checker of accessibility sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
COST = "What did the winter of 1929 cost the town?"
KEEPER = "How many times did the keeper row out to the barque Esperanza?"
MOST_TABS = 80


def _reach(page: Any, selector: str, key: str = "Tab") -> None:
    """Go on with ``key`` until the focus is on ``selector``."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{selector} has the focus and does not show it"
            return
    raise AssertionError(f"{selector} is not reached with {key}")


def test_all_that_a_mouse_does_is_done_by_keyboard(visit: Open, shelf: Any) -> None:
    page = visit(shelf.address).page
    page.locator(".chosen", has_text="All 3").wait_for()
    # A document is left out and taken in again.
    _reach(page, "#filter")
    page.keyboard.type("chronicle")
    page.wait_for_function("document.querySelectorAll('#panel .row').length === 1")
    _reach(page, "#panel .row input")
    page.keyboard.press("Space")
    page.locator(".chosen", has_text="2 of 3").wait_for()
    _reach(page, "#panel .row input")
    page.keyboard.press("Space")
    page.locator(".chosen", has_text="All 3").wait_for()
    # A question, a mark, its place in the document, the next one, and back.
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.matches('#question textarea')")
    page.keyboard.type(COST)
    page.keyboard.press("Enter")
    page.locator(".turn.answered").wait_for()
    _reach(page, ".cite", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('#panel mark.quote')")
    _reach(page, "#panel .copy", "Shift+Tab")
    _reach(page, "#find")
    page.keyboard.type("harbour")
    page.locator("#panel .finds", has_text="1 of").wait_for()
    page.keyboard.press("Enter")
    page.locator("#panel .finds", has_text="2 of").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.matches('.cite')")
    # How it was found, a verdict with a note, an export, and a new conversation.
    _reach(page, ".why summary")
    page.keyboard.press("Enter")
    assert page.locator(".why .hit").first.is_visible()
    _reach(page, "[data-verdict=bad]")
    page.keyboard.press("Enter")
    page.keyboard.type("too short")
    page.keyboard.press("Enter")
    page.get_by_text("Marked as a bad answer").wait_for()
    _reach(page, ".export summary", "Shift+Tab")
    page.keyboard.press("Enter")
    _reach(page, "[data-export=markdown]")
    with page.expect_download():
        page.keyboard.press("Enter")
    _reach(page, ".restart", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.turn').length === 0")
    page.wait_for_function("document.activeElement.matches('#question textarea')")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_checker_finds_nothing_serious(visit: Open, shelf: Any, width: int, color_scheme: str) -> None:
    checker = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    visited = visit(shelf.address, width=width, color_scheme=color_scheme)
    page = visited.page

    def check(where: str) -> None:
        found = checker.run(page).response
        # One that looks at nothing finds nothing.
        assert len(found["passes"]) > 15
        grave = [
            (where, violation["id"], node["html"])
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
        assert grave == []

    page.locator("#examples .ask").first.wait_for()
    check("start")
    for question in (COST, "Who paid for it?", "Who was the mayor of Atlantis?", KEEPER):
        visited.ask(question)
    for details in page.locator(".why").all():
        details.evaluate("(e) => { e.open = true; }")
    page.locator("[data-verdict=good]").first.click()
    page.get_by_text("Export", exact=True).click()
    check("conversation")
    page.get_by_text("Export", exact=True).click()
    page.locator("#turn-4 .cite").first.click()
    page.locator("#panel mark.quote").first.wait_for()
    check("source")
    page.get_by_role("button", name="Page", exact=True).click()
    page.locator("#panel .page-image rect").first.wait_for()
    check("page image")
    page.locator("[data-show=library]").click()
    page.locator("#panel .row").nth(2).wait_for()
    check("documents")
