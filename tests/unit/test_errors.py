"""The error tree, and that its picture is true."""

from __future__ import annotations

import re

from natoqa import errors
from natoqa.errors import NatoqaError


def _drawn() -> dict[str, str]:
    """Class -> parent, as the docstring draws them."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ([│├└─ ]*)([A-Z]\w+)(?:\s+\S.*)?$", line)
        if match:
            depth = len(match.group(1)) // 4
            path[depth:] = [match.group(2)]
            parents[match.group(2)] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    classes = {name: value for name, value in vars(errors).items() if isinstance(value, type)}
    assert _drawn() == {name: value.__bases__[0].__name__ for name, value in classes.items()}


def test_one_except_clause_catches_them_all() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    assert len(classes) > 10
    assert all(issubclass(value, NatoqaError) for value in classes)
