"""The JSON that natoqa hands out: one form for the command line, the chat's API and exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from natoqa.calibration import Calibration
from natoqa.corpus import Notice
from natoqa.indexing import SyncReport
from natoqa.planning import Plan
from natoqa.store import Generation
from natoqa.types import Answer, Citation, Hit


def answer_json(answer: Answer) -> dict[str, Any]:
    """``natoqa ask --json``."""
    return {
        "question": answer.question,
        "status": answer.status.value,
        "answer": answer.text,
        "sentences": [{"text": sentence.text, "citations": list(sentence.citations)} for sentence in answer.sentences],
        "citations": [citation_json(citation) for citation in answer.citations],
        "confidence": round(answer.confidence, 4),
        "reason": answer.reason,
        "nearest": [citation_json(citation) for citation in answer.nearest],
        "rejected": [
            {"document": item.quote.document, "quote": item.quote.text, "reason": item.reason}
            for item in answer.rejected
        ],
        "timings_ms": dict(answer.timings_ms),
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """A citation; ``start`` and ``end`` count Unicode code points of the document's text."""
    return {
        "number": citation.number,
        "document": citation.document,
        "title": citation.title,
        "author": citation.author,
        "date": citation.date,
        "locator": citation.locator,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """One hit of ``natoqa search --json``."""
    return {
        "document": hit.passage.document,
        "title": hit.title,
        "locator": hit.locator,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.text,
        "score": round(hit.score, 4),
        "ranks": {"dense": hit.ranks.dense, "lexical": hit.ranks.lexical},
        "parts": {
            "dense": round(hit.parts.dense, 4),
            "lexical": round(hit.parts.lexical, 4),
            "late_interaction": round(hit.parts.late_interaction, 4),
        },
    }


def plan_json(plan: Plan, notices: Sequence[Notice]) -> dict[str, Any]:
    """``natoqa index --dry-run --json``."""
    return {
        "added": list(plan.added),
        "changed": list(plan.changed),
        "renamed": [{"from": old, "to": new} for old, new in plan.renamed],
        "removed": list(plan.removed),
        "unchanged": list(plan.unchanged),
        "notices": [_notice_json(notice) for notice in notices],
    }


def sync_json(report: SyncReport) -> dict[str, Any]:
    """``natoqa index --json``."""
    return plan_json(report.plan, report.notices) | {
        "generation": report.generation,
        "documents": report.documents,
        "passages": report.passages,
        "encoded": report.encoded,
        "written": report.written,
        "seconds": round(report.seconds, 3),
    }


def status_json(generation: Generation, calibration: Calibration, origin: str) -> dict[str, Any]:
    """``natoqa status --json``."""
    manifest = generation.manifest
    counts = generation.passage_counts()
    return {
        "generation": generation.name,
        "created": manifest.created,
        "encoder": manifest.encoder,
        "passages": manifest.passages,
        "sentences": manifest.sentences,
        "documents": [
            {
                "document": identity,
                "title": metadata.title,
                "author": metadata.author,
                "date": metadata.date,
                "kind": metadata.kind,
                "passages": counts.get(identity, 0),
            }
            for identity, metadata in generation.document_metadata().items()
        ],
        "calibration": {**asdict(calibration), "origin": origin},
        "notices": [_notice_json(notice) for notice in manifest.notices],
    }


def _notice_json(notice: Notice) -> dict[str, str]:
    return {"document": notice.document, "message": notice.message}
