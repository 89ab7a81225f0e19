"""The formula of bindings is what the compiler makes."""

from __future__ import annotations

from collections import Counter

import pytest
from bench import fleet

from drover.rules.rbac.compiling import desired
from drover.rules.rbac.snapshot import Snapshot
from tests.unit.bench.hub import PROJECTS, objects_of

_NAMESPACES = 2


@pytest.mark.parametrize(
    "grants",
    [
        fleet.one_in_all(PROJECTS),
        fleet.many(PROJECTS, 7, 5),
        [*fleet.one_in_all(PROJECTS), *fleet.many(PROJECTS, 40, 9)],
        [
            fleet.Grant("cluster-owner", "a"),
            fleet.Grant("project-owner", "a", "p-1"),
            fleet.Grant("read-only", "a", "p-1"),
        ],
    ],
)
def test_the_compiler_makes_as_many_bindings_as_the_formula_says(grants: list[fleet.Grant]) -> None:
    assert _compiled(grants) == fleet.expected(grants, _NAMESPACES, len(PROJECTS))


def test_with_many_subjects_the_formula_is_the_most_that_it_makes() -> None:
    grants = fleet.many(PROJECTS, 4000, 0)
    found, most = _compiled(grants), fleet.expected(grants, _NAMESPACES, len(PROJECTS))
    assert all(0.8 * most[plural] <= found[plural] <= most[plural] for plural in most)


def test_upstream_makes_as_many_for_one_user_in_500_projects_as_its_users_counted() -> None:
    assert fleet.upstream_rolebindings(fleet.one_in_all([f"p-{n}" for n in range(500)]), 2) == 4000


def test_each_grant_has_a_name_of_its_own() -> None:
    grants = [*fleet.one_in_all(PROJECTS), *fleet.many(PROJECTS, 50, 20)]
    metadata = [grant.manifest()["metadata"] for grant in grants]
    assert len({(each["namespace"], each["name"]) for each in metadata}) == len(grants)


def _compiled(grants: list[fleet.Grant]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for compiled in desired(Snapshot(objects_of(grants))).values():
        kinds = Counter(obj["kind"] for obj in compiled.objects)
        found["clusterrolebindings"] += kinds["ClusterRoleBinding"]
        found["rolebindings"] += kinds["RoleBinding"] + _NAMESPACES * len(compiled.in_namespaces)
    return dict(found)
