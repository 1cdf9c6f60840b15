"""Everything that is wrong with a question set, or looks as if it were, with the line it stands in."""

from __future__ import annotations

import difflib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from natoqa.errors import QuestionError, UnreadableFile
from natoqa.evaluation.questions import Evidence, Problem, Question, Severity, read_questions
from natoqa.evaluation.sets.documents import Documents
from natoqa.evaluation.sets.duplicates import content_words, mistyped_tags, near_duplicates
from natoqa.evaluation.sets.quotes import QuoteFinder, squeeze
from natoqa.loaders.loaded import one_line
from natoqa.retrieval import understand

NEAR_SUFFIX = "-near"
FOLLOW_UP = "follow-up"
# For these many quotes and names the nearest is looked for; the others are reported without.
_MOST_NEAREST = 300
_MOST_NAMES = 50
_SHOWN = 160
_LISTED_LINES = 8


@dataclass(frozen=True, slots=True)
class Counts:
    """How many questions, and how many of them are answerable."""

    questions: int
    answerable: int

    @property
    def unanswerable(self) -> int:
        """Questions that the sources do not answer."""
        return self.questions - self.answerable


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found. ``source`` says where the documents were read, empty when none was needed."""

    path: Path
    problems: tuple[Problem, ...]
    counts: Counts
    tags: Mapping[str, Counts]
    with_history: int
    source: str

    @property
    def errors(self) -> int:
        """Problems that keep the set from being used."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def warnings(self) -> int:
        """Problems for a person to look at."""
        return len(self.problems) - self.errors


@dataclass(frozen=True, slots=True)
class _Found:
    """A problem before it is known which file it is in."""

    line: int
    message: str
    severity: Severity = Severity.WARNING


def check_questions(path: Path, documents: Callable[[], Documents]) -> CheckReport:
    """Check a question set against its documents, which are opened only if a question speaks of one.

    Raises what ``documents`` raises when there is neither index nor corpus.
    """
    questions, problems = read_questions(path)
    found = [*_questions_alone(questions)]
    source = ""
    if any(pieces for question in questions for pieces in _all_evidence(question)):
        opened = documents()
        source = opened.source
        found += _against_documents(questions, opened)
    every = [*problems, *(Problem(path, item.line, item.message, item.severity) for item in found)]
    every.sort(key=lambda problem: (problem.line, problem.severity is Severity.WARNING))
    return CheckReport(
        path=path,
        problems=tuple(every),
        counts=_count(questions),
        tags=_count_by_tag(questions),
        with_history=sum(bool(question.history) for question in questions),
        source=source,
    )


def _questions_alone(questions: Sequence[Question]) -> Iterator[_Found]:
    ids = {question.id for question in questions}
    for question in questions:
        try:
            understand(question.question)
        except QuestionError as error:
            yield _Found(question.line, str(error), Severity.ERROR)
        unprintable = next((text for text in (question.id, *question.tags) if one_line(text) != text), None)
        if unprintable is not None:
            yield _Found(question.line, f"control characters or odd spaces in '{one_line(unprintable)}'")
        twice = [tag for tag, count in Counter(question.tags).items() if count > 1]
        if twice:
            yield _Found(question.line, f"the tag '{twice[0]}' stands there twice")
        if FOLLOW_UP in question.tags and not question.history:
            yield _Found(question.line, f"tagged {FOLLOW_UP}, but without a history")
        twin = question.id.removesuffix(NEAR_SUFFIX)
        if twin != question.id and twin not in ids:
            yield _Found(question.line, f"the id ends in {NEAR_SUFFIX}, but its twin '{twin}' is not in the set")
        if not _answer_is_quoted(question):
            yield _Found(question.line, "none of the answers stands in the quotes of the evidence")
    for pair in near_duplicates(questions):
        what = (
            "has the same words as"
            if pair.is_same
            else f"shares {math.floor(100 * pair.likeness)} % of its content words with"
        )
        yield _Found(pair.later.line, f"the question {what} '{pair.earlier.id}' in line {pair.earlier.line}")
    lines = {tag: question.line for question in questions for tag in question.tags}
    for tag, frequent in mistyped_tags(Counter(tag for question in questions for tag in set(question.tags))):
        yield _Found(lines[tag], f"the tag '{tag}' occurs once; is '{frequent}' meant?")
    if drafts := [question.line for question in questions if question.draft]:
        listed = ", ".join(map(str, drafts[:_LISTED_LINES])) + (" …" if len(drafts) > _LISTED_LINES else "")
        yield _Found(
            drafts[0], f"{len(drafts)} of the questions are drafts that no person has reviewed (lines {listed})"
        )


