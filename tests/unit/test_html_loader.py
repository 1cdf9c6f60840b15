"""Web pages: what is read, what is left out, what is known about them, and pages that mean harm."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import html
from natoqa.loaders.html_metadata import normal_date
from natoqa.loaders.loaded import Loaded, one_line
from natoqa.types import Metadata


def load(page: str | bytes) -> Loaded:
    return html.load(page.encode() if isinstance(page, str) else page, Limits())


def _blocks(page: str) -> list[tuple[str, str]]:
    """(kind, text from the landmark to the next)."""
    loaded = load(page)
    ends = [*(mark.offset for mark in loaded.landmarks[1:]), len(loaded.text)]
    return [
        (mark.kind.value, loaded.text[mark.offset : end].rstrip("\n"))
        for mark, end in zip(loaded.landmarks, ends, strict=True)
    ]


def _is_sound(loaded: Loaded) -> bool:
    offsets = [mark.offset for mark in loaded.landmarks]
    kept = loaded.text.replace("\n", "").replace("\t", "")
    return (
        loaded.text == loaded.text.strip()
        and offsets == sorted(set(offsets))
        and offsets[0] == 0
        and offsets[-1] < len(loaded.text)
        and not any(loaded.text[offset].isspace() for offset in offsets)
        and re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", kept) is None
        and all(mark.label == one_line(mark.label) for mark in loaded.landmarks)
        and all(line == one_line(line) for line in (loaded.metadata.title, loaded.metadata.author))
    )


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Satellites &amp; more</title>
<style>.evil { color: STYLED }</style><script>var x = "SCRIPTED";</script></head>
<body onload="ONLOAD()">
<header><nav><a href="/">NAVIGATED</a></nav><p>SITENAME</p></header>
<div role="navigation">ROLE</div>
<aside>ASIDE</aside>
<h1>Chinese   <em>satellites</em></h1>
<p onclick="ONCLICK()" title="TOOLTIP">The first was
 launched in&nbsp;1970.<br>It weighed <b>173</b>&#8239;kg.<!-- COMMENTED --></p>
<h2>Later ones</h2>
<ul><li>One</li><li><p>Two</p><p>More on two.</p><ul><li>Nested</ul></ul>
<blockquote>Quoted.</blockquote>
<pre>
if x:
    y = 1
</pre>
<figure><img src="x.png" alt="ALT"><figcaption>A rocket.</figcaption></figure>
<dl><dt>Orbit</dt><dd>A path.</dd></dl>
<p hidden>HIDDEN</p><p aria-hidden="true">ARIA</p><p style="color: red; DISPLAY : none">STYLE</p>
<template><p>TEMPLATE</p></template><noscript><p>NOSCRIPT</p></noscript><iframe>IFRAME</iframe>
<form><label>FORM</label></form><button>BUTTON</button><select><option>OPTION</option></select>
<svg><title>SVG</title><text>DRAWN</text></svg>
<footer>FOOTER</footer>
</body></html>"""


def test_a_page_becomes_blocks_of_text() -> None:
    assert _blocks(PAGE) == [
        ("title", "Chinese satellites"),
        ("paragraph", "The first was launched in 1970.\nIt weighed 173 kg."),
        ("heading", "Later ones"),
        ("item", "One"),
        ("item", "Two"),
        ("paragraph", "More on two."),
        ("item", "Nested"),
        ("paragraph", "Quoted."),
        ("paragraph", "if x:\n    y = 1"),
        ("paragraph", "A rocket."),
        ("paragraph", "Orbit: A path."),
    ]
    assert "\n\n".join(text for _, text in _blocks(PAGE)) == load(PAGE).text


def test_what_is_not_read_on_the_page_is_not_in_its_text() -> None:
    assert re.findall(r"[A-Z]{3,}", load(PAGE).text) == []


def test_landmarks_are_numbered_within_their_section() -> None:
    labels = [mark.label for mark in load("<h1>T</h1><p>a<p>b<h2>S</h2><p>c<ul><li>d<li>e").landmarks]
    assert labels == ["T", "¶ 1", "¶ 2", "S", "¶ 1", "item 1", "item 2"]


