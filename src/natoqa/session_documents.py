"""A reader's own documents: asked together with the collection, never written into it, gone at the end.

They become a private index in a temporary folder, made by the same indexer, loaders and checks as any other, and a
question is put to it and to the collection's generation as to one (:mod:`natoqa.joint`). So an answer is the one that
an index built of both would give, up to the rounding of the encoder, and what a reader costs is what he added. All
readers share the collection's generation; when that is replaced, the private index goes on beside the new one.
"""

from __future__ import annotations

import hashlib
import re
import stat
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath

from natoqa.assistant import Assistant
from natoqa.corpus import Corpus
from natoqa.errors import FileRefused, IndexUnusable, NatoqaError
from natoqa.indexing import Indexer
from natoqa.joint import FOLDER, PREFIX, joined, name_of
from natoqa.live import LiveAssistant
from natoqa.retrieval import Retriever
from natoqa.settings import Settings
from natoqa.store import Generation
from natoqa.types import Answer, Document, Hit, Metadata
from natoqa.watched_encoder import Watch, WatchedEncoder

_LONGEST_NAME = 120
# What a name must not hold: path separators are dealt with before, control and direction characters here.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
# Advice for the command line, that the loaders give; a reader adds the file again.
_ADVICE = re.compile(r"; to try again: natoqa .*$|; run: natoqa .*$")


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """The most that one reader may add: files, bytes of each, and passages of all together."""

    files: int = 20
    file_bytes: int = 20_000_000
    passages: int = 4_000
    characters: int = 5_000_000
    seconds: float = 60.0


class Outcome(StrEnum):
    """What became of a file. ``THERE``: it can be asked about already."""

    ADDED = "added"
    THERE = "there"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of one file: the ``document`` that it is now (empty if refused), and why, or what to know of it."""

    name: str
    outcome: Outcome
    document: str = ""
    message: str = ""


class SessionDocuments:
    """Offers what :class:`~natoqa.assistant.Assistant` does, over the collection and the documents that were added.

    May be shared between threads; files are added one at a time. :meth:`close` removes everything.
    """

    def __init__(
        self, collection: Assistant | LiveAssistant, indexer: Indexer, limits: SessionLimits | None = None
    ) -> None:
        """``indexer`` is that of the collection: the same encoder, chunking and back ends serve here."""
        self._collection = collection
        self._limits = limits or SessionLimits()
        # Also removed when this process ends without having closed it.
        self._home = tempfile.TemporaryDirectory(prefix="natoqa-session-", ignore_cleanup_errors=True)
        settings = _settings(indexer.settings, Path(self._home.name), self._limits)
        self._corpus = Corpus(settings.corpus.path, settings.corpus.limits)
        self._files = self._corpus.root / FOLDER
        self._files.mkdir(parents=True)
        watch = self._watch = Watch()
        self._indexer = replace(indexer, settings=settings, encoder=lambda: WatchedEncoder(indexer.encoder(), watch))
        self._writing = threading.Lock()
        self._own: LiveAssistant | None = None
        self._digests: dict[str, str] = {}

    def add(self, path: Path, name: str, progress: Callable[[int, int], None] = lambda done, total: None) -> Addition:
        """Copy a file and make a document of it, under the last part of ``name``.

        ``progress`` is told of passages: how many are encoded, of how many. Whatever is wrong with the file is said in
        the result. Raises nothing but what is no fault of the file, such as EncoderError.
        """
        shown = fit_name(name)
        try:
            with self._writing:
                return self._add(path, shown, progress)
        except NatoqaError as error:
            return Addition(shown, Outcome.REFUSED, message=_explained(error))
        except OSError as error:
            return Addition(shown, Outcome.REFUSED, message=f"it cannot be stored ({error.strerror or error})")

    def remove(self, document: str) -> None:
        """Forget a document that was added. Raises KeyError when there is none."""
        with self._writing:
            if document not in self._digests:
                raise KeyError(document)
            self.path(document).unlink(missing_ok=True)
            del self._digests[document]
            self._sync()

    def added(self) -> tuple[str, ...]:
        """Ids of the documents that were added, oldest first."""
        return tuple(self._digests)

    def path(self, document: str) -> Path:
        """The file of a document that was added. Raises KeyError when there is none."""
        if document not in self._digests:
            raise KeyError(document)
        return self._files / name_of(document)

    @property
    def corpus(self) -> Corpus:
        """The private corpus. A document's id there is the one here without its first character, a dot."""
        return self._corpus

    @contextmanager
    def pinned(self) -> Iterator[Assistant]:
        """One generation of the collection, with the documents that are there now, for several calls."""
        own = self._own
        with _pinned(self._collection) as collection, own.pinned() if own else nullcontext() as private:
            if private and private.generation.manifest.documents:
                yield joined(collection, private)
            else:
                yield collection

    @property
    def threshold(self) -> float:
        """Least confidence at which a question is answered."""
        return self._collection.threshold

    def ask(self, question: str, documents: Sequence[str] = (), history: Sequence[str] = ()) -> Answer:
        """Answer a question; see :meth:`natoqa.assistant.Assistant.ask`."""
        with self.pinned() as assistant:
            return assistant.ask(question, documents, history)

    def search(self, question: str, k: int = 10, documents: Sequence[str] = ()) -> list[Hit]:
        """The k best passages for a question."""
        with self.pinned() as assistant:
            return assistant.search(question, k, documents)

    def document(self, identity: str) -> Document:
        """A document by id, of the collection or added. Raises KeyError when there is none."""
        with self.pinned() as assistant:
            return assistant.document(identity)

    def documents(self) -> dict[str, Metadata]:
        """Metadata of every document by id, those that were added first."""
        with self.pinned() as assistant:
            return assistant.documents()

    def close(self) -> None:
        """Remove everything that was added; what is under way is ended first."""
        self._watch.is_over.set()
        with self._writing:
            own, self._own = self._own, None
            self._digests.clear()
            if own:
                own.close()
            self._home.cleanup()

    def _add(self, path: Path, name: str, progress: Callable[[int, int], None]) -> Addition:
        if self._watch.is_over.is_set():
            raise FileRefused("the conversation is over")
        if len(self._digests) >= self._limits.files:
            raise FileRefused(f"a conversation holds at most {self._limits.files} added files; remove one first")
        self._corpus.check_kind(name)
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise FileRefused("it is not a regular file")
        if about.st_size > self._limits.file_bytes:
            raise FileRefused(f"it is larger than {self._limits.file_bytes / 1_000_000:g} MB")
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        fingerprint = self._corpus.fingerprint_of(name, digest)
        for document, known in self._digests.items():
            if known == fingerprint:
                return Addition(name, Outcome.THERE, document, f"it was added already, as '{name_of(document)}'")
        with _pinned(self._collection) as collection:
            for document, known in collection.generation.fingerprints().items():
                if known == fingerprint:
                    return Addition(name, Outcome.THERE, document, f"the collection holds it already, as '{document}'")
        file = _free(self._files / name)
        document = PREFIX + file.name
        file.write_bytes(data)
        self._digests[document] = fingerprint
        try:
            message = self._index(file, progress)
        except BaseException:
            del self._digests[document]
            file.unlink(missing_ok=True)
            raise
        return Addition(file.name, Outcome.ADDED, document, message)

    def _index(self, file: Path, progress: Callable[[int, int], None]) -> str:
        """Take a new file into the private index, and what there is to know about it. Raises FileRefused."""
        before = 0
        if self._own:
            with self._own.pinned() as private:
                before = private.generation.manifest.passages
        self._watch.left, self._watch.most = self._limits.passages - before, self._limits.passages
        self._watch.progress = progress
        identity = f"{FOLDER}/{file.name}"
        notices, unreadable = self._sync()
        if identity in unreadable:
            file.unlink(missing_ok=True)
            self._sync()
            raise FileRefused(unreadable[identity])
        return notices.get(identity, "")

    def _sync(self) -> tuple[dict[str, str], dict[str, str]]:
        """Bring the private index in step with the private corpus: notices and reasons by id there."""
        report = self._indexer.sync()
        if self._own is None:
            self._own = LiveAssistant(self._indexer.settings.index.path, self._open)
        with self._own.pinned():
            pass  # the old generation is let go of now
        notices: dict[str, str] = {}
        for notice in report.notices:
            said = notices.get(notice.document)
            notices[notice.document] = f"{said}; {notice.message}" if said else notice.message
        return notices, dict(report.unreadable)

    def _open(self) -> Assistant:
        """The private index, to be asked by the collection's rules."""
        settings = self._indexer.settings
        generation = Generation.open(settings.index.path)
        with _pinned(self._collection) as collection:
            retriever = Retriever(
                generation,
                collection.retriever.encoder,
                self._indexer.vector_index.load(generation.folder),
                self._indexer.lexical_index.load(generation.folder),
                collection.retriever.settings,
            )
            return replace(collection, generation=generation, retriever=retriever)


