"""The documents of a collection as a list to choose from and to read."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from natoqa.chat.escaping import count, filename, text
from natoqa.chat.references import byline
from natoqa.errors import QuestionError
from natoqa.joint import PREFIX
from natoqa.terms import fold
from natoqa.types import Metadata

_OWN = "only in this conversation"
# Rows shown at once; the filter leads to the others.
MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A document in the list; ``passages`` is how many of its passages can be found."""

    id: str
    metadata: Metadata
    passages: int

    @property
    def title(self) -> str:
        """The document's title, or the name of its file when it has none."""
        return self.metadata.title or PurePosixPath(self.id).name


@dataclass(frozen=True, slots=True)
class Choice:
    """Which documents a reader searches: all ``but`` some, or none but those."""

    all: bool = True
    but: frozenset[str] = frozenset()

    @classmethod
    def of(cls, wanted: object) -> Choice:
        """What the page sends: ``{"all": bool, "but": [ids]}``. Anything else is a choice of everything."""
        match wanted:
            case {"all": bool(everything), "but": list(but)}:
                return cls(everything, frozenset(identity for identity in but if isinstance(identity, str)))
        return cls()

    @property
    def restricts(self) -> bool:
        """Whether any document is left out."""
        return bool(self.but) or not self.all

    def holds(self, identity: str) -> bool:
        """Whether a document is chosen."""
        return self.all != (identity in self.but)

    def patterns(self, identities: Iterable[str]) -> tuple[str, ...]:
        """The chosen ones among all documents as ``Assistant.ask`` takes them; empty when all are.

        Raises QuestionError when none is.
        """
        known = list(identities)
        chosen = [identity for identity in known if self.holds(identity)]
        if not chosen:
            raise QuestionError("no document is chosen; choose at least one under Documents")
        # A file may be called a[1].txt; what is chosen are names, not patterns.
        return () if len(chosen) == len(known) else tuple(map(glob.escape, chosen))


def matching(entries: Iterable[Entry], words: str) -> list[Entry]:
    """The entries that hold all of ``words`` in their title, author, date, kind or name."""
    wanted = fold(words).split()
    return [entry for entry in entries if all(word in _haystack(entry) for word in wanted)]


def render(entries: Sequence[Entry], choice: Choice) -> str:
    """The first rows as HTML."""
    rows = "".join(_row(number, entry, choice.holds(entry.id)) for number, entry in enumerate(entries[:MOST_ROWS]))
    more = len(entries) - MOST_ROWS
    rest = f'<p class="more">{count(more, "more document")}; filter to see them.</p>' if more > 0 else ""
    return f'<ul class="rows">{rows}</ul>{rest}' if entries else '<p class="more">No document matches.</p>'


def documents_json(metadata: Mapping[str, Metadata], passages: Mapping[str, int]) -> list[dict[str, Any]]:
    """The documents in the form of ``natoqa status --json``."""
    return [
        {
            "document": identity,
            "title": known.title,
            "author": known.author,
            "date": known.date,
            "kind": known.kind,
            "passages": passages.get(identity, 0),
        }
        for identity, known in metadata.items()
    ]


def _haystack(entry: Entry) -> str:
    known = entry.metadata
    return fold(" ".join((entry.title, known.author, known.date, known.kind, known.about, entry.id)))


def _row(number: int, entry: Entry, is_chosen: bool) -> str:
    name, title = f"document-{number}", text(entry.title)
    checked = " checked" if is_chosen else ""
    file = filename(entry.id.removeprefix(PREFIX))
    about = byline(
        entry.metadata.kind, entry.metadata.author, entry.metadata.date, count(entry.passages, "passage"), file
    )
    own = _own(entry) if entry.id.startswith(PREFIX) else ""
    return (
        f'<li class="row"><input type="checkbox" id="{name}" data-document="{text(entry.id)}"{checked} '
        f'aria-label="Search in {title}"><div><button type="button" class="open" data-document="{text(entry.id)}">'
        f"<bdi>{title}</bdi></button>{about}{own}</div></li>"
    )


def _own(entry: Entry) -> str:
    """What a reader can do with a document of his own."""
    identity, title = text(entry.id), text(entry.title)
    return (
        f'<p class="own"><span class="badge">{_OWN}</span>'
        f'<button type="button" data-own="keep" data-document="{identity}" aria-label="Keep {title} in the collection">'
        f'Keep</button><button type="button" data-own="remove" data-document="{identity}" aria-label="Remove {title}">'
        "Remove</button></p>"
    )
