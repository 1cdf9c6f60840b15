"""Good files of plain text and Markdown: scripts, encodings, line ends, names."""

from __future__ import annotations

import codecs
import sys
import unicodedata
from collections.abc import Iterator

from specimens import Good

HARBOUR = "The old harbour was built in 1911. Nobody knows who paid for the lighthouse."
ARABIC = "بني الميناء القديم في مدينة عدن عام ١٩١١. لا أحد يعرف من دفع ثمن المنارة."
HEBREW = "הנמל הישן בחיפה נבנה בשנת 1933. איש אינו יודע מי שילם עבור המגדלור."
CHINESE = "天津的旧港口建于一九一一年。没有人知道谁为灯塔付了钱。"
ASK_ARABIC = "متى بني الميناء القديم في عدن؟"
ASK_HEBREW = "מתי נבנה הנמל הישן בחיפה?"
ASK_CHINESE = "天津的旧港口建于哪一年?"
SAYS_ARABIC = "بني الميناء القديم في مدينة عدن عام ١٩١١."
SAYS_HEBREW = "הנמל הישן בחיפה נבנה בשנת 1933."
SAYS_CHINESE = "天津的旧港口建于一九一一年。"
_SPANISH = "El puerto de Perú se abrió en mayo de 1911. La señal del faro cruzó toda la bahía aquella mañana de otoño."
_ASK_SPANISH = "¿En qué mayo se abrió el puerto de Perú?"
_SAYS_SPANISH = "El puerto de Perú se abrió en mayo de 1911."
_BUILT = ("When was the old harbour built?", "The old harbour was built in 1911.")


def _text(name: str, text: str, question: str, quote: str, **more: str) -> Good:
    return Good(name, text.encode(), question, quote, **more)


def texts() -> Iterator[Good]:
    """``.txt`` and ``.text``."""
    yield _text("text/english.txt", f"The Harbour\n\n{HARBOUR}\n", *_BUILT, place="¶ 1")
    yield _text(
        "text/sections.txt", f"Ports\n\nNorth\n\nA pier burnt down.\n\nSouth\n\n{HARBOUR}", *_BUILT, place="South"
    )
    yield _text(
        "text/items.txt",
        "Ships:\n\n- The Aurora sails to Callao in May.\n- The Bolivar stays in port.\n",
        "Where does the Aurora sail in May?",
        "- The Aurora sails to Callao in May.",
        place="item 1",
    )
    yield _text("text/arabic.txt", ARABIC, ASK_ARABIC, SAYS_ARABIC)
    yield _text("text/hebrew.txt", HEBREW, ASK_HEBREW, SAYS_HEBREW)
    yield _text("text/chinese.txt", CHINESE, ASK_CHINESE, SAYS_CHINESE)
    yield _text(
        "text/marks of direction.txt",
        f"\u202b{ARABIC}\u202c\n\n\u2067{HEBREW}\u2069",
        ASK_HEBREW,
        SAYS_HEBREW.split(" בשנת", maxsplit=1)[0],
    )
    accented = unicodedata.normalize("NFD", "The Café Élysée was opened by José Núñez. It is closed now.")
    yield _text("text/combining.txt", accented, "Who opened the Café Élysée?", accented.partition(" It is")[0])
    yield _text(
        "text/emoji.txt",
        "The 🚢 Aurora 🇨🇱 carried 👩‍👩‍👧 families south. 𝒜𝓁𝓁 paid in 🪙.",
        "Which families did the Aurora carry?",
        "The 🚢 Aurora 🇨🇱 carried 👩‍👩‍👧 families south.",
    )
    yield _text(
        "text/astral.txt",
        f"{'𐍈' * 700} The astral ship was lost in 1911. {'𠀀' * 700}",
        "When was the astral ship lost?",
        "The astral ship was lost in 1911.",
    )
    yield _text(
        "text/zero\u00a0width.txt",
        "The\u200b har\u00adbour\u2060 master\ufeff was called Ana Flores.",
        "What was the master called?",
        "The\u200b har\u00adbour\u2060 master\ufeff was called Ana Flores.",
    )
    yield _text(
        "text/endless word.txt",
        f"{'x' * 30_000} The endless word ends here. {'y' * 30_000}",
        "Where does the endless word end?",
        "The endless word ends here.",
    )
    yield _text(
        "text/one line.txt",
        "The crane lifts forty tons. " * 900 + "The mayor lives in Callao.",
        "Where does the mayor live?",
        "The mayor lives in Callao.",
    )
    yield _text("text/notes.text", HARBOUR, *_BUILT)
    yield _text("text/LOUD.TXT", HARBOUR, *_BUILT)
    yield _text("text/windows lines.txt", HARBOUR.replace(". ", ".\r\n\r\n"), *_BUILT, place="¶ 1")
    yield _text("text/old mac lines.txt", HARBOUR.replace(". ", ".\r\r"), *_BUILT, place="¶ 1")
    yield _text("text/form feeds.txt", f"Page one is short.\f{HARBOUR}\f", *_BUILT)
    yield _text("text/a stray bell.txt", f"{HARBOUR} \x07 The end.", *_BUILT)
    yield _text("twins/one.txt", HARBOUR + " One and the same.", *_BUILT)
    yield _text("twins/two.txt", HARBOUR + " One and the same.", *_BUILT)


