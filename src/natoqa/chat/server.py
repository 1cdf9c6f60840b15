"""Serving the page to this machine, and to nobody else unless told so."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware

from natoqa.assistant import Assistant
from natoqa.chat import page, tools
from natoqa.chat.endpoints import endpoints
from natoqa.chat.login import LogIn
from natoqa.chat.page_images import PageImages
from natoqa.chat.uploading import Uploads
from natoqa.chat.users import Users, exposure, users_of
from natoqa.corpus import Corpus
from natoqa.errors import SettingsError
from natoqa.live import LiveAssistant
from natoqa.session_documents import SessionLimits
from natoqa.settings import Settings, load_settings
from natoqa.wiring import indexer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from natoqa.live import Conversant

FIRST_PORT = 7860
PORTS_TRIED = 100
# Conversations that are remembered, some 0.15 MB each; when so many others were used since, a page begins anew.
_MOST_SESSIONS = 250
_STYLE_NAMES = (
    "style.css",
    "desk.css",
    "turns.css",
    "findings.css",
    "panel.css",
    "reader.css",
    "uploading.css",
    "history.css",
)
_STYLES = [Path(__file__).with_name(name) for name in _STYLE_NAMES]
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]
_FIRST_QUESTION = "What are the documents about?"
# Gradio compiles templates and writes styles in the page, hence the two 'unsafe' words; the rest keeps the browser
# from asking any other host for anything, whatever a page or a document holds.
# What is still being answered when the server ends has so long to come to its end.
_LAST_SECONDS = 3
_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


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
    """Serve the page until Ctrl+C and print where it is.

    ``port`` is the first free one from 7860 on when it is not given. Raises SettingsError when the host or the port
    cannot be had, when the users cannot be read, or when there is no ``mcp`` to be had. The browser opens only when
    asked to. ``corpus`` (default: the settings') is where the pages of PDFs are drawn from. ``settings`` (default:
    those of this folder) say whether readers may add documents, and who must log in.
    """
    settings = settings or load_settings()
    users = users_of(settings.chat)
    with listen(host, port) as listener:
        address = _address(host, listener)
        images = _images(corpus, settings)
        uploads = _uploads(assistant, host, images, settings)
        language = settings.chat.language or ""
        server = server_of(application(assistant, host, images, uploads, users=users, mcp=mcp, language=language))
        # The first question would find parts that are read when they are needed.
        threading.Thread(target=_warm_up, args=(assistant,), daemon=True).start()
        print(f"natoqa chat: {address}  (Ctrl+C ends it)", flush=True)
        if mcp:
            print(f"MCP server:  {address}{tools.PATH}", flush=True)
        for warning in _warnings(host, settings, users):
            print(f"warning: {warning}", file=sys.stderr, flush=True)
        if open_browser:
            # The socket listens already: a browser that is early waits for the first answer.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def server_of(application: FastAPI) -> uvicorn.Server:
    """The server that runs the page; it says nothing but warnings."""
    return _Server(
        uvicorn.Config(application, log_level="warning", access_log=False, timeout_graceful_shutdown=_LAST_SECONDS)
    )


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket on ``port``, or on the first free one from 7860 on."""
    if not host.strip():
        # To the system an empty name means every address of this machine.
        raise SettingsError("the host is empty; name the address to listen on, such as 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    candidates = range(FIRST_PORT, FIRST_PORT + PORTS_TRIED) if port is None else (port,)
    for candidate in candidates:
        try:
            return socket.create_server((host, candidate), family=family)
        except OverflowError:
            raise SettingsError(f"{candidate} is not a port; ports go from 0 to 65535") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SettingsError(f"cannot listen on {host}, port {candidate}: {error.strerror}") from error
    taken = f"port {port} is" if port is not None else f"ports {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} are"
    raise SettingsError(f"cannot listen on {host}: {taken} taken; name a free one: natoqa chat --port 8000")


def application(
    assistant: Conversant,
    host: str = "127.0.0.1",
    images: PageImages | None = None,
    uploads: Uploads | None = None,
    *,
    users: Users | None = None,
    mcp: bool = False,
    language: str = "",
) -> FastAPI:
    """The page as a web application, for a server to run; with ``users``, for them alone, ``mcp``: with tools.

    ``language`` is the page's until a reader chooses one; empty: the browser's.

    Raises SettingsError when there is no ``mcp`` to be had.
    """
    if mcp:
        tools.require()
    if uploads:
        # Read by Gradio when the application is made: else what readers add would lie in a folder that others share.
        os.environ["GRADIO_TEMP_DIR"] = str(uploads.folder)
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if users:
        outer.add_middleware(LogIn, users=users, language=language)
    if host in _LOOPBACK:
        # A name that was made to point here must not open the page to another site's scripts.
        outer.add_middleware(TrustedHostMiddleware, allowed_hosts=_LOOPBACK_NAMES)
    outer.add_middleware(_KeepToThisHost)
    built = page.build(assistant, images, uploads, language)
    built.state_session_capacity = _MOST_SESSIONS
    outer.routes.extend(endpoints(built))
    gr.mount_gradio_app(
        outer,
        built,
        path="/",
        server_name=host,
        footer_links=[],
        run_history=False,
        show_error=False,
        # A page that uploads nothing accepts nothing.
        max_file_size=uploads.limits.file_bytes if uploads else 1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=mcp,
        theme=_theme(),
        # As part of the head the style sheet stays as it is written; Gradio rewrites the selectors of its own css.
        head=f"<style>{''.join(style.read_text(encoding='utf-8') for style in _STYLES)}</style>",
    )
    if mcp:
        tools.speak_json(built)
    return outer


def _warm_up(assistant: Conversant) -> None:
    # Whatever goes wrong here, the first question will say it to whom it concerns.
    with contextlib.suppress(Exception):
        assistant.ask(_FIRST_QUESTION)


def _warnings(host: str, settings: Settings, users: Users | None) -> list[str]:
    """What whoever runs the chat should know of who can reach it."""
    spoken = []
    if host not in _LOOPBACK:
        spoken.append(
            "names and passwords travel unencrypted; put a proxy with TLS before this address"
            if users
            else "anyone who reaches this address can read the documents; to have people log in: "
            "natoqa chat-user NAME --users users.txt, then natoqa chat --users users.txt"
        )
    if settings.chat.users:
        spoken += filter(None, [exposure(settings.chat.users)])
    return spoken


def _images(corpus: Path | None, settings: Settings) -> PageImages | None:
    """None when there is no corpus folder any more: documents can still be read as text."""
    root = corpus or settings.corpus.path
    return PageImages(Corpus.open(root, settings.corpus.limits)) if root.is_dir() else None


def _uploads(assistant: Conversant, host: str, images: PageImages | None, settings: Settings) -> Uploads | None:
    """None when readers may add nothing, or when the assistant is not over an index."""
    if not settings.chat.uploads or not isinstance(assistant, Assistant | LiveAssistant):
        return None
    # Whoever reaches another address is anybody.
    may_keep = host in _LOOPBACK
    return Uploads(assistant, indexer(settings), _limits(settings), may_keep=may_keep, images=images)


def _limits(settings: Settings) -> SessionLimits:
    chat = settings.chat
    return SessionLimits(chat.upload_files, int(chat.upload_mb * 1_000_000), chat.upload_passages)


def _theme() -> gr.themes.Base:
    # The default theme names web fonts; these are on the reader's machine or replaced by what is.
    return gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class _KeepToThisHost:
    """Adds the headers that bind the browser to this host; answers that are streamed pass through as they come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class _Server(uvicorn.Server):
    """Ends at the first Ctrl+C: a page that is still open holds a connection that would never end by itself."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.close()
        await super().shutdown(sockets)
