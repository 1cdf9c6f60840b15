"""Does the gate let an identical build pass and stop a worsened one? Builds the index from nothing, again and again.

python bench/gate.py [--times N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from natoqa import wiring
from natoqa.assistant import Assistant
from natoqa.evaluation.comparison import compare
from natoqa.evaluation.gates import load_gates, tripped
from natoqa.evaluation.runfile import load_run
from natoqa.evaluation.runs import evaluate
from natoqa.settings import load_settings
from natoqa.testing.worsened import dense_only

ROOT = Path(__file__).parents[1]
EVAL = ROOT / "eval"
HALVES = ("dev", "test")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20, help="builds of either kind")
    times = parser.parse_args().times
    stopped = dict.fromkeys(((build, half) for build in ("identical", "worsened") for half in HALVES), 0)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(times):
            settings = load_settings(corpus={"path": ROOT / "corpus"}, index={"path": Path(folder) / str(number)})
            wiring.indexer(settings).sync()
            rebuilt = wiring.assistant(settings=settings)
            for half in HALVES:
                stopped["identical", half] += is_stopped(rebuilt, half)
                stopped["worsened", half] += is_stopped(dense_only(rebuilt), half)
            rebuilt.generation.close()
            print(f"{number + 1} of {times}", file=sys.stderr)
    table = Table("build", "questions", "stopped by the gate")
    for (build, half), count in stopped.items():
        table.add_row(build, half, f"{count} of {times}")
    Console().print(table)


def is_stopped(assistant: Assistant, half: str) -> bool:
    run = evaluate(assistant, EVAL / f"{half}.jsonl")
    return bool(tripped(load_gates(EVAL / "gates.txt"), compare(load_run(EVAL / "baselines" / f"{half}.json"), run)))


if __name__ == "__main__":
    main()
