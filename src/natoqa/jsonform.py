"""The JSON that natoqa hands out: one form for the command line, the chat's API and exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from natoqa.additions import Added, Removed
    from natoqa.calibration import Calibration
    from natoqa.corpus import Notice
    from natoqa.examination import Examination
    from natoqa.forecasting import Forecast
    from natoqa.indexing import SyncReport
    from natoqa.planning import Plan
    from natoqa.restoring import Kept, RolledBack
    from natoqa.store import Generation
    from natoqa.types import Answer, Citation, Hit


def answer_json(answer: Answer) -> dict[str, Any]:
    """``natoqa ask --json``."""
    return {
        "question": answer.question,
        "asked": answer.asked,
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


def forecast_json(forecast: Forecast) -> dict[str, Any]:
    """``natoqa index --dry-run --json``; ``passages`` and ``seconds`` are estimates."""
    return _plan_json(forecast.plan, forecast.unreadable, forecast.notices) | {
        "bytes": forecast.bytes,
        "passages": forecast.passages,
        "seconds": round(forecast.seconds, 1),
    }


def sync_json(report: SyncReport) -> dict[str, Any]:
    """``natoqa index --json``."""
    return _plan_json(report.plan, report.unreadable, report.notices) | {
        "generation": report.generation,
        "documents": report.documents,
        "passages": report.passages,
        "encoded": report.encoded,
        "written": report.written,
        "seconds": round(report.seconds, 3),
    }


def added_json(added: Added, report: SyncReport) -> dict[str, Any]:
    """``natoqa add --json``: what was copied, and under ``index`` what the sync did."""
    return {
        "copied": list(added.added),
        "replaced": list(added.replaced),
        "there_already": list(added.there),
        "not_copied": [{"file": file, "reason": reason} for file, reason in added.left_out],
        "index": sync_json(report),
    }


def removed_json(removed: Removed, report: SyncReport) -> dict[str, Any]:
    """``natoqa remove --json``: what was moved where, and under ``index`` what the sync did."""
    return {
        "moved": [{"document": identity, "to": to} for identity, to in removed.moved],
        "gone_already": list(removed.gone),
        "index": sync_json(report),
    }


def rolled_back_json(done: RolledBack) -> dict[str, Any]:
    """``natoqa rollback --json``."""
    return {"before": done.before, **kept_json(done.now)}


def kept_json(kept: Kept) -> dict[str, Any]:
    """A generation on disk; ``problem`` is empty unless it cannot be used."""
    return {
        "generation": kept.name,
        "live": kept.is_live,
        "created": kept.created,
        "documents": kept.documents,
        "passages": kept.passages,
        "problem": kept.problem,
    }


def examination_json(examination: Examination) -> dict[str, Any]:
    """``natoqa doctor --json``."""
    return {
        "index": str(examination.index),
        "generation": examination.generation,
        "healthy": examination.is_healthy,
        "checks": [
            {
                "check": check.check,
                "state": check.state.value,
                "findings": [{"what": item.what, "where": item.where, "mend": item.mend} for item in check.findings],
            }
            for check in examination.checks
        ],
    }


def status_json(generation: Generation, kept: Sequence[Kept], calibration: Calibration, origin: str) -> dict[str, Any]:
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
        "generations": [kept_json(item) for item in kept],
        "unreadable": _unreadable_json(manifest.unreadable),
        "notices": [_notice_json(notice) for notice in manifest.notices],
    }


def _plan_json(plan: Plan, unreadable: Sequence[tuple[str, str]], notices: Sequence[Notice]) -> dict[str, Any]:
    return {
        "added": list(plan.added),
        "changed": list(plan.changed),
        "renamed": [{"from": old, "to": new} for old, new in plan.renamed],
        "removed": list(plan.removed),
        "unchanged": list(plan.unchanged),
        "duplicates": [{"document": identity, "same_as": first} for identity, first in plan.duplicates],
        "unreadable": _unreadable_json(unreadable),
        "notices": [_notice_json(notice) for notice in notices],
    }


def _unreadable_json(unreadable: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"document": identity, "reason": reason} for identity, reason in unreadable]


def _notice_json(notice: Notice) -> dict[str, str]:
    return {"document": notice.document, "message": notice.message}
