"""The chat page: presentation only. Gradio is imported when a page is built, not before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import gradio as gr

    from natoqa.chat.page_images import PageImages
    from natoqa.live import Conversant
    from natoqa.settings import Settings

__all__ = ["build", "serve"]

# Gradio reports its use unless this is set before it starts; what a reader asks is nobody else's business.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def build(assistant: Conversant, images: PageImages | None = None) -> gr.Blocks:
    """The page that puts questions to ``assistant``; see :func:`natoqa.chat.page.build`."""
    from natoqa.chat import page

    return page.build(assistant, images)


def serve(
    assistant: Conversant,
    host: str = "127.0.0.1",
    port: int | None = None,
    open_browser: bool = False,
    corpus: Path | None = None,
    *,
    settings: Settings | None = None,
    mcp: bool = False,
) -> None:
    """Serve the page until Ctrl+C; see :func:`natoqa.chat.server.serve`."""
    from natoqa.chat import server

    server.serve(assistant, host, port, open_browser, corpus, settings=settings, mcp=mcp)
