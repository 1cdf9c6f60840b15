"""The corpus folder: which files are documents, and each file -> Document.

``README.md`` and ``metadata.toml`` at the top of the corpus speak about it and are not documents. Hidden files and
folders are passed over; a link that leads out of the corpus, or to a folder, is listed and not followed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

from natoqa.errors import CorpusError, FileUnavailable, UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import LOADERS, bounded
from natoqa.loaders.loaded import one_line, shortened
from natoqa.loaders.recognising import ARCHIVES, recognise
from natoqa.types import Document, Metadata, PageLayout

METADATA_FILE = "metadata.toml"
ABOUT_THE_CORPUS = frozenset({"readme.md", "readme.txt", METADATA_FILE})
# Bytes of a file name that are not UTF-8 arrive as lone surrogates.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OVERRIDES = ("title", "author", "date", "kind", "about")
# What stood there has gone, or is no file that could be read later.
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG})
_LEADS_OUT = "it is a link that leads out of the corpus; copy it: natoqa add PATH"
_LEADS_TO_FOLDER = "it is a link to a folder; what it leads to is read where it stands, or copied: natoqa add PATH"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# A pipe or a terminal in the place of a file must not make anyone wait.
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know about one file; the run went on."""

    document: str
    message: str


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file as the folder lists it, or what a link leads to; the link itself if it is one that is not followed.

    ``size`` is in bytes; ``modified_ns`` and ``changed_ns``, when its content and its entry last changed, are in
    nanoseconds since 1970.
    """

    id: str
    path: Path
    size: int
    modified_ns: int
    changed_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file that became a document; ``pages`` are laid out if its kind has pages."""

    document: Document
    pages: tuple[PageLayout, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Corpus:
    """A folder of documents."""

    root: Path
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def open(cls, root: Path, limits: Limits | None = None) -> Corpus:
        """Raises CorpusError when ``root`` is not a folder that can be read."""
        try:
            is_folder = root.is_dir()
        except OSError as error:
            raise CorpusError(f"the corpus folder {root} cannot be used ({error.strerror or error})") from error
        if not is_folder:
            raise CorpusError(f"there is no corpus folder {root}; make it and put documents into it")
        return cls(root, limits or Limits())

    def files(self) -> list[CorpusFile]:
        """Every file that natoqa may read, and every link, sorted by id. Reading a link that is not followed says why.

        Raises CorpusError for a folder that cannot be listed: its documents must not be taken for removed.
        """
        inside = Path(os.path.realpath(self.root))
        found: list[CorpusFile] = []
        folders = [(self.root, "")]
        while folders:
            folder, prefix = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        name = entry.name
                        if name.startswith(".") or (not prefix and name.lower() in ABOUT_THE_CORPUS):
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            folders.append((folder / name, f"{prefix}{name}/"))
                        elif seen := _status(
                            entry, followed=not entry.is_symlink() or _leads_to_file_in(inside, entry)
                        ):
                            found.append(_file(prefix + name, folder / name, seen))
            except OSError as error:
                raise CorpusError(f"the folder {folder} cannot be read ({error.strerror})") from error
        return sorted(found, key=attrgetter("id"))

    def read(self, path: Path) -> bytes:
        """The bytes of a file of this corpus, at one moment.

        Raises UnreadableFile when it is no regular file, too large, gone or outside the corpus, and FileUnavailable
        when it is being written at this moment or the system refuses it.
        """
        try:
            opened = self._open(path)
            try:
                return self._read(opened)
            finally:
                os.close(opened)
        except OSError as error:
            kind = UnreadableFile if error.errno in _GONE else FileUnavailable
            raise kind(f"it cannot be read ({error.strerror or error})") from error

    def check_size(self, size: int) -> None:
        """Raises UnreadableFile for a file of more bytes than are read."""
        if size > self.limits.file_bytes:
            limit = self.limits.file_bytes / 1_000_000
            raise UnreadableFile(f"it is larger than {limit:g} MB (setting corpus.max_file_mb)")

    def _open(self, path: Path) -> int:
        """Open step by step without following any link, so that none put there at this moment leads out."""
        root = self.root
        if path.is_symlink():
            root, path = Path(os.path.realpath(root)), Path(os.path.realpath(path))
            if not path.is_relative_to(root):
                raise UnreadableFile(_LEADS_OUT)
            if path.is_dir():
                raise UnreadableFile(_LEADS_TO_FOLDER)
        if not path.is_relative_to(root) or ".." in path.parts[len(root.parts) :]:
            raise UnreadableFile("it leads out of the corpus")
        *folders, name = path.relative_to(root).parts
        folder = os.open(root, _FOLDER)
        try:
            for part in folders:
                outer = folder
                folder = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=outer)
                os.close(outer)
            return os.open(name, _FILE, dir_fd=folder)
        finally:
            os.close(folder)

    def _read(self, opened: int) -> bytes:
        before = os.fstat(opened)
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableFile("it is not a regular file")
        self.check_size(before.st_size)
        with os.fdopen(opened, "rb", closefd=False) as file:
            data = file.read(before.st_size + 1)
        after = os.fstat(opened)
        if (len(data), after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
            raise FileUnavailable("it changed while it was read; run natoqa index again")
        return data

    def check_kind(self, identity: str) -> None:
        """Raises UnreadableFile for a kind of file that natoqa does not read, or a name that cannot be written down."""
        if _UNWRITABLE.search(identity):
            raise UnreadableFile("its name is not UTF-8 or holds control characters; rename it")
        suffix = Path(identity).suffix
        if suffix.lower() not in LOADERS and _is_link_to_folder(self.root / identity):
            raise UnreadableFile(_LEADS_TO_FOLDER)
        if suffix.lower() in ARCHIVES:
            raise UnreadableFile(f"natoqa does not open archives such as {suffix}; unpack it")
        if suffix.lower() not in LOADERS:
            readable = " ".join(sorted(LOADERS))
            raise UnreadableFile(f"natoqa does not read {suffix or 'files without a suffix'} (it reads {readable})")

    def load(self, identity: str, data: bytes) -> LoadedFile:
        """Turn a file's bytes into a document. Raises UnreadableFile with the reason."""
        self.check_kind(identity)
        recognised = recognise(Path(identity).suffix, data)
        loaded = bounded.load(recognised.suffix, data, self.limits)
        metadata = self._overridden(identity, loaded.metadata)
        notices = tuple(Notice(identity, note) for note in recognised.notes + loaded.notes)
        return LoadedFile(Document(identity, loaded.text, metadata, loaded.landmarks), loaded.pages, notices)

    def fingerprint(self, identity: str, data: bytes) -> str:
        """SHA-256 over a file, its kind and what ``metadata.toml`` says of it: unchanged means nothing to do."""
        return self.fingerprint_of(identity, hashlib.sha256(data).hexdigest())

    def fingerprint_of(self, identity: str, digest: str) -> str:
        """The fingerprint of a file whose bytes have the SHA-256 ``digest``, in hexadecimal."""
        combined = hashlib.sha256(digest.encode())
        combined.update(Path(identity).suffix.lower().encode("utf-8", "surrogatepass"))
        combined.update(repr(sorted(self._overrides.get(identity, {}).items())).encode("utf-8", "surrogatepass"))
        return combined.hexdigest()

    def unmatched_metadata(self, identities: Collection[str]) -> Iterator[Notice]:
        """A notice for each table of ``metadata.toml`` whose document is not there: most likely a mistyped name."""
        for identity in sorted(self._overrides.keys() - set(identities)):
            yield Notice(METADATA_FILE, f"there is no document '{identity}'")

    def _overridden(self, identity: str, metadata: Metadata) -> Metadata:
        overrides: dict[str, Any] = {
            name: shortened(one_line(str(value))) for name, value in self._overrides.get(identity, {}).items()
        }
        return replace(metadata, **overrides)

    @cached_property
    def _overrides(self) -> Mapping[str, Mapping[str, Any]]:
        path = self.root / METADATA_FILE
        if not path.is_file():
            return {}
        try:
            tables = tomllib.loads(self.read(path).decode("utf-8"))
        except (UnreadableFile, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise CorpusError(f"{path} does not parse: {error}") from error
        wrong = [name for name, table in tables.items() if not _is_override(table)]
        if wrong:
            raise CorpusError(f"{path}: '{wrong[0]}' should be a table of {', '.join(_OVERRIDES)}, each one line")
        return tables


def _file(identity: str, path: Path, status: os.stat_result) -> CorpusFile:
    return CorpusFile(identity, path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _status(entry: os.DirEntry[str], *, followed: bool) -> os.stat_result | None:
    """None for what was removed since the folder was listed."""
    try:
        return entry.stat(follow_symlinks=followed)
    except OSError:
        try:
            return entry.stat(follow_symlinks=False)  # a link that leads nowhere
        except FileNotFoundError:
            return None


def _leads_to_file_in(folder: Path, link: os.DirEntry[str]) -> bool:
    """Also true of a link that leads nowhere or to itself: reading it says so."""
    try:
        return Path(os.path.realpath(link.path)).is_relative_to(folder) and not link.is_dir()
    except OSError:
        return True


def _is_link_to_folder(path: Path) -> bool:
    try:
        return path.is_symlink() and path.is_dir()
    except OSError:
        return False


def _is_override(table: object) -> bool:
    return isinstance(table, dict) and all(
        name in _OVERRIDES and isinstance(value, str | int | float | date) for name, value in table.items()
    )
