"""Who may move a namespace between projects, change its pod security, and what its quota may say. Nothing reconciles
here, as while Drover is down."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import pytest

from tests.cluster.admission.apiserver import Answer, Apiserver
from tests.cluster.admission.users import DROVER, NAMESPACE_CONTROLLER, grant, refused, until

_KEY = "field.cattle.io/projectId"
_SECURITY = [
    f"pod-security.kubernetes.io/{mode}{end}" for mode in ("enforce", "audit", "warn") for end in ("", "-version")
]
_PLACES = {"none": None, "shop": "c-table:shop", "bank": "c-table:bank"}
_USERS = {"plain": set(), "seller": {"shop"}, "banker": {"bank"}, "both": {"shop", "bank"}}
"""Users who may write every namespace, each with the projects that they may manage-namespaces on."""


def _namespace(name: str, place: str | None = None, **labels: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "labels": labels}
    if place is not None:
        metadata["annotations"] = {_KEY: place}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _notes(**notes: str | None) -> dict[str, Any]:
    return {"metadata": {"annotations": {f"field.cattle.io/{key}": value for key, value in notes.items()}}}


@pytest.fixture(scope="module")
def world(api: Apiserver) -> Apiserver:
    """Users with their rights, and a namespace in each project and in none."""
    write = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["create", "update", "patch", "delete"]}
    group = {"apiGroups": ["management.cattle.io"], "resources": ["projects"]}
    for user, projects in _USERS.items():
        rules = [write]
        if projects:
            rules.append({**group, "resourceNames": sorted(projects), "verbs": ["manage-namespaces"]})
        grant(api, f"n-{user}", rules, user)
    grant(api, "n-guard", [write], "guard")
    grant(api, "n-guard", [{**group, "resourceNames": ["shop"], "verbs": ["updatepsa"]}], "guard", namespace="c-table")
    grant(api, "n-chief", [write, {**group, "verbs": ["updatepsa"]}], "chief")
    for name, place in _PLACES.items():
        assert api.create(_namespace(f"in-{name}", place)).ok
    until(lambda: api.merge(_namespace("in-shop"), _notes(projectId=None), user="plain"), "manage-namespaces")
    until(lambda: _asked(api.merge(_namespace("in-none"), _notes(projectId="c-table:bank"), user="both")), "200")
    until(lambda: _asked(api.create(_namespace("x", **{_SECURITY[0]: "baseline"}), user="chief", dry_run=True)), "201")
    shop = _namespace("x", "c-table:shop", **{_SECURITY[0]: "baseline"})
    until(lambda: api.create(shop, user="guard", dry_run=True), "manage-namespaces")
    return api


def _asked(answer: Answer) -> Answer:
    return Answer(answer.status, answer.body, (str(answer.status),))


# --- Membership -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("user", _USERS)
@pytest.mark.parametrize(("start", "end"), list(product(_PLACES, _PLACES)))
def test_a_namespace_moves_by_who_may_manage_both_projects(world: Apiserver, user: str, start: str, end: str) -> None:
    answer = world.merge(_namespace(f"in-{start}"), _notes(projectId=_PLACES[end]), user=user)
    lacking = ({start, end} if start != end else set()) - {"none"} - _USERS[user]
    if not lacking:
        assert answer.ok, answer.message
        return
    refused(answer, f"user {user} may not manage-namespaces on projects.management.cattle.io ")
    assert any(f" {project}, which namespace in-{start} would " in answer.message for project in lacking)
    assert "ask who administers the project or the cluster for that right" in answer.message


@pytest.mark.parametrize("user", _USERS)
@pytest.mark.parametrize("place", _PLACES)
def test_a_namespace_is_made_in_a_project_by_who_may_manage_it(world: Apiserver, user: str, place: str) -> None:
    answer = world.create(_namespace("new", _PLACES[place]), user=user, dry_run=True)
    if place == "none" or place in _USERS[user]:
        assert answer.ok, answer.message
    else:
        refused(
            answer,
            f"may not manage-namespaces on projects.management.cattle.io {place}, which namespace new would join",
        )


@pytest.mark.parametrize("user", ["", DROVER, NAMESPACE_CONTROLLER, "system:serviceaccount:kube-system:addon-manager"])
def test_drover_administrators_and_the_cluster_itself_move_namespaces(world: Apiserver, user: str) -> None:
    if user.endswith("addon-manager"):
        grant(world, "addons", [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["patch"]}], user)
        until(
            lambda: _asked(world.merge(_namespace("in-none"), {"metadata": {"labels": {"x": "y"}}}, user=user)), "200"
        )
    assert world.merge(_namespace("in-shop"), _notes(projectId="c-table:bank"), user=user).ok


@pytest.mark.parametrize(
    "value", ["shop", "c-table:", ":shop", "a:b:c", "c-table:Shop", "c-table:sh op", "c-table: shop"]
)
def test_a_malformed_project_is_refused_for_everybody_but_drover(world: Apiserver, value: str) -> None:
    told = "is not like edge:shop; write <cluster>:<project>, or remove it"
    for user in ("", "both"):
        refused(world.merge(_namespace("in-none"), _notes(projectId=value), user=user), told, 422)
    refused(world.create(_namespace("new", value), dry_run=True), told, 422)


def test_what_was_malformed_before_may_stay_and_go(world: Apiserver) -> None:
    old = _namespace("in-old", "nonsense")
    assert world.create(old, user=DROVER).ok
    assert world.merge(old, {"metadata": {"labels": {"team": "a"}}}, user="plain").ok
    assert world.merge(old, _notes(projectId=None), user="plain").ok


def test_an_empty_annotation_is_no_project(world: Apiserver) -> None:
    assert world.create(_namespace("new", ""), user="plain", dry_run=True).ok
    refused(world.merge(_namespace("in-shop"), _notes(projectId=""), user="plain"), "would leave")
    assert world.merge(_namespace("in-shop"), _notes(projectId=""), user="seller").ok


def test_the_label_says_what_the_annotation_says_or_needs_the_same_rights(world: Apiserver) -> None:
    def label(value: str | None) -> dict[str, Any]:
        return {"metadata": {"labels": {_KEY: value}}}

    assert world.merge(_namespace("in-shop"), label("shop"), user="plain").ok, "as a manifest of upstream has it"
    refused(
        world.merge(_namespace("in-shop"), label("bank"), user="seller"), " bank, which namespace in-shop would join"
    )
    refused(
        world.merge(_namespace("in-none"), label("shop"), user="plain"), " shop, which namespace in-none would join"
    )
    refused(world.create(_namespace("new", **{_KEY: "shop"}), user="plain", dry_run=True), "would join")
    marked = _namespace("in-both", "c-table:shop", **{_KEY: "shop"})
    assert world.create(marked).ok
    refused(world.merge(marked, label(None), user="plain"), " shop, which namespace in-both would leave")
    assert world.merge(marked, label(None), user="seller").ok
    gone = {"metadata": {"labels": {_KEY: None}, "annotations": {_KEY: None}}}
    refused(world.merge(marked, gone, user="plain"), " shop, which namespace in-both would leave")
    assert world.merge(marked, gone, user="seller").ok


def test_every_way_to_write_is_checked(world: Apiserver) -> None:
    moved = _namespace("in-shop", "c-table:bank")
    refused(world.apply(moved, user="plain", dry_run=True), "manage-namespaces")
    refused(world.replace(moved, user="plain"), "manage-namespaces")
    refused(world.replace(_namespace("in-shop"), user="plain"), "would leave")
    grant(
        world,
        "n-status",
        [{"apiGroups": [""], "resources": ["namespaces/status", "namespaces/finalize"], "verbs": ["*"]}],
        "plain-2",
    )
    live = world.get(moved).body | {"kind": "Namespace", "apiVersion": "v1"}
    live["metadata"]["annotations"][_KEY] = "c-table:bank"
    for part in ("status", "finalize"):
        ask = partial(world.request, "PUT", f"/api/v1/namespaces/in-shop/{part}", live, user="plain-2", dry_run=True)
        until(ask, "manage-namespaces")
    generated = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"generateName": "g-", "annotations": {_KEY: "a:shop"}},
    }
    refused(world.request("POST", "/api/v1/namespaces", generated, user="plain", dry_run=True), "manage-namespaces")


def test_where_leaving_is_not_checked_rights_on_the_project_that_it_joins_are_enough(world: Apiserver) -> None:
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "drover-namespaces"},
    }
    before = world.get(policy).body["spec"]["variables"]
    free = [{**each, "expression": "false"} if each["name"] == "checksLeaving" else each for each in before]
    try:
        assert world.merge(policy, {"spec": {"variables": free}}, dry_run=False).ok
        until(lambda: _asked(world.merge(_namespace("in-shop"), _notes(projectId=None), user="plain")), "200")
        assert world.merge(_namespace("in-shop"), _notes(projectId="c-table:bank"), user="banker").ok
        refused(world.merge(_namespace("in-shop"), _notes(projectId="c-table:bank"), user="plain"), "would join")
    finally:
        assert world.merge(policy, {"spec": {"variables": before}}, dry_run=False).ok
        until(lambda: world.merge(_namespace("in-shop"), _notes(projectId=None), user="plain"), "would leave")


# --- Pod security -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("label", _SECURITY)
def test_pod_security_labels_need_updatepsa_on_the_project(world: Apiserver, label: str) -> None:
    value, other = ("v1.30", "v1.31") if label.endswith("version") else ("baseline", "restricted")
    for place, asks in (
        ("none", "projects.management.cattle.io, which"),
        ("shop", " shop in namespace c-table, which"),
    ):
        bare = _namespace(f"in-{place}")
        kept = _namespace(f"kept-{place}-{label.rsplit('/', 1)[-1]}", _PLACES[place], **{label: value})
        assert world.create(kept).ok
        allowed = {"chief"} | ({"guard"} if place == "shop" else set())
        for user in ("plain", "seller", "guard", "chief"):
            answers = [
                world.merge(bare, {"metadata": {"labels": {label: value}}}, user=user),
                world.merge(kept, {"metadata": {"labels": {label: other}}}, user=user),
                world.merge(kept, {"metadata": {"labels": {label: None}}}, user=user),
            ]
            for answer in answers:
                if user in allowed:
                    assert answer.ok, answer.message
                else:
                    refused(answer, f"user {user} may not updatepsa on projects.management.cattle.io")
                    assert asks in answer.message
            assert world.merge(kept, {"metadata": {"labels": {"team": "a"}}}, user=user).ok


def test_a_namespace_is_not_moved_to_where_its_author_may_change_its_security(world: Apiserver) -> None:
    both = {"metadata": {"labels": {_SECURITY[0]: "privileged"}, "annotations": {_KEY: "c-table:shop"}}}
    refused(world.merge(_namespace("in-bank"), both, user="guard"), "manage-namespaces")


# --- Quotas -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "value",
    [
        '{"limit": {"limitsCpu": "500m", "pods": "10"}}',
        '{"limit":{}}',
        ' { "limit" : { "pods" : 10, "limitsMemory" : "1Gi" } } ',
        '{"limit": {"pods": "1", "extended": {"requests.nvidia.com/gpu": "2"}}}',
        '{"limit": {"pods": "-1"}}',
    ],
)
def test_a_quota_that_can_be_read_is_let_through(world: Apiserver, value: str) -> None:
    answer = world.merge(_namespace("in-shop"), _notes(resourceQuota=value), user="plain")
    assert answer.ok, answer.message


@pytest.mark.parametrize(
    "value",
    ["10", "{", '{"limit"}', '{"limit": {"pods": "1"}', '{"limits": {}}', '{"limit": {"pods": "ten"}}', "limit: {}",
     '{"limit": {"pods": "1",}}', '{"limit": {"extended": {"a": "x"}}}', '{"limit": {"pods": true}}'],
)  # fmt: skip
def test_a_quota_that_cannot_be_read_is_refused(world: Apiserver, value: str) -> None:
    answer = world.merge(_namespace("in-shop"), _notes(resourceQuota=value), user="plain")
    refused(answer, 'field.cattle.io/resourceQuota is not like {"limit": {"limitsCpu": "500m"}}', 422)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('{"limitsCpu": "500m", "requestsCpu": "100m"}', ""),
        ("{}", ""),
        ('{"requestsMemory": "1Gi", "limitsMemory": "1024Mi"}', ""),
        ('{"limitsCpu": "x"}', "is not like"),
        ('["limitsCpu"]', "is not like"),
        ('{"limitsCpu": {"a": "1"}}', "is not like"),
        ('{"limitsCpu": "1", "requestsCpu": "1001m"}', "raise the limit or lower the request"),
        ('{"limitsMemory": "1Gi", "requestsMemory": "2Gi"}', "raise the limit or lower the request"),
    ],
)
def test_limits_of_containers_are_read(world: Apiserver, value: str, told: str) -> None:
    answer = world.merge(_namespace("in-shop"), _notes(containerDefaultResourceLimit=value), user="plain")
    if told:
        refused(answer, told, 422)
    else:
        assert answer.ok, answer.message


# --- Everything else --------------------------------------------------------------------------------------------------
def test_invariant_22_without_drover_other_namespaces_stay_writable(world: Apiserver) -> None:
    grant(world, "n-anybody", [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["*"]}], "anybody")
    change = {"metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}}}
    until(lambda: _asked(world.merge(_namespace("in-none"), change, user="anybody")), "200")
    for name in ("kube-system", "default", "in-none", "in-shop", "local", "c-table"):
        answer = world.merge(_namespace(name), change, user="anybody")
        assert answer.ok, answer.message
    made = _namespace("unrelated", team="a")
    assert world.create(made, user="anybody").ok
    assert world.merge(made, {"metadata": {"annotations": {"note": "b"}}}, user="anybody", dry_run=False).ok
    assert world.delete(made, user="anybody", dry_run=False).ok


def test_a_namespace_that_is_being_deleted_can_always_be_written(world: Apiserver) -> None:
    ending = _namespace("in-ending", "c-table:shop")
    ending["metadata"]["finalizers"] = ["test.example.com/wait"]
    assert world.create(ending).ok
    assert world.delete(ending, dry_run=False).ok
    assert world.merge(ending, _notes(projectId=None), user="plain", dry_run=False).ok
    assert world.merge(ending, {"metadata": {"finalizers": None}}, user="plain", dry_run=False).ok