def encodings() -> Iterator[Good]:
    """Not UTF-8, or not plainly."""
    for encoding, notice in (("latin-1", "not UTF-8; read as"), ("utf-16", ""), ("utf-8-sig", ""), ("utf-32", "")):
        yield Good(f"encodings/{encoding}.txt", _SPANISH.encode(encoding), _ASK_SPANISH, _SAYS_SPANISH, notice=notice)
    big_endian = codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be")
    yield Good("encodings/big endian.txt", big_endian, ASK_CHINESE, SAYS_CHINESE)
    windows = "The “old” harbour – for €40 – was built in 1911… Nobody paid Zoë’s bill at the café that year."
    yield Good(
        "encodings/cp1252.txt",
        windows.encode("cp1252"),
        "When was the old harbour built?",
        "The “old” harbour – for €40 – was built in 1911…",
        notice="not UTF-8; read as cp1252",
    )
    yield Good(
        "encodings/latin-1.md",
        f"# Puerto\n\n{_SPANISH}".encode("latin-1"),
        _ASK_SPANISH,
        _SAYS_SPANISH,
        place="¶ 1",
        notice="not UTF-8; read as",
    )


def names() -> Iterator[Good]:
    """Names that are awkward for shells, patterns, databases and people."""
    awkward = [
        "two  spaces.txt",
        "it's “quoted”.txt",
        'a "quote" & more.txt',
        "émigré ñandú 🚢.txt",
        "港口.txt",
        "ميناء.txt",
    ]
    awkward += ["[brackets] *star* what?.txt", "100% #1;x=y.txt", "-rf.txt", "$HOME `id`.txt", "a\\b.txt", "NUL.txt"]
    awkward += [
        "x" * 240 + ".txt",
        "many.dots.in.it.txt",
        " leading.txt",
        "e\u0301.txt",
        "/".join("abcdefghijklmnopqrst") + "/deep.txt",
    ]
    if sys.platform != "darwin":  # where the two are one file
        awkward.append("é.txt")
    for number, name in enumerate(awkward):
        yield _text(
            f"names/{name}",
            f"Harbour number {number} was built in 1911. It has a lighthouse.",
            f"When was harbour number {number} built?",
            f"Harbour number {number} was built in 1911.",
        )


def markdowns() -> Iterator[Good]:
    """``.md`` and ``.markdown``."""
    body = f"# Ports\n\nAn opening.\n\n## The Harbour\n\n{HARBOUR}\n"
    yield _text("markdown/sections.md", body, *_BUILT, place="The Harbour, ¶ 1")
    fields = "---\ntitle: On Ports\nauthor: A. Writer\ndate: 1912-01-02\n---\n"
    yield _text("markdown/front matter.md", fields + body, *_BUILT, place="The Harbour")
    yield _text("markdown/broken front matter.md", f"---\ntitle: [\n---\n{HARBOUR}", *_BUILT, notice="front matter")
    laughs = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    )
    yield _text("markdown/laughing front matter.md", f"---\n{laughs}---\n{HARBOUR}", *_BUILT, notice="front matter")
    deep = "title: " + "[" * 5_000 + "]" * 5_000
    yield _text("markdown/deep front matter.md", f"---\n{deep}\n---\n{HARBOUR}", *_BUILT, notice="front matter")
    yield _text("markdown/arabic.md", f"# الميناء\n\n{ARABIC}\n", ASK_ARABIC, SAYS_ARABIC, place="¶ 1")
    yield _text("markdown/hebrew.markdown", f"## הנמל\n\n{HEBREW}\n", ASK_HEBREW, SAYS_HEBREW)
    yield _text("markdown/chinese.md", f"# 港口\n\n## 历史\n\n{CHINESE}\n", ASK_CHINESE, SAYS_CHINESE, place="历史")
    yield _text(
        "markdown/list.md",
        "# Ships\n\n1. The Aurora sails to Callao in May.\n2. The Bolivar stays in port.\n",
        "Where does the Aurora sail in May?",
        "1. The Aurora sails to Callao in May.",
        place="item 1",
    )
    yield _text(
        "markdown/table.md",
        "| Ship | Port |\n|---|---|\n| The fast Aurora | Callao in Peru |\n",
        "What is the port of the fast Aurora?",
        "| The fast Aurora | Callao in Peru |",
        place="item 1",
    )
    yield _text("markdown/deep.md", "> " * 3_000 + "quoted\n\n" + "[" * 3_000 + f"\n\n{HARBOUR}\n", *_BUILT)
    yield _text("markdown/html inside.md", f"<div onclick='x()'>\n\n{HARBOUR}\n\n</div>\n<!-- a comment -->\n", *_BUILT)
