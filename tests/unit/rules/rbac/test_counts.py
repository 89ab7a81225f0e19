"""How many objects it takes."""

from __future__ import annotations

from collections import Counter

from tests.unit.rules.rbac import world

from drover.rules.rbac.compiling import desired
from drover.rules.rbac.snapshot import Snapshot

PROJECTS, NAMESPACES = 500, 2


def test_check_22_one_user_in_500_projects_takes_a_role_binding_for_each_namespace_and_role() -> None:
    """What it costs a kube-apiserver to decide is measured by the benchmark `bindings`."""
    roles = [world.role_template(name, "project", world.policy_rule("get", "", "pods")) for name in ("dev", "ops")]
    names = [f"p{number}" for number in range(PROJECTS)]
    for given in (roles[:1], roles):
        objects = [world.cluster("local"), world.cluster("c1"), world.user("u-a"), *roles]
        objects += [world.project("c1", name) for name in names]
        for role in given:
            name = role["metadata"]["name"]
            objects += [world.in_project(f"{name}-b", f"c1:{each}", name, userName="u-a") for each in names]
        made: Counter[tuple[str, str]] = Counter()
        for unit, compiled in desired(Snapshot(objects)).items():
            made.update((unit.cluster, obj["kind"]) for obj in compiled.objects)
            made.update((unit.cluster, obj["kind"]) for obj in compiled.in_namespaces for _ in range(NAMESPACES))
        assert made["c1", "RoleBinding"] == PROJECTS * NAMESPACES * len(given)
        assert made["c1", "ClusterRoleBinding"] == 0
        assert made["c1", "Role"] == 0
        assert made["c1", "ClusterRole"] <= 4 * len(given)
