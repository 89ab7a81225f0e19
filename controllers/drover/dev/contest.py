"""Many who ask for quotas at the same time, and a referee who adds up what they hold: for tests and benchmarks."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from typing import Any

from drover.kinds.resources import PROJECTS
from drover.kube.cache import Cache, Change
from drover.kube.client import Client
from drover.kube.errors import ApiError
from drover.kube.gvr import NAMESPACES, RESOURCE_QUOTAS, Object
from drover.kube.watch import Reflector
from drover.rules.objects import annotation, deleting, name_of, namespace_of, spec, status, uid_of
from drover.rules.ownership import owner_uid

_MANAGER = "contest"
_PROJECT = "field.cattle.io/projectId"
_ASKED = "field.cattle.io/resourceQuota"
_GRANTED = "drover.dev/resource-quota"
_MOST = 15
_NOTHING_FROM = 12  # who would ask for more asks for nothing, and has the default


class Referee:
    """Follows the ResourceQuotas of a cluster in the order in which they were written. `most` is the most pods that
    those of a Project (by its uid) have held together."""

    def __init__(self, client: Client, projects: Sequence[Object]) -> None:
        self.most = {uid_of(project): 0 for project in projects}
        self.changes = 0
        self._cache = Cache(RESOURCE_QUOTAS, indexes={"owner": lambda obj: [owner_uid(obj)]})
        self._reflector = Reflector(client, self._cache, on_change=self._changed)

    async def run(self) -> None:
        """Follows until cancelled."""
        await self._reflector.run()

    async def ready(self) -> None:
        """Waits for the first list."""
        await self._reflector.synced.wait()

    def sum(self, uid: str) -> int:
        """What the quotas of a Project hold now."""
        return sum(int(obj["spec"]["hard"]["pods"]) for obj in self._cache.by("owner", uid))

    def _changed(self, _change: Change) -> None:
        self.changes += 1
        for uid, most in self.most.items():
            self.most[uid] = max(most, self.sum(uid))


def namespace(name: str, project_id: str) -> Object:
    """A namespace of a `<cluster>:<project>`."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "annotations": {_PROJECT: project_id}},
    }


async def contend(
    client: Client, names: Sequence[str], ids: Sequence[str], chance: random.Random, seconds: float
) -> int:
    """Asks for quotas, moves and deletes namespaces at random; how often."""
    done, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        name, asked = chance.choice(names), chance.randint(0, _MOST)
        notes: dict[str, str | None] = {
            _ASKED: json.dumps({"limit": {"pods": str(asked)}}) if asked < _NOTHING_FROM else None
        }
        if chance.random() < 0.4:
            notes[_PROJECT] = chance.choice([*ids, None])
        try:
            if chance.random() < 0.05:
                found = await client.get(NAMESPACES, name)
                await client.delete(NAMESPACES, name, uid=uid_of(found))
            else:
                patch = {"metadata": {"name": name, "annotations": notes}}
                await client.merge(NAMESPACES, patch, manager=_MANAGER)
        except ApiError:
            await client.apply(NAMESPACES, namespace(name, chance.choice(ids)), manager=_MANAGER)
        done += 1
        await asyncio.sleep(chance.uniform(0, 0.02))
    return done


async def lost(hub: Client, member: Client, projects: Sequence[Object], referee: Referee) -> list[str]:
    """What is not as was last asked: a namespace that has less than it asks for although that fits, or what is counted
    is not what is held. Empty once all is settled."""
    namespaces = [obj for obj in await member.list(NAMESPACES) if not deleting(obj)]
    found = []
    for project in projects:
        live = await hub.get(PROJECTS, name_of(project), namespace_of(project))
        limit, default = (
            int(spec(live, field, "limit")["pods"]) for field in ("resourceQuota", "namespaceDefaultResourceQuota")
        )
        project_id = f"{namespace_of(live)}:{name_of(live)}"
        members = [obj for obj in namespaces if annotation(obj, _PROJECT) == project_id]
        granted = {name_of(obj): _pods(obj, _GRANTED, 0) for obj in members}
        counted = int((status(live).get("usedLimit") or {}).get("pods", "0"))
        if not counted == referee.sum(uid_of(live)) == sum(granted.values()):
            held = referee.sum(uid_of(live))
            found.append(f"{project_id}: {counted} counted, {held} held, {sum(granted.values())} told")
        for obj in members:
            name, wanted = name_of(obj), _pods(obj, _ASKED, default)
            fits = sum(granted.values()) - granted[name] + wanted <= limit
            if granted[name] != wanted and (fits or "Oversubscribed" not in annotation(obj, "cattle.io/status")):
                found.append(f"{name} asks for {wanted} and has {granted[name]}")
    return found


def _pods(namespace_: Object, key: str, otherwise: int) -> int:
    given: dict[str, Any] = json.loads(annotation(namespace_, key) or "{}")
    return int(given.get("limit", {}).get("pods", otherwise))
