"""Documents of a foreign collection as a corpus folder: safe file names, titles in metadata.toml, all or nothing.

An id is any text: a path, a URL, nothing at all. None can lead out of the folder, and no two share a file, on disks
that tell ``A`` from ``a`` and on disks that do not.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from natoqa.corpus import METADATA_FILE, Corpus
from natoqa.errors import CorpusError, UnreadableFile
from natoqa.evaluation.sets.documents import Documents, documents_of_corpus
from natoqa.limits import Limits
from natoqa.loaders.decoding import decode
from natoqa.loaders.loaded import one_line

if TYPE_CHECKING:
    from natoqa.evaluation.sets.importing import SourceDocument

_MARK = "# Written by: natoqa questions import. One table a document; another import with --force replaces the folder."
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_OTHER = re.compile(r"[^A-Za-z0-9_-]+")
# Names that Windows keeps for devices, whatever the suffix, and those that speak about a corpus.
_TAKEN = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?|readme", re.IGNORECASE)
_LONGEST = 60
_SUFFIX = ".txt"


@dataclass(frozen=True, slots=True)
class WrittenDocuments:
    """Source id -> file name, and source id -> why it could not become a document."""

    names: Mapping[str, str]
    unreadable: Mapping[str, str]


def safe_names(identities: Iterable[str]) -> dict[str, str]:
    """A file name for each id, without suffix: the id where it is plain, else its plain part and a hash of it."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for identity in identities:
        if identity in names:
            continue
        name = identity
        if not _PLAIN.fullmatch(identity) or _TAKEN.fullmatch(identity) or identity.casefold() in used:
            digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
            plain = _OTHER.sub("-", identity).strip("-_")[:_LONGEST] or "document"
            length = 8
            while (name := f"{plain}-{digest[:length]}").casefold() in used:
                length += 1
        names[identity] = name
        used.add(name.casefold())
    return names


class CorpusFolder:
    """A corpus under construction beside its place; see :func:`building_corpus`."""

    def __init__(self, place: Path, unfinished: Path) -> None:
        self._place = place
        self._unfinished = unfinished

    def write(self, documents: Sequence[SourceDocument]) -> WrittenDocuments:
        """Write one file a document and metadata.toml. A document without text is written as its title."""
        names: dict[str, str] = {}
        unreadable: dict[str, str] = {}
        tables = [_MARK]
        stems = safe_names(document.id for document in documents)
        for document in documents:
            title = one_line(document.title)
            data = (document.text if document.text.strip() else title).encode("utf-8", "replace")
            try:
                decode(data, Limits())
            except UnreadableFile as error:
                unreadable[document.id] = str(error)
                continue
            name = stems[document.id] + _SUFFIX
            (self._unfinished / name).write_bytes(data)
            names[document.id] = name
            tables.append(f"\n[{_toml(name)}]" + (f"\ntitle = {_toml(title)}" if title else ""))
        (self._unfinished / METADATA_FILE).write_text("\n".join(tables) + "\n", "utf-8", newline="\n")
        return WrittenDocuments(names, unreadable)

    @cached_property
    def documents(self) -> Documents:
        """The documents as natoqa reads them."""
        return documents_of_corpus(Corpus(self._unfinished))

    def publish(self) -> None:
        """Put the folder in its place. Raises CorpusError when that cannot be done."""
        replaced = self._place.with_name(self._unfinished.name + "-replaced")
        try:
            if self._place.exists():
                self._place.rename(replaced)
            self._unfinished.rename(self._place)
        except OSError as error:
            raise _not_written(self._place, error) from error
        shutil.rmtree(replaced, ignore_errors=True)


@contextmanager
def building_corpus(place: Path, *, force: bool) -> Iterator[CorpusFolder]:
    """A folder to write documents in, which takes its place when it is published; else nothing is left of it.

    Raises CorpusError when ``place`` holds files that no import wrote, or an earlier import without ``force``, or
    when it cannot be written.
    """
    _refuse(place, force=force)
    place = place.resolve()
    unfinished = place.with_name(f".unfinished-{secrets.token_hex(4)}")
    try:
        unfinished.mkdir(parents=True)
        yield CorpusFolder(place, unfinished)
    except OSError as error:
        raise _not_written(place, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _refuse(place: Path, *, force: bool) -> None:
    if place.exists() and not place.is_dir():
        raise CorpusError(f"{place} is a file; --corpus should name a folder")
    try:
        files = {path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir()}
    except OSError as error:
        raise CorpusError(f"the folder {place} cannot be read ({error.strerror or error})") from error
    if not files:
        return
    if not _is_import(place, files):
        raise CorpusError(f"the folder {place} holds files that no import wrote; name a new folder")
    if not force:
        raise CorpusError(f"the folder {place} holds an earlier import; name a new folder or add --force")


def _is_import(place: Path, files: set[str]) -> bool:
    """Whether an import wrote every file of the folder."""
    try:
        text = (place / METADATA_FILE).read_text("utf-8")
        named = set(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return text.startswith(_MARK) and files <= named | {METADATA_FILE}


def _not_written(place: Path, error: OSError) -> CorpusError:
    return CorpusError(f"the folder {place} cannot be written ({error.strerror or error})")


def _toml(text: str) -> str:
    """A basic string of TOML, which for one line of text is a string of JSON."""
    return json.dumps(text, ensure_ascii=False)
