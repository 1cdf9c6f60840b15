"""The tables of languages: whole, alike, and with a sentence for whatever the core can say to a reader."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from natoqa.chat.words import language_of, pattern, say, tables
from natoqa.loaders import recognising

SOURCE = Path(__file__).parents[2] / "src" / "natoqa"
NAMES = re.compile(r"\{(\w+)\}")
# Errors whose messages a reader of the page can meet.
ERRORS = ("QuestionError", "UnreadableFile", "RejectedQuote")
MODULES = (
    SOURCE / "answerability.py",
    SOURCE / "citing.py",
    SOURCE / "retrieval.py",
    SOURCE / "chat" / "library.py",
    SOURCE / "watched_encoder.py",
    SOURCE / "chat" / "readers.py",
    *sorted((SOURCE / "loaders").glob("*.py")),
)


def _written(node: ast.expr, constants: dict[str, str]) -> str:
    """A literal as the core says it, with something in each of its gaps."""
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
        return constants.get(node.value.id, "3")
    if isinstance(node, ast.Name):
        return constants.get(node.id, "3")
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_written(value, constants) for value in node.values)
    return "3"


def _sentences() -> Iterator[tuple[str, str]]:
    for path in MODULES:
        module = ast.parse(path.read_text("utf-8"))
        constants = {
            node.targets[0].id: node.value.value
            for node in module.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        }
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and path.name == "answerability.py" and node.name == "_reason":
                for returned in ast.walk(node):
                    if isinstance(returned, ast.Return) and returned.value is not None:
                        yield path.name, _written(returned.value, constants)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in (*ERRORS, "FileRefused")
            ):
                message = node.args[-1] if node.args else None
                if isinstance(message, ast.Constant | ast.JoinedStr) or getattr(message, "id", "") in constants:
                    prefix = ": " if node.func.id == "RejectedQuote" else ""
                    yield path.name, prefix + _written(message, constants)


def test_the_core_has_sentences_and_each_is_in_the_tables() -> None:
    found = list(_sentences())
    assert len(found) > 40
    for language, table in tables().items():
        unknown = [
            (where, sentence)
            for where, sentence in found
            if sentence not in table["page"] and not any(pattern(known).fullmatch(sentence) for known in table["page"])
        ]
        assert unknown == [], language


def test_what_a_file_is_has_a_name_in_every_language() -> None:
    kinds = {what for _, what in recognising._UNREADABLE} | set(recognising._NAMES.values()) - {"HTML"}
    for table in tables().values():
        assert kinds - set(table["page"]) == set()


@pytest.mark.parametrize("section", ["page", "places"])
def test_the_tables_hold_the_same_sentences_with_the_same_gaps(section: str) -> None:
    one, other = (table[section] for table in tables().values())
    assert list(one) == list(other)
    for table in (one, other):
        for english, own in table.items():
            said = [name.replace("words_or", "words").replace("words_and", "words") for name in NAMES.findall(own)]
            assert sorted(said) == sorted(NAMES.findall(english)), own
            assert own.strip() == own != ""
            assert not set(own) & set("<>`")


def test_a_sentence_is_said_with_what_stands_in_its_gaps() -> None:
    assert (
        say("es", "Too many attempts; try again in 4 seconds.") == "Demasiados intentos; prueba de nuevo en 4 segundos."
    )
    assert say("pt", "Password") == "Senha"
    assert say("en", "Password") == "Password"
    assert say("es", "never written down") == "never written down"


def test_the_readers_choice_comes_before_the_settings_and_these_before_the_browsers() -> None:
    assert language_of({"natoqa_language": "es"}, "pt-BR,pt;q=0.9", "pt") == "es"
    assert language_of({}, "pt-BR,pt;q=0.9", "es") == "es"
    assert language_of({}, "fr-FR, pt-BR;q=0.9, en;q=0.5", "") == "pt"
    assert language_of({"natoqa_language": "xx"}, "", "") == "en"
