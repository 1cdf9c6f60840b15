"""The command line from end to end, over the shipped corpus with the real weights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from natoqa.store import Generation

Run = Callable[..., Any]
ASKED = "What arms has China sold?"
NOT_ANSWERED = "How do I reset my router?"
CITATION = {"number", "document", "title", "locator", "start", "end", "quote"}


@pytest.fixture
def home(tmp_path: Path, real_index: Path, real_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the corpus and its index where natoqa looks for them."""
    shutil.copytree(real_index, tmp_path / "index")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, without anything."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _json(finished: Any) -> dict[str, Any]:
    """The one JSON value on stdout. json.loads refuses anything that follows it."""

    def refuse(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} is not JSON")

    assert finished.code == 0, finished.err
    value = json.loads(finished.out, parse_constant=refuse)
    assert isinstance(value, dict)
    return value


def _text(index: Path, document: str) -> str:
    generation = Generation.open(index)
    try:
        return generation.document(document).text
    finally:
        generation.close()


def _fails(finished: Any, *words: str) -> None:
    """Exit status 1 and one line on stderr that holds these words; nothing on stdout."""
    assert finished.code == 1
    assert finished.out == ""
    assert finished.err.count("\n") == 1
    assert finished.err.startswith("natoqa: ")
    assert "Traceback" not in finished.err
    for word in words:
        assert word in finished.err
    assert len(finished.err) < 500


