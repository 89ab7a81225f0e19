"""Many change quotas, move namespaces and delete them at the same time: at no moment do the ResourceQuotas of a project
hold more than its limit together."""

from __future__ import annotations

import asyncio
import random

from drover.dev.contest import Referee, contend, lost
from tests.cluster.kinds.test_quota import quota
from tests.cluster.scene import Scene, eventually, namespace, unique

_SECONDS = 12.0
_WRITERS = 4
_LIMIT = 20


async def test_invariant_5_concurrent_changes_never_exceed_the_limit_of_a_project(scene: Scene) -> None:
    projects = [await scene.project(**quota({"pods": str(_LIMIT)}, {"pods": "2"})) for _ in range(2)]
    ids = [f"edge:{project['metadata']['name']}" for project in projects]
    names = [unique("n") for _ in range(8)]
    for name in names:
        await scene.apply(namespace(name, random.choice(ids)), client=scene.member)  # noqa: S311 - no secret
    referee = Referee(scene.member, projects)
    following = asyncio.create_task(referee.run())
    await referee.ready()
    seeds = range(_WRITERS)
    counts = await asyncio.gather(
        *(contend(scene.member, names, ids, random.Random(seed), _SECONDS) for seed in seeds)  # noqa: S311 - repeatable
    )

    async def settled() -> bool:
        return not await lost(scene.hub, scene.member, projects, referee)

    await eventually(settled, "what is counted is what is held, and what members ask for where that fits")
    following.cancel()
    assert sum(counts) > 100
    assert referee.changes > 20
    assert max(referee.most.values()) <= _LIMIT, referee.most
