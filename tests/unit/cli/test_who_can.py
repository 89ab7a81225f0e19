"""`drover who-can`: who is listed for what, and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drover.cli.resource import Resource, UnknownResource, chosen
from drover.cli.who_can import Question, as_json, as_table
from drover.rules.rbac.catalogue import GLOBAL_ROLES, ROLE_TEMPLATES
from drover.rules.rbac.model import Request
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.why import Reason, about, reasons

PROJECT = "edge:shop"


def obj(kind: str, name: str, namespace: str = "", **content: Any) -> dict[str, Any]:
    where = {"namespace": namespace} if namespace else {}
    metadata = {"name": name, "uid": f"{kind}-{namespace}-{name}", **where}
    return {"apiVersion": "management.cattle.io/v3", "kind": kind, "metadata": metadata, **content}


def prtb(name: str, role: str, **subject: str) -> dict[str, Any]:
    fields = {"projectName": PROJECT, "roleTemplateName": role, **subject}
    return obj("ProjectRoleTemplateBinding", name, "edge-shop", **fields)


def shipped() -> list[dict[str, Any]]:
    roles = (*GLOBAL_ROLES, *ROLE_TEMPLATES)
    return [{**role, "metadata": {**role["metadata"], "uid": role["metadata"]["name"]}} for role in roles]


FACTS = Snapshot(
    [
        *shipped(),
        obj("Cluster", "local"),
        obj("Cluster", "edge"),
        obj("Project", "shop", "edge", spec={"clusterName": "edge"}, status={"backingNamespace": "edge-shop"}),
        obj("User", "ann", principalIds=["github_user://12", "local://ann"]),
        obj("User", "bob"),
        obj("User", "eve", enabled=False),
        obj("GlobalRoleBinding", "root", globalRoleName="admin", groupName="admins\x1b[31m"),
        prtb("ann", "project-owner", userPrincipalName="github_user://12"),
        prtb("devs", "project-member", groupName="shop-developers"),
        prtb("eve", "project-owner", userName="eve"),
        obj(
            "ClusterRoleTemplateBinding",
            "bob",
            "edge",
            clusterName="edge",
            roleTemplateName="cluster-member",
            userName="bob",
        ),
    ]
)


def ask(request: Request, cluster: str = "edge") -> tuple[Reason, ...]:
    return reasons(FACTS, cluster, request, lambda namespace: PROJECT if namespace == "shop-web" else "")


SECRETS = Request("get", "", "secrets", namespace="shop-web")


def test_everybody_who_can_is_listed_with_the_way_from_the_binding_to_the_rule() -> None:
    table = as_table(Question(SECRETS, "edge", PROJECT), ask(SECRETS))
    assert [line.split("   ")[0] for line in table.splitlines()] == [
        "Who can get secrets in namespace shop-web (Project edge:shop) in cluster edge:",
        "WHO",
        "Group admins [31m",
        "Group shop-developers",
        "User ann (github_user://12)",
    ]
    (line,) = (line for line in table.splitlines() if line.startswith("Group shop"))
    assert "ProjectRoleTemplateBinding edge-shop/devs" in line
    assert "project-member → edit" in line
    assert "secrets" in line


def test_of_a_long_rule_what_was_asked_is_shown_first() -> None:
    request = Request("patch", "", "secrets", namespace="shop-web")
    table = as_table(Question(request, "edge"), about(ask(request), "ann", ()))
    assert table.splitlines()[-1].endswith("patch,get,list,watch +4 more secrets")


def test_who_is_disabled_is_not_listed() -> None:
    assert "eve" not in [reason.who.name for reason in ask(SECRETS)]


def test_a_right_on_a_project_itself_is_told_with_how_it_comes_about() -> None:
    request = Request("get", "management.cattle.io", "projects", name="shop", namespace="edge")
    table = as_table(Question(request, "local"), ask(request, "local"))
    assert "owners have it" in table
    assert "members see it" in table


def test_nobody_is_told_in_a_sentence() -> None:
    request = Request("get", "example.com", "things", namespace="elsewhere")
    question = Question(request, "local")
    assert as_table(question, ()) == (
        "Nobody can get things.example.com in namespace elsewhere in cluster local by roles and bindings.\n"
    )


@pytest.mark.parametrize(
    ("user", "groups", "found"),
    [
        ("ann", (), ["ann"]),
        ("github_user://12", (), ["ann"]),
        ("bob", (), []),
        ("bob", ("shop-developers",), ["shop-developers"]),
    ],
)
def test_one_user_can_be_asked_about(user: str, groups: tuple[str, ...], found: list[str]) -> None:
    assert [reason.who.name for reason in about(ask(SECRETS), user, groups)] == found


def test_json_has_the_request_and_every_reason() -> None:
    answer = json.loads(as_json(Question(SECRETS, "edge", PROJECT), about(ask(SECRETS), "ann", ())))
    assert answer["request"] == {
        "cluster": "edge",
        "project": "edge:shop",
        "verb": "get",
        "resource": "secrets",
        "namespace": "shop-web",
    }
    (reason,) = answer["reasons"]
    assert reason["subject"]["name"] == "ann"
    assert reason["subject"]["also"] == ["github_user://12"]
    assert reason["binding"] == {"kind": "ProjectRoleTemplateBinding", "namespace": "edge-shop", "name": "ann"}
    assert reason["roles"] == ["project-owner", "admin"]
    assert "get" in reason["rule"]["verbs"]


LISTS: dict[str, dict[str, Any]] = {
    "apps": {"resources": [{"name": "deployments", "singularName": "deployment", "shortNames": ["deploy"]}]},
    "management.cattle.io": {"resources": [{"name": "clusters", "kind": "Cluster"}, {"name": "clusters/status"}]},
    "provisioning.cattle.io": {"resources": [{"name": "clusters", "kind": "Cluster"}]},
    "down.example.com": {},
}


@pytest.mark.parametrize("word", ["deploy", "deployment", "Deployments"])
def test_a_resource_is_found_by_all_its_names(word: str) -> None:
    assert chosen(word, "scale", LISTS) == Resource("deployments", "apps", "scale")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("clusters", "clusters is ambiguous; write clusters.management.cattle.io or clusters.provisioning.cattle.io"),
        ("things", "there is no resource things in the hub; write its group too, such as things.example.com"),
    ],
)
def test_a_word_that_does_not_name_one_resource_is_refused(word: str, message: str) -> None:
    with pytest.raises(UnknownResource, match=message):
        chosen(word, "", LISTS)
