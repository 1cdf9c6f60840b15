"""The page over the shipped corpus: what it shows is what stands in the documents."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_every_example_gets_an_answer_in_the_words_of_the_documents_or_none(
    visit: Callable[..., Any], real_address: str, real_assistant: Any
) -> None:
    from natoqa.chat.suggested import EXAMPLES

    visited = visit(real_address)
    assert visited.page.locator("#examples .ask").all_text_contents() == list(EXAMPLES)
    for question in EXAMPLES:
        turn = visited.ask(question)
        answer = real_assistant.ask(question)
        assert f"turn {answer.status.value}" == turn.get_attribute("class")
        for mark, citation in zip(turn.locator(".cite").all(), answer.citations, strict=True):
            mark.click()
            visited.page.locator("#panel mark.quote").first.wait_for()
            visited.page.wait_for_function(
                "(quote) => [...document.querySelectorAll('#panel mark.quote')].map((m) => m.textContent).join('')"
                " === quote",
                arg=citation.quote,
            )
            source = real_assistant.document(citation.document)
            assert source.text[citation.start : citation.end] == citation.quote
            assert visited.page.locator("#panel .identity").text_content() == citation.document
        shown = turn.locator(".sentence").all_text_contents()
        assert shown == [sentence.text for sentence in answer.sentences]
        quotes = {citation.quote for citation in answer.citations}
        assert quotes.issuperset(shown)
        assert turn.locator(".nearest .card").count() == len(answer.nearest)


STOPWATCH = """
() => {
  const section = document.querySelector("#conversation section");
  window.took = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const [start, before] = [performance.now(), section.querySelectorAll(".turn:not(.pending)").length];
    const watcher = new MutationObserver(() => {
      if (section.querySelectorAll(".turn:not(.pending)").length === before) return;
      watcher.disconnect();
      requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - start)));
    });
    watcher.observe(section, {childList: true, subtree: true});
  }, true);
}
"""


@pytest.mark.slow
def test_the_median_answer_is_on_the_screen_within_300_ms(visit: Callable[..., Any], real_address: str) -> None:
    from natoqa.chat.suggested import EXAMPLES

    visited = visit(real_address)
    visited.ask(EXAMPLES[0])
    visited.page.evaluate(STOPWATCH)
    for number in range(20):
        visited.ask(EXAMPLES[number % len(EXAMPLES)])
        # As a reader does: nobody asks on while the answer appears.
        visited.page.wait_for_timeout(500)
    took = visited.page.evaluate("window.took")
    print([round(one) for one in took])
    assert len(took) == 20
    assert median(took) < 300
