"""With users, nothing of the chat is served to others but the page to log in; without, that is warned about."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AuthenticationError
from loops import finish
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from natoqa.chat.attempts import Attempts
from natoqa.chat.login import COOKIE, FIRST, WRONG, LogIn
from natoqa.chat.server import application
from natoqa.chat.users import PasswordHash, Users

Open = Callable[..., Any]
PASSWORD = "correct horse"
ANNA = {"username": "anna", "password": PASSWORD}
BASIC = httpx.BasicAuth("anna", PASSWORD)
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def users() -> Users:
    return Users({"anna": PasswordHash.of(PASSWORD, 4), "ben": PasswordHash.of("another one", 4)})


@pytest.fixture(scope="module")
def guarded(serving: Any, fake: Any, users: Users) -> Iterator[str]:
    with serving(fake, users=users, mcp=True) as address:
        yield address


@pytest.fixture(scope="module")
def open_to_all(serving: Any, fake: Any) -> Iterator[str]:
    with serving(fake, mcp=True) as address:
        yield address


def _inside(users: Users, attempts: Attempts | None = None) -> httpx.AsyncClient:
    """A guarded application that says its name, without a server; whoever asks has an address of his own."""

    async def inside(request: Request) -> PlainTextResponse:
        return PlainTextResponse("inside")

    app = LogIn(Starlette(routes=[Route("/{path:path}", inside, methods=["GET", "POST"])]), users, attempts)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat")


def _paths(routes: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path that the application serves, with something for each parameter."""
    for route in routes:
        path = before + re.sub(r"\{[^}]*\}", "x", getattr(route, "path", ""))
        # FastAPI keeps a router that was included as one route.
        inner = getattr(route, "original_router", route)
        yield from _paths(list(getattr(inner, "routes", ())), path)
        if isinstance(route, Mount):
            yield "GET", f"{path}/x"
        for method in getattr(route, "methods", None) or ():
            yield method, path


def test_no_route_is_served_without_log_in_but_that_of_the_log_in(guarded: str, fake: Any, users: Users) -> None:
    served = set(_paths(list(application(fake, users=users, mcp=True).routes)))
    # What a Gradio to come adds is among them; these are known today.
    known = (
        "config",
        "ask",
        "documents",
        "gradio_api/upload",
        "gradio_api/info",
        "gradio_api/file=x",
        "gradio_api/mcp/sse",
    )
    assert {f"/{path}" for path in known} <= {path for _, path in served}
    assert len(served) > 60
    odd = (
        "/",
        "/login/",
        "/login/x",
        "//login",
        "/LOGIN",
        "/%2e%2e/config",
        "/login/../config",
        "/logout/x",
        "/nowhere",
    )
    wanted = {"GET": {401}, "HEAD": {401}, "POST": {401}, "PUT": {401}, "DELETE": {401}, "OPTIONS": {401}}
    with httpx.Client(base_url=guarded) as client:
        for method, path in sorted(served | {("GET", path) for path in odd}):
            if path not in ("/login", "/logout"):
                response = client.request(method, path)
                assert response.status_code in wanted[method], (method, path)
                if method != "HEAD":
                    assert response.json() == {"detail": FIRST}


def test_a_browser_is_led_to_the_log_in_and_nowhere_else(guarded: str) -> None:
    for path in ("", "config", "gradio_api/info", "?next=https://evil.example/"):
        response = httpx.get(guarded + path, headers=HTML)
        assert (response.status_code, response.headers["location"]) == (303, "/login")
    assert "evil" not in httpx.get(f"{guarded}login?next=//evil.example").text


def test_who_logs_in_by_the_form_is_let_in_until_logging_out(guarded: str, users: Users) -> None:
    with httpx.Client(base_url=guarded, headers=HTML) as client:
        response = client.post("/login", data=ANNA)
        assert (response.status_code, response.headers["location"]) == (303, "/")
        cookie = response.headers["set-cookie"]
        assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=strict"}
        assert client.get("/config").status_code == 200
        kept = dict(client.cookies)
        assert client.get("/logout").headers["location"] == "/login"
        assert client.get("/config").status_code == 303
    assert httpx.get(f"{guarded}config", cookies=kept).status_code == 401


