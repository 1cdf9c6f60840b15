"""Exports say what was said: opened with the programs that others use, every text is what it was, however hostile."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from library import Library
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from natoqa.conversations import Conversation, Turn
from natoqa.errors import NatoqaError
from natoqa.exporting import FORMS, export, form_of
from natoqa.exporting.bibliography import key_of
from natoqa.exporting.literal import isolated, printable, reads_right_to_left
from natoqa.exporting.numbering import NEAREST, NOT_FOUND, number_places
from natoqa.exporting.saving import save
from natoqa.jsonform import answer_json
from natoqa.limits import Limits
from natoqa.loaders.docx import load as load_docx
from natoqa.types import Answer, AnswerSentence, Citation, Metadata, Status

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
AT = "2026-11-25T20:00:00+00:00"
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "# heading\n- item\n1. one\n> quote\n---\n===\n```\ncode",
    "[link](javascript:alert(1)) ![image](http://evil.example/x.png) <http://evil.example> www.evil.example",
    "\u202eevil\u202c \u2067unclosed \u2069\u2069\u2069 closed too often \u202d",
    "`code` ``more`` ~~~ *em* **strong** _under_ a|b|c \\ &amp; &#65; &copy $x$ [^1] {#id}",
    "  leading, trailing  \n\n\n\tand inside\r\nand \r alone\n",
    "nul \x00 escape \x1b[31m bell \x07 c1 \x9b next \x85 not one \ufffe",
    "\u00a0no-break edges\u3000",
    "]]> </w:t> &lt; \"quoted\" 'single'",
    "שלום, 12 (abc) ، مرحبا",
    "10) ten\n+ plus\n: colon\n- - -\n    code?\n\t\ttabs",
)
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.text(st.sampled_from("ab1 \n\t\r.)-+=#>*_`~[]()<>&;:!|\\\"'{}$^\u202e\u2066\u2069\u05d0\xa0\x0b"), max_size=30),
)
words = texts.filter(bool)


def _citation(number: int = 1, document: str = "notes/a.txt", start: int = 0, **fields: Any) -> Citation:
    told = {
        "title": "Title",
        "author": "Ann Author",
        "date": "2012-12-20",
        "locator": "p. 1, ¶ 3",
        "quote": "It froze.",
    }
    told |= fields
    return Citation(number=number, document=document, start=start, end=start + len(told["quote"]), **told)


def _answered(question: str, *citations: Citation) -> Answer:
    sentences = tuple(AnswerSentence(citation.quote, (citation.number,)) for citation in citations)
    return Answer(question, Status.ANSWERED, sentences, citations, confidence=0.9)


def _conversation(*answers: Answer, title: str = "Harbours", asked: str | None = None) -> Conversation:
    turns = tuple(Turn(answer.question if asked is None else asked, answer, AT) for answer in answers)
    return Conversation(title, turns, "0.4.0", "0001")


def _data(conversation: Conversation, form: str, documents: Mapping[str, Metadata] | None = None) -> bytes:
    return export(conversation, documents or {}, form).data


def _text(conversation: Conversation, form: str, documents: Mapping[str, Metadata] | None = None) -> str:
    return _data(conversation, form, documents).decode()


def _one(text: str, **fields: str) -> Conversation:
    """A conversation in which ``text`` is the title, the question, the quote and more."""
    told = dict.fromkeys(("title", "author", "locator", "quote"), text)
    return _conversation(_answered(text, _citation(**(told | fields))), title=text)


def _html(conversation: Conversation) -> LexborHTMLParser:
    return LexborHTMLParser(_text(conversation, "html"))


def _rendered(conversation: Conversation) -> LexborHTMLParser:
    return LexborHTMLParser(_MARKDOWN.render(_text(conversation, "markdown")))


def _paragraphs(conversation: Conversation, style: str) -> list[str]:
    document = docx.Document(io.BytesIO(_data(conversation, "docx")))
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == style]


def _only(page: LexborHTMLParser, selector: str) -> str:
    (node,) = page.css(selector)
    return str(node.text(deep=True))


# Numbers


def test_a_place_has_one_number_in_the_whole_conversation_in_order_of_first_appearance() -> None:
    first = _answered("One?", _citation(1, start=50), _citation(2, "b.txt"))
    second = _answered("Two?", _citation(1, "b.txt"), _citation(2, start=50), _citation(3, start=10))
    bibliography = number_places(_conversation(first, second), {})
    assert [(place.document, place.start) for place in bibliography.places] == [
        ("notes/a.txt", 50),
        ("b.txt", 0),
        ("notes/a.txt", 10),
    ]
    assert bibliography.marks(second, (1, 2, 3)) == (2, 1, 3)
    assert [(document.id, document.numbers) for document in bibliography.documents] == [
        ("notes/a.txt", (1, 3)),
        ("b.txt", (2,)),
    ]


@pytest.mark.parametrize("form", ["markdown", "html", "docx"])
def test_the_numbers_of_the_marks_are_those_of_the_sources(form: str) -> None:
    first = _answered("One?", _citation(1, quote="The harbour froze."))
    second = _answered("Two?", _citation(1, "b.txt", quote="It thawed."), _citation(2, quote="The harbour froze."))
    shown = _shown(_conversation(first, second), form)
    assert shown.count("The harbour froze. [1]") == 2
    assert shown.count("It thawed. [2]") == 1
    assert re.findall(r"\[(\d)\] Title", shown) == ["1", "2"]


def _shown(conversation: Conversation, form: str) -> str:
    if form == "docx":
        return "\n".join(
            paragraph.text for paragraph in docx.Document(io.BytesIO(_data(conversation, form))).paragraphs
        )
    page = _html(conversation) if form == "html" else _rendered(conversation)
    return str(page.body.text(deep=True)).replace("\xa0", " ")  # type: ignore[union-attr]


@pytest.mark.parametrize("form", ["markdown", "html", "docx"])
def test_a_source_is_listed_with_what_is_known_of_it(form: str) -> None:
    shown = _shown(_conversation(_answered("Who?", _citation(), _citation(2, "b.txt", author="", date=""))), form)
    assert "[1] Title · Ann Author · 2012-12-20 · p. 1, ¶ 3 · notes/a.txt" in shown
    assert "[2] Title · p. 1, ¶ 3 · b.txt" in shown


@pytest.mark.parametrize("form", ["markdown", "html", "docx"])
def test_not_found_is_exported_as_such(form: str) -> None:
    nearest = (_citation(quote="It rained in Lima."),)
    answer = Answer("Who froze?", Status.NOT_FOUND, nearest=nearest, reason="No passage speaks of freezing.")
    shown = _shown(_conversation(answer), form)
    parts = ["Who froze?", NOT_FOUND, "No passage speaks of freezing.", NEAREST, "It rained in Lima."]
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    assert "Sources" not in shown
    assert "[1]" not in shown


@pytest.mark.parametrize("form", ["markdown", "html", "docx"])
def test_a_question_that_was_understood_as_another_is_shown_as_both(form: str) -> None:
    answer = _answered("What did China sell to Peru?", _citation())
    shown = _shown(_conversation(answer, asked="And to Peru?"), form)
    assert "And to Peru?" in shown
    assert "Understood as: What did China sell to Peru?" in shown
    assert "Understood" not in _shown(_conversation(answer, asked="What did  China sell to Peru?\n"), form)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_conversation_gives_the_same_bytes(form: str) -> None:
    assert _data(_one("Was it cold?"), form) == _data(_one("Was it cold?"), form)


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_conversation_can_be_exported(form: str) -> None:
    exported = export(_conversation(title=""), {}, form)
    assert exported.name == f"natoqa-conversation{FORMS[form].suffix}"
    assert bool(exported.data) is (form not in ("bibtex", "ris"))


@pytest.mark.parametrize("title", [*HOSTILE, "../../etc/passwd", "CON", "Túpac Katari", "a" * 500, "日本"])
def test_the_name_of_an_export_is_safe_whatever_the_title(title: str) -> None:
    name = export(_conversation(title=title), {}, "markdown").name
    assert re.fullmatch(r"natoqa-[a-z0-9]+(-[a-z0-9]+)*\.md", name)
    assert len(name) < 80


def test_accents_of_a_title_leave_their_letters_in_the_name() -> None:
    assert export(_conversation(title="¿Túpac Katari?"), {}, "docx").name == "natoqa-tupac-katari.docx"


# HTML


@given(words)
def test_html_says_what_was_said(text: str) -> None:
    page = _html(_one(text))
    said = printable(text)
    assert [
        _only(page, selector) for selector in ("h1", "h2.question", "span.sentence", "blockquote", "bdi.title")
    ] == ([said] * 5)


@given(words)
def test_html_holds_no_element_but_its_own(text: str) -> None:
    page, plain = _html(_one(text)), _html(_one("plain"))
    assert [(node.tag, set(node.attributes)) for node in page.css("*")] == [
        (node.tag, set(node.attributes)) for node in plain.css("*")
    ]


def test_html_asks_for_nothing_and_runs_nothing() -> None:
    page = _html(_one(HOSTILE[0]))
    (policy,) = page.css("meta[http-equiv]")
    assert str(policy.attributes["content"]).startswith("default-src 'none'; style-src 'sha256-")
    assert page.css("script, link, img, iframe, object, form") == []
    assert {str(link.attributes["href"])[:8] for link in page.css("a")} == {"#source-"}


def test_every_mark_of_the_page_leads_to_a_source() -> None:
    page = _html(_conversation(_answered("One?", _citation(), _citation(2, "b.txt")), _answered("Two?", _citation())))
    assert [link.attributes["href"] for link in page.css("a.mark")] == ["#source-1", "#source-2", "#source-1"]
    identities = [node.attributes["id"] for node in page.css("[id]")]
    assert len(identities) == len(set(identities))
    assert {"source-1", "source-2"} <= set(identities)


# Markdown


@given(words)
@example("a\n***\nb")
@example("a\n\n    code")
@example("-\n")
@example("a  \nb")
@example("a\n\nb\n\n- c")
@example("~~~\nfence")
@example("a|b\n|-|-|\nc|d")
@example("a\n1) b")
@example("https://evil.example www.evil.example")
def test_markdown_renders_what_was_said(text: str) -> None:
    conversation, said = _one(text), printable(text)
    title, _, question, _, sentence, _, origin, *paragraphs = _inlines(_text(conversation, "markdown"))
    assert "\n\n".join(paragraphs) == said
    assert title == isolated(said)
    assert question == f"1. {isolated(said)}"
    assert sentence == f"{isolated(said)} [1]"
    assert origin.startswith(f"[1] {isolated(said)} · ")
    kinds = [node.tag for node in _rendered(conversation).css("body *")]
    assert kinds == ["h1", "p", "h2", "p", "p", "h2", "p", "blockquote", *["p"] * len(paragraphs)]


def _inlines(source: str) -> list[str]:
    """The text of every heading and paragraph; pieces of mark-up in them count as nothing."""
    inlines = [token.children or [] for token in _MARKDOWN.parse(source) if token.type == "inline"]
    return ["".join("\n" if piece.type == "softbreak" else piece.content for piece in pieces) for pieces in inlines]


def test_a_quote_of_several_lines_keeps_them_in_markdown() -> None:
    source = _text(_one("Title", quote="First line\nsecond line, and 1. more."), "markdown")
    assert "\n> First line\n> second line, and 1. more.\n" in source


def test_a_quote_of_several_paragraphs_keeps_them_in_markdown() -> None:
    page = _rendered(_one("Title", quote="The harbour froze.\n\nTrade\nstopped.\n\n\n- It rained."))
    assert [node.text() for node in page.css("blockquote > p")] == [
        "The harbour froze.",
        "Trade\nstopped.\n\n\n- It rained.",
    ]


def test_bare_addresses_become_no_links_where_markdown_makes_some_of_them() -> None:
    linkifying = MarkdownIt("gfm-like", {"linkify": False})
    source = _text(_one("https://evil.example www.evil.example"), "markdown")
    assert "https://" not in source
    assert "www.evil" not in source
    assert "<a" not in linkifying.render(source)


# Directions


@given(words)
def test_isolation_ends_where_the_text_ends(text: str) -> None:
    shown = isolated(text)
    assert text in shown
    if shown == text:
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u05d0")
        return
    # Never closed before the last character, closed with it.
    depths = []
    depth = 0
    for character in shown:
        depth += (character in "\u2066\u2067\u2068") - (character == "\u2069")
        depths.append(depth)
    assert min(depths[:-1]) > 0
    assert depths[-1] == 0


def test_plain_text_is_not_isolated() -> None:
    assert isolated("Plain (text), 12 %.") == "Plain (text), 12 %."
    assert isolated("שלום") == "\u2068שלום\u2069"


@pytest.mark.parametrize(("text", "expected"), [("abc שלום", False), ("12 שלום abc", True), ("12", False), ("", False)])
def test_the_first_letter_decides_on_the_direction(text: str, expected: bool) -> None:
    assert reads_right_to_left(text) is expected


# Word


def _lines(text: str) -> str:
    return printable(text).replace("\r\n", "\n").replace("\r", "\n")


@given(words)
def test_word_says_what_was_said(text: str) -> None:
    conversation = _one(text)
    said = _lines(text)
    assert _paragraphs(conversation, "Title") == [said]
    assert _paragraphs(conversation, "Quote") == [said]
    assert _paragraphs(conversation, "Heading 1") == [said, "Sources"]
    assert _paragraphs(conversation, "Normal") == [f"{_lines(isolated(text))} [1]"]


def test_marks_in_word_are_links_to_the_bookmarks_of_their_sources() -> None:
    data = _data(_conversation(_answered("One?", _citation(), _citation(2, "b.txt"))), "docx")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        xml = package.read("word/document.xml").decode()
    assert re.findall(r'w:anchor="(\w+)"', xml) == ["source1", "source2"]
    assert re.findall(r'w:bookmarkStart w:id="\d+" w:name="(\w+)"', xml) == ["source1", "source2"]
    assert "TargetMode" not in str(zipfile.ZipFile(io.BytesIO(data)).read("word/_rels/document.xml.rels"))


def test_word_opens_with_its_title_and_natoqa_reads_it_too() -> None:
    conversation = _conversation(_answered("Was it cold?", _citation(quote="The harbour froze.")))
    data = _data(conversation, "docx")
    assert docx.Document(io.BytesIO(data)).core_properties.title == "Harbours"
    assert "The harbour froze. [1]" in load_docx(data, Limits()).text


def test_word_is_told_to_keep_white_space() -> None:
    with zipfile.ZipFile(io.BytesIO(_data(_one("  a  b "), "docx"))) as package:
        xml = package.read("word/document.xml").decode()
    assert xml.count('<w:t xml:space="preserve">  a  b </w:t>') == 4


def test_hebrew_is_a_paragraph_from_right_to_left_in_word() -> None:
    with zipfile.ZipFile(io.BytesIO(_data(_one("שלום"), "docx"))) as package:
        assert b"<w:bidi/>" in package.read("word/document.xml")
    with zipfile.ZipFile(io.BytesIO(_data(_one("abc"), "docx"))) as package:
        assert b"<w:bidi/>" not in package.read("word/document.xml")


# JSON


@given(st.one_of(words, st.text(st.characters(), min_size=1, max_size=20)))
@example("half \ud800 a character")
def test_json_holds_every_character_of_every_turn(text: str) -> None:
    conversation = _one(text)
    value = json.loads(_data(conversation, "json"))
    (turn,) = value["turns"]
    assert turn == {**answer_json(conversation.turns[0].answer), "asked": text, "at": AT}
    assert turn["citations"][0]["quote"] == text
    assert (value["format"], value["version"], value["natoqa"]) == ("natoqa-conversation", 1, "0.4.0")
    assert (value["title"], value["generation"]) == (text, "0001")


def test_the_bibliography_of_json_numbers_places_and_names_documents() -> None:
    conversation = _conversation(_answered("One?", _citation()), _answered("Two?", _citation(1, "b.txt", start=7)))
    value = json.loads(_data(conversation, "json", {"b.txt": Metadata("B", kind="report")}))
    assert [(place["number"], place["document"], place["start"]) for place in value["bibliography"]] == [
        (1, "notes/a.txt", 0),
        (2, "b.txt", 7),
    ]
    assert [(item["document"], item["title"], item["kind"], item["numbers"]) for item in value["documents"]] == [
        ("notes/a.txt", "Title", "", [1]),
        ("b.txt", "B", "report", [2]),
    ]


# BibTeX and RIS


def _reference(metadata: Metadata, form: str, identity: str = "notes/a.txt") -> str:
    return _text(_conversation(_answered("Who?", _citation(document=identity))), form, {identity: metadata})


KNOWN = Metadata("R&D at 100 %", "Mares, David; Ministry of Trade and Industry", "2012-12-20", "working-paper")


def test_a_bibtex_entry_says_what_is_known() -> None:
    assert _reference(KNOWN, "bibtex") == (
        f"@techreport{{{key_of('notes/a.txt')},\n"
        "  title = {{R\\&D at 100 \\%}},\n"
        "  author = {Mares, David and {Ministry of Trade and Industry}},\n"
        "  date = {2012-12-20},\n"
        "  year = {2012},\n"
        "  month = dec,\n"
        "  note = {natoqa document: notes/a.txt}\n"
        "}\n"
    )


def test_a_ris_record_says_what_is_known() -> None:
    assert _reference(KNOWN, "ris").split("\r\n") == [
        "TY  - RPRT",
        f"ID  - {key_of('notes/a.txt')}",
        "TI  - R&D at 100 %",
        "AU  - Mares, David",
        "AU  - Ministry of Trade and Industry",
        "PY  - 2012",
        "DA  - 2012/12/20/",
        "N1  - natoqa document: notes/a.txt",
        "ER  - ",
        "",
    ]


def test_what_is_unknown_is_left_out() -> None:
    assert re.findall(r"^  (\w+) =", _reference(Metadata("T"), "bibtex"), re.MULTILINE) == ["title", "note"]
    assert re.findall(r"^(\w\w)  -", _reference(Metadata("T"), "ris"), re.MULTILINE) == ["TY", "ID", "TI", "N1", "ER"]


def test_a_document_that_is_gone_from_the_index_is_described_by_its_citation() -> None:
    entry = _text(_conversation(_answered("Who?", _citation())), "bibtex")
    assert "{{Title}}" in entry
    assert "{Ann Author}" in entry


@pytest.mark.parametrize(
    ("kind", "bibtex", "ris"),
    [
        ("Book", "@book", "BOOK"),
        ("journal_article", "@article", "JOUR"),
        ("", "@misc", "GEN"),
        ("source-note", "@misc", "GEN"),
    ],
)
def test_the_type_follows_the_kind_where_there_is_one_for_it(kind: str, bibtex: str, ris: str) -> None:
    assert _reference(Metadata("T", kind=kind), "bibtex").startswith(f"{bibtex}{{")
    assert _reference(Metadata("T", kind=kind), "ris").startswith(f"TY  - {ris}\r\n")


@pytest.mark.parametrize(
    ("date", "bibtex", "ris"),
    [
        ("2012", ["date = {2012}", "year = {2012}"], ["PY  - 2012", "DA  - 2012///"]),
        (
            "2012-05",
            ["date = {2012-05}", "year = {2012}", "month = may"],
            ["PY  - 2012", "DA  - 2012/05//"],
        ),
        ("Winter 2012", ["year = {2012}"], ["PY  - 2012", "DA  - 2012///Winter 2012"]),
        ("2012-13-45", ["year = {2012}"], ["PY  - 2012", "DA  - 2012///2012-13-45"]),
        ("long ago", [], []),
        ("0000", [], []),
    ],
)
def test_dates_go_as_far_as_they_are_known(date: str, bibtex: list[str], ris: list[str]) -> None:
    entry, recorded = _reference(Metadata("T", date=date), "bibtex"), _reference(Metadata("T", date=date), "ris")
    assert re.findall(r"^  ((?:date|year|month) = .*?),?$", entry, re.MULTILINE) == bibtex
    assert re.findall(r"^((?:PY|DA)  - .*?)\r?$", recorded, re.MULTILINE) == ris


def test_a_key_is_that_of_the_document_alone_and_no_two_are_equal() -> None:
    identities = ["a b.txt", "a-b.txt", "A-B.txt", "日本.txt", "中国.txt", "x" * 300 + "1", "x" * 300 + "2"]
    keys = [key_of(identity) for identity in identities]
    assert len(set(keys)) == len(identities)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) for key in keys)
    assert key_of("a b.txt") == keys[0]


@given(texts, texts, texts, texts.filter(bool))
def test_bibtex_is_balanced_and_tex_reads_nothing_but_text(title: str, author: str, date: str, identity: str) -> None:
    entry = _reference(Metadata(title, author, date), "bibtex", identity)
    depth = 0
    for character in entry:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert entry.count("\n}\n") == 1
    commands = set(re.findall(r"\\([a-zA-Z]+|.)", entry))
    known = {"backslash", "braceleft", "braceright", "asciitilde", "asciicircum", "less", "greater", "bar"}
    assert commands <= {f"text{name}" for name in known} | set("&%$#_")
    assert re.sub(r"\\[&%$#_]", "", entry).translate(str.maketrans("", "", "&%$#~^")) == re.sub(r"\\[&%$#_]", "", entry)


@given(texts, texts, texts, texts.filter(bool))
def test_every_line_of_ris_is_a_tag_and_a_value(title: str, author: str, date: str, identity: str) -> None:
    *lines, last = _reference(Metadata(title, author, date), "ris", identity).split("\r\n")
    assert last == ""
    assert lines[0].startswith("TY  - ")
    assert lines[-1] == "ER  - "
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\x00-\x1f\x7f\u2028\u202e]*", line) for line in lines)
    assert sum(line.startswith("TY  - ") for line in lines) == 1


# Files and the command line


def test_the_suffix_decides_on_the_form() -> None:
    assert {form_of(Path(f"a{form.suffix}")) for form in FORMS.values()} == set(FORMS)
    assert form_of(Path("A.DOCX")) == "docx"
    with pytest.raises(KeyError):
        form_of(Path("a.pdf"))


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    exported = export(_one("Was it cold?"), {}, "markdown")
    save(exported, tmp_path / "new" / "a.md")
    assert (tmp_path / "new" / "a.md").read_bytes() == exported.data
    with pytest.raises(NatoqaError, match="exists already"):
        save(exported, tmp_path / "new" / "a.md")
    with pytest.raises(NatoqaError, match="cannot be written"):
        save(exported, tmp_path / "new" / "a.md" / "b.md")


@pytest.fixture
def asking(library: Library, monkeypatch: pytest.MonkeyPatch, natoqa: Callable[..., Any]) -> Callable[..., Any]:
    """``natoqa ask`` over two small documents."""
    library.write("a.txt", "The harbour froze in winter.")
    library.write("b.txt", "The mayor sold the harbour to a bank.")
    library.sync()
    monkeypatch.setattr("natoqa.cli.open_assistant", lambda index: library.open())
    return lambda *arguments: natoqa("ask", "Who sold the harbour?", *arguments)


@pytest.mark.parametrize("form", FORMS)
def test_ask_exports_its_answer(asking: Callable[..., Any], tmp_path: Path, form: str) -> None:
    path = tmp_path / f"answer{FORMS[form].suffix}"
    finished = asking("--export", path, "--json")
    assert (finished.code, finished.err) == (0, f"exported: {path}\n")
    quotes = [citation["quote"] for citation in json.loads(finished.out)["citations"]]
    assert quotes
    if form == "docx":
        assert all(quote in load_docx(path.read_bytes(), Limits()).text for quote in quotes)
    elif form in ("bibtex", "ris"):
        assert "b.txt" in path.read_text("utf-8")
    else:
        assert all(quote in path.read_text("utf-8") for quote in quotes)


def test_an_export_is_written_even_if_nobody_reads_what_is_shown(
    asking: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(*_: object) -> None:
        raise NatoqaError("the reader has left")

    monkeypatch.setattr("natoqa.cli.show", leave)
    finished = asking("--export", tmp_path / "answer.md")
    assert (finished.code, (tmp_path / "answer.md").exists()) == (1, True)


def test_ask_refuses_a_file_that_no_export_can_become_before_it_asks(
    natoqa: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "there.md").write_text("mine", "utf-8")
    for name, reason in (("a.pdf", "ends in none of .md, .html"), ("there.md", "exists already")):
        # There is no index: it would be missed if anything were asked.
        finished = natoqa("ask", "Who?", "--index", tmp_path / "none", "--export", tmp_path / name)
        assert finished.code == 2
        assert reason in " ".join(finished.err.replace("│", " ").split())
    assert (tmp_path / "there.md").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("at", "when"),
    [
        (AT, "2026-11-25 20:00 UTC"),
        ("2026-11-25T20:00:59+02:00", "2026-11-25 20:00 UTC+02:00"),
        ("2026-11-25T20:00", "2026-11-25 20:00"),
        ("<b>yesterday</b>", "<b>yesterday</b>"),
    ],
)
def test_a_time_is_shown_to_the_minute(at: str, when: str) -> None:
    turn = Turn("Why?", _answered("Why?", _citation()), at)
    assert turn.when == when
    page = _html(replace(_conversation(), turns=(turn,)))
    assert _only(page, "time") == when
    assert page.css("time")[0].attributes["datetime"] == at
