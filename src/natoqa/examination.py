"""What the doctor finds: checks, each with its state and findings that end with the command that mends them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from natoqa.invariants import Finding

_WITH_CORPUS = frozenset({"index", "add", "remove", "doctor"})


class State(StrEnum):
    """What came of a check. A note is worth knowing and no damage."""

    OK = "ok"
    NOTE = "note"
    DAMAGE = "damage"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Examined:
    """A check and what it found."""

    check: str
    state: State
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was checked of an index; ``generation`` is the live one's name, empty when there is none to be had."""

    index: Path
    generation: str
    checks: tuple[Examined, ...]

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is damaged."""
        return all(check.state is not State.DAMAGE for check in self.checks)


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders that a command must name to mean this index and corpus; None where it means them anyway."""

    index: Path | None = None
    corpus: Path | None = None

    def name_in(self, command: str) -> str:
        """``command`` with the flags that it needs."""
        words = command.split()
        if self.corpus is not None and words[1] in _WITH_CORPUS:
            command += f" --corpus {shlex.quote(str(self.corpus))}"
        return command + (f" --index {shlex.quote(str(self.index))}" if self.index is not None else "")
