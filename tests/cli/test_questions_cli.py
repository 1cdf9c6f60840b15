"""``natoqa questions`` from end to end, without a model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from natoqa.evaluation.runfile import save_run
from natoqa.testing.runs import made_outcome, made_run

Run = Callable[..., Any]
QUOTE = "Border disputes dating back to post-colonial times continue to cause extreme friction."
GOOD: dict[str, Any] = {
    "id": "a",
    "question": "What continues to cause friction?",
    "answerable": True,
    "answers": ["Border disputes"],
    "evidence": [{"document": "briefing.txt", "quote": QUOTE}],
    "tags": ["fact"],
}
LINES = [GOOD, {"id": "b", "question": "Who sang?", "answerable": False, "tags": ["fact", "off-topic"]}]


@pytest.fixture
def home(tmp_path: Path, real_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the corpus in it and no index."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _set(folder: Path, *lines: Any) -> Path:
    path = folder / "set.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def _fails(finished: Any, *words: str) -> None:
    """Exit status 1 and one line on stderr that holds these words; nothing on stdout."""
    assert (finished.code, finished.out, finished.err.count("\n")) == (1, "", 1)
    assert finished.err.startswith("natoqa: ")
    for word in words:
        assert word in finished.err


def test_a_sound_set_passes_with_a_summary_and_a_table_by_tag(natoqa: Run, home: Path) -> None:
    finished = natoqa("questions", "check", _set(home, *LINES))
    assert (finished.code, finished.err) == (0, "")
    rows = [line.split() for line in finished.out.splitlines()]
    assert ["fact", "2", "1", "1"] in rows
    assert ["off-topic", "1", "0", "1"] in rows
    assert finished.out.splitlines()[-1] == (
        "2 questions (1 answerable, 1 not, 0 with a history), 0 errors, 0 warnings; documents: corpus corpus"
    )


def test_each_problem_is_one_line_and_an_error_fails(natoqa: Run, home: Path) -> None:
    wrong = {
        **GOOD,
        "id": "c",
        "question": "Where?",
        "answers": [],
        "evidence": [{"document": "briefing.txt", "quote": "Border\ndisputed"}],
    }
    path = _set(home, *LINES, {**LINES[1], "id": "x\ny-near", "question": "Else?"}, wrong)
    finished = natoqa("questions", "check", path)
    assert finished.code == 1
    problems = [line for line in finished.out.splitlines() if line.startswith(str(path))]
    assert problems[0] == f"{path}:3: warning: control characters or odd spaces in 'x y-near'"
    assert problems[1] == f"{path}:3: warning: the id ends in -near, but its twin 'x y' is not in the set"
    assert problems[2].startswith(f'{path}:4: error: the quote "Border disputed" does not stand in briefing.txt')
    assert len(problems) == 3


def test_check_json_holds_problems_and_counts_and_still_fails(natoqa: Run, home: Path) -> None:
    finished = natoqa("questions", "check", _set(home, *LINES, {"id": "z"}), "--json")
    value = json.loads(finished.out)
    assert finished.code == 1
    assert value["problems"] == [{"line": 3, "severity": "error", "message": "'question' should be text"}]
    assert (value["questions"], value["answerable"], value["unanswerable"]) == (2, 1, 1)
    assert (value["errors"], value["warnings"]) == (1, 0)
    assert value["tags"]["fact"] == {"questions": 2, "answerable": 1, "unanswerable": 1}


def test_the_index_is_read_when_there_is_one(natoqa: Run, home: Path, real_index: Path) -> None:
    path = _set(home, GOOD)
    (home / "corpus" / "briefing.txt").write_text("Another text.", "utf-8")
    assert natoqa("questions", "check", path, "--index", real_index).code == 0
    assert natoqa("questions", "check", path, "--corpus", home / "corpus").code == 1
    (home / "index").symlink_to(real_index)
    assert "documents: index index" in natoqa("questions", "check", path).out
    assert natoqa("questions", "check", path, "--index", real_index, "--corpus", "corpus").code == 2


def test_a_check_without_documents_says_where_they_should_be(natoqa: Run, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    path = _set(tmp_path, GOOD)
    _fails(natoqa("questions", "check", path), "no corpus folder corpus")
    _fails(natoqa("questions", "check", path, "--index", "none"), "no index in none")


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\x00\xff", b"\xe9t\xe9", "folder"])
def test_a_file_that_is_no_question_set_is_one_error(natoqa: Run, home: Path, content: bytes | str | None) -> None:
    path = home / "set.jsonl"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()
    finished = natoqa("questions", "check", path)
    assert finished.code == 1
    assert "Traceback" not in finished.err
    assert sum("error: " in line for line in finished.out.splitlines()) == 1
    _fails(natoqa("questions", "export", path, "--out", home / "out"), "set.jsonl")


def test_an_imported_set_passes_the_check(natoqa: Run, home: Path) -> None:
    source = home / "squad.json"
    context = "The treaty was signed in Lima. Peru paid five million."
    entry = {"id": "s", "question": "Who paid?", "answers": [{"text": "Peru", "answer_start": 31}]}
    data = {"data": [{"title": "Treaty", "paragraphs": [{"context": context, "qas": [entry]}]}]}
    source.write_text(json.dumps(data), "utf-8")
    arguments = ("questions", "import", "squad", source, "--out", "s.jsonl", "--corpus", "imported")
    finished = natoqa(*arguments)
    assert finished.out == "1 question (1 answerable, 0 not) in s.jsonl, 1 document in imported\n"
    assert natoqa("questions", "check", "s.jsonl", "--corpus", "imported").code == 0
    _fails(natoqa(*arguments), "s.jsonl exists already", "--force")
    value = json.loads(natoqa(*arguments, "--force", "--json").out)
    assert (value["questions"], value["documents"], value["quotes_missing"], value["left_out"]) == (1, 1, 0, {})
    assert value["corpus"] == "imported"


def test_a_table_is_imported_over_the_documents_that_are_there(natoqa: Run, home: Path) -> None:
    table = home / "table.csv"
    table.write_text(
        f'question,document,quote\nWhat causes friction?,briefing,"{QUOTE}"\nWho?,briefing,Nobody.\n', "utf-8"
    )
    finished = natoqa("questions", "import", "csv", table, "--out", "t.jsonl")
    assert finished.code == 0
    assert "1 of 2 quotes do not stand in their documents; run: natoqa questions check t.jsonl" in finished.out
    check = natoqa("questions", "check", "t.jsonl")
    assert check.code == 1
    assert "t.jsonl:2: error: " in check.out


def test_an_import_is_used_wrongly_in_ways_that_are_explained(natoqa: Run, home: Path) -> None:
    source = _set(home, GOOD)
    unknown = natoqa("questions", "import", "xml", source, "--out", "o.jsonl")
    assert unknown.code == 2
    assert "squad, beir, jsonl, trec, csv" in " ".join(unknown.err.replace("│", " ").split())
    _fails(natoqa("questions", "import", "beir", home, "--out", "o.jsonl"), "--corpus DIR")
    _fails(natoqa("questions", "import", "trec", source, "--out", "o.jsonl"), "--queries FILE")
    _fails(natoqa("questions", "import", "csv", source, "--out", home / "corpus"), "is a folder")
    _fails(natoqa("questions", "import", "beir", home, "--out", "o.jsonl", "--corpus", "corpus"), "corpus.jsonl")


def test_a_set_and_a_run_are_exported_for_trec(natoqa: Run, home: Path) -> None:
    run = home / "run.json"
    save_run(made_run([made_outcome("a", ranking=("briefing.txt", "x y.md"))]), run)
    finished = natoqa("questions", "export", _set(home, *LINES), "--out", "trec", "--run", run)
    assert finished.out == "2 queries, 1 judgement, 2 ranked documents in trec\n"
    texts = {path.name: path.read_text("utf-8") for path in (home / "trec").iterdir()}
    assert texts == {
        "qrels.txt": "a 0 briefing.txt 1\n",
        "queries.tsv": "a\tWhat continues to cause friction?\nb\tWho sang?\n",
        "run.trec": "a Q0 briefing.txt 1 1 natoqa\na Q0 x%20y.md 2 0.5 natoqa\n",
    }
    _fails(natoqa("questions", "export", home / "set.jsonl", "--out", "trec"), "exists already")
    value = json.loads(natoqa("questions", "export", home / "set.jsonl", "--out", "trec", "--force", "--json").out)
    assert value == {"folder": "trec", "queries": 2, "judgements": 1}
    imported = natoqa(
        "questions", "import", "trec", "trec/qrels.txt", "--queries", "trec/queries.tsv", "--out", "t.jsonl"
    )
    assert "left out: 1 queries without a relevant document" in imported.out


def test_drafts_of_the_shipped_corpus_pass_the_check_but_for_being_drafts(
    natoqa: Run, home: Path, real_index: Path
) -> None:
    arguments = ("questions", "draft", "--index", real_index, "--out", "d.jsonl", "--count", "25")
    finished = natoqa(*arguments)
    assert finished.code == 0
    assert finished.out.splitlines()[-1].startswith("25 drafts in d.jsonl; review each one")
    value = json.loads(natoqa("questions", "check", "d.jsonl", "--index", real_index, "--json").out)
    assert [problem["line"] for problem in value["problems"]] == [1]
    assert "drafts" in value["problems"][0]["message"]
    _fails(natoqa(*arguments), "exists already")
    summary = json.loads(natoqa(*arguments, "--force", "--json").out)
    assert (summary["questions"], summary["file"]) == (25, "d.jsonl")
    assert summary["documents"] > 10
    assert sum(summary["kinds"].values()) == 25


@pytest.mark.parametrize("command", ["check", "import", "export", "draft"])
def test_every_command_has_a_help(natoqa: Run, home: Path, command: str) -> None:
    finished = natoqa("questions", command, "--help")
    assert finished.code == 0
    assert "--json" in finished.out
    assert command in natoqa("questions", "--help").out


def test_a_check_loads_no_model(home: Path) -> None:
    code = (
        "import sys; from natoqa import cli; sys.argv = ['natoqa', 'questions', 'check', 'set.jsonl']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'torch', 'faiss', 'gradio', 'sentence_transformers', 'sklearn', 'jinja2'} & set(sys.modules)))"
    )
    _set(home, *LINES)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=home)
    assert done.stdout.splitlines()[-1] == "[]"
