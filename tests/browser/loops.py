"""Coroutines in tests that share their thread with a browser's driver."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_Result = TypeVar("_Result")


def finish(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """What the coroutine gives, run in a thread of its own: the driver has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
