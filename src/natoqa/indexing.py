"""PATH A: corpus -> the next generation.

    lock -> plan = diff(corpus, live generation) -> load, chunk, encode what is new -> write -> verify -> switch

A run that is killed leaves an unfinished folder that the next run removes; CURRENT changes last and at once.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from natoqa.assembling import Assembled, Assembly
from natoqa.building import Progress
from natoqa.corpus import Corpus, Notice
from natoqa.errors import IndexNotWritable
from natoqa.forecasting import Forecast, forecast
from natoqa.foundation import left_out_files, open_foundation
from natoqa.generations import finish_generation, live_name, prune, remove_unfinished, start_generation
from natoqa.locking import writing
from natoqa.planning import Plan, among_documents, carried_out, diff
from natoqa.protocols import Encoder, LexicalIndex, VectorIndex
from natoqa.settings import Settings
from natoqa.store import Generation
from natoqa.surveying import Survey, settled, survey
from natoqa.verification import verify


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did.

    ``unreadable`` are (document id, reason) of the files that were left out. ``encoded`` counts texts that went through
    the model, in ``encoding_seconds``; ``written`` is False if nothing was due.
    """

    plan: Plan
    generation: str
    documents: int
    passages: int
    encoded: int
    unreadable: tuple[tuple[str, str], ...]
    notices: tuple[Notice, ...]
    seconds: float
    encoding_seconds: float
    written: bool


@dataclass(frozen=True, slots=True)
class Indexer:
    """Brings an index in step with a corpus. The back ends come from :mod:`natoqa.wiring`.

    ``encoder`` is called only when something is to be encoded, so that a sync without work stays quick.
    """

    settings: Settings
    encoder: Callable[[], Encoder]
    vector_index: type[VectorIndex]
    lexical_index: type[LexicalIndex]

    def plan(self, *, rebuild: bool = False, checksum: bool = False) -> Plan:
        """What :meth:`sync` would try, by the look of the files; which of them can be read is another question.

        Raises CorpusError, IndexMismatch or IndexDamaged.
        """
        old = open_foundation(self.settings, rebuild=rebuild)
        try:
            return among_documents(self._plan(old, checksum=checksum)[1], old.fingerprints() if old else {})
        finally:
            if old:
                old.close()

    def forecast(
        self, *, rebuild: bool = False, checksum: bool = False, progress: Progress = lambda done, total: None
    ) -> Forecast:
        """What :meth:`sync` would do. Reads the files that are new; writes nothing and needs no encoder.

        Raises CorpusError, SettingsError, IndexMismatch or IndexDamaged.
        """
        old = open_foundation(self.settings, rebuild=rebuild)
        try:
            seen, plan = self._plan(old, checksum=checksum)
            return forecast(seen, plan, old, progress)
        finally:
            if old:
                old.close()

    def sync(
        self, *, rebuild: bool = False, checksum: bool = False, progress: Progress = lambda done, total: None
    ) -> SyncReport:
        """Build and switch to the generation that the corpus asks for; do nothing when it is the live one.

        ``checksum`` reads every file instead of trusting those that look untouched, also those that were left out
        before. Raises CorpusError, SettingsError, IndexLocked, IndexMismatch, IndexDamaged, IndexNotWritable or
        EncoderError. Whatever is raised, the live generation is as it was.
        """
        began = time.perf_counter()
        index = self.settings.index.path
        try:
            index.mkdir(parents=True, exist_ok=True)
            with writing(index, "natoqa index"):
                remove_unfinished(index)
                return self._sync(began, rebuild, checksum, progress)
        except (OSError, sqlite3.OperationalError) as error:
            reason = getattr(error, "strerror", None) or error
            raise IndexNotWritable(
                f"the index in {index} cannot be written ({reason}); the old one is intact"
            ) from error

    def _sync(self, began: float, rebuild: bool, checksum: bool, progress: Progress) -> SyncReport:
        lived = live_name(self.settings.index.path)
        old = open_foundation(self.settings, rebuild=rebuild)
        try:
            before = tuple(old.document_ids()) if old else ()
            seen, plan = self._plan(old, checksum=checksum)
            nothing_is_due = old is not None and plan.is_empty
            if old and nothing_is_due:
                name, live = old.name, Assembled(old.manifest, before)
            else:
                name, live = self._build(seen, plan, old, progress)
        finally:
            if old:
                old.close()
        seen.remember(self.settings.index.path)
        # Also when nothing was written: an earlier run may have been killed before it came to this.
        prune(self.settings.index.path, name, lived, self.settings.index.keep, thorough=rebuild)
        kept = {notice.document for notice in live.kept}
        left_out = {name: why for name, why in live.manifest.unreadable if name in seen.fingerprints}
        return SyncReport(
            plan=carried_out(plan, before, live.documents, kept),
            generation=name,
            documents=live.manifest.documents,
            passages=live.manifest.passages,
            encoded=live.encoded,
            unreadable=tuple(sorted((left_out | dict(seen.refused)).items())),
            notices=seen.notices + live.kept + live.manifest.notices,
            seconds=time.perf_counter() - began,
            encoding_seconds=live.encoding_seconds,
            written=not nothing_is_due,
        )

    def _plan(self, old: Generation | None, *, checksum: bool) -> tuple[Survey, Plan]:
        corpus = Corpus.open(self.settings.corpus.path, self.settings.corpus.limits)
        seen = survey(corpus, self.settings.index.path, checksum=checksum)
        known = old.fingerprints() if old else {}
        if not checksum:
            known |= left_out_files(old, self.settings)
        seen = settled(seen, known)
        return seen, diff(seen.fingerprints, known)

    def _build(self, seen: Survey, plan: Plan, old: Generation | None, progress: Progress) -> tuple[str, Assembled]:
        index = self.settings.index.path
        assembly = Assembly(self.settings, self.encoder, self.vector_index, self.lexical_index, seen, plan, old)
        name, folder = start_generation(index)
        try:
            assembled = assembly.assemble(folder, progress)
            finished = Generation.open_folder(folder)
            try:
                verify(finished)
            finally:
                finished.close()
            finish_generation(index, name)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return name, assembled