def test_behind_tls_the_cookie_is_sent_over_tls_alone(users: Users) -> None:
    async def ask() -> httpx.Response:
        async with _inside(users) as client:
            return await client.post("https://chat/login", data=ANNA)

    assert "Secure" in finish(ask()).headers["set-cookie"]


def test_a_wrong_password_and_a_wrong_name_are_told_the_same(guarded: str) -> None:
    for wrong in ({**ANNA, "password": "wrong"}, {**ANNA, "username": "nobody"}, {"username": "anna"}, {}):
        response = httpx.post(f"{guarded}login", data=wrong, headers={"X-Forwarded-For": "192.0.2.50"})
        assert (response.status_code, response.json()) == (401, {"detail": WRONG})
        assert "set-cookie" not in response.headers


def test_what_is_no_cookie_of_a_session_opens_nothing(guarded: str) -> None:
    for cookie in (f"{COOKIE}=", f"{COOKIE}=x", f"{COOKIE}=\x7f; ;;=", "access-token=x", f"{COOKIE}={'x' * 5000}"):
        assert httpx.get(f"{guarded}config", headers={"Cookie": cookie}).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !", "Basic YW5uYQ==", "Bearer x", "Basic /////w==", "Basic YW5uYTp3cm9uZw=="]
)
def test_what_are_no_credentials_opens_nothing(guarded: str, header: str) -> None:
    headers = {"Authorization": header, "X-Forwarded-For": "192.0.2.60"}
    assert httpx.get(f"{guarded}config", headers=headers).status_code == 401


def test_programs_log_in_by_http_basic(guarded: str, fake: Any) -> None:
    question = next(iter(fake.answers))
    answer = httpx.post(f"{guarded}ask", json={"question": question}, auth=BASIC).json()
    assert answer["citations"][0]["quote"] == fake.answers[question].citations[0].quote
    assert httpx.post(f"{guarded}ask", json={"question": question}, auth=("ben", PASSWORD)).status_code == 401


def test_gradios_client_logs_in_as_it_does_elsewhere(guarded: str, fake: Any) -> None:
    question = next(iter(fake.answers))
    client = Client(guarded, auth=("anna", PASSWORD), verbose=False)
    assert client.predict(question, api_name="/ask")["status"] == "answered"
    with pytest.raises(AuthenticationError):
        Client(guarded, auth=("anna", "wrong"), verbose=False)


