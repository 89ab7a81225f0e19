"""The webhook on a real kube-apiserver: who may write which role and binding, and what goes on while it is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drover.dev.cluster import ControlPlane
from tests.cluster.admission.apiserver import Answer, Apiserver, path_of
from tests.cluster.admission.objects import (
    cluster_binding_object,
    cluster_object,
    global_role_binding_object,
    global_role_object,
    project_binding_object,
    project_object,
    role_template_object,
    user_object,
)
from tests.cluster.admission.users import DROVER, grant, refused, until, until_allowed
from tests.cluster.admission.webhook import Running, asked

Object = dict[str, Any]

AUTHOR, BINDER, HOLDER, OWNER = "role-author", "role-binder", "cluster-holder", "project-holder"
_KINDS = [
    "globalroles",
    "globalrolebindings",
    "roletemplates",
    "clusterroletemplatebindings",
    "projectroletemplatebindings",
    "users",
]
_WRITE: Object = {
    "apiGroups": ["management.cattle.io"],
    "resources": _KINDS,
    "verbs": ["get", "create", "update", "patch", "delete"],
}
ALL = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
PODS = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]}
SECRETS = {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}
_CLUSTER, _PROJECT = {"clusterName": "c-table"}, {"projectName": "c-table:p-table"}


def verbs(verb: str, resource: str, *names: str) -> Object:
    return {"apiGroups": ["management.cattle.io"], "resources": [resource], "verbs": [verb], "resourceNames": [*names]}


def crtb(name: str, role: str, user: str) -> Object:
    return cluster_binding_object(name, {**_CLUSTER, "roleTemplateName": role, "userName": user})


def prtb(name: str, role: str, user: str) -> Object:
    return project_binding_object(name, {**_PROJECT, "roleTemplateName": role, "userName": user})


def grb(name: str, role: str, user: str) -> Object:
    return global_role_binding_object(name, {"globalRoleName": role, "userName": user})


def role(name: str, *rules: Object, context: str = "cluster", **fields: Any) -> Object:
    return role_template_object(name, {"context": context, "rules": list(rules), **fields})


KNOWN = [
    cluster_object("c-table", {"displayName": "Table"}),
    project_object("p-table", {"clusterName": "c-table", "displayName": "Table"}),
    user_object(HOLDER, {"username": HOLDER}),
    user_object(OWNER, {"username": OWNER}),
    user_object("victim", {"username": "victim"}),
    role("w-pods", PODS),
    role("w-pods-too", PODS),
    role("w-secrets", SECRETS),
    role("w-all", ALL),
    role("w-heir", roleTemplateNames=["w-all"]),
    role("w-outside", external=True, externalRules=[SECRETS]),
    role("w-project-pods", PODS, context="project"),
    role("w-project-all", ALL, context="project"),
    role("w-project-nodes", {"verbs": ["get"], "apiGroups": [""], "resources": ["nodes"]}, context="project"),
    role("w-locked", locked=True),
    global_role_object("w-boss", {"displayName": "Boss", "rules": [ALL]}),
    global_role_object("w-reader", {"displayName": "Reader", "rules": [PODS]}),
    crtb("w-holds", "w-pods", HOLDER),
    prtb("w-holds", "w-project-pods", OWNER),
]


@pytest.fixture(scope="module")
def webhook(api: Apiserver, plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The webhook, and roles, bindings and users that it knows."""
    for obj in KNOWN:
        answer = api.apply(obj)
        assert answer.ok, answer.message
    status = {**KNOWN[1], "status": {"backingNamespace": "c-table-p-table"}}
    path = f"{path_of(KNOWN[1])}/status"
    assert api.request("PATCH", path, status, content_type="application/merge-patch+json").ok
    grant(api, "w-authors", [_WRITE, PODS], AUTHOR)
    binds = [
        verbs("bind", "globalroles", "w-boss"),
        verbs("bind", "roletemplates", "w-all", "w-project-all", "w-later"),
    ]
    escalates = [verbs("escalate", "roletemplates", "w-mine"), verbs("escalate", "globalroles", "w-mine")]
    grant(api, "w-binders", [_WRITE, *binds, *escalates], BINDER)
    grant(api, "w-holders", [_WRITE], HOLDER)
    grant(api, "w-owners", [_WRITE], OWNER)
    with asked(plane.hub.kubeconfig, tmp_path_factory.mktemp("webhook")) as running:
        until(
            partial(api.create, role("w-probe", roleTemplateNames=["w-probe-2"]), user=AUTHOR, dry_run=True),
            "w-probe-2",
        )
        until_allowed(api, role("w-probe", PODS), AUTHOR)
        until_allowed(api, role("w-mine", ALL), BINDER)
        until(partial(api.create, crtb("w-probe", "w-pods-too", OWNER), user=OWNER, dry_run=True), "get, list pods")
        yield running
    for obj in reversed(KNOWN):
        api.delete(obj, user=DROVER, dry_run=False)


