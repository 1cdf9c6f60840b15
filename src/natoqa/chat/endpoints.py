"""The API by plain HTTP: named arguments as a JSON object in, the command line's JSON or one line of error out.

Gradio serves the same functions to its own client, with arguments by position and in two requests.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.routing import Route

from natoqa.chat.api import Refused

if TYPE_CHECKING:
    import gradio as gr
    from starlette.requests import Request

Function = Callable[..., Awaitable[dict[str, Any]]]

_LONGEST_BODY = 1_000_000


def endpoints(page: gr.Blocks) -> list[Route]:
    """A route of the same name for each public function of ``page``: POST, and GET too where it takes no argument."""
    public = [item for item in page.fns.values() if item.api_visibility == "public" and isinstance(item.api_name, str)]
    return [_endpoint(str(item.api_name), cast(Function, item.fn)) for item in public]


def _endpoint(name: str, function: Function) -> Route:
    parameters = inspect.signature(function).parameters

    async def endpoint(request: Request) -> JSONResponse:
        try:
            arguments = await _arguments(request)
            for unknown in arguments.keys() - parameters.keys():
                raise Refused(f"/{name} has no argument '{unknown[:50]}'; {_taken(name, [*parameters])}")
            for needed in parameters.values():
                if needed.default is needed.empty and needed.name not in arguments:
                    raise Refused(f"/{name} needs '{needed.name}'; {_taken(name, [*parameters])}")
            return JSONResponse(await function(**arguments))
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, refused.status)

    return Route(f"/{name}", endpoint, methods=["POST"] if parameters else ["GET", "POST"])


def _taken(name: str, parameters: list[str]) -> str:
    return f"it takes {', '.join(parameters)}" if parameters else "it takes none"


async def _arguments(request: Request) -> dict[str, Any]:
    """The object that was sent; an empty body is none. Raises Refused."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > _LONGEST_BODY:
                raise Refused(f"the request has more than {_LONGEST_BODY:,} bytes", 413)
    except ClientDisconnect:
        raise Refused("the request did not arrive") from None
    if not body.strip():
        return {}
    # Another site's page can send anything but this without being asked.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("the request must be of the type application/json", 415)
    try:
        arguments = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("the request is not JSON") from None
    if not isinstance(arguments, dict):
        raise Refused('the request must be a JSON object, such as {"question": "…"}')
    return arguments