def _answer_is_quoted(question: Question) -> bool:
    """Whether the words of an answer occur in the quotes; true as well where that cannot be told."""
    pieces = [piece for pieces in _all_evidence(question) for piece in pieces]
    if not question.answers or not pieces or any(piece.quote is None for piece in pieces):
        return True
    quoted = " ".join(piece.quote or "" for piece in pieces)
    if any(squeeze(answer) in squeeze(quoted) for answer in question.answers):
        return True
    words = content_words(quoted)
    return any(content_words(answer) <= words for answer in question.answers)


def _against_documents(questions: Sequence[Question], documents: Documents) -> Iterator[_Found]:
    """Unknown documents, quotes that do not stand or stand more than once; each document is opened once."""
    wanted: defaultdict[str, dict[tuple[int, Evidence], None]] = defaultdict(dict)
    for question in questions:
        for pieces in _all_evidence(question):
            for piece in pieces:
                wanted[piece.document][question.line, piece] = None
    names = searches = 0
    for identity, pieces_by_line in sorted(wanted.items()):
        lines = sorted({line for line, _ in pieces_by_line})
        if identity not in documents.ids:
            names += 1
            near = difflib.get_close_matches(identity, documents.ids, n=1) if names <= _MOST_NAMES else []
            hint = f" (nearest: '{near[0]}')" if near else ""
            yield from (_Found(line, f"there is no document '{identity}'{hint}", Severity.ERROR) for line in lines)
            continue
        if all(piece.quote is None for _, piece in pieces_by_line):
            continue
        try:
            finder = QuoteFinder(documents.open(identity))
        except UnreadableFile as error:
            what = f"the document '{identity}' cannot be read: {error}"
            yield from (_Found(line, what, Severity.ERROR) for line in lines)
            continue
        for line, piece in pieces_by_line:
            if piece.quote is None:
                continue
            places = len(finder.places(piece.quote))
            if places == 0:
                searches += 1
                yield _Found(line, _missing(piece.quote, finder, search=searches <= _MOST_NEAREST), Severity.ERROR)
            elif places > 1:
                what = f"the quote {_shown(piece.quote, 60)} stands {places} times in {identity}; lengthen it"
                yield _Found(line, what)


def _missing(quote: str, finder: QuoteFinder, *, search: bool) -> str:
    what = f"the quote {_shown(quote, 60)} does not stand in {finder.document.id}"
    near = finder.nearest(quote) if search else None
    if near is None:
        return what
    place = ", ".join(part for part in (near.document, near.locator) if part)
    alike = math.floor(100 * near.likeness)
    return f"{what}; nearest: {_shown(near.text, _SHOWN)} ({alike} % alike), {place}"


def _shown(text: str, width: int) -> str:
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= width else f'"{line[:width].rsplit(" ", 1)[0]} …"'


def _all_evidence(question: Question) -> tuple[tuple[Evidence, ...], ...]:
    return (question.evidence, *question.alternatives)


def _count(questions: Sequence[Question]) -> Counts:
    return Counts(len(questions), sum(question.answerable for question in questions))


def _count_by_tag(questions: Sequence[Question]) -> dict[str, Counts]:
    """The most frequent tag first."""
    all_of = Counter(tag for question in questions for tag in set(question.tags))
    answerable = Counter(tag for question in questions if question.answerable for tag in set(question.tags))
    ranked = sorted(all_of.items(), key=lambda item: (-item[1], item[0]))
    return {tag: Counts(count, answerable[tag]) for tag, count in ranked}
