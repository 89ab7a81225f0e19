"""From an empty control plane to everything Ready, and a restart with everything settled."""

from __future__ import annotations

import asyncio
import time

from bench import scene
from bench.figures import Result, result
from bench.waiting import until
from drover.dev import audit
from drover.dev.stage import Stage
from drover.kinds.resources import CLUSTERS, PROJECTS
from drover.kube.errors import ApiError
from drover.rules.conditions import is_true

_RESTARTS = 5


async def run() -> Result:
    """Measures a cold start and the median of five restarts."""
    async with scene.on("start") as made:
        started = time.perf_counter()
        replica = await asyncio.to_thread(made.start)
        await until(lambda: _ready(made), "everything is Ready")
        cold = time.perf_counter() - started
        await asyncio.sleep(4)
        cold_writes = len(audit.writes(made.audit_log))
        since = audit.size(made.audit_log)
        restarts = []
        for _ in range(_RESTARTS):
            await asyncio.to_thread(replica.stop)
            started = time.perf_counter()
            replica = await asyncio.to_thread(made.start)
            await scene.said(replica, "ready")
            restarts.append(time.perf_counter() - started)
            warm_cpu = sum(replica.process.cpu_times()[:2])
            await asyncio.sleep(3)
        again = len(audit.writes(made.audit_log, since))
        bare = await scene.round_trip(made)
    values = {
        "cold_start": cold,
        "cold_writes": cold_writes,
        "restart_to_warm": sorted(restarts)[_RESTARTS // 2],
        "restart_writes": again,
    }
    baseline = {
        "round_trip_seconds": bare,
        "fastest_restart_seconds": min(restarts),
        "slowest_restart_seconds": max(restarts),
        "cpu_seconds_until_warm": warm_cpu,
    }
    return result("start", values, baseline)


async def _ready(made: Stage) -> bool:
    try:
        local = await made.hub.get(CLUSTERS, "local")
        projects = await made.hub.list(PROJECTS, "local")
    except ApiError:
        return False
    return is_true(local, "Ready") and len(projects) == 2 and all(is_true(project, "Ready") for project in projects)
