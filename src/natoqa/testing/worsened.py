"""Assistants made worse on purpose, to prove that whoever measures them notices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from natoqa.assistant import Assistant
from natoqa.protocols import Floats


@dataclass(frozen=True)
class SilentLexicalIndex:
    """Finds nothing, whatever is asked."""

    passages: int

    @classmethod
    def build(cls, passages: Iterable[Sequence[str]], k1: float, b: float) -> Self:
        """As many passages, none of them looked at."""
        return cls(sum(1 for _ in passages))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Nothing was saved."""
        return cls(0)

    def save(self, folder: Path) -> None:
        """There is nothing to save."""

    def __len__(self) -> int:
        return self.passages

    def scores(self, terms: Sequence[str]) -> Floats:
        """No passage holds any term."""
        return np.zeros(self.passages, dtype=np.float32)

    def document_frequency(self, term: str) -> int:
        """As if every term stood in one passage, so that no reason speaks of unknown words."""
        return 1


def dense_only(assistant: Assistant) -> Assistant:
    """Passages ranked by the cosine of one vector each, without lexical search and late interaction."""
    retriever = assistant.retriever
    settings = retriever.settings.model_copy(update={"lexical_weight": 0.0, "late_interaction_weight": 0.0})
    lexical = SilentLexicalIndex(assistant.generation.manifest.passages)
    return replace(assistant, retriever=replace(retriever, settings=settings, lexical=lexical))
