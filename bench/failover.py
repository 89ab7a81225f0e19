"""The leader killed in the middle of 300 Workloads, ten times, with a second replica whose caches are warm."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from bench import scene
from bench.figures import Result, result
from bench.waiting import at_once, until
from drover import install
from drover.dev import audit
from drover.dev.beside import Replica
from drover.dev.stage import Stage
from drover.kinds.resources import WORKLOADS
from drover.kube.gvr import DEPLOYMENTS, LEASES

_COUNT = 300
_KILLS = 10
_FAULT_FREE = 3
_LEASE_SECONDS = 15.0
"""The operator's own default."""

_SLOWER = 1.3


@dataclass(frozen=True, slots=True)
class _Round:
    """Seconds from the kill and from the first apply, and what must not be: objects made twice, and writes of the old
    leader that arrive when the Lease is another's."""

    first_write: float
    total: float
    duplicates: int
    deposed: int


async def run() -> Result:
    """Measures rounds without a fault, then ten with one."""
    async with scene.on("failover", arguments=("--lease-seconds", f"{_LEASE_SECONDS:.0f}")) as made:
        replicas = {name: await asyncio.to_thread(made.start, name) for name in ("one", "two")}
        await scene.started(made)
        for replica in replicas.values():
            await scene.said(replica, "ready")
        fault_free = [await _fault_free(made, f"calm-{number}") for number in range(_FAULT_FREE)]
        usual = sorted(fault_free)[_FAULT_FREE // 2]
        rounds = []
        for number in range(_KILLS):
            after = _COUNT * (number + 1) // (_KILLS + 1)
            rounds.append(await _killed(made, replicas, f"killed-{number}", after))
        bare = await scene.round_trip(made)
    slowest = max(found.total for found in rounds)
    values = {
        "first_write_over_lease": max(found.first_write for found in rounds) / _LEASE_SECONDS,
        "total_over_limit": slowest / (_SLOWER * usual + _LEASE_SECONDS),
        "duplicates": sum(found.duplicates for found in rounds),
        "writes_by_deposed": sum(found.deposed for found in rounds),
    }
    baseline = {
        "round_trip_seconds": bare,
        "lease_seconds": _LEASE_SECONDS,
        "fault_free_seconds": usual,
        "median_first_write_seconds": sorted(found.first_write for found in rounds)[_KILLS // 2],
        "slowest_first_write_seconds": max(found.first_write for found in rounds),
        "slowest_total_seconds": slowest,
        "kills": len(rounds),
    }
    return result("failover", values, baseline)


async def _fault_free(made: Stage, name: str) -> float:
    await scene.place(made, name)
    started = time.perf_counter()
    await _apply_all(made, name)
    await scene.reported(made, name, _COUNT)
    seconds = time.perf_counter() - started
    await _clear(made, name)
    return seconds


async def _killed(made: Stage, replicas: dict[str, Replica], name: str, after: int) -> _Round:
    """One round: the leader is killed when `after` Workloads are applied."""
    await scene.place(made, name)
    leader = await scene.leader(made, replicas)
    identity = (await scene.said(replicas[leader], "ready"))["identity"]
    since, started = audit.size(made.audit_log), time.perf_counter()
    killed_at = await _apply_all(made, name, replicas[leader].process, after)
    await scene.reported(made, name, _COUNT)
    total = time.perf_counter() - started
    acquired = _time((await made.hub.get(LEASES, "drover", install.NAMESPACE))["spec"]["acquireTime"])
    late = [write for write in audit.writes(made.audit_log, since) if _time(write.at) > killed_at]
    first_write = min(_time(write.at) for write in late if identity not in write.agent)
    found = _Round(
        first_write=(first_write - killed_at).total_seconds(),
        total=total,
        duplicates=await _duplicates(made, name),
        deposed=sum(identity in write.agent and _time(write.at) >= acquired for write in late),
    )
    replicas[leader] = await asyncio.to_thread(made.start, leader)
    await scene.said(replicas[leader], "ready")
    await _clear(made, name)
    return found


async def _apply_all(made: Stage, namespace: str, leader: psutil.Process | None = None, after: int = 0) -> datetime:
    """Applies every Workload and kills the leader in between; gives the time of that."""
    applied, killed_at = 0, datetime.now(UTC)

    async def one(number: int) -> None:
        nonlocal applied, killed_at
        await made.hub.apply(WORKLOADS, scene.workload(number, namespace), manager=scene.MANAGER)
        applied += 1
        if leader is not None and applied == after:
            killed_at = datetime.now(UTC)
            leader.kill()

    await at_once(one(number) for number in range(_COUNT))
    return killed_at


async def _duplicates(made: Stage, namespace: str) -> int:
    """Deployments beyond one for each Workload, and those with another number of owners than one."""
    found = await made.hub.list(DEPLOYMENTS, namespace)
    owners = [tuple(sorted(owner["uid"] for owner in obj["metadata"].get("ownerReferences", []))) for obj in found]
    wanted = {(workload["metadata"]["uid"],) for workload in await made.hub.list(WORKLOADS, namespace)}
    return len(found) - len(wanted & set(owners))


async def _clear(made: Stage, namespace: str) -> None:
    """Deletes the Workloads, so that each round begins as the first one did."""
    found = await made.hub.list(WORKLOADS, namespace)
    await at_once(
        made.hub.delete(WORKLOADS, obj["metadata"]["name"], namespace, uid=obj["metadata"]["uid"]) for obj in found
    )

    async def look() -> bool:
        left = [await made.hub.list(gvr, namespace) for gvr in (WORKLOADS, DEPLOYMENTS)]
        return not any(left)

    await until(look, f"namespace {namespace} is empty", pause=0.5)


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)