def test_only_an_h1_that_opens_the_text_is_its_title() -> None:
    assert _blocks("<p>a</p><h1>b</h1><p>c") == [("paragraph", "a"), ("heading", "b"), ("paragraph", "c")]
    assert _blocks("<h2>a</h2><p>b") == [("heading", "a"), ("paragraph", "b")]


def test_a_heading_is_one_line_and_no_longer_than_a_heading() -> None:
    assert _blocks("<h2>a<br><br>b <div>c</div></h2><p>d")[0] == ("heading", "a b")
    assert _blocks("<h1>" + "word " * 100 + "<p>b")[0][0] == "paragraph"


def test_two_line_breaks_end_a_paragraph() -> None:
    assert _blocks("<p>a<br>b<br> <br>c</p>") == [("paragraph", "a\nb"), ("paragraph", "c")]


def test_the_main_part_or_the_only_article_is_read_alone() -> None:
    assert load("<body><div>menu</div><main><p>Text.</p></main><div>more</div>").text == "Text."
    assert load("<body><div>menu</div><div role=main><p>Text.</p></div>").text == "Text."
    assert load("<body><div>menu</div><article><p>Text.</p></article>").text == "Text."
    assert load("<body><article>One.</article><article>Two.</article>").text == "One.\n\nTwo."


def test_an_article_or_main_part_that_holds_almost_nothing_is_not_read_alone() -> None:
    text = "A long text outside. " * 20
    for name in ("article", "main"):
        assert text.strip() in load(f"<body><{name}>Note.</{name}><p>{text}</p>").text


def test_header_and_footer_of_an_article_are_part_of_it() -> None:
    page = "<body><header>Site</header><article><header><h2>T</h2>By A.</header><p>x<footer>Note.</footer></article>"
    assert load(page + "<article>Other.</article><footer>Site</footer>").text == "T\n\nBy A.\n\nx\n\nNote.\n\nOther."


def test_a_header_with_the_only_h1_is_kept() -> None:
    page = "<body><header><nav>Menu</nav><h1>Title</h1></header><p>Text.</p>"
    assert load(page).text == "Title\n\nText."
    assert load(page + "<h1>Another</h1>").text == "Text.\n\nAnother"


def test_a_page_that_would_be_empty_without_its_surroundings_is_read_whole() -> None:
    assert load("<body><nav>Everything is in here.</nav>").text == "Everything is in here."
    form = "<body><nav>Menu</nav><form><p>" + "The page is a form. " * 20 + "</p><input value=x></form>"
    assert load(form).text == ("The page is a form. " * 20).strip()


def test_rows_of_a_table_can_be_understood_alone() -> None:
    page = (
        "<p>Before.<table><caption>Spending</caption><tr><th>Country<th>2001<th>Note"
        "<tr><td>Chile<td>2.3<td><ul><li>a<li>b</ul><tr><td>Perú<td><td>x<br>y</table><p>After."
    )
    assert _blocks(page) == [
        ("paragraph", "Before."),
        ("paragraph", "Spending"),
        ("markup", "Country | 2001 | Note"),
        ("item", "Country: Chile; 2001: 2.3; Note: a, b"),
        ("item", "Country: Perú; Note: x y"),
        ("paragraph", "After."),
    ]
    assert "\nCountry: Chile; 2001: 2.3; Note: a, b\nCountry: Perú" in load(page).text


def test_without_a_header_row_cells_stand_side_by_side() -> None:
    assert load("<table><tr><td>a<td>b<tr><td>c<td>d</table>").text == "a | b\nc | d"
    assert load("<table><tr><th>Capital<td>Lima<tr><th>People<td>34 m</table>").text == "Capital: Lima\nPeople: 34 m"


def test_cells_that_span_rows_and_columns_keep_their_place() -> None:
    page = (
        "<table><thead><tr><th rowspan=2>Land<th colspan=2>Exports<tr><th>2001<th>2002</thead>"
        "<tr><td rowspan=2>A<td>1<td>2<tr><td>3<td>4<tr><td>B<td colspan=2>none</table>"
    )
    assert load(page).text.split("\n") == [
        "Land | Exports 2001 | Exports 2002",
        "Land: A; Exports 2001: 1; Exports 2002: 2",
        "Land: A; Exports 2001: 3; Exports 2002: 4",
        "Land: B; Exports 2001: none",
    ]


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td>Menu<td><p>Long</p><p>text.</p></table>",
        "<table><tr><td>Menu<tr><td><p>Long<p>text.</table>",
        "<table><tr><td>Menu<td><h3>Long</h3>text.<tr><td><td></table>",
        "<table role=presentation><tr><td>Menu<td>Long<tr><td>text.<td></table>",
        "<table><tr><td>Menu<td>Long<tr><td><table><tr><td>text.</table><td></table>",
    ],
)
def test_a_table_that_lays_out_a_page_is_read_as_text(table: str) -> None:
    assert load(table).text == "Menu\n\nLong\n\ntext."


