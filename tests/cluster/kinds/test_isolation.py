"""Projects of a cluster are isolated from each other by policies in their namespaces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from drover.dev import audit
from drover.dev.cluster import ControlPlane
from drover.kinds.resources import PROJECTS
from drover.kube.errors import NotFound
from drover.kube.gvr import NAMESPACES, NETWORK_POLICIES, NODES, Object
from tests.cluster.scene import Scene, cluster, condition, eventually, namespace, nothing_written, project, unique

OPT_OUT = "drover.dev/network-isolation"
NODE = "walls"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def walls(scene: Scene, edge_secret: str) -> AsyncIterator[None]:
    """The Cluster edge isolates its projects, and has a node with addresses of both families."""
    await node(scene, NODE, "10.77.0.1", "fd00:77::1")
    await scene.apply(cluster("edge", edge_secret, enableNetworkPolicy=True))
    yield
    await scene.apply(cluster("edge", edge_secret))
    await scene.shows(cluster("edge"), "NetworkIsolated", "False", "NotEnabled")
    await drop_node(scene, NODE)


async def node(scene: Scene, name: str, *addresses: str) -> None:
    told = [{"type": "InternalIP", "address": address} for address in addresses]
    obj = {"metadata": {"name": name}, "spec": {"unschedulable": True}, "status": {"addresses": told}}
    await scene.member.create(NODES, {"apiVersion": "v1", "kind": "Node", **obj}, manager="test")


async def drop_node(scene: Scene, name: str) -> None:
    found = await scene.member.get(NODES, name)
    await scene.member.delete(NODES, name, uid=found["metadata"]["uid"])


async def policy(scene: Scene, name: str) -> Object | None:
    """The policy of a namespace."""
    try:
        return await scene.member.get(NETWORK_POLICIES, "np-default", name)
    except NotFound:
        return None


async def peers(scene: Scene, name: str) -> list[Any]:
    found = await policy(scene, name)
    if found is None:
        return []
    (rule,) = found["spec"]["ingress"]
    seen: list[Any] = rule.get("from") or []
    return seen


async def isolated(scene: Scene, name: str) -> Object:
    """The policy of a namespace, once it lets its node in."""

    async def look() -> Object | None:
        blocks = [peer["ipBlock"]["cidr"] for peer in await peers(scene, name) if "ipBlock" in peer]
        return await policy(scene, name) if "10.77.0.1/32" in blocks else None

    return await eventually(look, f"{name} is isolated")


async def is_open(scene: Scene, name: str) -> None:
    async def look() -> bool:
        return await policy(scene, name) is None

    await eventually(look, f"{name} is open", 20)


async def annotate(scene: Scene, name: str, key: str, value: str | None) -> None:
    await scene.member.merge(NAMESPACES, {"metadata": {"name": name, "annotations": {key: value}}}, manager="test")


def spec_for(found: Object) -> list[Any]:
    (rule,) = found["spec"]["ingress"]
    return [peer["namespaceSelector"]["matchLabels"] for peer in rule["from"] if "namespaceSelector" in peer]


async def test_a_namespace_lets_in_its_project_the_system_project_and_nodes(scene: Scene) -> None:
    made = await scene.project()
    name = await scene.namespace(made)
    found = await isolated(scene, name)
    systems = await scene.hub.list(PROJECTS, "edge", label_selector="authz.management.cattle.io/system-project=true")
    wanted = sorted([made["metadata"]["name"], systems[0]["metadata"]["name"]])
    assert spec_for(found) == [{"field.cattle.io/projectId": each} for each in wanted]
    assert (found["spec"]["podSelector"], found["spec"]["policyTypes"]) == ({}, ["Ingress"])
    assert {"ipBlock": {"cidr": "fd00:77::1/128"}} in found["spec"]["ingress"][0]["from"]
    assert found["metadata"]["labels"]["drover.dev/owner-uid"] == made["metadata"]["uid"]
    await scene.shows(made, "NetworkIsolated", "True", "Isolated")
    await scene.shows(systems[0], "NetworkIsolated", "False", "SystemProject")
    assert await policy(scene, "kube-system") is None
    await scene.shows(cluster("edge"), "NetworkIsolated", "True", "Isolated")


async def test_a_namespace_opts_out_and_in_again(scene: Scene) -> None:
    made = await scene.project()
    name = await scene.namespace(made)
    await isolated(scene, name)
    await annotate(scene, name, OPT_OUT, "false")
    await is_open(scene, name)

    async def named() -> bool:
        return f"as annotated: {name}" in condition(await scene.get(made), "NetworkIsolated").get("message", "")

    await eventually(named, "the Project names it")
    await annotate(scene, name, OPT_OUT, None)
    await isolated(scene, name)


async def test_a_project_opts_out_and_in_again(scene: Scene) -> None:
    obj = project(unique("p"))
    obj["metadata"]["annotations"] = {OPT_OUT: "false"}
    await scene.apply(obj)
    made = await scene.ready(obj)
    name = await scene.namespace(made)
    await scene.shows(obj, "NetworkIsolated", "False", "OptedOut")
    assert await policy(scene, name) is None
    await scene.apply(project(obj["metadata"]["name"]))
    await isolated(scene, name)
    await scene.shows(obj, "NetworkIsolated", "True")


async def test_a_namespace_that_moves_is_isolated_all_the_time(scene: Scene) -> None:
    first, second = await scene.project(), await scene.project()
    name = await scene.namespace(first)
    uid = (await isolated(scene, name))["metadata"]["uid"]
    await annotate(scene, name, "field.cattle.io/projectId", f"edge:{second['metadata']['name']}")

    async def moved() -> bool:
        found = await policy(scene, name)
        assert found is not None
        assert found["metadata"]["uid"] == uid
        return {"field.cattle.io/projectId": second["metadata"]["name"]} in spec_for(found)

    await eventually(moved, "the policy is that of the other project")
    await annotate(scene, name, "field.cattle.io/projectId", None)
    await is_open(scene, name)


async def test_a_policy_that_somebody_edits_or_deletes_comes_back(scene: Scene) -> None:
    name = await scene.namespace(await scene.project())
    made = await isolated(scene, name)
    edits: tuple[Object, ...] = (
        {"ingress": [{}]},
        {"podSelector": {"matchLabels": {"app": "none"}}},
        {"policyTypes": ["Egress"], "egress": [{}]},
    )
    for spec in edits:
        edited = {"metadata": {"name": "np-default", "namespace": name}, "spec": spec}
        await scene.member.merge(NETWORK_POLICIES, edited, manager="somebody")

        async def back() -> bool:
            found = await policy(scene, name)
            fields = ("podSelector", "policyTypes", "ingress")
            return found is not None and all(found["spec"].get(each) == made["spec"][each] for each in fields)

        await eventually(back, f"it is as it was after {spec}", 20)
    await scene.member.delete(NETWORK_POLICIES, "np-default", name, uid=made["metadata"]["uid"])
    assert (await isolated(scene, name))["metadata"]["uid"] != made["metadata"]["uid"]


async def test_a_policy_that_somebody_else_made_is_left_alone_until_it_is_labelled(scene: Scene) -> None:
    made = await scene.project()
    name = unique("n")
    await scene.apply(namespace(name), client=scene.member)
    theirs = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "np-default", "namespace": name},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]},
    }
    stored = await scene.member.create(NETWORK_POLICIES, theirs, manager="somebody")
    await annotate(scene, name, "field.cattle.io/projectId", f"edge:{made['metadata']['name']}")
    found = await scene.shows(made, "NetworkIsolated", "False", "PoliciesNotWritten")
    assert f"{name}/np-default exists and was not made by Drover" in condition(found, "NetworkIsolated")["message"]
    shown = await scene.shows(cluster("edge"), "NetworkIsolated", "False", "ProjectsNotIsolated")
    assert made["metadata"]["name"] in condition(shown, "NetworkIsolated")["message"]
    assert shown["status"]["appliedEnableNetworkPolicy"] is False
    assert (await policy(scene, name) or {})["metadata"]["resourceVersion"] == stored["metadata"]["resourceVersion"]
    labels = {"drover.dev/owner-uid": made["metadata"]["uid"]}
    mark = {"metadata": {"name": "np-default", "namespace": name, "labels": labels}}
    await scene.member.merge(NETWORK_POLICIES, mark, manager="somebody")
    assert (await isolated(scene, name))["metadata"]["uid"] == stored["metadata"]["uid"]
    await scene.shows(made, "NetworkIsolated", "True", "Isolated")
    await scene.shows(cluster("edge"), "NetworkIsolated", "True", "Isolated")


async def test_nodes_that_come_together_are_one_write_a_namespace(scene: Scene, control_plane: ControlPlane) -> None:
    name = await scene.namespace(await scene.project())
    await isolated(scene, name)
    await asyncio.sleep(1)
    log = control_plane.instances[1].audit_log
    since = audit.size(log)
    names = [unique("node") for _ in range(40)]
    await asyncio.gather(*(node(scene, each, f"10.78.0.{number + 1}") for number, each in enumerate(names)))

    async def let_in(wanted: int) -> bool:
        blocks = [peer["ipBlock"]["cidr"] for peer in await peers(scene, name) if "ipBlock" in peer]
        return len([block for block in blocks if block.startswith("10.78.0.")]) == wanted

    await eventually(lambda: let_in(40), "every node is let in")
    written = [write for write in audit.writes(log, since) if write.namespace == name]
    assert 1 <= len(written) <= 2, written
    await asyncio.gather(*(drop_node(scene, each) for each in names))
    await eventually(lambda: let_in(0), "none of them is let in any more")


async def test_a_settled_policy_is_not_written_again(scene: Scene, control_plane: ControlPlane) -> None:
    made = await scene.project()
    name = await scene.namespace(made)
    await isolated(scene, name)
    await scene.shows(made, "NetworkIsolated", "True")
    hub, member = control_plane.instances[0].audit_log, control_plane.instances[1].audit_log
    await nothing_written(hub, member)
    since = audit.size(hub), audit.size(member)
    for value in ("x", "y"):
        names = {field: made["metadata"][field] for field in ("name", "namespace")}
        await scene.hub.merge(PROJECTS, {"metadata": {**names, "labels": {"touched": value}}}, manager="test")
        await annotate(scene, name, "touched", value)
    await asyncio.sleep(1.5)
    written = [*audit.writes(hub, since[0]), *audit.writes(member, since[1])]
    assert [write for write in written if name in (write.name, write.namespace) or write.resource == "projects"] == []
    first = sorted(write.what for write in audit.writes(member) if write.namespace == name)
    assert first == ["create networkpolicies", "patch namespaces"]


async def test_a_project_that_ends_leaves_no_policy_behind(scene: Scene) -> None:
    made = await scene.project()
    name = await scene.namespace(made)
    await isolated(scene, name)
    await scene.delete(made)
    await scene.gone(made)
    assert await policy(scene, name) is None


async def test_switched_off_every_policy_goes_and_switched_on_it_is_back(scene: Scene, edge_secret: str) -> None:
    made = await scene.project()
    name = await scene.namespace(made)
    await isolated(scene, name)
    await scene.apply(cluster("edge", edge_secret))
    await is_open(scene, name)
    await scene.shows(made, "NetworkIsolated", "False", "NotEnabled")

    async def applied(wanted: bool) -> bool:
        found = await scene.get(cluster("edge"))
        return found is not None and found["status"]["appliedEnableNetworkPolicy"] is wanted

    await eventually(lambda: applied(False), "the Cluster says that it is off")
    assert await scene.member.list(NETWORK_POLICIES, label_selector="drover.dev/owner-uid") == []
    await scene.apply(cluster("edge", edge_secret, enableNetworkPolicy=True))
    await isolated(scene, name)
    await eventually(lambda: applied(True), "the Cluster says that it is on")
