"""What a sync has to do: a pure comparison of the corpus with the live generation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between a corpus and an index, by document id."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the index already is what the corpus asks for."""
        return not (self.added or self.changed or self.renamed or self.removed)


def diff(corpus: Mapping[str, str], indexed: Mapping[str, str]) -> Plan:
    """Compare fingerprints by document id.

    A document that vanished while one with the same fingerprint appeared was renamed: (old id, new id).
    """
    vanished: dict[str, list[str]] = {}
    for identity in sorted(indexed.keys() - corpus.keys(), reverse=True):
        vanished.setdefault(indexed[identity], []).append(identity)
    added: list[str] = []
    renamed: list[tuple[str, str]] = []
    for identity in sorted(corpus.keys() - indexed.keys()):
        same = vanished.get(corpus[identity])
        if same:
            renamed.append((same.pop(), identity))
        else:
            added.append(identity)
    common = sorted(corpus.keys() & indexed.keys())
    return Plan(
        added=tuple(added),
        changed=tuple(identity for identity in common if corpus[identity] != indexed[identity]),
        renamed=tuple(renamed),
        removed=tuple(sorted(identity for same in vanished.values() for identity in same)),
        unchanged=tuple(identity for identity in common if corpus[identity] == indexed[identity]),
    )


def carried_out(plan: Plan, before: Collection[str], now: Collection[str]) -> Plan:
    """What became of a plan, by the documents indexed ``before`` and ``now``.

    A file that cannot be used is in neither, so it is not reported as added, renamed or removed.
    """
    renamed = tuple((old, new) for old, new in plan.renamed if old in before and new in now)
    gone = {old for old, _ in renamed} | set(now)
    known = {new for _, new in renamed} | set(before)
    stayed = sorted(set(before) & set(now))
    return Plan(
        added=tuple(sorted(set(now) - known)),
        changed=tuple(identity for identity in stayed if identity not in plan.unchanged),
        renamed=renamed,
        removed=tuple(sorted(set(before) - gone)),
        unchanged=tuple(identity for identity in stayed if identity in plan.unchanged),
    )
