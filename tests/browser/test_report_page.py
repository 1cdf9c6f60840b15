"""What a reader sees, reaches and can link to in the report of a run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from natoqa.evaluation.comparison import compare
from natoqa.evaluation.outcomes import Gold, Shown, Verdict
from natoqa.evaluation.report.page import render_report, worst_first
from natoqa.testing.runs import made_outcome, made_run, mixed_run

pytestmark = pytest.mark.browser

RUN = mixed_run(60, drafts=2, name="The harbour")
BASELINE = mixed_run(60, seed=1)
HOSTILE = (
    "<img src=x onerror=\"document.title='broken'\"></script><script>document.title='broken'</script>"
    " \" onmouseover='document.title=1' \u202etxet\u202c שלום 🚢 \x00 & &amp; a,b%20c#d+e"
)
VISIBLE = ".question:not([hidden])"
CONTRAST = """
(elements) => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3)
      .map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  return elements.map((element) => {
    const style = getComputedStyle(element);
    const front = element.ownerSVGElement ? style.fill : style.color;
    const [high, low] = [luminance(parse(front)), luminance(behind(element))].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  });
}
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """An open report, what it asked for and what it complained of."""

    page: Any
    requests: list[str]
    complaints: list[str]

    @property
    def shown(self) -> list[str]:
        """Ids of the questions that can be seen, from top to bottom."""
        return self.page.eval_on_selector_all(VISIBLE, "items => items.map((item) => item.dataset.id)")

    def follow(self, link: Any, count: str) -> None:
        """Click a link to a view and wait until the page says how much of it there is; that comes with an event."""
        link.click()
        self.page.locator("#showing", has_text=count).wait_for()

    @property
    def fragment(self) -> str:
        return self.page.evaluate("location.hash")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(render_report(RUN, compare(BASELINE, RUN), BASELINE.date), "utf-8")
    return file


