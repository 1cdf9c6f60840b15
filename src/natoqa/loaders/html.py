"""Web pages. The canonical text is what a reader of the page would read, without what surrounds it on every page.

Nothing in a page is executed or fetched, and scripts are not text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.html_blocks import add_blocks
from natoqa.loaders.html_composing import Composition
from natoqa.loaders.html_decoding import decode_page
from natoqa.loaders.html_metadata import page_metadata
from natoqa.loaders.html_walking import TEXT, walk
from natoqa.loaders.loaded import Loaded, number

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_NEVER_READ = (
    "script, style, template, noscript, iframe, object, embed, svg, canvas, audio, video, map, head, title, frameset,"
    "noframes, noembed, rp, rt, annotation, annotation-xml, datalist, dialog:not([open]),"
    "button, input, select, textarea, progress, meter"
)
# Links to a place in the page itself or for its editors, and marks of footnotes: they would cut a quote in pieces.
_MARKS = ".mw-editsection, .headerlink, sup.reference, sup.Template-Fact, sup.Inline-Template"
_MAY_BE_MARKS = "a[href*='#']"
_MARK_TEXTS = frozenset("¶#§")
_DEEPEST_MARK = 4
_MAY_BE_HIDDEN = "[hidden], [aria-hidden], [style]"
_HIDDEN_BY_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_AROUND_THE_TEXT = "nav, aside, menu, search, .navbox"
_ROLES_AROUND_THE_TEXT = frozenset(
    (
        *("navigation", "menu", "menubar", "search", "complementary"),
        *("dialog", "alertdialog", "toolbar", "tablist", "tooltip"),
    )
)
_ROLES_OF_THE_FRAME = frozenset({"banner", "contentinfo"})
# A header or footer within one of these is theirs and not the page's.
_SECTIONS = frozenset({"article", "main", "section"})
# Less than this and less than a tenth of the page is almost nothing.
_ENOUGH = 200
_ENOUGH_SHARE = 0.1
_ARTICLE_SHARE = 1 / 3
_SELF_CLOSED = re.compile(r"""<([A-Za-z][\w:.-]*)((?:"[^"]*"|'[^']*'|[^'"<>])*?)/>""")
_VOID = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input"),
        *("link", "meta", "param", "source", "track", "wbr"),
    )
)
_XHTML = re.compile(r"\s*<\?xml|<html[^>]{0,500}\bxmlns\s*=|<!doctype[^>]{0,200}xhtml", re.IGNORECASE)


def load(data: bytes, limits: Limits) -> Loaded:
    """Read an ``.html`` file. Raises UnreadableFile."""
    source, notes = decode_page(data, limits)
    tree = parse(source)
    composition = _read(tree, limits)
    if not composition.blocks:
        raise UnreadableFile("it has no text")
    if composition.first_level == 1:
        composition.title_first()
    first_heading = next((block.label for block in composition.blocks if block.label), "")
    metadata = page_metadata(tree, first_heading)
    return Loaded(composition.text, number(composition.blocks), metadata, notes)


def parse(source: str) -> LexborHTMLParser:
    """The tree of a page, as a browser would build it."""
    from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, SelectolaxError

    if _XHTML.search(source[:2048]):
        # The parser is one of HTML: to it ``<script/>`` opens a script that the rest of the file is part of.
        source = _SELF_CLOSED.sub(_closed, source)
    # With scripts on, the parser keeps what is for browsers without them apart; it runs none.
    try:
        return LexborHTMLParser(source, options=LexborDocumentOptions.WO_EVENTS, scripting=True)
    except SelectolaxError as error:
        raise MemoryError from error  # of any text a tree can be made, if there is room for it


def never_read(tree: LexborHTMLParser) -> set[int]:
    """The ``mem_id`` of everything that a reader of the page does not see, or that is not text."""
    hidden = (node for node in tree.css(_MAY_BE_HIDDEN) if _is_hidden(node))
    marks = (node for node in tree.css(_MAY_BE_MARKS) if _is_mark(node))
    return _ids(tree.css(f"{_NEVER_READ}, {_MARKS}")) | _ids(hidden) | _ids(marks)


def _read(tree: LexborHTMLParser, limits: Limits) -> Composition:
    """The page's text without what surrounds it, or all of it if that leaves almost nothing."""
    body = tree.body
    if body is None:
        raise UnreadableFile("it has no text")
    unseen = never_read(tree)
    around = unseen | _around_the_text(tree, body)
    without_forms = around | _ids(tree.css("form"))
    best = Composition(limits)
    for part, share in _main_part(tree, around):
        best = _composed(part, without_forms, limits)
        if share == _ENOUGH_SHARE and len(best) >= _ENOUGH:
            return best
        rest = _composed(body, without_forms, limits)
        best = best if len(best) > share * len(rest) else rest
    best = best if len(best) else _composed(body, without_forms, limits)
    if len(best) >= _ENOUGH:
        return best
    whole = _composed(body, unseen, limits)
    if len(best) > _ENOUGH_SHARE * len(whole):
        return best
    # Some pages are one form from top to bottom.
    with_forms = _composed(body, around, limits)
    return with_forms if len(with_forms) > _ENOUGH_SHARE * len(whole) else whole