def test_ask_json_is_one_value_whose_citations_stand_in_the_documents(natoqa: Run, home: Path) -> None:
    answer = _json(natoqa("ask", ASKED, "--json"))
    assert {
        "question", "status", "answer", "sentences", "citations", "confidence", "reason", "nearest", "timings_ms",
    } <= set(answer)  # fmt: skip
    assert (answer["question"], answer["status"], answer["reason"], answer["nearest"]) == (ASKED, "answered", None, [])
    assert 0.0 <= answer["confidence"] <= 1.0
    assert answer["sentences"]
    numbers = [citation["number"] for citation in answer["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    for citation in answer["citations"]:
        assert set(citation) >= CITATION
        assert _text(home / "index", citation["document"])[citation["start"] : citation["end"]] == citation["quote"]
    for sentence in answer["sentences"]:
        assert sentence["citations"]
        assert set(sentence["citations"]) <= set(numbers)
        assert sentence["text"] in {citation["quote"] for citation in answer["citations"]}
    marked = " ".join(s["text"] + "".join(f" [{n}]" for n in s["citations"]) for s in answer["sentences"])
    assert answer["answer"] == marked
    assert all(isinstance(value, int | float) for value in answer["timings_ms"].values())


def test_a_question_without_an_answer_is_no_failure(natoqa: Run, home: Path) -> None:
    answer = _json(natoqa("ask", NOT_ANSWERED, "--json"))
    assert (answer["status"], answer["answer"], answer["sentences"], answer["citations"]) == ("not_found", "", [], [])
    assert "router" in answer["reason"]
    assert 1 <= len(answer["nearest"]) <= 3
    for citation in answer["nearest"]:
        assert set(citation) >= CITATION
        assert _text(home / "index", citation["document"])[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_prints_sentences_sources_and_confidence_for_people(natoqa: Run, home: Path) -> None:
    finished = natoqa("ask", ASKED)
    text = " ".join(finished.out.split())
    assert finished.code == 0
    assert "Karakorum jets to Bolivia" in text
    assert "[1]" in text
    assert "briefing.txt" in text
    assert "Chinese Interest in the Region, ¶ 3" in text
    assert "confidence 0." in text
    assert finished.err == ""


def test_ask_says_for_people_that_the_sources_do_not_answer(natoqa: Run, home: Path) -> None:
    text = " ".join(natoqa("ask", NOT_ANSWERED).out.split())
    assert "The sources do not answer this." in text
    assert "router" in text
    assert "no answer" in text


def test_explain_prints_a_table_of_ranks(natoqa: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # a table cell is broken where the terminal ends
    plain, explained = natoqa("ask", ASKED), natoqa("ask", ASKED, "--explain")
    assert explained.code == 0
    for column in ("passage", "score", "dense", "BM25", "MaxSim"):
        assert column in explained.out
    assert "briefing.txt: Chinese Interest in the Region" in " ".join(explained.out.split())
    assert "milliseconds" in explained.out
    assert "MaxSim" not in plain.out


def test_search_json_holds_as_many_hits_as_asked_for(natoqa: Run, home: Path) -> None:
    found = _json(natoqa("search", ASKED, "-k", "3", "--json"))
    assert set(found) == {"question", "hits"}
    assert found["question"] == ASKED
    assert len(found["hits"]) == 3
    scores = [hit["score"] for hit in found["hits"]]
    assert scores == sorted(scores, reverse=True)
    for hit in found["hits"]:
        assert {"document", "title", "locator", "start", "end", "text", "score", "ranks"} <= set(hit)
        assert set(hit["ranks"]) == {"dense", "lexical"}
        assert any(hit["ranks"].values())
        assert _text(home / "index", hit["document"])[hit["start"] : hit["end"]] == hit["text"]
    assert len(_json(natoqa("search", ASKED, "--json"))["hits"]) == 10


def test_search_prints_passages_for_people(natoqa: Run, home: Path) -> None:
    finished = natoqa("search", ASKED, "-k", "2")
    assert finished.code == 0
    assert "1. " in finished.out
    assert "2. " in finished.out
    assert "3. " not in finished.out


@pytest.mark.parametrize("command", ["ask", "search"])
def test_document_restricts_the_sources_and_may_be_repeated(natoqa: Run, home: Path, command: str) -> None:
    found = _json(natoqa(command, ASKED, "--document", "sources/topic-china-*", "--document", "*mares*", "--json"))
    documents = {item["document"] for item in found["hits" if command == "search" else "citations"] or found["nearest"]}
    assert documents
    assert all("topic-china-" in document or "mares" in document for document in documents)


def test_status_json_lists_every_document(natoqa: Run, home: Path) -> None:
    status = _json(natoqa("status", "--json"))
    assert {"generation", "created", "encoder", "passages", "sentences", "documents", "notices"} <= set(status)
    files = {path.relative_to(home / "corpus").as_posix() for path in (home / "corpus").rglob("*") if path.is_file()}
    assert {item["document"] for item in status["documents"]} == files - {"README.md", "metadata.toml"}
    briefing = next(item for item in status["documents"] if item["document"] == "briefing.txt")
    assert briefing["title"] == "Latin America and Learning from NATO’s Experience"
    assert sum(item["passages"] for item in status["documents"]) == status["passages"]
    assert "briefing.txt" in natoqa("status").out


def test_a_file_that_is_put_in_is_found_after_the_next_index(natoqa: Run, home: Path) -> None:
    question = "What colour is the emperor's bicycle?"
    assert _json(natoqa("ask", question, "--json"))["status"] == "not_found"
    (home / "corpus/bicycle.txt").write_text("The emperor's bicycle is painted in a bright vermilion colour.\n")
    dry = _json(natoqa("index", "--dry-run", "--json"))
    assert dry["added"] == ["bicycle.txt"]
    assert len(dry["unchanged"]) == 25
    report = _json(natoqa("index", "--json"))
    assert {"added", "changed", "renamed", "removed", "unchanged", "notices"} <= set(report)
    assert (report["added"], report["encoded"], report["written"]) == (["bicycle.txt"], 1, True)
    answer = _json(natoqa("ask", question, "--json"))
    assert answer["status"] == "answered"
    assert answer["citations"][0]["document"] == "bicycle.txt"
    assert "vermilion" in answer["answer"]
    again = natoqa("index")
    assert again.code == 0
    assert "nothing to do" in again.out
    (home / "corpus/bicycle.txt").unlink()
    assert _json(natoqa("index", "--json"))["removed"] == ["bicycle.txt"]
    assert _json(natoqa("ask", question, "--json"))["status"] == "not_found"


def test_files_that_are_left_out_are_named_for_people_and_for_programs(natoqa: Run, home: Path) -> None:
    (home / "corpus/picture.png").write_bytes(b"\x89PNG")
    (left_out,) = _json(natoqa("index", "--json"))["unreadable"]
    assert left_out["document"] == "picture.png"
    assert "picture.png" in natoqa("index").out


def test_folders_can_be_named(natoqa: Run, empty: Path) -> None:
    corpus, index = empty / "my texts", empty / "my index ü"
    corpus.mkdir()
    (corpus / "a.txt").write_text("The lighthouse keeper was called Ambrose.\n")
    assert _json(natoqa("index", "--corpus", corpus, "--index", index, "--json"))["documents"] == 1
    found = _json(natoqa("search", "lighthouse", "--index", index, "--json"))
    assert [hit["document"] for hit in found["hits"]] == ["a.txt"]
    rebuilt = _json(natoqa("index", "--corpus", corpus, "--index", index, "--rebuild", "--json"))
    assert (rebuilt["generation"], rebuilt["encoded"]) == ("0002", 1)
    assert not (empty / "index").exists()


def test_an_empty_corpus_is_said_to_be_empty_and_answers_nothing(natoqa: Run, empty: Path) -> None:
    (empty / "corpus").mkdir()
    assert "no document" in natoqa("index").out
    answer = _json(natoqa("ask", ASKED, "--json"))
    assert (answer["status"], answer["nearest"]) == ("not_found", [])
    assert answer["reason"]
    assert natoqa("ask", ASKED, "--explain").code == 0
    assert _json(natoqa("search", ASKED, "--json"))["hits"] == []
    assert _json(natoqa("status", "--json"))["documents"] == []


@pytest.mark.parametrize("command", [("ask", ASKED), ("search", ASKED), ("status",)])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_without_an_index_the_command_that_makes_one_is_named(
    natoqa: Run, empty: Path, command: tuple[str, ...], form: tuple[str, ...]
) -> None:
    finished = natoqa(*command, *form)
    _fails(finished, "there is no index", "natoqa index")
    assert list(empty.iterdir()) == []


def test_without_a_corpus_its_folder_is_named(natoqa: Run, empty: Path) -> None:
    _fails(natoqa("index"), "no corpus folder", "corpus")
    _fails(natoqa("index", "--corpus", "else where", "--dry-run", "--json"), "else where")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("", "empty"),
        ("  \n\t ", "empty"),
        ("\x00\x1b\x07", "empty"),
        ("?!… –", "no word"),
        ("🚢👩‍👩‍👧‍👦", "no word"),
        ("word " * 20_000, "100,0"),
    ],
    ids=["nothing", "white space", "control characters", "punctuation", "emoji", "100,000 characters"],
)
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_that_is_none_is_explained_in_one_line(
    natoqa: Run, home: Path, command: str, question: str, words: str
) -> None:
    if words == "100,0":
        question, words = ("word " * 20_000).strip(), "99,999 characters"
    _fails(natoqa(command, question, "--json"), words)


@pytest.mark.parametrize(
    "question",
    [
        "What\x07 arms\x00 has \x1bChina sold?",
        "\u202eWhat arms has\u2028China\tsold?\u202c",
        "  What   arms\nhas China sold?  ",
        "What\u200b arms has China sold?\udcff",
    ],
)
def test_control_characters_in_a_question_do_not_matter(natoqa: Run, home: Path, question: str) -> None:
    expected = _json(natoqa("ask", ASKED, "--json"))
    answer = _json(natoqa("ask", question, "--json"))
    assert answer["question"].isprintable()
    assert answer["citations"][0] == expected["citations"][0]


@pytest.mark.parametrize(
    "question", ["🚢 Which satellites did China build? 🚢", "مرحبا China", "[bold]China[/bold] {x}"]
)
def test_any_writing_in_a_question_is_borne(natoqa: Run, home: Path, question: str) -> None:
    assert _json(natoqa("ask", question, "--json"))["status"] in ("answered", "not_found")
    assert natoqa("ask", question, "--explain").code == 0


def test_an_unknown_setting_is_named(natoqa: Run, home: Path) -> None:
    (home / "natoqa.toml").write_text("[retrieval]\ncandiates = 5\n")
    for command in (("ask", ASKED), ("search", ASKED), ("status",), ("index",)):
        _fails(natoqa(*command), "retrieval.candiates")


def test_settings_are_read_from_the_current_folder(natoqa: Run, home: Path) -> None:
    (home / "natoqa.toml").write_text("[answer]\nmax_sentences = 1\n")
    assert len(_json(natoqa("ask", ASKED, "--json"))["sentences"]) == 1


@pytest.mark.parametrize("use", ["encoder", "index", "answer"])
def test_an_unknown_back_end_is_named_with_those_there_are(natoqa: Run, home: Path, use: str) -> None:
    (home / "natoqa.toml").write_text(f"[{use}]\nuse = 'imaginary'\n")
    _fails(natoqa("ask", ASKED), f"'{use}.use'", "'imaginary' is unknown; there is")


def test_a_model_that_is_not_there_is_named(natoqa: Run, home: Path) -> None:
    (home / "natoqa.toml").write_text("[encoder]\nmodel = 'no/such/model'\n")
    _fails(natoqa("index", "--rebuild"), "no/such/model")


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_pattern_that_no_document_matches_is_named(natoqa: Run, home: Path, command: str) -> None:
    _fails(natoqa(command, ASKED, "--document", "nothing*", "--json"), "nothing*", "natoqa status")


def test_a_damaged_index_names_the_file_and_the_command_that_mends_it(natoqa: Run, home: Path) -> None:
    (path,) = (home / "index/generations").glob("*/tokens.f16")
    os.truncate(path, 100)
    for command in (("ask", ASKED), ("status",), ("index",)):
        _fails(natoqa(*command), "tokens.f16", "run: natoqa index --rebuild")


def test_broken_metadata_is_named(natoqa: Run, home: Path) -> None:
    (home / "corpus/metadata.toml").write_text("[briefing.txt\n")
    _fails(natoqa("index"), "metadata.toml")


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("ask", "one", "two"),
        ("ask", "Who?", "--unknown"),
        ("search", "Who?", "-k", "0"),
        ("search", "Who?", "-k", "many"),
        ("chat", "--port", "none"),
        ("unknown",),
    ],
)
def test_wrong_usage_is_status_2(natoqa: Run, home: Path, arguments: tuple[str, ...]) -> None:
    finished = natoqa(*arguments)
    assert finished.code == 2
    assert finished.out == ""
    assert finished.err


