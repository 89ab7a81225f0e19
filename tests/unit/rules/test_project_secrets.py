"""Which Secret goes into which namespaces of a project."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.api.keys import ORIGINAL, PROJECT_SCOPED, PROJECT_SCOPED_COPY
from drover.rules import project_secrets
from drover.rules.project_secrets import adoptable, goes_into, ignored, is_source, matches, told, understood

LETTERS = st.text("ab-", max_size=12)
ENTRIES = st.text("ab-*", min_size=1, max_size=12)


def secret(
    labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    return {"metadata": {"name": "s", "labels": labels or {}, "annotations": annotations or {}, **more}}


@given(ENTRIES, LETTERS)
def test_a_star_is_any_letters_and_the_rest_is_meant_as_it_is(entry: str, namespace: str) -> None:
    pattern = ".*".join(map(re.escape, entry.split("*")))
    assert matches(entry, namespace) is bool(re.fullmatch(pattern, namespace))


@given(st.lists(ENTRIES, max_size=4), LETTERS)
def test_a_namespace_gets_it_unless_an_entry_means_it(entries: list[str], namespace: str) -> None:
    assert goes_into(entries, namespace) is not any(matches(entry, namespace) for entry in entries)


@given(st.lists(st.text("ab-*. ^$,", max_size=8), max_size=6))
def test_an_understood_list_means_the_same_when_it_is_read_again(entries: list[str]) -> None:
    read, wrong = ignored(",".join(entries))
    assert not (read and wrong)
    assert ignored(",".join(read)) == (read, ())


def test_a_pattern_over_which_regular_expressions_take_for_ever_is_matched_at_once() -> None:
    assert not matches("*a" * 31 + "*b", "a" * 63)
    assert matches("*a" * 31 + "*", "a" * 63)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", ()),
        (" , ,", ()),
        ("shop-lab", ("shop-lab",)),
        ("shop-lab, shop-web ,shop-lab", ("shop-lab", "shop-web")),
        ("shop-*", ("shop-*",)),
        ("shop-.*,^dev-.*$", ("dev-*", "shop-*")),
        ("**,*.*", ("*",)),
    ],
)
def test_a_list_is_read(text: str, read: tuple[str, ...]) -> None:
    assert ignored(text) == (read, ())


@pytest.mark.parametrize(
    "entry",
    [
        "Shop",
        "shop.lab",
        "^shop$",
        "[ab]*",
        "(a*)*",
        "(a|b).*",
        "a+*",
        "a?*",
        "dev-.",
        "a{9}*",
        "x" * 64,
        "shop\n*",
        "ü*",
    ],
)
def test_what_is_neither_a_name_nor_a_pattern_is_refused_and_nothing_else_of_the_list_counts(entry: str) -> None:
    assert ignored(f"good,{entry}") == ((), (entry,))


def test_a_source_has_the_name_of_the_project_and_is_not_being_deleted() -> None:
    assert is_source(secret({PROJECT_SCOPED: "shop"}), "shop")
    assert not is_source(secret({PROJECT_SCOPED: "bank"}), "shop")
    assert not is_source(secret(), "shop")
    assert not is_source(secret({PROJECT_SCOPED: "shop"}, deletionTimestamp="2026-01-01T00:00:00Z"), "shop")


def test_a_copy_of_upstream_is_taken_over_only_for_its_own_project() -> None:
    mark = {PROJECT_SCOPED_COPY: "true"}
    assert adoptable(secret({PROJECT_SCOPED: "shop"}, mark), "shop")
    assert not adoptable(secret({PROJECT_SCOPED: "bank"}, mark), "shop")
    assert not adoptable(secret({PROJECT_SCOPED: "shop"}), "shop")
    assert not adoptable(secret({}, mark), "shop")
    assert not adoptable(secret({PROJECT_SCOPED: "shop"}, {PROJECT_SCOPED_COPY: "false"}), "shop")
    assert not adoptable(secret({PROJECT_SCOPED: "shop"}, {**mark, ORIGINAL: "edge/other/s"}), "shop")


@given(st.dictionaries(st.text(max_size=9), st.sampled_from([project_secrets.NAME_TAKEN, project_secrets.REFUSED])))
def test_what_is_told_is_understood(problems: dict[str, str]) -> None:
    assert understood(told(problems)) == problems
    assert (told(problems) == "") is (problems == {})
