from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from natoqa.planning import Plan, diff

FILES = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("1234"))


def test_every_kind_of_change_is_told_apart() -> None:
    indexed = {"same": "1", "edited": "2", "old name": "3", "gone": "4"}
    corpus = {"same": "1", "edited": "2 new", "new name": "3", "fresh": "5"}
    assert diff(corpus, indexed) == Plan(
        added=("fresh",),
        changed=("edited",),
        renamed=(("old name", "new name"),),
        removed=("gone",),
        unchanged=("same",),
    )


def test_a_copy_beside_the_original_is_an_addition_not_a_renaming() -> None:
    assert diff({"a": "1", "b": "1"}, {"a": "1"}) == Plan(added=("b",), unchanged=("a",), duplicates=(("b", "a"),))


def test_equal_files_are_renamed_in_order() -> None:
    assert diff({"x": "1", "y": "1"}, {"a": "1", "b": "1"}).renamed == (("a", "x"), ("b", "y"))


def test_two_equal_files_that_become_one_are_a_renaming_and_a_removal() -> None:
    assert diff({"x": "1"}, {"a": "1", "b": "1"}) == Plan(renamed=(("a", "x"),), removed=("b",))


def test_swapped_contents_are_two_changes() -> None:
    assert diff({"a": "2", "b": "1"}, {"a": "1", "b": "2"}) == Plan(changed=("a", "b"))


@given(FILES, FILES)
def test_a_plan_names_every_document_once_and_leads_from_the_index_to_the_corpus(
    corpus: dict[str, str], indexed: dict[str, str]
) -> None:
    plan = diff(corpus, indexed)
    old_names, new_names = [old for old, _ in plan.renamed], [new for _, new in plan.renamed]
    assert sorted([*plan.added, *plan.changed, *new_names, *plan.unchanged]) == sorted(corpus)
    assert sorted([*plan.removed, *plan.changed, *old_names, *plan.unchanged]) == sorted(indexed)
    assert all(corpus[new] == indexed[old] for old, new in plan.renamed)
    assert all(corpus[same] == indexed[same] for same in plan.unchanged)
    assert all(corpus[name] != indexed[name] for name in plan.changed)
    assert plan.is_empty == (corpus == indexed)
