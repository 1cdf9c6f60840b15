"""PDF files: reading order, paragraphs, running heads, pages, boxes, and what cannot be read."""

from __future__ import annotations

import re
import struct
import time
from itertools import pairwise

import pdfs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pdfs import BOLD, CHINESE, HEIGHT, IMAGE, Drawn, listed, make, mapped, wrapped
from reportlab.lib.pdfencrypt import StandardEncryption

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import pdf
from natoqa.loaders.loaded import Loaded
from natoqa.types import Document, LandmarkKind

FIRST = (
    "The alliance was founded in April 1949 by twelve states, which promised one another to regard an attack on any "
    "of them as an attack on them all. Its first secretary general took office three years later."
)
SECOND = (
    "Decisions are taken by consensus: there is no vote, and a proposal on which one member cannot agree is talked "
    "about until it can, or until it is withdrawn. This takes time, and it is meant to."
)
LEFT = "Left column prose that is long enough to fill its measure and runs on for several lines of the page. " * 3
RIGHT = "Right column words of another story, which nobody should read before the left column has come to its end. " * 3


def load(data: bytes, **limits: int) -> Loaded:
    return pdf.load(data, Limits(**limits))


def document(loaded: Loaded) -> Document:
    return Document("a.pdf", loaded.text, loaded.metadata, loaded.landmarks)


def kinds(loaded: Loaded) -> list[tuple[str, str]]:
    """(kind, the text up to the next landmark)."""
    marks = [mark for mark in loaded.landmarks if mark.kind is not LandmarkKind.PAGE]
    ends = [*(mark.offset for mark in marks[1:]), len(loaded.text)]
    return [(mark.kind.value, loaded.text[mark.offset : end].strip()) for mark, end in zip(marks, ends, strict=True)]


def assert_sound(loaded: Loaded) -> None:
    """What holds for every PDF, whatever is in it."""
    assert loaded.text.strip()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\ud800-\udfff]", loaded.text)
    assert [page.number for page in loaded.pages] == sorted({page.number for page in loaded.pages})
    assert (loaded.pages[0].start, loaded.pages[-1].end) == (0, len(loaded.text))
    assert all(page.end == following.start for page, following in pairwise(loaded.pages))
    assert all(len(page.boxes) == 8 * (page.end - page.start) for page in loaded.pages)
    starts = [mark.offset for mark in loaded.landmarks if mark.kind is LandmarkKind.PAGE]
    assert starts == [page.start for page in loaded.pages]
    offsets = [mark.offset for mark in loaded.landmarks]
    assert offsets == sorted(offsets)


def test_lines_become_paragraphs_under_their_headings() -> None:
    page = [
        Drawn(72, 80, "Annual Report", BOLD, 20),
        *wrapped(72, 120, FIRST),
        Drawn(72, 180, "How Decisions Are Made", BOLD, 10),
        *wrapped(72, 200, SECOND),
        *wrapped(72, 260, FIRST),
    ]
    loaded = load(make(page))
    assert_sound(loaded)
    assert loaded.text == "\n\n".join(["Annual Report", FIRST, "How Decisions Are Made", SECOND, FIRST])
    assert [kind for kind, _ in kinds(loaded)] == ["title", "paragraph", "heading", "paragraph", "paragraph"]
    assert loaded.notes == ()


def test_paragraphs_without_space_between_them_are_told_apart_by_their_short_last_lines_and_indents() -> None:
    flush = wrapped(72, 100, FIRST)
    flush += wrapped(72, 100 + 12 * len(flush), SECOND)
    assert load(make(flush)).text == f"{FIRST}\n\n{SECOND}"
    indented = [Drawn(line.x + 20 * (line.y == 100), line.y, line.text) for line in wrapped(72, 100, FIRST)]
    bottom = indented[-1].y + 12
    indented += [Drawn(line.x + 20 * (line.y == bottom), line.y, line.text) for line in wrapped(72, bottom, SECOND)]
    assert load(make(indented)).text == f"{FIRST}\n\n{SECOND}"


def test_a_gap_or_an_indent_alone_parts_paragraphs() -> None:
    apart = [*listed(72, 100, ["one block of words without", "an end"]), *listed(72, 140, ["and another", "below it"])]
    assert load(make(apart)).text == "one block of words without an end\n\nand another below it"
    line = "Everybody met in the old town hall at noon."
    indented = [Drawn(72 + 20 * (index == 2), 100 + 12 * index, line) for index in range(4)]
    assert load(make(indented)).text == f"{line} {line}\n\n{line} {line}"


