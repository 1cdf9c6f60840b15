"""Fit the calibration that natoqa ships, each set of questions weighing the same, and report it on held-out questions.

    python bench/calibration.py eval/dev.jsonl --test eval/test.jsonl [eval/briefing.jsonl | FOLDER ...]

Question sets are asked over the shipped corpus; a FOLDER is a collection with corpus.jsonl and questions.jsonl. Of the
last ones the questions in odd places are fitted on and the others reported. Prints the line as it
stands in natoqa/calibration.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from datasets import import_collection, open_indexed, settings_for
from natoqa.assistant import Assistant
from natoqa.calibration import SHIPPED
from natoqa.evaluation.calibrating import UNCALIBRATED, Quality, calibrated, quality
from natoqa.evaluation.outcomes import Outcome
from natoqa.evaluation.runs import evaluate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dev", type=Path, help="question set over the shipped corpus to fit on")
    parser.add_argument("halved", type=Path, nargs="*", help="question sets or collections to fit on half of")
    parser.add_argument("--test", type=Path, required=True, help="question set over the shipped corpus to report")
    chosen = parser.parse_args()
    ours = open_indexed(settings_for(Path(__file__).parents[1] / "corpus", "shipped"))
    fitted_on = {chosen.dev.stem: asked(ours, chosen.dev)}
    held_out = {chosen.test.stem: asked(ours, chosen.test)}
    for source in chosen.halved:
        corpus, questions = import_collection(source) if source.is_dir() else (None, source)
        outcomes = asked(open_indexed(settings_for(corpus, source.name)) if corpus else ours, questions)
        fitted_on[f"{source.stem}, half A"], held_out[f"{source.stem}, half B"] = outcomes[::2], outcomes[1::2]
    total = sum(map(len, fitted_on.values()))
    weights = [total / len(fitted_on) / len(own) for own in fitted_on.values() for _ in own]
    everything = [outcome for own in fitted_on.values() for outcome in own]
    candidates = {
        "as the model says, from 0.3": replace(UNCALIBRATED, threshold=0.3),
        "shipped": SHIPPED,
        f"{chosen.dev.stem} alone": calibrated(fitted_on[chosen.dev.stem]),
        "all sets": calibrated(everything, weights=weights),
    }
    table = Table("questions", "calibration", "ECE", "Brier", "answered", "of these right", "abstention P / R / F1")
    for name, own in {**fitted_on, **held_out}.items():
        for title, calibration in candidates.items():
            table.add_row(name, title, *row(quality([(outcome, calibration) for outcome in own])))
        table.add_section()
    Console(width=130).print(table)
    print(f"SHIPPED = {candidates['all sets']}; {chosen.dev.stem} alone: {candidates[f'{chosen.dev.stem} alone']}")


def asked(assistant: Assistant, questions: Path) -> Sequence[Outcome]:
    """The outcomes with the model's own probability as confidence; follow-ups are left out."""
    outcomes = evaluate(replace(assistant, calibration=UNCALIBRATED), questions).outcomes
    return [outcome for outcome in outcomes if not outcome.history]


def row(figures: Quality) -> list[str]:
    abstention = (figures.abstention_precision, figures.abstention_recall, figures.abstention_f1)
    return [
        *(f"{value:.3f}" for value in (figures.calibration_error, figures.brier)),
        *(f"{value:.2f}" for value in (figures.answered, figures.answered_right)),
        " / ".join(f"{value:.2f}" for value in abstention),
    ]


if __name__ == "__main__":
    main()
