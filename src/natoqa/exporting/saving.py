"""An export written to a new file, whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from natoqa.errors import NatoqaError
from natoqa.exporting import Exported


def save(exported: Exported, path: Path) -> None:
    """Write an export to ``path``, which must be new, and make its folder if need be.

    Raises NatoqaError when something is there already or it cannot be written; then nothing of it is left.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        file = path.open("xb")
    except FileExistsError as error:
        raise NatoqaError(f"{path} exists already; export to another name") from error
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        with file:
            file.write(exported.data)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> NatoqaError:
    return NatoqaError(f"{path} cannot be written ({error.strerror or error})")
