"""The page in Spanish and Portuguese: all that natoqa says, and nothing that a document says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from natoqa.chat.users import PasswordHash, Users
from natoqa.chat.words import COOKIE, tables

pytestmark = pytest.mark.browser

ANSWERED = "When did the harbour freeze?"
COST = "What did the winter of 1929 cost the town?"
# What a reader sees or hears, document and reader's words aside.
SPOKEN = """
() => {
  const asIs = "[lang=''], script, style, textarea, .language, #announcement";
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.data.trim() && !node.parentElement.closest(asIs)) said.push(node.data.trim());
    } else if (!node.closest("script, style, .language")) {
      for (const name of ["aria-label", "placeholder", "alt"]) {
        if (node.hasAttribute(name)) said.push(node.getAttribute(name));
      }
    }
  }
  return said;
}
"""


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """A page in a browser profile of its own: ``opened(address, locale="es-CL")``."""
    contexts = []

    def open_page(address: str, locale: str = "en-GB", width: int = 1280, color_scheme: str = "light") -> Any:
        context = browser.new_context(
            locale=locale, viewport={"width": width, "height": 800}, reduced_motion="reduce", color_scheme=color_scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(address)
        page.locator("#question textarea").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


def _ask(page: Any, question: str) -> Any:
    turns = page.locator(".turn:not(.pending)")
    before = turns.count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    turns.nth(before).wait_for()
    return turns.nth(before)


def _english(page: Any, language: str) -> list[str]:
    """What is said in English though the table has it otherwise, or is not in the table at all."""
    table = tables()[language]
    own = [*table["page"].values(), *table["places"].values()]
    patterns = [re.compile("(?s)" + re.sub(r"\\\{\w+\\\}", ".+", re.escape(text))) for text in own]
    return [
        said
        for said in page.evaluate(SPOKEN)
        if re.search("[A-Za-z]{2}", said) and not any(pattern.fullmatch(said) for pattern in patterns)
    ]


NOT_NATOQAS = {"natoqa", "Markdown", "Word", "JSON", "BibTeX", "RIS"}


@pytest.mark.parametrize("language", ["es", "pt"])
def test_nothing_that_natoqa_says_is_left_in_english(opened: Callable[..., Any], shelf: Any, language: str) -> None:
    page = opened(shelf.address, {"es": "es-CL", "pt": "pt-BR"}[language])
    table = tables()[language]
    left: set[str] = set()

    def look() -> None:
        left.update(_english(page, language))

    page.locator("#examples .ask").first.wait_for()
    page.locator("#panel .row").nth(2).wait_for()
    look()
    for question in (COST, "Who paid for it?", "Who was the mayor of Atlantis?", "  "):
        if question.strip():
            _ask(page, question)
    page.locator("#question textarea").fill("   ")
    page.locator("#send").click()
    page.locator("#notice p:not(:empty)").wait_for()
    for details in page.locator("details").all():
        details.evaluate("(e) => { e.open = true; }")
    page.locator("[data-verdict=good]").first.click()
    look()
    page.keyboard.press("Enter")
    page.locator(".verdict p").first.wait_for()
    page.locator(".cite").first.click()
    page.locator("#panel mark.quote").first.wait_for()
    page.locator("#find").fill("harbour")
    page.locator("#panel .finds:not(:empty)").wait_for()
    look()
    page.locator("[data-show=library]").click()
    page.locator("#panel .none").click()
    page.locator(".chosen", has_text="0").wait_for()
    page.locator("#filter").fill("zzz")
    page.locator("#panel .list .more").wait_for()
    look()
    page.locator(".commands .earlier").click()
    page.locator("#earlier .forget-all").click()
    look()
    assert left - NOT_NATOQAS == set()
    assert page.evaluate("document.documentElement.lang") == table["tag"]


def test_the_words_of_documents_stay_and_are_not_said_to_be_spanish(
    opened: Callable[..., Any], fake_address: str
) -> None:
    page = opened(fake_address, "es-AR")
    turn = _ask(page, ANSWERED)
    assert turn.locator(".sentence").first.text_content() == "The harbour 🚢 froze in 1929 — for “eleven” days."
    for part in (".question", ".sentence", ".sources .title bdi"):
        assert turn.locator(part).first.get_attribute("lang") == ""
    assert turn.locator("h3").first.text_content() == "Fuentes"
    region = page.locator("#announcement [aria-live=polite]")
    assert region.text_content().startswith("Respuesta: The harbour 🚢 froze")
    assert region.text_content().endswith("2 citas a continuación.")


def test_the_language_is_changed_by_keyboard_and_kept_and_the_conversation_stays(
    opened: Callable[..., Any], fake_address: str
) -> None:
    page = opened(fake_address)
    turn = _ask(page, ANSWERED)
    shown = "['header', '.turn', '#panel', '#composer'].map((one) => document.querySelector(one).textContent)"
    before = page.evaluate(shown)
    page.get_by_label("Language").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.documentElement.lang === 'es-419'")
    assert turn.locator("[data-verdict=bad]").text_content() == "Mala respuesta"
    page.reload()
    page.get_by_label("Tu pregunta").wait_for()
    page.get_by_label("Idioma").select_option("pt")
    page.get_by_label("Sua pergunta").wait_for()
    _ask(page, ANSWERED)
    page.get_by_label("Idioma").select_option("en")
    assert page.evaluate(shown) == before
    assert page.locator("[lang='']").count() == 0


def test_who_serves_the_page_fixes_its_language_until_a_reader_chooses(
    opened: Callable[..., Any], serving: Any, fake: Any
) -> None:
    with serving(fake, language="pt") as address:
        page = opened(address, "es-CL")
        page.get_by_label("Sua pergunta").wait_for()
        page.get_by_label("Idioma").select_option("es")
        page.reload()
        page.get_by_label("Tu pregunta").wait_for()


def test_the_page_to_log_in_is_in_the_readers_language(browser: Any, serving: Any, fake: Any) -> None:
    with serving(fake, users=Users({"anna": PasswordHash.of("correct horse", 4)})) as address:
        context = browser.new_context(locale="pt-BR")
        page = context.new_page()
        page.goto(address)
        assert page.evaluate("[document.documentElement.lang, document.title]") == ["pt-BR", "natoqa: entrar"]
        page.get_by_label("Nome").fill("anna")
        page.get_by_label("Senha").fill("wrong one")
        page.get_by_role("button", name="Entrar").click()
        assert page.get_by_role("alert").text_content() == "O nome ou a senha não estão corretos."
        context.add_cookies([{"name": COOKIE, "value": "es", "url": address}])
        page.goto(address)
        page.get_by_role("button", name="Iniciar sesión").wait_for()
        context.close()


@pytest.mark.parametrize("language", ["es", "pt"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_it_fits_on_narrow_and_wide_screens_and_a_checker_finds_nothing_serious(
    opened: Callable[..., Any], shelf: Any, language: str, color_scheme: str
) -> None:
    checker = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(shelf.address, language, 390, color_scheme)
    for question in (COST, "Who paid for it?", "Who was the mayor of Atlantis?"):
        _ask(page, question)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = "[...document.querySelectorAll('button')].filter((b) => b.scrollWidth > b.clientWidth + 1).length"
        assert page.evaluate(cut) == 0
        found = checker.run(page).response
        assert len(found["passes"]) > 15
        assert [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")] == []
