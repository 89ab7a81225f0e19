"""`drover who-can`: who is listed for what, and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drover.cli.answer import Question, as_json, as_table
from drover.cli.resource import Resource, UnknownResource, chosen
from drover.cli.who_can import CannotTell, Place, _by_quota, _silence
from drover.rules.rbac.catalogue import GLOBAL_ROLES, ROLE_TEMPLATES
from drover.rules.rbac.model import Request
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.why import Reason, about, reasons, would_do

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


OBJECTS = [
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
FACTS = Snapshot(OBJECTS)


def ask(request: Request, cluster: str = "edge") -> tuple[Reason, ...]:
    return reasons(FACTS, cluster, request, lambda namespace: PROJECT if namespace == "shop-web" else "")


SCALES = {"verbs": ["update"], "apiGroups": ["apps"], "resources": ["deployments/scale", "statefulsets/scale"]}
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


def test_of_a_rule_what_was_asked_is_shown_and_how_much_more_it_says() -> None:
    request = Request("patch", "", "secrets", namespace="shop-web")
    table = as_table(Question(request, "edge"), about(ask(request), "ann", ()))
    assert table.splitlines()[-1].endswith("   patch +7 secrets")
    scale = Request("update", "apps", "deployments", "scale", namespace="shop-web")
    bound = [obj("RoleTemplate", "scaler", context="project", rules=[SCALES]), prtb("s", "scaler", userName="bob")]
    found = reasons(Snapshot([*OBJECTS, *bound]), "edge", scale, lambda _: PROJECT)
    table = as_table(Question(scale, "edge"), about(found, "bob", ()))
    assert table.splitlines()[-1].endswith("   update deployments.apps/scale +1")


def test_who_is_disabled_is_not_listed() -> None:
    assert "eve" not in [reason.who.name for reason in ask(SECRETS)]


def test_a_right_on_a_project_itself_is_told_with_how_it_comes_about() -> None:
    request = Request("get", "management.cattle.io", "projects", name="shop", namespace="edge")
    table = as_table(Question(request, "local"), ask(request, "local"))
    assert "owners have it" in table
    assert "members see it" in table


def test_nobody_is_told_in_a_sentence_and_a_user_by_name() -> None:
    request = Request("get", "example.com", "things", namespace="elsewhere")
    assert as_table(Question(request, "local"), ()) == (
        "Nobody can get things.example.com in namespace elsewhere in cluster local by roles and bindings.\n"
    )
    told = as_table(Question(request, "local", about="User bob"), (), tuple("abcdefg"))
    assert told.startswith("User bob cannot get things.example.com in")
    assert told.endswith(" by roles and bindings. RoleTemplates that allow it: a, b, c, d, e +2 more.\n")


@pytest.mark.parametrize(
    ("request_", "project", "roles"),
    [
        (
            SECRETS,
            PROJECT,
            ("admin", "edit", "project-member", "project-owner", "secrets", "secrets-manage", "secrets-view"),
        ),
        (Request("get", "", "secrets", namespace="elsewhere"), "", ("cluster-admin", "cluster-owner")),
        (Request("patch", "", "nodes"), "", ("cluster-admin", "cluster-owner", "nodes-manage")),
        (Request("delete", "example.com", "things", namespace="shop-web"), PROJECT, ("cluster-admin", "cluster-owner")),
    ],
)
def test_roles_that_would_allow_it_are_those_of_the_project_else_of_the_cluster(
    request_: Request, project: str, roles: tuple[str, ...]
) -> None:
    own = [{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}]
    templates = [
        obj("RoleTemplate", "secrets", context="project", rules=own),
        obj("RoleTemplate", "locked", context="project", rules=own, locked=True),
        obj("RoleTemplate", "nowhere", rules=own),
    ]
    assert would_do([*OBJECTS, *templates], "edge", request_, project) == roles


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
    "apps": {
        "resources": [
            {"name": "deployments", "singularName": "deployment", "shortNames": ["deploy"]},
            {"name": "deployments/scale"},
            {"name": "deployments/status"},
        ]
    },
    "management.cattle.io": {"resources": [{"name": "clusters", "kind": "Cluster"}, {"name": "clusters/status"}]},
    "provisioning.cattle.io": {"resources": [{"name": "clusters", "kind": "Cluster"}]},
    "example.com": {"resources": [{"name": "widgets"}]},
    "down.example.com": {},
}


@pytest.mark.parametrize("word", ["deploy", "deployment", "Deployments"])
def test_a_resource_is_found_by_all_its_names(word: str) -> None:
    assert chosen(word, "scale", LISTS) == Resource("deployments", "apps", "scale")


@pytest.mark.parametrize(
    ("word", "subresource", "message"),
    [
        (
            "clusters",
            "",
            "clusters is ambiguous; write clusters.management.cattle.io or clusters.provisioning.cattle.io",
        ),
        ("things", "", "there is no resource things in the hub. Of one that only another cluster has, write"),
        ("deploymnt", "", "there is no resource deploymnt in the hub; did you mean deployment"),
        ("deploy", "web", "deployments.apps has no subresource web: it has scale, status; for the object of that name"),
        ("widgets", "web", "widgets.example.com has no subresource web: it has none"),
    ],
)
def test_a_word_that_does_not_name_one_resource_is_refused(word: str, subresource: str, message: str) -> None:
    with pytest.raises(UnknownResource) as caught:
        chosen(word, subresource, LISTS)
    assert str(caught.value).startswith(message)


def shares(name: str, *namespaces: str, cluster: str = "edge") -> dict[str, Any]:
    return obj("Project", name, cluster, status={"namespaceQuotas": [{"namespace": one} for one in namespaces]})


def test_the_project_of_a_namespace_elsewhere_is_the_one_that_grants_it_a_quota() -> None:
    projects = [
        shares("shop", "web", "moving"),
        shares("lab", "moving"),
        shares("other", "web", cluster="far"),
        obj("Project", "p"),
    ]
    assert _by_quota(Place("edge", "web", ""), projects) == "edge:shop"
    for unclear in ("moving", "nowhere"):
        with pytest.raises(CannotTell, match="Say --project NAME"):
            _by_quota(Place("edge", unclear, ""), projects)


@pytest.mark.parametrize(("connected", "noted"), [("True", False), ("False", True), ("Unknown", True), ("", True)])
def test_a_cluster_that_does_not_answer_is_noted(connected: str, noted: bool) -> None:
    conditions = [{"type": "Connected", "status": connected}] if connected else []
    told = _silence("edge", [obj("Cluster", "local"), obj("Cluster", "edge", status={"conditions": conditions})])
    assert told.startswith("cluster edge does not answer Drover") is noted
