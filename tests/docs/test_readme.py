"""The README does what it says."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from natoqa.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def _commands() -> list[str]:
    """Every command line that a reader is told to type, in order."""
    lines = [line.removeprefix("$ ") for block in _blocks("console") for line in block.splitlines() if line[:2] == "$ "]
    return [line for line in lines if line.split()[0] == "natoqa"]


@pytest.fixture
def home(tmp_path: Path, real_index: Path, real_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder as a reader has it: the corpus and its index."""
    shutil.copytree(real_index, tmp_path / "index")
    shutil.copy(ROOT / "README.md", tmp_path)
    shutil.copytree(ROOT / "eval", tmp_path / "eval") if (ROOT / "eval").is_dir() else None
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_commands_to_try() -> None:
    assert len(_commands()) >= 3


def test_the_commands_of_the_readme_work_one_after_another(natoqa: Callable[..., Any], home: Path) -> None:
    for line in _commands():
        finished = natoqa(*shlex.split(line, comments=True)[1:])
        assert finished.code == 0, f"{line}: {finished.err}"
        assert finished.out, line


@pytest.mark.parametrize("number", range(len(_blocks("python"))))
def test_the_python_of_the_readme_works(home: Path, capsys: pytest.CaptureFixture[str], number: int) -> None:
    exec(compile(_blocks("python")[number], "README.md", "exec"), {})
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"natoqa {command}" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(natoqa: Callable[..., Any], command: str) -> None:
    finished = natoqa(command, "--help")
    assert finished.code == 0
    assert "Usage:" in finished.out


def test_no_command_means_help(natoqa: Callable[..., Any]) -> None:
    finished = natoqa("--help")
    assert finished.code == 0
    assert all(command in finished.out for command in COMMANDS)


def test_every_file_that_the_readme_links_to_exists() -> None:
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", README) if "://" not in target]
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert missing == []


def test_a_make_target_that_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"^make ([\w-]+)", "\n".join(_blocks("sh")), re.MULTILINE)) | set(
        re.findall(r"`make ([\w-]+)`", README)
    )
    assert named
    assert [target for target in sorted(named) if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
