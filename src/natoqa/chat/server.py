"""Serving the page to this machine, and to nobody else unless told so."""

from __future__ import annotations

import contextlib
import errno
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

from natoqa.chat import page
from natoqa.errors import SettingsError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from natoqa.live import Conversant

FIRST_PORT = 7860
PORTS_TRIED = 100
STYLE = Path(__file__).with_name("style.css")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]
# Gradio compiles templates and writes styles in the page, hence the two 'unsafe' words; the rest keeps the browser
# from asking any other host for anything, whatever a page or a document holds.
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


def serve(assistant: Conversant, host: str = "127.0.0.1", port: int | None = None, open_browser: bool = False) -> None:
    """Serve the page until Ctrl+C and print where it is.

    ``port`` is the first free one from 7860 on when it is not given. Raises SettingsError when the host or the port
    cannot be had. The browser opens only when asked to.
    """
    with listen(host, port) as listener:
        address = _address(host, listener)
        server = server_of(application(assistant, host))
        print(f"natoqa chat: {address}  (Ctrl+C ends it)", flush=True)
        if host not in _LOOPBACK:
            print("warning: anyone who reaches this address can read the documents", file=sys.stderr, flush=True)
        if open_browser:
            # The socket listens already: a browser that is early waits for the first answer.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def server_of(application: FastAPI) -> uvicorn.Server:
    """The server that runs the page; it says nothing but warnings."""
    return _Server(uvicorn.Config(application, log_level="warning", access_log=False))


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


def application(assistant: Conversant, host: str = "127.0.0.1") -> FastAPI:
    """The page as a web application, for a server to run."""
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if host in _LOOPBACK:
        # A name that was made to point here must not open the page to another site's scripts.
        outer.add_middleware(TrustedHostMiddleware, allowed_hosts=_LOOPBACK_NAMES)

    outer.add_middleware(_KeepToThisHost)
    gr.mount_gradio_app(
        outer,
        page.build(assistant),
        path="/",
        server_name=host,
        footer_links=[],
        run_history=False,
        show_error=False,
        # The page uploads nothing, so nothing is accepted.
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=_theme(),
        # As part of the head the style sheet stays as it is written; Gradio rewrites the selectors of its own css.
        head=f"<style>{STYLE.read_text(encoding='utf-8')}</style>",
    )
    return outer


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
