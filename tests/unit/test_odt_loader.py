"""ODT files: paragraphs, headings, lists, tables, notes, what is tracked or hidden, metadata, damage."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offices import blocks, check, odt, odt_parts, odt_style, packed, unpacked

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import odt as loader
from natoqa.loaders.loaded import Loaded
from natoqa.types import Metadata


def load(data: bytes) -> Loaded:
    loaded = loader.load(data, Limits())
    check(loaded)
    return loaded


def read(text: str, **others: str) -> list[tuple[str, str]]:
    return blocks(load(odt(text, **others)))


def p(content: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{content}</text:p>'


def h(content: str, level: int = 1) -> str:
    return f'<text:h text:outline-level="{level}">{content}</text:h>'


def items(*contents: str) -> str:
    return "<text:list>" + "".join(f"<text:list-item>{c}</text:list-item>" for c in contents) + "</text:list>"


def cell(content: str, attributes: str = "") -> str:
    inside = content if content.startswith("<") else p(content)
    return f"<table:table-cell {attributes}>{inside}</table:table-cell>"


def row(*cells: str) -> str:
    inside = "".join(c if c.startswith("<table:") else cell(c) for c in cells)
    return f"<table:table-row>{inside}</table:table-row>"


def table(*rows: str) -> str:
    return f"<table:table>{''.join(rows)}</table:table>"


COVERED = "<table:covered-table-cell/>"


def test_a_document_is_read_in_order() -> None:
    loaded = load(
        odt(
            p("Satellites", "Title")
            + p("A first paragraph.")
            + h("Orbits", 2)
            + items(p("Low"), p("High"))
            + table(row("Name", "Height"), row("Alpha", "500 km"))
            + p("A last paragraph.")
        )
    )
    assert loaded.text == (
        "Satellites\n\nA first paragraph.\n\nOrbits\n\nLow\n\nHigh\n\n"
        "Name | Height\nName: Alpha; Height: 500 km\n\nA last paragraph."
    )
    assert [(mark.kind.value, mark.label) for mark in loaded.landmarks] == [
        ("title", "Satellites"),
        ("paragraph", "¶ 1"),
        ("heading", "Orbits"),
        ("item", "item 1"),
        ("item", "item 2"),
        ("markup", ""),
        ("item", "item 3"),
        ("paragraph", "¶ 1"),
    ]
    assert loaded.notes == ()


def test_a_paragraph_is_a_heading_by_its_style_or_what_that_is_based_on() -> None:
    styles = (
        odt_style("Mine", parent="Heading_20_2")
        + '<style:style style:name="Level" style:default-outline-level="3"/>'
        + '<style:style style:name="Body" style:default-outline-level=""/>'
        + odt_style("Circle", parent="Circle")
    )
    automatic = odt_style("P1", parent="Title") + odt_style("P2", parent="Mine")
    body = "".join(p(name, name) for name in ("P1", "P2", "Level", "Body", "Circle", "Missing"))
    assert read(body, styles=styles, automatic=automatic) == [
        ("title", "P1"),
        ("heading", "P2"),
        ("heading", "Level"),
        ("paragraph", "Body"),
        ("paragraph", "Circle"),
        ("paragraph", "Missing"),
    ]


def test_lists_in_lists_are_items_and_further_paragraphs_of_an_item_are_not() -> None:
    nested = items(p("one") + items(p("inner")), p("two") + p("more"), h("Numbered heading"))
    header = f"<text:list><text:list-header>{p('header')}</text:list-header></text:list>"
    assert read(nested + header) == [
        ("item", "one"),
        ("item", "inner"),
        ("item", "two"),
        ("paragraph", "more"),
        ("heading", "Numbered heading"),
        ("paragraph", "header"),
    ]


def test_a_table_of_contents_is_found_but_never_an_answer() -> None:
    index = f"<text:table-of-content><text:index-body>{p('Orbits 3')}</text:index-body></text:table-of-content>"
    assert read(index + p("Text.")) == [("markup", "Orbits 3"), ("paragraph", "Text.")]


def test_spaces_tabs_and_breaks_read_as_they_look() -> None:
    content = "One\n   two<text:s text:c='999999999'/>three<text:tab/>four<text:line-break/>five<text:soft-page-break/>"
    assert read(p(content)) == [("paragraph", "One two three four\nfive")]


def test_links_spans_fields_and_text_in_shapes_are_kept() -> None:
    content = (
        "A <text:a>link</text:a> <text:span>span <text:span>in span</text:span></text:span>, page "
        "<text:page-number>3</text:page-number><text:bookmark/>."
    )
    box = f"<draw:frame><draw:text-box>{p('In the box.')}</draw:text-box><svg:title>no</svg:title></draw:frame>"
    shape = f"<draw:custom-shape>{p('In a shape.')}</draw:custom-shape>"
    assert [text for _, text in read(p(content + box) + shape + p("After."))] == [
        "A link span in span, page 3.",
        "In the box.",
        "In a shape.",
        "After.",
    ]


def test_deletions_annotations_objects_and_hidden_text_are_dropped() -> None:
    tracked = f"<text:tracked-changes><text:changed-region>{p('Deleted.')}</text:changed-region></text:tracked-changes>"
    content = (
        "Kept<office:annotation><dc:creator>A</dc:creator><text:p>Remark</text:p></office:annotation> text"
        "<text:change-start/> added<text:change-end/><office:annotation-end/><text:span text:style-name='T1'> hidden"
        "<text:line-break/></text:span><draw:frame><draw:object><text:p>Object</text:p></draw:object></draw:frame>"
        "<text:hidden-text text:is-hidden='true'>no</text:hidden-text>"
        "<text:ruby><text:ruby-base>x</text:ruby-base><text:ruby-text>y</text:ruby-text></text:ruby>"
    )
    section = f'<text:section text:display="none">{p("Hidden section.")}</text:section>'
    shown = f"<text:section>{p('Shown section.')}</text:section>"
    automatic = odt_style("T1", 'text:display="none"', family="text")
    automatic += odt_style("P9", 'text:display="none"')
    body = tracked + p(content) + section + shown + p("Hidden paragraph.", "P9")
    assert read(body, automatic=automatic) == [("paragraph", "Kept text addedx"), ("paragraph", "Shown section.")]


def test_raised_numbers_keep_their_meaning() -> None:
    automatic = odt_style("T1", 'style:text-position="super 58%"', family="text")
    content = "10<text:span text:style-name='T1'>6</text:span> and 1<text:span text:style-name='T1'>st</text:span>"
    assert read(p(content), automatic=automatic) == [("paragraph", "10⁶ and 1st")]


def note(text: str) -> str:
    return f"<text:note><text:note-citation>1</text:note-citation><text:note-body>{text}</text:note-body></text:note>"


def test_notes_stand_at_the_end() -> None:
    body = p(f"One{note(p('First.') + p('Still first.'))} two{note(p('Second.'))}.") + p("Three.")
    assert read(body) == [
        ("paragraph", "One two."),
        ("paragraph", "Three."),
        ("heading", "Notes"),
        ("paragraph", "First."),
        ("paragraph", "Still first."),
        ("paragraph", "Second."),
    ]


def test_headers_of_tables_are_known_by_mark_up_or_bold_type() -> None:
    marked = table(f"<table:table-header-rows>{row('1', '2')}</table:table-header-rows>", row("a", "b"))
    assert read(marked) == [("markup", "1 | 2"), ("item", "1: a; 2: b")]
    styles = odt_style("Table_20_Heading", 'fo:font-weight="bold"') + odt_style("Strong", 'fo:font-weight="700"')
    bold = table(row(cell(p("1", "Table_20_Heading")), cell(p("<text:span text:style-name='Strong'>2</text:span>"))))
    bold = bold.replace("</table:table>", row("a", "b") + "</table:table>")
    assert read(bold, styles=styles) == [("markup", "1 | 2"), ("item", "1: a; 2: b")]
    assert read(bold) == [("item", "1 | 2"), ("item", "a | b")]


def test_merged_cells_are_read_once_and_keep_the_columns_apart() -> None:
    two = 'table:number-columns-spanned="2"'
    three_down = 'table:number-rows-spanned="3"'
    body = table(
        row("Land", "Town", "People", "Area"),
        row(cell("Spain", three_down), "Madrid", "3", "600"),
        row(COVERED, cell("Sevilla", two), COVERED, "140"),
        row(COVERED, "Cádiz", "0.1", "12"),
        row(cell("All", 'table:number-columns-spanned="4"'), *[COVERED] * 3),
    )
    assert [text for _, text in read(body)] == [
        "Land | Town | People | Area",
        "Land: Spain; Town: Madrid; People: 3; Area: 600",
        "Town: Sevilla; Area: 140",
        "Town: Cádiz; People: 0.1; Area: 12",
        "All",
    ]


def test_repeated_cells_cost_nothing() -> None:
    empty = '<table:table-cell table:number-columns-repeated="999999999"/>'
    assert [text for _, text in read(table(row("A", "B", empty), row("c", "d", empty)))] == ["A | B", "c | d"]


def test_a_table_that_lays_out_a_page_keeps_its_paragraphs() -> None:
    inner = table(row("A", "B"), row("c", "d"))
    body = table(row(cell(p("One.") + inner), "Two."))
    assert [text for _, text in read(body)] == ["One.", "A | B", "A: c; B: d", "Two."]


def test_a_header_repeated_in_every_row_counts_towards_the_limit() -> None:
    plain = "<table:table-row>" + "<table:table-cell><text:p>a</text:p></table:table-cell>" * 10 + "</table:table-row>"
    data = odt(table(row(*(str(column) + "x" * 59 for column in range(10))), plain * 300))
    size = sum(map(len, unpacked(data).values()))
    assert len(loader.load(data, Limits()).text) > size
    with pytest.raises(UnreadableFile, match="its text is longer than"):
        loader.load(data, Limits(characters=size))


META = (
    "<dc:title>A title</dc:title><meta:initial-creator>First Writer</meta:initial-creator>"
    "<meta:creation-date>2020-01-01T00:00:00</meta:creation-date>"
)


def test_metadata_is_what_the_author_wrote() -> None:
    full = META + "<dc:creator>B. Writer</dc:creator><dc:date>2021-03-04T05:06:07.000000000</dc:date>"
    assert load(odt(p("x"), meta=full)).metadata == Metadata(title="A title", author="B. Writer", date="2021-03-04")
    assert load(odt(p("x"), meta=META)).metadata == Metadata(title="A title", author="First Writer", date="2020-01-01")
    assert load(odt(p("x") + h("Head"), meta="<dc:date>soon</dc:date>")).metadata == Metadata(title="Head")
    assert load(odt(p("x"))).metadata == Metadata()


def encrypted() -> bytes:
    parts = odt_parts("")
    manifest = str(parts["META-INF/manifest.xml"]).replace("</m:manifest>", "<m:encryption-data/></m:manifest>")
    return packed(parts | {"META-INF/manifest.xml": manifest, "content.xml": b"\x8f\x00\x12"})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (encrypted(), r"^it is encrypted; save it without a password$"),
        (b"", r"^it is not a readable ODT"),
        (packed({"a": "b"}), r"^it is not a readable ODT \(a part is missing\)"),
        (packed({"content.xml": "<office:x"}), r"^it is not a readable ODT \(a part of it is not well-formed"),
        (packed({"content.xml": "<x/>"}), r"^it is not a readable ODT \(it holds no text document\)"),
        (odt(""), r"^it has no text$"),
        (odt(p(" <text:tab/>")), r"^it has no text$"),
        (odt("<text:section>" * 100_000 + p("x") + "</text:section>" * 100_000), "nested deeper"),
    ],
    ids=range(8),
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        load(data)


def test_a_part_that_cannot_be_read_costs_no_text_and_is_reported() -> None:
    loaded = load(packed(odt_parts(p("Text.")) | {"styles.xml": "<x", "meta.xml": "<x"}))
    assert loaded.text == "Text."
    assert loaded.notes == (
        "its styles could not be read: a part of it is not well-formed XML",
        "its properties could not be read: a part of it is not well-formed XML",
    )


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="<&>") | st.just(" "), min_size=1).map(
    lambda text: " ".join(text.split())
)


@given(st.lists(TEXTS.filter(bool), min_size=1))
def test_paragraphs_come_out_as_they_were_written(paragraphs: list[str]) -> None:
    assert read("".join(map(p, paragraphs))) == [("paragraph", text) for text in paragraphs]


def attempt(data: bytes) -> None:
    """Either it is read or it is refused with a reason."""
    try:
        load(data)
    except UnreadableFile as error:
        assert str(error)
        assert "\n" not in str(error)


SAMPLE = odt(
    h("Head")
    + p(f"One{note(p('Note.'))} <text:span text:style-name='T1'>two</text:span>")
    + items(p("item"))
    + table(row("A", "B"), row(cell("c", 'table:number-rows-spanned="2"'), "d"), row(COVERED, "e")),
    automatic=odt_style("T1", 'fo:font-weight="bold"', family="text"),
    styles=odt_style("Circle", parent="Circle"),
    meta=META,
)


@given(st.binary())
def test_random_bytes_are_refused(data: bytes) -> None:
    attempt(data)
    attempt(b"PK\x03\x04" + data)


@given(st.integers(0, 2**32))
@settings(max_examples=150)
def test_a_damaged_file_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(SAMPLE)
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    attempt(bytes(data[: chance.choice([len(data), chance.randrange(len(data))])]))


@given(st.integers(0, 2**32))
@settings(max_examples=150)
def test_damaged_xml_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    parts = unpacked(SAMPLE)
    name = chance.choice(["content.xml", "content.xml", *parts])
    data = bytearray(parts[name])
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] = chance.choice(b"<>/\"'= &;:texthp19\x00\xff")
    attempt(packed(parts | {name: bytes(data)}))


ELEMENTS = [
    "text:p",
    "text:h",
    "text:span",
    "text:list-item",
    "text:list-header",
    "text:note",
    "text:note-body",
    "text:section",
    "table:table",
    "table:table-header-rows",
    "table:table-row",
    "table:table-cell",
    "table:covered-table-cell",
    "text:table-of-content",
]
TREES = st.recursive(
    st.sampled_from(["x", "<text:s/>", "<text:line-break/>", COVERED, "<text:p/>"]),
    lambda inside: st.builds(
        lambda name, content: f"<{name}>{''.join(content)}</{name}>",
        st.sampled_from(ELEMENTS),
        st.lists(inside, max_size=4),
    ),
)


@given(TREES)
@settings(max_examples=200)
def test_elements_in_any_order_are_read_or_refused(tree: str) -> None:
    attempt(odt(tree))
