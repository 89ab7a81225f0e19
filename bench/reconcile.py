"""CPU of one settled and of one effective reconcile."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from bench import scene
from bench.figures import Result, result
from bench.waiting import at_once, meanwhile, until
from drover import install
from drover.dev import audit
from drover.dev.beside import Replica
from drover.dev.stage import Stage
from drover.kinds.connect import attach_local
from drover.kinds.manager import Manager
from drover.kinds.reconciler import Again
from drover.kinds.resources import CLUSTERS, PROJECTS, PROVISIONING_CLUSTERS, WORKLOADS
from drover.kube.gvr import GVR
from drover.kube.lease import LeaseSettings
from drover.process import Options, Process

_COUNT = 500
_CLUSTERS = 20
_RECONCILES = 5000
_IDLE_SECONDS = 20.0
_GATED = {
    CLUSTERS: "settled_cluster",
    PROJECTS: "settled_project",
    PROVISIONING_CLUSTERS: "settled_provisioning_cluster",
    WORKLOADS: "settled_workload",
}
"""The figures with a goal; those of other kinds are beside them."""


async def run() -> Result:
    """Measures effective reconciles on a running operator, settled ones in this process."""
    async with scene.on("reconcile") as made:
        replica = await asyncio.to_thread(made.start)
        await scene.started(made)
        await _fill(made)
        idle = await _idle(replica)
        effective, writes, further = await _effective(made, replica, idle)
        await asyncio.to_thread(replica.stop)
        async with _manager(made) as manager:
            there = [gvr for gvr in manager.kinds if manager.hub.caches[gvr].known()]
            settled = {
                f"settled_{gvr.kind.lower()}" if gvr not in _GATED else _GATED[gvr]: 1000 * await _settled(manager, gvr)
                for gvr in there
            }
        round_trip = await scene.round_trip(made)
    values = {name: settled.pop(name) for name in _GATED.values()} | {"effective": 1000 * effective}
    baseline = {
        "round_trip_ms": 1000 * round_trip,
        "writes_a_change": writes,
        "further_statuses_a_change": further,
        "idle_cpu_percent": 100 * idle,
        **{f"{name}_ms": milliseconds for name, milliseconds in settled.items()},
    }
    return result("reconcile", values, baseline, writes={"effective": writes})


async def _fill(made: Stage) -> None:
    await scene.place(made, "bench")
    for number in range(_CLUSTERS):
        for gvr, obj in (
            (CLUSTERS, scene.management_cluster(f"management-{number}")),
            (PROVISIONING_CLUSTERS, scene.imported_cluster(f"imported-{number}")),
            (PROJECTS, scene.project(f"project-{number}")),
        ):
            await made.hub.apply(gvr, obj, manager=scene.MANAGER)
    await _apply_all(made, "1")


async def _apply_all(made: Stage, tag: str) -> None:
    """Makes or changes every Workload, and waits until all are reported."""
    await at_once(
        made.hub.apply(
            WORKLOADS, scene.workload(number, "bench", image=f"registry.example/app:{tag}"), manager=scene.MANAGER
        )
        for number in range(_COUNT)
    )
    await scene.reported(made, "bench", _COUNT)
    await scene.quiet(made, 5)  # what follows from the Deployments' own statuses belongs to the changes


# --- Effective: a running operator, what it takes while nothing happens taken off ------------------------------------
async def _idle(replica: Replica) -> float:
    """CPU seconds a second."""
    before, started = _cpu(replica), time.perf_counter()
    await asyncio.sleep(_IDLE_SECONDS)
    return (_cpu(replica) - before) / (time.perf_counter() - started)


async def _effective(made: Stage, replica: Replica, idle: float) -> tuple[float, float, float]:
    """CPU seconds of a change from its event to its status, its writes, and how many of those are further statuses."""
    since = audit.size(made.audit_log)
    before, started = _cpu(replica), time.perf_counter()
    await _apply_all(made, "2")
    seconds = _cpu(replica) - before - idle * (time.perf_counter() - started)
    found = [write.what for write in audit.writes(made.audit_log, since)]
    statuses = found.count("patch workloads/status")
    return seconds / _COUNT, len(found) / _COUNT, max(0, statuses - _COUNT) / _COUNT


def _cpu(replica: Replica) -> float:
    times = replica.process.cpu_times()
    return float(times.user + times.system)


# --- Settled: the reconcilers alone, over caches filled from the hub --------------------------------------------------
@contextlib.asynccontextmanager
async def _manager(made: Stage) -> AsyncIterator[Manager]:
    """The kinds as an operator has them, without the Lease: a write would raise `NotLeading`."""
    manager = Process(made.hub.login, Options(lease=LeaseSettings(install.NAMESPACE))).manager
    try:
        await manager.load()
        local = attach_local(manager.hub)
        async with meanwhile(manager.hub.secrets.follow()):
            await until(lambda: _synced(manager), "the caches are filled")
            manager.hub.fleet.may_write.set()
            assert local.loop is not None
            yield manager
    finally:
        await manager.hub.fleet.close()
        await manager.hub.client.close()


async def _synced(manager: Manager) -> bool:
    local = manager.hub.local
    return local is not None and local.caches.synced and manager.hub.secrets.synced.is_set()


async def _settled(manager: Manager, gvr: GVR) -> float:
    """CPU seconds of a reconcile that changes nothing; the first pass, in which members hear of their parts, is not
    counted."""
    keys = manager.hub.caches[gvr].known()
    await _reconcile_all(manager, gvr)
    passes = max(1, _RECONCILES // len(keys))
    started = time.process_time()
    for _ in range(passes):
        await _reconcile_all(manager, gvr)
    return (time.process_time() - started) / (passes * len(keys))


async def _reconcile_all(manager: Manager, gvr: GVR) -> None:
    reconciler = manager.reconcilers[gvr]
    for key in manager.hub.caches[gvr].known():
        with contextlib.suppress(Again):  # it waits for a kubeconfig
            await reconciler.reconcile(key)
