"""Rights on a real kube-apiserver, end to end: a binding in the hub becomes rights in the cluster, and they go with
it."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from drover.api.keys import AGGREGATED, PROJECT_ID, UNIT
from drover.dev import audit, beside
from drover.dev.cluster import ControlPlane
from drover.dev.kwok import APISERVER
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES, ROLE_BINDINGS, Object
from tests.cluster.attacks import ground
from tests.cluster.rights.objects import access, in_cluster, in_project, user
from tests.cluster.scene import ARGUMENTS, Scene, eventually, namespace, nothing_written, unique

READ = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
WRITE = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["update"]}


async def may(client: Client, who: str, verb: str, resource: str = "configmaps", place: str = "") -> bool:
    """What the kube-apiserver of a cluster says about somebody."""
    return await ground.may(client, who, ground.asks(verb, resource, place))


async def becomes(client: Client, allowed: bool, who: str, verb: str, place: str = "") -> None:
    """Waits until somebody may do something, or may not any more."""

    async def look() -> bool:
        return await may(client, who, verb, place=place) is allowed

    await eventually(look, f"{who} may{'' if allowed else ' not'} {verb} in {place or 'the cluster'}")


async def somebody(scene: Scene) -> str:
    """A new User, by name."""
    name = unique("u")
    await scene.apply(user(name))
    return name


async def role(scene: Scene, context: str, *rules: Object, **content: Any) -> str:
    """A new RoleTemplate, by name."""
    name = unique("rt")
    await scene.apply(access("RoleTemplate", name, context=context, rules=list(rules or (READ,)), **content))
    return name


async def ours(client: Client, prefix: str = "") -> list[str]:
    """The RBAC objects with Drover's label in a cluster."""
    found = [
        f"{gvr.kind} {obj['metadata'].get('namespace', '')}/{obj['metadata']['name']}"
        for gvr in (CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS)
        for obj in await client.list(gvr, label_selector=UNIT)
        if prefix in obj["metadata"]["name"]
    ]
    return sorted(found)


async def bindings(client: Client) -> list[str]:
    """Those of them that give somebody something."""
    return [each for each in await ours(client) if "Binding" in each]


async def binding(client: Client, place: str, name: str) -> Object:
    """A RoleBinding, once it is there."""

    async def look() -> Object | None:
        return await client.find(ROLE_BINDINGS, f"rt-{name}", place)

    return await eventually(look, f"RoleBinding rt-{name} in {place}")


# --- Granted and taken ------------------------------------------------------------------------------------------------
async def test_a_role_in_a_project_is_given_and_taken(scene: Scene) -> None:
    ann, reader, shop = await somebody(scene), await role(scene, "project"), await scene.project()
    place = await scene.namespace(shop)
    other = await scene.namespace(await scene.project())
    given = in_project(unique("b"), reader, shop, userName=ann)
    await scene.apply(given)
    await becomes(scene.member, True, ann, "get", place)
    assert not await may(scene.member, ann, "update", place=place)
    assert not await may(scene.member, ann, "get", place=other)
    await scene.ready(given)
    await scene.delete(given)
    await becomes(scene.member, False, ann, "get", place)

    async def nothing() -> bool:
        return await ours(scene.member, reader) == []

    await eventually(nothing, "nothing of the role is left")


async def test_a_role_in_a_cluster_is_given_and_taken(scene: Scene) -> None:
    ann, reader = await somebody(scene), await role(scene, "cluster")
    given = in_cluster(unique("b"), reader, userName=ann)
    await scene.apply(given)
    await becomes(scene.member, True, ann, "get")
    assert not await may(scene.hub, ann, "get")
    await scene.delete(given)
    await becomes(scene.member, False, ann, "get")


async def test_a_user_who_is_disabled_has_nothing(scene: Scene) -> None:
    ann, reader = await somebody(scene), await role(scene, "cluster")
    await scene.apply(in_cluster(unique("b"), reader, userName=ann))
    await becomes(scene.member, True, ann, "get")
    await scene.apply(user(ann, enabled=False))
    await becomes(scene.member, False, ann, "get")
    await scene.apply(user(ann, enabled=True))
    await becomes(scene.member, True, ann, "get")


