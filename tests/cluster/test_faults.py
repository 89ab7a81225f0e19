"""What goes wrong around Drover, and that it recovers."""

from __future__ import annotations

import asyncio

from drover.dev.cluster import ControlPlane
from drover.dev.kwok import APISERVER
from drover.kinds.resources import WORKLOADS
from drover.kube.client import Client
from drover.kube.gvr import DEPLOYMENTS, Object
from drover.kube.login import default_login
from tests.cluster.scene import Scene, condition, eventually, unique, workload


async def running(scene: Scene) -> tuple[Object, str]:
    """A Workload that is Ready in the member, and the namespace it runs in."""
    made = await scene.project()
    target = await scene.namespace(made)
    obj = workload(unique("w"), made["status"]["backingNamespace"], target)
    await scene.apply(obj)
    return await scene.ready(obj), target


async def applied(scene: Scene, client: Client) -> tuple[Object, str]:
    """A Workload in the Cluster `branch` whose Deployment exists. Its pods are not waited for."""
    made = await scene.project("branch")
    target = await scene.namespace(made, client=client)
    obj = workload(unique("w"), made["status"]["backingNamespace"], target)
    await scene.apply(obj)
    await eventually(lambda: client.get(DEPLOYMENTS, obj["metadata"]["name"], target), "the Deployment exists")
    return obj, target


async def test_a_member_that_is_away_is_told_and_comes_back(
    scene: Scene, branch: Object, control_plane: ControlPlane
) -> None:
    away = control_plane.members[1]
    async with Client(default_login(str(away.kubeconfig))) as client:
        obj, target = await applied(scene, client)
        await asyncio.to_thread(away.kill, APISERVER)
        try:
            seen = await scene.shows(branch, "Connected", "False", "Disconnected")
            assert condition(seen, "Ready")["status"] == "False"
            assert seen["status"]["nodeCount"] == 1
            await scene.shows(obj, "Ready", "False", "ClusterUnreachable")
            await scene.apply({**obj, "spec": {**obj["spec"], "scale": 2}})
        finally:
            await asyncio.to_thread(away.start, APISERVER)
        await scene.shows(branch, "Connected", "True", seconds=120)

        async def scaled() -> bool:
            found = await client.get(DEPLOYMENTS, obj["metadata"]["name"], target)
            return bool(found["spec"]["replicas"] == 2)

        await eventually(scaled, "the change that was made meanwhile is applied")


async def test_a_deletion_does_not_wait_for_ever_for_a_member_that_is_away(
    scene: Scene, branch: Object, control_plane: ControlPlane
) -> None:
    away = control_plane.members[1]
    async with Client(default_login(str(away.kubeconfig))) as client:
        obj, target = await applied(scene, client)
        await asyncio.to_thread(away.kill, APISERVER)
        try:
            await scene.shows(branch, "Connected", "False")
            await scene.delete(obj)
            await scene.gone(obj)
        finally:
            await asyncio.to_thread(away.start, APISERVER)
        await scene.shows(branch, "Connected", "True", seconds=120)

        async def cleared() -> bool:
            found = await client.list(DEPLOYMENTS, target)
            return not [each for each in found if not each["metadata"].get("deletionTimestamp")]

        await eventually(cleared, "what was left behind is removed when the member is back")


async def test_a_finalizer_that_was_taken_off_comes_back(scene: Scene) -> None:
    obj, _ = await running(scene)
    await scene.hub.merge(WORKLOADS, _without_finalizers(obj), manager="somebody")

    async def back() -> bool:
        found = await scene.get(obj)
        return found is not None and "drover.dev/workload" in found["metadata"].get("finalizers", [])

    await eventually(back, "the finalizer is back")


async def test_what_a_workload_without_its_finalizer_left_behind_is_removed(scene: Scene) -> None:
    obj, target = await running(scene)
    obj["metadata"]["annotations"] = {"drover.dev/paused": "true"}
    await scene.hub.merge(
        WORKLOADS, {"metadata": {**_names(obj), "annotations": {"drover.dev/paused": "true"}}}, manager="test"
    )
    await scene.delete(obj)
    await scene.hub.merge(WORKLOADS, _without_finalizers(obj), manager="somebody")
    await scene.gone(obj)

    async def removed() -> bool:
        found = await scene.member.list(DEPLOYMENTS, target)
        return not [each for each in found if not each["metadata"].get("deletionTimestamp")]

    await eventually(removed, "the Deployment is removed")


async def test_an_owner_label_that_was_taken_off_comes_back(scene: Scene) -> None:
    obj, target = await running(scene)
    name = obj["metadata"]["name"]
    patch = {"metadata": {"name": name, "namespace": target, "labels": {"app.kubernetes.io/managed-by": "somebody"}}}
    await scene.member.merge(DEPLOYMENTS, patch, manager="somebody")

    async def back() -> bool:
        labels = (await scene.member.get(DEPLOYMENTS, name, target))["metadata"]["labels"]
        return bool(labels["app.kubernetes.io/managed-by"] == "drover")

    await eventually(back, "the label is back")


async def test_a_copy_of_a_native_object_is_its_authors(scene: Scene) -> None:
    obj, target = await running(scene)
    original = await scene.member.get(DEPLOYMENTS, obj["metadata"]["name"], target)
    name = unique("copy")
    copy = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": target,
            "labels": original["metadata"]["labels"],
            "annotations": original["metadata"]["annotations"],
        },
        "spec": {**original["spec"], "replicas": 0},
    }
    await scene.member.create(DEPLOYMENTS, copy, manager="somebody")
    await scene.apply(workload(obj["metadata"]["name"], obj["metadata"]["namespace"], target, scale=2))
    await scene.ready(obj)
    await asyncio.sleep(1)
    found = await scene.member.get(DEPLOYMENTS, name, target)
    assert not found["metadata"].get("deletionTimestamp")


def _names(obj: Object) -> Object:
    return {"name": obj["metadata"]["name"], "namespace": obj["metadata"]["namespace"]}


def _without_finalizers(obj: Object) -> Object:
    return {"metadata": {**_names(obj), "finalizers": []}}
