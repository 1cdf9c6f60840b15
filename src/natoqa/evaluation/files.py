"""Files that are read whole or not at all, and written whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from natoqa.errors import NatoqaError, QuestionSetError


def refuse_existing(paths: Sequence[Path], *, force: bool) -> None:
    """Raises QuestionSetError for an output that is a folder, or that is there already unless ``force``."""
    for path in paths:
        if path.is_dir():
            raise QuestionSetError(f"{path} is a folder; name a file")
        if not force and (path.exists() or path.is_symlink()):
            raise QuestionSetError(f"{path} exists already; choose another name or add --force")


@contextmanager
def replacing(path: Path, error_class: type[NatoqaError] = QuestionSetError) -> Iterator[TextIO]:
    """A new text file that takes the place of ``path`` when the block ends well; else nothing has changed.

    Raises ``error_class`` when it cannot be written.
    """
    unfinished = path.with_name(f".unfinished-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("x", encoding="utf-8", errors="replace", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise error_class(f"{path} cannot be written ({error.strerror or error})") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def read_text(path: Path) -> str:
    """The text of a UTF-8 file. Raises QuestionSetError in one line for whatever stands in the way."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise QuestionSetError(f"{path} cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise QuestionSetError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
    if not text.strip():
        raise QuestionSetError(f"{path} is empty; it holds no question")
    return text


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line number from 1, line) of every line that is not blank. Raises QuestionSetError as :func:`read_text` does."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield number, line.removesuffix("\r")


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of a JSON Lines file. Raises QuestionSetError that names the first line that is none."""
    for number, line in read_lines(path):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise QuestionSetError(f"{path}:{number}: not JSON ({_reason(error)})") from error
        if not isinstance(value, dict):
            raise QuestionSetError(f"{path}:{number}: not a JSON object")
        yield number, value


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises QuestionSetError with the line of what does not parse."""
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise QuestionSetError(f"{path}:{error.lineno}: not JSON ({_reason(error)})") from error
    except (ValueError, RecursionError) as error:
        raise QuestionSetError(f"{path}: not JSON ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
