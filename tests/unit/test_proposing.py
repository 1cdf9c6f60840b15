"""Which sentences give a question that can be printed as it stands, and which would give a bad one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.proposing.candidates import Candidate, Excerpt, candidates_in
from natoqa.proposing.choosing import Chosen
from natoqa.proposing.clauses import names_of
from natoqa.proposing.rules import Proposal

# Tells which words are names, and what is a common noun.
CONTEXT = (
    "We met in Peru, Chile, Lima, Sucre, Rio and Havana with China and Spain.",
    "They spoke of the treaty, the agency and the council of Peru, Chile and China.",
)


def _questions(*sentences: str) -> set[str]:
    return {found.proposal.question for found in candidates_in([Excerpt("a.txt", "", (*CONTEXT, *sentences))])}


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("The Treaty of Sucre was signed in Rio de Lima in 2001.", "Where was the Treaty of Sucre signed in 2001?"),
        ("Ana Paz, a historian of the Council of Lima, wrote in Chile.", "Who is Ana Paz?"),
        ("Havana, the largest port of Cuba, was rebuilt by Spain.", "What is Havana?"),
        (
            "In June 2013 the Chilean defence minister, Ana Paz, was in Lima.",
            "Who was the Chilean defence minister in June 2013?",
        ),
        (
            "Peru was the only state of the Pacific in the war of Chile.",
            "Which was the only state of the Pacific in the war of Chile?",
        ),
        (
            "The Sucre Agency says that the radars of Peru are old.",
            "What does the Sucre Agency say about the radars of Peru?",
        ),
        ("Chile has 13 natural reserves, which the army is to watch.", "How many natural reserves does Chile have?"),
        ("Chile moved the talks of Lima by inviting both of its neighbours.", "How did Chile move the talks of Lima?"),
        ("In 2015 Chilean forces served in the waters of Havana.", "What did Chilean forces do in 2015?"),
        ("The Sucre Agency was praised by all.", "What is said about the Sucre Agency?"),
        ("Peru and Chile. The border has been quiet for years.", "What is said about Peru and Chile?"),
    ],
)
def test_a_sentence_gives_a_question(sentence: str, question: str) -> None:
    assert question in _questions(sentence)


@pytest.mark.parametrize(
    ("sentence", "never"),
    [
        ("The Treaty of Sucre was signed in Rio de Lima in 2001.", "signed de Lima"),
        ("The Treaty of Sucre was signed in Santiago de los Reyes in 2001.", "signed de los"),
        ("China launched a war in Peru to prevent the founding of a Marxist–Leninist state.", "a Marxist?"),
        ("Ana Paz and Juan Sol have argued that Peru is rich.", "have argue"),
        ("The tunnel of Lima provides for the passage of ships to Chile.", "provide?"),
        ("Fifty-nine percent of Protestants voted for the president of Chile.", "How many percent"),
        ("There are two major sports centres in Lima, and the army has one of them.", "How many major sports are"),
        ("The Chilean Democrats, a minor party of Chile, were heard.", "What is the Chilean Democrats"),
        ("Ana Paz signed a treaty merging the kingdom into Peru.", "the kingdom"),
        ("Lima won the selection over the city of Sucre.", "the selection"),
        ("In the 2010 election of Chile, Peru sold two radars to China.", "sell to China?"),
        ("The Simón Paz was sold to Chile and to the army of Peru.", "the Simón Paz"),
        ("The Bureau of Lima Trade and Law Affairs was in Chile.", "Bureau of Lima Trade?"),
        (
            "Since the terrible and well known attack on the Lima Council, China sold little (to the Lima Council).",
            "said about the Lima Council",
        ),
        ("Peru had 92 and San Sucre 69 reports, as in San Sucre.", "said about San Sucre"),
        ("A monk of the Pope was crowned as Roman Emperor by China (as Roman Emperor of Peru).", "Roman Emperor"),
        ("The Cold War was long, and the army of Peru was in it.", "Cold War"),
        ("Once Juan Sol, the leader of Peru, had fallen in Chile, the war was over.", "Once"),
        ("Downstream of the Cobden Bridge is a part of the river with a railway.", "Downstream"),
        ("Peru contains about 434 cubic metres of growing forest for the army.", "of growing"),
        ("Ana Paz joined the Bank of Lima as a judge then, and the army of Chile was told.", "then?"),
        ("The army created the First Brigade of Lima and on 1 March, Chile was told.", "and on"),
        ("A regular Latin noun belongs to a declension of Lima.", "does a regular"),
        ("President Ana Paz was a prominent historian of the Andes.", "Who was President"),
        ("In 1963 Ana Paz wrote the book The Sea of Lima for Chile.", "book the Sea"),
        ("He joined the Pact of Lima in 2001.", "Pact of Lima"),
        ("Peru trat im Jahr 2001 dem Pakt von Lima bei.", "Peru trat"),
    ],
)  # fmt: skip
def test_a_sentence_never_gives_such_a_question(sentence: str, never: str) -> None:
    assert [question for question in _questions(sentence) if never in question] == []


def test_an_opening_article_is_small_in_a_question_and_that_of_a_title_is_not() -> None:
    assert "Who wrote the book The Sea of Lima in 1963?" in _questions(
        "In 1963 Ana Paz wrote the book The Sea of Lima.", "We met Ana Paz and her Sea."
    )
    assert "When did the embassy of Peru open in Lima?" in _questions("The embassy of Peru opened in Lima in 1990.")


def test_a_question_stands_once_with_the_sentence_that_answers_it_best() -> None:
    excerpts = [Excerpt("a.txt", "", ("Peru joined the Pact of Lima in 2001.",) * 2), Excerpt("b.txt", "", CONTEXT)]
    questions = [found.proposal.question for found in candidates_in(excerpts)]
    assert len(questions) == len(set(questions)) > 0


def test_a_name_is_taken_whole() -> None:
    assert names_of("West Africa traded with Peru's navy.") == {"West Africa", "Peru"}
    assert names_of("The West Gate in May") == {"The West Gate"}
    assert not names_of("West Africa") & names_of("Gate of Africa")


def test_what_was_asked_in_other_words_or_of_the_same_sentence_is_covered() -> None:
    first, *others = candidates_in(
        [Excerpt("a.txt", "", (*CONTEXT, "Peru joined the Pact of Lima in 2001.", "Chile has 13 natural reserves."))]
    )
    chosen = Chosen(["Which natural reserves does Chile have?"])
    assert not chosen.covers(first)
    assert all(chosen.covers(other) for other in others if "reserves" in other.proposal.question)
    chosen.add(first)
    assert chosen.candidates == [first]
    of_the_same_sentence = Candidate(first.document, first.quote, Proposal("name", "Who is Juan Sol?", "", 1.0))
    assert chosen.covers(of_the_same_sentence)
    assert not chosen.covers(replace(of_the_same_sentence, quote="Juan Sol is a judge."))


@given(st.lists(st.text(max_size=120), max_size=6))
def test_any_sentences_at_all_are_read(sentences: list[str]) -> None:
    for found in candidates_in([Excerpt("a.txt", sentences[0] if sentences else "", tuple(sentences))]):
        assert found.proposal.question.endswith("?")
        assert found.quote in sentences
