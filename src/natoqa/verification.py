"""Every invariant of a generation, checked before it goes live."""

from __future__ import annotations

from natoqa.database import DATABASE
from natoqa.generations import checksums, damaged
from natoqa.store import TOKENS, Generation


def verify(generation: Generation) -> None:
    """Check every invariant of a generation. Raises IndexDamaged that names what does not hold."""
    manifest = generation.manifest
    if wrong := set(checksums(generation.folder).items()) ^ set(manifest.files.items()):
        raise damaged(generation.folder, ", ".join(sorted({name for name, _ in wrong})))
    if generation.counts() != (manifest.documents, manifest.passages, manifest.sentences):
        raise damaged(generation.folder, DATABASE)
    for identity in generation.document_ids():
        _verify_document(generation, identity)


def _verify_document(generation: Generation, identity: str) -> None:
    document = generation.document(identity)
    position = 0
    for stored in generation.passages(generation.rows_of([identity]).tolist()):
        for sentence in stored.passage.sentences:
            quote = document.text[sentence.start : sentence.end]
            if document.text[position : sentence.start].strip() or quote != quote.strip() or not quote:
                raise damaged(generation.folder, f"{identity}: the sentence at {sentence.start} is not whole")
            position = sentence.end
        if not 0 <= stored.first_token <= stored.last_token <= generation.manifest.tokens:
            raise damaged(generation.folder, TOKENS)
    if document.text[position:].strip():
        raise damaged(generation.folder, f"{identity}: the text from {position} on is in no passage")
