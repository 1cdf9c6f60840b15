"""Markdown files: front matter, headings, tables, code."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders import markdown
from natoqa.loaders.loaded import Loaded
from natoqa.loaders.markdown import find_blocks
from natoqa.types import Metadata, SourceReference


def load(data: bytes) -> Loaded:
    return markdown.load(data, Limits())


MANY = 100_000
FRONT = """---
title: Chinese satellites
author: A. Writer
date: 2012-12-20
kind: note
about: Satellites
sources:
  - title: A Paper
    publisher: A Press
    url: https://example.org/a
  - Plain Source
confidence:
  - High for dates
  - Low for prices
other: ignored
---
"""


def _blocks(text: str) -> list[tuple[str, str]]:
    """(kind, label or the line's text)."""
    return [(b.kind.value, b.label or text[b.offset :].partition("\n")[0].strip()) for b in find_blocks(text)]


def test_front_matter_becomes_metadata_and_is_not_part_of_the_text() -> None:
    loaded = load((FRONT + "# Heading\n\nText.\n").encode())
    assert loaded.text == "# Heading\n\nText.\n"
    assert loaded.notes == ()
    assert loaded.metadata == Metadata(
        title="Chinese satellites",
        author="A. Writer",
        date="2012-12-20",
        kind="note",
        about="Satellites",
        sources=(SourceReference("A Paper", "A Press", "https://example.org/a"), SourceReference("Plain Source")),
        confidence=("High for dates", "Low for prices"),
    )


def test_without_a_title_in_front_the_first_heading_is_the_title() -> None:
    assert load(b"# The *Real* `Title`\n\nText.").metadata.title == "The Real Title"
    assert load(b"Text.\n\n## Later heading\n\nMore.").metadata.title == "Later heading"
    assert load(b"Text alone.").metadata.title == ""


def test_windows_line_ends_and_a_byte_order_mark_do_not_hide_front_matter() -> None:
    data = b"\xef\xbb\xbf" + (FRONT + "Text.").replace("\n", "\r\n").encode()
    loaded = load(data)
    assert loaded.metadata.title == "Chinese satellites"
    assert loaded.text == "Text."


def test_headings_of_both_kinds_paragraphs_items_tables_and_code_are_blocks() -> None:
    text = """# Title

Opening paragraph
over two lines.

Section
-------

- item one
- item two

  its second paragraph

1. numbered

| Country | Spending |
|---|---|
| Chile | 2.3 |
| Perú | 1.4 |

```python
# no heading
x = 1
```

> quoted

## Last #
"""
    assert _blocks(text) == [
        ("title", "Title"),
        ("paragraph", "Opening paragraph"),
        ("heading", "Section"),
        ("item", "- item one"),
        ("item", "- item two"),
        ("paragraph", "its second paragraph"),
        ("item", "1. numbered"),
        ("markup", "| Country | Spending |"),
        ("item", "| Chile | 2.3 |"),
        ("item", "| Perú | 1.4 |"),
        ("paragraph", "```python"),
        ("paragraph", "> quoted"),
        ("heading", "Last"),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "title: [never closed",
        "title: 'never closed",
        "\ttabs: are not yaml",
        "a: b: c",
        "date: 2012-13-45",
        "flag: !!bool maybe",
        "when: !!timestamp maybe",
        "number: !!int many",
        "object: !!python/object:os.system x",
        "[" * 5_000,
        "&a [*a]",
        "just text",
        "- a list",
    ],
)
def test_broken_front_matter_is_left_out_with_a_note_and_the_text_is_kept(broken: str) -> None:
    loaded = load(f"---\n{broken}\n---\nThe text.".encode())
    assert loaded.text == "The text."
    assert len(loaded.notes) == 1
    assert "front matter" in loaded.notes[0]
    assert loaded.metadata == Metadata()


@pytest.mark.parametrize("front", ["---\n---\n", "---\n# only a comment\n---\n", "--- \n\n---\t\n"])
def test_empty_front_matter_is_no_reason_for_a_note(front: str) -> None:
    loaded = load(f"{front}The text.".encode())
    assert (loaded.text, loaded.notes, loaded.metadata) == ("The text.", (), Metadata())


def test_a_line_of_dashes_that_is_not_front_matter_stays_in_the_text() -> None:
    for text in ("Text.\n\n---\n\nMore.\n\n---\n", "----\nText.\n----\n", "---\nnever closed\n"):
        assert load(text.encode()).text == text


def test_fields_of_the_wrong_kind_are_left_out() -> None:
    front = (
        "---\ntitle: {a: b}\nauthor: [x, y]\ndate: 2012\nkind: true\nabout: 1.5\nsources: one\nconfidence: high\n---\n"
    )
    metadata = load(f"{front}Text.".encode()).metadata
    assert metadata == Metadata(
        author="x, y", date="2012", about="1.5", sources=(SourceReference("one"),), confidence=("high",)
    )


