"""Why somebody may do something."""

from __future__ import annotations

import pytest
from tests.unit.rules.rbac import world

from drover.rules.rbac.model import Request, allowed, who_can
from drover.rules.rbac.policy import rule
from drover.rules.rbac.snapshot import Snapshot

FACTS = Snapshot(
    [
        world.cluster("local"),
        world.cluster("c1"),
        world.project("c1", "p1"),
        world.user("u-a", "gh://1"),
        world.role_template("base", "", world.policy_rule("get", "", "pods")),
        world.role_template("dev", "project", world.policy_rule("create", "", "namespaces"), inherits="mid"),
        world.role_template("mid", "", inherits="base"),
        world.role_template("ops", "cluster", world.policy_rule("own", world.MANAGEMENT, "clusters"), inherits="base"),
        world.in_project("b", "c1:p1", "dev", userName="u-a"),
        world.global_role("all", inheritedClusterRoles=["ops"]),
        world.everyone("e", "all", groupPrincipalName="admins"),
    ]
)


def project_of(namespace: str) -> str:
    return "c1:p1" if namespace == "n1" else ""


@pytest.mark.parametrize(
    ("cluster", "who", "request_", "roles", "through"),
    [
        ("c1", "u-a", Request("get", "", "pods", namespace="n1"), ("dev", "mid", "base"), ""),
        ("c1", "gh://1", Request("get", "", "pods", namespace="n1"), ("dev", "mid", "base"), ""),
        ("c1", "u-a", Request("create", "", "namespaces"), ("dev",), "promoted"),
        ("c1", "u-a", Request("delete", "", "namespaces", "", "n1", "n1"), ("dev",), "namespace"),
        ("c1", "u-a", Request("manage-namespaces", world.MANAGEMENT, "projects", "", "p1"), ("dev",), "project"),
        ("local", "u-a", Request("get", world.MANAGEMENT, "clusters", "", "c1"), ("dev",), "member"),
        ("local", "u-a", Request("get", world.MANAGEMENT, "projects", "", "p1", "c1"), ("dev",), "member"),
        ("c1", "admins", Request("get", "", "pods", namespace="kube-system"), ("all", "ops", "base"), ""),
        ("local", "admins", Request("delete", world.MANAGEMENT, "clusters", "", "c1"), ("all", "ops"), "owner"),
    ],
)
def test_the_chain_goes_from_the_binding_to_the_role_that_says_it(
    cluster: str, who: str, request_: Request, roles: tuple[str, ...], through: str
) -> None:
    chain = allowed(FACTS, cluster, who, [who], request_, project_of)
    assert chain is not None
    assert (chain.roles, chain.through) == (roles, through)


@pytest.mark.parametrize(
    ("cluster", "who", "request_"),
    [
        ("c1", "u-a", Request("get", "", "pods", namespace="n2")),
        ("c1", "u-a", Request("get", "", "pods")),
        ("c1", "u-b", Request("get", "", "pods", namespace="n1")),
        ("c1", "u-a", Request("delete", "", "namespaces", "", "n2", "n2")),
        ("local", "u-a", Request("delete", world.MANAGEMENT, "projects", "", "p1", "c1")),
        ("local", "admins", Request("get", "", "pods")),
        ("local", "admins", Request("delete", world.MANAGEMENT, "clusters", "", "local")),
        ("gone", "admins", Request("get", "", "pods")),
    ],
)
def test_what_no_binding_gives_nobody_may(cluster: str, who: str, request_: Request) -> None:
    assert allowed(FACTS, cluster, who, [who], request_, project_of) is None


def test_who_can_lists_each_subject_once() -> None:
    found = who_can(FACTS, "c1", Request("get", "", "pods", namespace="n1"), project_of)
    assert [subject.name for subject, _ in found] == ["admins", "gh://1", "u-a"]


@pytest.mark.parametrize(
    ("request_", "allows"),
    [
        (Request("get", "", "pods", "log"), False),
        (Request("get", "", "pods"), True),
        (Request("get", "", "pods", "", "x"), True),
        (Request("get", "apps", "pods"), False),
        (Request("get", url="/pods"), False),
    ],
)
def test_a_rule_about_a_resource_is_not_about_its_subresources(request_: Request, allows: bool) -> None:
    assert request_.by(rule("get", "", "pods")) == allows
