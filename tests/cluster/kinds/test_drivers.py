"""nodedrivers, kontainerdrivers and dynamicschemas of management.cattle.io on a real control plane."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from drover.dev import ports
from drover.kinds.resources import NODE_DRIVERS
from drover.kube.errors import ApiError, Invalid
from tests.cluster.scene import Scene, cluster, condition, eventually, management, provisioning_cluster, unique


def node_driver(name: str, **spec: Any) -> Any:
    return management("NodeDriver", name, **{"active": True, "url": "local://", **spec})


def pools(kind: str) -> dict[str, Any]:
    reference = {"kind": kind, "name": "small"}
    pool = {"name": "all", "etcdRole": True, "controlPlaneRole": True, "machineConfigRef": reference}
    return {"rkeConfig": {"machinePools": [pool]}}


async def test_nothing_is_downloaded_or_run(scene: Scene) -> None:
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"#!/bin/sh\ntouch /tmp/ran\n")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    (port,) = ports.pick(1, set())
    await web.TCPSite(runner, "127.0.0.1", port).start()
    node, kontainer = (
        node_driver(unique("nd"), url=f"http://127.0.0.1:{port}/driver", checksum="a" * 64),
        management("KontainerDriver", unique("kd"), active=True, url=f"http://127.0.0.1:{port}/driver"),
    )
    try:
        for obj in (node, kontainer):
            await scene.apply(obj)
            seen = await scene.ready(obj)
            assert condition(seen, "Downloaded")["reason"] == "NotDownloaded"
            assert condition(seen, "Installed")["status"] == "False"
            assert condition(seen, "Active")["status"] == "True"
        await asyncio.sleep(1)
        assert asked == []
        assert scene.drover.process.children(recursive=True) == []
    finally:
        await runner.cleanup()
    for obj in (node, kontainer):
        await scene.delete(obj)
        await scene.gone(obj)


async def test_a_driver_that_machine_pools_use_is_neither_switched_off_nor_deleted(scene: Scene) -> None:
    obj = node_driver(unique("nd"))
    name = obj["metadata"]["name"]
    made = provisioning_cluster(unique("pc"), **pools(f"N{name[1:]}Config"))
    template = management("NodeTemplate", unique("nt"), "fleet-default", driver=name)
    for each in (obj, made, template):
        await scene.apply(each)
    user = f"Cluster.provisioning.cattle.io/fleet-default/{made['metadata']['name']}"

    async def both() -> bool:
        status = ((await scene.get(obj)) or {}).get("status") or {}
        return status.get("users") == 2

    seen = await scene.shows(obj, "InUse", "True")
    assert seen["status"]["machineConfigKind"] == f"N{name[1:]}Config"
    await eventually(both, "it has two users")
    with pytest.raises(Invalid) as refused:
        await scene.apply({**obj, "spec": {**obj["spec"], "active": False}})
    assert user in refused.value.message
    assert "remove its users first" in refused.value.message
    await scene.delete(obj)
    seen = await scene.shows(obj, "Ready", "False", "InUse")
    assert user in condition(seen, "Ready")["message"]
    await scene.delete(template)
    await scene.gone(template)
    assert await scene.get(obj) is not None
    await scene.delete(made)
    await scene.gone(obj)


async def test_a_driver_without_users_is_switched_off_and_on(scene: Scene) -> None:
    obj = node_driver(unique("nd"))
    await scene.apply(obj)
    await scene.ready(obj)
    await scene.apply({**obj, "spec": {**obj["spec"], "active": False}})
    seen = await scene.shows(obj, "Inactive", "True")
    assert condition(seen, "Ready")["status"] == "True"
    await scene.apply(obj)
    await scene.shows(obj, "Active", "True")
    await scene.delete(obj)
    await scene.gone(obj)


async def test_two_records_of_one_driver_stall_one_until_the_other_goes(scene: Scene) -> None:
    driver = unique("twice")
    one, other = node_driver(unique("nd-a"), displayName=driver), node_driver(unique("nd-b"), displayName=driver)
    await scene.apply(one)
    await scene.ready(one)
    await scene.apply(other)
    await scene.shows(other, "Stalled", "True", "DriverNameTaken")
    await scene.delete(one)
    await scene.gone(one)
    await scene.ready(other)
    await scene.delete(other)
    await scene.gone(other)


async def test_a_credential_takes_the_fields_that_a_driver_is_annotated_with(scene: Scene) -> None:
    name = unique("own")
    obj = node_driver(name)
    obj["metadata"]["annotations"] = {"privateCredentialFields": "apiToken", "publicCredentialFields": "account"}
    await scene.apply(obj)
    status = (await scene.ready(obj))["status"]
    assert status["privateCredentialFields"] == ["apiToken"]
    assert status["publicCredentialFields"] == ["account"]
    await scene.delete(obj)
    await scene.gone(obj)


async def test_force_ends_the_waiting(scene: Scene) -> None:
    obj = node_driver(unique("nd"))
    template = management("NodeTemplate", unique("nt"), "fleet-default", driver=obj["metadata"]["name"])
    for each in (obj, template):
        await scene.apply(each)
    await scene.shows(obj, "InUse", "True")
    await scene.delete(obj)
    await scene.shows(obj, "Ready", "False", "InUse")
    forced = {"metadata": {**obj["metadata"], "annotations": {"drover.dev/force-delete": "true"}}}
    await scene.hub.merge(NODE_DRIVERS, forced, manager="test")
    await scene.gone(obj)
    await scene.shows(template, "Ready", "False", "DriverNotFound")
    await scene.delete(template)
    await scene.gone(template)


async def test_a_driver_of_clusters_stays_while_a_cluster_names_it(scene: Scene) -> None:
    obj = management("KontainerDriver", unique("kd"), active=True, url="https://drivers.example/oke")
    old = cluster(unique("old"), genericEngineConfig={"driverName": obj["metadata"]["name"]})
    for each in (obj, old):
        await scene.apply(each)
    seen = await scene.shows(obj, "InUse", "True")
    assert seen["status"]["usedBy"] == [f"Cluster.management.cattle.io/{old['metadata']['name']}"]
    with pytest.raises(ApiError, match="remove its users first"):
        await scene.apply({**obj, "spec": {**obj["spec"], "active": False}})
    await scene.delete(obj)
    await scene.shows(obj, "Ready", "False", "InUse")
    await scene.delete(old)
    await scene.gone(old)
    await scene.gone(obj)


async def test_a_dynamic_schema_is_kept_as_it_is(scene: Scene) -> None:
    fields = {"region": {"type": "string", "create": True, "default": {"stringValue": "a"}}}
    obj = management("DynamicSchema", unique("dschema"), schemaName="own", resourceFields=fields)
    made = await scene.apply(obj)
    await asyncio.sleep(1)
    found = await scene.get(obj)
    assert found is not None
    assert found["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    await scene.delete(obj)
    await scene.gone(obj)
