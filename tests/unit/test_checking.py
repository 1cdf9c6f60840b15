"""What a check of a question set finds, line by line, and that it stays quick."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.citing import locate
from natoqa.corpus import Corpus
from natoqa.errors import NoIndex
from natoqa.evaluation.questions import Question, Severity
from natoqa.evaluation.sets.checking import CheckReport, check_questions
from natoqa.evaluation.sets.documents import Documents, documents_of_corpus
from natoqa.evaluation.sets.duplicates import content_words, mistyped_tags, near_duplicates
from natoqa.evaluation.sets.quotes import QuoteFinder
from natoqa.types import Document

NOTES = (
    "# Satellites\n\nVenezuela paid 406 million dollars for the Simón Bolívar in 2008. It was built in China.\n\n"
    "## Bolivia\n\nBolivia’s “Túpac Katari” cost 302 million dollars. It was built in China.\n"
)
Check = Callable[..., CheckReport]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check a question set of these lines over a corpus of one note and one file that is no text."""
    corpus = tmp_path / "corpus"
    (corpus / "sources").mkdir(parents=True)
    (corpus / "sources" / "notes.md").write_text(NOTES, "utf-8")
    (corpus / "binary.txt").write_bytes(b"\x00\x01\x02\x03")

    def run(*lines: Any) -> CheckReport:
        path = tmp_path / "set.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
        return check_questions(path, lambda: documents_of_corpus(Corpus.open(corpus)))

    return run


def _asked(identity: str, question: str = "", quote: str | None = None, **fields: Any) -> dict[str, Any]:
    """A question that has no words in common with any other, unless it is given."""
    asked = {"id": identity, "question": question or f"{identity}?", "answerable": quote is not None}
    if quote is not None:
        asked["evidence"] = [{"document": "sources/notes.md", "quote": quote}]
    return asked | fields


def _messages(report: CheckReport) -> list[tuple[int, str, str]]:
    return [(problem.line, str(problem.severity), problem.message) for problem in report.problems]


def test_a_sound_set_has_no_problems_and_is_counted_by_tag(check: Check) -> None:
    report = check(
        _asked(
            "a", "Who paid 406 million?", "Venezuela paid 406 million dollars", answers=["Venezuela"], tags=["x", "y"]
        ),
        _asked("b", "What was built?", tags=["x"], history=["a?"]),
    )
    assert _messages(report) == []
    assert (report.counts.questions, report.counts.answerable, report.counts.unanswerable) == (2, 1, 1)
    assert {tag: (count.questions, count.answerable) for tag, count in report.tags.items()} == {
        "x": (2, 1),
        "y": (1, 1),
    }
    assert report.with_history == 1
    assert report.source.startswith("corpus ")


def test_problems_of_reading_come_along_in_order_of_lines(check: Check) -> None:
    report = check("{", _asked("a"), _asked("a", "Else?", extra=1), "", {"id": "b"})
    assert [(line, severity) for line, severity, _ in _messages(report)] == [
        (1, "error"), (3, "error"), (3, "warning"), (5, "error"),
    ]  # fmt: skip
    assert (report.errors, report.warnings) == (3, 1)


def test_documents_are_not_opened_for_questions_without_evidence(tmp_path: Path) -> None:
    def no_documents() -> Documents:
        raise NoIndex("there is none")

    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(_asked("a")), "utf-8")
    assert check_questions(path, no_documents).source == ""
    path.write_text(json.dumps(_asked("a", quote="x")), "utf-8")
    with pytest.raises(NoIndex):
        check_questions(path, no_documents)


def test_an_unknown_document_is_an_error_with_the_nearest_name(check: Check) -> None:
    evidence = [{"document": "source/notes.md"}, {"document": "zzz"}, {"document": "binary.txt", "quote": "x"}]
    report = check(_asked("a", answerable=True, evidence=evidence))
    assert sorted(_messages(report)) == [
        (1, "error", "the document 'binary.txt' cannot be read: it is binary, not text"),
        (1, "error", "there is no document 'source/notes.md' (nearest: 'sources/notes.md')"),
        (1, "error", "there is no document 'zzz'"),
    ]


def test_a_whole_document_as_evidence_need_only_exist(check: Check) -> None:
    assert check(_asked("a", answerable=True, evidence=[{"document": "binary.txt"}])).problems == ()


