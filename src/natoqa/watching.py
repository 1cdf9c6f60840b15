"""``natoqa index --watch``: follows the corpus by looking at it again and again; no service of the system is needed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from natoqa.errors import IndexLocked, IndexNotWritable, NatoqaError
from natoqa.indexing import SyncReport

INTERVAL_SECONDS = 1.0
_LONGEST_REST = 64

Looks = frozenset[tuple[str, int, int, int, int]]
"""Path, size, times of the last change in nanoseconds, and inode of every file."""


def watch(
    corpus: Path,
    sync: Callable[[], SyncReport],
    tell: Callable[[SyncReport | NatoqaError], None],
    interval: float = INTERVAL_SECONDS,
) -> None:
    """Sync now and whenever the files below ``corpus`` have changed and then been left alone for ``interval`` seconds.

    ``tell`` gets every report and every error; after an error the watching goes on. What may pass by itself, another
    writer or a full disk, is told once and tried again, the disk less and less often. Ends with Ctrl+C.
    """
    with suppress(KeyboardInterrupt):
        synced: Looks | None = None
        waits_for: type[NatoqaError] | None = None
        refusals = rest = 0
        for looks in _settled(corpus, interval):
            rest -= 1
            if looks == synced or rest > 0:
                continue
            try:
                tell(sync())
                synced, waits_for, refusals = looks, None, 0
            except (IndexLocked, IndexNotWritable) as error:
                if waits_for is not type(error):
                    tell(error)
                waits_for = type(error)
                # A sync that fails on a full disk may have encoded for long before.
                refusals = refusals + 1 if isinstance(error, IndexNotWritable) else 0
                rest = min(2**refusals, _LONGEST_REST)
            except NatoqaError as error:
                tell(error)
                synced, waits_for, refusals = looks, None, 0


def look(corpus: Path) -> Looks:
    """How the files of a folder look now; hidden ones do not count. A folder that cannot be listed looks empty."""
    return frozenset(_files(str(corpus)))


def _settled(corpus: Path, interval: float) -> Iterator[Looks]:
    """How the corpus looks, at once and then each time that it looked the same an interval before."""
    before = look(corpus)
    yield before
    while True:
        time.sleep(interval)
        now = look(corpus)
        if now == before:
            yield now
        before = now


def _files(folder: str) -> Iterator[tuple[str, int, int, int, int]]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
                continue
            with suppress(OSError):  # gone meanwhile, or a link that leads nowhere
                about = entry.stat()
                yield entry.path, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino
