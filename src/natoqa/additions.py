"""Putting files into the corpus and taking documents out: all that was asked for, or nothing.

A file appears under its name in one step, whole, and never in the place of another. What is taken out is moved to
``.removed`` in the corpus, which is hidden and thus no longer indexed; nothing is ever deleted.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from natoqa.corpus import ABOUT_THE_CORPUS, Corpus
from natoqa.errors import FileRefused, UnreadableFile
from natoqa.loaders.loaded import one_line
from natoqa.placing import place

REMOVED = ".removed"
_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Added:
    """Document ids of the files that were ``added`` or ``replaced``, and of those that were ``there`` already.

    ``left_out`` are (path, reason) of files in a folder that was named which natoqa does not read.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    there: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """Documents that were taken out: (id, where the file is now). ``gone`` had lost their files already."""

    moved: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What sources come to: document id -> file, ids that are in the corpus, and (path, reason) of the rest."""

    wanted: dict[str, Path] = field(default_factory=dict)
    there: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def take(self, corpus: Corpus, source: Path, into: str) -> None:
        """Look at one source. Raises FileRefused."""
        folder = _inside(into)
        if (identity := _identity_of(corpus, source)) is not None:
            if into and PurePosixPath(identity).parent != folder:
                raise FileRefused(f"{source} is in the corpus already; move it there yourself and run: natoqa index")
            self.there.append(identity)
            return
        for file, below in _files_of(corpus, source):
            identity = (folder / below).as_posix()
            try:
                _check(corpus, file, identity)
            except UnreadableFile as error:
                if file == source:
                    raise FileRefused(f"{source} was not added: {error}") from error
                self.left_out.append((str(file), str(error)))
                continue
            if identity in self.wanted and not _same(self.wanted[identity], file):
                both = f"{self.wanted[identity]} and {file}"
                raise FileRefused(f"{both} would both become '{identity}'; nothing was added")
            self.wanted[identity] = file


def add_files(corpus: Corpus, sources: Sequence[Path], into: str = "", *, replace: bool = False) -> Added:
    """Copy files, and folders with all that is in them, into ``corpus`` or its folder ``into``; names are kept.

    What a link leads to is copied, not the link. With ``replace``, a file of the same name and other content gives way.
    Raises FileRefused before anything is changed.
    """
    found = _Found()
    for source in sources:
        found.take(corpus, source, into)
    new, replaced = [], []
    there = {*found.there}
    for identity, file in found.wanted.items():
        target = corpus.root / identity
        _check_way(corpus, identity)
        if not os.path.lexists(target):
            new.append(identity)
        elif _same(file, target):
            there.add(identity)
        elif not replace or not (target.is_file() or target.is_symlink()):
            raise FileRefused(
                f"the corpus holds another '{identity}'; nothing was added; to put the new file in its place: --replace"
            )
        else:
            replaced.append(identity)
    try:
        place(corpus.root, {identity: found.wanted[identity] for identity in (*new, *replaced)}, frozenset(replaced))
    except OSError as error:
        raise FileRefused(f"the corpus {corpus.root} cannot be written ({error.strerror or error})") from error
    return Added(tuple(sorted(new)), tuple(sorted(replaced)), tuple(sorted(there)), tuple(found.left_out))


def remove_documents(corpus: Corpus, names: Sequence[str], indexed: Collection[str] = ()) -> Removed:
    """Move documents, by id or path, to ``.removed`` in the corpus.

    One of ``indexed`` whose file is gone needs nothing but a sync. Raises FileRefused, before anything is moved, for a
    name that is no document.
    """
    files = {file.id for file in corpus.files()}
    identities = []
    for name in names:
        identity = name if name in files or name in indexed else _identity_of(corpus, Path(name)) or name
        if identity not in files and identity not in indexed:
            near = get_close_matches(name, sorted(files | set(indexed)), _SUGGESTED)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise FileRefused(f"there is no document '{one_line(name)}'{hint}; see: natoqa status")
        identities.append(identity)
    for identity in identities:
        for folder in PurePosixPath(REMOVED, identity).parents:
            if folder.parts and (corpus.root / folder).is_symlink():
                raise FileRefused(f"{corpus.root / folder} leads elsewhere; nothing was removed")
    moved: list[tuple[str, str]] = []
    for identity in dict.fromkeys(identities):
        if identity not in files:
            continue
        target = _free(corpus.root / REMOVED / identity)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            (corpus.root / identity).rename(target)
        except OSError as error:
            why = f"'{identity}' cannot be moved to {target} ({error.strerror or error})"
            before = f"; moved before it: {', '.join(name for name, _ in moved)}" if moved else ""
            raise FileRefused(f"{why}{before}; then run: natoqa index" if moved else why) from error
        moved.append((identity, str(target)))
    return Removed(tuple(moved), tuple(name for name in dict.fromkeys(identities) if name not in files))


def _inside(into: str) -> PurePosixPath:
    folder = PurePosixPath(into)
    if folder.is_absolute() or ".." in folder.parts or "\x00" in into:
        raise FileRefused(f"'{one_line(into)}' is no folder inside the corpus; name one such as reports/2024")
    return folder


def _identity_of(corpus: Corpus, path: Path) -> str | None:
    """The id that a path in the corpus has; None for one elsewhere, and for what is hidden in the corpus."""
    try:
        # A link is itself the document, whatever it leads to.
        inside = (path.parent.resolve() / path.name).relative_to(corpus.root.resolve())
    except (OSError, ValueError, RuntimeError):
        return None
    is_document = not any(part.startswith(".") for part in inside.parts)
    return inside.as_posix() if is_document and path.is_file() else None


def _files_of(corpus: Corpus, source: Path) -> Iterator[tuple[Path, PurePosixPath]]:
    """The files that a source stands for, each with its place below the folder they go to; hidden ones stay."""
    if not source.is_dir():
        yield source, PurePosixPath(source.name)
        return
    whole, root = source.resolve(), corpus.root.resolve()
    if root.is_relative_to(whole) or (whole.is_relative_to(root) and REMOVED not in whole.relative_to(root).parts):
        raise FileRefused(f"the folder {source} and the corpus {corpus.root} hold one another; nothing was added")
    found = []
    for folder, subfolders, names in os.walk(source, onerror=_refuse):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        found += [Path(folder) / name for name in names if not name.startswith(".")]
    if not found:
        raise FileRefused(f"the folder {source} holds no file that could be added")
    for path in sorted(found):
        yield path, PurePosixPath(whole.name, *path.relative_to(source).parts)


def _refuse(error: OSError) -> None:
    raise FileRefused(f"the folder {error.filename} cannot be read ({error.strerror}); nothing was added") from error


def _check(corpus: Corpus, file: Path, identity: str) -> None:
    """Raises UnreadableFile for what would not become a document."""
    if any(part.startswith(".") for part in PurePosixPath(identity).parts):
        raise UnreadableFile("names that begin with a dot are hidden and are not read")
    if identity.lower() in ABOUT_THE_CORPUS:
        raise UnreadableFile("under this name it would speak about the corpus; name a folder for it: --into FOLDER")
    corpus.check_kind(identity)
    try:
        about = file.stat()
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableFile("it is not a regular file")
        if about.st_size > corpus.limits.file_bytes:
            limit = corpus.limits.file_bytes / 1_000_000
            raise UnreadableFile(f"it is larger than {limit:g} MB (setting corpus.max_file_mb)")
        with file.open("rb"):
            pass
    except OSError as error:
        raise UnreadableFile(f"it cannot be read ({error.strerror or error})") from error


def _check_way(corpus: Corpus, identity: str) -> None:
    """Raises FileRefused unless every folder on the way is one, inside the corpus, or still to be made."""
    for parent in PurePosixPath(identity).parents:
        folder = corpus.root / parent
        if parent.parts and (folder.is_symlink() or (os.path.lexists(folder) and not folder.is_dir())):
            raise FileRefused(f"'{parent}' in the corpus is a link or a file, not a folder; nothing was added")


def _same(one: Path, other: Path) -> bool:
    try:
        if not (one.is_file() and other.is_file()) or one.stat().st_size != other.stat().st_size:
            return False
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _free(target: Path) -> Path:
    number, free = 1, target
    while os.path.lexists(free):
        number += 1
        free = target.with_name(f"{target.stem} ({number}){target.suffix}")
    return free