def test_bullets_and_numbers_are_items() -> None:
    lines = ["Members promise:", "• to defend one another;", "• to consult", "1. Later, in Rome.", "2. Then in Riga."]
    found = kinds(load(make([*wrapped(72, 60, SECOND), *listed(72, 120, lines)])))
    assert found[1:] == [("paragraph", lines[0]), *(("item", line) for line in lines[1:])]


def test_a_line_of_the_table_of_contents_is_kept_and_is_no_sentence_to_quote() -> None:
    lines = ["Opening words of the report.", "Arms sales . . . . . . . . . . . . . . . 12", "Loans ............... 15"]
    loaded = load(make([Drawn(72, 100 + 40 * number, line) for number, line in enumerate(lines)]))
    assert kinds(loaded) == list(zip(("paragraph", "markup", "markup"), lines, strict=True))


def test_a_word_broken_at_the_end_of_a_line_is_whole_again() -> None:
    lines = ["Every decision needs the consen-", "sus of all, as was agreed."]
    assert load(make(listed(72, 100, lines))).text == "Every decision needs the consensus of all, as was agreed."


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["the leaders of Euro-", "Atlantic states met"], "the leaders of Euro-Atlantic states met"),
        (["in the years 2010-", "2011 it grew"], "in the years 2010-2011 it grew"),
        (["a well-known rule, a well-", "known fact"], "a well-known rule, a well-known fact"),
        (["a state-of-the-", "art system"], "a state-of-the-art system"),
        (["both the pre-", "and post-war order"], "both the pre- and post-war order"),
        (["one thing -", "another thing"], "one thing - another thing"),
        (["a break\u00ad", "able soft hyphen"], "a breakable soft hyphen"),
    ],
)
def test_a_hyphen_stays_where_it_belongs_to_the_word(lines: list[str], text: str) -> None:
    assert load(make(listed(72, 100, lines))).text == text


def test_soft_hyphens_are_no_part_of_the_text() -> None:
    lines = ["soft hy~phens at a line's end: break~", "able words."]
    loaded = load(mapped(make(listed(72, 100, lines), compressed=False), "<7E> <7E> <00AD>"))
    assert_sound(loaded)
    assert loaded.text == "soft hyphens at a line's end: breakable words."


def test_two_columns_drawn_row_by_row_are_read_one_after_the_other() -> None:
    left, right = wrapped(60, 120, LEFT, 220), wrapped(315, 120, RIGHT, 220)
    rows = [line for row in zip(left, right, strict=False) for line in row]
    rows += [*left[len(right) :], *right[len(left) :]]
    loaded = load(make([Drawn(60, 80, "Across Both", BOLD, 18), *rows]))
    assert_sound(loaded)
    assert loaded.text == f"Across Both\n\n{LEFT.strip()}\n\n{RIGHT.strip()}"


def test_two_columns_drawn_one_after_the_other_stay_so_and_a_sentence_runs_on_from_one_to_the_next() -> None:
    lines = wrapped(60, 120, LEFT, 220)
    half = len(lines) // 2
    moved = [Drawn(315, line.y - 12 * half, line.text) for line in lines[half:]]
    assert load(make([*lines[:half], *moved])).text == LEFT.strip()


def test_a_table_is_read_row_by_row() -> None:
    rows = [("Country", "2023", "2024"), ("Chile", "2.3", "2.4"), ("Peru", "1.4", "1.5"), ("Spain", "1.2", "1.3")]
    cells = [Drawn(72 + 120 * j, 200 + 14 * i, cell) for i, row in enumerate(rows) for j, cell in enumerate(row)]
    loaded = load(make([*wrapped(72, 100, FIRST), *cells]))
    assert kinds(loaded)[1:] == [("item", " ".join(row)) for row in rows]


def test_a_table_of_words_is_no_page_of_columns() -> None:
    rows = [("The members of the council", "meet in the old hall", f"every Monday of month {n}") for n in range(1, 7)]
    cells = [Drawn(50 + 180 * j, 100 + 12 * i, cell) for i, row in enumerate(rows) for j, cell in enumerate(row)]
    assert kinds(load(make(cells))) == [("item", " ".join(row)) for row in rows]