# --- Namespaces -------------------------------------------------------------------------------------------------------
async def test_check_9_a_namespace_that_joins_moves_or_leaves_takes_its_rights_along(scene: Scene) -> None:
    ann, bob, reader = await somebody(scene), await somebody(scene), await role(scene, "project")
    shop, back = await scene.project(), await scene.project()
    await scene.apply(in_project(unique("b"), reader, shop, userName=ann))
    await scene.apply(in_project(unique("b"), reader, back, userName=bob))
    place = await scene.namespace(shop)
    await becomes(scene.member, True, ann, "get", place)
    await scene.apply(namespace(place, f"edge:{back['metadata']['name']}"), client=scene.member)
    await becomes(scene.member, True, bob, "get", place)
    await becomes(scene.member, False, ann, "get", place)
    await scene.member.merge(
        NAMESPACES, {"metadata": {"name": place, "annotations": {PROJECT_ID: None}}}, manager="test"
    )
    await becomes(scene.member, False, bob, "get", place)


# --- Roles ------------------------------------------------------------------------------------------------------------
async def test_check_6_a_change_of_an_inherited_role_is_in_force_without_a_touch_of_any_binding(scene: Scene) -> None:
    ann, base = await somebody(scene), await role(scene, "cluster")
    heir = await role(scene, "cluster", {**READ, "resources": ["pods"]}, roleTemplateNames=[base])
    await scene.apply(in_cluster(unique("b"), heir, userName=ann))
    await becomes(scene.member, True, ann, "get")
    await scene.apply(access("RoleTemplate", base, context="cluster", rules=[READ, WRITE]))
    await becomes(scene.member, True, ann, "update")
    await scene.apply(access("RoleTemplate", base, context="cluster", rules=[READ]))
    await becomes(scene.member, False, ann, "update")
    assert await may(scene.member, ann, "get")


async def test_check_21_an_external_role_that_is_inherited_gets_labels_and_loses_them(scene: Scene) -> None:
    ann, name = await somebody(scene), unique("foreign")
    foreign = {"apiVersion": CLUSTER_ROLES.api_version, "kind": "ClusterRole", "metadata": {"name": name}}
    await scene.member.create(CLUSTER_ROLES, {**foreign, "rules": [READ]}, manager="test")
    external = access("RoleTemplate", name, context="cluster", external=True)
    await scene.apply(external)
    heir = await role(scene, "cluster", {**READ, "resources": ["pods"]}, roleTemplateNames=[name])
    given = in_cluster(unique("b"), heir, userName=ann)
    await scene.apply(given)
    await becomes(scene.member, True, ann, "get")
    found = await scene.member.get(CLUSTER_ROLES, name)
    assert found["metadata"]["labels"][AGGREGATED] == "true"
    assert found["rules"] == [READ]
    await scene.delete(given)
    await becomes(scene.member, False, ann, "get")
    await scene.delete(external)

    async def bare() -> bool:
        return not (await scene.member.get(CLUSTER_ROLES, name))["metadata"].get("labels")

    await eventually(bare, "the labels are taken off")