def test_a_title_over_all_columns_is_no_header() -> None:
    page = "<table><tr><th colspan=2>Launches<tr><th>Year<th>Place<tr><td>1970<td>Jiuquan</table>"
    assert load(page).text == "Launches\nYear | Place\nYear: 1970; Place: Jiuquan"


def test_hidden_cells_and_scripts_are_in_no_row() -> None:
    page = "<table><tr><th>A<th>B<tr><td>1<script>evil()</script><td hidden>2<td>3<tr><td>4<td>5</table>"
    assert load(page).text == "A | B\nA: 1; B: 3\nA: 4; B: 5"


def test_characters_that_are_not_text_are_gone() -> None:
    loaded = load("<p>a&#1;b&#xD800;c&#0;d&#x9b;e&#x7f;f\x1bg com&shy;puter&#x2028;line</p><pre>x&#13;y&#12;z</pre>")
    assert _is_sound(loaded)
    assert "computer line" in loaded.text
    assert loaded.text.endswith("x\ny\nz")


def test_entities_and_other_scripts_are_decoded() -> None:
    assert load("<p>&lt;b&gt; &eacute; &#233; &#x4e2d;文 عربي 🚀 &bogus;").text == "<b> é é 中文 عربي 🚀 &bogus;"


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("cp1251", '<meta charset="windows-1251">'),
        ("koi8-r", "<META http-equiv=Content-Type content='text/html; charset=koi8-r'>"),
        ("cp1252", "<meta charset=iso-8859-1>"),
        ("gb18030", '<meta name=x content=y><meta charset="gb2312">'),
        ("shift_jis", '<?xml version="1.0" encoding="Shift_JIS"?>'),
        ("utf-8", "<meta charset=utf-8>"),
        ("utf-8", "<meta charset=iso-8859-1>"),
        ("utf-8", ""),
        ("utf-8-sig", "<meta charset=windows-1251>"),
        ("utf-16", ""),
    ],
)
def test_the_encoding_is_what_the_page_says_unless_its_bytes_say_otherwise(encoding: str, declaration: str) -> None:
    text = {"cp1251": "Спутник", "koi8-r": "Спутник", "gb18030": "卫星", "shift_jis": "衛星"}.get(encoding, "café – 1")
    loaded = load(f"{declaration}<p>{text}".encode(encoding))
    assert (loaded.text, loaded.notes) == (text, ())


@pytest.mark.parametrize("name", ["zlib", "rot13", "punycode", "unicode_escape", "utf-7", "no-such", "idna", "hex"])
def test_no_codec_that_is_no_encoding_of_pages_is_used(name: str) -> None:
    assert load(f"<meta charset={name}><p>a\\u0041+AGE-".encode()).text == "a\\u0041+AGE-"


def test_single_bytes_that_are_not_in_the_declared_encoding_are_noted() -> None:
    loaded = load(b"<meta charset=windows-1252><p>" + b"caf\xe9 " * 500 + b"\x81")
    assert loaded.text.count("café") == 500
    assert loaded.notes == ("1 characters are not cp1252, as it declares",)


def test_metadata_is_what_the_page_says_of_itself() -> None:
    page = (
        "<head><title>A page | Site</title><meta property='og:title' content='A &quot;page&quot;'>"
        "<meta name=Author content=' A.\n Writer '><meta property=article:published_time content=2024-03-05T10:00Z>"
        "</head><body><h1>Heading</h1>"
    )
    assert load(page).metadata == Metadata(title='A "page"', author="A. Writer", date="2024-03-05")