def _report(count: int) -> list[list[Drawn]]:
    return [
        [
            Drawn(72, 40, "Annual Report of the Alliance"),
            Drawn(500, HEIGHT - 30, f"Page {number}"),
            *wrapped(72, 100, f"Statement {number} differs from the others. {SECOND}"),
            Drawn(72, HEIGHT - 150, f"A last remark ends page {number}."),
        ]
        for number in range(1, count + 1)
    ]


def test_running_heads_feet_and_page_numbers_are_left_out() -> None:
    loaded = load(make(*_report(5)))
    assert_sound(loaded)
    assert "Annual Report" not in loaded.text
    assert not re.search(r"Page \d", loaded.text)
    assert loaded.text.count(SECOND) == 5
    assert loaded.text.count("A last remark ends page") == 5


def test_heads_of_left_and_right_pages_with_the_number_in_them_are_left_out() -> None:
    pages = [
        [
            Drawn(72, 40, f"{n} The Alliance" if n % 2 else f"Chapter {n // 4}: Of many things {n}"),
            *wrapped(72, 90, FIRST),
        ]
        for n in range(10, 20)
    ]
    assert load(make(*pages)).text == "\n\n".join([FIRST] * 10)


def test_bare_page_numbers_that_count_on_are_left_out_of_two_pages_already() -> None:
    pages = [[*wrapped(72, 100, FIRST), Drawn(290, HEIGHT - 30, str(number))] for number in (7, 8)]
    assert load(make(*pages)).text == f"{FIRST}\n\n{FIRST}"
    pages = [[*wrapped(72, 100, FIRST), Drawn(290, HEIGHT - 30, str(number))] for number in (7, 70)]
    assert "70" in load(make(*pages)).text


def test_text_that_returns_is_kept_when_it_returns_once_or_is_part_of_the_text() -> None:
    head = Drawn(72, 40, "A solemn warning to the reader")
    assert load(make(*[[head, *wrapped(72, 100, FIRST)]] * 2)).text.count(head.text) == 2
    assert load(make(*[wrapped(72, 60, FIRST)] * 6)).text.count(FIRST) == 6
    assert load(make(*[[head]] * 6)).text.count(head.text) == 6


def test_pages_and_headings_locate_a_sentence() -> None:
    loaded = load(
        make(
            [Drawn(72, 80, "Report", BOLD, 24), *wrapped(72, 120, FIRST)],
            [Drawn(72, 80, "Consensus", BOLD, 16), *wrapped(72, 120, SECOND), *wrapped(72, 200, FIRST)],
        )
    )
    text, locate = loaded.text, document(loaded).locator
    assert locate(text.index("first secretary")) == "p. 1, ¶ 1"
    assert locate(text.index("Consensus")) == "p. 2, Consensus, heading"
    assert locate(text.index("This takes time")) == "p. 2, Consensus, ¶ 1"
    assert locate(text.rindex("first secretary")) == "p. 2, Consensus, ¶ 2"


def test_a_page_says_by_which_number_it_was_printed() -> None:
    data = make(wrapped(72, 100, FIRST), wrapped(72, 100, SECOND))
    labels = b"/PageLabels << /Nums [0 << /S /r /St 4 >> 1 << /S /D /St 2 >>] >> /Type /Catalog"
    loaded = load(data.replace(b"/Type /Catalog", labels))
    assert document(loaded).locator(0) == "p. 1 (printed iv), ¶ 1"
    assert document(loaded).locator(len(loaded.text) - 1) == "p. 2, ¶ 1"


def test_a_paragraph_runs_over_the_end_of_a_page() -> None:
    lines = wrapped(72, 700, FIRST)
    over = [Drawn(72, 80 + 12 * index, line.text) for index, line in enumerate(lines[1:])]
    loaded = load(make([lines[0]], [*over, *wrapped(72, 200, SECOND)]))
    assert_sound(loaded)
    assert loaded.text == f"{FIRST}\n\n{SECOND}"
    start = loaded.text.index(lines[1].text)
    assert [page.start for page in loaded.pages] == [0, start]
    assert document(loaded).locator(start - 2) == "p. 1, ¶ 1"
    assert document(loaded).locator(start) == "p. 2"
    assert document(loaded).locator(len(FIRST) + 2) == "p. 2, ¶ 1"


def test_a_word_broken_over_the_end_of_a_page_is_whole_and_its_rest_is_on_the_next() -> None:
    loaded = load(make(listed(72, 700, ["All of this needs con-"]), listed(72, 80, ["sensus among them."])))
    assert_sound(loaded)
    assert loaded.text == "All of this needs consensus among them."
    assert loaded.pages[1].start == loaded.text.index("sensus")


