"""Eight writers ask, move and delete for five minutes; of two replicas the leader is killed every half minute."""

from __future__ import annotations

import asyncio
import random
import time

from bench import scene
from bench.figures import Result, result
from bench.waiting import until
from drover.dev.beside import Replica
from drover.dev.contest import Referee, contend, lost, namespace
from drover.dev.stage import Stage
from drover.kinds.resources import PROJECTS
from drover.kube.gvr import NAMESPACES, Object

_SECONDS = 300.0
_KILL_EVERY = 30.0
_LEASE_SECONDS = 5
_WRITERS = 8
_PROJECTS = 4
_NAMESPACES = 24
_LIMIT = 40
_PATIENCE_SECONDS = 60.0


async def run() -> Result:
    """Counts the moments at which a Project's quotas held more than its limit, and requests that were lost."""
    async with scene.on("quota", arguments=("--lease-seconds", str(_LEASE_SECONDS))) as made:
        replicas = {name: await asyncio.to_thread(made.start, name) for name in ("one", "two")}
        await scene.started(made)
        projects = [await _project(made, f"p-{number}") for number in range(_PROJECTS)]
        ids = [f"local:{project['metadata']['name']}" for project in projects]
        names = [f"n-{number:02}" for number in range(_NAMESPACES)]
        for number, name in enumerate(names):
            await made.hub.apply(NAMESPACES, namespace(name, ids[number % len(ids)]), manager=scene.MANAGER)
        referee = Referee(made.hub, projects)
        following = asyncio.create_task(referee.run())
        await referee.ready()
        killing = asyncio.create_task(_kill_leaders(made, replicas))
        counts = await asyncio.gather(
            *(
                contend(made.hub, names, ids, random.Random(seed), _SECONDS)  # noqa: S311 - repeatable
                for seed in range(_WRITERS)
            )
        )
        killing.cancel()
        ended = time.perf_counter()
        left = await _left(made, projects, referee)
        settled = time.perf_counter() - ended
        following.cancel()
    values = {
        "overshoots": sum(most > _LIMIT for most in referee.most.values()),
        "lost_updates": len(left),
    }
    baseline = {
        "requests": sum(counts),
        "quota_changes": referee.changes,
        "most_held_of_limit": max(referee.most.values()) / _LIMIT,
        "kills": round(_SECONDS / _KILL_EVERY) - 1,
        "settled_seconds": settled,
    }
    return result("quota", values, baseline)


async def _project(made: Stage, name: str) -> Object:
    project = scene.project(name)
    project["spec"] |= {
        "resourceQuota": {"limit": {"pods": str(_LIMIT)}},
        "namespaceDefaultResourceQuota": {"limit": {"pods": "2"}},
    }
    return await made.hub.apply(PROJECTS, project, manager=scene.MANAGER)


async def _kill_leaders(made: Stage, replicas: dict[str, Replica]) -> None:
    while True:
        await asyncio.sleep(_KILL_EVERY)
        leader = await scene.leader(made, replicas)
        replicas[leader].process.kill()
        await asyncio.sleep(_LEASE_SECONDS)
        replicas[leader] = await asyncio.to_thread(made.start, leader)


async def _left(made: Stage, projects: list[Object], referee: Referee) -> list[str]:
    """What is still not as it was last asked for after a minute without requests."""
    found: list[str] = []
    deadline = time.monotonic() + _PATIENCE_SECONDS

    async def look() -> bool:
        nonlocal found
        found = await lost(made.hub, made.hub, projects, referee)
        return not found or time.monotonic() > deadline

    await until(look, "every request was answered", pause=0.2)
    return found
