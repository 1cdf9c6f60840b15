"""The page as Gradio sees it: a log of turns, a question box, and a panel of documents beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from natoqa.chat import api, keeping, words
from natoqa.chat.conversing import Talk
from natoqa.chat.sources import Sources
from natoqa.chat.suggested import Suggested
from natoqa.chat.turns import Turns

if TYPE_CHECKING:
    from natoqa.chat.page_images import PageImages
    from natoqa.chat.uploading import Uploads
    from natoqa.live import Conversant

TITLE = "natoqa"
_INTRODUCTION = (
    '<a class="skip" href="#question">Skip to the question box</a>'
    f"<header><div><h1>{TITLE}</h1><p>Answers that can be checked, sentence by sentence"
    f'</p>{words.chooser()}</div><div class="commands">{keeping.menu()}'
    '<button type="button" class="restart">New</button>'
    '<button type="button" class="earlier" aria-haspopup="dialog" hidden>Earlier</button>'
    '<button type="button" data-opens="library" aria-expanded="false" aria-controls="panel">Documents</button></div>'
    "</header>"
)
_WELCOME = (
    "<h2>Ask the documents</h2><p>An answer is made of their own sentences, word for word. The number behind each "
    "opens the document at that very place. What the documents do not say is not answered.</p>"
)
# Written by a style sheet: the page cannot look it up where it stands.
_DROP = "Drop documents to ask about them"
_HERE = Path(__file__).parent
_LOST = """() => { document.dispatchEvent(new CustomEvent("natoqa-lost")); }"""
_DIRECTLY: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "queue": False,
    # What is asked the moment an answer appears must not be lost.
    "trigger_mode": "multiple",
}


def build(
    assistant: Conversant, images: PageImages | None = None, uploads: Uploads | None = None, language: str = ""
) -> gr.Blocks:
    """The page that puts questions to ``assistant``, which all sessions share and none changes.

    ``images`` draws the pages of PDFs; without it their text alone is shown. ``uploads`` holds what readers add;
    without it nobody can. ``language`` is the page's until a reader chooses; empty: the browser's.
    """
    suggested = Suggested(assistant)
    turns = Turns(assistant, suggested, uploads)
    page = gr.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        talk = gr.State(Talk())
        _html(
            _INTRODUCTION,
            js_on_load=_part("language.js"),
            elem_id="introduction",
            tables=words.tables(),
            fixed=language,
            drop=_DROP,
        )
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                _html(_WELCOME, elem_id="welcome")
                _html(
                    suggested.at_once(),
                    js_on_load=_script("opening.js"),
                    server_functions=[suggested.function()],
                    elem_id="examples",
                )
                log = _html(
                    None,
                    html_template='<section aria-label="Conversation"></section>' + _part("history.html"),
                    js_on_load=_script("conversation.js", "actions.js", "history.js"),
                    server_functions=[turns.whose()],
                    elem_id="conversation",
                )
                # Live regions stand in the page from the start: a screen reader announces what changes inside them.
                announcement = _html(
                    "",
                    html_template='<div role="status" aria-live="polite">${value}</div>',
                    elem_id="announcement",
                )
                with gr.Column(elem_id="composer"):
                    notice = _html("", html_template='<p role="alert">${value}</p>', elem_id="notice")
                    with gr.Row(elem_id="ask"):
                        # The page reads them itself, at the very moment: see conversation.js.
                        gr.Textbox(
                            label="Your question",
                            placeholder="Ask about the documents",
                            lines=1,
                            max_lines=6,
                            autofocus=True,
                            container=False,
                            scale=1,
                            elem_id="question",
                        )
                        gr.Button("Ask", variant="primary", scale=0, min_width=96, elem_id="send")
                    if uploads:
                        uploads.component()
            panel = _html(
                {"all": True, "but": []},
                html_template=_part("panel.html"),
                js_on_load=_script("panel.js", "reader.js", "own_documents.js"),
                server_functions=(uploads or Sources(assistant, images)).functions(),
                elem_id="side",
            )
        changed = [log, announcement, notice]
        asked = log.ask(turns.answer, [talk, panel], changed, **_DIRECTLY)
        asked.success(turns.go_on, [talk, panel], log, **_DIRECTLY)
        asked.failure(None, js=_LOST)
        log.judge(turns.judge, talk, [log, notice], **_DIRECTLY)
        log.export(turns.export, talk, [log, notice], **_DIRECTLY)
        log.reopen(turns.reopen, talk, changed, **_DIRECTLY)
        log.restart(turns.restart, talk, [announcement, notice], **_DIRECTLY)
        if uploads:
            page.unload(uploads.leave)
        api.offer(assistant, turns.asking)
    return page


def _html(value: object, **options: Any) -> gr.HTML:
    return gr.HTML(value, apply_default_css=False, **{"js_on_load": None, **options})


def _script(*names: str) -> str:
    return "\n".join(map(_part, names))


def _part(name: str) -> str:
    return (_HERE / name).read_text("utf-8")
