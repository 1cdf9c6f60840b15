"""Bytes -> text, saying what was assumed."""

from __future__ import annotations

import codecs
import re

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# All but tabs and line ends; U+009B alone makes some terminals obey what follows.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# A text may hold a stray control character; a file in which they are common is not text.
_MOST_CONTROL_CHARACTERS = 0.002
_SAMPLE = 256 * 1024
# Several code pages of Latin letters read a text equally well; the commonest is the best guess.
_COMMONEST = "cp1252"
_HARDLY_WORSE = 0.1
_NO_LANGUAGE = "Unknown"


def decode(data: bytes, limits: Limits) -> tuple[str, tuple[str, ...]]:
    """Decode a text file and normalise its line ends to ``\\n``.

    Returns the text and notes for the user. Raises UnreadableFile when the bytes are not text, or too much of it.
    """
    text, notes = _decode(data)
    require_within(len(text), limits)
    if len(_CONTROL.findall(text)) > _MOST_CONTROL_CHARACTERS * len(text) + 1:
        raise UnreadableFile("it is binary, not text")
    text = _CONTROL.sub(" ", re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text))
    if not text.strip():
        raise UnreadableFile("it is empty")
    return text, notes


def require_within(characters: int, limits: Limits) -> None:
    """Raises UnreadableFile for a text of more characters than are read."""
    if characters > limits.characters:
        most = limits.characters / 1_000_000
        raise UnreadableFile(f"its text is longer than {most:g} million characters (setting corpus.max_text_millions)")


def _decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), ()
            except UnicodeDecodeError as error:
                raise UnreadableFile(f"it claims to be {encoding} and is not") from error
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _guess(data)


def _guess(data: bytes) -> tuple[str, tuple[str, ...]]:
    if b"\x00" in data[:_SAMPLE]:
        raise UnreadableFile("it is binary, not text")
    from charset_normalizer import from_bytes

    # Guess from a sample of whole lines: detection is far slower than decoding.
    sample = data if len(data) <= _SAMPLE else data[: data.rfind(b"\n", 0, _SAMPLE) + 1 or _SAMPLE]
    best = from_bytes(sample).best()
    commonest = from_bytes(sample, cp_isolation=[_COMMONEST]).best()
    if (
        best
        and commonest
        # A coherent reading in another language is another text, and not the same with rarer letters.
        and best.language in (commonest.language, _NO_LANGUAGE)
        and commonest.coherence >= best.coherence
        and commonest.chaos <= best.chaos + _HARDLY_WORSE
    ):
        best = commonest
    if best is None:
        raise UnreadableFile("its text encoding is unknown; save it as UTF-8")
    try:
        text = data.decode(best.encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile("its text encoding is unknown; save it as UTF-8") from error
    return text, (f"not UTF-8; read as {best.encoding}",)
