"""Files made to cost whoever reads them time or memory, by name."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

import offices
from seeds import CHAPTERS


def _flate_bomb() -> bytes:
    """A PDF whose only page unpacks to a gigabyte."""
    packer = zlib.compressobj(9)
    stream = b"".join([*(packer.compress(b" " * (1 << 20)) for _ in range(1000)), packer.flush()])
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length "
        + str(len(stream)).encode()
        + b">>stream\n"
        + stream
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


def _pages_in_a_circle() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 3 0 R]/Count 99999>>endobj\n"
        b"3 0 obj<</Type/Pages/Parent 3 0 R/Kids[2 0 R 3 0 R]/Count 99999>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


def _doubled(first: bytes, twice: bytes, times: int) -> bytes:
    """Front matter in which each field holds the one before it twice."""
    fields = (b"a%d: &a%d " % (n, n) + twice % (n - 1, n - 1) + b"\n" for n in range(1, times))
    return b"---\na0: &a0 " + first + b"\n" + b"".join(fields) + b"---\nx"


def _repeated_cells() -> bytes:
    return offices.odt(
        '<table:table><table:table-row table:number-rows-repeated="999999999">'
        '<table:table-cell table:number-columns-repeated="999999999"><text:p>x</text:p></table:table-cell>'
        "</table:table-row></table:table>"
    )


def _repeated_chapter() -> bytes:
    chapter = '<itemref idref="a"/>'
    return offices.packed(CHAPTERS | {"b.opf": CHAPTERS["b.opf"].replace(chapter, chapter * 300_000)})


HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "deep.html": lambda: b"<div>" * 1_000_000 + b"x",
    "deep tables.html": lambda: b"<table><tr><td>" * 200_000 + b"x",
    "formats.html": lambda: b"<b><i><p>" * 100_000 + b"x",
    "links.html": lambda: b"<a href=x><p>" * 100_000 + b"x",
    "attributes.html": lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">x",
    "one attribute.html": lambda: b"<p title='" + b"x" * 20_000_000 + b"'>x",
    "ampersands.html": lambda: b"<p>" + b"&" * 10_000_000,
    "comments.html": lambda: b"<!--" * 3_000_000 + b"-->x",
    "spans.html": lambda: b"<table>" + b"<tr><td colspan=1000 rowspan=60000>x</td></tr>" * 20_000,
    "self closed.xhtml": lambda: b"<?xml version='1.0'?><html><body>" + b"<a x='" * 500_000,
    "forms.html": lambda: b"<form>" * 300_000 + b"<h1>x</h1>" * 300_000,
    "quotes.md": lambda: b">" * 100_000 + b"x",
    "lists.md": lambda: b"- " * 50_000 + b"x",
    "brackets.md": lambda: b"[" * 500_000,
    "links.md": lambda: b"[a](<b" * 200_000,
    "images.md": lambda: b"![[]()" * 200_000,
    "emphasis.md": lambda: b"*a **a _a " * 100_000,
    "ticks.md": lambda: b"".join(b"x" + b"`" * n for n in range(3_000)),
    "columns.md": lambda: b"|a" * 5_000 + b"\n" + b"|-" * 5_000 + b"\n" + b"|a\n" * 5_000,
    "references.md": lambda: b"".join(b"[x%d]: /y\n" % n for n in range(100_000)) + b"[x" * 100_000,
    "entities.md": lambda: b"&#" * 3_000_000,
    "html.md": lambda: b"<!-- x\n" * 500_000,
    "brackets in front.md": lambda: b"---\na: " + b"[" * 60_000 + b"\n---\nx",
    "keys in front.md": lambda: b"---\n" + b"? " * 30_000 + b"\n---\nx",
    "aliases in front.md": lambda: _doubled(b"[x]", b"[*a%d,*a%d]", 900),
    "spaces in front.md": lambda: b"---\na: " + b" \n" * 30_000 + b"'\n---\nx",
    "merged keys in front.md": lambda: _doubled(b"{x: 1}", b"{<<: [*a%d,*a%d]}", 60),
    "quotation marks.csv": lambda: b'"' * 5_000_001,
    "delimiters.csv": lambda: b"," * 10_000_000,
    "open cells.csv": lambda: b'a,"b\n' * 1_000_000,
    "columns.csv": lambda: b",".join(b"c%d" % n for n in range(3_000)) + b"\n" + (b"x," * 3_000 + b"\n") * 1_000,
    "accents.txt": lambda: "a\u0301".encode() * 5_000_000,
    "lines.txt": lambda: b" \n" * 10_000_000 + b"x",
    "bullets.txt": lambda: b"(1) (a) - x\n" * 1_000_000,
    "any bytes.txt": lambda: bytes(range(128, 256)) * 50_000,
    "latin words.txt": lambda: "señal\n".encode("latin-1") * 3_000_000,
    "bomb.pdf": _flate_bomb,
    "circle.pdf": _pages_in_a_circle,
    "brackets.pdf": lambda: b"%PDF-1.4\n1 0 obj" + b"[" * 5_000_000,
    "names.pdf": lambda: b"%PDF-1.4\n" + b"<</Length 3 0 R>>stream\nendstream endobj\n1 0 obj" * 100_000,
    "paragraphs.docx": lambda: offices.docx("<w:p/>" * 2_900_000),
    "runs.docx": lambda: offices.docx("<w:p>" + offices.run("x") * 300_000 + "</w:p>"),
    "cells.odt": _repeated_cells,
    "spaces.odt": lambda: offices.odt('<text:p>a<text:s text:c="999999999"/>b</text:p>'),
    "parts.epub": lambda: offices.packed({f"{n}.xhtml": "" for n in range(20_000)}),
    "one chapter often.epub": _repeated_chapter,
}  # fmt: skip
