"""The page as Gradio sees it: a log of turns, a question box and example questions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import gradio as gr

from natoqa.chat import render
from natoqa.errors import NatoqaError
from natoqa.live import pinned

if TYPE_CHECKING:
    from natoqa.live import Conversant

TITLE = "natoqa"
EXAMPLES = (
    "Is NATO relevant to UNASUR?",
    "What arms has China sold?",
    "How much did the Túpac Katari satellite cost?",
    "Why are the Falkland Islands relevant to UNASUR?",
    "How do I reset my router?",
)
UNEXPECTED = "Something went wrong while answering. The page still works; the details are in the terminal."

_INTRODUCTION = (
    f"<header><h1>{TITLE}</h1><p>Every sentence of an answer is quoted from a document, and each mark leads to its "
    "place there. When the documents do not answer, natoqa says so.</p></header>"
)
# The examples speak of this document; over other people's documents they would be beside the point.
_EXAMPLES_ARE_ABOUT = "briefing.txt"
# A mark's link is followed by hand: the page's <base> would make the browser load the page anew, and a link alone
# does not move the keyboard's focus to the card. A new turn is scrolled to its question, not to its end.
_FOLLOW_MARKS = """
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
element.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const place = link && document.getElementById(link.getAttribute("href").slice(1));
  if (!place) return;
  event.preventDefault();
  place.focus({preventScroll: true});
  place.scrollIntoView({behavior: calm, block: "center"});
});
watch("value", () => {
  const turns = element.querySelectorAll(".turn");
  if (turns.length) turns[turns.length - 1].scrollIntoView({behavior: calm, block: "start"});
});
"""

# A session's turns as HTML, oldest first.
Conversation = tuple[str, ...]
# The log, the announcement, the notice and the conversation, in the order of the page's outputs.
Shown = tuple[str, str, str, Conversation]

_log = logging.getLogger(__name__)


def build(assistant: Conversant) -> gr.Blocks:
    """The page that puts questions to ``assistant``, which all sessions share and none changes."""

    def from_box(question: str, conversation: Conversation) -> Iterator[tuple[str, str, str, Conversation, str]]:
        for shown in reply(assistant, question, conversation):
            answered = len(shown[3]) > len(conversation)
            # A question that was refused stays in the box, to be mended there.
            yield (*shown, "" if answered else question)

    def from_example(question: str, conversation: Conversation) -> Iterator[Shown]:
        yield from reply(assistant, question, conversation)

    suggested = EXAMPLES if _EXAMPLES_ARE_ABOUT in assistant.documents() else ()
    page = gr.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        conversation = gr.State(())
        gr.HTML(_INTRODUCTION, elem_id="introduction", apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="examples", visible=bool(suggested)):
            examples = [gr.Button(example, size="sm", elem_classes="example") for example in suggested]
        log = gr.HTML(
            "",
            html_template='<section aria-label="Conversation">${value}</section>',
            elem_id="conversation",
            apply_default_css=False,
            js_on_load=_FOLLOW_MARKS,
        )
        # Live regions stand in the page from the start: a screen reader announces only what changes inside them.
        announcement = gr.HTML(
            "",
            html_template='<div role="status" aria-live="polite">${value}</div>',
            elem_id="announcement",
            apply_default_css=False,
            js_on_load=None,
        )
        with gr.Column(elem_id="composer"):
            notice = gr.HTML(
                "",
                html_template='<p role="alert">${value}</p>',
                elem_id="notice",
                apply_default_css=False,
                js_on_load=None,
            )
            with gr.Row(elem_id="ask"):
                box = gr.Textbox(
                    label="Your question",
                    placeholder="Ask about the documents",
                    lines=1,
                    max_lines=6,
                    autofocus=True,
                    container=False,
                    scale=1,
                    elem_id="question",
                )
                button = gr.Button("Ask", variant="primary", scale=0, min_width=96, elem_id="send")
        shown = [log, announcement, notice, conversation]
        # One question at a time: encoding two at once on a CPU is slower than one after the other.
        gr.on(
            [box.submit, button.click],
            from_box,
            [box, conversation],
            [*shown, box],
            api_visibility="private",
            show_progress="hidden",
            concurrency_limit=1,
            concurrency_id="ask",
        )
        for example in examples:
            example.click(
                from_example,
                [example, conversation],
                shown,
                api_visibility="private",
                show_progress="hidden",
                concurrency_limit=1,
                concurrency_id="ask",
            )
    return page


def reply(assistant: Conversant, question: str, conversation: Conversation) -> Iterator[Shown]:
    """What the page shows while a question is answered, and then the answer or one line on why there is none."""
    number = len(conversation) + 1
    so_far = "".join(conversation)
    yield so_far + render.pending(number, question), "Looking through the sources…", "", conversation
    try:
        # Of one generation: the quotes must stand in the documents that are shown around them.
        with pinned(assistant) as live:
            answer = live.ask(question)
            turn = render.turn(number, answer, live.document)
    except NatoqaError as error:
        yield so_far, "", render.text(f"Not answered: {' '.join(str(error).split())}"), conversation
    except Exception:
        # Whatever it is, one question must not end the conversation.
        _log.exception("a question could not be answered")
        yield so_far, "", UNEXPECTED, conversation
    else:
        yield so_far + turn, render.spoken(answer), "", (*conversation, turn)
