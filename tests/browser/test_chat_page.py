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


def test_an_answer_shows_its_sentences_and_where_each_stands(visit: Open, fake: Any) -> None:
    turn = visit().ask(ANSWERED)
    citations = fake.answers[ANSWERED].citations
    assert turn.locator(".sentence").all_text_contents() == [citation.quote for citation in citations]
    assert turn.locator(".cite").all_text_contents() == ["1", "2"]
    assert [mark.get_attribute("data-quote") for mark in turn.locator(".cite").all()] == [
        fake.texts[citation.document].text[citation.start : citation.end] for citation in citations
    ]
    first = turn.locator(".sources > li").first.text_content()
    for part in ("The Harbour", "A. Keeper", "1931-02-03", "¶ 2"):
        assert part in first


def test_a_question_that_the_sources_do_not_answer_gets_no_answer(visit: Open, fake: Any) -> None:
    turn = visit().ask(REFUSED)
    assert turn.locator(".none").text_content() == "The sources do not answer this."
    assert "No passage names a mayor." in turn.locator(".reason").text_content()
    assert "not an answer" in turn.locator(".label").first.text_content()
    assert turn.locator(".card").count() == 2
    assert turn.locator(".answer, .sentence, .cite, mark").count() == 0


def test_earlier_turns_stay_and_no_id_occurs_twice(visit: Open, fake: Any) -> None:
    visited = visit()
    for question in (ANSWERED, REFUSED, ANSWERED):
        visited.ask(question)
    assert visited.page.locator(".question").all_text_contents() == [ANSWERED, REFUSED, ANSWERED]
    ids = visited.page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id) => id)")
    assert len(ids) == len(set(ids))


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
    assert turn.locator(".sources .title").text_content() == hostile.title
    assert turn.locator(".sources .byline li").all_text_contents() == [hostile.title, hostile.title, "¶ 2"]
    assert turn.locator(".sentence").text_content() == fake.answers[hostile.title].citations[0].quote
    # What turns the writing direction stays within its own text.
    for shown in (turn.locator(".sentence"), turn.locator(".sources .title bdi"), turn.locator(".byline bdi").first):
        assert shown.evaluate("(e) => getComputedStyle(e).unicodeBidi") == "isolate"
    assert visited.page.locator(".turn a, .turn strong, .turn code").count() == 0
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
        visited.page.wait_for_function("(q) => document.querySelector('#question textarea').value === q", arg=question)
    visited.ask(ANSWERED)
    assert notice.count() == 0


def test_enter_pressed_twice_asks_once_and_a_question_put_at_once_is_not_lost(visit: Open) -> None:
    visited = visit()
    page = visited.page
    page.get_by_label("Your question").fill(ANSWERED)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator(".turn.answered").wait_for()
    for number in range(2, 6):
        # Nothing but the answer is waited for: the server may still be busy with it.
        assert visited.ask(ANSWERED if number % 2 else REFUSED).get_attribute("id") == f"turn-{number}"
    assert page.locator(".turn").count() == 5
    assert page.get_by_role("alert").filter(has_text="empty").count() == 0


def test_questions_put_one_upon_the_other_are_each_answered_in_their_order(visit: Open, fake: Any) -> None:
    visited = visit()
    page = visited.page
    questions = [ANSWERED, REFUSED, fake.texts["hostile.md"].title] * 3
    for question in questions:
        page.get_by_label("Your question").fill(question)
        page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('.turn:not(.pending)').length === {len(questions)}")
    assert page.locator(".turn").count() == len(questions)
    assert page.locator(".question").all_text_contents() == questions
    assert [turn.get_attribute("id") for turn in page.locator(".turn").all()] == [
        f"turn-{number}" for number in range(1, len(questions) + 1)
    ]
    statuses = [fake.answers[question].status.value for question in questions]
    assert [turn.get_attribute("class") for turn in page.locator(".turn").all()] == [f"turn {s}" for s in statuses]


def test_a_question_refused_among_others_gives_its_place_to_none_of_them(visit: Open) -> None:
    page = visit().page
    for question in (ANSWERED, "a question that breaks the assistant", REFUSED):
        page.get_by_label("Your question").fill(question)
        page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.turn:not(.pending)').length === 2")
    assert page.locator(".question").all_text_contents() == [ANSWERED, REFUSED]
    assert [turn.get_attribute("id") for turn in page.locator(".turn").all()] == ["turn-1", "turn-2"]


def test_a_server_that_is_gone_is_reported_and_the_question_kept(visit: Open, serving: Any, fake: Any) -> None:
    with serving(fake) as address:
        page = visit(address).page
    page.get_by_label("Your question").fill(ANSWERED)
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="The server does not answer.").wait_for()
    assert page.get_by_label("Your question").input_value() == ANSWERED


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
    from natoqa.chat.suggested import EXAMPLES

    visited = visit()
    shown = visited.page.locator("#examples button").all_text_contents()
    assert [text.strip() for text in shown] == list(EXAMPLES)
    visited.page.get_by_role("button", name=EXAMPLES[1]).click()
    visited.page.get_by_role("alert").filter(has_text="Something went wrong").wait_for()
    assert fake.asked[-1] == EXAMPLES[1]


def test_neither_the_page_nor_its_server_asks_another_host_for_anything(
    visit: Open, serving: Any, shelf: Any, foreign_hosts: list[Any]
) -> None:
    from natoqa.chat.page_images import PageImages
    from natoqa.corpus import Corpus

    with serving(shelf.assistant, PageImages(Corpus.open(shelf.corpus))) as address:
        visited = visit(address)
        page = visited.page
        turn = visited.ask("How many times did the keeper row out to the barque Esperanza?")
        turn.locator(".next .ask").first.wait_for()
        turn.locator(".cite").first.click()
        page.get_by_role("button", name="Page", exact=True).click()
        page.locator("#panel .page-image img").wait_for()
        page.get_by_text("Export", exact=True).click()
        with page.expect_download():
            page.get_by_role("button", name="Web page").click()
        page.get_by_role("button", name="New", exact=True).click()
        visited.ask("Who was the mayor of Atlantis?")
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
    program += "stored = SimpleNamespace(document_metadata=dict, passage_counts=dict); "
    program += "chat.serve(SimpleNamespace(documents=dict, document=dict, generation=stored), port=0)"
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
    visited.page.locator(".turn .sources .number").first.click()
    visited.page.locator("#panel mark.quote").first.wait_for()
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
