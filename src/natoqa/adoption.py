"""A file that goes into the corpus for good, and with it into the index: the same checks, lock and messages as ever."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from natoqa.additions import add_files
from natoqa.corpus import Corpus
from natoqa.errors import FileRefused, NatoqaError
from natoqa.indexing import Indexer
from natoqa.locking import writing

# Advice for the command line.
_ADVICE = re.compile(r"; to put the new file in its place: --replace$")


@dataclass(frozen=True, slots=True)
class Adopted:
    """A file that is in the corpus, as ``document``. ``problem``: why it is not in the index, empty if it is."""

    document: str
    problem: str = ""


def adopt(indexer: Indexer, file: Path) -> Adopted:
    """Copy a file to the top of the corpus and bring the index in step.

    Raises CorpusError or IndexLocked, before anything is changed, when it cannot be put there.
    """
    settings = indexer.settings
    corpus = Corpus.open(settings.corpus.path, settings.corpus.limits)
    try:
        # Who cannot index a file had better not copy it. The lock is taken again by the sync.
        with writing(settings.index.path, "natoqa chat"):
            add_files(corpus, [file])
    except FileRefused as error:
        raise FileRefused(_ADVICE.sub("; rename the file and add it again", str(error))) from error
    try:
        report = indexer.sync()
    except NatoqaError as error:
        return Adopted(file.name, f"it is in the corpus, and not in the index yet: {error}")
    why = dict(report.unreadable).get(file.name, "")
    return Adopted(file.name, f"it is in the corpus, and cannot be indexed: {why}" if why else "")
