"""What a sync has to do: a pure comparison of the corpus with the live generation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between a corpus and an index, by document id.

    ``duplicates`` are pairs: a document and the first one, by id, with the same content. They are also among the
    others, for a duplicate is kept and citable.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    duplicates: tuple[tuple[str, str], ...] = ()

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
        duplicates=_duplicates(corpus),
        added=tuple(added),
        changed=tuple(identity for identity in common if corpus[identity] != indexed[identity]),
        renamed=tuple(renamed),
        removed=tuple(sorted(identity for same in vanished.values() for identity in same)),
        unchanged=tuple(identity for identity in common if corpus[identity] == indexed[identity]),
    )


def without(plan: Plan, refused: Collection[str]) -> Plan:
    """The plan as it stands when these documents turn out to be unusable."""
    replaced = {new: old for old, new in plan.renamed if new in refused}
    return replace(
        plan,
        added=tuple(identity for identity in plan.added if identity not in refused),
        changed=tuple(identity for identity in plan.changed if identity not in refused),
        renamed=tuple(pair for pair in plan.renamed if pair[1] not in refused),
        removed=tuple(
            sorted({*plan.removed, *replaced.values(), *(identity for identity in plan.changed if identity in refused)})
        ),
        duplicates=tuple(pair for pair in plan.duplicates if not set(pair) & set(refused)),
    )


def carried_out(plan: Plan, before: Collection[str], now: Collection[str]) -> Plan:
    """What became of a plan, by the documents indexed ``before`` and ``now``.

    A file that cannot be used is in neither, so it is not reported as added, renamed or removed.
    """
    renamed = tuple((old, new) for old, new in plan.renamed if old in before and new in now)
    gone = {old for old, _ in renamed} | set(now)
    known = {new for _, new in renamed} | set(before)
    stayed, untouched = sorted(set(before) & set(now)), set(plan.unchanged)
    return Plan(
        duplicates=tuple(pair for pair in plan.duplicates if set(pair) <= set(now)),
        added=tuple(sorted(set(now) - known)),
        changed=tuple(identity for identity in stayed if identity not in untouched),
        renamed=renamed,
        removed=tuple(sorted(set(before) - gone)),
        unchanged=tuple(identity for identity in stayed if identity in untouched),
    )


def _duplicates(corpus: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    return tuple(
        (identity, first[corpus[identity]])
        for identity in sorted(corpus)
        if first.setdefault(corpus[identity], identity) != identity
    )
