"""``natoqa chat`` and ``natoqa chat-user``: the page in the browser, and who may log in to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from natoqa.cli_options import IndexOption, settings_for
from natoqa.errors import SettingsError
from natoqa.settings import Language

UsersOption = Annotated[
    Path | None,
    typer.Option("--users", help="File of those who may log in.", show_default="setting chat.users"),
]

LanguageOption = Annotated[
    Language | None,
    typer.Option("--language", help="Language of the page.", show_default="setting chat.language, or the browser's"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of the chat."""
    app.command()(chat)
    app.command()(chat_user)


def chat(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on.", show_default="7860 or next")] = None,
    index: IndexOption = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = False,
    upload: Annotated[
        bool | None,
        typer.Option(
            "--upload/--no-upload", help="Let readers add documents of their own.", show_default="setting chat.uploads"
        ),
    ] = None,
    users: UsersOption = None,
    language: LanguageOption = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Serve tools for language models (needs natoqa[mcp]).")] = False,
) -> None:
    """Open the chat in the browser; it follows the index."""
    from natoqa.chat import serve, tools
    from natoqa.chat.users import users_of
    from natoqa.live import LiveAssistant

    chosen: dict[str, Any] = {"uploads": upload, "users": users, "language": language}
    settings = settings_for(index)
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = settings.model_copy(update={"chat": settings.chat.model_copy(update=given)})
    # Before the model is loaded, which takes a while.
    users_of(settings.chat)
    if mcp:
        tools.require()
    assistant = LiveAssistant.open(settings=settings)
    serve(assistant, host=host, port=port, open_browser=browser, settings=settings, mcp=mcp)


def chat_user(
    name: Annotated[str, typer.Argument(help="Name to log in with.", show_default=False)],
    users: Annotated[
        Path | None,
        typer.Option("--users", help="File to write the user into; else it is printed.", show_default=False),
    ] = None,
) -> None:
    """Ask for a password, and make of it a user who may log in to the chat."""
    from natoqa.chat.users import PasswordHash, check_name, check_password, put

    check_name(name)
    hashed = PasswordHash.of(check_password(_password(name)))
    if users is None:
        typer.echo(f"{name}:{hashed.written()}")
        return
    was_there = put(users, name, hashed)
    typer.echo(f"{'new password' if was_there else 'new user'}: {name} in {users}; a running chat must be started anew")


def _password(name: str) -> str:
    """The password from the terminal, twice; or the first line of what is piped in."""
    from getpass import getpass

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass(f"Password of {name}: ")
    if getpass("Once more: ") != password:
        raise SettingsError("the two passwords differ; nothing was written")
    return password