def test_typography_does_not_matter_and_a_changed_word_does(check: Check) -> None:
    report = check(
        _asked("a", quote='Bolivia\'s "Túpac Katari"\ncost 302'),
        _asked("b", quote="Bolivia's Túpac Katari costs 302 million dollars"),
    )
    ((line, severity, message),) = _messages(report)
    assert (line, severity) == (2, "error")
    assert message == (
        'the quote "Bolivia\'s Túpac Katari costs 302 million dollars" does not stand in sources/notes.md; nearest: '
        '"Bolivia’s “Túpac Katari” cost 302 million dollars" (94 % alike), sources/notes.md, Bolivia, ¶ 1'
    )


def test_a_quote_with_nothing_like_it_has_no_nearest(check: Check) -> None:
    report = check(_asked("a", quote="Penguins waddle across the ice of Antarctica."))
    assert "nearest" not in report.problems[0].message


def test_a_quote_that_stands_twice_is_a_warning(check: Check) -> None:
    report = check(_asked("a", quote="It was built in China."))
    assert _messages(report) == [
        (1, "warning", 'the quote "It was built in China." stands 2 times in sources/notes.md; lengthen it')
    ]


def test_alternatives_are_checked_like_evidence(check: Check) -> None:
    alternatives = [[{"document": "sources/notes.md", "quote": "Not there at all, whatever you do."}]]
    report = check(_asked("a", quote="Venezuela paid", alternatives=alternatives))
    assert [(problem.line, problem.severity) for problem in report.problems] == [(1, Severity.ERROR)]


def test_answers_that_stand_in_no_quote_are_hinted_at(check: Check) -> None:
    quote = "Venezuela paid 406 million dollars"
    report = check(
        _asked("a", quote=quote, answers=["Peru"]),
        _asked("b", quote=quote, answers=["Peru", "VENEZUELA"]),
        _asked("c", quote=quote, answers=["dollars, 406 million"]),
        _asked("d", quote=quote, answers=[]),
        _asked("e", answerable=True, evidence=[{"document": "sources/notes.md"}], answers=["Peru"]),
    )
    assert _messages(report) == [(1, "warning", "none of the answers stands in the quotes of the evidence")]


def test_ids_tags_histories_and_drafts_are_looked_at(check: Check) -> None:
    report = check(
        _asked("x-01", "Alpha beta?"),
        _asked("x-01-near", "Gamma delta?"),
        _asked("x-02-near", "Epsilon zeta?"),
        _asked("f", "And then?", tags=["follow-up", "follow-up"]),
        _asked("g", draft=True),
        _asked("h", draft=True),
    )
    assert _messages(report) == [
        (3, "warning", "the id ends in -near, but its twin 'x-02' is not in the set"),
        (4, "warning", "the tag 'follow-up' stands there twice"),
        (4, "warning", "tagged follow-up, but without a history"),
        (5, "warning", "2 of the questions are drafts that no person has reviewed (lines 5, 6)"),
    ]


def test_near_duplicates_are_named_with_the_earlier_line(check: Check) -> None:
    report = check(
        _asked("a", "How much did Venezuela pay China for the satellite in 2008?"),
        _asked("b", "how much did VENEZUELA pay China for the satellite in 2008"),
        _asked("c", "For the satellite, how much did Venezuela pay China again in 2008?"),
        _asked("d", "How much did Venezuela not pay China for the satellite in 2008?"),
        _asked("e", "How much did Peru pay Chile for the frigate in 2009?"),
    )
    assert _messages(report) == [
        (2, "warning", "the question has the same words as 'a' in line 1"),
        (3, "warning", "the question shares 100 % of its content words with 'a' in line 1"),
        (4, "warning", "the question shares 83 % of its content words with 'a' in line 1"),
    ]


def test_a_near_miss_and_a_follow_up_of_another_conversation_are_no_duplicates() -> None:
    asked = "Why did Bolivia launch its satellite from China?"
    questions = [
        Question("a", asked, True),
        Question("a-near", asked, False),
        Question("b", asked, True, history=("One?",)),
        Question("c", asked, True, history=("Two?",)),
        Question("d", asked, True, history=("Two?",)),
    ]
    assert [(pair.earlier.id, pair.later.id) for pair in near_duplicates(questions)] == [("c", "d")]


