"""The index folder: its generations, what each says of itself, and the switch from one to the next.

index/
  CURRENT                    the name of the live generation
  generations/0007/
    manifest.json            identity, counts, size and SHA-256 of every other file, and of itself
    documents.sqlite         documents, passages, sentences, the layout of pages
    vectors.f32              passage vectors, (passages, d)
    tokens.f16, token_ids.i32  token vectors (tokens, d) and their ids (tokens,)
    vectors.faiss, bm25/     what the vector index and the lexical index saved
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from natoqa.checksums import FileSum, differing, differing_at_a_glance
from natoqa.corpus import Notice
from natoqa.errors import IndexDamaged, IndexMismatch, IndexUnusable, NoIndex

Opened = TypeVar("Opened")

SCHEMA = 2
CURRENT = "CURRENT"
GENERATIONS = "generations"
MANIFEST = "manifest.json"
_UNFINISHED = "unfinished-"
_OWN_SUM = "sha256"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself.

    ``unreadable`` are (document id, reason) of the files that were read and could not become documents, ``left_out``
    the fingerprints of those that would fail again, and ``left_out_by`` the reader that gave them up: another may do
    better. ``speed`` is in passages a second, 0 when nothing was encoded yet.
    """

    schema: int
    natoqa: str
    created: str
    encoder: str
    dimensions: int
    model: str
    chunker: str
    lexical: str
    vector_index: str
    documents: int
    passages: int
    sentences: int
    tokens: int
    files: Mapping[str, FileSum]
    notices: tuple[Notice, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    left_out_by: str = ""
    speed: float = 0.0

    def to_json(self) -> str:
        """The manifest as it stands on disk, with a checksum of its own."""
        fields = asdict(self)
        # In ASCII: the name of a file that was refused may not even be UTF-8.
        return json.dumps({**fields, _OWN_SUM: _sum_of(fields)}, indent=1)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a generation's folder.

        Raises IndexMismatch for another schema, and IndexDamaged when it is not there or not as it was written.
        """
        try:
            fields = json.loads((folder / MANIFEST).read_text("utf-8"))
            if fields["schema"] != SCHEMA:
                raise IndexMismatch(
                    f"the index in {folder} has schema {fields['schema']}, this natoqa reads {SCHEMA}; "
                    "run: natoqa index --rebuild"
                )
            if fields.pop(_OWN_SUM) != _sum_of(fields):
                raise damaged(folder, MANIFEST)
            fields["files"] = {name: FileSum(**sums) for name, sums in fields["files"].items()}
            fields["unreadable"] = tuple((str(identity), str(reason)) for identity, reason in fields["unreadable"])
            fields["notices"] = tuple(Notice(**notice) for notice in fields["notices"])
            return cls(**fields)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(folder, MANIFEST) from error


def live_name(index: Path) -> str | None:
    """What ``CURRENT`` says, whether or not it leads anywhere; None when it says nothing."""
    try:
        return (index / CURRENT).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def steadily(index: Path, opened: Callable[[Path], Opened]) -> Opened:
    """Open something of the live generation's folder, again if writers switched and pruned in the midst of it.

    Raises what :func:`live_folder` and ``opened`` raise.
    """
    while True:
        name = live_name(index)
        try:
            return opened(live_folder(index))
        except IndexDamaged:
            if live_name(index) == name:
                raise


def live_folder(index: Path) -> Path:
    """The folder of the live generation. Raises NoIndex, or IndexDamaged when CURRENT leads nowhere."""
    try:
        name = (index / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError as error:
        raise NoIndex(f"there is no index in {index}; run: natoqa index") from error
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(index, CURRENT) from error
    folder = index / GENERATIONS / name
    if not name.isdecimal() or not folder.is_dir():
        raise damaged(index, CURRENT)
    return folder


def generation_names(index: Path) -> Iterator[str]:
    """Names of the generations on disk, oldest first. Raises IndexUnusable for a folder that cannot be listed."""
    try:
        with os.scandir(index / GENERATIONS) as entries:
            names = [entry.name for entry in entries if entry.name.isdecimal() and entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise IndexUnusable(f"the index in {index} cannot be read ({error.strerror or error})") from error
    yield from sorted(names, key=int)


def start_generation(index: Path) -> tuple[str, Path]:
    """The next generation's name, and a new folder to write it in until :func:`finish_generation`."""
    name = f"{max(map(int, generation_names(index)), default=0) + 1:04d}"
    folder = index / GENERATIONS / f"{_UNFINISHED}{name}"
    folder.mkdir(parents=True)
    return name, folder


def finish_generation(index: Path, name: str) -> None:
    """Force a written generation to the disk, give it its name, and switch to it."""
    folder = index / GENERATIONS / f"{_UNFINISHED}{name}"
    for path in [*folder.rglob("*"), folder]:
        _fsync(path)
    folder.rename(index / GENERATIONS / name)
    _fsync(index / GENERATIONS)
    switch_to(index, name)


def switch_to(index: Path, name: str) -> None:
    """Make a generation the live one: one rename of one small file, which has happened or has not."""
    following = index / f"{CURRENT}.next"
    following.write_text(name + "\n", "utf-8")
    _fsync(following)
    following.replace(index / CURRENT)
    _fsync(index)


def prune(index: Path, live: str, before: str | None, keep: int, *, thorough: bool = False) -> None:
    """Remove generations until ``keep`` are left, the live one included.

    The one that was live ``before`` is kept first, then the newest. Those that nobody can return to, of another schema
    or damaged, go in any case; ``thorough`` reads every byte to know which.
    """
    others = [name for name in generation_names(index) if name != live]
    usable = [name for name in others if _can_be_opened(index / GENERATIONS / name, thorough=thorough)]
    kept = sorted(usable, key=lambda name: (name == before, int(name)), reverse=True)[: keep - 1]
    for name in others:
        if name not in kept:
            _remove(index / GENERATIONS / name)


def _can_be_opened(folder: Path, *, thorough: bool) -> bool:
    try:
        files = Manifest.read(folder).files
    except IndexUnusable:
        return False
    return not any(differing(folder, files, but=MANIFEST) if thorough else differing_at_a_glance(folder, files))


def _remove(folder: Path) -> None:
    # Out of sight first: who looks meanwhile must not take it for a damaged one.
    leaving = folder.with_name(f"{_UNFINISHED}{folder.name}")
    with suppress(OSError):
        folder.rename(leaving)
    for path in (leaving, folder):
        shutil.rmtree(path, ignore_errors=True)


def remove_unfinished(index: Path) -> None:
    """Remove what a killed run left behind."""
    for file in index.glob("*.next"):
        file.unlink(missing_ok=True)
    for folder in (index / GENERATIONS).glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def damaged(folder: Path, what: str, mend: str = "run: natoqa index --rebuild") -> IndexDamaged:
    """The error for a folder of which ``what`` is not as it should be, with the command that mends it."""
    return IndexDamaged(f"the index in {folder} is damaged ({what}); {mend}")


def _sum_of(fields: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
