"""natoqa: answers from a document collection in which every sentence can be checked.

from natoqa import Assistant, sync
sync("corpus", "index")
answer = Assistant.open("index").ask("Is NATO relevant to UNASUR?")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from natoqa.assistant import Assistant
    from natoqa.evaluation.comparison import compare
    from natoqa.evaluation.runs import evaluate
    from natoqa.wiring import sync

__version__ = "0.4.0"
__all__ = ["Assistant", "__version__", "compare", "evaluate", "sync"]

_HOMES = {
    "Assistant": "natoqa.assistant",
    "compare": "natoqa.evaluation.comparison",
    "evaluate": "natoqa.evaluation.runs",
    "sync": "natoqa.wiring",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used: ``import natoqa`` itself loads nothing heavy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'natoqa' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
