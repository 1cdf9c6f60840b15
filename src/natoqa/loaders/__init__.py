"""Files -> canonical text, landmarks and metadata: one small module for each kind of file.

A loader is a function ``load(data: bytes, limits: Limits) -> Loaded`` that raises
:class:`~natoqa.errors.UnreadableFile`. It is named in :data:`LOADERS` by the suffix it reads and imported when the
first such file is met. It may trust nothing: any bytes at all may come. Where a library that it uses works without end
or takes memory without bound, the process in which :mod:`natoqa.loaders.bounded` runs it is stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from natoqa.limits import Limits
from natoqa.loaders.loaded import Loaded

Loader = Callable[[bytes, Limits], Loaded]

LOADERS: Mapping[str, str] = {
    ".csv": "natoqa.loaders.table",
    ".docx": "natoqa.loaders.docx",
    ".epub": "natoqa.loaders.epub",
    ".htm": "natoqa.loaders.html",
    ".html": "natoqa.loaders.html",
    ".markdown": "natoqa.loaders.markdown",
    ".md": "natoqa.loaders.markdown",
    ".odt": "natoqa.loaders.odt",
    ".pdf": "natoqa.loaders.pdf",
    ".text": "natoqa.loaders.text",
    ".tsv": "natoqa.loaders.table",
    ".txt": "natoqa.loaders.text",
    ".xhtml": "natoqa.loaders.html",
}


def loader_for(suffix: str) -> Loader:
    """The loader for a file suffix such as ``.md``, in any case. Raises KeyError for a kind that is not read."""
    return cast(Loader, import_module(LOADERS[suffix.lower()]).load)


__all__ = ["LOADERS", "Limits", "Loaded", "Loader", "loader_for"]
