"""Every invariant of a generation, checked before it goes live, before it goes live again, and by the doctor."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from natoqa import invariants
from natoqa.checksums import differing
from natoqa.database import DATABASE
from natoqa.errors import IndexDamaged
from natoqa.generations import MANIFEST, Manifest, damaged
from natoqa.invariants import Advance, Finding
from natoqa.protocols import LexicalIndex, VectorIndex
from natoqa.store import Generation
from natoqa.terms import content_stems

_ASKED_ROWS = 32
_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Check:
    """A kind of invariant by the name under which it is reported."""

    name: str
    run: Callable[[Generation, Advance], Iterator[Finding]]

    def __call__(self, generation: Generation, advance: Advance = lambda read: None) -> Iterator[Finding]:
        """What does not hold. Contents that cannot even be read are a finding."""
        try:
            yield from self.run(generation, advance)
        except (IndexDamaged, OSError, ValueError, TypeError, KeyError, sqlite3.Error, zlib.error) as error:
            yield Finding(f"it cannot be read: {error}", DATABASE)


CHECKS = (
    Check("counts", invariants.counts),
    Check("orphans", invariants.orphans),
    Check("documents", invariants.documents),
    Check("passages", invariants.passages),
    Check("token rows", invariants.token_rows),
    Check("embedding keys", invariants.embedding_keys),
    Check("pages", invariants.pages),
    Check("passage vectors", invariants.passage_vectors),
    Check("token vectors", invariants.token_vectors),
)


def damaged_files(folder: Path, manifest: Manifest) -> list[Finding]:
    """Files of a generation that are not what its manifest says, or that it does not know. Reads every byte."""
    return [
        Finding(
            "it is not what was written" if name in manifest.files else "it is none of the generation's files", name
        )
        for name in sorted(differing(folder, manifest.files, but=MANIFEST))
    ]


def inspect(generation: Generation, advance: Advance = lambda read: None) -> Iterator[Finding]:
    """Everything that does not hold in a generation; of one with damaged files, these alone."""
    if wrong := damaged_files(generation.folder, generation.manifest):
        yield from wrong
        return
    for check in CHECKS:
        yield from check(generation, advance)


def verify(generation: Generation) -> None:
    """Check every invariant of a generation. Raises IndexDamaged that names the first that does not hold."""
    for finding in inspect(generation):
        raise damaged(generation.folder, str(finding))


def vectors_check(kind: type[VectorIndex]) -> Check:
    """The vector index holds as many vectors as there are passages, and nearest to some of them are themselves."""

    def vectors(generation: Generation, _: Advance) -> Iterator[Finding]:
        held, passages = kind.load(generation.folder), generation.manifest.passages
        if len(held) != passages:
            yield Finding(f"it holds {len(held)} vectors for {passages} passages", "vector index")
            return
        for row in _some(passages):
            asked = np.asarray(generation.vectors[row], dtype=np.float32)
            found, scores = held.search(asked, 1)
            # Another passage may have an equal vector.
            is_itself = len(found) and np.allclose(generation.vectors[int(found[0])], asked, atol=_TOLERANCE)
            if not is_itself or abs(float(scores[0]) - 1.0) > _TOLERANCE:
                yield Finding(f"it does not find the vector of passage {row}", "vector index")

    return Check("vector index", vectors)


def terms_check(kind: type[LexicalIndex]) -> Check:
    """The lexical index holds as many lists of terms as there are passages, and finds some by their rarest terms."""

    def terms(generation: Generation, _: Advance) -> Iterator[Finding]:
        held, passages = kind.load(generation.folder), generation.manifest.passages
        if len(held) != passages:
            yield Finding(f"it holds {len(held)} passages, the manifest says {passages}", "lexical index")
            return
        for row in _some(passages):
            (stored,) = generation.passages([row])
            passage = stored.passage
            stems = sorted({*content_stems(generation.document(passage.document).text[passage.start : passage.end])})
            rarest = min(stems, key=held.document_frequency, default=None)
            if rarest is not None and not held.scores([rarest])[row] > 0:
                yield Finding(f"it does not find passage {row} by its words", "lexical index")

    return Check("lexical index", terms)


def _some(passages: int) -> list[int]:
    rows = np.linspace(0, passages - 1, min(passages, _ASKED_ROWS), dtype=np.int64)
    return [int(row) for row in np.unique(rows)]
