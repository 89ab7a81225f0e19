"""From an empty control plane to everything Ready, and a restart with everything settled."""

from __future__ import annotations

import asyncio
import os
import time

from bench.figures import Figure, show
from bench.waiting import until
from drover.dev import audit
from drover.dev.beside import Replica
from drover.dev.stage import Stage, stage
from drover.kinds.resources import CLUSTERS, PROJECTS
from drover.kube.errors import ApiError
from drover.kube.gvr import NAMESPACES
from drover.rules.conditions import is_true

_MINIMUM = 9
"""The Cluster, its namespace, two Projects with theirs, three statuses: 1 + 1 + 2 + 2 + 3."""


async def run() -> None:
    """Measures a cold start and a restart."""
    async with stage(f"bench-start-{os.getpid()}") as made:
        started = time.perf_counter()
        replica = await asyncio.to_thread(made.start)
        await until(lambda: _ready(made), "everything is Ready")
        cold = time.perf_counter() - started
        await asyncio.sleep(2)
        cold_writes = len(audit.writes(made.audit_log))
        await asyncio.to_thread(replica.stop)
        since = audit.size(made.audit_log)
        started = time.perf_counter()
        replica = await asyncio.to_thread(made.start)
        await until(lambda: _says(replica, '"ready"'), "the caches are warm")
        warm = time.perf_counter() - started
        await asyncio.sleep(5)
        again = len(audit.writes(made.audit_log, since))
        bare = await _bare(made)
    figures = {
        "cold_start": Figure(cold, "s", 3.0),
        "cold_writes": Figure(cold_writes, "writes", _MINIMUM),
        "restart_to_warm": Figure(warm, "s", 1.0),
        "restart_writes": Figure(again, "writes", 0),
    }
    show("start", figures, {"write_seconds": bare, "minimum_writes": _MINIMUM})


async def _ready(made: Stage) -> bool:
    try:
        local = await made.hub.get(CLUSTERS, "local")
        projects = await made.hub.list(PROJECTS, "local")
    except ApiError:
        return False
    return is_true(local, "Ready") and len(projects) == 2 and all(is_true(project, "Ready") for project in projects)


async def _says(replica: Replica, text: str) -> bool:
    return replica.log.exists() and text in replica.log.read_text(errors="replace")


async def _bare(made: Stage) -> float:
    """One write of a bare client, in seconds."""
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bare"}}
    started = time.perf_counter()
    for number in range(20):
        await made.hub.apply(
            NAMESPACES, {**obj, "metadata": {"name": "bare", "labels": {"n": str(number)}}}, manager="bare"
        )
    return (time.perf_counter() - started) / 20
