"""What an import costs: the public package and the help load nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

import natoqa

HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "faiss",
    "gradio",
    "openvino",
    "bm25s",
    "langchain_core",
    "langchain_text_splitters",
    "numpy",
    "sentencex",
)
REPORT = f"; import sys; print('loaded:', *sorted(set(sys.modules) & {set(HEAVY)!r}))"


def _loaded(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code + REPORT], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        "import natoqa",
        "import natoqa.types, natoqa.errors, natoqa.cli",
        # --help leaves through SystemExit.
        "from natoqa import cli; import contextlib, sys\n"
        "sys.argv = ['natoqa', '--help']\n"
        "with contextlib.suppress(SystemExit): cli.main()\npass",
    ],
    ids=["the package", "the command line", "the help"],
)
def test_nothing_heavy_is_loaded_by(code: str) -> None:
    assert _loaded(code) == "loaded:"


def test_status_needs_no_model() -> None:
    # Opening an index to look at it must stay quick: numpy, but no torch.
    loaded = _loaded("import natoqa.store, natoqa.jsonform")
    assert "torch" not in loaded
    assert "faiss" not in loaded


def test_the_package_offers_what_it_names() -> None:
    assert {"Assistant", "sync"} <= set(natoqa.__all__)
    for name in natoqa.__all__:
        assert getattr(natoqa, name) is not None
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = natoqa.nothing_such