ESCALATIONS: list[tuple[str, Object, str]] = [
    (AUTHOR, global_role_object("w-x", {"rules": [SECRETS]}), "rules: gives rights in the hub"),
    (
        AUTHOR,
        global_role_object("w-x", {"namespacedRules": {"kube-system": [SECRETS]}}),
        "namespacedRules[kube-system]",
    ),
    (AUTHOR, global_role_object("w-x", {"inheritedNamespacedRules": {"a": [SECRETS]}}), "inheritedNamespacedRules[a]"),
    (AUTHOR, global_role_object("w-x", {"inheritedClusterRoles": ["w-all"]}), "inheritedClusterRoles[w-all]"),
    (
        AUTHOR,
        global_role_object("w-x", {"inheritedFleetWorkspacePermissions": {"resourceRules": [SECRETS]}}),
        "resourceRules",
    ),
    (
        AUTHOR,
        global_role_object("w-x", {"inheritedFleetWorkspacePermissions": {"workspaceVerbs": ["get"]}}),
        "workspaceVerbs",
    ),
    (AUTHOR, role("w-x", SECRETS), "get secrets"),
    (AUTHOR, role("w-x", SECRETS, context="project"), "get secrets"),
    (AUTHOR, role("w-x", SECRETS, context=""), "get secrets"),
    (AUTHOR, role("w-x", roleTemplateNames=["w-all"]), "* *.*"),
    (AUTHOR, role("w-x", external=True), "external:"),
    (AUTHOR, grb("w-x", "w-boss", AUTHOR), 'verb bind on globalroles.management.cattle.io "w-boss"'),
    (AUTHOR, crtb("w-x", "w-all", AUTHOR), 'verb bind on roletemplates.management.cattle.io "w-all"'),
    (AUTHOR, crtb("w-x", "w-heir", AUTHOR), "in cluster c-table"),
    (AUTHOR, crtb("w-x", "w-outside", AUTHOR), "get secrets"),
    (AUTHOR, crtb("w-x", "w-nowhere", AUTHOR), "RoleTemplate w-nowhere does not exist"),
    (AUTHOR, prtb("w-x", "w-project-all", AUTHOR), "in project c-table:p-table"),
    (HOLDER, crtb("w-x", "w-secrets", HOLDER), "get secrets"),
    (OWNER, crtb("w-x", "w-pods-too", OWNER), "get, list pods"),
    (OWNER, prtb("w-x", "w-project-all", OWNER), "in project c-table:p-table"),
    (OWNER, prtb("w-x", "w-project-nodes", OWNER), "get nodes"),
]


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(("user", "written", "words"), ESCALATIONS)
def test_nobody_gives_more_than_they_have(api: Apiserver, user: str, written: Object, words: str) -> None:
    refused(api.create(written, user=user), words, 403)


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("user", "written"),
    [
        (AUTHOR, global_role_object("w-x", {"rules": [PODS], "namespacedRules": {"a": [PODS]}})),
        (AUTHOR, role("w-x", PODS)),
        (AUTHOR, crtb("w-x", "w-pods-too", "victim")),
        (AUTHOR, grb("w-x", "w-reader", "victim")),
        (HOLDER, crtb("w-x", "w-pods-too", "victim")),
        (HOLDER, prtb("w-x", "w-project-pods", "victim")),
        (OWNER, prtb("w-x", "w-project-pods", "victim")),
        (BINDER, grb("w-x", "w-boss", "victim")),
        (BINDER, crtb("w-x", "w-all", "victim")),
        (BINDER, crtb("w-x", "w-later", "victim")),
        (BINDER, prtb("w-x", "w-project-all", "victim")),
        (BINDER, role("w-mine", ALL)),
        (BINDER, global_role_object("w-mine", {"rules": [ALL]})),
    ],
)
def test_who_has_the_rights_or_the_verb_gives_them(api: Apiserver, user: str, written: Object) -> None:
    answer = api.create(written, user=user, dry_run=True)
    assert answer.ok, answer.message


@pytest.mark.usefixtures("webhook")
def test_check_19_an_admin_binding_needs_bind_on_that_very_role(api: Apiserver) -> None:
    refused(api.create(grb("w-19", "w-boss", "victim"), user=AUTHOR), "verb bind", 403)
    answer = api.create(grb("w-19", "w-boss", "victim"), user=BINDER)
    assert answer.status == 201, answer.message
    api.delete(grb("w-19", "w-boss", "victim"), dry_run=False)


