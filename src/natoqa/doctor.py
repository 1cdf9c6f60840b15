"""``natoqa doctor``: is the index whole, does it fit the settings, is it in step with the corpus? Never writes.

A check that builds on something damaged is skipped, so that a broken file is reported and never worked with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from natoqa.calibration import CALIBRATION, load_calibration
from natoqa.database import DATABASE
from natoqa.errors import IndexDamaged, IndexMismatch, IndexUnusable, NatoqaError, NoIndex
from natoqa.examination import Examination, Examined, Folders, State
from natoqa.generations import CURRENT, GENERATIONS, MANIFEST, Manifest, generation_names, live_folder, live_name
from natoqa.indexing import Indexer
from natoqa.invariants import REBUILD, Finding
from natoqa.locking import writer_of
from natoqa.store import TOKEN_IDS, TOKENS, VECTORS, Generation
from natoqa.verification import CHECKS, damaged_files, terms_check, vectors_check

FINDINGS_A_CHECK = 10
"""A check stops looking after so many."""
_UPDATE = "natoqa index"
_LIST = "natoqa index --dry-run"
_AGAIN = "natoqa doctor"
_STORE = frozenset({DATABASE, VECTORS, TOKENS, TOKEN_IDS})
_LOOKS = 3

Progress = Callable[[int, int], None]


def examine(
    indexer: Indexer, folders: Folders | None = None, progress: Progress = lambda done, total: None
) -> Examination:
    """Check an index against itself, the settings and the corpus. ``progress`` is told bytes.

    Raises NoIndex when nothing was ever indexed, and IndexDamaged when a folder may not even be listed. All else that
    is wrong is a finding. What a sync removes in the midst of it is no damage.
    """
    index = indexer.settings.index.path
    looks = 0
    while True:
        live, looks = live_name(index), looks + 1
        try:
            examination = _examine(indexer, folders or Folders(), progress)
        except (OSError, IndexDamaged) as error:
            if looks == _LOOKS or live_name(index) == live:
                raise _unreadable(index, error) from error
            continue
        # Or else a sync switched meanwhile, and what was found is of two generations.
        if looks == _LOOKS or live_name(index) == live:
            return examination


def _examine(indexer: Indexer, folders: Folders, progress: Progress) -> Examination:
    index = indexer.settings.index.path
    kept = list(generation_names(index))
    try:
        folder: Path | None = live_folder(index)
        checks = [_examined("live generation", ())]
    except NoIndex:
        if not kept:
            raise
        folder, checks = None, [_examined("live generation", [_pointer_finding(index, kept, "it is missing")])]
    except IndexDamaged:
        folder, checks = None, [_examined("live generation", [_pointer_finding(index, kept, "it leads nowhere")])]
    others = [index / GENERATIONS / name for name in kept if folder is None or name != folder.name]
    reading = _Reading(progress, folder, others)
    of_the_live = list(_of_the_live(folder, indexer, reading))
    if folder is not None and not folder.is_dir():
        gone = Finding("a sync removed it while it was examined", f"generation {folder.name}", _AGAIN)
        of_the_live = [_skipped(check.check) for check in of_the_live]
        checks = [_examined("live generation", [gone], State.NOTE)]
    checks += of_the_live
    is_whole = all(check.state is State.OK for check in checks)
    checks += [
        _calibration(index),
        *(_corpus(indexer) if is_whole else [_skipped("settings"), _skipped("corpus")]),
        *_older(others, reading),
        _examined("leftovers", _leftovers(index), State.NOTE),
    ]
    name_in = folders.name_in
    return Examination(
        index,
        folder.name if folder else "",
        tuple(
            replace(check, findings=tuple(replace(item, mend=name_in(item.mend)) for item in check.findings))
            for check in checks
        ),
    )


class _Reading:
    """Counts the bytes that are read of those that are to be: files in full, and the vectors once more."""

    def __init__(self, progress: Progress, live: Path | None, others: list[Path]) -> None:
        self._progress = progress
        self._total = sum(map(_size, others)) + sum(map(_size, [live, live / VECTORS, live / TOKENS] if live else []))
        self._done = 0

    def __call__(self, read: int) -> None:
        self._done = min(self._done + read, self._total)
        self._progress(self._done, self._total)


def _size(path: Path) -> int:
    size = 0
    with suppress(OSError):  # a sync removes it meanwhile
        for file in (path, *path.rglob("*")):
            size += file.stat().st_size if file.is_file() else 0
    return size


def _of_the_live(folder: Path | None, indexer: Indexer, reading: _Reading) -> Iterator[Examined]:
    backends = ("vector index", "lexical index")
    contents = [check.name for check in CHECKS]
    try:
        manifest = Manifest.read(folder) if folder else None
    except IndexUnusable as error:
        yield _examined("manifest", [_told(error, MANIFEST)])
        yield from map(_skipped, ("files", *contents, *backends))
        return
    if folder is None or manifest is None:
        yield from map(_skipped, ("manifest", "files", *contents, *backends))
        return
    yield _examined("manifest", ())
    wrong = damaged_files(folder, manifest)
    reading(_size(folder))
    yield _examined("files", wrong)
    is_damaged = {finding.where for finding in wrong}
    if is_damaged & _STORE:
        yield from map(_skipped, (*contents, *backends))
        return
    try:
        generation = Generation(folder, manifest)
    except IndexDamaged:
        if folder.is_dir():
            raise
        # Whole a moment ago, and removed by a sync since.
        yield from map(_skipped, (*contents, *backends))
        return
    try:
        for check in CHECKS:
            yield _examined(check.name, check(generation, reading))
        if is_damaged & manifest.files.keys():
            yield from map(_skipped, backends)
            return
        yield _examined("vector index", vectors_check(indexer.vector_index)(generation))
        yield _examined("lexical index", terms_check(indexer.lexical_index)(generation))
    finally:
        generation.close()


def _corpus(indexer: Indexer) -> Iterator[Examined]:
    """Whether the settings fit the index, and what a sync would do."""
    try:
        forecast = indexer.forecast()
    except IndexMismatch as error:
        yield _examined("settings", [_told(error, "settings")])
        yield _skipped("corpus")
        return
    except NatoqaError as error:
        yield _examined("settings", ())
        yield _examined("corpus", [_told(error, "corpus", _UPDATE)], State.NOTE)
        return
    yield _examined("settings", ())
    plan = forecast.plan
    counted = {"added": plan.added, "changed": plan.changed, "renamed": plan.renamed, "removed": plan.removed}
    changes = ", ".join(f"{len(identities)} {what}" for what, identities in counted.items() if identities)
    found = [Finding(f"documents since: {changes}", "corpus", _UPDATE)] if changes else []
    if left_out := len(forecast.unreadable):
        found.append(Finding(f"files that are left out: {left_out}; the command lists them", "corpus", _LIST))
    yield _examined("corpus", found, State.NOTE)


def _calibration(index: Path) -> Examined:
    try:
        load_calibration(index)
    except IndexDamaged as error:
        return _examined("calibration", [_told(error, CALIBRATION)])
    return _examined("calibration", ())


def _older(folders: list[Path], reading: _Reading) -> Iterator[Examined]:
    """Generations that one could return to; that those of an earlier version are none is worth a note."""
    damage: list[Finding] = []
    notes: list[Finding] = []
    for folder in folders:
        found, wrong = damage, []
        try:
            wrong = [finding.where for finding in damaged_files(folder, Manifest.read(folder))]
        except IndexMismatch:
            found, wrong = notes, ["it is of another version of natoqa"]
        except IndexDamaged:
            wrong = [MANIFEST]
        if wrong and folder.is_dir():  # else a sync removed it meanwhile
            found.append(Finding(f"there is no way back to it ({', '.join(wrong)})", f"generation {folder.name}"))
        reading(_size(folder))
    yield _examined("older generations", iter(damage or notes), State.DAMAGE if damage else State.NOTE)


def _leftovers(index: Path) -> Iterator[Finding]:
    if (writer := writer_of(index)) is not None:
        yield Finding(f"the index is being written by {writer}", str(index), _UPDATE)
        return
    generations = index / GENERATIONS
    for folder in sorted(generations.iterdir()) if generations.is_dir() else ():
        if not folder.name.isdecimal():
            yield Finding("a run that was ended early left it; the next one removes it", folder.name, _UPDATE)


def _pointer_finding(index: Path, kept: list[str], what: str) -> Finding:
    for name in reversed(kept):
        folder = index / GENERATIONS / name
        try:
            if not damaged_files(folder, Manifest.read(folder)):
                return Finding(what, CURRENT, f"natoqa rollback {name}")
        except IndexUnusable:
            continue
    return Finding(what, CURRENT)


def _unreadable(index: Path, error: OSError | IndexDamaged) -> IndexDamaged:
    if isinstance(error, IndexDamaged):
        return error
    return IndexDamaged(f"{error.filename or index} cannot be read ({error.strerror or error})")


def _told(error: NatoqaError, where: str, mend: str = REBUILD) -> Finding:
    """A finding made of an error, whose message ends with the command that mends it."""
    what, _, named = str(error).rpartition("; run: ")
    return Finding(what, where, named) if what else Finding(named, where, mend)


def _examined(
    check: str, findings: Iterator[Finding] | list[Finding] | tuple[()], found: State = State.DAMAGE
) -> Examined:
    several = tuple(islice(findings, FINDINGS_A_CHECK))
    return Examined(check, found if several else State.OK, several)


def _skipped(check: str) -> Examined:
    return Examined(check, State.SKIPPED)
