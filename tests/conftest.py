"""What all tests share: no network, no settings from outside, the real encoder and one index over the real corpus."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from natoqa.assistant import Assistant
    from natoqa.protocols import Encoder

ROOT = Path(__file__).parents[1]
LOOPBACK = "127.0.0.1,::1,localhost"

if "PYTEST_XDIST_WORKER" in os.environ:
    # Before torch is imported, here and in the programs that tests start: two processes with two threads each would
    # wait for one another on two cores.
    os.environ["OMP_NUM_THREADS"] = "1"

pytest.register_assert_rewrite("natoqa.testing")

# The same examples in every run: what is committed passes tomorrow as well. Slow tests choose their own.
settings.register_profile(
    "natoqa", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("natoqa")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Only this machine can be reached; pytest-socket reads its options in a hook that runs after this one."""
    config.option.allow_hosts = LOOPBACK
    config.option.allow_unix_socket = True
    config.option.log_level = "WARNING"  # bm25s tells the log of every index it builds


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files that a module makes when it is imported hold the time; processes that share tests must name them alike."""
    return argname if isinstance(val, bytes) and len(val) > 40 else None


@pytest.fixture(scope="session", autouse=True)
def _settings_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither a natoqa.toml in the current folder nor NATOQA_ variables reach a test, nor the programs it starts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith("NATOQA_")]:
            patch.delenv(name)
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.chdir(tmp_path_factory.mktemp("nowhere"))
        yield


@pytest.fixture
def real_corpus(tmp_path: Path) -> Path:
    """A copy of the shipped corpus that a test may change."""
    return Path(shutil.copytree(ROOT / "corpus", tmp_path / "corpus"))


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The encoder that natoqa uses by default; one for the whole session."""
    from natoqa import wiring
    from natoqa.settings import Settings

    return wiring.encoder(Settings().encoder)


@pytest.fixture(scope="session")
def real_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over the shipped corpus, with the real weights. Tests read it and leave it alone."""
    from natoqa import sync

    index = tmp_path_factory.mktemp("real") / "index"
    sync(ROOT / "corpus", index)
    return index


@pytest.fixture(scope="session")
def assistant(real_index: Path) -> Assistant:
    """Answers from the shipped corpus."""
    from natoqa import Assistant

    return Assistant.open(real_index)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def natoqa(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Finished]:
    """Run the command line: ``natoqa("ask", "Who?", "--json")``. In this process, so that the model is loaded once.

    An exception that the command line does not explain comes out as it is and fails the test.
    """

    def run(*arguments: str | Path) -> Finished:
        from natoqa.cli import main

        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        code = 0
        with monkeypatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            patch.setattr(sys, "argv", ["natoqa", *map(str, arguments)])
            try:
                main()
            except SystemExit as exit_:
                code = int(exit_.code or 0)
        texts = []
        for stream in (out, err):
            stream.flush()
            texts.append(stream.buffer.getvalue().decode())
        return Finished(code, *texts)

    return run
