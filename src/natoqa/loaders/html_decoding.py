"""Bytes of a web page -> its source text, by what the page says of its encoding."""

from __future__ import annotations

import codecs
import re

from natoqa.limits import Limits
from natoqa.loaders.decoding import decode

_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARATION = re.compile(
    rb"""<\?xml\s[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)|<meta\s[^>]{0,400}?\bcharset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096
# What a page names one thing and means another by; browsers do the same.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Python knows codecs that are no encodings of pages and cost far more than a pass over the bytes.
_KNOWN = frozenset(
    {"utf-8", "euc_jp", "iso2022_jp", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp866", "cp855"}
    | {*_MEANT.values()}
    | {f"cp{page}" for page in range(1250, 1259)}
    | {f"iso8859-{part}" for part in range(2, 17)}
)
_MOST_DAMAGE = 0.002


def decode_page(data: bytes, limits: Limits) -> tuple[str, tuple[str, ...]]:
    """Decode a page by its byte order mark, else what it declares, else a guess.

    Returns the source, cleaned as :func:`~natoqa.loaders.decoding.decode` does, and notes for the user. Raises
    UnreadableFile.
    """
    declared = "" if data.startswith(_BYTE_ORDER_MARKS) else _declared(data)
    if not declared or declared == "utf-8" or _is_utf8(data):
        text, notes = decode(data, limits)
        return text, notes
    text = data.decode(declared, "replace")
    damaged = text.count("\ufffd")
    if damaged > _MOST_DAMAGE * len(text):
        return decode(data, limits)
    text, _ = decode(text.encode(), limits)
    return text, (f"{damaged:,} characters are not {declared}, as it declares",) if damaged else ()


def _declared(data: bytes) -> str:
    match = _DECLARATION.search(data[:_DECLARED_WITHIN])
    if match is None:
        return ""
    try:
        name = codecs.lookup((match[1] or match[2]).decode("ascii", "replace")).name
    except LookupError:
        return ""
    name = _MEANT.get(name, name)
    return name if name in _KNOWN else ""


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8 beyond ASCII; text of another encoding practically never is."""
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