@given(st.lists(st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=11), max_size=30))
def test_every_question_that_is_like_an_earlier_one_is_found(texts: list[list[str]]) -> None:
    # Against the definition: every pair compared, words that carry meaning alone, four at least.
    questions = [
        Question(str(number), " ".join(f"w{word}" for word in text), False) for number, text in enumerate(texts)
    ]
    words = [content_words(question.question) for question in questions]
    expected = {
        later
        for earlier, later in combinations(range(len(questions)), 2)
        if questions[earlier].question == questions[later].question
        or (
            min(len(words[earlier]), len(words[later])) >= 4
            and len(words[earlier] & words[later]) >= 0.8 * len(words[earlier] | words[later])
        )
    }
    assert {int(pair.later.id) for pair in near_duplicates(questions)} == expected


def test_a_tag_used_once_is_compared_with_frequent_ones() -> None:
    counts = {"fact": 9, "fatc": 1, "facts": 1, "fct": 1, "fast": 1, "list": 2, "lisst": 1, "t1": 5, "t2": 1, "far": 1}
    assert sorted(mistyped_tags(counts)) == [("facts", "fact"), ("fast", "fact"), ("fatc", "fact"), ("fct", "fact")]


# The finder of quotes

LETTERS = st.text("ab “\"'’-–\n\u00ad.,é", max_size=40)


@given(LETTERS, LETTERS, LETTERS)
def test_a_quote_is_found_exactly_where_citing_finds_it(before: str, quote: str, after: str) -> None:
    for text in (before + quote + after, before + after):
        places = QuoteFinder(Document("d", text)).places(quote)
        assert (places[0] if places else None) == locate(quote, text)
        for place in places:
            assert locate(quote, text[place.start : place.end]) is not None


def test_every_place_of_a_quote_is_found_up_to_typography() -> None:
    text = "He said “no – never”. (He said  'no'.) He said \"no - never\". He said ‘no’."
    finder = QuoteFinder(Document("d", text))
    assert [text[span.start : span.end] for span in finder.places('said "no — never"')] == [
        "said “no – never”", 'said "no - never"',
    ]  # fmt: skip


def test_the_nearest_text_is_verbatim_and_most_alike() -> None:
    filler = " ".join(f"Filler sentence number {number} speaks of nothing." for number in range(500))
    wanted = "The auditors of the ministry found nineteen unpaid invoices in the archive of the port."
    text = f"{filler} {wanted} {filler}"
    near = QuoteFinder(Document("d", text)).nearest(
        "The auditors of a ministry found ninety unpaid invoices in the port archive."
    )
    assert near is not None
    assert near.text in text
    assert near.text.startswith("The auditors of the ministry found nineteen unpaid invoices")
    assert 0.8 < near.likeness < 1.0


# Sizes


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_many_questions_are_checked(check: Check, count: int) -> None:
    words = [f"word{number}" for number in range(20_000)]
    chance = random.Random(3)
    asked = [f"How {' '.join(chance.sample(words, 7))} in {1900 + number % 120}?" for number in range(count)]
    asked[-1] = asked[0].upper()
    lines = [{"id": f"q{number}", "question": text, "answerable": False} for number, text in enumerate(asked)]
    assert [problem.line for problem in check(*lines).problems] == [count]


def test_questions_of_one_template_are_compared_in_time() -> None:
    questions = [
        Question(str(number), f"How much did country {number} pay China for its satellite in June?", False)
        for number in range(30_000)
    ]
    assert list(near_duplicates(questions)) == []


@pytest.mark.parametrize("sentences", [12_000, pytest.param(120_000, marks=pytest.mark.slow)])
def test_quotes_are_found_in_a_document_of_megabytes(sentences: int) -> None:
    sentence = "The “committee” of number {} met in the town hall and paid {} dollars for the bridge. "
    text = "".join(sentence.format(number, number * 7) for number in range(sentences))
    finder = QuoteFinder(Document("d", text))
    for number in range(sentences - 50, sentences):
        (span,) = finder.places(f'The "committee" of number {number} met in')
        assert text[span.start : span.end].endswith(f"number {number} met in")
    last = sentences - 1
    near = finder.nearest(
        f"The committee of number {last} meets in a town hall and pays {7 * last} dollars for a bridge."
    )
    assert near is not None
    assert str(last) in near.text