@pytest.mark.parametrize(
    "title",
    ['"a\\uD800b"', '"a\\0b"', '"a\\e[31mb"', '"a\\nb"', '"a\\u2028b"', "0x" + "F" * 5_000, ".nan", "!!binary aGk="],
)
def test_no_title_can_break_the_store_or_the_terminal(title: str) -> None:
    metadata = load(f"---\ntitle: {title}\n---\nText.".encode()).metadata
    metadata.title.encode()
    assert metadata.title == "" or metadata.title.isprintable()


def test_no_heading_can_break_the_terminal() -> None:
    loaded = load(b"Text.\n\n# a&#27;[31mb&#xD800;&#0;c\n\nText.")
    assert next(mark.label for mark in loaded.landmarks if mark.kind == "heading").isprintable()


def test_a_file_that_is_all_front_matter_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="below its front matter"):
        load(FRONT.encode())


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00") | st.sampled_from("\n\n#-|>*`1. ab")))
@example("- # a\n\n  b\n- c")
@example("[a]: b\n\ntext\n\n[c]: d\n")
@example("<div>\n\n* * *\n")
def test_blocks_are_in_order_and_each_begins_a_line(text: str) -> None:
    offsets = [block.offset for block in find_blocks(text)]
    assert offsets == sorted(set(offsets))
    assert all(offset == 0 or text[offset - 1] == "\n" for offset in offsets)


def test_a_comment_and_a_rule_are_markup_that_no_answer_quotes() -> None:
    kinds = [kind for kind, _ in _blocks("Seen.\n\n<!-- Hidden budget: 40 million. -->\n\n---\n\nSeen too.\n")]
    assert kinds == ["paragraph", "markup", "markup", "paragraph"]


LAUGHS = "---\na: &a [lol, lol]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("front", "seconds"),
    [
        (LAUGHS, 0.1),
        (LAUGHS + "title: *i\n", 0.1),
        ("---\na: &a {x: 1}\nb:\n  <<: [*a, *a]\n", 0.1),
        ("---\n" + "- " * 30_000 + "\n", 1),
        ("---\n" + "? " * 30_000 + "\n", 1),
        ("---\n" + "{a: " * 15_000 + "\n", 1),
    ],
    ids=["laughs", "laughs in a title", "merged", "lists", "keys", "maps"],
)
def test_front_matter_that_expands_or_nests_without_end_is_left_out_at_once(front: str, seconds: float) -> None:
    began = time.process_time()
    loaded = load((front + "---\nThe text.").encode())
    assert time.process_time() - began < seconds
    assert loaded.text == "The text."
    assert loaded.notes == ("its front matter does not parse and was left out",)


@pytest.mark.parametrize(
    "text",
    [
        ">" * MANY + " x",
        "> " * MANY + "x",
        "- " * MANY + "x",
        "1. " * MANY + "x",
        "[" * MANY + "x" + "]" * MANY,
        "![](" * MANY,
        "**a " * MANY,
        "# " + "[" * MANY,
        "# " + "*a **b " * (MANY // 10),
        "|a" * MANY + "\n" + "|-" * MANY + "\n" + "|b" * MANY,
        "[a]: \n" * MANY,
        "<!--\n" * MANY,
        "".join(" " * (2 * depth) + "- a\n" for depth in range(1_000)),
    ],
    ids=lambda text: text[:8],
)
def test_text_that_nests_without_end_is_read_in_time(text: str) -> None:
    began = time.perf_counter()
    loaded = load(text.encode())
    assert loaded.text == text
    assert time.perf_counter() - began < 20  # about a second; what is quadratic takes minutes


@pytest.mark.parametrize(
    "author",
    ["author: [A. One, B. Two]", "authors: [A. One, B. Two]", "authors:\n- name: A. One\n  role: x\n- B. Two"],
)
def test_several_authors_are_one_line(author: str) -> None:
    assert load(f"---\n{author}\n---\nText.".encode()).metadata.author == "A. One, B. Two"


def test_an_author_may_be_a_table_with_a_name() -> None:
    assert load(b"---\nauthor: {name: A. One}\n---\nText.").metadata.author == "A. One"


def test_front_matter_may_be_toml() -> None:
    loaded = load(b'+++\ntitle = "A Title"\ndate = 2012-12-20T10:00:00Z\nauthors = ["A. One"]\n+++\n# H\n\nText.\n')
    assert loaded.metadata == Metadata(title="A Title", author="A. One", date="2012-12-20")
    assert loaded.text == "# H\n\nText.\n"
    assert load(b"+++\ntitle = \n+++\nText.").notes == ("its front matter does not parse and was left out",)


def test_toml_of_many_dots_takes_no_time() -> None:
    began = time.monotonic()
    load(b"+++\n" + b".".join([b"a"] * 30_000) + b" = 1\n+++\nText.")
    load(b"+++\n" + b".".join([b"a"] * 4_000) + b" = 1\n+++\nText.")
    assert time.monotonic() - began < 5


def test_the_label_of_a_heading_is_cut_and_its_text_is_whole() -> None:
    heading = "word " * 1_000 + "end"
    loaded = load(f"# {heading}\n\nText.\n".encode())
    assert heading in loaded.text
    assert (len(loaded.landmarks[0].label), loaded.landmarks[0].label[-6:]) == (300, " word…")
