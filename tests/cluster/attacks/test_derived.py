"""Somebody who may edit RBAC objects in a cluster tries to use what Drover made there: by labels of aggregation, by
patches, and by taking its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from drover.api.keys import AGGREGATED, UNIT
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, Object
from tests.cluster.admission.apiserver import Answer, Apiserver
from tests.cluster.admission.users import grant, refused
from tests.cluster.attacks.ground import ALL, READ, WRITE, Ground, asks, becomes, may, never
from tests.cluster.rights.objects import in_cluster, in_project
from tests.cluster.scene import condition, eventually, namespace, project, unique

RBAC = "rbac.authorization.k8s.io"
WEAK, STRONG, EVE = "weak-editor", "strong-editor", "eve"
"""Both edit every RBAC object; the strong one also has what the role gives."""
_NOT_HELD = "is attempting to grant RBAC permissions not currently held"
_AGGREGATES = "management.cattle.io/aggregates"


@dataclass
class Target:
    """A role that `ann` has in a whole cluster and in a project of it."""

    api: Apiserver
    client: Client
    wide: str
    narrow: str
    place: str
    ann: str
    given: Object

    def rbac(self, kind: str, name: str, lies_in: str = "", **labels: str) -> Object:
        place = {"namespace": lies_in} if lies_in else {}
        metadata = {"name": name, **place, **({"labels": labels} if labels else {})}
        return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata}

    async def own(self) -> Object:
        """Drover's binding in the project, as soon as it is there for ann and not for eve."""

        async def look() -> Object | None:
            found = await self.client.find(ROLE_BINDINGS, f"rt-{self.narrow}", self.place)
            names = [each["name"] for each in (found or {}).get("subjects") or ()]
            return found if self.ann in names and EVE not in names else None

        return await eventually(look, f"RoleBinding rt-{self.narrow} is for {self.ann}")

    def bound(self, name: str, refers_to: str, lies_in: str = "", **labels: str) -> Object:
        """A binding of a ClusterRole for eve."""
        obj = self.rbac("RoleBinding" if lies_in else "ClusterRoleBinding", name, lies_in, **labels)
        obj["roleRef"] = {"apiGroup": RBAC, "kind": "ClusterRole", "name": refers_to}
        return obj | {"subjects": [{"apiGroup": RBAC, "kind": "User", "name": EVE}]}


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["edge", "local"])
async def target(ground: Ground, request: pytest.FixtureRequest) -> AsyncIterator[Target]:
    """In a member, and in the hub."""
    where = str(request.param)
    api, client = (ground.edge, ground.scene.member) if where == "edge" else (ground.hub, ground.scene.hub)
    edits = {
        "apiGroups": [RBAC],
        "resources": ["clusterroles", "clusterrolebindings", "roles", "rolebindings"],
        "verbs": ["get", "list", "create", "update", "patch", "delete"],
    }
    grant(api, WEAK, [edits], WEAK)
    grant(api, STRONG, [edits, READ, WRITE, {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}], STRONG)
    home = project(unique("p"), where)
    await ground.scene.apply(home)
    ready = await ground.scene.ready(home)
    place, ann = unique("n"), await ground.somebody()
    await ground.scene.apply(namespace(place, f"{where}:{home['metadata']['name']}"), client=client)
    wide, narrow = await ground.role("cluster", READ, WRITE), await ground.role("project", READ, WRITE)
    given = in_project(unique("b"), narrow, ready, userName=ann)
    for obj in (in_cluster(unique("b"), wide, where, userName=ann), given):
        await ground.scene.apply(obj)
        await ground.scene.ready(obj)
    found = Target(api, client, wide, narrow, place, ann, given)
    await becomes(client, True, STRONG, asks("update", "rolebindings", place, RBAC))
    await becomes(client, True, ann, asks("update", place=place))
    await found.own()
    yield found
    assert not await may(client, EVE, asks("get", place=place))
    for gvr in (CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS):
        left = [obj["metadata"]["name"] for obj in await client.list(gvr) if obj["metadata"]["name"].startswith("evil")]
        assert left == []


# --- Who has less -----------------------------------------------------------------------------------------------------
async def test_the_rules_of_what_drover_made_are_not_widened(target: Target) -> None:
    for name in (target.wide, f"{target.wide}-aggregator", target.narrow):
        role = target.rbac("ClusterRole", name)
        if target.api.get(role).status != 404:
            refused(target.api.merge(role, {"rules": [ALL]}, user=WEAK), _NOT_HELD)
    assert target.api.get(target.rbac("ClusterRole", target.wide)).ok
    adds: dict[str, Any] = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {}}]}}
    aggregator = target.rbac("ClusterRole", f"{target.wide}-aggregator")
    assert target.api.merge(aggregator, adds, user=WEAK).status == 403


async def test_nobody_is_added_to_what_drover_made(target: Target) -> None:
    eve = {"subjects": [{"apiGroup": RBAC, "kind": "User", "name": EVE}]}
    for obj in (
        target.rbac("ClusterRoleBinding", f"rt-{target.wide}"),
        target.rbac("RoleBinding", f"rt-{target.narrow}", target.place),
    ):
        refused(target.api.merge(obj, eve, user=WEAK), _NOT_HELD)


async def test_what_drover_made_is_not_bound_again(target: Target) -> None:
    again = target.bound("evil", f"{target.wide}-aggregator")
    refused(target.api.create(again, user=WEAK), _NOT_HELD)


