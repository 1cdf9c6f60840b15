"""Document -> sentences -> passages, by offsets alone: no character is changed, moved or repeated.

Three facts hold for every document and are tested for arbitrary text: sentences and passages are in order and never
overlap; what lies between them is white space; every passage fits what the encoder reads.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from natoqa.errors import UnreadableFile
from natoqa.terms import analyse
from natoqa.types import Document, Landmark, LandmarkKind, Passage, Sentence, SentenceKind

CHUNKER_VERSION = 1
# Tokens left for "title. heading. " in front of a passage; see embedded_text.
PREFIX_TOKENS = 48
# No run of text counts as fewer tokens than this: a word-piece tokenizer reads an endless word as one token.
_CHARACTERS_A_TOKEN = 10
_LONGEST_SENTENCE = 2_000
_LONGEST_ITEM = 600
_LEAD_IN_WORDS = 5
# Of scripts that write no spaces, so that a whole sentence counts as one word.
_FULL_STOP = re.compile(r"[。！？]")
# Private use, and what no text writes; see _unused_characters.
_FOR_MARKS = range(0xE000, 0x110000)
_BEFORE = r"(?:^|[\s(\[“\"'.])"
# Forms after which a sentence goes on whatever follows, forms that do so before a figure, and initials, which do so
# before a name.
_ABBREVIATION = re.compile(
    _BEFORE + r"(?:[Aa]pprox|ca|[Cc]f|Col|Dr|[Ee]d|[Ee]ds|esp|[Ee]st|Gen|[Ii]ncl|Lt|Mr|Mrs|Ms|Prof|Rev|Sen|St|vs|v)\.$"
)
_BEFORE_FIGURES = re.compile(
    _BEFORE + r"(?:[Aa]rt|[Cc]h|[Cc]|[Ff]igs?|[Nn]os?|[Nn]r|[Pp]ara|[Pp]p?|[Ss]ec|[Vv]ols?|max|min)\.$"
)
_INITIAL = re.compile(_BEFORE + r"[A-HJ-Z]\.$")
_LONGEST_ABBREVIATION = 8
# The segmenter's time grows with the square of some texts; it gets them in slices.
_SLICE = 20_000
_NEVER_OPENS = ",;:)]”’"

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    end: int
    kind: LandmarkKind
    heading: str


def chunk(document: Document, count_tokens: CountTokens, passage_tokens: int) -> list[Passage]:
    """Cut a document into passages of whole sentences of one section.

    ``count_tokens`` is the encoder's own; ``passage_tokens`` is the most that a passage may hold. A sentence longer
    than that is cut at a clause, else at a word, and its pieces count as sentences.
    """
    pack = _Packer(document.text, count_tokens, passage_tokens)
    passages: list[Passage] = []
    for section in _sections(_blocks(document)):
        sentences = [[*_block_sentences(document.text, block)] for block in section]
        passages += (
            Passage(document.id, group[0].start, group[-1].end, section[0].heading, tuple(group))
            for group in pack(sentences)
        )
    return passages


def embedded_text(document: Document, passage: Passage, count_tokens: CountTokens) -> tuple[str, int]:
    """What the encoder reads for a passage, ``title. heading. passage``, and where the passage begins in it.

    The prefix gives pronouns and short sentences their context (late chunking, arXiv 2409.04701).
    """
    prefix = ""
    for part in dict.fromkeys((document.metadata.title, passage.heading)):
        longer = f"{prefix}{part}. "
        if part and len(longer) <= _CHARACTERS_A_TOKEN * PREFIX_TOKENS and count_tokens(longer) <= PREFIX_TOKENS:
            prefix = longer
    return prefix + document.text[passage.start : passage.end], len(prefix)


def _blocks(document: Document) -> Iterator[_Block]:
    text = document.text
    marks = tuple(mark for mark in document.landmarks if mark.kind is not LandmarkKind.PAGE)
    if not marks or marks[0].offset > 0:
        marks = (Landmark(0, LandmarkKind.PARAGRAPH, ""), *marks)
    heading = ""
    for mark, end in zip(marks, [*(mark.offset for mark in marks[1:]), len(text)], strict=True):
        heading = mark.label if mark.kind is LandmarkKind.HEADING else heading
        if text[mark.offset : end].strip():
            yield _Block(mark.offset, end, mark.kind, heading)


def _sections(blocks: Iterable[_Block]) -> Iterator[list[_Block]]:
    section: list[_Block] = []
    for block in blocks:
        if block.kind is LandmarkKind.HEADING and section:
            yield section
            section = []
        section.append(block)
    if section:
        yield section


def _block_sentences(text: str, block: _Block) -> Iterator[Sentence]:
    content = text[block.start : block.end]
    whole = block.kind in (LandmarkKind.TITLE, LandmarkKind.HEADING, LandmarkKind.MARKUP) or (
        block.kind is LandmarkKind.ITEM and len(content) <= _LONGEST_ITEM
    )
    kind = {
        LandmarkKind.TITLE: SentenceKind.HEADING,
        LandmarkKind.HEADING: SentenceKind.HEADING,
        LandmarkKind.ITEM: SentenceKind.ITEM,
        LandmarkKind.MARKUP: SentenceKind.MARKUP,
    }.get(block.kind, SentenceKind.PROSE)
    start = block.start
    for piece in [content] if whole else _split_sentences(content):
        for part in _cut(piece, _LONGEST_SENTENCE):
            end = start + len(part)
            if stripped := part.strip():
                begin = start + len(part) - len(part.lstrip())
                yield Sentence(begin, begin + len(stripped), kind)
            start = end


def _split_sentences(text: str) -> list[str]:
    """Pieces that together are ``text``, one sentence each, spaces kept."""
    from sentencex import segment

    pieces = [piece for part in _cut(text, _SLICE) for piece in segment("en", part)]
    if "".join(pieces) != text:  # the segmenter promises this; a wrong offset must not follow if it ever breaks it
        return [text]
    sentences: list[list[str]] = []
    lead_in = False
    for piece in pieces:
        if sentences and (lead_in or _abbreviated(sentences[-1][-1], piece) or _continues(piece)):
            sentences[-1].append(piece)
            lead_in = False
        else:
            sentences.append([piece])
            lead_in = len(sentences) == 1 and len(piece.split()) <= _LEAD_IN_WORDS and not _FULL_STOP.search(piece)
    return ["".join(parts) for parts in sentences]


def _abbreviated(piece: str, following: str) -> bool:
    """Whether a piece ends in an abbreviation and not in a full stop."""
    ending, opening = piece.rstrip()[-_LONGEST_ABBREVIATION:], following.lstrip()
    if _ABBREVIATION.search(ending):
        return True
    if opening[:1].isdigit():
        return _BEFORE_FIGURES.search(ending) is not None
    first_word = next(analyse(opening[:40]), None)
    return _INITIAL.search(ending) is not None and first_word is not None and not first_word.is_function_word


def _continues(piece: str) -> bool:
    """Whether a piece goes on with the sentence before it: it opens in lower case, or with what closes something."""
    first = piece.lstrip()[:1]
    return first.islower() or first in _NEVER_OPENS


def _cut(text: str, longest: int) -> Iterator[str]:
    """Cut what is longer than ``longest`` at a space in its second half, or anywhere."""
    start = 0
    while len(text) - start > longest:
        end = text.rfind(" ", start + longest // 2, start + longest) + 1 or start + longest
        yield text[start:end]
        start = end
    yield text[start:]


class _Packer:
    """Groups sentences of a section, each group at most ``passage_tokens`` long, broken at paragraphs if possible.

    The splitter gets the section with a mark after each sentence and each paragraph; the marks are its first
    separators, and offsets are counted back from its chunks with the marks taken out.
    """

    def __init__(self, text: str, count_tokens: CountTokens, passage_tokens: int) -> None:
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        self._text = text
        self._after_paragraph, self._after_sentence = _unused_characters(text)
        self._unmark = str.maketrans("", "", self._after_paragraph + self._after_sentence)

        def measure(piece: str) -> int:
            plain = piece.translate(self._unmark)
            return max(count_tokens(plain), len(plain) // _CHARACTERS_A_TOKEN)

        self._splitter = RecursiveCharacterTextSplitter(
            separators=[self._after_paragraph, self._after_sentence, "; ", ", ", " ", ""],
            keep_separator="end",
            chunk_size=passage_tokens,
            chunk_overlap=0,
            length_function=measure,
            strip_whitespace=False,
        )

    def __call__(self, blocks: Sequence[Sequence[Sentence]]) -> Iterator[list[Sentence]]:
        sentences = deque(sentence for block in blocks for sentence in block)
        if not sentences:
            return
        position = sentences[0].start
        for piece in self._splitter.split_text(self._marked(blocks)):
            end = position + len(piece.translate(self._unmark))
            group: list[Sentence] = []
            while sentences and sentences[0].start < end:
                sentence = sentences.popleft()
                if sentence.end > end:  # too long for one passage: the rest of it opens the next
                    sentences.appendleft(Sentence(end, sentence.end, sentence.kind))
                group.extend(_trimmed(self._text, sentence.start, min(sentence.end, end), sentence.kind))
            if group:
                yield group
            position = end

    def _marked(self, blocks: Sequence[Sequence[Sentence]]) -> str:
        pieces: list[str] = []
        block_ends = {block[-1].end for block in blocks if block}
        sentences = [sentence for block in blocks for sentence in block]
        for sentence, following in zip(sentences, [*sentences[1:], None], strict=True):
            end = following.start if following else sentence.end
            mark = self._after_paragraph if sentence.end in block_ends else self._after_sentence
            pieces.append(self._text[sentence.start : end] + mark)
        return "".join(pieces)


def _unused_characters(text: str) -> tuple[str, str]:
    """Two characters that the text lacks, for marks. Raises UnreadableFile for a text that has them all."""
    used = set(text)
    free = list(islice((chr(code) for code in _FOR_MARKS if chr(code) not in used), 2))
    if len(free) < 2:
        raise UnreadableFile("it holds every character there is, and is no text")
    return free[0], free[1]


def _trimmed(text: str, start: int, end: int, kind: SentenceKind) -> Iterator[Sentence]:
    content = text[start:end]
    if stripped := content.strip():
        begin = start + len(content) - len(content.lstrip())
        yield Sentence(begin, begin + len(stripped), kind)
