"""Markdown with optional front matter in YAML or TOML. The canonical text is the body's own source, mark-up and all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.decoding import decode
from natoqa.loaders.loaded import Block, Loaded, number, one_line
from natoqa.types import LandmarkKind, Metadata, SourceReference

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST_FRONT_MATTER = 64 * 1024
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# Of a key with many dots every part is looked up from the first on.
_LONGEST_TOML = 8 * 1024
# What stands within a line matters in headings alone, and takes most of the time.
_BLOCKS = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
# markdown-it names the token that opens a block; its source lines stand in ``map``.
_BLOCK_KINDS: Mapping[str, LandmarkKind] = {
    "heading_open": LandmarkKind.HEADING,
    "paragraph_open": LandmarkKind.PARAGRAPH,
    "fence": LandmarkKind.PARAGRAPH,
    "code_block": LandmarkKind.PARAGRAPH,
    "html_block": LandmarkKind.PARAGRAPH,
    "hr": LandmarkKind.MARKUP,
    "list_item_open": LandmarkKind.ITEM,
    "tr_open": LandmarkKind.ITEM,
}


def load(data: bytes, limits: Limits) -> Loaded:
    """Read a ``.md`` file; front matter becomes metadata and is not part of the text."""
    source, notes = decode(data, limits)
    fields, text, front_matter_notes = _split_front_matter(source)
    if not text.strip():
        raise UnreadableFile("it has no text below its front matter")
    landmarks = number(find_blocks(text))
    first_heading = next(
        (mark.label for mark in landmarks if mark.kind in (LandmarkKind.TITLE, LandmarkKind.HEADING)), ""
    )
    return Loaded(text, landmarks, _metadata(fields, first_heading), notes + front_matter_notes)


def find_blocks(text: str) -> Iterator[Block]:
    """Blocks of a Markdown text in order; a heading that opens the text is its title."""
    line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    links: dict[str, Any] = {}  # filled by the parser
    tokens = _BLOCKS.parse(text, links)
    last_line = -1
    first = True
    for index, token in enumerate(tokens):
        kind = _BLOCK_KINDS.get(token.type)
        # An item and the paragraph in it open on one line: the item is the landmark.
        if kind is None or token.map is None or token.map[0] == last_line:
            continue
        last_line = token.map[0]
        if token.content.lstrip().startswith("<!--") or tokens[index - 1].type == "thead_open":
            # A comment is not shown to readers, and a table's first row says nothing without the others.
            kind = LandmarkKind.MARKUP
        if kind is LandmarkKind.HEADING:
            label = _plain(tokens[index + 1].content, links)
            yield Block(line_starts[last_line], LandmarkKind.TITLE if first else LandmarkKind.HEADING, label)
        else:
            yield Block(line_starts[last_line], kind)
        first = False


def _plain(heading: str, links: dict[str, Any]) -> str:
    tokens: list[Token] = []
    _BLOCKS.inline.parse(heading, _BLOCKS, links, tokens)
    return one_line("".join(token.content or " " for token in tokens))


class _FrontMatter(yaml.SafeLoader):
    """YAML without aliases: a few lines of them expand to more than any machine holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("front matter has no aliases")
        return super().compose_node(parent, index)


def _split_front_matter(source: str) -> tuple[Mapping[str, Any], str, tuple[str, ...]]:
    parse: Callable[[str], Any] = _parse_yaml
    match, longest = _FRONT_MATTER.match(source), _LONGEST_FRONT_MATTER
    if match is None:
        match, longest, parse = _TOML.match(source), _LONGEST_TOML, tomllib.loads
    if match is None or len(match.group(1)) > longest:
        return {}, source, ()
    text = source[match.end() :]
    try:
        fields = parse(match.group(1))
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, RecursionError):  # yaml's own constructors raise all
        return {}, text, ("its front matter does not parse and was left out",)
    if fields is None:
        return {}, text, ()
    if not isinstance(fields, dict):
        return {}, text, ("its front matter is not a list of fields and was left out",)
    return fields, text, ()


def _parse_yaml(source: str) -> Any:
    return _FrontMatter(source).get_single_data()


def _metadata(fields: Mapping[str, Any], first_heading: str) -> Metadata:
    return Metadata(
        title=_line(fields.get("title")) or first_heading,
        author=", ".join(filter(None, map(_name, _items(fields.get("author") or fields.get("authors"))))),
        date=_line(fields.get("date")),
        kind=_line(fields.get("kind")),
        about=_line(fields.get("about")),
        sources=tuple(_source(source) for source in _items(fields.get("sources"))),
        confidence=tuple(filter(None, map(_line, _items(fields.get("confidence"))))),
    )


def _name(value: object) -> str:
    return _line(value.get("name")) if isinstance(value, dict) else _line(value)


def _items(value: object) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _source(value: object) -> SourceReference:
    if isinstance(value, dict):
        return SourceReference(_line(value.get("title")), _line(value.get("publisher")), _line(value.get("url")))
    return SourceReference(_line(value))


def _line(value: object) -> str:
    """A scalar of the front matter as one line; anything nested is not a line and is left out."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return one_line(str(value))
    except ValueError:  # a number of thousands of digits
        return ""
