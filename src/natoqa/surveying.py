"""What stands in the corpus now. A file that looks untouched since the last survey is not read again.

Looking untouched means the same size, time stamps and inode; a file that was touched within two seconds of the survey
that saw it is read again, for a change within the clock's tick cannot be seen (git's index has the same rule). What was
seen is kept beside the generations in ``seen.json``. That file is a memory and not a record: without it, or with a
damaged one, every file is read.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from natoqa.corpus import Corpus, CorpusFile, Notice
from natoqa.errors import FileUnavailable, UnreadableFile

SEEN = "seen.json"
_CLOCK_TICK_NS = 2_000_000_000

# Size, time of the last change, time of the last change of the file's entry, inode; then SHA-256 of the bytes.
_Sighting = tuple[int, int, int, int, str]


@dataclass(frozen=True, slots=True)
class Survey:
    """The corpus as it is: fingerprints and sizes in bytes by document id, and the files that cannot even be tried.

    ``unavailable`` are files that cannot be read at this moment, with the reason. ``refused`` are (id, reason) of those
    that cannot be read at all, in order.
    """

    corpus: Corpus
    fingerprints: Mapping[str, str]
    sizes: Mapping[str, int]
    unavailable: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[tuple[str, str], ...] = ()
    notices: tuple[Notice, ...] = ()
    _sightings: Mapping[str, _Sighting] = field(default_factory=dict)
    _has_news: bool = True

    def remember(self, index: Path) -> None:
        """Keep what was seen for the next survey; a folder that cannot be written is no failure."""
        if not self._has_news:
            return
        path = index / f"{SEEN}.next"
        with suppress(OSError):
            path.write_text(json.dumps({str(self.corpus.root.absolute()): self._sightings}), "utf-8")
            path.replace(index / SEEN)


def survey(corpus: Corpus, index: Path, *, checksum: bool = False) -> Survey:
    """Look at every file of the corpus; with ``checksum`` read each, whatever it looks like. Raises CorpusError."""
    now = time.time_ns()
    seen = {} if checksum else _seen(corpus, index)
    fingerprints: dict[str, str] = {}
    sizes: dict[str, int] = {}
    unavailable: dict[str, str] = {}
    refused: list[tuple[str, str]] = []
    sightings: dict[str, _Sighting] = {}
    files = corpus.files()
    for file in files:
        try:
            corpus.check_kind(file.id)
            corpus.check_size(file.size)
            known = seen.get(file.id)
            if known is None or tuple(known[:4]) != _looks(file):
                known = (*_looks(file), hashlib.sha256(corpus.read(file.path)).hexdigest())
            fingerprints[file.id] = corpus.fingerprint_of(file.id, known[4])
            sizes[file.id] = file.size
        except FileUnavailable as error:
            unavailable[file.id] = str(error)
            continue
        except UnreadableFile as error:
            refused.append((file.id, _why_of_a_link(corpus, file) or str(error)))
            continue
        if max(file.modified_ns, file.changed_ns) < now - _CLOCK_TICK_NS:
            sightings[file.id] = known
    return Survey(
        corpus,
        fingerprints,
        sizes,
        unavailable,
        tuple(refused),
        tuple(corpus.unmatched_metadata([file.id for file in files])),
        sightings,
        sightings != seen,
    )


def settled(seen: Survey, known: Mapping[str, str]) -> Survey:
    """The survey with files that are unavailable as they were, where their fingerprint is ``known``."""
    why = seen.unavailable
    kept, unknown = sorted(why.keys() & known.keys()), sorted(why.keys() - known.keys())
    return replace(
        seen,
        fingerprints={**seen.fingerprints, **{identity: known[identity] for identity in kept}},
        sizes={**seen.sizes, **dict.fromkeys(why, 0)},
        refused=(*seen.refused, *((identity, why[identity]) for identity in unknown)),
        notices=(*seen.notices, *(kept_as_it_was(identity, why[identity]) for identity in kept)),
    )


def kept_as_it_was(identity: str, why: str) -> Notice:
    """What there is to say of a document whose file is unavailable: true of one run and of no generation."""
    return Notice(identity, f"kept as it was: {why}")


def _why_of_a_link(corpus: Corpus, file: CorpusFile) -> str:
    """Why a link is not followed, which says more than that it has no suffix; empty for other files."""
    if file.path.is_symlink():
        try:
            corpus.read(file.path)
        except UnreadableFile as error:
            return str(error)
    return ""


def _looks(file: CorpusFile) -> tuple[int, int, int, int]:
    return file.size, file.modified_ns, file.changed_ns, file.inode


def _seen(corpus: Corpus, index: Path) -> dict[str, _Sighting]:
    try:
        sightings = json.loads((index / SEEN).read_text("utf-8"))[str(corpus.root.absolute())]
        return {
            str(identity): (int(size), int(modified), int(changed), int(inode), str(digest))
            for identity, (size, modified, changed, inode, digest) in sightings.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
