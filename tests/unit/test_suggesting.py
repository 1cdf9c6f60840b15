"""Suggested questions: made of the documents' own sentences, answered by them, and none of them asked twice."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Sequence
from dataclasses import replace

import pytest
from library import Library

from natoqa.assistant import Assistant
from natoqa.errors import QuestionError
from natoqa.live import LiveAssistant
from natoqa.suggesting import Suggester
from natoqa.types import Answer, Draft, DraftSentence, Quote, Status

DOCUMENTS = {
    "peru.md": (
        "# Peru\n\nPeru joined the Pact of Lima in May 2001. "
        "The Pact of Lima is a treaty of four states on the sea.\n\n"
        "Peru sent 21 officers to Lima. The embassy of Peru opened in Lima in 1990.\n"
    ),
    "chile.md": (
        "# Chile\n\nChile sold three radars to Ecuador in 2008. The embassy of Chile opened in Sucre in 1994.\n\n"
        "The Andean Court is a body of nine judges from the four states. "
        "The Andean Bank is a bank of the four states.\n"
    ),
    "bolivia.md": (
        "# Bolivia\n\nBolivia bought six helicopters from China in 2012. "
        "In March 2003 Bolivia signed the Treaty of Sucre.\n"
    ),
}
ELSEWHERE = {
    "deutsch.md": "# Frieden\n\nPeru trat 2001 dem Pakt von Lima bei. Chile verkaufte 2008 drei Radare an Ecuador.\n",
    "tabla.csv": "country,year,radars\nPeru,2001,3\nChile,2008,6\nEcuador,2010,9\n",
}


def _fill(library: Library, documents: dict[str, str]) -> Library:
    for name, text in documents.items():
        library.write(name, text)
    library.sync()
    return library


@pytest.fixture
def filled(library: Library) -> Library:
    return _fill(library, DOCUMENTS)


class _Counting(Assistant):
    """Keeps what it was asked."""

    asked: list[str]

    def ask(self, question: str, documents: Sequence[str] = (), history: Sequence[str] = ()) -> Answer:
        self.asked.append(question)
        return super().ask(question, documents, history)


class _AnotherSentence:
    """Always answers with one and the same sentence."""

    def draft(self, question: str, hits: Sequence[object]) -> Draft:
        quote = "Peru sent 21 officers to Lima."
        return Draft((DraftSentence(quote, (Quote("peru.md", quote),)),))


def _counting(assistant: Assistant) -> _Counting:
    counting = _Counting(assistant.generation, assistant.retriever, assistant.answerer, assistant.settings)
    object.__setattr__(counting, "asked", [])
    return counting


def _with_threshold(assistant: Assistant, threshold: float) -> Assistant:
    return replace(assistant, settings=assistant.settings.model_copy(update={"threshold": threshold}))


def _quotes(assistant: Assistant, question: str) -> set[str]:
    return {citation.quote for citation in assistant.ask(question).citations}


def test_a_question_to_begin_with_is_answered_with_the_sentence_it_was_made_of(filled: Library) -> None:
    assistant = filled.open()
    questions = Suggester(assistant).opening()
    assert {
        "When did Peru join the Pact of Lima?",
        "What is the Andean Court?",
        "Who signed the Treaty of Sucre in March 2003?",
    } <= set(questions)
    assert "Peru joined the Pact of Lima in May 2001." in _quotes(assistant, "When did Peru join the Pact of Lima?")
    assert all(assistant.ask(question).status is Status.ANSWERED for question in questions)


def test_the_first_questions_are_of_different_documents(filled: Library) -> None:
    assistant = filled.open()
    questions = Suggester(assistant).opening(3)
    assert len(questions) == 3
    assert {assistant.ask(question).citations[0].document for question in questions} == set(DOCUMENTS)


def test_equal_corpora_give_equal_suggestions(filled: Library) -> None:
    assistant, other = filled.open(), filled.rebuilt().open()
    answer = assistant.ask("When did Peru join the Pact of Lima?")
    assert Suggester(assistant).opening() == Suggester(other).opening()
    assert Suggester(assistant).following(answer) == Suggester(other).following(answer)


def test_what_was_suggested_before_does_not_change_what_follows(filled: Library) -> None:
    assistant = filled.open()
    answer = assistant.ask("When did Peru join the Pact of Lima?")
    used = Suggester(assistant)
    used.opening()
    assert used.following(answer) == used.following(answer) == Suggester(assistant).following(answer)


def test_questions_to_begin_with_are_found_out_once_for_all_threads(filled: Library) -> None:
    assistant = _counting(filled.open())
    suggester = Suggester(assistant)
    found: list[tuple[str, ...]] = []
    threads = [threading.Thread(target=lambda: found.append(suggester.opening())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [suggester.opening()] * 8
    assert len(assistant.asked) == len(set(assistant.asked)) > 0


def test_only_the_documents_that_are_searched_are_asked_about(filled: Library) -> None:
    suggester = Suggester(filled.open())
    assert "What is the Pact of Lima?" in suggester.opening(documents=["peru.md"])
    assert not any("Sucre" in question or "Andean" in question for question in suggester.opening(documents=["peru.md"]))
    assert suggester.opening(documents=["nothing*"]) == ()


def test_tables_and_other_languages_give_no_questions(library: Library) -> None:
    assistant = _fill(library, ELSEWHERE).open()
    suggester = Suggester(assistant)
    assert suggester.opening() == ()
    assert suggester.following(assistant.ask("Peru 2001")) == ()


def test_an_empty_index_gives_no_questions(library: Library) -> None:
    library.sync()
    assert Suggester(library.open()).opening() == ()


def test_what_the_sources_would_not_surely_answer_is_not_suggested(filled: Library) -> None:
    opened = filled.open()
    answer = opened.ask("When did Peru join the Pact of Lima?")
    strict = _with_threshold(opened, 1.0)
    assert Suggester(strict).opening() == ()
    assert Suggester(strict).following(answer) == ()


def test_what_is_answered_but_barely_is_not_suggested(filled: Library) -> None:
    assistant = filled.open()
    barely = "When did the embassy of Peru open in Lima?"
    assert barely in Suggester(assistant).opening()
    stricter = _with_threshold(assistant, assistant.ask(barely).confidence - 0.01)
    assert stricter.ask(barely).status is Status.ANSWERED
    assert barely not in Suggester(stricter).opening()


def test_a_question_whose_sentence_is_not_shown_is_not_suggested(filled: Library) -> None:
    opened = filled.open()

    wrong = replace(opened, answerer=_AnotherSentence())
    assert wrong.ask("Who signed the Treaty of Sucre?").status is Status.ANSWERED
    assert Suggester(opened).opening() != ()
    assert Suggester(wrong).opening() == ()


def test_questions_to_go_on_with_are_near_the_answer_and_new(filled: Library) -> None:
    assistant = filled.open()
    suggester = Suggester(assistant)
    answer = assistant.ask("When did Peru join the Pact of Lima?")
    following = suggester.following(answer)
    assert following[0] == "What is the Pact of Lima?"
    assert answer.question not in following
    assert len(set(following)) == len(following)
    later = suggester.following(answer, asked=["What is the Pact of Lima?"])
    assert "What is the Pact of Lima?" not in later
    assert "What is the Pact of Lima?" not in suggester.following(answer, asked=["what is the pact of lima"])
    assert suggester.following(answer, 1) == following[:1]
    assert suggester.following(answer, 0) == ()


def test_what_stands_far_from_the_quote_is_asked_about_when_nothing_near_can_be(library: Library) -> None:
    filler = "\n\n".join(f"It was cold there, and so they left the place again on day {day}." * 3 for day in range(8))
    library.write(
        "far.md",
        "# Far\n\nThe Andean Bank is a bank of the four states.\n\n"
        f"{filler}\n\nThe Museum of Quito is a museum of the city in the north.\n",
    )
    library.sync()
    assistant = library.open()
    assert Suggester(assistant).following(assistant.ask("What is the Andean Bank?")) == (
        "What is the Museum of Quito?",
    )


def test_the_question_that_was_answered_is_not_asked_again_whatever_was_quoted(filled: Library) -> None:
    assistant = filled.open()
    answer = replace(assistant.ask("Who joined the Pact of Lima in May 2001?"), citations=(), nearest=())
    following = Suggester(assistant).following(answer)
    assert "What is the Pact of Lima?" in following
    assert answer.question not in following


def test_going_on_costs_one_question_more_than_are_wanted(filled: Library) -> None:
    opened = filled.open()
    answer = opened.ask("When did Peru join the Pact of Lima?")
    wrong = _counting(replace(opened, answerer=_AnotherSentence()))
    assert Suggester(wrong).following(answer, 1) == ()
    assert len(wrong.asked) == 2


def test_an_answer_that_was_not_found_can_be_gone_on_from(filled: Library) -> None:
    assistant = filled.open()
    answer = _with_threshold(assistant, 1.0).ask("Which pact did Peru join?")
    assert answer.status is Status.NOT_FOUND
    assert Suggester(assistant).following(answer) != ()


def test_going_on_in_documents_that_do_not_exist_is_an_error(filled: Library) -> None:
    assistant = filled.open()
    answer = assistant.ask("When did Peru join the Pact of Lima?")
    with pytest.raises(QuestionError, match="no document matches"):
        Suggester(assistant).following(answer, documents=["nothing*"])


def test_a_new_generation_has_its_own_suggestions(filled: Library) -> None:
    opened: list[Assistant] = []  # keeps the old one, so that it is still there to be mistaken for the new one

    def open_live() -> Assistant:
        opened.append(filled.open())
        return opened[-1]

    live = LiveAssistant(filled.index, open_live)
    suggester = Suggester(live)
    before = suggester.opening()
    answer = live.ask("When did Peru join the Pact of Lima?")
    (filled.corpus / "peru.md").unlink()
    filled.write("cuba.md", "# Cuba\n\nOf all, Cuba is small. The Bank of Cuba is a bank of the state in Havana.\n")
    filled.sync()
    after = suggester.opening()
    assert "When did Peru join the Pact of Lima?" in before
    assert not any("Peru" in question for question in after)
    assert "What is the Bank of Cuba?" in after
    # The answer is the old generation's, and its document is gone.
    assert not any("Lima" in question for question in suggester.following(answer))


def test_an_assistant_is_not_kept_alive_for_what_was_suggested(filled: Library) -> None:
    opened = [filled.open()]
    suggester = Suggester(LiveAssistant(filled.index, opened.pop))
    suggester.opening()
    held = weakref.ref(suggester._assistant._held.assistant)  # type: ignore[union-attr]
    suggester._assistant = filled.open()
    gc.collect()
    assert held() is None


def test_markup_in_a_document_never_comes_into_a_question(library: Library) -> None:
    library.write(
        "x.md", "# X\n\nPeru joined the <b>Pact</b> of Lima in 2001. Peru left the `Pact` of *Lima* in 2004.\n"
    )
    library.write(
        "y.txt", "Peru joined the <script>alert(1)</script> Pact of Lima in 2001. Chile and Peru met in Lima."
    )
    library.sync()
    assert not any(set("<>`*") & set(question) for question in Suggester(library.open()).opening())
