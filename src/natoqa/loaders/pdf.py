"""PDF files: text in reading order, headings and paragraphs, and where each character stands on its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.decoding import require_within
from natoqa.loaders.loaded import Loaded, number
from natoqa.loaders.pdf_blocks import find_blocks
from natoqa.loaders.pdf_metadata import read_metadata
from natoqa.loaders.pdf_pages import Lack, Page, opened, read_pages
from natoqa.loaders.pdf_running import without_running_lines
from natoqa.loaders.pdf_text import assemble
from natoqa.types import LandmarkKind

# Of the pages that show anything, so many may lack text before the file is one that needs OCR.
_MOST_WITHOUT_TEXT = 0.9
_REFUSALS = {
    Lack.IMAGE: "its pages are images without text; run it through OCR first",
    Lack.UNMAPPED: "its text is unreadable, for its fonts do not say what they show; run it through OCR first",
    Lack.DAMAGED: "it is not a readable PDF (its pages are damaged)",
}
_NOTES = {
    Lack.IMAGE: ("is an image", "are images", "without text"),
    Lack.UNMAPPED: ("has", "have", "text that cannot be read"),
    Lack.DAMAGED: ("is", "are", "damaged"),
}


def load(data: bytes, limits: Limits) -> Loaded:
    """Read a ``.pdf`` file.

    Raises UnreadableFile when it is no PDF, needs a password, has too many pages or too much text, or shows its text
    as images only.
    """
    with opened(data) as pdf:
        pages = []
        characters = 0
        for page in read_pages(pdf, limits):
            characters += sum(len(line.text) for line in page.lines)
            require_within(characters, limits)
            pages.append(page)
        pages = without_running_lines(pages)
        notes = _notes(pages)
        found = find_blocks(pages)
        if not found:
            raise UnreadableFile("it has no text")
        text, blocks, layouts = assemble(found, pages)
        landmarks = number(blocks)
        first_heading = next(
            (mark.label for mark in landmarks if mark.kind in (LandmarkKind.TITLE, LandmarkKind.HEADING)), ""
        )
        metadata = read_metadata(pdf, first_heading)
    require_within(len(text), limits)
    return Loaded(text, landmarks, metadata, notes, layouts)


def _notes(pages: Sequence[Page]) -> tuple[str, ...]:
    """A note for each reason why pages are left out. Raises UnreadableFile when hardly any page is left."""
    lacking = {lack: [page.number for page in pages if not page.lines and page.lack is lack] for lack in _NOTES}
    without = sum(map(len, lacking.values()))
    with_text = sum(1 for page in pages if page.lines)
    if without and without >= _MOST_WITHOUT_TEXT * (without + with_text):
        raise UnreadableFile(_REFUSALS[max(lacking, key=lambda lack: len(lacking[lack]))])
    notes = []
    for lack, numbers in lacking.items():
        if numbers:
            one, many, what = _NOTES[lack]
            pages_are = f"page {numbers[0]} {one}" if len(numbers) == 1 else f"pages {_ranges(numbers)} {many}"
            notes.append(f"{pages_are} {what} and {'is' if len(numbers) == 1 else 'are'} left out")
    return tuple(notes)


def _ranges(numbers: Iterable[int]) -> str:
    """``3, 7-9`` for 3, 7, 8 and 9."""
    runs: list[list[int]] = []
    for page in numbers:
        if runs and page == runs[-1][-1] + 1:
            runs[-1][1:] = [page]
        else:
            runs.append([page])
    return ", ".join("-".join(map(str, run)) for run in runs)
