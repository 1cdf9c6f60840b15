"""What the command line shows to people of answers and hits; of the index: :mod:`natoqa.terminal_index`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from natoqa.types import Answer, Citation, Hit, Status

_WIDE = 120


def show_answer(answer: Answer, *, explain: bool = False) -> None:
    """Print an answer with its citations, or why there is none and what came nearest."""
    console = open_console()
    if answer.asked:
        console.print(f"understood as: {answer.question}\n", style="dim", markup=False)
    if answer.status is Status.ANSWERED:
        for sentence in answer.sentences:
            marks = "".join(f" [{number}]" for number in sentence.citations)
            console.print(Text.assemble(sentence.text, (marks, "bold cyan")))
        console.print()
        for citation in answer.citations:
            console.print(Text.assemble((f"[{citation.number}] ", "bold cyan"), _source(citation)))
        console.print(f"\nconfidence {answer.confidence:.2f}", style="dim")
    else:
        console.print("The sources do not answer this.", style="bold yellow")
        console.print(Text(answer.reason or ""))
        if answer.nearest:
            console.print("\nNearest passages, which are no answer:", style="dim")
        for citation in answer.nearest:
            console.print(_source(citation))
            console.print(Padding(Text(_shortened(citation.quote), style="dim"), (0, 0, 0, 4)))
    if explain:
        console.print()
        console.print(_ranking(answer.hits[:10]))
        stages = ", ".join(f"{stage} {milliseconds:.0f}" for stage, milliseconds in answer.timings_ms.items())
        console.print(f"milliseconds: {stages}", style="dim")


def show_hits(hits: Sequence[Hit]) -> None:
    """Print hits with their passages and the reasons for their ranks."""
    console = open_console()
    for rank, hit in enumerate(hits, start=1):
        console.print(
            Text.assemble((f"{rank}. ", "bold cyan"), (hit.title, "bold"), f" · {hit.locator} · {hit.passage.document}")
        )
        console.print(Padding(Text(hit.text.strip()), (0, 0, 1, 3)))
    console.print(_ranking(hits))


def open_console() -> Console:
    """Wraps lines for a reader at a terminal; into a file or a pipe, a sentence stays one line."""
    if sys.stdout.isatty():
        return Console()
    return Console(soft_wrap=True, width=None if "COLUMNS" in os.environ else _WIDE)


def _source(citation: Citation) -> Text:
    by = ", ".join(part for part in (citation.author, citation.date) if part)
    parts = (by, citation.locator, citation.document)
    return Text.assemble((citation.title, "bold"), *(f" · {part}" for part in parts if part))


def _ranking(hits: Sequence[Hit]) -> Table:
    table = Table("", "passage", "score", "dense", "BM25", "MaxSim", box=None, header_style="bold")
    for rank, hit in enumerate(hits, start=1):
        table.add_row(
            str(rank),
            escape(f"{hit.passage.document}: {hit.locator}"),
            f"{hit.score:.2f}",
            f"{hit.parts.dense:.2f} ({_rank(hit.ranks.dense)})",
            f"{hit.parts.lexical:.1f} ({_rank(hit.ranks.lexical)})",
            f"{hit.parts.late_interaction:.2f}",
        )
    return table


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _shortened(text: str, width: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[:width].rsplit(" ", 1)[0] + " …"
