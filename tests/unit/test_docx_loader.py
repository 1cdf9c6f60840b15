"""DOCX files: paragraphs, headings, lists, tables, notes, what is tracked or hidden, metadata, damage."""

from __future__ import annotations

import datetime
import io
import random
import struct
import time
import zipfile

import pytest
from docx.document import Document as DocxDocument
from hypothesis import given, settings
from hypothesis import strategies as st
from offices import (
    blocks,
    check,
    docx,
    docx_cell,
    docx_parts,
    docx_style,
    docx_table,
    packed,
    paragraph,
    run,
    unpacked,
    written,
)

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import docx as loader
from natoqa.loaders.loaded import Loaded
from natoqa.loaders.office_blocks import clean
from natoqa.types import Metadata


def load(data: bytes) -> Loaded:
    loaded = loader.load(data, Limits())
    check(loaded)
    return loaded


def read(body: str, **others: str) -> list[tuple[str, str]]:
    return blocks(load(docx(body, **others)))


def _report(document: DocxDocument) -> None:
    document.add_heading("Satellites", 0)
    document.add_paragraph("A first paragraph.")
    document.add_heading("Orbits", 1)
    document.add_paragraph("Low", style="List Bullet")
    document.add_paragraph("High", style="List Number")
    table = document.add_table(rows=3, cols=2)
    for row, texts in zip(table.rows, (("Name", "Height"), ("Alpha", "500 km"), ("Beta", "700 km")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("A last paragraph.")


def test_a_document_is_read_in_order() -> None:
    loaded = load(written(_report))
    assert loaded.text == (
        "Satellites\n\nA first paragraph.\n\nOrbits\n\nLow\n\nHigh\n\n"
        "Name | Height\nName: Alpha; Height: 500 km\nName: Beta; Height: 700 km\n\nA last paragraph."
    )
    assert [(mark.kind.value, mark.label) for mark in loaded.landmarks] == [
        ("title", "Satellites"),
        ("paragraph", "¶ 1"),
        ("heading", "Orbits"),
        ("item", "item 1"),
        ("item", "item 2"),
        ("markup", ""),
        ("item", "item 3"),
        ("item", "item 4"),
        ("paragraph", "¶ 1"),
    ]
    assert loaded.notes == ()


def test_a_heading_is_known_by_its_own_style_by_an_outline_level_and_by_what_a_style_is_based_on() -> None:
    styles = (
        docx_style("berschrift1", "heading 1")
        + docx_style("Kapitel", "Kapitel", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>')
        + docx_style("Eigen", "Eigen", '<w:basedOn w:val="Kapitel"/>')
        + docx_style("Fliess", "Fliess", '<w:basedOn w:val="berschrift1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr>')
        + docx_style("Kreis", "Kreis", '<w:basedOn w:val="Kreis"/>')
    )
    body = "".join(
        paragraph(name, f'<w:pStyle w:val="{name}"/>')
        for name in ("berschrift1", "Kapitel", "Eigen", "Fliess", "Kreis", "Heading7", "Missing")
    )
    body += paragraph("Direct", '<w:outlineLvl w:val="0"/>')
    body += paragraph("Not", '<w:pStyle w:val="Kapitel"/><w:outlineLvl w:val="9"/>')
    assert read(body, styles=styles) == [
        ("heading", "berschrift1"),
        ("heading", "Kapitel"),
        ("heading", "Eigen"),
        ("paragraph", "Fliess"),
        ("paragraph", "Kreis"),
        ("heading", "Heading7"),
        ("paragraph", "Missing"),
        ("heading", "Direct"),
        ("paragraph", "Not"),
    ]


def test_the_first_title_is_the_title_and_a_second_one_a_heading() -> None:
    title = '<w:pStyle w:val="Title"/>'
    body = paragraph("", title) + paragraph("One", title) + paragraph("Text.") + paragraph("Two", title)
    assert read(body) == [("title", "One"), ("paragraph", "Text."), ("heading", "Two")]


def test_a_whole_paragraph_in_the_style_of_a_heading_can_still_be_an_answer() -> None:
    assert read(paragraph("Word and word. " * 30, '<w:pStyle w:val="Heading1"/>'))[0][0] == "paragraph"


def test_numbered_paragraphs_and_paragraphs_in_styles_of_lists_are_items() -> None:
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
    styles = docx_style("Punkte", "Punkte", f"<w:pPr>{numbered.format(2)}</w:pPr>")
    body = (
        paragraph("one", numbered.format(1))
        + paragraph("two", '<w:pStyle w:val="Punkte"/>')
        + paragraph("none", '<w:pStyle w:val="Punkte"/>' + numbered.format(0))
        + paragraph("three", '<w:pStyle w:val="ListParagraph"/>')
        + paragraph("more", '<w:pStyle w:val="ListContinue"/>')
    )
    assert [kind for kind, _ in read(body, styles=styles)] == ["item", "item", "paragraph", "item", "paragraph"]


def test_a_table_of_contents_is_found_but_never_an_answer() -> None:
    assert read(paragraph("Orbits 3", '<w:pStyle w:val="TOC1"/>')) == [("markup", "Orbits 3")]


def test_links_insertions_and_content_controls_are_kept_and_deletions_dropped() -> None:
    body = paragraph(
        run("A ")
        + f'<w:hyperlink r:id="rId9">{run("link")}</w:hyperlink>'
        + f"<w:ins>{run(' added')}</w:ins><w:moveTo>{run(' moved')}</w:moveTo>"
        + "<w:del><w:r><w:delText> deleted</w:delText></w:r></w:del>"
        + f"<w:moveFrom>{run(' gone')}</w:moveFrom>"
        + f'<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>{run(" control")}</w:sdtContent></w:sdt>'
        + f"<w:smartTag>{run(' tag')}</w:smartTag>"
    )
    assert read(body) == [("paragraph", "A link added moved control tag")]


def test_content_controls_and_insertions_around_whole_paragraphs_and_tables_are_kept() -> None:
    body = f"<w:sdt><w:sdtContent>{paragraph('In it.')}</w:sdtContent></w:sdt><w:customXml>{paragraph('And.')}"
    assert read(body + "</w:customXml>") == [("paragraph", "In it."), ("paragraph", "And.")]


def test_a_paragraph_whose_mark_is_deleted_runs_on_into_the_next() -> None:
    deleted = "<w:rPr><w:del/></w:rPr>"
    body = paragraph("One ", deleted) + paragraph("two ", deleted) + paragraph("three.") + paragraph("Last.", deleted)
    assert read(body) == [("paragraph", "One two three."), ("paragraph", "Last.")]
    moved = paragraph("One ", "<w:rPr><w:moveFrom/></w:rPr>") + paragraph("two.")
    assert read(moved) == [("paragraph", "One two.")]
    before = paragraph("Before.", deleted) + docx_table(docx_cell("a") + docx_cell("1"))
    assert read(before) == [("paragraph", "Before."), ("item", "a | 1")]
    cells = docx_table(docx_cell(paragraph("a", deleted)) + docx_cell("b"), docx_cell("c.") + docx_cell("d."))
    assert read(cells) == [("markup", "a | b"), ("item", "a: c.; b: d.")]


def test_hidden_text_is_dropped_where_a_style_hides_it_too() -> None:
    styles = docx_style("Hid", "Hid", "<w:rPr><w:vanish/></w:rPr>") + docx_style(
        "HidText", "HidText", "<w:rPr><w:vanish/></w:rPr>", "character"
    )
    body = (
        paragraph(run("Seen") + run("hidden", "<w:vanish/>") + run(" shown", '<w:vanish w:val="false"/>'))
        + paragraph(run("x", '<w:rStyle w:val="HidText"/>') + run("y"))
        + paragraph(run("gone") + run("kept", '<w:vanish w:val="0"/>'), '<w:pStyle w:val="Hid"/>')
    )
    body += paragraph(run("gone", '<w:rStyle w:val="Other"/>') + run("too"), '<w:pStyle w:val="Hid"/>')
    assert read(body, styles=styles) == [("paragraph", "Seen shown"), ("paragraph", "y"), ("paragraph", "kept")]


def test_a_paragraph_without_a_style_has_the_default_one() -> None:
    numbered = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = docx_style("N", "Normal", numbered).replace("<w:style ", '<w:style w:default="1" ')
    assert read(paragraph("x"), styles=styles) == [("item", "x")]
    assert read(paragraph("x"), styles=styles.replace('default="1"', 'default="0"')) == [("paragraph", "x")]


def field_character(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def test_of_a_field_the_result_is_kept_and_the_instruction_dropped() -> None:
    inner = (
        field_character("begin")
        + "<w:r><w:instrText>REF x</w:instrText></w:r>"
        + field_character("separate")
        + run("nested")
        + field_character("end")
    )
    outer = (
        field_character("begin")
        + f"<w:r><w:instrText>IF </w:instrText></w:r>{inner}"
        + field_character("separate")
        + run("result")
        + field_character("end")
    )
    simple = f'<w:fldSimple w:instr="DATE">{run(" today")}</w:fldSimple>'
    assert read(paragraph(run("A ") + outer + simple)) == [("paragraph", "A result today")]


def test_a_field_that_does_not_end_hides_no_text() -> None:
    assert read(paragraph(field_character("begin") + run("text")) + paragraph("more")) == [
        ("paragraph", "text"),
        ("paragraph", "more"),
    ]


def text_box(content: str) -> str:
    box = f"<w:txbxContent>{content}</w:txbxContent>"
    return (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
        "</w:r>"
    )


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    body = paragraph(run("Around ") + text_box(paragraph("In the box.")) + run("it.")) + paragraph("After.")
    assert [text for _, text in read(body)] == ["Around it.", "In the box.", "After."]


def test_of_alternatives_the_first_that_has_text_is_read() -> None:
    choices = (
        "<mc:AlternateContent><mc:Choice Requires='x'><w:drawing/></mc:Choice>"
        f"<mc:Fallback>{run('Text.')}</mc:Fallback></mc:AlternateContent>"
    )
    assert read(paragraph(choices)) == [("paragraph", "Text.")]


def test_breaks_tabs_and_hyphens_read_as_they_look() -> None:
    body = paragraph(
        "<w:r><w:t>One</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t><w:cr/><w:t>co</w:t><w:softHyphen/>"
        "<w:t>op</w:t><w:noBreakHyphen/><w:t>er&#xAD;ate</w:t><w:br w:type='page'/><w:lastRenderedPageBreak/>"
        "<w:t>new\npage</w:t></w:r>"
    )
    assert read(body) == [("paragraph", "One two\nthree\ncoop-erate new page")]


def test_symbols_formulas_and_raised_numbers_keep_their_meaning() -> None:
    symbol = "<w:r><w:sym w:font='Symbol' w:char='F06D'/><w:sym w:font='Wingdings' w:char='F0FC'/></w:r>"
    formula = (
        "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath>"
    )
    power = run("10") + run("-6", '<w:vertAlign w:val="superscript"/>') + run(" ")
    assert read(paragraph(power + symbol + run("m ") + formula)) == [("paragraph", "10⁻⁶ μm a/b")]


def test_notes_stand_at_the_end_in_the_order_of_their_references() -> None:
    def note(kind: str, identifier: int, text: str) -> str:
        return f'<w:{kind} w:id="{identifier}">{paragraph(text)}</w:{kind}>'

    def refer(kind: str, identifier: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{identifier}"/></w:r>'

    footnotes = (
        f'<w:footnote w:type="separator" w:id="-1">{paragraph("---")}</w:footnote>'
        + note("footnote", 1, "First note.")
        + note("footnote", 2, "Second note.")
        + note("footnote", 3, "Deleted.")
    )
    body = paragraph(run("Text") + refer("footnote", 2) + run(" and") + refer("endnote", 1) + refer("footnote", 1))
    body += paragraph(f"<w:del>{refer('footnote', 3)}</w:del>{refer('footnote', 2)}{refer('footnote', -1)}")
    assert read(body, footnotes=footnotes, endnotes=note("endnote", 1, "An endnote.")) == [
        ("paragraph", "Text and"),
        ("heading", "Notes"),
        ("paragraph", "Second note."),
        ("paragraph", "An endnote."),
        ("paragraph", "First note."),
    ]


def test_comments_headers_and_footers_are_left_out() -> None:
    def write(document: DocxDocument) -> None:
        section = document.sections[0]
        section.header.paragraphs[0].text = "Header"
        section.footer.paragraphs[0].text = "Footer"
        commented = document.add_paragraph("Body.")
        document.add_comment(commented.runs, text="Comment", author="A")

    assert load(written(write)).text == "Body."


def rows(*texts: tuple[str, ...], bold: bool = False) -> str:
    properties = "<w:b/>" if bold else ""
    return docx_table(
        *(
            "".join(docx_cell(paragraph(run(text, properties if index == 0 else ""))) for text in row)
            for index, row in enumerate(texts)
        )
    )


def test_without_a_header_cells_are_joined() -> None:
    assert read(rows(("Anna", "1970"), ("Ben", "1980"))) == [("item", "Anna | 1970"), ("item", "Ben | 1980")]
    assert read(rows(("Name:", "Anna"), ("Born:", "Berlin"))) == [("item", "Name: | Anna"), ("item", "Born: | Berlin")]
    assert read(rows(("One row", "alone"))) == [("item", "One row | alone")]


def test_a_bold_or_marked_first_row_is_a_header() -> None:
    assert read(rows(("1", "2"), ("x", "y"), bold=True)) == [("markup", "1 | 2"), ("item", "1: x; 2: y")]
    marked = docx_table("<w:trPr><w:tblHeader/></w:trPr>" + docx_cell("A."), docx_cell("b"), docx_cell("c"))
    assert read(marked) == [("markup", "A."), ("item", "A.: b"), ("item", "A.: c")]


def test_years_head_columns_and_empty_cells_are_left_out() -> None:
    table = rows(("Region", "2019", "2020"), ("North", "", "5"))
    assert read(table) == [("markup", "Region | 2019 | 2020"), ("item", "Region: North; 2020: 5")]


def test_merged_cells_are_read_once_and_keep_the_columns_apart() -> None:
    def write(document: DocxDocument) -> None:
        table = document.add_table(rows=4, cols=3)
        texts = ("Land", "Town", "People", "Spain", "Madrid", "3", "", "Sevilla", "1", "All of the above", "", "")
        for index, text in enumerate(texts):
            table.cell(index // 3, index % 3).text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(3, 0).merge(table.cell(3, 2))

    assert load(written(write)).text.split("\n") == [
        "Land | Town | People",
        "Land: Spain; Town: Madrid; People: 3",
        "Town: Sevilla; People: 1",
        "All of the above",
    ]


def test_two_header_rows_name_a_column_together() -> None:
    header = "<w:trPr><w:tblHeader/></w:trPr>"
    table = docx_table(
        header + docx_cell("", '<w:vMerge w:val="restart"/>') + docx_cell("Sales", '<w:gridSpan w:val="2"/>'),
        header + docx_cell("Shop", "") + docx_cell("2019") + docx_cell("2020"),
        docx_cell("A") + docx_cell("1") + docx_cell("2"),
    )
    assert read(table)[-1] == ("item", "Shop: A; Sales 2019: 1; Sales 2020: 2")


def test_two_tables_side_by_side_are_two() -> None:
    table = rows(("A", "B"), ("c", "d"))
    assert load(docx(table + paragraph("") + table)).text == "A | B\nA: c; B: d\n\nA | B\nA: c; B: d"


def test_a_table_that_lays_out_a_page_keeps_its_paragraphs() -> None:
    inner = rows(("A", "B"), ("c", "d"))
    layout = docx_table(docx_cell(paragraph("One.") + inner + paragraph("Two.")) + docx_cell("Three."))
    assert [text for _, text in read(layout)] == ["One.", "A | B", "A: c; B: d", "Two.", "Three."]
    frame = docx_table(docx_cell(paragraph("One.") + paragraph("Two.")))
    assert read(frame) == [("paragraph", "One."), ("paragraph", "Two.")]
    headed = docx_table(docx_cell(paragraph("H", '<w:outlineLvl w:val="0"/>') + paragraph("T")) + docx_cell("U"))
    assert [kind for kind, _ in read(headed)] == ["heading", "paragraph", "paragraph"]
    columns = docx_table("".join(docx_cell(paragraph("Long. " * 100) * 2) for _ in range(2)))
    assert [kind for kind, _ in read(columns)] == ["paragraph"] * 4


def test_a_deleted_row_is_dropped() -> None:
    table = docx_table(docx_cell("a") + docx_cell("1"), "<w:trPr><w:del/></w:trPr>" + docx_cell("b") + docx_cell("2"))
    assert read(table) == [("item", "a | 1")]


def test_table_parts_out_of_place_lose_no_text() -> None:
    body = f"<w:tr>{docx_cell('a')}</w:tr>{docx_cell('b')}<w:tbl>{docx_cell(docx_cell('c') + paragraph('d'))}</w:tbl>"
    assert [text for _, text in read(body)] == ["a", "b", "c", "d"]


def test_a_huge_span_costs_nothing() -> None:
    table = docx_table(*(docx_cell("x", '<w:gridSpan w:val="999999999"/>') + docx_cell("y") for _ in range(3)))
    assert len(read(table)) == 3


def test_metadata_is_what_the_author_wrote() -> None:
    def write(document: DocxDocument) -> None:
        _report(document)
        properties = document.core_properties
        properties.title, properties.author = "A\ttitle ", "B. Writer"
        properties.created = datetime.datetime(2021, 3, 4, 5, 6, 7)

    assert load(written(write)).metadata == Metadata(title="A title", author="B. Writer", date="2021-03-04")


@pytest.mark.parametrize("title", ["Document1", "Microsoft Word - x.doc", "report.docx", "", "Untitled"])
def test_what_programs_write_unasked_is_no_metadata(title: str) -> None:
    def write(document: DocxDocument) -> None:
        _report(document)
        document.core_properties.title = title

    assert load(written(write)).metadata == Metadata(title="Satellites")  # author python-docx, date of its template


def test_without_a_title_the_first_heading_is_the_title() -> None:
    assert load(docx(paragraph("Head", '<w:outlineLvl w:val="1"/>') + paragraph("x"))).metadata.title == "Head"


def test_the_strict_variant_and_unusual_part_names_are_read() -> None:
    parts = docx_parts(paragraph("Head", '<w:pStyle w:val="H"/>'), styles=docx_style("H", "heading 1"))
    strict = {
        name: str(content).replace(
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        )
        for name, content in parts.items()
    }
    assert blocks(load(packed(strict))) == [("heading", "Head")]
    parts["w/doc.xml"] = parts.pop("word/document.xml")
    parts["w/looks.xml"] = parts.pop("word/styles.xml")
    parts["_rels/.rels"] = str(parts["_rels/.rels"]).replace("word/document.xml", "/w/doc.xml")
    parts["w/_rels/doc.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Type="http://x/styles" Target="looks.xml"/></Relationships>'
    )
    assert blocks(load(packed(parts))) == [("heading", "Head")]


def test_relations_that_lead_outside_are_not_followed() -> None:
    parts = docx_parts(paragraph("Text.", '<w:pStyle w:val="H"/>'))
    relation = '<Relationship Type="http://x/{}" Target="{}" TargetMode="{}"/>'
    parts["word/_rels/document.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + relation.format("styles", "other.xml", "External")
        + relation.format("footnotes", "../../../../etc/passwd", "Internal")
        + "</Relationships>"
    )
    looks = docx_parts("", styles=docx_style("H", "heading 1"))["word/styles.xml"]
    loaded = load(packed(parts | {"word/other.xml": looks}))
    assert (blocks(loaded), loaded.notes) == ([("paragraph", "Text.")], ())


def test_macros_and_embedded_files_are_not_opened() -> None:
    parts = docx_parts(paragraph(run("Text.") + "<w:object><o:OLEObject/><w:r><w:t>no</w:t></w:r></w:object>"))
    parts |= {"word/vbaProject.bin": b"Auto_Open", "word/embeddings/a.docx": docx(paragraph("Embedded."))}
    assert load(packed(parts)).text == "Text."


def test_a_part_that_cannot_be_read_costs_no_text_and_is_reported() -> None:
    loaded = load(packed(docx_parts(paragraph("Text.")) | {"word/styles.xml": "<w:styles"}))
    assert loaded.text == "Text."
    assert loaded.notes == ("its styles could not be read: a part of it is not well-formed XML",)


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ole("EncryptedPackage"), r"^it is encrypted; save it without a password$"),
        (ole("WordDocument"), r"^it is an old Word file; save it as \.docx$"),
        (ole("Workbook"), r"^it is not a readable DOCX \("),
        (b"PK", r"^it is not a readable DOCX"),
        (b"", r"^it is not a readable DOCX"),
        (packed({"a": "b"}), r"^it is not a readable DOCX \(a part is missing\)"),
        (packed({"word/document.xml": "<w:document"}), r"^it is not a readable DOCX \(a part of it is not well-formed"),
        (packed({"word/document.xml": "<html><body>x</body></html>"}), r"^it is not a readable DOCX \(it holds no"),
        (packed({"word/document.xml": '<!DOCTYPE d [<!ENTITY e "x">]><d>&e;</d>'}), "entities"),
        (docx(""), r"^it has no text$"),
        (docx(paragraph(" \t")), r"^it has no text$"),
        (docx("<w:sdt>" * 100_000 + paragraph("x") + "</w:sdt>" * 100_000), "nested deeper"),
    ],
    ids=range(12),
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        load(data)


def test_text_beyond_the_limit_is_refused() -> None:
    data = docx(rows(("Some label", "Other label"), *[("a", "b")] * 100))
    size = sum(len(part) for part in unpacked(data).values())
    assert len(loader.load(data, Limits(characters=size)).text) < size
    with pytest.raises(UnreadableFile, match=r"setting corpus\.max_text_millions"):
        loader.load(data, Limits(characters=size // 2))


def test_time_grows_with_the_length_of_a_document_not_with_its_square() -> None:
    data = docx((paragraph("word " * 10) + rows(("A", "B"), ("c", "d"))) * 2_000)
    started = time.process_time()
    load(data)
    assert time.process_time() - started < 5


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1).map(
    lambda text: " ".join(text.split())
)


@given(st.lists(TEXTS.filter(bool), min_size=1))
@settings(max_examples=30)
def test_paragraphs_come_out_as_they_were_written(paragraphs: list[str]) -> None:
    def write(document: DocxDocument) -> None:
        for text in paragraphs:
            document.add_paragraph(text)

    assert blocks(load(written(write))) == [("paragraph", text) for text in paragraphs]


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بالعالم، می\u200cخواهم",
        "卫星在轨道上。\u3000第二句",
        "e\u0301 a\u0308\u0323 नमस्ते",
        "👩\u200d🚀🇪🇺 𝔘",
    ],
)
def test_scripts_are_left_as_they_are(text: str) -> None:
    assert load(docx(paragraph(text))).text == text


def test_what_shows_nothing_or_cannot_be_stored_is_removed() -> None:
    assert clean(" a\ud800b\xad\u200bc\ufeff \xa0\t d\x00\u2028\x0b \n\x9be ") == "abc d\ne"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
@settings(max_examples=60)
def test_any_text_that_xml_may_hold_is_read_clean(text: str) -> None:
    escaped = "".join(f"&#{ord(c)};" for c in text)
    attempt(docx(paragraph("<w:r><w:t>" + escaped + "</w:t></w:r>")))


def attempt(data: bytes) -> None:
    """Either it is read or it is refused with a reason."""
    try:
        load(data)
    except UnreadableFile as error:
        assert str(error)
        assert "\n" not in str(error)


SAMPLE = docx(
    paragraph(run("Around ") + text_box(paragraph("In.")) + field_character("begin") + field_character("end"))
    + rows(("A", "B"), ("c", "d"))
    + paragraph('<w:r><w:footnoteReference w:id="1"/></w:r>', '<w:pStyle w:val="H"/>'),
    styles=docx_style("H", "heading 1", '<w:basedOn w:val="H"/>'),
    footnotes=f'<w:footnote w:id="1">{paragraph("Note.")}</w:footnote>',
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
    name = chance.choice(["word/document.xml", "word/document.xml", *parts])
    data = bytearray(parts[name])
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] = chance.choice(b"<>/\"'= &;:wprtc19\x00\xff")
    attempt(packed(parts | {name: bytes(data)}))


WELL_FORMED = ("w:p", "w:r", "w:t", "w:tbl", "w:tr", "w:tc", "w:txbxContent", "mc:AlternateContent", "mc:Choice")
TREES = st.recursive(
    st.sampled_from(
        [run("x"), "<w:br/>", field_character("begin"), field_character("separate"), field_character("end"), "<w:pPr/>"]
    ),
    lambda inside: st.builds(
        lambda name, content: f"<{name}>{''.join(content)}</{name}>",
        st.sampled_from(WELL_FORMED),
        st.lists(inside, max_size=4),
    ),
)


@given(TREES)
@settings(max_examples=200)
def test_elements_in_any_order_are_read_or_refused(tree: str) -> None:
    attempt(docx(tree))


def test_an_encrypted_member_is_reported_as_such() -> None:
    data = bytearray(docx(paragraph("Text.")))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        start = archive.start_dir
    while data[start : start + 4] == b"PK\x01\x02":
        flags, name, extra, comment = struct.unpack_from("<8xH18xHHH", data, start)
        struct.pack_into("<H", data, start + 8, flags | 1)
        start += 46 + name + extra + comment
    with pytest.raises(UnreadableFile, match="it is encrypted; save it without a password"):
        load(bytes(data))
