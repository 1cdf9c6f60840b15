"""The chat's API as programs use it: Gradio's client, plain HTTP, tools by MCP; the same JSON as the command line's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from gradio_client import Client
from loops import finish

from natoqa.live import LiveAssistant


@dataclass(frozen=True, slots=True)
class Program:
    """A running chat with all it offers to programs, and the command line over the same index."""

    address: str
    command: Callable[..., dict[str, Any]]

    def post(self, name: str, **arguments: object) -> httpx.Response:
        return httpx.post(self.address + name, json=arguments, timeout=30)

    def tool(self, name: str, **arguments: object) -> Any:
        return finish(_tool(self.address, name, arguments))


@pytest.fixture(scope="module")
def running(serving: Any, coast: Any) -> Iterator[str]:
    assistant = LiveAssistant.open(coast.index)
    with serving(assistant, mcp=True) as address:
        yield address
    assistant.close()


@pytest.fixture
def program(running: str, coast: Any, natoqa: Any) -> Program:
    def command(*arguments: str) -> dict[str, Any]:
        finished = natoqa(*arguments, "--index", coast.index, "--json")
        assert finished.code == 0, finished.err
        printed = json.loads(finished.out)
        assert isinstance(printed, dict)
        return printed

    return Program(running, command)


async def _tool(address: str, name: str, arguments: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async with (
        streamablehttp_client(f"{address}gradio_api/mcp/", headers=headers) as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        return await session.call_tool(name, arguments) if name else await session.list_tools()


def _timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "timings_ms": sorted(answer["timings_ms"])}


def test_a_question_gets_what_the_command_line_prints_by_each_way(program: Program, coast: Any) -> None:
    question = coast.question(5)
    wanted = _timeless(program.command("ask", question))
    assert wanted["citations"][0]["quote"] == coast.fact(5)
    assert _timeless(program.post("ask", question=question).json()) == wanted
    assert _timeless(Client(program.address, verbose=False).predict(question, api_name="/ask")) == wanted
    assert _timeless(json.loads(program.tool("ask", question=question).content[0].text)) == wanted


def test_a_search_finds_what_the_command_line_prints_by_each_way(program: Program, coast: Any) -> None:
    question = coast.question(7)
    wanted = program.command("search", question, "-k", "2", "--document", "*-[13].txt")
    assert len(wanted["hits"]) == 2
    arguments = {"question": question, "k": 2, "documents": ["*-[13].txt"]}
    assert program.post("search", **arguments).json() == wanted
    assert Client(program.address, verbose=False).predict(**arguments, api_name="/search") == wanted
    assert json.loads(program.tool("search", **arguments).content[0].text) == wanted


def test_the_documents_are_those_of_status_by_each_way(program: Program) -> None:
    status = program.command("status")
    wanted = {"generation": status["generation"], "documents": status["documents"]}
    assert len(wanted["documents"]) == 4
    assert httpx.get(program.address + "documents").json() == wanted
    assert program.post("documents").json() == wanted
    assert Client(program.address, verbose=False).predict(api_name="/documents") == wanted
    assert json.loads(program.tool("documents").content[0].text) == wanted


def test_a_question_may_follow_up_on_earlier_ones(program: Program, coast: Any) -> None:
    follow_up = f"And that of {coast.names[9]}?"
    answer = program.post("ask", question=follow_up, after=[coast.question(5)]).json()
    assert answer["asked"] == follow_up
    assert answer["citations"][0]["quote"] == coast.fact(9)


def test_gradios_own_way_of_two_requests_works(program: Program, coast: Any) -> None:
    sent = httpx.post(f"{program.address}gradio_api/call/ask", json={"data": [coast.question(3), None, None]})
    event, data = httpx.get(f"{program.address}gradio_api/call/ask/{sent.json()['event_id']}").text.split("\n")[:2]
    assert event == "event: complete"
    assert json.loads(data.removeprefix("data: "))[0]["citations"][0]["quote"] == coast.fact(3)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ask", {"question": "x" * 100_000}, "the question has 100,000 characters; natoqa reads at most 2,000"),
        ("ask", {"question": " \n "}, "the question is empty"),
        ("ask", {"question": "\x00\x1b\u202e"}, "the question is empty"),
        ("ask", {"question": ["Who?"]}, "question must be text, not a list"),
        ("ask", {"question": None}, "question must be text, not nothing"),
        ("ask", {"question": "Who?", "documents": "a*"}, "documents must be a list of texts, not text"),
        ("ask", {"question": "Who?", "documents": ["a", 1]}, "each of documents must be text, not a number"),
        ("ask", {"question": "Who?", "documents": ["a"] * 1001}, "documents holds 1,001 texts; it may hold 1,000"),
        ("ask", {"question": "Who?", "documents": ["no*"]}, "no document matches no*; see: natoqa status"),
        ("ask", {"question": "Who?", "after": {}}, "after must be a list of texts, not an object"),
        ("search", {"question": "Who?", "k": -1}, "k must be at least 1, not -1"),
        ("search", {"question": "Who?", "k": 0}, "k must be at least 1, not 0"),
        ("search", {"question": "Who?", "k": 2.5}, "k must be a whole number, not 2.5"),
        ("search", {"question": "Who?", "k": "2"}, "k must be a whole number, not text"),
        ("search", {"question": "Who?", "k": True}, "k must be a whole number, not true or false"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    program: Program, name: str, arguments: dict[str, Any], said: str
) -> None:
    response = program.post(name, **arguments)
    assert (response.status_code, response.json()) == (400, {"error": said})
    with pytest.raises(Exception) as failure:
        Client(program.address, verbose=False).predict(**arguments, api_name=f"/{name}")
    assert str(failure.value) == said


def test_a_very_large_k_lists_what_there_is(program: Program, coast: Any) -> None:
    found = program.post("search", question=coast.question(0), k=10**9).json()["hits"]
    assert found == program.command("search", coast.question(0), "-k", "1000000000")["hits"]
    assert found


def test_control_characters_and_lone_surrogates_are_answered_around(program: Program, coast: Any) -> None:
    body = json.dumps({"question": f"\x1b{coast.question(4)}\ud800\u202e"}).encode()
    answer = httpx.post(program.address + "ask", content=body, headers={"Content-Type": "application/json"}).json()
    assert answer["citations"][0]["quote"] == coast.fact(4)


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b'{"question": "Who?', "application/json", 400, "the request is not JSON"),
        (b"[" * 100_000, "application/json", 400, "the request is not JSON"),
        (b"[1]", "application/json", 400, 'the request must be a JSON object, such as {"question": "…"}'),
        (b"", "application/json", 400, "/ask needs 'question'; it takes question, documents, after"),
        (b'{"q": 1}', "application/json", 400, "/ask has no argument 'q'; it takes question, documents, after"),
        (b'{"question": "Who?"}', "text/plain", 415, "the request must be of the type application/json"),
        (b" " * 1_000_001, "application/json", 413, "the request has more than 1,000,000 bytes"),
    ],
)  # fmt: skip
def test_a_malformed_request_is_refused_in_one_line(
    program: Program, body: bytes, kind: str, status: int, said: str
) -> None:
    response = httpx.post(program.address + "ask", content=body, headers={"Content-Type": kind})
    assert (response.status_code, response.json()) == (status, {"error": said})


def test_what_fails_without_the_callers_fault_gives_away_nothing(serving: Any, fake: Any) -> None:
    with serving(fake) as address:
        response = httpx.post(address + "ask", json={"question": "not in the table"})
    said = "that did not work; the details are in the terminal of the chat"
    assert (response.status_code, response.json()) == (500, {"error": said})


def test_the_tools_are_the_api_and_nothing_else(program: Program) -> None:
    tools = {tool.name: tool for tool in program.tool("").tools}
    assert set(tools) == {"ask", "search", "documents"}
    assert {name: tool.inputSchema.get("required", []) for name, tool in tools.items()} == {
        "ask": ["question"],
        "search": ["question"],
        "documents": [],
    }
    assert tools["ask"].description.startswith("Answer a question with sentences quoted word for word")
    assert tools["search"].inputSchema["properties"]["k"] == {
        "type": "integer",
        "description": "The most passages to list.",
        "default": 10,
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"question": ""}, "the question is empty"),
        ({"question": "Who?", "documents": ["no*"]}, "no document matches no*; see: natoqa status"),
        ({"question": "Who?", "documents": "no*"}, "Input validation error: 'no*' is not valid under any"),
        ({}, "Input validation error: 'question' is a required property"),
    ],
)
def test_a_tool_says_in_one_line_what_it_cannot_do(program: Program, arguments: dict[str, Any], said: str) -> None:
    result = program.tool("ask", **arguments)
    assert result.isError
    assert result.content[0].text.startswith(said)
    assert "\n" not in result.content[0].text


def test_no_tools_are_served_unless_asked_for(serving: Any, fake: Any) -> None:
    with serving(fake) as address:
        assert httpx.post(f"{address}gradio_api/mcp/", json={}).status_code in (404, 405)


def test_without_the_package_mcp_one_line_says_what_to_install(natoqa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "mcp" else found(name, *rest))
    finished = natoqa("chat", "--mcp")
    wanted = "natoqa: --mcp needs the package mcp; install it: pip install 'natoqa[mcp]'\n"
    assert (finished.code, finished.out, finished.err) == (1, "", wanted)


@pytest.mark.slow
def test_a_running_chat_answers_from_a_new_index_by_itself(serving: Any, coast: Any, tmp_path: Any) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "old.txt").write_text(coast.fact(0), "utf-8")

    def index_it() -> None:
        command = [sys.executable, "-m", "natoqa", "index", "--corpus", corpus, "--index", index]
        subprocess.run(command, check=True, capture_output=True)

    from natoqa import sync

    sync(corpus, index)
    assistant = LiveAssistant.open(index)
    with serving(assistant) as address:
        before = httpx.get(address + "documents").json()
        assert [item["document"] for item in before["documents"]] == ["old.txt"]
        (corpus / "new.txt").write_text(coast.fact(1), "utf-8")
        (corpus / "old.txt").unlink()
        index_it()
        answer = httpx.post(address + "ask", json={"question": coast.question(1)}, timeout=30).json()
        assert [item["quote"] for item in answer["citations"]] == [coast.fact(1)]
        after = httpx.get(address + "documents").json()
        assert [item["document"] for item in after["documents"]] == ["new.txt"]
        assert before["generation"] != after["generation"]
    assistant.close()
