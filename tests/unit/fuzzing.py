"""Inputs for loaders: bytes and texts at random, and valid files that were changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import offices
from hypothesis import strategies as st
from seeds import FRONT_FIELDS, PACKAGES, SEEDS

# What a kind of file is made of, and what has meant trouble to readers of such files.
_PIECES = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\x0c",
        b"\x85",
        b"\xe2\x80\xa8",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x9a\xa2",
    ),
    *(
        b"<",
        b">",
        b"&",
        b"&#0;",
        b"&#xD800;",
        b"&#x1F6A2;",
        b"&#99999999;",
        b"]]>",
        b"<!--",
        b"<![CDATA[",
        b"<!DOCTYPE x [",
        b"<?x",
    ),
    *(
        b"<table>",
        b"<tr><td>",
        b"</p>",
        b"<svg>",
        b"<template>",
        b"<frameset>",
        b"<plaintext>",
        b"colspan=999999",
        b"</body>",
    ),
    *(
        b'"',
        b"'",
        b",",
        b";",
        b"\t",
        b"|",
        b"\n\n",
        b"---\n",
        b"```",
        b"- ",
        b"> ",
        b"[",
        b"](",
        b"{",
        b"}",
        b"*",
        b"!!python/name:os.system",
    ),
    *(
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"obj",
        b"endobj",
        b"stream\n",
        b"/Kids [1 0 R]",
        b"/Length -1",
        b"/Count 99999999",
    ),
    *(
        b"<w:tbl>",
        b'w:val="-1"',
        b'w:val="99999999"',
        b"<text:list>",
        b'table:number-columns-repeated="9999999"',
        b'text:c="99999999"',
    ),
)


@st.composite
def edits(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Some flips, cuts, insertions and repetitions."""
    place = st.integers(0, 1 << 16)
    steps = draw(
        st.lists(
            st.one_of(
                st.tuples(st.just("flip"), place, st.integers(1, 255)),
                st.tuples(st.just("cut"), place, st.sampled_from([1, 2, 3, 8, 20, 100, 1000])),
                st.tuples(st.just("insert"), place, st.sampled_from(_PIECES) | st.binary(min_size=1, max_size=8)),
                st.tuples(st.just("repeat"), place, st.sampled_from([1, 2, 5, 20, 100, 500])),
                st.tuples(st.just("end"), place, st.none()),
            ),
            min_size=1,
            max_size=5,
        )
    )
    return lambda data: _edited(data, steps)


def _edited(data: bytes, steps: list[tuple[str, int, Any]]) -> bytes:
    for what, place, argument in steps:
        at = place % (len(data) + 1)
        before, after = data[:at], data[at:]
        if what == "flip" and after:
            data = before + bytes([after[0] ^ argument]) + after[1:]
        elif what == "cut":
            data = before + after[argument:]
        elif what == "insert":
            data = before + argument + after
        elif what == "repeat":
            data = before + after[:argument] * 3 + after[argument:]
        elif what == "end":
            data = before
    return data


@st.composite
def changed_packages(draw: st.DrawFn, suffix: str) -> bytes:
    """A package of which one part was edited, left out, renamed, or put in the place of another."""
    parts = {name: part if isinstance(part, bytes) else part.encode() for name, part in PACKAGES[suffix].items()}
    name = draw(st.sampled_from(sorted(parts)))
    what = draw(st.integers(0, 9))
    if what == 0:
        del parts[name]
    elif what == 1:
        parts[
            draw(
                st.sampled_from(
                    ["../x", "/x", "a\\b", "word/document.xml", "\ud800".encode("utf-8", "replace").decode()]
                )
            )
        ] = parts.pop(name)
    elif what == 2:
        parts[name] = parts[draw(st.sampled_from(sorted(parts)))]
    else:
        parts[name] = draw(edits())(parts[name])
    return offices.packed(parts)


def inputs(suffix: str) -> st.SearchStrategy[bytes]:
    """Bytes at random, text at random, and valid files that were changed."""
    changed = st.builds(lambda seed, edit: edit(seed), st.sampled_from(SEEDS[suffix]), edits())
    kinds = [
        st.binary(max_size=300),
        st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
        changed,
        changed,
        changed,
    ]
    if suffix in PACKAGES:
        kinds += [changed_packages(suffix)] * 5
    return st.one_of(kinds)


_YAML = st.text("[]{}:,&*!|>'\"#-? \n\tab019.~<=%@`\\é\u2028", max_size=80)
FRONT_MATTER = st.one_of(
    st.builds(lambda edit: edit(FRONT_FIELDS.encode()), edits()),
    _YAML.map(lambda text: text.encode("utf-8", "surrogatepass")),
).map(lambda fields: b"---\n" + fields + b"\n---\nThe body stands below.\n")
KINDS: Mapping[str, tuple[str, st.SearchStrategy[bytes]]] = {
    **{suffix: (suffix, inputs(suffix)) for suffix in SEEDS},
    "front matter": (".md", FRONT_MATTER),
}