def fit_name(name: str) -> str:
    """The last part of a path as a file can be called: no control or direction characters, and never hidden."""
    last = _UNFIT.sub("", unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])).strip(" .")
    stem, suffix = PurePosixPath(last).stem, PurePosixPath(last).suffix
    # In bytes, as file systems count.
    while len((stem + suffix).encode()) > _LONGEST_NAME and stem:
        stem = stem[:-1]
    return (stem + suffix)[:_LONGEST_NAME] or "file"


def _settings(settings: Settings, home: Path, limits: SessionLimits) -> Settings:
    """The collection's settings for a private corpus and index, with limits that are no wider."""
    corpus = settings.corpus
    narrowed = corpus.model_copy(
        update={
            "path": home / "corpus",
            "max_file_mb": min(corpus.max_file_mb, limits.file_bytes / 1_000_000),
            "max_text_millions": min(corpus.max_text_millions, limits.characters / 1_000_000),
            "max_seconds": min(corpus.max_seconds, limits.seconds),
        }
    )
    index = settings.index.model_copy(update={"path": home / "index", "keep": 1})
    return settings.model_copy(update={"corpus": narrowed, "index": index})


def _pinned(collection: Assistant | LiveAssistant) -> AbstractContextManager[Assistant]:
    return collection.pinned() if isinstance(collection, LiveAssistant) else nullcontext(collection)


def _explained(error: NatoqaError) -> str:
    if isinstance(error, IndexUnusable) and isinstance(error.__cause__, OSError):
        return f"it cannot be stored ({error.__cause__.strerror or error.__cause__})"
    return _ADVICE.sub("", " ".join(str(error).split()))


def _free(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free
