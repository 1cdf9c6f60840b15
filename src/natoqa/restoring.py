"""The generations that are kept, and the way back to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from natoqa.errors import IndexDamaged, IndexMismatch, IndexNotWritable, IndexUnusable, NoGeneration, NoIndex
from natoqa.generations import CURRENT, GENERATIONS, Manifest, generation_names, live_folder, switch_to
from natoqa.locking import writing
from natoqa.store import Generation
from natoqa.verification import verify


@dataclass(frozen=True, slots=True)
class Kept:
    """A generation on disk. ``problem`` says, in a few words, why its manifest cannot be read; else it is empty."""

    name: str
    is_live: bool
    created: str = ""
    documents: int = 0
    passages: int = 0
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({'live, ' if self.is_live else ''}{self.problem or self.created})"


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The generation that is live now, and the name of the one that was; empty if none could be told."""

    now: Kept
    before: str


def kept_generations(index: Path) -> tuple[Kept, ...]:
    """Every generation on disk, oldest first, as its manifest describes it."""
    live = _live_name(index)
    return tuple(_kept(index / GENERATIONS / name, is_live=name == live) for name in generation_names(index))


def rollback(index: Path, to: str | None = None) -> RolledBack:
    """Make an older generation the live one: ``to``, or the last one before the live one. Nothing is removed.

    Every byte of it is verified first. The next sync brings the index in step with the corpus again. Raises
    NoGeneration when there is none to go back to, IndexDamaged or IndexMismatch when it cannot be used, IndexLocked
    and IndexNotWritable.
    """
    if not any(generation_names(index)):
        raise NoIndex(f"there is no index in {index}; run: natoqa index")
    with writing(index, "natoqa rollback"):
        kept = kept_generations(index)
        before = _live_name(index)
        target = _target(index, kept, before, to)
        folder = index / GENERATIONS / target.name
        try:
            generation = Generation.open_folder(folder)
            try:
                verify(generation)
            finally:
                generation.close()
        except IndexUnusable as error:
            what = str(error).rpartition("; run: ")[0] or str(error)
            kind = IndexMismatch if isinstance(error, IndexMismatch) else IndexDamaged
            raise kind(f"{what}; nothing was changed; there is {_listed(kept)}") from error
        try:
            switch_to(index, target.name)
        except OSError as error:
            raise IndexNotWritable(f"{index / CURRENT} cannot be written ({error.strerror or error})") from error
    return RolledBack(_kept(folder, is_live=True), before)


def _target(index: Path, kept: Sequence[Kept], live: str, to: str | None) -> Kept:
    if to is None:
        older = [item for item in kept if not live or int(item.name) < int(live)]
        if older:
            return older[-1]
        raise NoGeneration(f"the index in {index} holds no generation before the live one; there is {_listed(kept)}")
    wanted = [item for item in kept if item.name.lstrip("0") == to.lstrip("0")]
    if not wanted:
        raise NoGeneration(f"the index in {index} holds no generation '{to}'; there is {_listed(kept)}")
    if wanted[0].is_live:
        raise NoGeneration(f"generation {wanted[0].name} is the live one already; there is {_listed(kept)}")
    return wanted[0]


def _kept(folder: Path, *, is_live: bool) -> Kept:
    try:
        manifest = Manifest.read(folder)
    except IndexMismatch:
        return Kept(folder.name, is_live, problem="of another version of natoqa")
    except IndexDamaged:
        return Kept(folder.name, is_live, problem="damaged")
    return Kept(folder.name, is_live, manifest.created, manifest.documents, manifest.passages)


def _live_name(index: Path) -> str:
    try:
        return live_folder(index).name
    except IndexUnusable:
        return ""


def _listed(kept: Sequence[Kept]) -> str:
    return ", ".join(map(str, kept))
