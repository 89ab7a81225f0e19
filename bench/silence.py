"""5,000 settled objects, a restart, and then nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path

import psutil

from bench import scene
from bench.figures import Result, result
from bench.waiting import at_once, until
from drover.dev import audit
from drover.dev.beside import Replica
from drover.dev.stage import Stage
from drover.kinds.resources import CLUSTERS, KINDS, PROJECTS, PROVISIONING_CLUSTERS, WORKLOADS
from drover.kube.gvr import DEPLOYMENTS, GVR, NAMESPACES, NETWORK_POLICIES, SECRETS, Key, key_of

_COUNT = 5000
_PROJECTS = 300
_PLACES = 10
_MANAGEMENT_CLUSTERS = 50
_IMPORTED_CLUSTERS = 50
_STALLED_CLUSTERS = 100
_FURTHER = 20
"""Of each kind that stands beside them."""
_SECONDS = 120.0
_QUIET_SECONDS = 10.0
_NEW = "new"
_NATIVE = (DEPLOYMENTS, NAMESPACES, NETWORK_POLICIES, SECRETS)
_BY_KIND = {gvr.kind: gvr for gvr in (*KINDS, SECRETS) if gvr is not PROVISIONING_CLUSTERS}

Versions = dict[tuple[GVR, Key], str]


async def run() -> Result:
    """Measures writes, changes, memory and CPU after a restart."""
    async with scene.on("silence") as made:
        replica = await asyncio.to_thread(made.start)
        await scene.started(made)
        await _fill(made)
        await _settled(made)
        await asyncio.to_thread(replica.stop)
        before, since = await _versions(made), audit.size(made.audit_log)
        floor = await _list_cpu(made)

        started = time.perf_counter()
        replica = await asyncio.to_thread(made.start)
        await scene.said(replica, "ready")
        warm = time.perf_counter() - started
        served = await _serve(made)
        start_cpu = _cpu(replica.process)
        await asyncio.sleep(_QUIET_SECONDS)  # the first pass over everything belongs to the start
        settled_cpu, idle_from = _cpu(replica.process), time.perf_counter()
        await asyncio.sleep(_SECONDS)
        idle = (_cpu(replica.process) - settled_cpu) / (time.perf_counter() - idle_from)
        writes = [write for write in audit.writes(made.audit_log, since) if write.name != _NEW]
        after = await _versions(made)
        memory, peak = _memory(replica)
        objects = sum(gvr in KINDS for gvr, _ in before)
    changed = [found for found, version in before.items() if after.get(found) != version]
    values = {
        "writes": len(writes),
        "changes_of_drover_kinds": sum(gvr in KINDS for gvr, _ in changed),
        "changes_of_native_kinds": sum(gvr in _NATIVE for gvr, _ in changed),
        "new_object": served,
        "rss": memory,
        "rss_peak": peak,
        "idle_cpu": 100 * idle,
    }
    baseline = {
        "objects": objects,
        "native_objects": len(before) - objects,
        "restart_to_warm_seconds": warm,
        "cpu_seconds_until_new_object": start_cpu,
        "cpu_seconds_until_settled": settled_cpu,
        "bare_list_cpu_seconds": floor,
    }
    return result("silence", values, baseline)


async def _fill(made: Stage) -> None:
    """Everything but Workloads first: what those bring along counts too, and Workloads make up the rest."""
    await at_once(_others(made))
    await scene.quiet(made, _QUIET_SECONDS)
    names = [f"place-{number}" for number in range(_PLACES)]
    for name in names:
        await scene.place(made, name)
    await scene.quiet(made, _QUIET_SECONDS)  # now the Projects have their own namespaces
    await _keep(made, names)
    await scene.quiet(made, _QUIET_SECONDS)
    left = _COUNT - sum([len(await made.hub.list(gvr)) for gvr in KINDS])
    await at_once(
        made.hub.apply(WORKLOADS, scene.workload(number, names[number % _PLACES]), manager=scene.MANAGER)
        for number in range(left)
    )


async def _keep(made: Stage, projects: list[str]) -> None:
    """What is kept in the namespaces of projects: copies of secrets, network policies, levels of pod security."""
    spec = {"enableNetworkPolicy": True, "defaultPodSecurityAdmissionConfigurationTemplateName": "rancher-privileged"}
    await made.hub.merge(CLUSTERS, {"metadata": {"name": "local"}, "spec": spec}, manager=scene.MANAGER)
    for name in projects:
        await made.hub.apply(SECRETS, scene.project_secret("shared", name), manager=scene.MANAGER)
    for number in range(_FURTHER):
        for obj in scene.further(number):
            await made.hub.apply(_BY_KIND[obj["kind"]], obj, manager=scene.MANAGER)


def _others(made: Stage) -> Iterator[Awaitable[object]]:
    made_of = (
        (CLUSTERS, (scene.management_cluster(f"management-{number}") for number in range(_MANAGEMENT_CLUSTERS))),
        (PROVISIONING_CLUSTERS, (scene.imported_cluster(f"imported-{number}") for number in range(_IMPORTED_CLUSTERS))),
        (PROVISIONING_CLUSTERS, (scene.stalled_cluster(f"stalled-{number}") for number in range(_STALLED_CLUSTERS))),
        (PROJECTS, (scene.project(f"project-{number}") for number in range(_PROJECTS))),
    )
    for gvr, objects in made_of:
        for obj in objects:
            yield made.hub.apply(gvr, obj, manager=scene.MANAGER)


async def _settled(made: Stage) -> None:
    """Waits until nothing has changed for ten seconds, by whomever."""
    await scene.quiet(made, _QUIET_SECONDS)
    versions = Versions()

    async def look() -> bool:
        nonlocal versions
        before, versions = versions, await _versions(made)
        return versions == before

    await until(look, "everything is settled", pause=_QUIET_SECONDS)


async def _versions(made: Stage) -> Versions:
    return {
        (gvr, key_of(item)): item["metadata"]["resourceVersion"]
        for gvr in (*KINDS, *_NATIVE)
        async for page in made.hub.pages(gvr, metadata_only=True)
        for item in page.items
    }


async def _list_cpu(made: Stage) -> float:
    """The CPU seconds that a bare client takes for lists of all that Drover keeps."""
    started = time.process_time()
    for gvr in (*KINDS, *_NATIVE):
        await made.hub.list(gvr)
    return time.process_time() - started


async def _serve(made: Stage) -> float:
    """Seconds from a new Workload to its Deployment."""
    obj = scene.workload(0, "place-0")
    obj["metadata"]["name"] = _NEW
    started = time.perf_counter()
    await made.hub.apply(WORKLOADS, obj, manager=scene.MANAGER)
    await until(
        lambda: scene.exists(made, DEPLOYMENTS, _NEW, "place-0"), "the new Workload has its Deployment", pause=0.01
    )
    return time.perf_counter() - started


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _memory(replica: Replica) -> tuple[float, float]:
    """Resident memory now, and the most it has been, in MiB."""
    lines = Path(f"/proc/{replica.process.pid}/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    now, peak = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak
