"""What passes between natoqa and the process that reads its files: plain frames, from which nothing can be run.

A frame is a prefix, a header in JSON and a payload of bytes; the prefix holds the lengths of both. A request's payload
is the file; an answer's is the text, and then the boxes of its pages.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from natoqa.limits import Limits
from natoqa.loaders.loaded import Loaded
from natoqa.types import Landmark, LandmarkKind, Metadata, PageLayout, SourceReference

PREFIX = struct.Struct(">IQ")
READY = b"+"  # sent once by the process when it can take requests
# JSON's own escapes would join two lone surrogates into one character.
_SURROGATES = "surrogatepass"
_KINDS: Mapping[str, LandmarkKind] = {kind.value: kind for kind in LandmarkKind}


@dataclass(frozen=True, slots=True)
class Request:
    """A file to be read by the function ``load`` of the module ``loader``."""

    loader: str
    data: bytes
    limits: Limits


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file could not be read, in words; or that memory ran out, which leaves the process unfit for another."""

    reason: str
    out_of_memory: bool = False


def request_frame(request: Request) -> tuple[bytes, bytes]:
    """A request as a frame in two parts, so that the file is not copied."""
    limits = request.limits
    header = {
        "loader": request.loader,
        "limits": [limits.file_bytes, limits.characters, limits.pages, limits.memory_bytes, limits.seconds],
    }
    return _frame_head(header, len(request.data)), request.data


def read_request(header: bytes, payload: bytes) -> Request:
    """The inverse of :func:`request_frame`, its prefix removed."""
    fields = _from_json(header)
    return Request(fields["loader"], payload, Limits(*fields["limits"]))


def answer_frame(answer: Loaded | Failure) -> bytes:
    """An answer as one frame."""
    if isinstance(answer, Failure):
        return _frame_head({"failure": [answer.reason, answer.out_of_memory]}, 0)
    text = answer.text.encode("utf-8", _SURROGATES)
    metadata = answer.metadata
    header = {
        "text": len(text),
        "landmarks": [[mark.offset, mark.kind, mark.label] for mark in answer.landmarks],
        "metadata": [metadata.title, metadata.author, metadata.date, metadata.kind, metadata.about],
        "sources": [[source.title, source.publisher, source.url] for source in metadata.sources],
        "confidence": metadata.confidence,
        "notes": answer.notes,
        "pages": [[p.number, p.start, p.end, p.width, p.height, len(p.boxes)] for p in answer.pages],
    }
    payload = [text, *(page.boxes for page in answer.pages)]
    return b"".join([_frame_head(header, sum(map(len, payload))), *payload])


def read_answer(header: memoryview, payload: memoryview) -> Loaded | Failure:
    """The inverse of :func:`answer_frame`, its prefix removed.

    Raises ValueError, KeyError or TypeError for what is no answer.
    """
    fields = _from_json(header)
    if "failure" in fields:
        return Failure(*fields["failure"])
    offset = fields["text"]
    text = str(payload[:offset], "utf-8", _SURROGATES)
    pages = []
    for number, start, end, width, height, length in fields["pages"]:
        boxes = bytes(payload[offset : offset + length])
        pages.append(PageLayout(number, start, end, width, height, boxes))
        offset += length
    if offset != len(payload):
        raise ValueError(f"the payload has {len(payload)} bytes, not {offset}")
    title, author, date, kind, about = fields["metadata"]
    sources = tuple(SourceReference(*source) for source in fields["sources"])
    metadata = Metadata(title, author, date, kind, about, sources, tuple(fields["confidence"]))
    landmarks = tuple(Landmark(place, _KINDS[kind], label) for place, kind, label in fields["landmarks"])
    return Loaded(text, landmarks, metadata, tuple(fields["notes"]), tuple(pages))


def _frame_head(header: Mapping[str, Any], payload: int) -> bytes:
    written = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8", _SURROGATES)
    return PREFIX.pack(len(written), payload) + written


def _from_json(header: bytes | memoryview) -> Any:
    return json.loads(str(header, "utf-8", _SURROGATES))
