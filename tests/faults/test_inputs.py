"""Odd inputs that need an operator to show what comes of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from drover.kinds.resources import CLUSTERS, PROJECTS, WORKLOADS
from drover.kube.client import Client
from drover.kube.errors import Forbidden, Invalid
from drover.kube.gvr import DEPLOYMENTS, GVR, NAMESPACES, Object
from drover.kube.login import default_login
from tests.cluster.scene import condition, eventually, project, unique, workload
from tests.faults.conftest import Ground
from tests.faults.setting import Setting, local

TEXT = "Shop \U0001f6d2 \u202etxet\u202c e\u0301 \u0430dmin zero\u200bwidth"
"""Emoji, a change of direction, a combining accent, a Cyrillic letter that looks like a Latin one, an unseen space."""


@pytest_asyncio.fixture(loop_scope="session")
async def setting(ground: Ground) -> AsyncIterator[Setting]:
    """A Project of the hub itself."""
    yield await local(ground.scene(await ground.start()))


async def test_text_is_kept_as_it_is_and_is_no_name(setting: Setting) -> None:
    made = project(unique("p"), "local", displayName=TEXT)
    await setting.scene.apply(made)
    seen = await setting.scene.ready(made)
    assert seen["spec"]["displayName"] == TEXT
    assert TEXT not in seen["status"]["backingNamespace"]
    with pytest.raises(Invalid, match=r"metadata\.name"):
        await setting.scene.apply(project("\u0430dmin", "local"))


async def test_a_status_that_a_user_writes_is_put_right(setting: Setting) -> None:
    obj = await setting.running(scale=0)
    names = {field: obj["metadata"][field] for field in ("name", "namespace")}
    lie = {"apiVersion": WORKLOADS.api_version, "kind": WORKLOADS.kind, "metadata": names, "status": {"state": "lost"}}
    await setting.scene.hub.apply(WORKLOADS, lie, manager="somebody", subresource="status")

    async def right() -> bool:
        found = await setting.scene.get(obj)
        return found is not None and found["status"]["state"] == "active"

    await eventually(right, "the status is right again")


@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
async def test_a_workload_and_its_native_object_end_by_either_order(setting: Setting, propagation: str) -> None:
    obj = await deleted_with(setting, propagation)
    await setting.removed(obj)


async def test_a_workload_that_is_deleted_with_orphans_leaves_its_native_object(setting: Setting) -> None:
    obj = await deleted_with(setting, "Orphan")
    await asyncio.sleep(2)
    assert await setting.deployment(obj) is not None


async def deleted_with(setting: Setting, propagation: str) -> Object:
    """A Workload in its own place that was deleted so."""
    obj = workload(unique("w"), setting.place, scale=0)
    await setting.scene.apply(obj)
    uid = (await setting.scene.ready(obj))["metadata"]["uid"]
    await setting.scene.hub.delete(WORKLOADS, obj["metadata"]["name"], setting.place, uid=uid, propagation=propagation)
    await setting.scene.gone(obj)
    return obj


async def test_what_is_deleted_while_it_is_made_leaves_nothing(setting: Setting) -> None:
    objects = [setting.workload(scale=0) for _ in range(20)]

    async def come_and_go(obj: Object, pause: float) -> None:
        await setting.scene.apply(obj)
        await asyncio.sleep(pause)
        await setting.scene.delete(obj)
        await setting.scene.gone(obj)

    async with asyncio.TaskGroup() as group:
        for number, obj in enumerate(objects):
            group.create_task(come_and_go(obj, number * 0.01))

    async def nothing_left() -> bool:
        found = await setting.home.list(DEPLOYMENTS, setting.place)
        return all(each["metadata"].get("deletionTimestamp") for each in found)

    await eventually(nothing_left, "no Deployment is left")


@pytest.mark.slow
async def test_names_that_the_server_makes_are_all_served(setting: Setting) -> None:
    count = 60
    body = workload("", setting.place, scale=0)
    body["metadata"] = {"generateName": "many-", "namespace": setting.place}
    await asyncio.gather(*(setting.scene.hub.create(WORKLOADS, body, manager="test") for _ in range(count)))

    async def all_ready() -> bool:
        found = await setting.scene.hub.list(WORKLOADS, setting.place)
        return len(found) == count and all(condition(each, "Ready").get("status") == "True" for each in found)

    await eventually(all_ready, "all are Ready")
    assert len(await setting.home.list(DEPLOYMENTS, setting.place)) == count


async def test_an_object_of_a_megabyte_is_served_and_holds_up_nobody(setting: Setting) -> None:
    environment = [{"name": f"V{number}", "value": "x" * 1000} for number in range(600)]
    container = {"name": "main", "image": "registry.example/app:1", "env": environment}
    large = setting.workload(scale=0, containers=[container])
    await setting.scene.apply(large)
    await setting.running(scale=0)
    seen = await setting.scene.get(large)
    assert seen is not None
    await setting.scene.ready(large)
    await setting.scene.apply(setting.workload(large["metadata"]["name"], scale=1, containers=[container]))

    async def scaled() -> bool:
        return bool((await setting.made(large))["spec"]["replicas"] == 1)

    await eventually(scaled, "its change was seen")


async def test_annotations_beyond_the_limit_are_refused_by_the_server(setting: Setting) -> None:
    made = project(unique("p"), "local")
    made["metadata"]["annotations"] = {"note": "x" * (256 * 1024)}
    with pytest.raises(Invalid, match=r"metadata\.annotations.*[Tt]oo long"):
        await setting.scene.apply(made)


@pytest.mark.parametrize("gvr", [CLUSTERS, PROJECTS, WORKLOADS], ids=str)
async def test_without_rights_nothing_is_seen(ground: Ground, gvr: GVR) -> None:
    login = default_login(str(ground.stage.control_plane.hub.kubeconfig))
    async with Client(replace(login, headers={"Impersonate-User": "mallory"})) as mallory:
        for namespace in ("", "local") if gvr.namespaced else ("",):
            with pytest.raises(Forbidden):
                await mallory.list(gvr, namespace)
            with pytest.raises(Forbidden):
                async for _ in mallory.stream(gvr.path(namespace), {"watch": "true"}, silence=5):
                    pass
    assert await ground.stage.hub.list(NAMESPACES)
