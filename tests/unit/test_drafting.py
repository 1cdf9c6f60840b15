"""Drafted questions: which sentences give which question, and what is not asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from library import Library

from natoqa.corpus import Corpus
from natoqa.errors import QuestionSetError
from natoqa.evaluation.drafting import draft_questions, write_drafts
from natoqa.evaluation.questions import load_questions
from natoqa.evaluation.sets.checking import check_questions
from natoqa.evaluation.sets.documents import documents_of_corpus
from natoqa.proposing.english import BASE_OF_PAST
from natoqa.proposing.rules import propose, propose_for_heading
from natoqa.store import Generation

NAMES = frozenset("Peru Chile Lima Paz Ana Treaty Court China Venezuela Congress Jobim Nelson".split())  # noqa: SIM905


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("Peru signed the Treaty of Lima on 3 May 1998.", "When did Peru sign the Treaty of Lima?", "3 May 1998"),
        ("In May 2012, Peru joined the Court of Lima.", "When did Peru join the Court of Lima?", "May 2012"),
        ("The Treaty was signed in Lima in 1998.", "When was the Treaty signed in Lima?", "1998"),
        ("The Treaty was signed in Lima in 1998.", "Where was the Treaty signed in 1998?", "Lima"),
        ("The Treaty was drafted by Ana Paz.", "By whom was the Treaty drafted?", "Ana Paz"),
        ("Peru sent about 70 police to Chile.", "How many police did Peru send to Chile?", "70"),
        ("In 2008 China sold Peru radars.", "Who sold Peru radars in 2008?", ""),
        ("Venezuela bought two radars from China.", "How many radars did Venezuela buy from China?", "two"),
        ("Venezuela bought two radars from China.", "Who bought two radars from China?", "Venezuela"),
        (
            "Congress spent 1.3 billion dollars on Peru, which was more.",
            "How much did Congress spend on Peru?",
            "1.3 billion dollars",
        ),
        (
            "Chile received 12 per cent of the exports.",
            "What percentage of the exports did Chile receive?",
            "12 per cent",
        ),
        ("Twenty-two states had signed in Lima by 1994.", "How many states had signed in Lima by 1994?", "Twenty-two"),
        ("Ana Paz is a historian of the Court.", "Who is Ana Paz?", "a historian of the Court"),
        ("The Court is a body of nine judges.", "What is the Court?", "a body of nine judges"),
        ("Peru left the Court because it was slow.", "Why did Peru leave the Court?", "because it was slow"),
        ("Nelson Jobim, the defence minister, arrived.", "Who is Nelson Jobim?", "the defence minister"),
        ("The report says that Peru joined the Court in 1999.", "When did Peru join the Court?", "1999"),
        ("A bad start. Peru joined the Court in 1999.", "When did Peru join the Court?", "1999"),
    ],
)
def test_a_sentence_gives_a_question_and_its_answer(sentence: str, question: str, answer: str) -> None:
    proposals = {proposal.question: proposal.answer for proposal in propose(sentence, NAMES)}
    if answer:
        assert proposals.get(question) == answer
    else:
        assert question not in proposals  # too short to be sure who sold what


@pytest.mark.parametrize(
    "sentence",
    [
        "It joined the Court of Lima in 1999.",
        "They sold two radars to Peru in 2008.",
        "The bloc signed the agreement in 1999.",
        "Peru did not sign the Treaty in 1998.",
        "The Treaty signed in Lima in 1998 says little.",
        "Peru signed it on 3 May 1998.",
        "“Peru signed the Treaty of Lima in 1998.”",
        "Peru signed the **Treaty of Lima** in 1998.",
        "Did Peru sign the Treaty in 1998?",
        "Peru grew from 1998 to 2002.",
        "SIPRI put Peru at 63.3 billion dollars in 2010.",
        "Peru.",
        "",
    ],
)
def test_a_sentence_that_needs_its_neighbours_or_is_not_plain_gives_none(sentence: str) -> None:
    assert list(propose(sentence, NAMES)) == []


def test_a_heading_of_plurals_is_asked_for() -> None:
    proposal = propose_for_heading("Patterns of inter-state conflict")
    assert proposal is not None
    assert proposal.question == "What are the patterns of inter-state conflict?"
    assert propose_for_heading("The US security engagement in Latin America") is None
    assert propose_for_heading("Results of 2012: a table") is None


def test_pasts_are_formed_by_the_rules_of_spelling() -> None:
    assert {past: BASE_OF_PAST.get(past) for past in ("signed", "moved", "denied", "deployed", "planned", "sold")} == {
        "signed": "sign", "moved": "move", "denied": "deny", "deployed": "deploy", "planned": "plan", "sold": "sell",
    }  # fmt: skip
    assert "found" not in BASE_OF_PAST


@given(st.text(max_size=200))
def test_any_text_at_all_is_read(text: str) -> None:
    for proposal in propose(text, NAMES):
        assert proposal.question.endswith("?")


@pytest.fixture
def generation(library: Library) -> Generation:
    for number, country in enumerate(("Peru", "Chile", "Bolivia", "Ecuador")):
        text = (
            f"# {country}\n\nThe embassy of {country} opened in Lima in {1990 + number}. In {2001 + number} "
            f"{country} joined the Pact of Lima. {country} sent {number + 20} officers to Lima. It paid for them.\n\n"
            f"## Causes of the crisis in {country}\n\nMany people of {country} left.\n"
        )
        library.write(f"{country.lower()}.md", text)
    library.sync()
    return Generation.open(library.index)


def test_drafts_are_spread_over_documents_and_never_quote_a_sentence_twice(generation: Generation) -> None:
    drafts = draft_questions(generation, 4)
    assert {question.evidence[0].document for question in drafts} == set(generation.document_ids())
    every = draft_questions(generation, 1_000)
    assert (
        len(every)
        == len({question.evidence[0] for question in every})
        == len({question.question for question in every})
    )
    assert [question.id for question in every[:2]] == ["draft-001", "draft-002"]


def test_drafts_are_marked_and_their_quotes_stand(generation: Generation, library: Library, tmp_path: Path) -> None:
    out = tmp_path / "drafts.jsonl"
    write_drafts(draft_questions(generation, 1_000), out)
    assert all(
        question.draft and question.answerable and question.tags[0] == "draft" for question in load_questions(out)
    )
    report = check_questions(out, lambda: documents_of_corpus(Corpus.open(library.corpus)))
    assert report.errors == 0
    assert [problem.message for problem in report.problems if "drafts" not in problem.message] == []
    kinds = {question.tags[1] for question in load_questions(out)}
    assert {"date", "number", "heading"} <= kinds


def test_one_seed_gives_one_choice(generation: Generation) -> None:
    first = draft_questions(generation, 3, seed=1)
    assert draft_questions(generation, 3, seed=1) == first
    assert any(draft_questions(generation, 3, seed=seed) != first for seed in range(2, 8))


def test_an_empty_index_has_no_drafts(library: Library, tmp_path: Path) -> None:
    library.sync()
    assert draft_questions(Generation.open(library.index), 10) == ()


def test_drafts_that_are_there_are_replaced_only_when_forced(generation: Generation, tmp_path: Path) -> None:
    out = tmp_path / "drafts.jsonl"
    drafts = draft_questions(generation, 2)
    write_drafts(drafts, out)
    with pytest.raises(QuestionSetError, match="--force"):
        write_drafts(drafts, out)
    write_drafts(drafts[:1], out, force=True)
    assert json.loads(out.read_text("utf-8"))["id"] == "draft-001"
