"""The roles that come with Drover: complete, well-formed, and no more than upstream ships but where it says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from drover.api.management.global_role import GlobalRole
from drover.api.management.role_template import RoleTemplate
from drover.api.parsing import check
from drover.rules.rbac.catalogue import GLOBAL_ROLES, ROLE_TEMPLATES
from drover.rules.rbac.notation import rules

BY_NAME = {role["metadata"]["name"]: role for role in ROLE_TEMPLATES}
CRUD = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}


def _named(roles: Any) -> list[Any]:
    return [pytest.param(role, id=role["metadata"]["name"]) for role in roles]


def _allows(role: Any, group: str, resource: str) -> set[str]:
    return {
        verb
        for rule in role["rules"]
        if group in rule.get("apiGroups", ()) and resource in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.mark.parametrize("role", _named(GLOBAL_ROLES))
def test_a_global_role_is_valid_and_marked(role: Any) -> None:
    check(GlobalRole, role)
    assert role["builtin"]
    assert role["metadata"]["labels"] == {"authz.management.cattle.io/bootstrapping": "default-globalrole"}


@pytest.mark.parametrize("role", _named(ROLE_TEMPLATES))
def test_a_role_template_is_valid_and_marked(role: Any) -> None:
    check(RoleTemplate, role)
    assert role["builtin"]
    assert role["metadata"]["labels"] == {"authz.management.cattle.io/bootstrapping": "default-roletemplate"}
    assert role["displayName"]


def test_there_are_13_global_roles_and_40_role_templates_with_names_of_their_own() -> None:
    assert len({role["metadata"]["name"] for role in GLOBAL_ROLES}) == len(GLOBAL_ROLES) == 13
    assert len(BY_NAME) == len(ROLE_TEMPLATES) == 40


def test_what_a_role_inherits_is_in_the_catalogue() -> None:
    assert {parent for role in ROLE_TEMPLATES for parent in role.get("roleTemplateNames", ())} <= BY_NAME.keys()


def test_the_external_roles_are_those_of_kubernetes_and_of_monitoring() -> None:
    external = {role["metadata"]["name"] for role in ROLE_TEMPLATES if role.get("external")}
    assert external == {"cluster-admin", "admin", "edit", "view", "monitoring-ui-view"}
    assert not [name for name in external if "rules" in BY_NAME[name]]


def test_the_first_defaults_are_those_of_upstream() -> None:
    assert [role["metadata"]["name"] for role in GLOBAL_ROLES if role.get("newUserDefault")] == ["user"]
    defaults = {
        field: [role["metadata"]["name"] for role in ROLE_TEMPLATES if role.get(field)]
        for field in ("clusterCreatorDefault", "projectCreatorDefault")
    }
    assert defaults == {"clusterCreatorDefault": ["cluster-owner"], "projectCreatorDefault": ["project-owner"]}


def test_only_owners_and_administrators_have_every_right() -> None:
    everything = [
        role["metadata"]["name"]
        for role in (*GLOBAL_ROLES, *ROLE_TEMPLATES)
        for rule in role.get("rules", ())
        if rule.get("resources") == ["*"] and rule["apiGroups"] == ["*"]
    ]
    assert everything == ["admin", "cluster-owner"]


def test_own_is_what_owners_have_literally() -> None:
    assert "own" in _allows(BY_NAME["cluster-owner"], "management.cattle.io", "clusters")
    assert "own" in _allows(BY_NAME["project-owner"], "management.cattle.io", "projects")
    owning = [name for name, role in BY_NAME.items() for rule in role.get("rules", ()) if "own" in rule["verbs"]]
    assert owning == ["cluster-owner", "project-owner"]


@pytest.mark.parametrize(
    ("group", "resource"),
    [("gateway.networking.k8s.io", "httproutes"), ("traefik.io", "middlewares"), ("telemetry.istio.io", "telemetries")],
)
def test_an_owner_of_a_project_has_the_routes_that_a_member_has(group: str, resource: str) -> None:
    for name in ("project-owner", "project-member"):
        assert _allows(BY_NAME[name], group, resource) == CRUD


def test_members_and_readers_see_the_members_of_a_project_and_owners_change_them() -> None:
    bindings = ("management.cattle.io", "projectroletemplatebindings")
    assert _allows(BY_NAME["project-owner"], *bindings) == {"*"}
    for name in ("project-member", "read-only"):
        assert _allows(BY_NAME[name], *bindings) == {"get", "list", "watch"}


def _verbs(name: str) -> Iterator[str]:
    return (verb for rule in BY_NAME[name]["rules"] for verb in rule["verbs"])


@pytest.mark.parametrize("name", [name for name in BY_NAME if name.endswith("-view")] + ["read-only"])
def test_roles_that_view_only_read(name: str) -> None:
    if name == "monitoring-ui-view":
        assert BY_NAME[name]["externalRules"][0]["verbs"] == ["get", "create"], "a proxied request may be a POST"
        return
    assert set(_verbs(name)) <= {"get", "list", "watch"}


def test_the_notation() -> None:
    assert rules("core pods,pods/log glw\nmgmt clusters[local,c] get\n\n  url /healthz,/version *\nbatch * x,y") == [
        {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list", "watch"]},
        {
            "apiGroups": ["management.cattle.io"],
            "resources": ["clusters"],
            "verbs": ["get"],
            "resourceNames": ["local", "c"],
        },
        {"nonResourceURLs": ["/healthz", "/version"], "verbs": ["*"]},
        {"apiGroups": ["batch"], "resources": ["*"], "verbs": ["x", "y"]},
    ]
