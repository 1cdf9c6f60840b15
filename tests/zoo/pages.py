"""Good web pages, tables and books."""

from __future__ import annotations

from collections.abc import Iterator

import offices
from plain import (
    ARABIC,
    ASK_ARABIC,
    ASK_CHINESE,
    ASK_HEBREW,
    CHINESE,
    HARBOUR,
    HEBREW,
    SAYS_ARABIC,
    SAYS_CHINESE,
    SAYS_HEBREW,
)
from specimens import Good

_BUILT = ("When was the old harbour built?", "The old harbour was built in 1911.")
_AURORA = "Where does the Aurora sail in May?"


def page(body: str, head: str = "<title>Ports</title>") -> str:
    """A page of HTML."""
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def htmls() -> Iterator[Good]:
    """``.html``, ``.htm`` and ``.xhtml``."""
    article = f"<h1>Ports</h1><h2>The Harbour</h2><p>{HARBOUR}</p>"
    yield _html("web/sections.html", page(article), *_BUILT, place="The Harbour, ¶ 1")
    around = "<nav><a href=/>Home</a> <a href=/x>The old harbour was sold</a></nav>"
    yield _html("web/around.html", page(f"{around}<main>{article}</main><script>var x = '<p>no'</script>"), *_BUILT)
    yield _html("web/arabic.html", page(f"<p dir=rtl>{ARABIC}</p>"), ASK_ARABIC, SAYS_ARABIC)
    yield _html("web/hebrew.htm", page(f"<p>{HEBREW}</p>"), ASK_HEBREW, SAYS_HEBREW)
    declared = page(f"<p>{CHINESE}</p>", '<meta charset="gb2312">')
    yield Good("web/chinese.html", declared.encode("gb18030"), ASK_CHINESE, SAYS_CHINESE)
    latin = page("<p>El puerto de Perú se abrió en mayo de 1911.</p>", '<meta charset="iso-8859-1">')
    yield Good(
        "web/latin.html",
        latin.encode("latin-1"),
        "¿En qué mayo se abrió el puerto?",
        "El puerto de Perú se abrió en mayo de 1911.",
    )
    yield _html(
        "web/entities.html",
        page("<p>Caf&eacute; &Eacute;lys&eacute;e &#x1F6A2; opened in 1911 &mdash; early.</p>"),
        "When did Café Élysée open?",
        "Café Élysée 🚢 opened in 1911 — early.",
    )
    yield _html("web/unclosed.html", f"<p>One<p><b><i>Two</b><table><tr><td>{HARBOUR}", *_BUILT)
    yield _html("web/nothing but text.html", HARBOUR, *_BUILT)
    xhtml = f'<?xml version="1.0"?>{_chapter(f"<p>{HARBOUR}</p>")}'
    yield _html("web/strict.xhtml", xhtml, *_BUILT)
    table = "<table><tr><th>Ship</th><th>Sails in May</th></tr><tr><td>Aurora</td><td>to Callao</td></tr></table>"
    yield _html("web/table.html", page(table), _AURORA, "Ship: Aurora; Sails in May: to Callao", place="item")
    yield _html("web/deep.html", page("<div>" * 20_000 + HARBOUR), *_BUILT)
    laughs = "<!ENTITY a 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 20))
    yield _html(
        "web/laughing.html", f"<!DOCTYPE html [{laughs}]><html><body><p>{HARBOUR} &a19;</p></body></html>", *_BUILT
    )
    yield _html(
        "web/words in attributes.html", page(f"<p title='{'x' * 200_000}' onclick='harbour()'>{HARBOUR}</p>"), *_BUILT
    )


def tables() -> Iterator[Good]:
    """``.csv`` and ``.tsv``."""
    says = "Ship: The Aurora; Sails in May: to Callao"
    rows = [("Ship", "Sails in May"), ("The Aurora", "to Callao"), ("The Bolivar", "nowhere at all")]
    for name, delimiter in (("comma.csv", ","), ("semicolon.csv", ";"), ("tab.tsv", "\t"), ("bar.csv", "|")):
        text = "\n".join(delimiter.join(row) for row in rows)
        yield Good(f"tables/{name}", text.encode(), _AURORA, says, place="row 2")
    yield Good(
        "tables/quoted.csv",
        b'Ship,Sails in May\r\n"The Aurora","to\r\nCallao, Peru"\r\nBolivar,no\r\n',
        _AURORA,
        "Ship: The Aurora; Sails in May: to Callao, Peru",
        place="row 2",
    )
    yield Good(
        "tables/arabic.csv",
        "المدينة,سنة البناء\nميناء عدن القديم,بني عام ١٩١١\n".encode(),
        ASK_ARABIC,
        "المدينة: ميناء عدن القديم; سنة البناء: بني عام ١٩١١",
    )
    yield Good(
        "tables/chinese.csv",
        "港口,建造年份\n天津的旧港口,建于一九一一年\n".encode("utf-8-sig"),
        ASK_CHINESE,
        "港口: 天津的旧港口; 建造年份: 建于一九一一年",
    )
    yield Good(
        "tables/latin.csv",
        "Puerto,Año\nEl puerto de Perú,se abrió en mayo de 1911\nCádiz,mañana\n".encode("latin-1"),
        "¿Cuándo se abrió el puerto de Perú?",
        "Puerto: El puerto de Perú; Año: se abrió en mayo de 1911",
        notice="not UTF-8",
    )
    yield Good(
        "tables/no header.csv",
        b"1,The Aurora sails,Callao\n2,The Bolivar stays,Lima\n",
        _AURORA,
        "1 | The Aurora sails | Callao",
    )
    yield Good(
        "tables/one column.csv",
        f"Notes\n{HARBOUR}\nThe end of it.\n".encode(),
        "When was the old harbour built?",
        HARBOUR,
    )
    open_end = b"Ship,Sails in May\n" + b"Bolivar,nowhere\n" * 9 + b'The Aurora,"to Callao\nx,y\n'
    yield Good(
        "tables/never closed.csv",
        open_end,
        _AURORA,
        'Ship: The Aurora; Sails in May: "to Callao',
        place="row 11",
        notice="never closed",
    )


def epub(*chapters: str, **parts: str) -> dict[str, str | bytes]:
    """The parts of a book whose chapters are bodies in XHTML; ``parts`` such as ``encryption`` go to META-INF."""
    listed = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="b/book.opf"/></rootfiles></container>',
        "b/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>On Ports</dc:title></metadata><manifest>{listed}</manifest>"
        f"<spine>{spine}</spine></package>",
        **{f"b/c{n}.xhtml": _chapter(chapter) for n, chapter in enumerate(chapters)},
        **{f"META-INF/{name}.xml": part for name, part in parts.items()},
    }


def books() -> Iterator[Good]:
    """``.epub``."""
    two = epub("<h1>Opening</h1><p>A pier burnt down.</p>", f"<h1>The Harbour</h1><p>{HARBOUR}</p>")
    yield Good("books/two chapters.epub", offices.packed(two), *_BUILT, place="The Harbour")
    yield Good("books/chinese.epub", offices.packed(epub(f"<p>{CHINESE}</p>")), ASK_CHINESE, SAYS_CHINESE)
    yield Good("books/arabic.epub", offices.packed(epub(f"<p>{ARABIC}</p>")), ASK_ARABIC, SAYS_ARABIC)


def _chapter(body: str) -> str:
    return f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{body}</body></html>'


def _html(name: str, source: str, question: str, quote: str, **more: str) -> Good:
    return Good(name, source.encode(), question, quote, **more)
