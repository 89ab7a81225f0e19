"""Which namespaces the Default and the System project get."""

from __future__ import annotations

import pytest

from drover.rules.initial_namespaces import DEFAULT, SYSTEM, initial, offered, unassigned


def test_only_the_two_marked_projects_get_some() -> None:
    cases: tuple[tuple[dict[str, str], tuple[str, ...]], ...] = (
        ({"authz.management.cattle.io/system-project": "true"}, SYSTEM),
        ({"authz.management.cattle.io/default-project": "true"}, DEFAULT),
        ({"authz.management.cattle.io/default-project": "false"}, ()),
        ({}, ()),
    )
    for labels, names in cases:
        project = {"metadata": {"labels": labels}}
        assert offered(project, SYSTEM) == names
        assert initial(project) == bool(names)
    assert offered({"metadata": {}}, SYSTEM) == ()
    assert not initial({"metadata": {}})


def test_the_list_of_the_system_project_is_given_and_goes_before_that_of_the_default_project() -> None:
    system, default = (
        {"metadata": {"labels": {f"authz.management.cattle.io/{which}-project": "true"}}}
        for which in ("system", "default")
    )
    assert offered(system, ("a", "default")) == ("a", "default")
    assert offered(default, ("a", "default")) == ()
    assert offered(default, ("a",)) == ("default",)


@pytest.mark.parametrize(
    "annotations",
    [
        {"field.cattle.io/projectId": "edge:shop"},
        {"field.cattle.io/projectId": ""},
        {"drover.dev/assigned": "true"},
        {"lifecycle.cattle.io/create.namespace-auth": "true"},
    ],
)
def test_one_that_was_in_a_project_or_is_to_be_in_none_stays_as_it_is(annotations: dict[str, str]) -> None:
    assert not unassigned({"metadata": {"annotations": annotations}})
    assert unassigned({"metadata": {"annotations": {"other": "x"}}})
    assert unassigned({"metadata": {}})
