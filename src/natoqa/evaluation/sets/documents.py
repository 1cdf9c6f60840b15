"""The documents that a question set speaks about, read from an index or from the corpus; no model is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from natoqa.corpus import Corpus
from natoqa.types import Document


@dataclass(frozen=True)
class Documents:
    """Ids and a way to open each. ``open`` raises KeyError for another id, UnreadableFile for a file that is no text.

    ``source`` says where they were read, for people.
    """

    source: str
    ids: frozenset[str]
    open: Callable[[str], Document]

    def resolve(self, name: str) -> str | None:
        """The id that ``name`` means: an id, or the stem of exactly one (``d12`` for ``d12.txt``); else None."""
        return name if name in self.ids else self._by_stem.get(name)

    @cached_property
    def _by_stem(self) -> Mapping[str, str]:
        found: dict[str, set[str]] = {}
        for identity in self.ids:
            path = PurePosixPath(identity)
            for stem in {path.stem, path.with_suffix("").as_posix(), path.name}:
                found.setdefault(stem, set()).add(identity)
        return {stem: identities.pop() for stem, identities in found.items() if len(identities) == 1}


def documents_of_corpus(corpus: Corpus) -> Documents:
    """The files of a corpus as they are now. Raises CorpusError when it cannot be listed."""
    paths = {file.id: file.path for file in corpus.files()}

    def read(identity: str) -> Document:
        return corpus.load(identity, corpus.read(paths[identity])).document

    return Documents(f"corpus {corpus.root}", frozenset(paths), read)


def documents_of_index(index: Path) -> Documents:
    """The documents of the live generation. Raises NoIndex, IndexDamaged or IndexMismatch."""
    from natoqa.store import Generation

    generation = Generation.open(index)
    return Documents(f"index {index}", frozenset(generation.document_ids()), generation.document)
