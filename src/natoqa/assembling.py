"""Fills the folder of a new generation: what stayed is carried over, what is new is loaded, chunked and encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from natoqa import __version__
from natoqa.building import GenerationWriter, Progress, Written
from natoqa.checksums import checksums
from natoqa.chunking import PREFIX_TOKENS
from natoqa.corpus import LoadedFile, Notice
from natoqa.errors import FileUnavailable, SettingsError, UnreadableFile
from natoqa.foundation import identity_of, reader_of
from natoqa.generations import MANIFEST, SCHEMA, Manifest
from natoqa.planning import Plan
from natoqa.preparing import PreparedDocument, carry_over, prepare
from natoqa.protocols import Encoder, LexicalIndex, VectorIndex
from natoqa.settings import Settings
from natoqa.store import Generation, require_same_encoder
from natoqa.surveying import Survey, kept_as_it_was
from natoqa.terms import content_stems

_ENOUGH_TO_TELL = 32


@dataclass(frozen=True, slots=True)
class Assembled:
    """A generation's manifest, the ids of its documents and, of the texts that were encoded, number and seconds.

    ``kept`` says which documents could not be read anew and stayed as they were.
    """

    manifest: Manifest
    documents: tuple[str, ...]
    kept: tuple[Notice, ...] = ()
    encoded: int = 0
    encoding_seconds: float = 0.0


@dataclass(slots=True)
class _Findings:
    """What turns up while documents are prepared: ids that went in, things to say, files that could not be used."""

    documents: list[str] = field(default_factory=list)
    kept: list[Notice] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Assembly:
    """One generation in the making: of the corpus that was surveyed, by the plan, upon the generation ``old``."""

    settings: Settings
    load_encoder: Callable[[], Encoder]
    vector_index: type[VectorIndex]
    lexical_index: type[LexicalIndex]
    survey: Survey
    plan: Plan
    old: Generation | None

    def assemble(self, folder: Path, progress: Progress) -> Assembled:
        """Write every file of the generation into ``folder``.

        Raises SettingsError, IndexMismatch, EncoderError, or what the disk has to say.
        """
        retrieval = self.settings.retrieval
        found = _Findings()
        writer = GenerationWriter(folder, self.old, self._encoder)
        try:
            self._add_documents(writer, found, progress)
            terms = (content_stems(text) for text in writer.lexical_texts())
            self.lexical_index.build(terms, retrieval.bm25_k1, retrieval.bm25_b).save(folder)
            written = writer.finish()
        except BaseException:
            writer.abandon()
            raise
        self.vector_index.build(written.vectors).save(folder)
        manifest = self._manifest(folder, written, found)
        (folder / MANIFEST).write_text(manifest.to_json(), "utf-8")
        return Assembled(manifest, tuple(found.documents), tuple(found.kept), written.encoded, written.seconds)

    def _manifest(self, folder: Path, written: Written, found: _Findings) -> Manifest:
        before = self.old.manifest if self.old else None
        return Manifest(
            schema=SCHEMA,
            natoqa=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            encoder=before.encoder if before else self._encoder().fingerprint,
            dimensions=written.vectors.shape[1],
            **identity_of(self.settings),
            documents=written.documents,
            passages=written.passages,
            sentences=written.sentences,
            tokens=written.tokens,
            files=checksums(folder, but=MANIFEST),
            notices=tuple(found.notices),
            # Those that were refused at sight come and go without a new generation, so they are no part of one.
            unreadable=tuple(sorted(found.unreadable.items())),
            left_out=found.left_out,
            left_out_by=reader_of(self.settings),
            speed=_speed(written, before.speed if before else 0.0),
        )

    def _add_documents(self, writer: GenerationWriter, found: _Findings, progress: Progress) -> None:
        new = {*self.plan.added, *self.plan.changed}
        done, total = 0, sum(self.survey.sizes[identity] for identity in new)
        for identity, document in self._prepared(found):
            done += self.survey.sizes[identity] if identity in new else 0
            if document:
                found.documents.append(identity)
                writer.add(document, _report(progress, done, total))

    def _prepared(self, found: _Findings) -> Iterator[tuple[str, PreparedDocument | None]]:
        """Every document of the new generation, in order; None for a file that cannot be used."""
        carried = {new: identity for identity, new in self.plan.renamed} | {same: same for same in self.plan.unchanged}
        indexed = self.old.fingerprints() if self.old else {}
        said: dict[str, list[Notice]] = {}
        for notice in self.old.manifest.notices if self.old else ():
            said.setdefault(notice.document, []).append(notice)
        for identity, fingerprint in sorted(self.survey.fingerprints.items()):
            source = carried.get(identity)
            if self.old and source in indexed:
                found.notices += [replace(notice, document=identity) for notice in said.get(source, ())]
                yield identity, carry_over(self.old, source, identity, fingerprint)
                continue
            try:
                yield identity, self._read(identity, fingerprint, found)
            except FileUnavailable as error:
                if self.old and identity in indexed:
                    found.notices += said.get(identity, ())
                    found.kept.append(kept_as_it_was(identity, str(error)))
                    yield identity, carry_over(self.old, identity, identity, indexed[identity])
                else:
                    found.unreadable[identity] = str(error)
                    yield identity, None

    def _read(self, identity: str, fingerprint: str, found: _Findings) -> PreparedDocument | None:
        """Load and chunk a file; None for one that cannot be used. Raises FileUnavailable."""
        corpus = self.survey.corpus
        data: bytes | None = None
        try:
            data = corpus.read(corpus.root / identity)
            loaded = corpus.load(identity, data)
            # The file may have changed since the survey: the fingerprint must be that of what was read.
            document = self._chunked(loaded, corpus.fingerprint(identity, data))
        except FileUnavailable:
            raise
        except UnreadableFile as error:
            found.unreadable[identity] = str(error)
            if data is not None:  # a file that has gone may be back soon: the next sync tries again
                found.left_out[identity] = fingerprint
            return None
        found.notices += loaded.notices
        return document

    def _chunked(self, loaded: LoadedFile, fingerprint: str) -> PreparedDocument:
        passage_tokens = self.settings.chunking.passage_tokens
        encoder = self._encoder()
        if passage_tokens + PREFIX_TOKENS > encoder.max_tokens:
            raise SettingsError(
                f"setting 'chunking.passage_tokens' is {passage_tokens}, and the encoder reads only "
                f"{encoder.max_tokens - PREFIX_TOKENS} beside the title; choose no more than that"
            )
        return prepare(loaded, fingerprint, encoder.count_tokens, passage_tokens)

    def _encoder(self) -> Encoder:
        """The encoder, once it is needed; it must be the very one that built ``old``."""
        encoder = self.load_encoder()
        if self.old:
            require_same_encoder(self.old, encoder.fingerprint)
        return encoder


def _speed(written: Written, before: float) -> float:
    """Passages a second; a handful of them, encoded beside the loading of the model, says little."""
    if written.encoded and (written.encoded >= _ENOUGH_TO_TELL or not before):
        return written.encoded / max(written.seconds, 1e-3)
    return before


def _report(progress: Progress, done: int, total: int) -> Callable[[], None]:
    return lambda: progress(done, total)
