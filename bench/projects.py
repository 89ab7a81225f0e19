"""500 Projects with a quota, two namespaces each: all at once, then one by one at a pace, then deleted."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter

from bench import scene
from bench.figures import Result, result
from bench.waiting import at_once, until
from drover.dev import audit
from drover.dev.stage import Stage
from drover.kinds.resources import PROJECTS
from drover.kube.client import Client
from drover.kube.gvr import NAMESPACES, RESOURCE_QUOTAS, Object
from drover.rules.conditions import is_true

_COUNT = 500
_PACED = 60
_PACE_SECONDS = 0.5
_MINIMUM = 7
"""Writes a project: finalizer, backing namespace, one status with what is granted; marks and a ResourceQuota in each of
the two namespaces."""


async def run() -> Result:
    """Measures writes, time and latency; a bare client does the fewest writes for the same end state."""
    async with scene.on("projects") as made:
        bare = await _bare(made)
        await asyncio.to_thread(made.start)
        await scene.started(made)
        await asyncio.sleep(1)
        since = audit.size(made.audit_log)
        started = time.perf_counter()
        await at_once(_with_namespaces(made.hub, f"p-{number:04}") for number in range(_COUNT))
        await until(lambda: _all_granted(made), "every namespace has its quota")
        total = time.perf_counter() - started
        await asyncio.sleep(2)
        found = Counter(write.what for write in audit.writes(made.audit_log, since))
        paced = sorted([await _ready_after(made, f"paced-{number:03}") for number in range(_PACED)])
        deleted = [await _gone_after(made, f"paced-{number:03}") for number in range(_PACED)]
    values = {
        "writes_over_minimum": sum(found.values()) / (_MINIMUM * _COUNT),
        "throughput_over_bare": bare / total,
        "paced_ready_p99": paced[round(0.99 * (len(paced) - 1))] * 1000,
        "delete_p50": statistics.median(deleted) * 1000,
    }
    baseline = {
        "bare_seconds": bare,
        "total_seconds": total,
        "paced_ready_p50": statistics.median(paced) * 1000,
        **{what.replace(" ", "_"): count for what, count in sorted(found.items())},
    }
    return result("projects", values, baseline)


def _project(name: str, cluster: str = "local") -> Object:
    project = scene.project(name, cluster)
    project["spec"] |= {
        "resourceQuota": {"limit": {"limitsCpu": "10", "pods": "100"}},
        "namespaceDefaultResourceQuota": {"limit": {"limitsCpu": "2", "pods": "20"}},
    }
    return project


async def _with_namespaces(hub: Client, name: str) -> None:
    await hub.apply(PROJECTS, _project(name), manager=scene.MANAGER)
    for number in (1, 2):
        await hub.apply(NAMESPACES, scene.namespace(f"{name}-{number}", f"local:{name}"), manager=scene.MANAGER)


async def _all_granted(made: Stage) -> bool:
    await asyncio.sleep(0.3)  # a list of all is work for the server, which is being measured
    quotas = await made.hub.list(RESOURCE_QUOTAS)
    if len(quotas) < 2 * _COUNT:
        return False
    projects = [each for each in await made.hub.list(PROJECTS, "local") if each["metadata"]["name"].startswith("p-0")]
    return all((each.get("status") or {}).get("namespaces") == 2 for each in projects)


async def _ready_after(made: Stage, name: str) -> float:
    """From the create of a Project to Ready, at a pace of two a second."""
    started = time.perf_counter()
    await made.hub.apply(PROJECTS, _project(name), manager=scene.MANAGER)
    await until(lambda: _is_ready(made, name), f"{name} is Ready", pause=0.002)
    seconds = time.perf_counter() - started
    await asyncio.sleep(max(0.0, _PACE_SECONDS - seconds))
    return seconds


async def _is_ready(made: Stage, name: str) -> bool:
    return is_true(await made.hub.get(PROJECTS, name, "local"), "Ready")


async def _gone_after(made: Stage, name: str) -> float:
    """From the delete of a Project until it is gone."""
    found = await made.hub.get(PROJECTS, name, "local")
    started = time.perf_counter()
    await made.hub.delete(PROJECTS, name, "local", uid=found["metadata"]["uid"])
    await scene.gone(made, PROJECTS, name, "local")
    return time.perf_counter() - started


async def _bare(made: Stage) -> float:
    """As many writes of the same kinds by a bare client, on objects of its own; its Projects are gone before the
    operator starts."""
    await made.hub.apply(NAMESPACES, scene.namespace("bare"), manager="bare")

    async def one(number: int) -> None:
        name = f"bare-{number:04}"
        stored = await made.hub.apply(PROJECTS, _project(name, "bare"), manager="bare")
        names = {field: stored["metadata"][field] for field in ("name", "namespace", "uid")}
        kind = {"apiVersion": PROJECTS.api_version, "kind": PROJECTS.kind}
        await made.hub.apply(PROJECTS, {**kind, "metadata": names | {"labels": {"a": "b"}}}, manager="more")
        await made.hub.apply(NAMESPACES, scene.namespace(f"backs-{name}"), manager="bare")
        status = {**kind, "metadata": names, "status": {"namespaces": 2}}
        await made.hub.apply(PROJECTS, status, manager="bare", subresource="status")
        for count in (1, 2):
            place = f"{name}-{count}"
            await made.hub.apply(NAMESPACES, scene.namespace(place), manager="bare")
            marked = scene.namespace(place)  # by a label of its own: the operator is to have nothing to say about it
            marked["metadata"]["labels"] = {"bare": name}
            await made.hub.apply(NAMESPACES, marked, manager="bare")
            quota = {
                "apiVersion": "v1",
                "kind": RESOURCE_QUOTAS.kind,
                "metadata": {"name": "default-quota", "namespace": place},
                "spec": {"hard": {"limits.cpu": "2", "pods": "20"}},
            }
            await made.hub.apply(RESOURCE_QUOTAS, quota, manager="bare")

    started = time.perf_counter()
    await at_once(one(number) for number in range(_COUNT))
    seconds = time.perf_counter() - started
    for project in await made.hub.list(PROJECTS, "bare"):
        await made.hub.delete(PROJECTS, project["metadata"]["name"], "bare", uid=project["metadata"]["uid"])
    return seconds
