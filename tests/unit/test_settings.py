"""Defaults < natoqa.toml < environment < flags, and nothing unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from natoqa.errors import SettingsError
from natoqa.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_source_overrides_the_one_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().index.keep == 2
    (folder / "natoqa.toml").write_text("[index]\nkeep = 3\npath = 'from the file'\n[answer]\nmax_sentences = 2\n")
    assert load_settings().index.keep == 3
    monkeypatch.setenv("NATOQA_INDEX__KEEP", "4")
    assert load_settings().index.keep == 4
    settings = load_settings(index={"keep": 5})
    assert settings.index.keep == 5
    # What a source leaves out comes from the one below it.
    assert settings.index.path == Path("from the file")
    assert settings.answer.max_sentences == 2
    assert settings.answer.threshold == Settings.model_fields["answer"].default.threshold


@pytest.mark.parametrize(
    ("toml", "name"),
    [
        ("[index]\nkep = 3", "index.kep"),
        ("[indx]\nkeep = 3", "indx"),
        ("keep = 3", "keep"),
        ("[index]\nkeep = 0", "index.keep"),
        ("[index]\nkeep = 'many'", "index.keep"),
        ("[answer]\nthreshold = 1.5", "answer.threshold"),
        ("[chunking]\npassage_tokens = 15", "chunking.passage_tokens"),
        ("index = 3", "index"),
    ],
)
def test_a_wrong_or_unknown_setting_is_named(folder: Path, toml: str, name: str) -> None:
    (folder / "natoqa.toml").write_text(toml)
    with pytest.raises(SettingsError, match=rf"'{name}'") as raised:
        load_settings()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("data", [b"[index\n", b"\xff\xfe", b"[index]\nkeep = 1\nkeep = 2\n"])
def test_a_file_that_does_not_parse_is_named(folder: Path, data: bytes) -> None:
    (folder / "natoqa.toml").write_bytes(data)
    with pytest.raises(SettingsError, match=r"natoqa\.toml") as raised:
        load_settings()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("NATOQA_INDEX__KEP", "3", "index.kep"),
        ("NATOQA_INDX__KEEP", "3", "indx"),
        ("NATOQA_KEEP", "3", "keep"),
        ("NATOQA_INDEX__KEEP", "many", "index.keep"),
        ("NATOQA_INDEX", "{no json", "index"),
        ("NATOQA_INDEX", "3", "index"),
    ],
)
def test_a_wrong_or_unknown_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=rf"'{name}'") as raised:
        load_settings()
    assert "\n" not in str(raised.value)


def test_settings_do_not_change() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.index = settings.index  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        settings.index.keep = 3
