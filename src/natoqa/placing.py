"""Files put into a folder: each appears whole and in one step; a run that is killed leaves nothing to be seen."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

_UNFINISHED = ".natoqa-"
_FORGOTTEN_SECONDS = 86_400


def place(root: Path, sources: Mapping[str, Path], replaced: Collection[str] = ()) -> None:
    """Copy the contents of ``sources``, by their paths below ``root``; folders are made as needed.

    Everything is copied under hidden names first, and only then named. Only those ``replaced`` take the place of
    others. Raises OSError; unless that happens between two names, nothing was changed.
    """
    copies: dict[str, Path] = {}
    made: list[Path] = []
    try:
        for folder in dict.fromkeys((root / name).parent for name in sources):
            made += _make(folder)
            _tidy(folder)
        for name, source in sources.items():
            folder = (root / name).parent
            copies[name] = folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
            # The copy is as new as it is: with the time stamp of its source it could pass for the file it replaces.
            with source.open("rb") as reading, copies[name].open("xb") as writing:
                shutil.copyfileobj(reading, writing)
                writing.flush()
                os.fsync(writing.fileno())
        for name, copy in copies.items():
            _name(copy, root / name, may_replace=name in replaced)
    finally:
        for copy in copies.values():
            with suppress(OSError):
                copy.unlink(missing_ok=True)
        for folder in reversed(made):
            with suppress(OSError):  # it holds something
                folder.rmdir()


def _make(folder: Path) -> list[Path]:
    missing = [path for path in (*reversed(folder.parents), folder) if not path.exists()]
    for path in missing:
        path.mkdir()
    return missing


def _tidy(folder: Path) -> None:
    """Remove what a killed run left behind, and not what another is writing now."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _FORGOTTEN_SECONDS:
                path.unlink()


def _name(copy: Path, target: Path, *, may_replace: bool) -> None:
    if may_replace:
        copy.replace(target)
        return
    try:
        os.link(copy, target)  # unlike a rename, it never takes the place of a file that has come meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise
        copy.replace(target)
