"""The RBAC objects of a cluster: made, kept exactly, taken away; nothing else is touched."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from drover.api.keys import AGGREGATED, OWNER_UID, UNIT
from drover.kube import metrics
from drover.kube.errors import Forbidden, Invalid, ServerError
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, GVR, RBAC, ROLE_BINDINGS, ROLES, Key, Object
from drover.members.audit import Audit
from drover.members.desired import Part
from drover.rules.ownership import Owner
from tests.unit.members.cluster import Gate
from tests.unit.members.rbac_cluster import RbacCluster, Ruled, cluster_role

PROJECT = "edge:shop"
READ = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
AGGREGATES = "management.cattle.io/aggregates"


def user(name: str) -> Object:
    return {"kind": "User", "name": name, "apiGroup": RBAC}


def binding(kind: str, name: str, role: str, *users: str) -> Object:
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}
    return {"kind": kind, "metadata": {"name": name}, "roleRef": reference, "subjects": [user(each) for each in users]}


def role_part(*users: str, rules: tuple[Object, ...] = (READ,), uid: str = "uid-view", role: str = "view-pods") -> Part:
    """A RoleTemplate with its roles and who has it everywhere in the cluster."""
    selector = {"clusterRoleSelectors": [{"matchLabels": {AGGREGATES: role}}]}
    labels = {AGGREGATES: role}
    rights: list[Object] = [
        {"kind": "ClusterRole", "metadata": {"name": role, "labels": labels}, "rules": list(rules)},
        {"kind": "ClusterRole", "metadata": {"name": f"{role}-aggregator"}, "aggregationRule": selector},
    ]
    if users:
        rights.append(binding("ClusterRoleBinding", f"rt-{role}", f"{role}-aggregator", *users))
    return Part(
        Owner("RoleTemplate.management.cattle.io", "", role, uid), "", unit=f"role/{role}", rights=tuple(rights)
    )


def project_part(*users: str, role: str = "view-pods-aggregator", project: str = PROJECT) -> Part:
    owner = Owner("Project.management.cattle.io", "edge", project.split(":")[1], f"uid-{project}")
    grants = (binding("RoleBinding", "rt-view-pods", role, *users),) if users else ()
    return Part(owner, "", unit=f"project/{owner.name}", granted_in=project, grants=grants)


async def test_they_are_made_once_with_the_labels_of_their_owner_and_unit() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    assert sorted(ruled.written()) == [
        "create ClusterRole view-pods",
        "create ClusterRole view-pods-aggregator",
        "create ClusterRoleBinding rt-view-pods",
    ]
    made = ruled.cluster.objects[CLUSTER_ROLES.plural][Key("", "view-pods")]["metadata"]
    assert made["labels"][OWNER_UID] == "uid-view"
    assert len(made["labels"][UNIT]) == 16
    assert made["annotations"]["drover.dev/owner"] == "RoleTemplate.management.cattle.io/view-pods"
    await ruled.want(role_part("ann"))
    assert ruled.written() == []


async def test_after_a_restart_a_settled_cluster_gets_no_write() -> None:
    before = Ruled()
    before.namespace("web", PROJECT)
    await before.want(role_part("ann"), project_part("ann"))
    aggregated = before.cluster.objects[CLUSTER_ROLES.plural][Key("", "view-pods-aggregator")]
    aggregated["rules"] = [READ]  # by kube-controller-manager
    before.written()
    after = Ruled(before.cluster, known=True)
    after.namespace("web", PROJECT)
    await after.want(role_part("ann"), project_part("ann"))
    assert after.written() == []


async def test_a_change_of_one_object_is_one_write() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    ruled.written()
    await ruled.want(role_part("ann", "bob"))
    assert ruled.written() == ["replace ClusterRoleBinding rt-view-pods"]
    await ruled.want(role_part("ann", "bob", rules=()))
    assert ruled.written() == ["replace ClusterRole view-pods"]


async def test_what_is_no_longer_wanted_goes_before_anything_comes() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    ruled.written()
    part = role_part(rules=())
    await ruled.want(Part(part.owner, "", unit=part.unit, rights=(*part.rights, cluster_role("more"))))
    assert ruled.written() == [
        "delete ClusterRoleBinding rt-view-pods",
        "replace ClusterRole view-pods",
        "create ClusterRole more",
    ]


def in_another_form(part: Part, *rights: Object) -> Part:
    """The same with other bindings."""
    return Part(part.owner, "", unit=part.unit, rights=(*part.rights[:2], *rights))


async def test_who_is_in_another_binding_of_the_same_role_now_has_it_all_the_time() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann", "bob"))
    ruled.written()
    apart = [binding("ClusterRoleBinding", f"crb-{name}", "view-pods-aggregator", name) for name in ("ann", "bob")]
    await ruled.want(in_another_form(role_part(), *apart))
    *created, last = ruled.written()
    assert sorted(created) == ["create ClusterRoleBinding crb-ann", "create ClusterRoleBinding crb-bob"]
    assert last == "delete ClusterRoleBinding rt-view-pods"
    await ruled.want(role_part("ann", "bob"))
    first, *others = ruled.written()
    assert first == "create ClusterRoleBinding rt-view-pods"
    assert sorted(others) == ["delete ClusterRoleBinding crb-ann", "delete ClusterRoleBinding crb-bob"]


async def test_a_binding_that_is_split_shrinks_after_the_others_are_there() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann", "bob"))
    ruled.written()
    parts = [binding("ClusterRoleBinding", "rt-view-pods", "view-pods-aggregator", "ann")]
    parts.append(binding("ClusterRoleBinding", "rt-view-pods:2", "view-pods-aggregator", "bob"))
    await ruled.want(in_another_form(role_part(), *parts))
    assert ruled.written() == [
        "create ClusterRoleBinding rt-view-pods:2",
        "replace ClusterRoleBinding rt-view-pods",
    ]


async def test_a_binding_of_another_role_or_in_another_place_waits_for_no_new_one() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    ruled.written()
    await ruled.want(in_another_form(role_part(), binding("ClusterRoleBinding", "rt-other", "other", "ann")))
    assert ruled.written() == ["delete ClusterRoleBinding rt-view-pods", "create ClusterRoleBinding rt-other"]


async def test_a_new_binding_that_fails_keeps_nothing_from_being_taken_away() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    ruled.written()
    ruled.cluster.fails["create"].append(ServerError(500, "InternalError", "again"))
    with pytest.raises(ServerError):
        await ruled.want(
            in_another_form(role_part(), binding("ClusterRoleBinding", "crb-bob", "view-pods-aggregator", "bob"))
        )
    assert ruled.cluster.of(CLUSTER_ROLE_BINDINGS) == []


async def test_another_role_for_a_binding_is_another_binding() -> None:
    ruled = Ruled()
    ruled.namespace("web", PROJECT)
    await ruled.want(project_part("ann"))
    ruled.written()
    await ruled.want(project_part("ann", role="view-pods-project"))
    assert ruled.written() == ["delete RoleBinding web/rt-view-pods", "create RoleBinding web/rt-view-pods"]


async def test_a_part_that_is_dropped_takes_its_objects_with_it() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"), role_part("bob", uid="uid-edit", role="edit-pods"))
    await ruled.drop(role_part("ann"))
    assert ruled.cluster.of(CLUSTER_ROLES) == ["edit-pods", "edit-pods-aggregator"]
    assert ruled.cluster.of(CLUSTER_ROLE_BINDINGS) == ["rt-edit-pods"]


async def test_a_role_that_was_deleted_and_made_again_keeps_its_objects() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    ruled.written()
    ruled.rights.index(ruled.parts.pop(role_part().key), None)
    await ruled.want(role_part("ann", uid="uid-again"))
    assert {write.split()[0] for write in ruled.written()} == {"replace"}


# --- Namespaces of a project ------------------------------------------------------------------------------------------
async def test_a_namespace_that_joins_a_project_gets_its_grants_and_one_that_leaves_loses_them() -> None:
    ruled = Ruled()
    ruled.namespace("web", PROJECT)
    ruled.namespace("other", "edge:other")
    await ruled.want(project_part("ann"))
    assert ruled.cluster.of(ROLE_BINDINGS) == ["web/rt-view-pods"]
    ruled.namespace("api", PROJECT)
    await ruled.settle()
    assert ruled.cluster.of(ROLE_BINDINGS) == ["api/rt-view-pods", "web/rt-view-pods"]
    ruled.namespace("web")
    await ruled.settle()
    assert ruled.cluster.of(ROLE_BINDINGS) == ["api/rt-view-pods"]


async def test_a_namespace_that_moves_has_the_grants_of_its_new_project_only() -> None:
    ruled = Ruled()
    ruled.namespace("web", PROJECT)
    await ruled.want(project_part("ann"), project_part("bob", project="edge:back"))
    ruled.namespace("web", "edge:back")
    await ruled.settle()
    found = ruled.cluster.objects[ROLE_BINDINGS.plural][Key("web", "rt-view-pods")]
    assert [subject["name"] for subject in found["subjects"]] == ["bob"]
    assert not any(ruled.problems.values())


async def test_a_namespace_that_is_being_deleted_gets_nothing() -> None:
    ruled = Ruled()
    ruled.namespace("web", PROJECT, deletionTimestamp="2026-01-01T00:00:00Z")
    await ruled.want(project_part("ann"))
    assert ruled.written() == []


async def test_a_change_of_a_namespace_that_is_about_something_else_asks_for_nothing() -> None:
    ruled = Ruled()
    ruled.namespace("web", PROJECT)
    await ruled.want(project_part("ann"))
    ruled.namespace("web", PROJECT, labels={"team": "shop"})
    assert ruled.looks == []


# --- By hand --------------------------------------------------------------------------------------------------------
def _subject(obj: Object) -> None:
    obj["subjects"].append(user("eve"))


def _label(obj: Object) -> None:
    obj["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-admin"] = "true"


def _finalizer(obj: Object) -> None:
    obj["metadata"]["finalizers"] = ["example.com/hold"]


def _owner(obj: Object) -> None:
    obj["metadata"]["ownerReferences"] = [{"kind": "Pod", "name": "x", "uid": "x", "apiVersion": "v1"}]


def _unlabelled(obj: Object) -> None:
    del obj["metadata"]["labels"]


def _another_unit(obj: Object) -> None:
    obj["metadata"]["labels"][UNIT] = "0" * 16


def _rule(obj: Object) -> None:
    obj["rules"] = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]


def _aggregation(obj: Object) -> None:
    obj["aggregationRule"] = {
        "clusterRoleSelectors": [{"matchLabels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}]
    }


@pytest.mark.parametrize("change", [_subject, _label, _finalizer, _owner, _unlabelled, _another_unit])
@pytest.mark.parametrize("known", [False, True])
async def test_a_binding_that_somebody_changes_is_put_back(change: Any, known: bool) -> None:
    await _put_back(change, CLUSTER_ROLE_BINDINGS, "rt-view-pods", known=known)


@pytest.mark.parametrize("change", [_rule, _label, _finalizer, _unlabelled, _aggregation])
async def test_a_role_that_somebody_changes_is_put_back(change: Any) -> None:
    await _put_back(change, CLUSTER_ROLES, "view-pods", known=True)


async def _put_back(change: Any, gvr: GVR, name: str, *, known: bool) -> None:
    ruled = Ruled(known=known)
    await ruled.want(role_part("ann"))
    as_made = deepcopy(ruled.cluster.objects[gvr.plural][Key("", name)])
    changed = deepcopy(as_made)
    change(changed)
    ruled.written()
    await ruled.by_hand(gvr, changed)
    found = ruled.cluster.objects[gvr.plural][Key("", name)]
    for obj in (as_made, found):
        del obj["metadata"]["resourceVersion"]
    assert found == as_made
    assert len([write for write in ruled.written() if not write.startswith("create")]) == 1


async def test_an_aggregated_role_keeps_the_rules_it_has_when_it_is_put_back() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    changed = deepcopy(ruled.cluster.objects[CLUSTER_ROLES.plural][Key("", "view-pods-aggregator")])
    changed["rules"] = [READ]
    await ruled.by_hand(CLUSTER_ROLES, deepcopy(changed))
    ruled.written()
    _label(changed)
    await ruled.by_hand(CLUSTER_ROLES, changed)
    assert ruled.written() == ["replace ClusterRole view-pods-aggregator"]
    found = ruled.cluster.objects[CLUSTER_ROLES.plural][Key("", "view-pods-aggregator")]
    assert found["rules"] == [READ]
    assert "rbac.authorization.k8s.io/aggregate-to-admin" not in found["metadata"]["labels"]


async def test_a_binding_that_somebody_deletes_comes_again() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    await ruled.removed_by_hand(CLUSTER_ROLE_BINDINGS, Key("", "rt-view-pods"))
    assert ruled.cluster.of(CLUSTER_ROLE_BINDINGS) == ["rt-view-pods"]


async def test_a_copy_under_our_labels_is_deleted_once_all_parts_are_known() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    copy = deepcopy(ruled.cluster.objects[CLUSTER_ROLE_BINDINGS.plural][Key("", "rt-view-pods")])
    copy["metadata"] = {"name": "mine", "labels": copy["metadata"]["labels"] | {UNIT: "f" * 16}}
    await ruled.by_hand(CLUSTER_ROLE_BINDINGS, copy)
    assert ruled.cluster.of(CLUSTER_ROLE_BINDINGS) == ["mine", "rt-view-pods"]
    ruled.rights.know_all()
    await ruled.settle()
    assert ruled.cluster.of(CLUSTER_ROLE_BINDINGS) == ["rt-view-pods"]
    await ruled.by_hand(CLUSTER_ROLE_BINDINGS, copy)
    assert ruled.cluster.of(CLUSTER_ROLE_BINDINGS) == ["rt-view-pods"]


async def test_a_finalizer_does_not_keep_a_grant_in_force() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    held = deepcopy(ruled.cluster.objects[CLUSTER_ROLE_BINDINGS.plural][Key("", "rt-view-pods")])
    _finalizer(held)
    ruled.caches.rights["ClusterRoleBinding"].observe(ruled.cluster.put(CLUSTER_ROLE_BINDINGS, held))
    await ruled.want(role_part())
    assert ruled.cluster.of(CLUSTER_ROLE_BINDINGS) == []


# --- What is not ours -----------------------------------------------------------------------------------------------
async def test_an_object_of_somebody_else_is_never_taken_over() -> None:
    cluster = RbacCluster()
    cluster.put(CLUSTER_ROLES, cluster_role("view-pods", rules=[{"verbs": ["*"]}]))
    ruled = Ruled(cluster, known=True)
    part = role_part("ann")
    await ruled.want(part)
    problem = ruled.problems[part.key]
    assert problem is not None
    assert problem.reason == "Conflict"
    assert "ClusterRole view-pods exists" in problem.message
    assert cluster.objects[CLUSTER_ROLES.plural][Key("", "view-pods")]["rules"] == [{"verbs": ["*"]}]
    assert cluster.of(CLUSTER_ROLE_BINDINGS) == ["rt-view-pods"]
    await ruled.removed_by_hand(CLUSTER_ROLES, Key("", "view-pods"))
    assert ruled.problems[part.key] is None


async def test_two_units_that_want_the_same_object_do_not_fight() -> None:
    ruled = Ruled()
    await ruled.want(role_part("ann"))
    other = Part(Owner("GlobalRole", "", "g", "uid-g"), "", unit="global/g", rights=(cluster_role("view-pods"),))
    await ruled.want(other)
    problem = ruled.problems[other.key]
    assert problem is not None
    assert "made for RoleTemplate.management.cattle.io/view-pods already" in problem.message
    ruled.written()
    await ruled.drop(role_part("ann"))
    ruled.looks.append(("part", other.key))
    await ruled.settle()
    assert ruled.problems[other.key] is None
    assert ruled.cluster.of(CLUSTER_ROLES) == ["view-pods"]


async def test_a_cluster_role_of_somebody_else_gets_labels_while_a_role_needs_it_and_nothing_else() -> None:
    cluster = RbacCluster()
    cluster.put(CLUSTER_ROLES, cluster_role("view", metadata={"name": "view", "labels": {"theirs": "1"}}, rules=[READ]))
    ruled = Ruled(cluster, known=True)
    part = role_part("ann")
    with_view = Part(part.owner, "", unit=part.unit, rights=part.rights, aggregated={"view": {AGGREGATES: "view"}})
    await ruled.want(with_view)
    found = cluster.objects[CLUSTER_ROLES.plural][Key("", "view")]
    assert found["metadata"]["labels"] == {"theirs": "1", AGGREGATES: "view", AGGREGATED: "true"}
    assert found["rules"] == [READ]
    ruled.written()
    await ruled.want(with_view)
    assert ruled.written() == []
    await ruled.want(part)
    assert ruled.written() == ["apply ClusterRole view"]
    assert cluster.objects[CLUSTER_ROLES.plural][Key("", "view")]["metadata"]["labels"] == {"theirs": "1"}


async def test_a_cluster_role_has_the_labels_of_a_part_that_came_while_those_of_another_were_written() -> None:
    cluster = RbacCluster()
    cluster.put(CLUSTER_ROLES, cluster_role("view"))
    ruled = Ruled(cluster, known=True)
    one, two = (
        Part(
            Owner("RoleTemplate.management.cattle.io", "", name, f"uid-{name}"),
            "",
            unit=f"role/{name}",
            aggregated={"view": {f"{AGGREGATES}-{name}": "view"}},
        )
        for name in ("one", "two")
    )
    gate = Gate(cluster, "apply")
    first = asyncio.create_task(ruled.want(one))
    await gate.reached()
    await ruled.want(two)
    await gate.open()
    await first
    await ruled.settle()
    labels = cluster.objects[CLUSTER_ROLES.plural][Key("", "view")]["metadata"]["labels"]
    assert labels == {f"{AGGREGATES}-one": "view", f"{AGGREGATES}-two": "view", AGGREGATED: "true"}


async def test_a_role_that_adds_up_one_of_somebody_else_has_its_rules_from_the_start() -> None:
    cluster = RbacCluster()
    writes = {"apiGroups": [""], "resources": ["pods"], "verbs": ["update"]}
    cluster.put(CLUSTER_ROLES, cluster_role("edit", rules=[writes]))
    cluster.put(CLUSTER_ROLES, cluster_role("view", rules=[READ]))
    ruled = Ruled(cluster, known=True)
    part = role_part("ann")
    labels = {"edit": {AGGREGATES: "edit"}, "view": {AGGREGATES: "view"}}
    adds_up = {"clusterRoleSelectors": [{"matchLabels": {AGGREGATES: "edit"}}, {"matchLabels": {AGGREGATES: "own"}}]}
    sums = [cluster_role("sum", rules=[READ]) | {"aggregationRule": adds_up}, cluster_role("other", rules=[READ])]
    await ruled.want(Part(part.owner, "", unit=part.unit, rights=(*part.rights, *sums), aggregated=labels))
    made = cluster.objects[CLUSTER_ROLES.plural]
    assert made[Key("", "sum")]["rules"] == [READ, writes]
    assert made[Key("", "other")]["rules"] == [READ]
    written = ruled.written()
    assert written.index("apply ClusterRole edit") < written.index("create ClusterRole sum")


async def test_a_cluster_role_that_a_role_needs_may_come_later() -> None:
    ruled = Ruled(known=True)
    part = role_part("ann")
    part = Part(part.owner, "", unit=part.unit, rights=part.rights, aggregated={"view": {AGGREGATES: "view"}})
    await ruled.want(part)
    problem = ruled.problems[part.key]
    assert problem is not None
    assert problem.message == "ClusterRole view does not exist"
    await ruled.by_hand(CLUSTER_ROLES, cluster_role("view"))
    assert ruled.problems[part.key] is None
    assert ruled.cluster.objects[CLUSTER_ROLES.plural][Key("", "view")]["metadata"]["labels"][AGGREGATES] == "view"


async def test_labels_that_nothing_wants_after_a_restart_are_taken_off() -> None:
    before = Ruled(known=True)
    before.cluster.put(CLUSTER_ROLES, cluster_role("view"))
    part = role_part()
    before = Ruled(before.cluster, known=True)
    await before.want(Part(part.owner, "", unit=part.unit, aggregated={"view": {AGGREGATES: "view"}}))
    after = Ruled(before.cluster)
    await after.want(role_part())
    after.written()
    after.rights.know_all()
    await after.settle()
    assert after.written() == ["apply ClusterRole view"]


# --- Trouble --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "reason"),
    [(Forbidden(403, "Forbidden", "no"), "Forbidden"), (Invalid(422, "Invalid", "bad name"), "Rejected")],
)
async def test_what_one_object_is_refused_does_not_keep_others_away(error: Exception, reason: str) -> None:
    ruled = Ruled()
    ruled.cluster.fails["create"].append(error)
    part = role_part("ann")
    await ruled.want(part)
    problem = ruled.problems[part.key]
    assert problem is not None
    assert problem.reason == reason
    assert sum(len(ruled.cluster.of(gvr)) for gvr in (CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS)) == 2


async def test_what_may_pass_by_itself_is_raised_after_everything_was_tried() -> None:
    ruled = Ruled()
    ruled.cluster.fails["create"].append(ServerError(500, "InternalError", "again"))
    with pytest.raises(ServerError):
        await ruled.want(role_part("ann"))
    assert len(ruled.written()) == 3


# --- Sweep ----------------------------------------------------------------------------------------------------------
async def test_what_was_made_for_parts_that_are_gone_after_a_restart_is_swept() -> None:
    before = Ruled()
    before.namespace("web", PROJECT)
    await before.want(role_part("ann"), project_part("ann"))
    after = Ruled(before.cluster)
    after.namespace("web", PROJECT)
    await after.want(role_part())
    assert after.cluster.of(ROLE_BINDINGS) == ["web/rt-view-pods"]
    after.rights.know_all()
    await after.settle()
    assert after.cluster.of(ROLE_BINDINGS) == []
    assert after.cluster.of(CLUSTER_ROLES) == ["view-pods", "view-pods-aggregator"]


async def test_an_audit_counts_and_removes_what_no_watch_has_told_of() -> None:
    ruled = Ruled(known=True)
    ruled.namespace("web", PROJECT)
    await ruled.want(role_part("ann"), project_part("ann"))
    audit = Audit("edge", ruled.cluster.client, ruled.rights, grace=0.0)
    assert await audit.once() == 0
    assert metrics.STALE.labels("edge")._value.get() == 0
    role = {"metadata": {"name": "left", "namespace": "web", "labels": {UNIT: "0" * 16}}, "rules": []}
    ruled.cluster.put(ROLES, role)
    assert await audit.once() == 1
    assert metrics.STALE.labels("edge")._value.get() == 1
    assert await audit.once() == 0
    assert metrics.STALE.labels("edge")._value.get() == 0
    assert ruled.cluster.of(ROLES) == []