def _composed(top: LexborNode, passed_over: set[int], limits: Limits) -> Composition:
    composition = Composition(limits)
    add_blocks(top, set(passed_over), composition)
    return composition


def _main_part(tree: LexborHTMLParser, passed_over: set[int]) -> list[tuple[LexborNode, float]]:
    """The element that a page says its text is in, if it says so, and the least share of the text it must hold."""
    mains = [node for node in tree.css("main, [role=main]") if node.mem_id not in passed_over]
    articles = tree.css("article")
    if mains:
        return [(mains[0], _ENOUGH_SHARE)]
    return [(articles[0], _ARTICLE_SHARE)] if len(articles) == 1 else []


def _around_the_text(tree: LexborHTMLParser, body: LexborNode) -> set[int]:
    """The ``mem_id`` of navigation, asides and the page's own header and footer, but for a header with its only h1."""
    roles = {node.mem_id: (node.attributes.get("role") or "").strip().lower() for node in tree.css("[role]")}
    around = _ids(tree.css(_AROUND_THE_TEXT))
    around |= {identity for identity, role in roles.items() if role in _ROLES_AROUND_THE_TEXT}
    frames = _ids(tree.css("header, footer"))
    frames |= {identity for identity, role in roles.items() if role in _ROLES_OF_THE_FRAME}
    if not frames:
        return around
    titles = tree.css("h1")
    if len(titles) == 1:
        frames -= _ids(_ancestors(titles[0]))
    sections = 0
    for tag, node, entered in walk(body, frozenset()):
        if tag in _SECTIONS:
            sections += 1 if entered else -1
        elif entered and not sections and node.mem_id in frames:
            around.add(node.mem_id)
    return around


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _ids(nodes: Iterable[LexborNode]) -> set[int]:
    return {node.mem_id for node in nodes}


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        "hidden" in attributes
        or (attributes.get("aria-hidden") or "").strip().lower() == "true"
        or _HIDDEN_BY_STYLE.search(attributes.get("style") or "") is not None
    )


def _is_mark(link: LexborNode) -> bool:
    node: LexborNode | None = link
    for _ in range(_DEEPEST_MARK):
        node = node.child if node is not None else None
        if node is None or node.next is not None:
            return False
        if node.tag == TEXT:
            return (node.text_content or "").strip() in _MARK_TEXTS
    return False


def _closed(match: re.Match[str]) -> str:
    name, attributes = match.groups()
    return match[0] if name.lower() in _VOID else f"<{name}{attributes}></{name}>"