def test_a_finished_paragraph_does_not_run_on() -> None:
    assert load(make(wrapped(72, 700, FIRST), wrapped(72, 80, SECOND))).text == f"{FIRST}\n\n{SECOND}"


def test_accents_and_chinese_keep_their_characters_and_offsets() -> None:
    chinese = [Drawn(72, 200, "中国卫星在二零一二年", CHINESE, 12), Drawn(72, 214, "进入轨道。", CHINESE, 12)]
    loaded = load(make([Drawn(72, 100, "Español: año, garçon, größer – “Zitat”."), *chinese]))
    assert_sound(loaded)
    assert loaded.text == "Español: año, garçon, größer – “Zitat”.\n\n中国卫星在二零一二年进入轨道。"


def test_a_password_is_asked_for_by_name_and_an_empty_one_is_none() -> None:
    locked = make(wrapped(72, 100, FIRST), encrypt=StandardEncryption("secret", "owner"))
    with pytest.raises(UnreadableFile, match=r"^it is encrypted; save it without a password$"):
        load(locked)
    assert load(make(wrapped(72, 100, FIRST), encrypt=StandardEncryption("", "owner"))).text == FIRST


def test_a_scan_is_sent_to_ocr() -> None:
    with pytest.raises(UnreadableFile, match="images without text; run it through OCR first"):
        load(make([IMAGE], [IMAGE]))
    stamped = [[IMAGE, Drawn(72, 30, "Downloaded from an archive")]] * 4
    with pytest.raises(UnreadableFile, match="images without text"):
        load(make(*stamped))


def test_pages_that_are_images_are_named_and_the_rest_is_read() -> None:
    text = wrapped(72, 100, FIRST)
    loaded = load(make(text, text, [IMAGE], text, [], [IMAGE], [IMAGE], [IMAGE]))
    assert loaded.notes == ("pages 3, 6-8 are images without text and are left out",)
    assert [page.number for page in loaded.pages] == [1, 2, 4]
    assert load(make(text, text, [IMAGE])).notes == ("page 3 is an image without text and is left out",)


def test_a_pdf_of_empty_pages_has_no_text() -> None:
    with pytest.raises(UnreadableFile, match="it has no text"):
        load(make([], []))


def test_codes_that_stand_for_no_characters_are_no_text() -> None:
    data = mapped(make(listed(72, 100, ["Plain words here"]), compressed=False), "<21> <7E> <E021>")
    with pytest.raises(UnreadableFile, match="its text is unreadable"):
        load(data)


def test_hebrew_is_read_from_right_to_left() -> None:
    words = "abcd efgh"  # drawn from left to right, so that d is the fourth letter from the left
    drawn = mapped(make([Drawn(72, 100, words)], compressed=False), "<61> <7A> <05D0>")
    loaded = load(drawn)
    hebrew = words.translate({code: code - ord("a") + 0x5D0 for code in range(ord("a"), ord("z") + 1)})
    assert loaded.text == hebrew[::-1]
    lefts = [struct.unpack_from("<H", loaded.pages[0].boxes, 8 * index)[0] for index in range(len(hebrew))]
    letters = [left for left, letter in zip(lefts, loaded.text, strict=True) if letter != " "]
    assert letters == sorted(letters, reverse=True)


def test_a_character_outside_the_basic_plane_is_one_character() -> None:
    loaded = load(mapped(make([Drawn(72, 100, "aab")], compressed=False), "<61> <61> <D83DDE00>"))
    assert_sound(loaded)
    assert loaded.text == "😀😀b"


def test_more_pages_or_text_than_allowed_are_refused_by_the_setting() -> None:
    data = make(*[wrapped(72, 100, FIRST)] * 3)
    with pytest.raises(UnreadableFile, match=r"it has 3 pages, more than 2 \(setting corpus.max_pages\)"):
        load(data, pages=2)
    assert len(load(data, pages=3).pages) == 3
    with pytest.raises(UnreadableFile, match=r"setting corpus.max_text_millions"):
        load(data, characters=500)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"no pdf at all", b"%PDF-1.4\n%%EOF", b"\x00" * 5_000])
def test_what_is_no_pdf_is_reported_as_such(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="it is not a readable PDF"):
        load(data)


SOUND = make(*_report(2), title="Sound")
PLAIN = make(*_report(2), title="Sound", compressed=False)


