"""How much of this machine one file may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that reading one file may take; a file that needs more is left out, and says so.

    ``file_bytes`` is its size on disk, ``characters`` that of its text (and of anything unpacked on the way to it, in
    bytes), ``pages`` applies to kinds of files that have them, ``memory_bytes`` and ``seconds`` to the process that
    reads it.
    """

    file_bytes: int = 50_000_000
    characters: int = 50_000_000
    pages: int = 5_000
    memory_bytes: int = 1_500_000_000
    seconds: float = 120.0
