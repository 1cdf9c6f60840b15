"""TREC's files: what is written is read back, and what trec_eval would misread is not written."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.errors import QuestionSetError, RunError
from natoqa.evaluation.questions import Evidence, Question
from natoqa.evaluation.runfile import save_run
from natoqa.evaluation.sets.documents import Documents
from natoqa.evaluation.sets.importing import ImportOptions
from natoqa.evaluation.sets.trec import (
    export_questions,
    read_qrels,
    read_run,
    read_topics,
    read_trec,
    write_qrels,
    write_run,
)
from natoqa.testing.runs import made_outcome, made_run

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
QUESTIONS = (
    Question("q 1", "Who\tpaid?", True, (), (Evidence("a b.txt", "x"), Evidence("c%.txt")), ((Evidence("c%.txt"),),)),
    Question("q2", "Who sang?", False),
)


def _file(folder: Path, content: str) -> Path:
    path = folder / "file.txt"
    path.write_text(content, "utf-8")
    return path


@given(st.dictionaries(IDS, st.dictionaries(IDS, st.integers(-2, 3), min_size=1), min_size=1))
def test_judgements_are_read_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, judged: dict[str, dict[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("qrels") / "qrels.txt"
    write_qrels(path, judged)
    assert read_qrels(path) == judged
    assert all(len(line.split()) == 4 for line in path.read_text("utf-8").split("\n")[:-1])


@given(st.dictionaries(IDS, st.lists(IDS, min_size=1, unique=True), min_size=1))
def test_rankings_are_read_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rankings: dict[str, list[str]]
) -> None:
    path = tmp_path_factory.mktemp("run") / "run.trec"
    write_run(path, rankings)
    assert {query: [name for name, _ in ranking] for query, ranking in read_run(path).items()} == rankings


def test_scores_fall_strictly_however_long_the_ranking(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"q": [f"d{number}" for number in range(5_000)]})
    scores = [score for _, score in read_run(tmp_path / "run")["q"]]
    assert scores[:4] == [1.0, 0.5, pytest.approx(1 / 3), 0.25]
    assert all(before > after for before, after in pairwise(scores))


def test_a_document_counts_at_its_first_place(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"q": ["a", "b", "a", "c"]})
    assert (tmp_path / "run").read_text("utf-8") == (
        "q Q0 a 1 1 natoqa\nq Q0 b 2 0.5 natoqa\nq Q0 c 3 0.3333333333 natoqa\n"
    )


def test_a_foreign_run_is_ordered_by_score(tmp_path: Path) -> None:
    assert read_run(_file(tmp_path, "q Q0 a 1 0.1 x\nq Q0 b 2 0.9 x\n")) == {"q": [("b", 0.9), ("a", 0.1)]}


def test_escapes_that_natoqa_never_writes_belong_to_the_id(tmp_path: Path) -> None:
    qrels = read_qrels(_file(tmp_path, "q%41 0 a%2Fb%FF 1\nq%20 0 a%2520 1\n"))
    assert qrels == {"q%41": {"a%2Fb%FF": 1}, "q ": {"a%20": 1}}


@pytest.mark.parametrize("line", ["q 0 d", "q 0 d 1 2", "q 0 d one", "q"])
def test_a_wrong_line_of_qrels_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(QuestionSetError, match=r"file\.txt:3: should be query"):
        read_qrels(_file(tmp_path, f"q 0 d 1\n\n{line}\n"))
    with pytest.raises(QuestionSetError, match=r"file\.txt:1: should be query"):
        read_run(_file(tmp_path, line))


def test_classic_topics_are_read_by_number_and_title(tmp_path: Path) -> None:
    topics = read_topics(
        _file(
            tmp_path,
            "<top>\n<num> Number: 301\n<title> International\n  Organized Crime\n<desc> Desc:\nIdentify\n</top>\n"
            "<top><num>302</num><title>Topic: Polio</title><narr>x</narr></top>\n",
        )
    )
    assert topics == {"301": "International Organized Crime", "302": "Polio"}


def test_topics_in_columns_are_read(tmp_path: Path) -> None:
    assert read_topics(_file(tmp_path, "1\tWho  paid?\r\nq%202\tWhat\n")) == {"1": "Who paid?", "q 2": "What"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("1\ta\nno tab\n", ":2: should be an id, a tab"),
        ("1\ta\n1\tb\n", ":2: the topic '1' stands there twice"),
        ("1\t \n", ":1: a topic without text"),
        ("\n\n<top><num>1</top>", ":3: a topic without <title>"),
        ("<top><title>x</top>", ":1: a topic without <num>"),
    ],
)
def test_a_wrong_topic_is_named_with_its_line(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(QuestionSetError) as raised:
        read_topics(_file(tmp_path, content))
    assert complaint in str(raised.value)


def _options(tmp_path: Path, *documents: str, topics: str = "1\tWho paid?\n2\tWho sang?\n") -> ImportOptions:
    path = tmp_path / "topics.tsv"
    path.write_text(topics, "utf-8")

    def refuse(identity: str) -> Any:
        raise AssertionError(f"{identity} need not be opened")

    return ImportOptions(lambda: Documents("a corpus", frozenset(documents), refuse), queries=path)


def test_a_document_is_named_by_its_id_or_its_stem(tmp_path: Path) -> None:
    qrels = _file(tmp_path, "1 0 a.txt 1\n1 0 b 2\n1 0 same 1\n1 0 n/c 1\n1 0 gone 1\n1 0 a 0\n9 0 a 1\n")
    collected = read_trec(qrels, _options(tmp_path, "a.txt", "x/b.md", "y/same.txt", "z/same.txt", "n/c.md"))
    (question,) = collected.questions
    assert (question.id, question.question) == ("1", "Who paid?")
    assert question.evidence == (Evidence("x/b.md"),)
    assert question.alternatives == ((Evidence("a.txt"),), (Evidence("n/c.md"),))
    assert collected.left_out == {
        "judgements of documents that are not there": 2,
        "judgements below 1": 1,
        "queries without a relevant document": 1,
        "judgements of queries that are not there": 1,
    }


def test_an_export_is_imported_again(tmp_path: Path) -> None:
    counts = export_questions(QUESTIONS, tmp_path / "out", None, force=False)
    assert counts == {"queries": 2, "judgements": 2}
    assert (tmp_path / "out" / "queries.tsv").read_text("utf-8") == "q%201\tWho paid?\nq2\tWho sang?\n"
    assert read_qrels(tmp_path / "out" / "qrels.txt") == {"q 1": {"a b.txt": 1, "c%.txt": 1}}
    options = ImportOptions(
        lambda: Documents("a corpus", frozenset({"a b.txt", "c%.txt"}), dict[str, Any]().__getitem__),
        queries=tmp_path / "out" / "queries.tsv",
    )
    (question,) = read_trec(tmp_path / "out" / "qrels.txt", options).questions
    assert question.id == "q 1"
    assert (question.evidence, question.alternatives) == ((Evidence("a b.txt"),), ((Evidence("c%.txt"),),))


def test_a_run_is_exported_by_document(tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    rankings = {"q 1": ("b", "a b.txt"), "other": ("b",), "q2": ()}
    save_run(made_run([made_outcome(name, ranking=ranking) for name, ranking in rankings.items()]), run)
    counts = export_questions(QUESTIONS, tmp_path / "out", run, force=False)
    assert counts == {"queries": 2, "judgements": 2, "ranked": 2, "outcomes_left_out": 1}
    assert read_run(tmp_path / "out" / "run.trec") == {"q 1": [("b", 1.0), ("a b.txt", 0.5)]}


def test_what_is_no_run_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    run.write_text('{"outcomes": [3]}', "utf-8")
    with pytest.raises(RunError, match=r"run\.json"):
        export_questions(QUESTIONS, tmp_path / "out", run, force=False)
    assert not (tmp_path / "out").exists()


def test_an_export_replaces_files_only_when_forced(tmp_path: Path) -> None:
    export_questions(QUESTIONS, tmp_path, None, force=False)
    with pytest.raises(QuestionSetError, match="--force"):
        export_questions(QUESTIONS, tmp_path, None, force=False)
    export_questions(QUESTIONS[:1], tmp_path, None, force=True)
    assert (tmp_path / "queries.tsv").read_text("utf-8").count("\n") == 1
    with pytest.raises(QuestionSetError, match="is a file"):
        export_questions(QUESTIONS, tmp_path / "queries.tsv", None, force=True)
