"""1,000 Workloads applied at once, until their native objects are applied and reported."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from bench import scene
from bench.figures import Result, result
from bench.waiting import at_once
from drover.dev import audit
from drover.dev.stage import Stage
from drover.kinds.resources import WORKLOADS
from drover.kube.gvr import DEPLOYMENTS, NAMESPACES
from drover.rules import workload as rules

_COUNT = 1000


async def run() -> Result:
    """Measures writes and time against a bare client that does the fewest writes."""
    async with scene.on("workloads") as made:
        bare = await _bare(made)
        await asyncio.to_thread(made.start)
        await scene.started(made)
        await scene.place(made, "bench")
        await asyncio.sleep(1)
        since = audit.size(made.audit_log)
        started = time.perf_counter()
        await at_once(
            made.hub.apply(WORKLOADS, scene.workload(number, "bench"), manager=scene.MANAGER)
            for number in range(_COUNT)
        )
        applied = time.perf_counter() - started
        await scene.reported(made, "bench", _COUNT)
        total = time.perf_counter() - started
        found = Counter(write.what for write in audit.writes(made.audit_log, since))
    minimum = 2 * _COUNT  # the native object and one status; in its own namespace it needs no finalizer
    further = max(0, found["patch workloads/status"] - _COUNT)
    values = {
        "writes_over_minimum": (sum(found.values()) - further) / minimum,
        "throughput_over_bare": bare / total,
        "replica_only_statuses": further / _COUNT,
    }
    baseline = {
        "bare_seconds": bare,
        "apply_seconds": applied,
        "total_seconds": total,
        "writes": sum(found.values()),
    }
    return result("workloads", values, baseline)


async def _bare(made: Stage) -> float:
    """The same end state by a bare client: the Workload, its Deployment, one status."""
    await made.hub.apply(NAMESPACES, scene.namespace("bare"), manager="bare")

    async def one(number: int) -> None:
        workload = scene.workload(number, "bare")
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
    await at_once(one(number) for number in range(_COUNT))
    seconds = time.perf_counter() - started
    bare = await made.hub.get(NAMESPACES, "bare")
    for workload in await made.hub.list(WORKLOADS, "bare"):
        await made.hub.delete(WORKLOADS, workload["metadata"]["name"], "bare", uid=workload["metadata"]["uid"])
    await made.hub.delete(NAMESPACES, "bare", uid=bare["metadata"]["uid"])
    await scene.gone(made, NAMESPACES, "bare")
    return seconds