@pytest.fixture
def open_report(browser: Any, path: Path) -> Iterator[Callable[..., Visit]]:
    """Opens a report from disk: ``open_report("#worst", width=390, color_scheme="dark")``."""
    contexts = []

    def open_page(fragment: str = "", file: Path = path, width: int = 1280, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        visit = Visit(page, [], [])
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("console", lambda message: visit.complaints.append(message.text))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.goto(file.as_uri() + fragment)
        return visit

    yield open_page
    for context in contexts:
        context.close()


def _ids(*verdicts: Verdict) -> list[str]:
    return [outcome.id for outcome in worst_first(RUN.outcomes) if outcome.verdict in verdicts]


def test_the_page_asks_for_nothing_and_complains_of_nothing(open_report: Callable[..., Visit], path: Path) -> None:
    visit = open_report()
    visit.follow(visit.page.get_by_role("link", name="Ten worst").first, "The 10 worst")
    visit.page.get_by_role("searchbox").fill("harbour")
    visit.page.wait_for_timeout(100)
    assert visit.requests == [path.as_uri()]
    assert visit.complaints == []


def test_the_ten_worst_are_one_click_away_and_open(open_report: Callable[..., Visit]) -> None:
    visit = open_report()
    link = visit.page.get_by_role("link", name="Ten worst").first
    assert link.evaluate("link => link.getBoundingClientRect().bottom") < 900
    visit.follow(link, "The 10 worst of 60 questions")
    assert visit.shown == [outcome.id for outcome in worst_first(RUN.outcomes)[:10]]
    assert visit.page.locator(f"{VISIBLE} details[open]").count() == 10
    assert visit.page.locator("#questions-title").evaluate("title => title.getBoundingClientRect().top") < 100
    assert visit.page.locator("#showing").text_content() == "The 10 worst of 60 questions"
    assert open_report(visit.fragment).shown == visit.shown


def test_the_ten_worst_can_be_reached_again_after_a_filter(open_report: Callable[..., Visit]) -> None:
    visit = open_report("#worst")
    visit.page.get_by_role("checkbox", name="right abstention").check()
    assert visit.shown == _ids(Verdict.RIGHT_ABSTENTION)
    assert visit.page.locator("details[open]").count() == 0
    visit.follow(visit.page.locator("#filters").get_by_role("link", name="Ten worst"), "The 10 worst")
    assert len(visit.shown) == 10
    assert not visit.page.get_by_role("checkbox", name="right abstention").is_checked()


def test_verdicts_tags_and_words_filter_together_and_the_address_keeps_it(open_report: Callable[..., Visit]) -> None:
    visit = open_report()
    page = visit.page
    assert len(visit.shown) == 60
    assert page.locator("#showing").text_content() == "All 60 questions"
    page.get_by_role("checkbox", name="partial").check()
    page.get_by_role("checkbox", name="wrong").check()
    assert visit.shown == _ids(Verdict.WRONG, Verdict.PARTIAL)
    page.get_by_label("Tag", exact=True).select_option("number")
    tagged = {outcome.id for outcome in RUN.outcomes if "number" in outcome.tags}
    assert visit.shown == [name for name in _ids(Verdict.WRONG, Verdict.PARTIAL) if name in tagged]
    wanted = visit.shown[-1]
    page.get_by_role("searchbox").fill(f"FREEZE {wanted}")
    assert visit.shown == [wanted]
    assert page.locator("#showing").text_content() == "1 of 60 questions"
    again = open_report(visit.fragment)
    assert again.shown == [wanted]
    assert again.page.get_by_role("searchbox").input_value() == f"FREEZE {wanted}"
    assert again.page.get_by_role("checkbox", name="partial").is_checked()
    assert again.page.locator("select[name=tag] option:checked").text_content() == "number"
    page.get_by_role("button", name="Clear").click()
    assert page.locator("#showing").text_content() == "All 60 questions"
    assert visit.fragment == ""


def test_when_nothing_matches_the_page_says_so(open_report: Callable[..., Visit]) -> None:
    visit = open_report("#q=no+such+words")
    assert visit.shown == []
    assert visit.page.locator("#nothing").is_visible()
    assert visit.page.locator("#showing").text_content() == "0 of 60 questions"
    visit.page.get_by_role("button", name="Clear").click()
    assert not visit.page.locator("#nothing").is_visible()
    assert len(visit.shown) == 60


@pytest.mark.parametrize(
    ("choice", "key"),
    [
        ("most confident first", lambda outcome: -outcome.confidence),
        ("least confident first", lambda outcome: outcome.confidence),
        ("by id", lambda outcome: int(outcome.id.removeprefix("made-"))),
    ],
)
def test_questions_can_be_sorted(open_report: Callable[..., Visit], choice: str, key: Callable[..., float]) -> None:
    visit = open_report()
    visit.page.get_by_label("Sort").select_option(label=choice)
    ordered = [outcome.id for outcome in sorted(RUN.outcomes, key=key)]
    assert visit.shown == ordered
    assert open_report(visit.fragment).shown == ordered
    visit.page.get_by_label("Sort").select_option(label="worst first")
    assert visit.shown == [outcome.id for outcome in worst_first(RUN.outcomes)]


def test_a_verdict_in_the_legend_and_a_tag_in_the_table_lead_to_their_questions(
    open_report: Callable[..., Visit],
) -> None:
    visit = open_report()
    wrong = _ids(Verdict.FALSE_ANSWER)
    followed = {outcome.id for outcome in RUN.outcomes if "follow-up" in outcome.tags}
    assert len(wrong) != len(followed)
    visit.follow(visit.page.locator(".legend").get_by_role("link", name="false answer"), f"{len(wrong)} of 60")
    assert visit.shown == wrong
    visit.follow(visit.page.locator("#slices").get_by_role("link", name="follow-up"), f"{len(followed)} of 60")
    assert set(visit.shown) == followed
    visit.page.go_back()
    visit.page.locator("#showing", has_text=f"{len(wrong)} of 60").wait_for()
    assert visit.shown == wrong


def test_a_flipped_question_is_shown_open_even_when_it_was_filtered_out(open_report: Callable[..., Visit]) -> None:
    visit = open_report("#q=no+such+words")
    flip = visit.page.locator("[data-flip]").first
    visit.follow(flip.get_by_role("link"), "All 60 questions")
    item = visit.page.locator(f".question[data-id='{flip.get_attribute('data-flip')}']")
    assert item.locator("details").get_attribute("open") is not None
    assert item.evaluate("item => { const at = item.getBoundingClientRect(); return at.top >= -1 && at.top < 900; }")
    assert len(visit.shown) == 60


def test_the_keyboard_alone_opens_a_question_and_sets_a_filter(open_report: Callable[..., Visit]) -> None:
    visit = open_report()
    page = visit.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the questions"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert visit.shown == _ids(Verdict.RIGHT)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    assert page.locator(f"{VISIBLE} details[open]").count() == 1


def test_without_script_everything_can_be_read(open_report: Callable[..., Visit]) -> None:
    visit = open_report(java_script_enabled=False)
    assert not visit.page.locator("#filters").is_visible()
    visit.page.get_by_role("link", name="Ten worst").first.click()
    first = visit.page.locator(".question").first
    first.locator("summary").click()
    assert first.locator("blockquote").first.is_visible()
    assert visit.page.locator(".question").count() == 60


@pytest.mark.parametrize("fragment", ["", "#worst"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_has_to_be_scrolled_sideways(open_report: Callable[..., Visit], width: int, fragment: str) -> None:
    page = open_report(fragment, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "[...document.querySelectorAll('body *')].filter((one) => one.checkVisibility()"
        " && !one.closest('.scroll, .metrics thead, svg, .skip')"
        " && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 80))"
    )
    assert wide == []


def test_text_in_charts_stays_large_enough_on_a_small_screen(open_report: Callable[..., Visit]) -> None:
    heights = open_report(width=390).page.eval_on_selector_all(
        ".chart text",
        "texts => texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a || 12)",
    )
    assert min(height for height in heights if height) >= 11


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(open_report: Callable[..., Visit], color_scheme: str) -> None:
    page = open_report("#worst", color_scheme=color_scheme).page
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = sum(map(int, re.findall(r"\d+", background)[:3]))
    assert (lightness < 150) == (color_scheme == "dark")
    for selector in (
        "h1, .lead, .note, code, dt, dd, figcaption",
        ".badge",
        ".button",
        ".change",
        ".chart text",
        "mark",
        "blockquote",
        ".reason",
        ".sign",
        ".origin",
        "a:not(.button)",
        ".tag",
        ".interval",
    ):
        ratios = page.eval_on_selector_all(selector, CONTRAST)
        assert ratios, selector
        assert min(ratios) >= 4.5, selector


def test_a_dark_screen_prints_light(open_report: Callable[..., Visit]) -> None:
    page = open_report(color_scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert min(page.eval_on_selector_all("h1, .note, .badge, a:not(.button)", CONTRAST)) >= 4.5
    assert not page.locator("#filters").is_visible()


def test_hostile_text_is_inert_and_can_be_filtered_by(open_report: Callable[..., Visit], tmp_path: Path) -> None:
    outcomes = [
        made_outcome(
            HOSTILE,
            Verdict.WRONG,
            question=HOSTILE,
            tags=(HOSTILE,),
            shown=(Shown(HOSTILE, HOSTILE, 0, len(HOSTILE), HOSTILE),),
            evidence=((Gold(HOSTILE, 3, 9, HOSTILE, True),),),
            timings_ms={HOSTILE: 1.0, "total": 1.0},
        ),
        made_outcome("sober"),
    ]
    file = tmp_path / "hostile.html"
    file.write_text(render_report(made_run(outcomes, name=HOSTILE)), "utf-8")
    visit = open_report("#worst", file=file)
    page = visit.page
    assert page.locator("img").count() == 0
    assert "natoqa evaluation" in page.title()
    assert "broken" in page.locator("h1").text_content()
    page.get_by_label("Tag", exact=True).select_option(index=1 + sorted([HOSTILE, "fact"]).index(HOSTILE))
    assert len(visit.shown) == 1
    again = open_report(visit.fragment, file=file)
    assert len(again.shown) == 1
    assert page.locator("h1").evaluate("title => title.scrollWidth <= title.clientWidth + 1")
    assert visit.complaints == again.complaints == []


def test_a_thousand_questions_open_and_filter_quickly(open_report: Callable[..., Visit], tmp_path: Path) -> None:
    file = tmp_path / "large.html"
    file.write_text(render_report(mixed_run(1000)), "utf-8")
    began = time.perf_counter()
    visit = open_report(file=file)
    assert visit.page.locator("#showing").text_content() == "All 1,000 questions"
    opened = time.perf_counter() - began
    began = time.perf_counter()
    visit.page.get_by_role("searchbox").fill("made-777")
    assert visit.shown == ["made-777"]
    filtered = time.perf_counter() - began
    # Far above what it takes, far below what a reader would call broken.
    assert opened < 5
    assert filtered < 2
