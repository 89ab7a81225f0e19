"""A kube-apiserver that is away, slow, or too busy."""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest

from drover.dev.kwok import APISERVER
from drover.kube.gvr import DEPLOYMENTS, LEASES
from tests.cluster.scene import log_says
from tests.faults.conftest import Ground
from tests.faults.intercept import Answer, Asked
from tests.faults.setting import imported, local
from tests.faults.writes import Writes


async def transitions(ground: Ground) -> tuple[str, int]:
    """Who holds the Lease, and how often it changed hands."""
    spec = (await ground.stage.hub.get(LEASES, "drover", "drover-system"))["spec"]
    return str(spec["holderIdentity"]), int(spec.get("leaseTransitions") or 0)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_an_outage_of_30_seconds_costs_nothing_but_the_time(ground: Ground) -> None:
    async with Writes(ground) as writes:
        await log_says(writes.replica, '"leading"')
        setting = await imported(ground, ground.scene(writes.replica))
        obj = await setting.running(scale=1)
        process, holder = writes.replica.process, (await transitions(ground))[0]
        hub = ground.stage.control_plane.hub
        await writes.rest()
        writes.choose()
        await asyncio.to_thread(hub.kill, APISERVER)
        try:
            await asyncio.sleep(15)
            metadata = (await setting.made(obj))["metadata"]
            await setting.home.delete(DEPLOYMENTS, metadata["name"], metadata["namespace"], uid=metadata["uid"])
            await asyncio.sleep(15)
            assert await setting.deployment(obj) is None  # without its Lease it writes nothing, to members neither
        finally:
            await asyncio.to_thread(hub.start, APISERVER)
        await setting.made(obj, 40)
        await setting.scene.ready(obj)
        await writes.rest()
        assert writes.replica.process == process
        assert (await transitions(ground))[0] == holder
        assert writes.created == ["deployments"]
        name = obj["metadata"]["name"]
        assert set(writes.log) <= {f"PATCH deployments {name}", f"PATCH workloads/status {name}"}, writes.log


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_two_seconds_a_call_do_not_cost_the_lease(ground: Ground) -> None:
    replica = await ground.start()
    setting = await local(ground.scene(replica))
    obj = setting.workload(scale=1)
    await setting.scene.apply(obj)
    await setting.scene.ready(obj, 180)  # after an outage, Kubernetes' own controllers take up to two minutes
    before = await transitions(ground)

    async def slow(asked: Asked) -> Answer | None:
        if not asked.watch:
            await asyncio.sleep(2)
        return None

    ground.hub.before = slow
    obj = setting.workload(scale=1)
    await setting.scene.apply(obj)
    await setting.scene.ready(obj)
    project = await setting.scene.project("local")
    assert project["status"]["backingNamespace"]
    await asyncio.sleep(20)
    assert await transitions(ground) == before
    assert "no longer leading" not in replica.log.read_text()


@pytest.mark.slow
async def test_a_server_that_is_too_busy_is_left_alone_for_as_long_as_it_asks(ground: Ground) -> None:
    setting = await local(ground.scene(await ground.start()))
    asked_at: dict[str, list[float]] = {}

    async def busy(asked: Asked) -> Answer | None:
        if asked.resource == "leases":  # has a priority level of its own
            return None
        if asked.method == "PATCH":  # a path that only one reconcile asks for
            asked_at.setdefault(asked.path, []).append(time.monotonic())
        return Answer(429, "TooManyRequests", "too many requests", {"Retry-After": "2"})

    ground.hub.before = busy
    objects = [setting.workload(scale=0) for _ in range(20)]
    for obj in objects:
        await setting.scene.apply(obj)
    await asyncio.sleep(5)
    ground.hub.reset()
    calm = time.monotonic()
    for obj in objects:
        await setting.scene.ready(obj, 10)
    assert time.monotonic() - calm < 10
    assert len(asked_at) >= len(objects)
    pauses = [later - earlier for times in asked_at.values() for earlier, later in itertools.pairwise(times)]
    assert min(pauses, default=2.0) >= 1.9