# --- By hand ----------------------------------------------------------------------------------------------------------
def _subject(obj: Object) -> None:
    obj["subjects"].append({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"})


def _finalizer(obj: Object) -> None:
    obj["metadata"]["finalizers"] = ["example.com/hold"]


def _unlabelled(obj: Object) -> None:
    obj["metadata"]["labels"] = {}


@pytest.mark.parametrize("change", [_subject, _finalizer, _unlabelled])
@pytest.mark.parametrize("where", ["member", "hub"])
async def test_a_binding_that_somebody_changes_is_put_back(scene: Scene, change: Any, where: str) -> None:
    client: Client = getattr(scene, where)
    place_of = "edge" if where == "member" else "local"
    ann, reader = await somebody(scene), await role(scene, "project")
    shop = await scene.project(place_of)
    place = await scene.namespace(shop, client)
    await scene.apply(in_project(unique("b"), reader, shop, userName=ann))
    made = await binding(client, place, reader)
    changed = deepcopy(made)
    change(changed)
    await client.replace(ROLE_BINDINGS, changed, manager="test")

    async def back() -> bool:
        found = await client.get(ROLE_BINDINGS, f"rt-{reader}", place)
        same = found["subjects"] == made["subjects"] and found["metadata"].get("labels") == made["metadata"]["labels"]
        return same and not found["metadata"].get("finalizers")

    await eventually(back, "it is as it was")
    metadata = made["metadata"]
    await client.delete(ROLE_BINDINGS, metadata["name"], place, uid=metadata["uid"])
    again = await binding(client, place, reader)
    assert again["metadata"]["uid"] != metadata["uid"]


async def test_what_somebody_makes_under_the_label_is_removed(scene: Scene) -> None:
    name = unique("mine")
    obj = {
        "apiVersion": CLUSTER_ROLE_BINDINGS.api_version,
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name, "labels": {UNIT: "0" * 16}},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"}],
    }
    await scene.member.create(CLUSTER_ROLE_BINDINGS, obj, manager="test")

    async def gone() -> bool:
        return await scene.member.find(CLUSTER_ROLE_BINDINGS, name) is None

    await eventually(gone, "it is removed")


# --- Restarts and silence ---------------------------------------------------------------------------------------------
async def test_check_25_a_restart_writes_nothing_and_removes_what_was_taken_meanwhile(
    scene: Scene, control_plane: ControlPlane, operator_kubeconfig: str
) -> None:
    ann, reader, shop = await somebody(scene), await role(scene, "project"), await scene.project()
    place = await scene.namespace(shop)
    stays, goes = (in_project(unique("b"), reader, shop, userName=who) for who in (ann, await somebody(scene)))
    for obj in (stays, goes):
        await scene.apply(obj)
        await scene.ready(obj)
    await nothing_written(*(instance.audit_log for instance in control_plane.instances))
    before = [await bindings(client) for client in (scene.hub, scene.member)]
    sizes = [audit.size(instance.audit_log) for instance in control_plane.instances]
    scene.drover.stop()
    scene.drover = beside.start(scene.drover.directory, scene.drover.name, operator_kubeconfig, ARGUMENTS)
    await asyncio.sleep(6.0)
    written = [
        write
        for instance, size in zip(control_plane.instances, sizes, strict=True)
        for write in audit.writes(instance.audit_log, size)
    ]
    # roles that nobody has any more may go with the restart
    assert [write for write in written if write.what not in ("delete roles", "delete clusterroles")] == []
    assert [await bindings(client) for client in (scene.hub, scene.member)] == before
    scene.drover.stop()
    await scene.delete(goes)
    scene.drover = beside.start(scene.drover.directory, scene.drover.name, operator_kubeconfig, ARGUMENTS)
    await becomes(scene.member, False, goes["userName"], "get", place)
    assert await may(scene.member, ann, "get", place=place)


async def test_check_12_a_member_that_was_away_has_what_was_given_meanwhile_and_not_what_was_taken(
    scene: Scene, branch: Object, branch_client: Client, control_plane: ControlPlane
) -> None:
    away = control_plane.members[1]
    reader, keeper = await role(scene, "project"), await role(scene, "project", READ, WRITE)
    ann, bob, eve = [await somebody(scene) for _ in range(3)]
    shop = await scene.project("branch")
    place = await scene.namespace(shop, branch_client)
    taken = [in_project(unique("b"), reader, shop, userName=ann), in_project(unique("b"), keeper, shop, userName=eve)]
    for obj in taken:
        await scene.apply(obj)
        await scene.ready(obj)
    await asyncio.to_thread(away.kill, APISERVER)
    try:
        await scene.shows(branch, "Connected", "False")
        for obj in taken:
            await scene.delete(obj)
            await scene.gone(obj)
        given = in_project(unique("b"), reader, shop, userName=bob)
        await scene.apply(given)
        await scene.shows(given, "RemoteSynced", "Unknown", "ClusterUnreachable")
    finally:
        await asyncio.to_thread(away.start, APISERVER)
    await scene.shows(branch, "Connected", "True", seconds=120)
    await becomes(branch_client, True, bob, "get", place)
    await becomes(branch_client, False, ann, "get", place)
    await becomes(branch_client, False, eve, "update", place)
    await scene.ready(given)

    async def nothing() -> bool:
        return await ours(branch_client, keeper) == []

    await eventually(nothing, "nothing is left of the role that nobody has any more")
