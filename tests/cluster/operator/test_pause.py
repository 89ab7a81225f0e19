"""A paused object is left alone, also over a restart of the operator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from drover.dev.beside import Replica
from drover.dev.stage import Stage
from drover.kinds.resources import CLUSTERS
from drover.kube.gvr import DEPLOYMENTS, NAMESPACES, Object
from tests.cluster.scene import (
    Scene,
    cluster,
    eventually,
    gvr_of,
    log_says,
    project,
    provisioning_cluster,
    scene_of,
    unique,
    workload,
)

PAUSED = "drover.dev/paused"
LABEL = "field.cattle.io/projectId"


@pytest_asyncio.fixture(loop_scope="session")
async def replica(stage: Stage) -> AsyncIterator[Replica]:
    made = stage.start()
    yield made
    made.stop()


async def pause(scene: Scene, obj: Object, value: str | None) -> None:
    """Sets or removes the annotation, and waits until it was seen."""
    metadata = {name: obj["metadata"][name] for name in ("name", "namespace") if name in obj["metadata"]}
    await scene.hub.merge(gvr_of(obj), {"metadata": {**metadata, "annotations": {PAUSED: value}}}, manager="test")
    await scene.shows(obj, "Paused", "True" if value else "False")


async def restarted(stage: Stage, replica: Replica) -> Replica:
    """The operator after a restart, when it has looked at everything."""
    replica.stop()
    again = stage.start()
    await log_says(again, "leading")
    await asyncio.sleep(3)
    return again


async def label(scene: Scene, name: str) -> str | None:
    found = await scene.hub.get(NAMESPACES, name)
    value: str | None = (found["metadata"].get("labels") or {}).get(LABEL)
    return value


async def test_the_namespaces_of_a_paused_project_keep_their_label_over_a_restart(
    stage: Stage, replica: Replica
) -> None:
    scene = scene_of(stage, replica)
    await scene.ready(cluster("local"))
    made = await scene.project("local")
    name = await scene.namespace(made)
    project_name: str = made["metadata"]["name"]

    async def labelled() -> bool:
        found = await label(scene, name)
        return found == project_name

    await eventually(labelled, "the label is there")
    await pause(scene, made, "true")
    await restarted(stage, replica)
    assert await labelled()
    later = await scene.namespace(made)
    await asyncio.sleep(1)
    assert await label(scene, later) is None
    await pause(scene, made, None)

    async def both() -> bool:
        return await label(scene, later) == project_name and await labelled()

    await eventually(both, "the Project goes on")


async def test_the_native_object_of_a_paused_workload_is_not_corrected(stage: Stage, replica: Replica) -> None:
    scene = scene_of(stage, replica)
    await scene.ready(cluster("local"))
    place = await scene.namespace(await scene.project("local"))
    obj = workload(unique("w"), place, scale=1)
    name = obj["metadata"]["name"]
    await scene.apply(obj)
    await scene.ready(obj)
    await pause(scene, obj, "true")

    async def replicas() -> int:
        found = await scene.hub.get(DEPLOYMENTS, name, place)
        return int(found["spec"]["replicas"])

    patch = {"metadata": {"name": name, "namespace": place}, "spec": {"replicas": 3}}
    await scene.hub.merge(DEPLOYMENTS, patch, manager="somebody")
    await asyncio.sleep(1)
    assert await replicas() == 3
    await restarted(stage, replica)
    assert await replicas() == 3
    await pause(scene, obj, None)

    async def corrected() -> bool:
        return await replicas() == 1

    await eventually(corrected, "the Workload goes on")


async def test_a_paused_object_that_is_deleted_stays_until_it_goes_on(stage: Stage, replica: Replica) -> None:
    scene = scene_of(stage, replica)
    await scene.ready(cluster("local"))
    made = await scene.project("local")
    await pause(scene, made, "true")
    await scene.delete(made)
    await asyncio.sleep(1)
    assert await scene.get(made) is not None
    metadata = {name: made["metadata"][name] for name in ("name", "namespace")}
    await scene.hub.merge(gvr_of(made), {"metadata": {**metadata, "annotations": {PAUSED: None}}}, manager="test")
    await scene.gone(made)


async def test_objects_that_are_paused_from_the_start_have_no_effect(stage: Stage, replica: Replica) -> None:
    scene = scene_of(stage, replica)
    await scene.ready(cluster("local"))
    place = await scene.namespace(await scene.project("local"))
    before = {each["metadata"]["uid"] for each in await scene.hub.list(CLUSTERS)}
    namespaces = {each["metadata"]["name"] for each in await scene.hub.list(NAMESPACES)}
    found = [
        provisioning_cluster(unique("c")),
        cluster(unique("c")),
        project(unique("p"), "local"),
        workload(unique("w"), place),
    ]
    for obj in found:
        obj["metadata"]["annotations"] = {PAUSED: "true"}
        await scene.apply(obj)
    for obj in found:
        await scene.shows(obj, "Paused", "True")
    await asyncio.sleep(1)
    assert {each["metadata"]["name"] for each in await scene.hub.list(NAMESPACES)} - namespaces == set()
    clusters = {each["metadata"]["uid"] for each in await scene.hub.list(CLUSTERS)}
    assert len(clusters - before) == 1  # the one that was applied
    assert not await scene.hub.list(DEPLOYMENTS, place)
    for obj in found:
        assert "finalizers" not in ((await scene.get(obj)) or {})["metadata"]
        await scene.delete(obj)
        await scene.gone(obj)
