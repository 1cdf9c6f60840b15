"""What a sync would do and how long it would take, found out without the encoder and without writing anything."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from natoqa.corpus import Notice
from natoqa.errors import UnreadableFile
from natoqa.planning import Plan, among_documents, without
from natoqa.store import Generation
from natoqa.surveying import Survey

# What two laptop cores do with the packaged model, and a passage of English prose; for want of an own measurement.
_PASSAGES_A_SECOND = 20.0
_CHARACTERS_A_PASSAGE = 800


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a sync would do.

    ``unreadable`` are (document id, reason). ``bytes`` is the size of the new files. ``passages`` is about how many
    would be encoded at most, since what stayed in a changed document is not; ``seconds`` is how long that takes.
    """

    plan: Plan
    unreadable: tuple[tuple[str, str], ...]
    notices: tuple[Notice, ...]
    bytes: int
    passages: int
    seconds: float


def forecast(
    survey: Survey, plan: Plan, old: Generation | None, progress: Callable[[int, int], None] = lambda done, total: None
) -> Forecast:
    """Read the files that are new, one at a time, to know what is in them."""
    indexed = old.fingerprints() if old else {}
    unreadable = dict(survey.refused) | _left_out_again(plan, old, indexed)
    notices = list(survey.notices)
    new = sorted((*plan.added, *plan.changed))
    total = sum(survey.sizes[identity] for identity in new)
    done = characters = 0
    counted: set[str] = set()
    for identity in new:
        try:
            loaded = survey.corpus.load(identity, survey.corpus.read(survey.corpus.root / identity))
        except UnreadableFile as error:
            unreadable[identity] = str(error)
        else:
            notices += loaded.notices
            if survey.fingerprints[identity] not in counted:  # equal documents are encoded once
                characters += len(loaded.document.text)
            counted.add(survey.fingerprints[identity])
        done += survey.sizes[identity]
        progress(done, total)
    passages = round(characters / _CHARACTERS_A_PASSAGE + 0.5) if characters else 0
    speed = (old.manifest.speed if old else 0.0) or _PASSAGES_A_SECOND
    return Forecast(
        plan=among_documents(without(plan, unreadable.keys()), indexed),
        unreadable=tuple(sorted(unreadable.items())),
        notices=tuple(notices),
        bytes=total,
        passages=passages,
        seconds=passages / speed,
    )


def _left_out_again(plan: Plan, old: Generation | None, indexed: Collection[str]) -> dict[str, str]:
    """Files that are known and were never documents: why they were left out, by the name that they have now."""
    reasons = dict(old.manifest.unreadable) if old else {}
    now = {identity: identity for identity in plan.unchanged} | dict(plan.renamed)
    return {new: reasons[known] for known, new in now.items() if known not in indexed and known in reasons}