@pytest.mark.usefixtures("webhook")
def test_check_4_who_owns_a_project_makes_no_cluster_owner_and_is_told_what_lacks(api: Apiserver) -> None:
    answer = api.create(prtb("w-4", "w-project-all", "victim"), user=OWNER)
    refused(answer, "that you do not have there yourself: * *.*", 403)
    lacks, _, instead = answer.message.partition(". Bind a role")
    assert "pods" not in lacks
    assert "such as w-project-pods" in instead


@pytest.mark.usefixtures("webhook")
def test_check_7_a_role_that_another_inherits_is_not_deleted(api: Apiserver) -> None:
    refused(api.delete(role("w-all")), "used by RoleTemplate w-heir", 409)
    refused(api.delete(role("w-pods")), "ClusterRoleTemplateBinding c-table/w-holds", 409)
    assert api.delete(role("w-secrets")).ok


@pytest.mark.usefixtures("webhook")
def test_check_3_of_two_bindings_alike_with_generated_names_one_is_made(api: Apiserver, plane: ControlPlane) -> None:
    binding = crtb("", "w-pods-too", "victim")
    binding["metadata"] = {"namespace": "c-table", "generateName": "crtb-"}
    others = [Apiserver(plane.hub.kubeconfig) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.create(binding), others))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    (made,) = (answer.body for answer in answers if answer.ok)
    assert made["metadata"]["name"].startswith("crtb-")
    assert len(made["metadata"]["name"]) == 15
    until(lambda: _told(api.create(crtb("w-other", "w-pods-too", "victim"))), "gives RoleTemplate w-pods-too to")
    assert api.delete(made, dry_run=False).ok


def _told(answer: Answer) -> Answer:
    assert not answer.ok
    return answer


@pytest.mark.usefixtures("webhook")
def test_a_circle_a_locked_role_and_a_role_of_another_context_are_refused_for_everybody(api: Apiserver) -> None:
    refused(api.merge(role("w-all"), {"roleTemplateNames": ["w-heir"]}), "w-all inherits w-heir inherits w-all", 422)
    refused(api.create(crtb("w-x", "w-locked", "victim")), "w-locked is locked", 422)
    refused(api.create(crtb("w-x", "w-project-pods", "victim")), 'has context "project"', 422)
    refused(api.create(prtb("w-x", "w-pods", "victim")), 'has context "cluster"', 422)


@pytest.mark.usefixtures("webhook")
def test_a_username_is_taken_once(api: Apiserver) -> None:
    refused(api.create(user_object("w-thief", {"username": "victim"}), user=AUTHOR), 'has "victim" already', 409)
    assert api.create(user_object("w-honest", {"username": "w-honest"}), user=AUTHOR, dry_run=True).ok


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("obj", "changes", "words"),
    [
        (role("w-pods"), {"rules": [ALL]}, "* *.*"),
        (role("w-pods"), {"roleTemplateNames": ["w-all"]}, "* *.*"),
        (role("w-all"), {"clusterCreatorDefault": True}, "* *.*"),
        (role("w-secrets"), {"context": "project"}, "get secrets"),
        (role("w-outside"), {"externalRules": [PODS]}, "external:"),
        (global_role_object("w-reader", {}), {"rules": [ALL]}, "rules:"),
        (global_role_object("w-reader", {}), {"inheritedNamespacedRules": {"a": [ALL]}}, "inheritedNamespacedRules[a]"),
        (global_role_object("w-boss", {}), {"newUserDefault": True}, "* *.*"),
    ],
)
def test_a_role_grows_by_no_more_than_its_editor_has(api: Apiserver, obj: Object, changes: Object, words: str) -> None:
    refused(api.merge(obj, changes, user=AUTHOR), words, 403)


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("obj", "changes"),
    [
        (role("w-all"), {"rules": []}),
        (role("w-all"), {"metadata": {"labels": {"a": "b"}}}),
        (role("w-pods"), {"rules": [{**PODS, "verbs": ["get"]}], "description": "less"}),
        (global_role_object("w-boss", {}), {"description": "words", "rules": []}),
        (crtb("w-holds", "", ""), {"metadata": {"annotations": {"a": "b"}}}),
    ],
)
def test_rights_are_taken_away_and_words_are_changed_by_who_has_none(
    api: Apiserver, obj: Object, changes: Object
) -> None:
    answer = api.merge(obj, changes, user=AUTHOR)
    assert answer.ok, answer.message