def test_tools_are_used_after_log_in_alone(guarded: str, fake: Any) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def status(headers: dict[str, str]) -> bool:
        async with (
            streamablehttp_client(f"{guarded}gradio_api/mcp/", headers=headers) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            result = await session.call_tool("ask", {"question": next(iter(fake.answers))})
            return '"status": "answered"' in result.content[0].text  # type: ignore[union-attr]

    authorization = next(BASIC.auth_flow(httpx.Request("GET", guarded))).headers["Authorization"]
    assert finish(status({"Authorization": authorization}))
    with pytest.raises(BaseExceptionGroup, match="TaskGroup"):
        finish(status({}))


def test_guessing_is_slowed_down_even_when_the_guess_is_right(users: Users) -> None:
    clock = [0.0]

    async def guess() -> list[int]:
        async with _inside(users, Attempts(lambda: clock[0])) as client:
            codes = [(await client.post("/login", data={**ANNA, "password": str(n)})).status_code for n in range(6)]
            late = await client.post("/login", data=ANNA)
            assert late.headers["Retry-After"] == "1"
            assert late.json() == {"detail": "Too many attempts; try again in 1 second."}
            by_header = await client.get("/config", auth=BASIC)
            clock[0] = 1.0
            right = await client.post("/login", data=ANNA)
            return [*codes, late.status_code, by_header.status_code, right.status_code]

    assert finish(guess()) == [401] * 5 + [429, 429, 429, 200]


def test_a_password_that_was_right_is_not_computed_again_with_each_request(users: Users) -> None:
    async def ask() -> float:
        slow = Users({"anna": PasswordHash.of(PASSWORD)})
        async with _inside(slow) as client:
            assert (await client.get("/x", auth=BASIC)).text == "inside"
            began = time.perf_counter()
            for _ in range(20):
                assert (await client.get("/x", auth=BASIC)).text == "inside"
            return time.perf_counter() - began

    assert finish(ask()) < 0.5


def test_a_form_that_is_too_long_is_not_read_to_its_end(users: Users) -> None:
    sent = []

    async def endless() -> Any:
        for _ in range(1_000):
            sent.append(1)
            yield b"x" * 1_000

    async def ask() -> httpx.Response:
        async with _inside(users) as client:
            return await client.post("/login", content=endless())

    assert finish(ask()).status_code == 401


def test_under_a_path_the_log_in_stays_under_it(users: Users) -> None:
    async def ask() -> list[httpx.Response]:
        async def inside(scope: Any, receive: Any, send: Any) -> None:
            await PlainTextResponse("inside")(scope, receive, send)

        transport = httpx.ASGITransport(LogIn(inside, users), root_path="/sub")
        async with httpx.AsyncClient(transport=transport, base_url="http://chat") as client:
            return [
                await client.get("/sub/", headers=HTML),
                await client.get("/sub/login"),
                await client.post("/sub/login", data=ANNA, headers=HTML),
                await client.get("/sub/x"),
            ]

    led, form, done, then = finish(ask())
    assert led.headers["location"] == "/sub/login"
    assert 'action="/sub/login"' in form.text
    assert done.headers["location"] == "/sub/"
    assert "Path=/sub/" in done.headers["set-cookie"]
    assert then.text == "inside"


@pytest.mark.browser
def test_a_reader_logs_in_with_the_keyboard_and_asks(browser: Any, guarded: str, fake: Any) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 390, "height": 700})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(guarded)
    assert page.url == f"{guarded}login"
    assert {url.removeprefix(guarded) for url in asked} <= {"", "login", "favicon.ico"}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text=WRONG).wait_for()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Your question").fill(next(iter(fake.answers)))
    page.keyboard.press("Enter")
    page.locator(".turn:not(.pending)").wait_for()
    assert "froze in 1929" in page.locator(".turn").inner_text()
    page.close()


def _served_by_command(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run ``serve`` and end it at once."""
    from natoqa.chat import server

    def run(self: Any, sockets: Any = None) -> None:
        return None

    monkeypatch.setattr(server._Server, "run", run)
    server.serve(**options)


@pytest.mark.parametrize(
    ("host", "has_users", "said"),
    [
        ("127.0.0.1", False, ""),
        ("127.0.0.1", True, ""),
        (
            "0.0.0.0",
            False,
            "warning: anyone who reaches this address can read the documents; to have people log in: "
            "natoqa chat-user NAME --users users.txt, then natoqa chat --users users.txt\n",
        ),
        (
            "0.0.0.0",
            True,
            "warning: names and passwords travel unencrypted; put a proxy with TLS before this address\n",
        ),
    ],
)
def test_who_can_reach_the_chat_is_warned_about(
    host: str,
    has_users: bool,
    said: str,
    fake: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from natoqa.settings import load_settings

    file = tmp_path / "users.txt"
    file.write_text(f"anna:{PasswordHash.of(PASSWORD, 4).written()}\n", "utf-8")
    file.chmod(0o600)
    settings = load_settings(chat={"users": file} if has_users else {})
    _served_by_command({"assistant": fake, "host": host, "port": 0, "settings": settings}, monkeypatch)
    assert capsys.readouterr().err == said
    if has_users:
        file.chmod(0o644)
        _served_by_command({"assistant": fake, "host": host, "port": 0, "settings": settings}, monkeypatch)
        assert capsys.readouterr().err == f"{said}warning: {file} can be read by others; mend it: chmod 600 {file}\n"


def test_users_that_cannot_be_read_keep_the_chat_from_starting(natoqa: Any, tmp_path: Path) -> None:
    finished = natoqa("chat", "--users", tmp_path / "none.txt")
    assert finished.code == 1
    assert finished.err.startswith("natoqa: the users cannot be read: ")
    assert finished.err.count("\n") == 1
