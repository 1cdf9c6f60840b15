"""Documents on their way into a generation: carried over from the old one, or loaded and chunked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from natoqa.chunking import CountTokens, chunk, embedded_text
from natoqa.corpus import LoadedFile
from natoqa.store import Generation, StoredPassage
from natoqa.types import Document, PageLayout, Passage


@dataclass(frozen=True, slots=True)
class PreparedPassage:
    """A passage with the key of its encoding, and either where the old generation holds that or the text to encode.

    ``text`` is what the encoder reads and ``starts_at`` where the passage begins in it.
    """

    passage: Passage
    key: str
    stored: StoredPassage | None = None
    text: str = ""
    starts_at: int = 0


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document ready to be written; ``fingerprint`` is that of its file."""

    document: Document
    pages: tuple[PageLayout, ...]
    fingerprint: str
    passages: tuple[PreparedPassage, ...]


def prepare(loaded: LoadedFile, fingerprint: str, count_tokens: CountTokens, passage_tokens: int) -> PreparedDocument:
    """Chunk a document and say what would have to be encoded."""
    prepared: list[PreparedPassage] = []
    for passage in chunk(loaded.document, count_tokens, passage_tokens):
        text, starts_at = embedded_text(loaded.document, passage, count_tokens)
        prepared.append(PreparedPassage(passage, _key(passage, text), text=text, starts_at=starts_at))
    return PreparedDocument(loaded.document, loaded.pages, fingerprint, tuple(prepared))


def carry_over(old: Generation, identity: str, new_identity: str, fingerprint: str) -> PreparedDocument:
    """A document that the old generation already holds, perhaps under a new name."""
    document = replace(old.document(identity), id=new_identity)
    stored = old.passages(old.rows_of([identity]).tolist())
    return PreparedDocument(
        document,
        old.pages(identity),
        fingerprint,
        tuple(PreparedPassage(replace(item.passage, document=new_identity), item.key, item) for item in stored),
    )


def _key(passage: Passage, text: str) -> str:
    """Equal keys mean equal encodings: the text that is read and where its sentences lie."""
    spans = ",".join(f"{s.start - passage.start}-{s.end - passage.start}" for s in passage.sentences)
    return hashlib.sha256(f"{spans}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
