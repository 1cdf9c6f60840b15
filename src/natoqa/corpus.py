"""The corpus folder: which files are documents, and each file -> Document.

``README.md`` and ``metadata.toml`` at the top of the corpus speak about it and are not documents. Hidden files and
folders are passed over; a link that leads out of the corpus is not followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from natoqa.errors import CorpusError, UnreadableFile
from natoqa.loaders import LOADERS, loader_for
from natoqa.loaders.loaded import one_line
from natoqa.types import Document, Metadata

METADATA_FILE = "metadata.toml"
_ABOUT_THE_CORPUS = frozenset({"readme.md", "readme.txt", METADATA_FILE})
# Bytes of a file name that are not UTF-8 arrive as lone surrogates.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OVERRIDES = ("title", "author", "date", "kind", "about")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know about one file; the run went on."""

    document: str
    message: str


@dataclass(frozen=True)
class Corpus:
    """A folder of documents."""

    root: Path
    max_file_bytes: int = 50_000_000

    @classmethod
    def open(cls, root: Path, max_file_bytes: int = 50_000_000) -> Corpus:
        """Raises CorpusError when ``root`` is not a folder that can be read."""
        if not root.is_dir():
            raise CorpusError(f"there is no corpus folder {root}; make it and put .txt or .md files into it")
        return cls(root, max_file_bytes)

    def paths(self) -> Iterator[tuple[str, Path]]:
        """(document id, path) of every file that natoqa may read, sorted by id.

        Raises CorpusError for a folder that cannot be listed: its documents must not be taken for removed.
        """
        found: list[tuple[str, Path]] = []
        inside = self.root.resolve()
        for folder, subfolders, files in os.walk(self.root, onerror=_refuse):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            for name in files:
                path = Path(folder) / name
                identity = path.relative_to(self.root).as_posix()
                if name.startswith(".") or identity.lower() in _ABOUT_THE_CORPUS:
                    continue
                if path.is_symlink() and not _leads_into(inside, path):
                    continue
                found.append((identity, path))
        return iter(sorted(found))

    def read(self, path: Path) -> bytes:
        """The bytes of a file. Raises UnreadableFile when it is no regular file, too large, gone or forbidden."""
        try:
            if not path.is_file():
                raise UnreadableFile("it is not a regular file")
            if path.stat().st_size > self.max_file_bytes:
                limit = self.max_file_bytes / 1_000_000
                raise UnreadableFile(f"it is larger than {limit:g} MB (setting corpus.max_file_mb)")
            return path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"it cannot be read ({error.strerror or error})") from error

    def check_kind(self, identity: str) -> None:
        """Raises UnreadableFile for a kind of file that natoqa does not read, or a name that cannot be written down."""
        if _UNWRITABLE.search(identity):
            raise UnreadableFile("its name is not UTF-8 or holds control characters; rename it")
        suffix = Path(identity).suffix
        if suffix.lower() not in LOADERS:
            readable = " ".join(sorted(LOADERS))
            raise UnreadableFile(f"natoqa does not read {suffix or 'files without a suffix'} (it reads {readable})")

    def load(self, identity: str, data: bytes) -> tuple[Document, tuple[Notice, ...]]:
        """Turn a file's bytes into a document. Raises UnreadableFile with the reason."""
        self.check_kind(identity)
        loaded = loader_for(Path(identity).suffix)(data)
        metadata = self._overridden(identity, loaded.metadata)
        warnings = tuple(Notice(identity, note) for note in loaded.notes)
        return Document(identity, loaded.text, metadata, loaded.landmarks), warnings

    def fingerprint(self, identity: str, data: bytes) -> str:
        """SHA-256 over a file, its kind and what ``metadata.toml`` says of it: unchanged means nothing to do."""
        digest = hashlib.sha256(data)
        digest.update(Path(identity).suffix.lower().encode("utf-8", "surrogatepass"))
        digest.update(repr(sorted(self._overrides.get(identity, {}).items())).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def unmatched_metadata(self, identities: Collection[str]) -> Iterator[Notice]:
        """A notice for each table of ``metadata.toml`` whose document is not there: most likely a mistyped name."""
        for identity in sorted(self._overrides.keys() - set(identities)):
            yield Notice(METADATA_FILE, f"there is no document '{identity}'")

    def _overridden(self, identity: str, metadata: Metadata) -> Metadata:
        overrides: dict[str, Any] = {
            name: one_line(str(value)) for name, value in self._overrides.get(identity, {}).items()
        }
        return replace(metadata, **overrides)

    @cached_property
    def _overrides(self) -> Mapping[str, Mapping[str, Any]]:
        path = self.root / METADATA_FILE
        if not path.is_file():
            return {}
        try:
            tables = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise CorpusError(f"{path} does not parse: {error}") from error
        wrong = [name for name, table in tables.items() if not _is_override(table)]
        if wrong:
            raise CorpusError(f"{path}: '{wrong[0]}' should be a table of {', '.join(_OVERRIDES)}, each one line")
        return tables


def _refuse(error: OSError) -> None:
    raise CorpusError(f"the folder {error.filename} cannot be read ({error.strerror})") from error


def _leads_into(folder: Path, link: Path) -> bool:
    try:
        return link.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # a link to itself; reading it says so
        return True


def _is_override(table: object) -> bool:
    return isinstance(table, dict) and all(
        name in _OVERRIDES and isinstance(value, str | int | float | date) for name, value in table.items()
    )
