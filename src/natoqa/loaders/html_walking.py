"""Walking a page's tree without recursion: pages may be nested deeper than Python's stack."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

TEXT = "-text"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# What begins and ends a block of text by itself.
BLOCKS = frozenset(
    (
        *HEADINGS,
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html"),
        *("legend", "li", "listing", "main", "menu", "nav", "ol", "p", "plaintext", "pre", "search", "section"),
        *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "xmp"),
    )
)


def walk(top: LexborNode, passed_over: Set[int]) -> Iterator[tuple[str, LexborNode, bool]]:
    """(tag, node, whether it is entered or left) in reading order; texts have the tag ``-text`` and are not left.

    Nodes whose ``mem_id`` is in ``passed_over`` are not met, but for ``top``. A node that is put there when it is
    entered is left again at once.
    """
    end = top.mem_id
    node: LexborNode = top
    while True:
        tag = node.tag or ""
        child = None
        if node.mem_id == end or node.mem_id not in passed_over:
            yield tag, node, True
            child = node.child if node.mem_id not in passed_over or node.mem_id == end else None
            if child is None and tag != TEXT:
                yield tag, node, False
        if child is not None:
            node = child
            continue
        while node.mem_id != end:
            if (following := node.next) is not None:
                node = following
                break
            if (parent := node.parent) is None:
                return
            node = parent
            yield node.tag or "", node, False
        else:
            return
