"""What the unit tests share: libraries with the fake encoder, and arithmetic that is watched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from library import Library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Empty, to be filled by the test."""
    return Library(tmp_path / "library")


@pytest.fixture
def make_library(tmp_path: Path) -> Callable[[str], Library]:
    """Libraries in folders of any name."""
    return lambda name: Library(tmp_path / name)


@pytest.fixture
def edit_manifest() -> Callable[..., None]:
    """Change fields of a live generation's manifest."""

    def edit(library: Library, **fields: Any) -> None:
        path = library.live / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), "utf-8")

    return edit


@pytest.fixture(autouse=True)
def _numbers_are_checked() -> Iterator[None]:
    """A division by zero or a nan in natoqa's arithmetic fails the test."""
    with np.errstate(divide="raise", invalid="raise"):
        yield
