"""1,000 Workloads applied at once, until their native objects are applied and reported."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Iterable

from bench.figures import Figure, show
from bench.waiting import until
from drover.dev import audit
from drover.dev.stage import Stage, stage
from drover.kinds.resources import CLUSTERS, PROJECTS, WORKLOADS
from drover.kube.errors import ApiError
from drover.kube.gvr import DEPLOYMENTS, NAMESPACES, Object
from drover.rules import workload as rules
from drover.rules.conditions import is_true

_COUNT = 1000
_IN_FLIGHT = 32


async def run() -> None:
    """Measures writes and time against a bare client that does the fewest writes."""
    async with stage(f"bench-workloads-{os.getpid()}") as made:
        bare = await _bare(made)
        await asyncio.to_thread(made.start)
        await until(lambda: _local_is_ready(made), "the local cluster is Ready")
        await _place(made)
        await asyncio.sleep(1)
        since = audit.size(made.audit_log)
        started = time.perf_counter()
        await _at_once(made.hub.apply(WORKLOADS, _workload(number), manager="bench") for number in range(_COUNT))
        applied = time.perf_counter() - started
        await until(lambda: _all_reported(made), "every Workload is reported")
        total = time.perf_counter() - started
        found = Counter(write.what for write in audit.writes(made.audit_log, since))
    minimum = 2 * _COUNT  # the native object and one status; in its own namespace it needs no finalizer
    statuses = found["patch workloads/status"]
    first = sum(found.values()) - max(0, statuses - _COUNT)
    figures = {
        "writes_over_minimum": Figure(first / minimum, "ratio", 1.10),
        "throughput_over_bare": Figure(bare / total, "ratio", 0.5, "higher"),
        "replica_only_statuses": Figure(max(0, statuses - _COUNT) / _COUNT, "a workload", 3.0),
    }
    show(
        "workloads",
        figures,
        {"bare_seconds": bare, "apply_seconds": applied, "total_seconds": total, "writes": sum(found.values())},
    )


async def _at_once(calls: Iterable[Awaitable[object]]) -> None:
    limit = asyncio.Semaphore(_IN_FLIGHT)

    async def one(call: Awaitable[object]) -> None:
        async with limit:
            await call

    await asyncio.gather(*(one(call) for call in calls))


async def _bare(made: Stage) -> float:
    """The same end state by a bare client: the Workload, its Deployment, one status."""
    await made.hub.apply(NAMESPACES, _namespace("bare", ""), manager="bare")

    async def one(number: int) -> None:
        workload = _workload(number, "bare")
        stored = await made.hub.apply(WORKLOADS, workload, manager="bare")
        native = rules.render(workload["spec"], name=workload["metadata"]["name"], namespace="bare")
        await made.hub.apply(DEPLOYMENTS, native, manager="bare")
        names = {name: stored["metadata"][name] for name in ("name", "namespace", "uid")}
        status = {key: workload[key] for key in ("apiVersion", "kind")} | {
            "metadata": names,
            "status": {"state": "active"},
        }
        await made.hub.apply(WORKLOADS, status, manager="bare", subresource="status")

    started = time.perf_counter()
    await _at_once(one(number) for number in range(_COUNT))
    seconds = time.perf_counter() - started
    bare = await made.hub.get(NAMESPACES, "bare")
    for workload in await made.hub.list(WORKLOADS, "bare"):
        await made.hub.delete(WORKLOADS, workload["metadata"]["name"], "bare", uid=workload["metadata"]["uid"])
    await made.hub.delete(NAMESPACES, "bare", uid=bare["metadata"]["uid"])
    await until(lambda: _gone(made, "bare"), "the bare client's objects are gone")
    return seconds


async def _gone(made: Stage, name: str) -> bool:
    try:
        await made.hub.get(NAMESPACES, name)
    except ApiError as error:
        return error.status == 404
    return False


async def _local_is_ready(made: Stage) -> bool:
    try:
        return is_true(await made.hub.get(CLUSTERS, "local"), "Ready")
    except ApiError:
        return False


async def _place(made: Stage) -> None:
    project = {
        "apiVersion": PROJECTS.api_version,
        "kind": PROJECTS.kind,
        "metadata": {"name": "bench", "namespace": "local"},
        "spec": {"clusterName": "local", "displayName": "Bench"},
    }
    await made.hub.apply(PROJECTS, project, manager="bench")
    await made.hub.apply(NAMESPACES, _namespace("bench", "local:bench"), manager="bench")


async def _all_reported(made: Stage) -> bool:
    await asyncio.sleep(0.2)  # a list of all is work for the server, which is being measured
    found = await made.hub.list(WORKLOADS, "bench")
    return len(found) == _COUNT and all((workload.get("status") or {}).get("nativeRef") for workload in found)


def _namespace(name: str, project: str) -> Object:
    annotations = {"field.cattle.io/projectId": project} if project else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations}}


def _workload(number: int, namespace: str = "bench") -> Object:
    return {
        "apiVersion": WORKLOADS.api_version,
        "kind": WORKLOADS.kind,
        "metadata": {"name": f"w-{number:04}", "namespace": namespace},
        "spec": {"scale": 0, "containers": [{"name": "main", "image": "registry.example/app:1"}]},
    }
