"""The API as tools for language models, by the Model Context Protocol. Gradio's server does it, if it has ``mcp``."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

from natoqa.errors import SettingsError

if TYPE_CHECKING:
    import gradio as gr

PATH = "gradio_api/mcp/"
_MEND = "install it: pip install 'natoqa[mcp]'"


def require() -> None:
    """Raise SettingsError when the package ``mcp`` is not installed."""
    if importlib.util.find_spec("mcp") is None:
        raise SettingsError(f"--mcp needs the package mcp; {_MEND}")


def speak_json(page: gr.Blocks) -> None:
    """Make the tools answer in the same JSON as the API; Gradio's server would write Python.

    Raises SettingsError when Gradio could not make its server, as with a release of ``mcp`` that it does not know.
    """
    server = page.mcp_server_obj
    if server is None:
        reason = " ".join(str(page.mcp_error or "").split())
        raise SettingsError(f"the MCP server cannot be started with the installed package mcp ({reason}); {_MEND}")

    def as_json(data: Any, root_url: str) -> Any:
        return [server.types.TextContent(type="text", text=json.dumps(value, ensure_ascii=False)) for value in data]

    server.postprocess_output_data = as_json  # type: ignore[method-assign]
