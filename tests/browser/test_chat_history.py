"""Earlier conversations, kept in the browser: found again, continued, deleted, and never believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from natoqa.chat.users import PasswordHash, Users

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
BUILT = "When was the lighthouse of Punta Alta built?"
COST = "What did the winter of 1929 cost the town?"
PATIENCE_MS = 10_000
HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


class Reader:
    """A browser profile of its own, with one page in it."""

    def __init__(self, context: Any, address: str) -> None:
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.goto(address)
        self.ready()

    def ready(self) -> None:
        self.page.get_by_label("Your question").wait_for()
        self.page.locator(".commands .earlier:not([hidden])").wait_for()

    def ask(self, question: str) -> Any:
        turns = self.page.locator(".turn:not(.pending)")
        before = turns.count()
        self.page.get_by_label("Your question").fill(question)
        self.page.keyboard.press("Enter")
        turns.nth(before).wait_for()
        return turns.nth(before)

    def anew(self) -> None:
        self.page.get_by_role("button", name="New", exact=True).click()
        self.page.wait_for_function("document.querySelectorAll('.turn').length === 0")

    def earlier(self) -> Any:
        self.page.get_by_role("button", name="Earlier", exact=True).click()
        dialog = self.page.get_by_role("dialog", name="Earlier conversations")
        dialog.wait_for()
        return dialog

    def key(self) -> str:
        """Where the browser keeps them, once there is one."""
        self.page.wait_for_function("Object.keys(localStorage).some(key => key.startsWith('natoqa.history.1.'))")
        return str(self.page.evaluate("Object.keys(localStorage).find(key => key.startsWith('natoqa.history.1.'))"))

    def kept(self) -> list[Any]:
        return list(json.loads(self.page.evaluate("key => localStorage.getItem(key)", self.key()))["conversations"])

    def put(self, value: str) -> None:
        """Write what another script of this address could have written, and open the page again."""
        self.page.evaluate("([key, value]) => localStorage.setItem(key, value)", [self.key(), value])
        self.page.reload()
        self.ready()


@pytest.fixture
def reader(browser: Any) -> Iterator[Callable[..., Reader]]:
    contexts = []

    def open_reader(address: str, width: int = 1280) -> Reader:
        context = browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce")
        contexts.append(context)
        return Reader(context, address)

    yield open_reader
    for context in contexts:
        context.close()


def test_a_conversation_is_found_again_continued_exported_and_judged(reader: Open, shelf: Any) -> None:
    one = reader(shelf.address)
    page = one.page
    one.ask(BUILT)
    one.anew()
    one.ask(COST)
    one.anew()
    dialog = one.earlier()
    rows = dialog.get_by_role("listitem")
    assert [rows.nth(place).locator(".again").text_content() for place in range(rows.count())] == [COST, BUILT]
    assert "1 question" in rows.nth(1).text_content()
    dialog.get_by_role("button", name=f"Open: {BUILT}").click()
    turn = page.locator("#turn-1")
    turn.wait_for()
    assert turn.locator(".question").text_content() == BUILT
    assert "its quotes were looked for in the documents again" in turn.text_content()
    second = one.ask("Who built it?")
    assert second.get_attribute("id") == "turn-2"
    assert "lighthouse" in second.locator(".understood q").text_content()
    turn.locator(".cite").first.click()
    page.locator("#panel mark").first.wait_for()
    assert "1887" in page.locator("#panel mark").first.text_content()
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Markdown", exact=True).click()
    written = download.value.path().read_text("utf-8")
    assert BUILT in written
    assert "Who built it?" in written
    turn.get_by_role("button", name="Good answer").click()
    page.keyboard.press("Enter")
    turn.get_by_text("Marked as a good answer").wait_for()
    assert [[turn["asked"] for turn in kept["turns"]] for kept in one.kept()] == [[COST], [BUILT, "Who built it?"]]


def test_a_reload_offers_the_last_conversation(reader: Open, shelf: Any) -> None:
    one = reader(shelf.address)
    one.ask(BUILT)
    one.page.reload()
    one.ready()
    one.page.locator(".resume").get_by_role("button", name=f"Open: {BUILT}").click()
    one.page.locator("#turn-1").wait_for()
    assert one.page.locator("#welcome").is_hidden()


def test_conversations_are_deleted_one_by_one_and_all_at_once_with_the_keyboard(reader: Open, shelf: Any) -> None:
    one = reader(shelf.address, width=390)
    page = one.page
    for question in (BUILT, COST, "Where was a comet seen?"):
        one.ask(question)
        one.anew()
    page.locator(".commands .earlier").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Earlier conversations")
    dialog.get_by_role("button", name=f"Delete: {COST}").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('#earlier li').length === 2")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Delete: {BUILT}"
    assert [kept["turns"][0]["asked"] for kept in one.kept()] == [BUILT, "Where was a comet seen?"]
    dialog.get_by_role("button", name="Delete all").focus()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Delete all for good?").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('#earlier li').length === 0")
    assert page.evaluate("localStorage.length") == 0
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.className") == "earlier"
    assert page.locator(".resume").count() == 0


def test_at_390_pixels_nothing_is_wider_than_the_page(reader: Open, shelf: Any) -> None:
    one = reader(shelf.address, width=390)
    one.ask(BUILT)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    box = one.page.get_by_role("button", name="Earlier", exact=True).bounding_box()
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    one.earlier()
    assert one.page.evaluate("document.querySelector('#earlier').scrollWidth <= 390")


def test_what_was_tampered_with_is_neither_run_nor_highlighted(reader: Open, shelf: Any) -> None:
    one = reader(shelf.address)
    page = one.page
    one.ask(BUILT)
    (conversation,) = one.kept()
    (turn,) = conversation["turns"]
    turn["asked"] = HOSTILE
    turn["sentences"][0][0]["text"] = f"The lighthouse was built in 1999. {HOSTILE}"
    one.put(json.dumps({"conversations": [conversation]}))
    one.earlier().locator(".again").click()
    shown = page.locator("#turn-1")
    shown.wait_for()
    assert shown.locator(".question").text_content() == HOSTILE
    assert "its document has changed since" in shown.locator(".fallen").text_content()
    assert "built in 1999" in shown.locator(".fallen").text_content()
    assert "1999" not in page.locator("#turn-1 [data-quote]").evaluate_all(
        "all => all.map(x => x.dataset.quote).join()"
    )
    assert page.locator("#turn-1 img, #turn-1 script, #earlier img, #earlier script").count() == 0
    assert page.title() == "natoqa"


@pytest.mark.parametrize(
    "value",
    [
        "{",
        "null",
        '{"conversations": 7}',
        '{"conversations": [null, 1, {"name": 1, "turns": []}, {"name": "a", "turns": [null]}]}',
        '{"__proto__": {"conversations": []}}',
    ],
)
def test_what_is_no_history_is_none(reader: Open, shelf: Any, value: str) -> None:
    one = reader(shelf.address)
    one.ask(BUILT)
    one.put(value)
    dialog = one.earlier()
    assert dialog.get_by_role("listitem").count() == 0
    one.page.keyboard.press("Escape")
    one.ask(COST)
    assert [kept["turns"][0]["asked"] for kept in one.kept()] == [COST]


def test_a_conversation_that_the_server_refuses_leaves_the_open_one_as_it_is(reader: Open, shelf: Any) -> None:
    one = reader(shelf.address)
    one.ask(BUILT)
    (conversation,) = one.kept()
    bad = {"name": "bad", "turns": [{"asked": "Bad", "at": "", "question": 7}]}
    one.put(json.dumps({"conversations": [conversation, bad]}))
    one.ask(COST)
    one.earlier().get_by_role("button", name="Open: Bad").click()
    one.page.get_by_role("alert").filter(has_text="the conversation cannot be opened").wait_for()
    assert one.page.locator(".turn").count() == 1
    assert one.ask("Where was a comet seen?").get_attribute("id") == "turn-2"
    assert [len(kept["turns"]) for kept in one.kept()] == [1, 1, 2]


def test_the_oldest_conversations_go_first(reader: Open, shelf: Any) -> None:
    one = reader(shelf.address)
    one.ask(BUILT)
    (conversation,) = one.kept()
    many = [{**conversation, "name": f"n{number}"} for number in range(50)]
    one.put(json.dumps({"conversations": many}))
    one.ask(COST)
    kept = one.kept()
    assert (len(kept), kept[0]["name"], kept[-1]["turns"][0]["asked"]) == (50, "n1", COST)
    turn = {**conversation["turns"][0], "asked": "x" * 19_000}
    large = [{"name": f"l{number}", "turns": [turn] * 5} for number in range(12)]
    one.put(json.dumps({"conversations": large}))
    one.ask(COST)
    size = one.page.evaluate("key => localStorage.getItem(key).length", one.key())
    assert 800_000 < size <= 1_000_000
    assert one.kept()[-1]["turns"][0]["asked"] == COST


def test_full_storage_costs_what_is_oldest_and_else_nothing(reader: Open, shelf: Any) -> None:
    one = reader(shelf.address)
    page = one.page
    one.ask(BUILT)
    page.evaluate(
        "() => { let size = 4e6; while (size >= 1) {"
        "try { localStorage.setItem('other', (localStorage.getItem('other') || '') + 'x'.repeat(size)); }"
        "catch { size = Math.floor(size / 2); } } }"
    )
    one.anew()
    assert "answered" in one.ask(BUILT + " ").get_attribute("class")
    assert [len(kept["turns"]) for kept in one.kept()] == [1]
    assert "answered" in one.ask(COST).get_attribute("class")
    assert one.earlier().get_by_role("listitem").count() == 1


def test_without_storage_the_page_works_and_says_nothing_of_it(browser: Any, shelf: Any) -> None:
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(shelf.address)
    page.get_by_label("Your question").fill(BUILT)
    page.keyboard.press("Enter")
    page.locator(".turn.answered").wait_for()
    assert page.locator(".commands .earlier").is_hidden()
    assert [error for error in errors if "natoqa" in error or "key" in error] == []
    context.close()


def test_another_user_of_the_browser_does_not_see_the_list(
    reader: Open, serving: Any, shelf: Any, browser: Any
) -> None:
    users = Users({name: PasswordHash.of("correct horse", 4) for name in ("anna", "ben")})
    with serving(shelf.assistant, users=users) as address:
        context = browser.new_context()
        seen = []
        for name in ("anna", "ben", "anna"):
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(f"{address}logout")
            page.locator("[name=username]").fill(name)
            page.locator("[name=password]").fill("correct horse")
            page.keyboard.press("Enter")
            page.locator(".commands .earlier:not([hidden])").wait_for()
            page.locator(".commands .earlier").click()
            seen.append(page.locator("#earlier li").count())
            page.keyboard.press("Escape")
            if not seen[1:]:
                page.get_by_label("Your question").fill(BUILT)
                page.keyboard.press("Enter")
                page.locator(".turn.answered").wait_for()
            page.close()
        context.close()
    assert seen == [0, 0, 1]