def test_without_any_the_title_is_the_first_heading() -> None:
    assert load("<title> </title><p>x<h2>Heading</h2>").metadata == Metadata(title="Heading")
    assert load("<title>Title\n line</title><h2>Heading</h2>").metadata.title == "Title line"
    assert load("<p>x").metadata == Metadata()


def test_a_link_to_a_profile_is_no_author_and_an_article_dates_itself() -> None:
    page = (
        "<meta property=article:author content=https://example.org/me><meta name=dc.creator content=Ann>"
        "<article><header><time datetime=2020-02-01>February</time></header>x</article>"
    )
    assert load(page).metadata == Metadata(author="Ann", date="2020-02-01")


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        ("2024-03-05T23:10:00+02:00", "2024-03-05"),
        ("5 March 2024", "2024-03-05"),
        ("March 5, 2024", "2024-03-05"),
        ("Tue, 05 Mar 2024 10:00:00 GMT", "2024-03-05"),
        ("2024/03/05", "2024-03-05"),
        ("2024", "2024"),
        ("spring\n2024\x1b", "spring 2024"),
        ("2024-13-45", "2024-13-45"),
        ("", ""),
    ],
)
def test_dates_are_normalised_if_they_parse(stated: str, date: str) -> None:
    assert normal_date(stated) == date


def test_what_xhtml_closes_by_itself_is_closed() -> None:
    page = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="a>b"/></head>'
        '<body><p>a<br/>b</p><div class="x"/><p>c <a id="y"/>d</p></body></html>'
    )
    assert load(page).text == "a\nb\n\nc d"


@pytest.mark.parametrize(
    "page", ["<p> </p>", "<script>x</script>", "<!-- x -->", "<frameset><frame src=x></frameset>", "<img alt=x>"]
)
def test_a_page_without_text_is_refused(page: str) -> None:
    with pytest.raises(UnreadableFile, match="it has no text"):
        load(page)


def test_empty_and_binary_files_are_refused() -> None:
    for data in (b"", b"\x00\x01\x02" * 100, b"<p>" + bytes(100)):
        with pytest.raises(UnreadableFile):
            load(data)


@pytest.mark.parametrize(
    "page",
    [
        "<span>" * 100_000 + "x",
        "<span>" * 100_000 + "x" + "</span>" * 100_000,
        "<div>" * 5_000 + "x",
        "<ul><li>" * 5_000 + "x",
        "<table><tr><td>" * 10_000 + "x",
        "<table><tr><td>a<td>b" * 10_000 + "x",
        "<b><p></b>" * 3_000 + "x",
        "<header>" * 3_000 + "x",
        "<nav><main><article>" * 1_000 + "x",
        "<select><selectedcontent>" * 3_000 + "<option>" * 3_000 + "</select>x",
        "<p " + " ".join(f"a{index}=1" for index in range(5_000)) + ">x",
        "<p style='" + "display:" * 200_000 + "'>x",
        "<p>x<" * 20_000,
        "<meta " * 50_000 + "x",
        "<?xml " + "<a '<a \"" * 50_000 + "x",
        "<?xml " + "<a " * 100_000 + "x",
        "<!--" * 100_000 + "--><p>x",
        "x<br>" * 50_000,
        "<p>x" + " <i> </i>\n" * 50_000 + "y",
        "<pre>x" + "\n \n" * 100_000 + "y",
        "<table><tr>" + "<td rowspan=1000 colspan=1000>x" * 2_000 + "<tr>" * 2_000 + "</table>",
        "<h1>" * 3_000 + "x",
        "<table><thead>" + "<tr><th>x<th>y" * 20_000 + "<tbody><tr><td>1<td>2</table>",
    ],
    ids=lambda page: page[:24],
)
def test_hostile_pages_neither_crash_nor_hang(page: str) -> None:
    began = time.perf_counter()
    with suppress(UnreadableFile):
        assert _is_sound(load(page))
    assert time.perf_counter() - began < 5


@pytest.mark.slow
def test_a_hundred_thousand_nested_blocks_are_read() -> None:
    assert load("<div>" * 100_000 + "x").text == "x"


def test_text_that_spans_of_cells_multiply_is_refused() -> None:
    page = "<table><tr><td rowspan=1000>" + "x" * 900 + "<td>y" + "<tr><td>y" * 2_000
    with pytest.raises(UnreadableFile, match="longer than"):
        html.load(page.encode(), Limits(characters=100_000))


