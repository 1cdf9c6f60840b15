"""Good files of a size that people complain about."""

from __future__ import annotations

from collections.abc import Iterator

import pdfs
from specimens import Good

PAGES = 2_000
CHARACTERS = {"large.pdf": 2_000_000, "large.txt": 10_000_000, "large.csv": 600_000}
_LINES = 30


def files() -> Iterator[Good]:
    """A PDF of 2,000 pages, a text of 10 MB, a table of 20,000 rows."""
    printed = [
        pdfs.listed(
            72, 72, [f"Ship {page * _LINES + line} lay in port number {page} of Chile." for line in range(_LINES)]
        )
        for page in range(PAGES)
    ]
    says = "Ship 45007 lay in port number 1500 of Chile."
    yield Good("large.pdf", pdfs.make(*printed), "Where did ship 45007 lie?", says, "p. 1501")
    text = "".join(f"Paragraph {n} of many speaks of crane {n * 7} and of little else.\n\n" for n in range(165_000))
    says = "Paragraph 100002 of many speaks of crane 700014 and of little else."
    yield Good("large.txt", text.encode(), "Which paragraph speaks of crane 700014?", says)
    table = "Ship,Port\n" + "".join(f"Ship {n},Port {n * 3}\n" for n in range(20_000))
    says = "Ship: Ship 15001; Port: Port 45003"
    yield Good("large.csv", table.encode(), "In which port is ship 15001?", says, "row 15003")
