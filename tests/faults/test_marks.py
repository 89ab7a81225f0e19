"""Finalizers, labels and namespaces that somebody takes away by hand."""

from __future__ import annotations

import asyncio

import pytest

from drover.api.keys import OWNER_UID
from drover.kinds.resources import CLUSTERS, PROJECTS
from drover.kube.gvr import DEPLOYMENTS, GVR, NAMESPACES, Object
from tests.cluster.scene import condition, eventually
from tests.faults.conftest import Ground
from tests.faults.setting import Setting, imported
from tests.faults.writes import Writes


async def take_off(setting: Setting, gvr: GVR, obj: Object) -> None:
    """Somebody takes every finalizer off."""
    names = {field: obj["metadata"][field] for field in ("name", "namespace") if field in obj["metadata"]}
    await setting.scene.hub.merge(gvr, {"metadata": {**names, "finalizers": []}}, manager="somebody")


async def test_the_finalizers_of_a_cluster_and_a_project_come_back(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    for gvr, obj, finalizer in (
        (CLUSTERS, setting.cluster, "drover.dev/cluster"),
        (PROJECTS, setting.project, "drover.dev/project"),
    ):
        await take_off(setting, gvr, obj)

        async def back(obj: Object = obj, finalizer: str = finalizer) -> bool:
            found = await setting.scene.get(obj)
            return found is not None and finalizer in found["metadata"].get("finalizers", [])

        await eventually(back, f"{finalizer} is back")


@pytest.mark.slow
async def test_a_cluster_that_lost_its_finalizer_while_it_ends_is_not_written_to_any_more(ground: Ground) -> None:
    async with Writes(ground) as writes:
        setting = await imported(ground, ground.scene(writes.replica))
        obj = await setting.running(scale=0)
        await take_off_while_paused(setting)
        await setting.scene.gone(setting.cluster)
        await asyncio.sleep(1)
        writes.choose()
        child = await setting.made(obj)
        metadata = child["metadata"]
        await setting.home.delete(DEPLOYMENTS, metadata["name"], metadata["namespace"], uid=metadata["uid"])
        await asyncio.sleep(3)
        assert not [each for each in writes.log if each.startswith("PATCH deployments")]
        assert ground.member.watches(lambda _asked: True) == 0  # nobody is connected to it


async def take_off_while_paused(setting: Setting) -> None:
    """Deletes the Cluster while it is paused, so that its deletion does not come to an end by itself."""
    name = setting.cluster["metadata"]["name"]
    pause = {"metadata": {"name": name, "annotations": {"drover.dev/paused": "true"}}}
    await setting.scene.hub.merge(CLUSTERS, pause, manager="somebody")
    await setting.scene.delete(setting.cluster)
    await asyncio.sleep(0.5)
    await take_off(setting, CLUSTERS, setting.cluster)


async def test_a_native_object_without_its_owner_label_is_told_and_taken_back_with_it(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    obj = await setting.running(scale=0)
    uid = obj["metadata"]["uid"]

    async def label(value: str | None) -> None:
        names = {"name": obj["metadata"]["name"], "namespace": setting.place}
        await setting.home.merge(DEPLOYMENTS, {"metadata": {**names, "labels": {OWNER_UID: value}}}, manager="somebody")

    await label(None)
    seen = await setting.scene.shows(obj, "Ready", "False", "Conflict")
    assert "delete it" in condition(seen, "Ready")["message"]
    assert await setting.deployment(obj) is not None
    await label(uid)
    await setting.scene.ready(obj)


@pytest.mark.slow
async def test_a_namespace_of_a_cluster_that_is_deleted_under_us_comes_back_and_blocks_nothing(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    obj = await setting.running(scale=0)
    name = setting.cluster["metadata"]["name"]
    before = await setting.scene.hub.get(NAMESPACES, name)
    await setting.scene.hub.delete(NAMESPACES, name, uid=before["metadata"]["uid"])
    await setting.scene.gone(setting.project)  # the namespace controller deletes what is in it
    await setting.removed(obj)

    async def made_again() -> bool:
        found = await setting.scene.hub.get(NAMESPACES, name)
        return bool(found["metadata"]["uid"] != before["metadata"]["uid"])

    await eventually(made_again, "the namespace is there again")
    await setting.scene.ready(setting.cluster)
    await setting.scene.delete(setting.cluster)
    await setting.scene.gone(setting.cluster)
