"""Two owners never get one name, whatever people call their roles, projects and clusters."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.rules.rbac import names

_WORDS = ("x", "rt-x", "cattle-globalrole-x", "globaladmin-x", "cattle-globalrolebinding-x", "rb-x", "2", "role")
_ENDS = (
    "",
    "-aggregator",
    "-promoted",
    "-promoted-aggregator",
    "-cluster-mgmt",
    "-project-mgmt",
    "-cluster-mgmt-aggregator",
    "-clustermember",
    "-projectowner",
    "-namespaces-edit",
    "-fwv",
    "-aggregator-aggregator",
)
BASES = tuple(sorted({f"{word}{end}" for word in _WORDS for end in _ENDS} | {"admin", "view", "aggregator", "a" * 80}))
ROLE_MARKS = tuple(form.mark for form in names._ROLES)
BINDING_MARKS = tuple(form.mark for form in names._BINDINGS if form.mark != "subject")


@pytest.mark.parametrize(
    ("mark", "base", "name"),
    [
        ("roletemplate", "dev", "dev"),
        ("aggregator", "dev", "dev-aggregator"),
        ("promoted", "dev", "dev-promoted"),
        ("promoted-aggregator", "dev", "dev-promoted-aggregator"),
        ("cluster-mgmt-aggregator", "dev", "dev-cluster-mgmt-aggregator"),
        ("project-mgmt", "dev", "dev-project-mgmt"),
        ("clustermember", "c-abcde", "c-abcde-clustermember"),
        ("projectowner", "p-abcde", "p-abcde-projectowner"),
        ("namespaces-edit", "p-abcde", "p-abcde-namespaces-edit"),
        ("globalrole", "user", "cattle-globalrole-user"),
        ("workspace", "user", "user-fwcr"),
    ],
)
def test_roles_have_the_names_that_other_tools_look_for(mark: str, base: str, name: str) -> None:
    assert names.role(mark, base) == name


@pytest.mark.parametrize(
    ("mark", "base", "name"),
    [
        ("role", "dev", "rt-dev"),
        ("role-promoted", "dev", "rt-dev-promoted"),
        ("globalrolebinding", "grb-abcde", "cattle-globalrolebinding-grb-abcde"),
        ("globaladmin", "admin", "globaladmin-admin"),
        ("clusterowner", "local", "local-clusterowner"),
    ],
)
def test_bindings_have_the_names_that_other_tools_look_for(mark: str, base: str, name: str) -> None:
    assert names.binding(mark, base) == name


@pytest.mark.parametrize(
    ("mark", "base", "name"),
    [
        ("roletemplate", "dev-aggregator", "roletemplate:dev-aggregator"),
        ("roletemplate", "x-projectowner", "roletemplate:x-projectowner"),
        ("roletemplate", "cattle-globalrole-admin", "roletemplate:cattle-globalrole-admin"),
        ("roletemplate", "admin", "roletemplate:admin"),
        ("aggregator", "dev-promoted", "aggregator:dev-promoted"),
        ("workspace", "cattle-globalrole-x", "workspace:cattle-globalrole-x"),
    ],
)
def test_a_name_that_would_be_another_ones_is_told_apart_by_a_colon(mark: str, base: str, name: str) -> None:
    assert names.role(mark, base) == name


def test_no_two_of_a_thousand_roles_with_names_alike_have_one_name() -> None:
    made = [(names.role(mark, base), mark, base) for mark, base in product(ROLE_MARKS, BASES)]
    assert len({name for name, _, _ in made}) == len(made)
    assert len({names.label(name) for name, _, _ in made}) == len(made)


def test_no_two_bindings_with_names_alike_have_one_name_their_parts_included() -> None:
    made = [
        names.shard(names.binding(mark, base), number)
        for mark, base, number in product(BINDING_MARKS, BASES, (1, 2, 3))
    ]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("namespace", ["projectowner", "clustermember", "promoted", "aggregator", "fwv", "n"])
def test_a_global_role_in_a_namespace_has_no_other_ones_name(namespace: str) -> None:
    taken = {names.role(mark, base) for mark, base in product(ROLE_MARKS, BASES)}
    mine = [names.in_namespace(base, namespace) for base in BASES]
    assert len(set(mine)) == len(mine)
    assert not {name for name in mine if name != names.in_namespace("n", "n")} & (taken - set(BASES))
    bound = {names.binding(mark, base) for mark, base in product(BINDING_MARKS, BASES)}
    assert not bound & {names.in_namespace(base, namespace, "binding") for base in BASES}


@given(st.text(alphabet="abc-", min_size=1, max_size=120), st.sampled_from(ROLE_MARKS))
def test_names_and_labels_fit_into_63_letters(base: str, mark: str) -> None:
    name = names.role(mark, base)
    assert len(name) <= 63
    assert len(names.label(name)) <= 63
    assert "/" not in name
    assert "%" not in name


def test_long_names_with_one_beginning_are_told_apart_by_more_than_anybody_can_search_through() -> None:
    first, second = (names.role("aggregator", "a" * 70 + end) for end in "xy")
    assert first != second
    assert len(first.rpartition(":")[2]) == 26


def test_the_user_of_a_principal_is_called_as_elsewhere() -> None:
    assert names.of_principal("github_user://123") == names.of_principal("github_user://123")
    assert len(names.of_principal("github_user://123")) == 12
    assert names.of_principal("github_user://123").startswith("u-")
