"""Every invariant of a generation, checked before it goes live, before it goes live again, and by the doctor."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from natoqa import invariants
from natoqa.checksums import differing
from natoqa.database import DATABASE
from natoqa.errors import IndexDamaged
from natoqa.generations import MANIFEST, Manifest, damaged
from natoqa.invariants import Advance, Finding
from natoqa.store import Generation


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
    if wrong := damaged_files(generation.folder, generation.manifest):
        raise damaged(generation.folder, ", ".join(finding.where for finding in wrong))
    for check in CHECKS:
        for finding in check(generation):
            raise damaged(generation.folder, str(finding))
