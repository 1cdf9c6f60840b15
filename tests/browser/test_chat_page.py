"""What a reader sees, reaches and hears on the chat page."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

ANSWERED = "When did the harbour freeze?"
REFUSED = "Who was the mayor?"
FIRST_QUOTE = "The harbour 🚢 froze in 1929 — for “eleven” days."
Open = Callable[..., Any]


def test_an_answer_shows_its_sentences_and_each_quote_marked_in_its_place(visit: Open, fake: Any) -> None:
    turn = visit().ask(ANSWERED)
    citations = fake.answers[ANSWERED].citations
    assert turn.locator(".sentence").all_text_contents() == [citation.quote for citation in citations]
    assert turn.locator("mark").all_text_contents() == [
        fake.texts[citation.document].text[citation.start : citation.end] for citation in citations
    ]
    first = turn.locator(".card").first.text_content()
    for part in ("The Harbour", "A. Keeper", "1931-02-03", "¶ 2", "… the north. Ships came", "before. Nobody had …"):
        assert part in first
    assert "87%" in turn.locator(".confidence").text_content()
    # The ledger's only paragraph is shown whole, so nothing is said to be left out.
    assert "…" not in turn.locator(".card").nth(1).text_content()


def test_the_keyboard_alone_asks_and_goes_from_mark_to_source_and_back(visit: Open, fake: Any) -> None:
    page = visit().page
    page.get_by_label("Your question").wait_for()
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    page.locator(".turn.answered").wait_for()
    assert page.get_by_label("Your question").input_value() == ""
    reached = "document.activeElement.id"
    for _ in range(10):
        if page.evaluate(reached) == "turn-1-mark-2":
            break
        page.keyboard.press("Shift+Tab")
    assert page.evaluate(reached) == "turn-1-mark-2"
    page.keyboard.press("Enter")
    assert page.evaluate(reached) == "turn-1-source-2"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(reached) == "turn-1-mark-2"
    assert page.locator(".turn").count() == 1


def test_a_question_that_the_sources_do_not_answer_gets_no_answer(visit: Open, fake: Any) -> None:
    turn = visit().ask(REFUSED)
    assert turn.locator(".verdict").text_content() == "The sources do not answer this."
    assert "No passage names a mayor." in turn.locator(".reason").text_content()
    assert "not an answer" in turn.locator(".label").text_content()
    assert turn.locator(".card").count() == 2
    assert turn.locator(".answer, .sentence, .cite, mark").count() == 0


def test_earlier_turns_stay_and_no_id_occurs_twice(visit: Open, fake: Any) -> None:
    visited = visit()
    for question in (ANSWERED, REFUSED, ANSWERED):
        visited.ask(question)
    assert visited.page.locator(".question").all_text_contents() == [ANSWERED, REFUSED, ANSWERED]
    ids = visited.page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id) => id)")
    assert len(ids) == len(set(ids))
    links = visited.page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href'))")
    assert len(links) == 8
    assert all(link.startswith("#turn-") and link[1:] in ids for link in links)


def test_a_second_visitor_sees_nothing_of_the_first(visit: Open, fake: Any) -> None:
    visited = visit()
    visited.ask(ANSWERED)
    visited.page.reload()
    visited.page.get_by_label("Your question").wait_for()
    assert visited.page.locator(".turn").count() == 0
    assert visited.ask(REFUSED).get_attribute("id") == "turn-1"


def test_hostile_text_is_shown_as_text_and_does_nothing(visit: Open, fake: Any) -> None:
    visited = visit()
    hostile = next(document for identity, document in fake.texts.items() if identity == "hostile.md")
    turn = visited.ask(hostile.title)
    assert turn.locator(".question").text_content() == hostile.title
    assert turn.locator(".title").text_content() == hostile.title
    assert turn.locator(".byline li").all_text_contents() == [hostile.title, hostile.title, "¶ 2"]
    assert turn.locator("blockquote").text_content() == hostile.text
    refusal = visited.ask(REFUSED)
    assert hostile.title in refusal.locator(".reason").text_content()
    assert visited.page.locator("img, .turn script").count() == 0
    assert visited.page.title() == "natoqa"


def test_a_failure_is_one_readable_line_and_the_page_goes_on(visit: Open) -> None:
    visited = visit()
    box = visited.page.get_by_label("Your question")
    for question, complaint in (
        ("  ", "the question is empty"),
        ("x" * 100_000, "the question has 100000 characters; natoqa reads at most 10000 <b>"),
        ("a question that breaks the assistant", "Something went wrong"),
    ):
        box.fill(question)
        visited.page.get_by_role("button", name="Ask").click()
        notice = visited.page.get_by_role("alert").filter(has_text=complaint)
        notice.wait_for()
        assert "Traceback" not in visited.page.content()
        assert visited.page.locator(".turn").count() == 0
        assert box.input_value() == question
    visited.ask(ANSWERED)
    assert notice.count() == 0


def test_the_answer_is_announced(visit: Open, fake: Any) -> None:
    visited = visit()
    region = visited.page.locator("#announcement [aria-live=polite]")
    region.evaluate("(element) => { window.region = element; }")
    visited.ask(ANSWERED)
    assert region.text_content().startswith(f"Answer: {FIRST_QUOTE} [1]")
    visited.ask(REFUSED)
    assert region.text_content().startswith("The sources do not answer this. No passage names a mayor.")
    # A region that was replaced instead of changed would not be read out.
    assert region.evaluate("(element) => element === window.region")


def test_an_example_is_asked_with_one_click(visit: Open, fake: Any) -> None:
    from natoqa.chat.page import EXAMPLES

    visited = visit()
    shown = visited.page.locator("#examples button").all_text_contents()
    assert [text.strip() for text in shown] == list(EXAMPLES)
    visited.page.get_by_role("button", name=EXAMPLES[1]).click()
    visited.page.get_by_role("alert").filter(has_text="Something went wrong").wait_for()
    assert fake.asked[-1] == EXAMPLES[1]


def test_neither_the_page_nor_its_server_asks_another_host_for_anything(
    visit: Open, serving: Any, fake: Any, foreign_hosts: list[Any]
) -> None:
    with serving(fake) as address:
        visited = visit(address)
        visited.ask(ANSWERED)
        visited.ask(REFUSED)
        asked = {urlsplit(url).hostname for url in visited.requests if not url.startswith(("data:", "blob:"))}
        assert asked == {"127.0.0.1"}
        assert visited.page.locator("a[href^=http], footer a").count() == 0
    assert not foreign_hosts


def test_the_browser_is_told_to_refuse_other_hosts(visit: Open) -> None:
    page = visit().page
    page.evaluate("document.addEventListener('securitypolicyviolation', (e) => { window.violation = e.blockedURI; })")
    page.evaluate("fetch('http://127.0.0.2:1/').catch(() => 0)")
    page.wait_for_function("window.violation")
    assert page.evaluate("window.violation").startswith("http://127.0.0.2:1/")


def test_another_name_for_this_machine_is_turned_away(context: Any, fake_address: str) -> None:
    assert context.request.get(fake_address, headers={"Host": "evil.example"}).status == 400
    assert context.request.get(fake_address).ok


def test_the_first_ctrl_c_ends_the_server_quietly_though_a_page_is_open(visit: Open) -> None:
    program = "from types import SimpleNamespace; from natoqa import chat; "
    program += "chat.serve(SimpleNamespace(documents=dict), port=0)"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        announced = process.stdout.readline()
        assert announced.startswith("natoqa chat: http://127.0.0.1:")
        visit(announced.split()[2])
        process.send_signal(signal.SIGINT)
        remaining, complaints = process.communicate(timeout=5)
        assert (process.returncode, remaining, complaints) == (0, "", "")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_page_fits_and_is_legible(visit: Open, fake: Any, color_scheme: str) -> None:
    visited = visit(width=390, color_scheme=color_scheme)
    for question in (fake.texts["hostile.md"].title, ANSWERED, REFUSED):
        visited.ask(question)
    for width in (390, 1280):
        visited.page.set_viewport_size({"width": width, "height": 800})
        assert visited.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visited.page.evaluate("[document.documentElement.lang, document.title]") == ["en", "natoqa"]
    dark = visited.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 24, 30)"
    assert dark == (color_scheme == "dark")
    contrasts = visited.page.evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert min(contrasts.values()) >= 4.5, contrasts


# The WCAG contrast of every text in the page with what lies behind it.
CONTRASTS = """
() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const contrasts = {};
  for (const element of document.querySelectorAll("main *")) {
    const texts = [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim());
    if (!texts || !element.checkVisibility()) continue;
    const [a, b] = [getComputedStyle(element).color, behind(element)].map((c, i) => luminance(i ? c : channels(c)));
    const name = `${element.tagName}.${element.className} ${element.textContent.slice(0, 20)}`;
    contrasts[name] = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }
  return contrasts;
}
"""