def test_the_version_is_printed(natoqa: Run) -> None:
    import natoqa as package

    assert natoqa("--version").out == f"natoqa {package.__version__}\n"


# What only a process of its own shows: the installed program, its streams and its exit status.


def _process(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)


def test_the_module_is_a_program_and_its_exit_status_is_that_of_the_command(home: Path) -> None:
    done = _process(sys.executable, "-m", "natoqa", "ask", ASKED, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["status"] == "answered"
    refused = _process(sys.executable, "-m", "natoqa", "ask", "?")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1


def test_a_reader_that_leaves_early_is_no_reason_for_a_traceback(home: Path) -> None:
    done = _process("sh", "-c", f"'{sys.executable}' -m natoqa status | head -1")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_natoqa_answers_on_a_machine_without_a_network(home: Path) -> None:
    if shutil.which("unshare") is None or _process("unshare", "--net", "true").returncode:
        pytest.skip("taking the network away from a process is not allowed here")
    done = _process("unshare", "--net", sys.executable, "-m", "natoqa", "ask", ASKED, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["status"] == "answered"


def test_output_in_a_terminal_of_another_encoding_does_not_fail(home: Path) -> None:
    done = _process(sys.executable, "-m", "natoqa", "status", env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "NATO’s Experience" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_output_that_cannot_be_written_is_one_line(home: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "natoqa", "status"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("natoqa: the output cannot be written")
