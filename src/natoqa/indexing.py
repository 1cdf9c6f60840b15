"""PATH A: corpus -> the next generation.

    lock -> plan = diff(corpus, live generation) -> load, chunk, encode what is new -> write -> verify -> switch

A run that is killed leaves an unfinished folder that the next run removes; CURRENT changes last and at once.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from natoqa import __version__
from natoqa.building import PreparedDocument, Progress, carry_over, passage_texts, prepare, write
from natoqa.chunking import CHUNKER_VERSION, PREFIX_TOKENS
from natoqa.corpus import Corpus, Notice
from natoqa.errors import IndexLocked, IndexMismatch, IndexNotWritable, NoIndex, SettingsError, UnreadableFile
from natoqa.generations import (
    MANIFEST,
    SCHEMA,
    Manifest,
    checksums,
    finish_generation,
    prune,
    remove_unfinished,
    start_generation,
)
from natoqa.planning import Plan, carried_out, diff
from natoqa.protocols import Encoder, LexicalIndex, VectorIndex
from natoqa.settings import Settings
from natoqa.store import Generation, require_same_encoder
from natoqa.terms import content_stems
from natoqa.types import Document
from natoqa.verification import verify


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did. ``encoded`` counts texts that went through the model; ``written`` is False if none was due."""

    plan: Plan
    generation: str
    documents: int
    passages: int
    encoded: int
    notices: tuple[Notice, ...]
    seconds: float
    written: bool


