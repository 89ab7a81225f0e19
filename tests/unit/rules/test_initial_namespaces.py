"""Which namespaces the Default and the System project get."""

from __future__ import annotations

import pytest

from drover.rules.initial_namespaces import DEFAULT, SYSTEM, offered, unassigned


def test_only_the_two_marked_projects_get_some() -> None:
    cases: tuple[tuple[dict[str, str], tuple[str, ...]], ...] = (
        ({"authz.management.cattle.io/system-project": "true"}, SYSTEM),
        ({"authz.management.cattle.io/default-project": "true"}, DEFAULT),
        ({"authz.management.cattle.io/default-project": "false"}, ()),
        ({}, ()),
    )
    for labels, names in cases:
        assert offered({"metadata": {"labels": labels}}) == names
    assert offered({"metadata": {}}) == ()


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