@settings(deadline=None)
@given(st.integers(0, len(SOUND)), st.integers(0, len(SOUND)), st.binary(max_size=20))
@example(len(SOUND) - 7, len(SOUND), b"")
def test_a_damaged_pdf_is_read_or_reported(start: int, end: int, garbage: bytes) -> None:
    for data in (SOUND, PLAIN):
        try:
            loaded = load(data[:start] + garbage + data[max(start, end) :])
        except UnreadableFile as error:
            assert str(error)
        else:
            assert_sound(loaded)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("The Real Title", "The Real Title"),
        ("untitled", "Heading"),
        ("Microsoft Word - report_final.doc", "Heading"),
        ("report_final.docx", "Heading"),
        ("PowerPoint Presentation", "Heading"),
        ("  ", "Heading"),
        ("Untitled Lives: A Study", "Untitled Lives: A Study"),
        ("a\x07\nb", "a b"),
    ],
)
def test_the_title_is_the_pdfs_own_unless_it_is_junk(title: str, shown: str) -> None:
    page = [Drawn(72, 80, "Heading", BOLD, 20), *wrapped(72, 120, FIRST)]
    assert load(make(page, title=title)).metadata.title == shown


def test_author_and_date_are_read() -> None:
    data = make(wrapped(72, 100, FIRST), author="A. Writer")
    metadata = load(re.sub(rb"\(D:\d{14}[^)]*\)", b"(D:20121220093000Z)", data)).metadata
    assert (metadata.author, metadata.date) == ("A. Writer", "2012-12-20")
    metadata = load(re.sub(rb"\(D:\d{14}[^)]*\)", b"(D:20121320093000Z)", make(wrapped(72, 100, FIRST)))).metadata
    assert (metadata.author, metadata.date) == ("", "")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(
            st.builds(
                Drawn,
                st.floats(0, 550),
                st.floats(0, 840),
                st.text(st.sampled_from("abcdeAB .,-•1\u00ad–é"), min_size=1, max_size=40),
                st.sampled_from([pdfs.BODY, BOLD]),
                st.sampled_from([8.0, 10.0, 20.0]),
            ),
            max_size=12,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_drawn_every_character_has_its_place(pages: list[list[Drawn]]) -> None:
    try:
        loaded = load(make(*pages))
    except UnreadableFile as error:
        assert "no text" in str(error)
        return
    assert_sound(loaded)
    drawn = sum(character.isalpha() for page in pages for string in page for character in string.text)
    assert sum(map(str.isalpha, loaded.text)) <= drawn


@pytest.mark.slow
def test_two_thousand_pages_are_read_in_well_under_a_minute() -> None:
    body = (FIRST + " " + SECOND + " ") * 7
    data = make(*[[*wrapped(72, 80, f"{n} {body}", 450), Drawn(300, 820, str(n))] for n in range(1, 2_001)])
    begun = time.perf_counter()
    loaded = load(data)
    assert time.perf_counter() - begun < 60
    assert len(loaded.pages) == 2_000
    assert_sound(loaded)


def test_a_line_wider_than_its_column_does_not_cut_indented_paragraphs() -> None:
    paragraph = "The line that is set here ends where the others do"
    drawn = []
    for start in (100, 148):
        drawn += [
            Drawn(72 + 15 * (row == 0), start + 12 * row, paragraph[: -3 if row == 0 else None]) for row in range(3)
        ]
        drawn.append(Drawn(72, start + 36, "and here it ends."))
    wide = Drawn(72, 200, "ferry --line 4 --from Velmora --to Harrow --passengers 400 --season summer --year 1998")
    text = f"{paragraph[:-3]} {paragraph} {paragraph} and here it ends."
    assert load(make([*drawn, wide])).text.split("\n\n")[:2] == [text, text]


def test_lines_that_end_at_different_places_are_measured_by_the_longest() -> None:
    for width in range(300, 420, 10):
        lines = [*wrapped(72, 100, FIRST, width)]
        lines += wrapped(72, lines[-1].y + 12, SECOND, width)
        assert len(load(make(lines)).text.split("\n\n")) <= 2


@pytest.mark.parametrize("title", ["(anonymous)", "unspecified", "Unknown"])
def test_a_title_that_says_there_is_none_is_none(title: str) -> None:
    heading = Drawn(72, 60, "A Real Title", BOLD, 18)
    assert load(make([heading, *wrapped(72, 100, FIRST)], title=title)).metadata.title == "A Real Title"
