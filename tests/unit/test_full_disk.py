"""A disk that is full after so many more pages: what was there stays, and room is all that mends it."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from natoqa.additions import add_files
from natoqa.corpus import Corpus
from natoqa.errors import FileRefused, IndexNotWritable
from natoqa.generations import CURRENT
from natoqa.restoring import rollback

QUESTION = "What did China sell?"
_MEGABYTES = 8
FULL = r"cannot be written \(.*(No space left|full)"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root; the tests with a limit on file sizes run everywhere")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def leave(disk: Path) -> Callable[[int], None]:
    """Fill the disk but for so many pages."""
    ballast = disk / "ballast"

    def leave(pages: int) -> None:
        gc.collect()  # what a failed sync had open takes room until it is closed
        ballast.unlink(missing_ok=True)
        space = os.statvfs(disk)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, (space.f_bavail - pages) * space.f_frsize)
        assert os.statvfs(disk).f_bavail == pages

    return leave


@pytest.fixture
def filled(library: Any, disk: Path) -> Any:
    """A library with its index on the small disk and a change that is due."""
    library.index.symlink_to(disk, target_is_directory=True)
    library.write("china.txt", "China sold jets to Bolivia.\n\nNATO met in Lisbon.")
    library.write("page.html", "<h1>Peru</h1><p>Peru bought trucks.</p>")
    library.sync()
    library.write("china.txt", "China sold ships to Chile.\n\nNATO met in Lisbon.")
    library.sync()
    library.write("china.txt", "\n\n".join(f"China sold {n} ships to Chile and {n} to Peru." for n in range(200)))
    return library


def _quotes(library: Any) -> list[str]:
    assistant = library.open()
    try:
        answer = assistant.ask(QUESTION)
        return [assistant.document(c.document).text[c.start : c.end] for c in answer.citations if c.quote]
    finally:
        assistant.generation.close()


def _fill_step_by_step(library: Any, leave: Callable[[int], None], step: int) -> int:
    """Sync with more and more room until it suffices; how often it did not."""
    before, contents, live = _quotes(library), library.contents(), library.live
    assert before
    refused = pages = 0
    while True:
        leave(pages)
        try:
            report = library.sync()
        except IndexNotWritable as error:
            assert "the old one is intact" in str(error)
            assert (_quotes(library), library.contents(), library.live) == (before, contents, live)
            assert not list(library.index.rglob("unfinished-*"))
            refused, pages = refused + 1, pages + step
            continue
        assert report.written
        assert library.contents() == library.rebuilt().contents()
        return refused


def test_a_sync_on_a_full_disk_leaves_the_old_index_and_ends_when_there_is_room(
    filled: Any, leave: Callable[[int], None]
) -> None:
    assert _fill_step_by_step(filled, leave, 8) >= 5


@pytest.mark.slow
def test_a_sync_on_a_disk_full_after_any_number_of_pages_leaves_the_old_index(
    filled: Any, leave: Callable[[int], None]
) -> None:
    refused = _fill_step_by_step(filled, leave, 1)
    print(f"refused with room for 0 to {refused - 1} pages")
    assert refused >= 40


def test_a_first_sync_on_a_full_disk_leaves_no_index_and_ends_when_there_is_room(
    library: Any, disk: Path, leave: Callable[[int], None]
) -> None:
    library.write("china.txt", "China sold jets to Bolivia.")
    library.index.symlink_to(disk, target_is_directory=True)
    for pages in (0, 5, 20):
        leave(pages)
        with pytest.raises(IndexNotWritable, match=FULL):
            library.sync()
        assert not (library.index / CURRENT).exists()
    leave(400)
    assert library.sync().documents == 1


def test_a_rollback_on_a_full_disk_leaves_the_live_generation(filled: Any, leave: Callable[[int], None]) -> None:
    before, live = _quotes(filled), filled.live
    leave(0)
    with pytest.raises(IndexNotWritable, match=FULL):
        rollback(filled.index)
    assert (_quotes(filled), filled.live) == (before, live)
    leave(8)
    rollback(filled.index)
    assert filled.live != live


def test_what_is_added_on_a_full_disk_is_not_there_by_half(
    library: Any, disk: Path, leave: Callable[[int], None], tmp_path: Path
) -> None:
    library.corpus.rmdir()
    library.corpus.symlink_to(disk, target_is_directory=True)
    library.write("china.txt", "China sold jets to Bolivia.")
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    for name in ("a.txt", "china.txt"):
        (incoming / name).write_text("China sold ships to Chile. " * 3000)
    before = {"ballast", "china.txt"}
    for pages in (0, 1, 25):
        leave(pages)
        with pytest.raises(FileRefused, match=FULL):
            add_files(Corpus.open(library.corpus), [incoming / "a.txt", incoming / "china.txt"], replace=True)
        assert {path.name for path in library.corpus.iterdir()} == before
        assert (library.corpus / "china.txt").read_text() == "China sold jets to Bolivia."
    leave(100)
    added = add_files(Corpus.open(library.corpus), [incoming / "a.txt", incoming / "china.txt"], replace=True)
    assert (added.added, added.replaced) == (("a.txt",), ("china.txt",))
