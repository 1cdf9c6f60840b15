"""A conversation as JSON: every turn in the form of ``natoqa ask --json``, and a bibliography of them all."""

from __future__ import annotations

import json
from collections.abc import Mapping

from natoqa.conversations import Conversation
from natoqa.exporting.numbering import number_places
from natoqa.jsonform import answer_json, citation_json
from natoqa.types import Metadata

FORMAT = "natoqa-conversation"
VERSION = 1


def write_json(conversation: Conversation, documents: Mapping[str, Metadata]) -> bytes:
    """UTF-8; text stands in it character for character."""
    bibliography = number_places(conversation, documents)
    value = {
        "format": FORMAT,
        "version": VERSION,
        "natoqa": conversation.version,
        "generation": conversation.generation,
        "title": conversation.title,
        "turns": [{**answer_json(turn.answer), "asked": turn.asked, "at": turn.at} for turn in conversation.turns],
        "bibliography": [
            {**citation_json(place), "number": number} for number, place in enumerate(bibliography.places, start=1)
        ],
        "documents": [
            {
                "document": document.id,
                "title": document.metadata.title,
                "author": document.metadata.author,
                "date": document.metadata.date,
                "kind": document.metadata.kind,
                "numbers": list(document.numbers),
            }
            for document in bibliography.documents
        ],
    }
    # Half a character cannot be written in UTF-8; escaped, it is what JSON calls it anyway.
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")
