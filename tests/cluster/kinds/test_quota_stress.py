"""Many change quotas, move namespaces and delete them at the same time: at no moment do the ResourceQuotas of a project
hold more than its limit together."""

from __future__ import annotations

import asyncio
import json
import random
import time

from drover.kube.cache import Cache, Change
from drover.kube.errors import ApiError
from drover.kube.gvr import NAMESPACES, RESOURCE_QUOTAS, Object
from drover.kube.watch import Reflector
from tests.cluster.kinds.test_quota import quota
from tests.cluster.scene import Scene, eventually, namespace, unique

_SECONDS = 12.0
_WRITERS = 4
_LIMIT = 20


class Referee:
    """Follows the ResourceQuotas of the member in the order in which they were written."""

    def __init__(self, scene: Scene, projects: list[Object]) -> None:
        self.uids = {project["metadata"]["uid"] for project in projects}
        self.most = dict.fromkeys(self.uids, 0)
        self.changes = 0
        self.cache = Cache(RESOURCE_QUOTAS, indexes={"owner": _owner})
        self._reflector = Reflector(scene.member, self.cache, on_change=self._changed)

    async def run(self) -> None:
        await self._reflector.run()

    async def ready(self) -> None:
        await self._reflector.synced.wait()

    def _changed(self, _change: Change) -> None:
        self.changes += 1
        for uid in self.uids:
            self.most[uid] = max(self.most[uid], self.sum(uid))

    def sum(self, uid: str) -> int:
        return sum(int(obj["spec"]["hard"]["pods"]) for obj in self.cache.by("owner", uid))


def _owner(obj: Object) -> list[str]:
    uid = (obj["metadata"].get("labels") or {}).get("drover.dev/owner-uid", "")
    return [uid] if uid else []


async def write(scene: Scene, names: list[str], ids: list[str], chance: random.Random, until: float) -> int:
    """Asks, moves and deletes at random; how often."""
    done = 0
    while time.monotonic() < until:
        name, asked, to = chance.choice(names), chance.randint(0, 15), chance.choice([*ids, None])
        notes: dict[str, str | None] = {
            "field.cattle.io/resourceQuota": json.dumps({"limit": {"pods": str(asked)}}) if asked < 12 else None
        }
        if chance.random() < 0.4:
            notes["field.cattle.io/projectId"] = to
        try:
            if chance.random() < 0.05:
                found = await scene.member.get(NAMESPACES, name)
                await scene.member.delete(NAMESPACES, name, uid=found["metadata"]["uid"])
            else:
                patch = {"metadata": {"name": name, "annotations": notes}}
                await scene.member.merge(NAMESPACES, patch, manager="test")
        except ApiError:
            await scene.apply(namespace(name, chance.choice(ids)), client=scene.member)
        done += 1
        await asyncio.sleep(chance.uniform(0, 0.02))
    return done


async def test_concurrent_changes_never_exceed_the_limit_of_a_project(scene: Scene) -> None:
    """Invariant 5."""
    projects = [await scene.project(**quota({"pods": str(_LIMIT)}, {"pods": "2"})) for _ in range(2)]
    ids = [f"edge:{project['metadata']['name']}" for project in projects]
    names = [unique("n") for _ in range(8)]
    for name in names:
        await scene.apply(namespace(name, random.choice(ids)), client=scene.member)  # noqa: S311
    referee = Referee(scene, projects)
    following = asyncio.create_task(referee.run())
    await referee.ready()
    until = time.monotonic() + _SECONDS
    seeds = range(_WRITERS)
    counts = await asyncio.gather(
        *(write(scene, names, ids, random.Random(seed), until) for seed in seeds)  # noqa: S311
    )

    async def settled() -> bool:
        for project in projects:
            found = await scene.get(project)
            assert found is not None
            seen = found["status"]
            used = int((seen.get("usedLimit") or {}).get("pods", "0"))
            if used != referee.sum(project["metadata"]["uid"]) or used != await asked_for(scene, project):
                return False
        return True

    await eventually(settled, "what is counted is what is held, and what members ask for where that fits")
    following.cancel()
    assert sum(counts) > 100
    assert referee.changes > 20
    assert max(referee.most.values()) <= _LIMIT, referee.most


async def asked_for(scene: Scene, project: Object) -> int:
    """The sum of what the quotas of a project's namespaces hold, as the namespaces say."""
    project_id = f"edge:{project['metadata']['name']}"
    total = 0
    for obj in await scene.member.list(NAMESPACES):
        notes = obj["metadata"].get("annotations") or {}
        if notes.get("field.cattle.io/projectId") == project_id and not obj["metadata"].get("deletionTimestamp"):
            total += int(
                json.loads(notes.get("drover.dev/resource-quota", '{"limit": {"pods": "0"}}'))["limit"]["pods"]
            )
    return total