@dataclass(frozen=True, slots=True)
class _Survey:
    """What stands in the corpus now: fingerprint by document id, and files that natoqa cannot even try."""

    corpus: Corpus
    fingerprints: dict[str, str]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The generation that a sync ends with: its name, manifest and document ids, and how many texts were encoded."""

    name: str
    manifest: Manifest
    documents: tuple[str, ...]
    encoded: int = 0


@dataclass(frozen=True, slots=True)
class Indexer:
    """Brings an index in step with a corpus. The back ends come from :mod:`natoqa.wiring`.

    ``encoder`` is called only when something is to be encoded, so that a sync without work stays quick.
    """

    settings: Settings
    encoder: Callable[[], Encoder]
    vector_index: type[VectorIndex]
    lexical_index: type[LexicalIndex]

    def plan(self, *, rebuild: bool = False) -> tuple[Plan, tuple[Notice, ...]]:
        """What :meth:`sync` would do, and the files that it would leave out. Writes nothing."""
        survey = self._survey()
        old = self._live(rebuild=rebuild)
        try:
            return diff(survey.fingerprints, _known(old)), survey.notices
        finally:
            if old:
                old.close()

    def sync(self, *, rebuild: bool = False, progress: Progress = lambda done, total: None) -> SyncReport:
        """Build and switch to the generation that the corpus asks for; do nothing when it is the live one.

        Raises CorpusError, SettingsError, IndexLocked, IndexMismatch, IndexDamaged, IndexNotWritable or EncoderError.
        Whatever is raised, the live generation is as it was.
        """
        began = time.perf_counter()
        index = self.settings.index.path
        try:
            index.mkdir(parents=True, exist_ok=True)
            with FileLock(index / ".lock", timeout=0):
                remove_unfinished(index)
                return self._sync(began, rebuild, progress)
        except Timeout as error:
            raise IndexLocked(f"another process is writing the index in {index}; try again when it is done") from error
        except (OSError, sqlite3.OperationalError) as error:
            reason = getattr(error, "strerror", None) or error
            raise IndexNotWritable(
                f"the index in {index} cannot be written ({reason}); the old one is intact"
            ) from error

    def _sync(self, began: float, rebuild: bool, progress: Progress) -> SyncReport:
        survey = self._survey()
        old = self._live(rebuild=rebuild)
        try:
            before = tuple(old.document_ids()) if old else ()
            plan = diff(survey.fingerprints, _known(old))
            if old and plan.is_empty:
                live = _Outcome(old.name, old.manifest, before)
            else:
                live = self._build(survey, plan, old, progress)
        finally:
            if old:
                old.close()
        # Also when nothing was written: an earlier run may have been killed before it came to this.
        prune(self.settings.index.path, live.name, self.settings.index.keep)
        return SyncReport(
            plan=carried_out(plan, before, live.documents),
            generation=live.name,
            documents=live.manifest.documents,
            passages=live.manifest.passages,
            encoded=live.encoded,
            notices=survey.notices + live.manifest.notices,
            seconds=time.perf_counter() - began,
            written=not (old and plan.is_empty),
        )

    def _build(self, survey: _Survey, plan: Plan, old: Generation | None, progress: Progress) -> _Outcome:
        index = self.settings.index.path
        name, folder = start_generation(index)
        try:
            live = self._fill(folder, survey, plan, old, progress)
            finished = Generation(folder, live.manifest)
            try:
                verify(finished)
            finally:
                finished.close()
            finish_generation(index, name)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return replace(live, name=name)

    def _fill(self, folder: Path, survey: _Survey, plan: Plan, old: Generation | None, progress: Progress) -> _Outcome:
        retrieval = self.settings.retrieval
        encoder = self._encoder_like(old)
        documents, notices, left_out = self._prepare(survey, plan, old, encoder)
        written = write(folder, documents, old, encoder, progress)
        self.vector_index.build(written.vectors).save(folder)
        terms = [content_stems(text) for text in passage_texts(documents)]
        self.lexical_index.build(terms, retrieval.bm25_k1, retrieval.bm25_b).save(folder)
        manifest = Manifest(
            schema=SCHEMA,
            natoqa=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            encoder=old.manifest.encoder if old else encoder().fingerprint,
            dimensions=old.manifest.dimensions if old else encoder().dimensions,
            **self._identity(),
            documents=written.documents,
            passages=written.passages,
            sentences=written.sentences,
            tokens=written.tokens,
            files=checksums(folder),
            notices=notices,
            left_out=left_out,
        )
        (folder / MANIFEST).write_text(manifest.to_json(), "utf-8")
        return _Outcome(folder.name, manifest, tuple(item.document.id for item in documents), written.encoded)

    def _prepare(
        self, survey: _Survey, plan: Plan, old: Generation | None, encoder: Callable[[], Encoder]
    ) -> tuple[list[PreparedDocument], tuple[Notice, ...], dict[str, str]]:
        """Every document of the new generation, sorted by id; what there is to say; and the files left out."""
        carried = {new: identity for identity, new in plan.renamed} | {same: same for same in plan.unchanged}
        indexed = old.fingerprints() if old else {}
        documents: list[PreparedDocument] = []
        notices: list[Notice] = []
        left_out: dict[str, str] = {}
        for identity, fingerprint in sorted(survey.fingerprints.items()):
            source = carried.get(identity)
            if old and source in indexed:
                documents.append(carry_over(old, source, identity, fingerprint))
                said = [notice for notice in old.manifest.notices if notice.document == source]
                notices += [replace(notice, document=identity) for notice in said]
                continue
            data: bytes | None = None
            try:
                data = survey.corpus.read(survey.corpus.root / identity)
                document, notes = survey.corpus.load(identity, data)
            except UnreadableFile as error:
                notices.append(Notice(identity, f"left out: {error}"))
                if data is not None:  # a file that could not even be read may be back soon: the next sync tries again
                    left_out[identity] = fingerprint
                continue
            notices += notes
            # The file may have changed since the survey: the fingerprint must be that of what was read.
            documents.append(self._chunked(document, survey.corpus.fingerprint(identity, data), encoder()))
        return documents, tuple(notices), left_out

    def _encoder_like(self, old: Generation | None) -> Callable[[], Encoder]:
        """The encoder, once it is needed; it must be the very one that built ``old``."""

        def checked() -> Encoder:
            encoder = self.encoder()
            if old:
                require_same_encoder(old, encoder.fingerprint)
            return encoder

        return checked

    def _chunked(self, document: Document, fingerprint: str, encoder: Encoder) -> PreparedDocument:
        passage_tokens = self.settings.chunking.passage_tokens
        if passage_tokens + PREFIX_TOKENS > encoder.max_tokens:
            raise SettingsError(
                f"setting 'chunking.passage_tokens' is {passage_tokens}, and the encoder reads only "
                f"{encoder.max_tokens - PREFIX_TOKENS} beside the title; choose no more than that"
            )
        return prepare(document, fingerprint, encoder.count_tokens, passage_tokens)

    def _survey(self) -> _Survey:
        corpus = Corpus.open(self.settings.corpus.path, int(self.settings.corpus.max_file_mb * 1_000_000))
        fingerprints: dict[str, str] = {}
        notices: list[Notice] = []
        files = dict(corpus.paths())
        for identity, path in files.items():
            try:
                corpus.check_kind(identity)
                fingerprints[identity] = corpus.fingerprint(identity, corpus.read(path))
            except UnreadableFile as error:
                notices.append(Notice(identity, f"left out: {error}"))
        notices += corpus.unmatched_metadata(files)
        return _Survey(corpus, fingerprints, tuple(notices))

    def _live(self, *, rebuild: bool) -> Generation | None:
        """The live generation if it can be built upon. Raises IndexMismatch when only a rebuild mends it."""
        if rebuild:
            return None
        try:
            generation = Generation.open(self.settings.index.path)
        except NoIndex:
            return None
        for what, asked in self._identity().items():
            if (built := getattr(generation.manifest, what)) != asked:
                generation.close()
                raise IndexMismatch(
                    f"the index in {self.settings.index.path} was built with {what} '{built}' and the settings ask for "
                    f"'{asked}'; run: natoqa index --rebuild"
                )
        return generation

    def _identity(self) -> dict[str, str]:
        """What two generations must share for one to be built upon the other, beside the encoder's fingerprint."""
        settings = self.settings
        return {
            "model": f"{settings.encoder.use}: {settings.encoder.model}",
            "chunker": f"{CHUNKER_VERSION}, {settings.chunking.passage_tokens} tokens",
            "lexical": f"bm25 k1={settings.retrieval.bm25_k1} b={settings.retrieval.bm25_b}",
            "vector_index": settings.index.use,
        }


def _known(old: Generation | None) -> dict[str, str]:
    """Fingerprints of all files that the generation has seen, those it left out included."""
    return old.fingerprints() | dict(old.manifest.left_out) if old else {}
