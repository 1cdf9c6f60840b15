"""What a generation's files must be, byte for byte: known in full to ``doctor``, by a sample whenever one is opened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO

_BLOCK = 4096
# A file of up to so many blocks is its own sample; of a larger one so many are taken, the first and the last too.
_BLOCKS = 64


@dataclass(frozen=True, slots=True)
class FileSum:
    """A file's size in bytes and SHA-256, in hexadecimal, and that of a sample of its blocks."""

    size: int
    sha256: str
    sample: str


def checksums(folder: Path, *, but: str) -> dict[str, FileSum]:
    """Relative path -> sums of every file below ``folder`` except the one named ``but``. Reads every byte."""
    return {
        path.relative_to(folder).as_posix(): _sums(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != but
    }


def differing(folder: Path, sums: Mapping[str, FileSum], *, but: str) -> Iterator[str]:
    """Names of files that are not what their sums say, or have none, the one named ``but`` apart. Reads every byte."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in sums and name != but:
            yield name
    for name, expected in sums.items():
        try:
            if _sums(folder / name) != expected:
                yield name
        except OSError:
            yield name


def differing_at_a_glance(folder: Path, sums: Mapping[str, FileSum]) -> Iterator[str]:
    """Names of files whose size or sample is not what their sums say; some milliseconds, whatever their size."""
    for name, expected in sums.items():
        try:
            with (folder / name).open("rb", buffering=0) as file:
                if file.seek(0, 2) != expected.size or _sample(file, expected.size) != expected.sample:
                    yield name
        except OSError:
            yield name


def _sums(path: Path) -> FileSum:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        return FileSum(size, sha256, _sample(file, size))


def _sample(file: BinaryIO | FileIO, size: int) -> str:
    digest = hashlib.sha256()
    blocks = -(-size // _BLOCK)
    chosen = range(blocks) if blocks <= _BLOCKS else (i * (blocks - 1) // (_BLOCKS - 1) for i in range(_BLOCKS))
    for block in chosen:
        file.seek(block * _BLOCK)
        digest.update(file.read(_BLOCK) or b"")
    return digest.hexdigest()
