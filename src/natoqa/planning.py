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
    unusable = set(refused)
    replaced = {old for old, new in plan.renamed if new in unusable}
    return Plan(
        added=tuple(identity for identity in plan.added if identity not in unusable),
        changed=tuple(identity for identity in plan.changed if identity not in unusable),
        renamed=tuple(pair for pair in plan.renamed if pair[1] not in unusable),
        removed=tuple(sorted({*plan.removed, *replaced, *(unusable & {*plan.changed, *plan.unchanged})})),
        unchanged=tuple(identity for identity in plan.unchanged if identity not in unusable),
        duplicates=tuple(pair for pair in plan.duplicates if unusable.isdisjoint(pair)),
    )


def among_documents(plan: Plan, indexed: Collection[str]) -> Plan:
    """The plan without files that are known and were never documents: what of it a reader would notice."""
    known = set(indexed)
    return replace(
        plan,
        renamed=tuple(pair for pair in plan.renamed if pair[0] in known),
        removed=tuple(identity for identity in plan.removed if identity in known),
        unchanged=tuple(identity for identity in plan.unchanged if identity in known),
    )


def carried_out(plan: Plan, before: Collection[str], now: Collection[str], kept: Collection[str] = ()) -> Plan:
    """What became of a plan, by the documents indexed ``before`` and ``now``; ``kept`` could not be changed as planned.

    A file that cannot be used is in neither, so it is not reported as added, renamed or removed.
    """
    old, new = set(before), set(now)
    renamed = tuple((source, target) for source, target in plan.renamed if source in old and target in new)
    gone = {source for source, _ in renamed} | new
    known = {target for _, target in renamed} | old
    stayed, untouched = sorted(old & new), {*plan.unchanged, *kept}
    return Plan(
        added=tuple(sorted(new - known)),
        changed=tuple(identity for identity in stayed if identity not in untouched),
        renamed=renamed,
        removed=tuple(sorted(old - gone)),
        unchanged=tuple(identity for identity in stayed if identity in untouched),
        duplicates=tuple(pair for pair in plan.duplicates if new.issuperset(pair)),
    )


def _duplicates(corpus: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    return tuple(
        (identity, first[corpus[identity]])
        for identity in sorted(corpus)
        if first.setdefault(corpus[identity], identity) != identity
    )
