"""Conditions on a comparison under which a change must not pass, for continuous integration."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt
from pathlib import Path

from natoqa.errors import ComparisonError
from natoqa.evaluation.comparison import Comparison
from natoqa.evaluation.scoring import METRICS


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition under which a change must not pass, such as ``passage_hit@1 < -0.02 and p < 0.05``.

    The metric stands for its difference, new - baseline; ``p`` for the test's p value before correction.
    """

    text: str
    metric: str
    operator: str
    bound: float
    p_bound: float = math.inf

    def is_tripped(self, comparison: Comparison) -> bool:
        """Whether the change must not pass. Raises ComparisonError when the metric was not compared."""
        difference = comparison[self.metric]
        beyond = _OPERATORS[self.operator](difference.difference, self.bound)
        return beyond and (math.isinf(self.p_bound) or difference.p < self.p_bound)


_OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_GATE = re.compile(
    rf"\s*(?P<metric>[\w@/]+)\s*(?P<operator><=|>=|<|>)\s*(?P<bound>{_NUMBER})\s*(?:and\s+p\s*<\s*(?P<p>{_NUMBER})\s*)?"
)


def parse_gate(text: str) -> Gate:
    """Read ``METRIC < NUMBER`` (or <=, >, >=), optionally followed by ``and p < NUMBER``. Raises ComparisonError."""
    match = _GATE.fullmatch(text)
    if match is None:
        raise ComparisonError(f"'{text}' is no condition; write one such as: passage_hit@1 < -0.02 and p < 0.05")
    if match["metric"] not in METRICS:
        raise ComparisonError(f"'{text}': there is no metric '{match['metric']}'; there is {', '.join(METRICS)}")
    return Gate(text, match["metric"], match["operator"], float(match["bound"]), float(match["p"] or math.inf))


def load_gates(path: Path) -> tuple[Gate, ...]:
    """Read one condition a line; blank lines do not count. Raises ComparisonError that names the file and the line."""
    gates: list[Gate] = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ComparisonError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        try:
            gates += [parse_gate(line)] if line.strip() else []
        except ComparisonError as error:
            raise ComparisonError(f"{path}:{number}: {error}") from error
    return tuple(gates)


def tripped(gates: Sequence[Gate], comparison: Comparison) -> tuple[Gate, ...]:
    """The conditions that hold. Raises ComparisonError for a metric that was not compared."""
    return tuple(gate for gate in gates if gate.is_tripped(comparison))
