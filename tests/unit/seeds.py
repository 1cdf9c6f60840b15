"""Small valid files of every kind that is read, each with much of what its kind can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import offices
import pdfs

_PROSE = (
    "The Harbour\n\nIt was built in 1911, “they say”. Who paid? Nobody knows – not even J. Núñez.\n\n- one 🚢\n- two\n"
)
FRONT_FIELDS = (
    "title: On Ports\nauthor: {name: A, of: [b, 'c']}\ndate: 2020-02-30\nsources:\n- title: x\n  url: http://a\n"
    "- &y y\n- *y\nconfidence: [high, 1.5, .inf, 0x1F, 1:30, ~]\nkind: !!str 12\nabout: |\n  two\n  lines\n"
)
BODY = (
    "# Ports\n\n> quoted *text* with [a](b) and `code`\n\n| a | b |\n|---|---|\n| c | d |\n\n1. one\n   - two\n\n"
    "```\nx\n```\n<b>&amp;</b>\n"
)
_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Ports</title>'
    '<meta name="author" content="A. B.">'
    '<meta property="article:published_time" content="2020-02-03T04:05"></head><body><header><nav><a href="/">Home</a>'
    "</nav></header><main><h1>Ports</h1><p>It was <b>built</b> in&nbsp;1911.<br>Who paid?</p>"
    "<ul><li>one<ul><li>two</ul></ul>"
    "<table><tr><th>a<th colspan=2>b</tr><tr><td rowspan=2>c<td>d<td>e</tr><tr><td>f</table>"
    "<pre> x\n y</pre><form><input>"
    "</form><p hidden>no</p><script>var x='<p>'</script></main><footer>end</footer></body></html>"
)
_XHTML = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
    "<head><title/></head><body><p>Text &#xD7FF; here.</p><p/></body></html>"
)
CHAPTERS = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="b.opf"/></rootfiles></container>',
    "b.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
    "<dc:title>On Ports</dc:title><dc:creator>A. B.</dc:creator><dc:date>2020</dc:date></metadata><manifest>"
    '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="c" href="c%20d.html" media-type="text/html"/>'
    '</manifest><spine><itemref idref="a"/><itemref idref="c"/></spine></package>',
    "a.xhtml": _XHTML,
    "c d.html": _PAGE,
}
_WORDS = (
    '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>',
    "<w:tab/><w:br/><w:noBreakHyphen/><w:softHyphen/>",
    '<w:fldSimple w:instr="PAGE"><w:r><w:t>7</w:t></w:r></w:fldSimple>',
)


def _docx_parts() -> dict[str, str | bytes]:
    row = offices.docx_cell("Ship", '<w:gridSpan w:val="2"/>') + offices.docx_cell(
        "Port", '<w:vMerge w:val="restart"/>'
    )
    body = (
        offices.paragraph("Ports", '<w:pStyle w:val="Heading1"/>')
        + offices.paragraph(offices.run("It was built in 1911.") + '<w:r><w:footnoteReference w:id="2"/></w:r>')
        + offices.paragraph("one", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
        + offices.docx_table(row, offices.docx_cell("Aurora") + offices.docx_cell("") + offices.docx_cell("Callao"))
        + f"<w:p><w:r>{''.join(_WORDS[1:2])}</w:r>{_WORDS[2]}<w:del>{offices.run('gone')}</w:del></w:p>"
    )
    styles = offices.docx_style("Heading1", "heading 1", '<w:basedOn w:val="Heading1"/>')
    footnote = f'<w:footnote w:id="2">{offices.paragraph("A note.")}</w:footnote>'
    return offices.docx_parts(body, styles, footnote)


def _odt_parts() -> dict[str, str | bytes]:
    text = (
        '<text:h text:outline-level="1">Ports</text:h><text:p text:style-name="P1">It was<text:s text:c="3"/>built.'
        '<text:note text:note-class="footnote"><text:note-body>'
        "<text:p>A note.</text:p></text:note-body></text:note></text:p>"
        "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list><table:table><table:table-row>"
        '<table:table-cell table:number-columns-repeated="2"><text:p>Ship</text:p></table:table-cell></table:table-row>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell><text:p>Aurora</text:p></table:table-cell>'
        "</table:table-row></table:table>"
    )
    meta = "<dc:title>On Ports</dc:title><dc:date>2020-01-02T03:04:05</dc:date>"
    return offices.odt_parts(text, offices.odt_style("P1", 'fo:font-weight="bold"'), offices.odt_style("S"), meta)


def _pdfs() -> Iterator[bytes]:
    heading = pdfs.Drawn(72, 60, "The Harbour", pdfs.BOLD, 18)
    pages = (
        [heading, *pdfs.wrapped(72, 100, "It was built in 1911. Who paid for the con- sensus? " * 6)],
        [*pdfs.wrapped(72, 90, "And so on.")],
    )
    yield pdfs.make(*pages, compressed=False, title="On Ports", author="A. B.")
    yield pdfs.make(*pages)
    yield pdfs.make([pdfs.Drawn(72, 100, "天津的旧港口。", pdfs.CHINESE, 12)], [pdfs.IMAGE], compressed=False)


PACKAGES: Mapping[str, Mapping[str, str | bytes]] = {".docx": _docx_parts(), ".epub": CHAPTERS, ".odt": _odt_parts()}
SEEDS: Mapping[str, tuple[bytes, ...]] = {
    ".csv": (
        b'Ship,Port\nAurora,Callao\n"a, b","c\nd"\n',
        "a;b;c\n1;2,5;é\n".encode("latin-1"),
        b"sep=|\nx|y\n1|2\n",
    ),
    ".docx": (offices.packed(PACKAGES[".docx"]),),
    ".epub": (offices.packed(PACKAGES[".epub"]),),
    ".html": (_PAGE.encode(), _XHTML.encode(), _PAGE.replace("utf-8", "shift_jis").encode("shift_jis", "replace")),
    ".md": (f"---\n{FRONT_FIELDS}---\n{BODY}".encode(), BODY.encode(), BODY.encode("utf-16")),
    ".odt": (offices.packed(PACKAGES[".odt"]),),
    ".pdf": tuple(_pdfs()),
    ".tsv": (b"Ship\tPort\nAurora\tCallao\n",),
    ".txt": (_PROSE.encode(), _PROSE.encode("utf-16"), _PROSE.encode("cp1252", "replace"), _PROSE.encode("utf-32")),
}
