"""The page over the shipped corpus: what it shows is what stands in the documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_every_example_gets_an_answer_in_the_words_of_the_documents_or_none(
    visit: Callable[..., Any], real_address: str, real_assistant: Any
) -> None:
    from natoqa.chat.page import EXAMPLES

    visited = visit(real_address)
    for number, question in enumerate(EXAMPLES):
        visited.page.get_by_role("button", name=question).click()
        turn = visited.page.locator(".turn:not(.pending)").nth(number)
        turn.wait_for()
        answer = real_assistant.ask(question)
        assert f"turn {answer.status.value}" == turn.get_attribute("class")
        assert turn.locator("mark").all_text_contents() == [
            real_assistant.document(citation.document).text[citation.start : citation.end]
            for citation in answer.citations
        ]
        shown = turn.locator(".sentence").all_text_contents()
        assert shown == [sentence.text for sentence in answer.sentences]
        quotes = {citation.quote for citation in answer.citations}
        assert quotes.issuperset(shown)
        assert turn.locator(".nearest .card").count() == len(answer.nearest)
