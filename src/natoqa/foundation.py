"""What a sync builds upon: the live generation, if it was made the way that the settings ask for."""

from __future__ import annotations

from pathlib import Path

from natoqa import __version__
from natoqa.chunking import CHUNKER_VERSION
from natoqa.errors import IndexMismatch, NoIndex
from natoqa.settings import Settings
from natoqa.store import Generation


def identity_of(settings: Settings) -> dict[str, str]:
    """What two generations must share for one to be built upon the other, beside the encoder's fingerprint.

    The keys are fields of :class:`~natoqa.generations.Manifest`.
    """
    return {
        "model": f"{settings.encoder.use}: {settings.encoder.model}",
        "chunker": f"{CHUNKER_VERSION}, {settings.chunking.passage_tokens} tokens",
        "lexical": f"bm25 k1={settings.retrieval.bm25_k1} b={settings.retrieval.bm25_b}",
        "vector_index": settings.index.use,
    }


def reader_of(settings: Settings) -> str:
    """Who gives up the files that are left out: another version, or other limits, may read them."""
    return f"natoqa {__version__}, {settings.corpus.limits}"


def open_foundation(settings: Settings, *, rebuild: bool) -> Generation | None:
    """The live generation if it can be built upon; None when there is none, or everything is to be built anew.

    Raises IndexMismatch when only a rebuild mends it, and IndexDamaged.
    """
    if rebuild:
        return None
    index: Path = settings.index.path
    try:
        generation = Generation.open(index)
    except NoIndex:
        return None
    for what, asked in identity_of(settings).items():
        if (built := getattr(generation.manifest, what)) != asked:
            generation.close()
            raise IndexMismatch(
                f"the index in {index} was built with {what} '{built}' and the settings ask for '{asked}'; "
                "run: natoqa index --rebuild"
            )
    return generation


def left_out_files(foundation: Generation | None, settings: Settings) -> dict[str, str]:
    """Fingerprint by id of the files that the same reader, asked again, would leave out again."""
    if foundation is None or foundation.manifest.left_out_by != reader_of(settings):
        return {}
    return dict(foundation.manifest.left_out)
