"""What the unit tests share: libraries with the fake encoder, and arithmetic that is watched."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from library import Library

from natoqa.generations import Manifest


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
        changed = replace(Manifest.read(library.live), **fields)
        (library.live / "manifest.json").write_text(changed.to_json(), "utf-8")

    return edit


@pytest.fixture(autouse=True)
def _numbers_are_checked() -> Iterator[None]:
    """A division by zero or a nan in natoqa's arithmetic fails the test.

    Not in products of matrices: BLAS reads beyond the end of small rows, and what lies there may set the processor's
    flag although the product is finite (numpy issue 24067).
    """
    with np.errstate(divide="warn", invalid="warn"), warnings.catch_warnings():
        warnings.filterwarnings("error", r"(divide by zero|invalid value) encountered", RuntimeWarning)
        warnings.filterwarnings("ignore", "invalid value encountered in matmul", RuntimeWarning)
        yield
