"""More at once than the operator can do at once, and its end in the midst of it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from drover.dev import audit
from drover.dev.stage import Stage, stage
from drover.kinds.resources import WORKLOADS
from drover.kube.client import Client
from drover.kube.gvr import CRONJOBS, DEPLOYMENTS, LEASES, Object
from tests.cluster.scene import cluster, condition, eventually, scene_of, workload
from tests.faults.conftest import ARGUMENTS, Ground
from tests.faults.setting import local
from tests.faults.writes import Writes

BURST = 5000


async def apply_all(hub: Client, objects: Iterable[Object], at_once: int = 32) -> float:
    """Applies objects as fast as it goes; gives the seconds that it took."""
    waiting, started = iter(objects), time.monotonic()

    async def some() -> None:
        for obj in waiting:
            await hub.apply(WORKLOADS, obj, manager="test")

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(some())
    return time.monotonic() - started


async def all_ready(hub: Client, namespace: str, count: int) -> bool:
    """Whether so many Workloads are there, each of them Ready."""
    found = await hub.list(WORKLOADS, namespace)
    return len(found) == count and all(condition(each, "Ready").get("status") == "True" for each in found)


async def test_sigterm_in_a_burst_ends_it_soon_and_the_next_one_finishes_the_work(ground: Ground) -> None:
    async with Writes(ground) as writes:
        setting = await local(ground.scene(writes.replica))
        writes.choose()
        objects = [workload(f"burst-{number}", setting.place, scale=0) for number in range(100)]
        applying = asyncio.create_task(apply_all(setting.scene.hub, objects, at_once=8))
        await eventually(lambda: enough(writes, 40), "it is in the midst of it")
        process, started = writes.replica.process, time.monotonic()
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, 30)
        assert time.monotonic() - started < 10
        assert writes.made < 2 * len(objects)  # there was work left
        lease = await setting.scene.hub.get(LEASES, "drover", "drover-system")
        assert not lease["spec"].get("holderIdentity")
        await applying
        started = time.monotonic()
        next_one = await ground.start("next")
        assert time.monotonic() - started < 20
        await eventually(lambda: all_ready(setting.scene.hub, setting.place, len(objects)), "all are Ready")
        assert len(await setting.home.list(DEPLOYMENTS, setting.place)) == len(objects)
        assert writes.created.count("deployments") == len(objects)
        assert next_one.process.is_running()


async def enough(writes: Writes, count: int) -> bool:
    """Whether so many writes were made."""
    return writes.made >= count


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_burst_of_5000_objects_is_worked_off_in_bounded_memory() -> None:
    async with stage(f"test-burst-{os.getpid()}", arguments=ARGUMENTS) as made:
        await burst(made)


async def burst(made: Stage) -> None:
    """5,000 suspended CronJobs, which make nothing themselves."""
    replica = made.start()
    scene = scene_of(made, replica)
    await scene.ready(cluster("local"))
    place = await scene.namespace(await scene.project("local"))
    since = audit.size(made.audit_log)
    idle = {"schedule": "0 0 1 1 *", "suspend": True}
    seconds = await apply_all(made.hub, (workload(f"b-{number}", place, cronJobConfig=idle) for number in range(BURST)))
    await eventually(lambda: all_ready(made.hub, place, BURST), "all are Ready", 600)
    process = replica.process
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    writes = len(audit.writes(made.audit_log, since))
    print(f"applied in {seconds:.1f} s, {writes} writes, peak {peak:.0f} MiB")
    assert len(await made.hub.list(CRONJOBS, place)) == BURST
    assert writes <= 3.2 * BURST  # the native object, and its status before and after it is ready
    assert peak < 300
    assert "no longer leading" not in replica.log.read_text()
