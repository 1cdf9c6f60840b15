"""A log-in before everything that the chat serves: page, API, tools, uploads and files alike.

It stands in front of Gradio, so that a route that Gradio gains one day is behind it as well. A browser fills in a form
and gets a cookie; a program sends name and password with every request by HTTP Basic, or posts the form once, as
``gradio_client`` does.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import math
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from natoqa.chat.attempts import Attempts
from natoqa.chat.escaping import count, text
from natoqa.chat.words import ENGLISH, language_of, say, tables

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from natoqa.chat.users import Users

COOKIE = "natoqa_session"
USER = "natoqa.user"
"""Where a request that was let through says who sent it, in its scope."""
WRONG = "Name or password is wrong."
FIRST = "log in first: send name and password by HTTP Basic, or post username and password to /login"
_IDLE_SECONDS = 12 * 3600.0
_MOST_SESSIONS = 10_000
_MOST_PROVEN = 1_000
_LONGEST_FORM = 16_384
_PAGE = Path(__file__).with_name("login.html")
_WORD = re.compile(r"\{say:([^}]+)\}")


@dataclass
class _Sessions:
    """Who has logged in, by the hash of the cookie that says so; forgotten after 12 hours without a request."""

    _last_used: OrderedDict[bytes, float] = field(default_factory=OrderedDict)
    _names: dict[bytes, str] = field(default_factory=dict)

    def begin(self, name: str) -> str:
        token = secrets.token_urlsafe(32)
        self._touch(_hash(token))
        self._names[_hash(token)] = name
        while len(self._last_used) > _MOST_SESSIONS:
            self._forget(next(iter(self._last_used)))
        return token

    def name(self, token: str) -> str:
        """Who has logged in with this cookie; empty if nobody has."""
        return self._names.get(_hash(token), "")

    def holds(self, token: str) -> bool:
        key = _hash(token)
        last = self._last_used.get(key)
        if last is None or time.monotonic() - last > _IDLE_SECONDS:
            self._forget(key)
            return False
        self._touch(key)
        return True

    def end(self, token: str) -> None:
        self._forget(_hash(token))

    def _forget(self, key: bytes) -> None:
        self._last_used.pop(key, None)
        self._names.pop(key, None)

    def _touch(self, key: bytes) -> None:
        self._last_used[key] = time.monotonic()
        self._last_used.move_to_end(key)


class LogIn:
    """Lets requests through to ``app`` from those who have logged in; to all others it shows the log-in page alone."""

    def __init__(self, app: ASGIApp, users: Users, attempts: Attempts | None = None, language: str = "") -> None:
        self._app = app
        self._users = users
        self._language = language
        self._attempts = attempts or Attempts()
        self._sessions = _Sessions()
        # Passwords that were right, under a key of this process: checking one anew with each request would take long.
        self._proven: OrderedDict[bytes, None] = OrderedDict()
        self._key = secrets.token_bytes(32)
        # One at a time: many attempts at once must not take the processor from those who are in.
        self._checking = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - the protocol of ASGI
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            response = await self._response(Request(scope, receive))
            await (response or self._app)(scope, receive, send)
        elif self._sessions.holds(_cookie(Headers(scope=scope))):
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _response(self, request: Request) -> Response | None:
        """What to answer; None if the request may pass."""
        path, token = request.scope["path"].removeprefix(_root(request)), _cookie(request.headers)
        if path == "/login":
            return await self._log_in(request) if request.method == "POST" else self._form(request)
        if path == "/logout":
            return self._log_out(request, token)
        if self._sessions.holds(token):
            request.scope[USER] = self._sessions.name(token)
            return None
        if "authorization" in request.headers:
            return await self._by_header(request)
        if request.method in ("GET", "HEAD") and _wants_page(request):
            return _to(request, "/login")
        return _Refusal(401, FIRST).as_json()

    async def _log_in(self, request: Request) -> Response:
        sent = await _sent_form(request)
        refusal = await self._check(request, sent.get("username", ""), sent.get("password", ""))
        if refusal:
            return self._form(request, refusal) if _wants_page(request) else refusal.as_json()
        response = _to(request, "/") if _wants_page(request) else JSONResponse({"success": True})
        response.set_cookie(
            COOKIE,
            self._sessions.begin(sent["username"]),
            path=f"{_root(request)}/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    def _log_out(self, request: Request, token: str) -> Response:
        self._sessions.end(token)
        response = _to(request, "/login")
        response.delete_cookie(COOKIE, path=f"{_root(request)}/")
        return response

    def _form(self, request: Request, refusal: _Refusal | None = None) -> Response:
        refusal = refusal or _NOTHING_WRONG
        language = language_of(request.cookies, request.headers.get("accept-language", ""), self._language)
        page = _page(f"{_root(request)}/login", refusal, language)
        return HTMLResponse(page, refusal.status, refusal.headers() | {"Vary": "Accept-Language, Cookie"})

    async def _by_header(self, request: Request) -> Response | None:
        scheme, _, encoded = request.headers["authorization"].partition(" ")
        try:
            name, colon, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            colon = ""
        if scheme.lower() != "basic" or not colon:
            return _Refusal(401, FIRST).as_json()
        refusal = await self._check(request, name, password)
        request.scope[USER] = name
        return refusal.as_json() if refusal else None

    async def _check(self, request: Request, name: str, password: str) -> _Refusal | None:
        """What speaks against this name and password; None if they are right."""
        proof = hmac.digest(self._key, f"{name}:{password}".encode("utf-8", "surrogatepass"), "sha256")
        if proof in self._proven:
            return None
        address = request.client.host if request.client else ""
        async with self._checking:
            seconds = math.ceil(self._attempts.wait(address))
            if seconds:
                # Right or wrong is not looked at, so that there is nothing to be learned from it.
                return _Refusal(429, f"Too many attempts; try again in {count(seconds, 'second')}.", seconds)
            if not await asyncio.to_thread(self._users.admits, name, password):
                self._attempts.fail(address)
                return _Refusal(401, WRONG)
        self._proven[proof] = None
        while len(self._proven) > _MOST_PROVEN:
            self._proven.popitem(last=False)
        return None


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    message: str
    retry_after: int = 0

    def as_json(self) -> Response:
        return JSONResponse({"detail": self.message}, self.status, self.headers())

    def headers(self) -> dict[str, str]:
        return {"Cache-Control": "no-store"} | ({"Retry-After": str(self.retry_after)} if self.retry_after else {})


_NOTHING_WRONG = _Refusal(200, "")


def _page(action: str, refusal: _Refusal, language: str) -> str:
    """The log-in page in a language, and on it what was wrong."""
    wrong = f'<p role="alert">{text(say(language, refusal.message))}</p>' if refusal.message else ""
    page = _WORD.sub(lambda word: text(say(language, word[1])), _PAGE.read_text("utf-8"))
    tag = tables()[language]["tag"] if language != ENGLISH else ENGLISH
    return page.replace("{tag}", tag).replace("{action}", text(action)).replace("{wrong}", wrong)


async def _sent_form(request: Request) -> dict[str, str]:
    """The fields of a form; none if it is too long to be one."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > _LONGEST_FORM:
                return {}
    except ClientDisconnect:
        return {}
    fields = parse_qs(body.decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def _to(request: Request, path: str) -> Response:
    return RedirectResponse(_root(request) + path, 303, {"Cache-Control": "no-store"})


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _cookie(headers: Headers) -> str:
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
