"""Files -> canonical text, landmarks and metadata: one small module for each kind of file.

A loader is a function ``load(data: bytes) -> Loaded`` that raises :class:`~natoqa.errors.UnreadableFile`.
It is named in :data:`LOADERS` by the suffix it reads and imported when the first such file is met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from natoqa.loaders.loaded import Loaded

Loader = Callable[[bytes], Loaded]

LOADERS: Mapping[str, str] = {
    ".txt": "natoqa.loaders.text",
    ".md": "natoqa.loaders.markdown",
}


def loader_for(suffix: str) -> Loader:
    """The loader for a file suffix such as ``.md``, in any case. Raises KeyError for a kind that is not read."""
    return cast(Loader, import_module(LOADERS[suffix.lower()]).load)


__all__ = ["LOADERS", "Loaded", "Loader", "loader_for"]