# --- Aggregation ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("label", [_AGGREGATES, AGGREGATED, "rbac.authorization.k8s.io/aggregate-to-view"])
async def test_a_strong_role_is_not_labelled_into_one_that_somebody_has(target: Target, label: str) -> None:
    marked = {"metadata": {"labels": {label: target.wide if label == _AGGREGATES else "true"}}}
    refused(target.api.merge(target.rbac("ClusterRole", "cluster-admin"), marked, user=STRONG), _NOT_HELD)


@pytest.mark.parametrize("who", [WEAK, STRONG])
async def test_a_role_of_one_s_own_is_not_labelled_into_one_that_somebody_has(target: Target, who: str) -> None:
    mine = target.rbac("ClusterRole", "evil", **{_AGGREGATES: target.wide}) | {"rules": []}
    refused(target.api.create(mine, user=who), "may not escalate on clusterroles")
    refused(target.api.create(target.rbac("ClusterRole", "evil") | {"rules": [ALL]}, user=who), _NOT_HELD)


async def test_a_role_that_adds_up_all_others_is_not_made(target: Target) -> None:
    selects = {"clusterRoleSelectors": [{"matchExpressions": [{"key": "evil", "operator": "DoesNotExist"}]}]}
    answer = target.api.create(target.rbac("ClusterRole", "evil") | {"aggregationRule": selects}, user=STRONG)
    refused(answer, "must have cluster-admin privileges to use the aggregationRule")


# --- Who has as much: Kubernetes lets it through, and Drover takes it back --------------------------------------------
async def _undone(target: Target, obj: Object, answer: Answer) -> None:
    """What somebody wrote is written over, or deleted; from then on it gives nothing. The kube-apiserver's own RBAC may
    see what was written later than whoever asks at once."""
    assert answer.ok, (obj["kind"], answer.message)
    mine = answer.body["metadata"]["resourceVersion"]

    async def gone() -> bool:
        live = target.api.get(obj)
        return live.status == 404 or live.body["metadata"]["resourceVersion"] != mine

    await eventually(gone, f"{obj['kind']} {obj['metadata']['name']} is undone")
    await asyncio.sleep(0.5)
    await becomes(target.client, False, EVE, asks("update", place=target.place))
    await becomes(target.client, True, target.ann, asks("update", place=target.place))
    await never(target.client, EVE, asks("update", place=target.place), 0.5)


async def test_who_is_added_by_an_equal_is_taken_out(target: Target) -> None:
    eve = {"subjects": [{"apiGroup": RBAC, "kind": "User", "name": EVE}]}
    for obj in (
        target.rbac("ClusterRoleBinding", f"rt-{target.wide}"),
        target.rbac("RoleBinding", f"rt-{target.narrow}", target.place),
    ):
        await _undone(target, obj, target.api.merge(obj, eve, user=STRONG, dry_run=False))


async def test_a_binding_under_the_labels_of_drover_s_goes(target: Target) -> None:
    found = await target.own()
    unit = found["metadata"]["labels"][UNIT]
    for obj in (
        target.bound("evil", f"{target.wide}-aggregator", **{UNIT: unit}),
        target.bound("evil", f"{target.wide}-aggregator", target.place, **{UNIT: unit}),
    ):
        await _undone(target, obj, target.api.create(obj, user=STRONG))


async def replaced(ground: Ground, target: Target, **labels: str) -> Object:
    """Drover's RoleBinding is deleted and made again for eve, while Drover is held back."""
    name = f"rt-{target.narrow}"
    refers_to = (await target.own())["roleRef"]["name"]
    mine = target.bound(name, refers_to, target.place, **labels)
    process = ground.scene.drover.process
    process.suspend()
    try:
        assert target.api.delete(mine, user=STRONG, dry_run=False).ok
        assert target.api.create(mine, user=STRONG).ok
        await becomes(target.client, True, EVE, asks("update", place=target.place))
    finally:
        process.resume()
    return mine


async def test_a_binding_in_the_place_of_drover_s_with_its_label_gives_way(ground: Ground, target: Target) -> None:
    await replaced(ground, target, **{UNIT: "0" * 16})
    await target.own()
    await becomes(target.client, False, EVE, asks("update", place=target.place))
    await becomes(target.client, True, target.ann, asks("update", place=target.place))


async def test_a_binding_in_the_place_of_drover_s_without_its_label_is_told_and_left_to_who_made_it(
    ground: Ground, target: Target
) -> None:
    """It is plain RBAC of somebody who has these rights, under a name that Drover would use. When it is gone,
    Drover's is made at the next change, or with the next try, which may be minutes later."""
    mine = await replaced(ground, target)
    where = "LocalSynced" if target.given["projectName"].startswith("local:") else "RemoteSynced"
    found = await ground.scene.shows(target.given, where, "False")
    assert "was not made by Drover; delete it, or rename it" in condition(found, "Ready")["message"]
    assert target.api.delete(mine, user=STRONG, dry_run=False).ok
    await becomes(target.client, False, EVE, asks("update", place=target.place))
    more = {key: value for key, value in target.given.items() if key not in ("metadata", "userName")}
    more["metadata"] = {**target.given["metadata"], "name": unique("b")}
    await ground.scene.apply({**more, "userName": await ground.somebody()})
    await becomes(target.client, True, target.ann, asks("update", place=target.place))
    await ground.scene.ready(target.given)


async def test_a_role_of_drover_s_that_loses_a_rule_gets_it_back(target: Target) -> None:
    answer = target.api.merge(target.rbac("ClusterRole", target.wide), {"rules": []}, user=STRONG, dry_run=False)
    assert answer.ok

    async def back() -> bool:
        return bool((await target.client.get(CLUSTER_ROLES, target.wide))["rules"])

    await eventually(back, "its rules are back")
