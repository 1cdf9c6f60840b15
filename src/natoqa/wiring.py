"""The one place that names concrete classes. A name in the settings -> "module:Class", imported when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from natoqa.assistant import Assistant
from natoqa.building import Progress
from natoqa.calibration import calibration_in_use
from natoqa.errors import SettingsError
from natoqa.generations import steadily
from natoqa.indexing import Indexer, SyncReport
from natoqa.protocols import Answerer, Encoder, LexicalIndex, VectorIndex
from natoqa.retrieval import Retriever
from natoqa.settings import AnswerSettings, EncoderSettings, Settings, load_settings
from natoqa.store import Generation, require_same_encoder

ENCODERS: Mapping[str, str] = {
    "sentence-transformers": "natoqa.backends.sentence_transformers_encoder:SentenceTransformersEncoder",
}
VECTOR_INDEXES: Mapping[str, str] = {"faiss": "natoqa.backends.faiss_flat:FlatIndex"}
LEXICAL_INDEXES: Mapping[str, str] = {"bm25s": "natoqa.backends.bm25s_lexical:Bm25Index"}
ANSWERERS: Mapping[str, str] = {"extractive": "natoqa.extractive:ExtractiveAnswerer"}


@cache
def encoder(settings: EncoderSettings) -> Encoder:
    """The encoder of these settings; the same one for everybody in this process."""
    return cast(Encoder, _named(ENCODERS, settings.use, "encoder.use")(settings.model, settings.threads))


def vector_index(settings: Settings) -> type[VectorIndex]:
    """The class that searches the vectors."""
    return cast(type[VectorIndex], _named(VECTOR_INDEXES, settings.index.use, "index.use"))


def lexical_index() -> type[LexicalIndex]:
    """The class that does BM25."""
    return cast(type[LexicalIndex], _named(LEXICAL_INDEXES, "bm25s", "lexical"))


def answerer(settings: AnswerSettings) -> Answerer:
    """What drafts answers."""
    return cast(Answerer, _named(ANSWERERS, settings.use, "answer.use")(settings.max_sentences))


def indexer(settings: Settings) -> Indexer:
    """An indexer over the back ends that the settings name."""
    return Indexer(settings, lambda: encoder(settings.encoder), vector_index(settings), lexical_index())


def assistant(index: str | Path | None = None, settings: Settings | None = None) -> Assistant:
    """Open an index with the back ends that the settings name; see :meth:`natoqa.assistant.Assistant.open`."""
    settings = settings or load_settings()
    path = Path(index) if index is not None else settings.index.path
    Generation.open(path).close()  # what is wrong with it is said before a model is loaded, which takes seconds
    encoder(settings.encoder)
    return steadily(path, lambda folder: _open_folder(folder, settings))


def _open_folder(folder: Path, settings: Settings) -> Assistant:
    generation = Generation.open_folder(folder)
    try:
        shared_encoder = encoder(settings.encoder)
        require_same_encoder(generation, shared_encoder.fingerprint)
        retriever = Retriever(
            generation=generation,
            encoder=shared_encoder,
            vectors=vector_index(settings).load(folder),
            lexical=lexical_index().load(folder),
            settings=settings.retrieval,
        )
        calibration, _ = calibration_in_use(generation.index, generation.manifest, settings.retrieval)
        return Assistant(generation, retriever, answerer(settings.answer), settings.answer, calibration)
    except BaseException:
        generation.close()
        raise


def sync(
    corpus: str | Path = "corpus",
    index: str | Path = "index",
    *,
    rebuild: bool = False,
    progress: Progress = lambda done, total: None,
) -> SyncReport:
    """Bring ``index`` in step with ``corpus``; see :meth:`natoqa.indexing.Indexer.sync`."""
    settings = load_settings(corpus={"path": Path(corpus)}, index={"path": Path(index)})
    return indexer(settings).sync(rebuild=rebuild, progress=progress)


def _named(table: Mapping[str, str], name: str, setting: str) -> Any:
    try:
        module, _, attribute = table[name].partition(":")
    except KeyError as error:
        raise SettingsError(f"setting '{setting}': '{name}' is unknown; there is {', '.join(sorted(table))}") from error
    return getattr(import_module(module), attribute)