@pytest.mark.usefixtures("webhook")
def test_a_role_that_waits_for_its_finalizer_does_not_grow_either(api: Apiserver) -> None:
    obj = role("w-ends", PODS)
    obj["metadata"]["finalizers"] = ["example.com/wait"]
    assert api.create(obj).ok
    assert api.delete(obj, dry_run=False).ok
    refused(api.merge(obj, {"rules": [ALL]}, user=AUTHOR), "* *.*", 403)
    assert api.merge(obj, {"metadata": {"finalizers": []}}, user=AUTHOR, dry_run=False).ok


@pytest.mark.usefixtures("webhook")
def test_drover_itself_is_not_asked_about(api: Apiserver) -> None:
    assert api.create(role("w-x", roleTemplateNames=["w-x2"], external=False), user=DROVER, dry_run=True).ok


BLOCKED = [
    role("w-x", PODS),
    global_role_object("w-x", {"rules": [PODS]}),
    grb("w-x", "w-boss", "victim"),
    crtb("w-x", "w-pods-too", "victim"),
    prtb("w-x", "w-project-pods", "victim"),
]


def test_check_20_while_it_is_down_only_rights_wait(api: Apiserver, webhook: Running) -> None:
    obj = role("w-down", PODS)
    obj["metadata"]["finalizers"] = ["example.com/wait"]
    assert api.create(obj).ok
    webhook.stop()
    try:
        for written in BLOCKED:
            refused(api.create(written, dry_run=True), "failed calling webhook", 500)
        refused(api.merge(role("w-pods"), {"rules": [SECRETS]}), "failed calling webhook", 500)
        core = {"apiVersion": "v1", "metadata": {"name": "w-down", "namespace": "default"}}
        assert api.create({**core, "kind": "Secret"}, dry_run=True).ok
        assert api.create({**core, "kind": "Namespace", "metadata": {"name": "w-down"}}, dry_run=True).ok
        assert api.create(cluster_object("w-down", {"displayName": "x"}), dry_run=True).ok
        assert api.merge(role("w-pods"), {"metadata": {"labels": {"a": "b"}}, "description": "words"}).ok
        assert api.delete(crtb("w-holds", "", "")).ok
        assert api.delete(obj, dry_run=False).ok
        assert api.merge(obj, {"metadata": {"finalizers": []}}, dry_run=False).ok
        assert api.get(obj).status == 404
    finally:
        webhook.start()


def test_before_it_knows_everything_it_allows_nothing(api: Apiserver, webhook: Running) -> None:
    webhook.problem = "caches are being filled"
    try:
        for written in BLOCKED:
            refused(api.create(written, dry_run=True), "failed calling webhook", 500)
    finally:
        webhook.problem = ""
    assert api.create(BLOCKED[0], dry_run=True).ok


def test_without_the_configuration_an_evil_role_is_made_and_with_it_it_is_not_bound(
    api: Apiserver, webhook: Running
) -> None:
    """What was written while nobody was asked is compared when it is bound."""
    assert webhook.problem == ""
    assert api.create(role("w-evil", ALL), user=DROVER).ok
    until(partial(api.create, crtb("w-x", "w-evil", AUTHOR), user=AUTHOR, dry_run=True), "* *.*")
    assert api.delete(role("w-evil"), dry_run=False).ok


def test_certificates_and_their_ca_are_renewed_under_load_without_a_rejected_request(
    api: Apiserver, plane: ControlPlane, webhook: Running, tmp_path: Path
) -> None:
    webhook.stop()
    short = Running(webhook.kubeconfig, webhook.port, days=15 / 86_400)
    seen: set[str] = set()
    bundles: set[str] = set()
    failures: list[Answer] = []
    ended = threading.Event()

    def load(number: int) -> None:
        mine = Apiserver(plane.hub.kubeconfig)
        while not ended.wait(0.05):
            answer = mine.create(role(f"w-load-{number}", PODS), user=AUTHOR, dry_run=True)
            if not answer.ok:
                failures.append(answer)

    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "drover-webhook", "namespace": "drover-system"},
    }
    configuration = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/drover"
    assert api.merge(secret, {"data": None}, dry_run=False).ok  # certificates of the short life from the beginning
    short.start()
    until(partial(api.create, role("w-x", SECRETS), user=AUTHOR, dry_run=True), "get secrets")
    threads = [threading.Thread(target=load, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and (len(seen) < 2 or len(bundles) < 3):
        seen.add(api.get(secret).body["data"]["ca.crt"])
        bundles.add(api.request("GET", configuration).body["webhooks"][0]["clientConfig"]["caBundle"])
        time.sleep(0.3)
    ended.set()
    for thread in threads:
        thread.join()
    short.stop()
    assert api.merge(secret, {"data": None}, dry_run=False).ok
    webhook.start()
    assert len(seen) == 2, "the CA was not renewed"
    assert len(bundles) >= 3, "not the old CA, both, and the new one"
    assert failures == []
