"""The rights that the chart grants: those that the operator looks for, and to users no more than they should have."""

from __future__ import annotations

import pytest

from drover import install
from drover.kinds.resources import (
    CLUSTER_BINDINGS,
    GLOBAL_ROLE_BINDINGS,
    GLOBAL_ROLES,
    PROJECT_BINDINGS,
    ROLE_TEMPLATES,
    SERVED,
    USER_ATTRIBUTES,
    USERS,
)
from drover.kube.gvr import Object
from tests.chart.chart import EVERYTHING, Chart, of

_RBAC = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
WORKSPACES = ["fleet-default", "team-a"]


def bare(obj: Object) -> Object:
    """Without labels."""
    kept = {key: value for key, value in obj["metadata"].items() if key in ("name", "namespace")}
    return {**obj, "metadata": kept}


def access(objects: list[Object]) -> list[Object]:
    """Roles and bindings of the operator."""
    found = [bare(obj) for kind in _RBAC for obj in of(kind, objects)]
    return [obj for obj in found if not obj["metadata"]["name"].startswith(("drover-view", "drover-edit", "drover-ad"))]


def test_the_chart_grants_exactly_what_the_cluster_tests_run_with(chart: Chart) -> None:
    rendered = access(chart.objects({"workspaces": WORKSPACES}))
    assert len(rendered) == 8
    installed = access(install.access(WORKSPACES))
    for obj in installed:
        assert obj in rendered, obj["metadata"]
    assert len(installed) == len(rendered)


def test_without_project_secrets_no_secret_is_written_and_only_those_of_workspaces_are_read(chart: Chart) -> None:
    objects = chart.objects({"projectSecrets": {"enabled": False}})
    found = [
        (role["kind"], role["metadata"].get("namespace"), rule["verbs"])
        for role in (*of("ClusterRole", objects), *of("Role", objects))
        for rule in role["rules"]
        if "secrets" in rule["resources"] and rule.get("resourceNames") != ["drover-webhook"]
    ]
    assert sorted(found) == [("Role", "cattle-global-data", ["get"]), ("Role", "fleet-default", ["get"])]


def test_no_rule_has_a_wildcard(everything: list[Object]) -> None:
    roles = [*of("ClusterRole", everything), *of("Role", everything)]
    assert len(roles) >= 6
    for role in roles:
        for rule in role["rules"]:
            assert not any("*" in each for part in rule.values() for each in part), role["metadata"]["name"]


def test_nobody_but_the_operator_is_bound_to_anything(chart: Chart) -> None:
    for namespace in ("drover-system", "platform"):
        objects = chart.objects(EVERYTHING, namespace=namespace)
        for binding in (*of("ClusterRoleBinding", objects), *of("RoleBinding", objects)):
            assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "drover", "namespace": namespace}]
            assert binding["roleRef"]["name"] in ("drover", "drover-kubeconfigs")


def granted(everything: list[Object], role: str) -> set[tuple[str, str, str]]:
    """`(group, resource, verb)` of an aggregated role."""
    (found,) = (obj for obj in of("ClusterRole", everything) if obj["metadata"]["name"] == f"drover-{role}")
    assert found["metadata"]["labels"][f"rbac.authorization.k8s.io/aggregate-to-{role}"] == "true"
    return {
        (group, resource, verb)
        for rule in found["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


_READ = {"get", "list", "watch"}
_WRITE = {"create", "update", "patch", "delete", "deletecollection"}


_ABOUT_RIGHTS = {
    gvr.plural
    for gvr in (
        *(USERS, USER_ATTRIBUTES, GLOBAL_ROLES, GLOBAL_ROLE_BINDINGS, ROLE_TEMPLATES),
        *(CLUSTER_BINDINGS, PROJECT_BINDINGS),
    )
}


def test_who_views_reads_every_kind_but_those_about_rights_and_writes_nothing(everything: list[Object]) -> None:
    view = granted(everything, "view")
    assert {verb for _, _, verb in view} == _READ
    assert {(gvr.group, gvr.plural) for gvr in SERVED if gvr.plural not in _ABOUT_RIGHTS} == {
        (group, kind) for group, kind, _ in view if "/" not in kind
    }


@pytest.mark.parametrize("role", ["view", "edit", "admin"])
def test_who_administers_a_namespace_neither_sees_nor_writes_users_roles_and_bindings(
    everything: list[Object], role: str
) -> None:
    assert not {kind for _, kind, _ in granted(everything, role)} & _ABOUT_RIGHTS


@pytest.mark.parametrize(
    ("role", "less", "written"),
    [
        (
            "edit",
            "view",
            {
                ("project.cattle.io", "workloads"),
                ("project.cattle.io", "workloads/scale"),
                ("management.cattle.io", "preferences"),
            },
        ),
        (
            "admin",
            "edit",
            {
                ("management.cattle.io", "projects"),
                ("management.cattle.io", "cloudcredentials"),
                ("management.cattle.io", "nodetemplates"),
                ("management.cattle.io", "nodepools"),
                ("provisioning.cattle.io", "clusters"),
            },
        ),
    ],
)
def test_a_role_adds_to_the_one_before_it(
    everything: list[Object], role: str, less: str, written: set[tuple[str, str]]
) -> None:
    more = granted(everything, role) - granted(everything, less)
    assert granted(everything, less) < granted(everything, role)
    assert more == {(group, kind, verb) for group, kind in written for verb in _WRITE}


def test_no_namespaced_right_lets_anybody_write_clusters_or_a_status(everything: list[Object]) -> None:
    for group, kind, verb in granted(everything, "admin"):
        assert verb in _READ or (group, kind) != ("management.cattle.io", "clusters")
        assert not kind.endswith(("/status", "/finalizers"))