_TAGS = (
    *("p", "div", "span", "b", "a", "h1", "h2", "ul", "li", "br", "pre", "table", "tr", "td", "th", "thead"),
    *("main", "article", "header", "nav", "script", "title", "form", "svg", "math"),
)
_PIECES = (
    st.sampled_from([f"<{tag}>" for tag in _TAGS] + [f"</{tag}>" for tag in _TAGS])
    | st.sampled_from(
        ["<", ">", "&", "&#", "&amp;", "<!--", "-->", '"', "<p hidden>", "<td colspan=3 rowspan=2>", "\x00"]
    )
    | st.text(max_size=5)
)


@given(st.lists(_PIECES, max_size=40).map(lambda pieces: "".join(pieces).encode("utf-8", "replace")))
@example(b"<table><tr><th>a<td>b<tr><td rowspan=2>c<th>d<tr></table>")
@example(b"<table><caption>x</caption><tr><td></table>")
def test_any_soup_of_tags_is_read_or_refused(data: bytes) -> None:
    with suppress(UnreadableFile):
        assert _is_sound(load(data))


@given(
    st.binary(max_size=200)
    | st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=10).map(
        lambda changes: _changed(PAGE.encode(), changes)
    )
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(UnreadableFile):
        assert _is_sound(load(data))


def _changed(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for place, value in changes:
        changed[place % len(changed)] = value
    return bytes(changed)


@given(st.lists(st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1), min_size=1, max_size=8))
def test_paragraphs_come_out_in_order_and_whole(words: list[str]) -> None:
    assert load("".join(f"<p>{word}</p>" for word in words)).text == "\n\n".join(words)


def test_marks_for_editors_and_links_to_the_place_itself_are_not_text() -> None:
    page = (
        "<h2>History<span class=mw-editsection>[<a href=/edit>edit</a>]</span></h2>"
        "<p>It was built in 1957.<sup class=reference><a href='#n12'>[12]</a></sup> It is long.<sup class='noprint "
        "Inline-Template Template-Fact'>[<i>citation needed</i>]</sup></p>"
        "<h2>Installation<a class=headerlink href='#i'>¶</a></h2><h2><a href='#r'><span>#</span></a>Rules</h2>"
        "<p>Section <a href='#s'>§ 4</a>, m<sup>2</sup> and <a href=/c>#</a>.</p>"
        "<div class=navbox>Bridges of the world</div>"
    )
    assert _blocks(page) == [
        ("heading", "History"),
        ("paragraph", "It was built in 1957. It is long."),
        ("heading", "Installation"),
        ("heading", "Rules"),
        ("paragraph", "Section § 4, m2 and #."),
    ]


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        ("Bridge - Wikipedia", "Bridge", "Bridge"),
        ("Bridge | The Site", "Bridge", "Bridge"),
        ("Bridge-builders", "Bridge", "Bridge-builders"),
        ("Bridges – The Site", "Bridge", "Bridges – The Site"),
        ("Bridge: a history", "Bridge", "Bridge: a history"),
    ],
)
def test_the_name_of_the_site_is_not_part_of_a_title(title: str, heading: str, expected: str) -> None:
    assert load(f"<title>{title}</title><h1>{heading}</h1><p>Text.</p>").metadata.title == expected


def test_a_definition_stands_behind_its_terms() -> None:
    page = (
        "<dl><dt>-h</dt><dt>--help</dt><dd><p>Shows help.</p><p>And ends.</p></dd><dt>Bridge?</dt><dd>A bridge.</dd>"
        "<dt>Kinds</dt><dd><ul><li>One</li></ul></dd><dt>Alone</dt></dl><p>After.</p>"
    )
    assert _blocks(page) == [
        ("paragraph", "-h, --help: Shows help."),
        ("paragraph", "And ends."),
        ("paragraph", "Bridge? A bridge."),
        ("paragraph", "Kinds"),
        ("item", "One"),
        ("paragraph", "Alone"),
        ("paragraph", "After."),
    ]


def test_one_line_does_not_turn_round_what_is_shown_after_it() -> None:
    assert one_line("no.tit\u202ele \u2066x\u2069.txt") == "no.title x.txt"
