"""Something changes in the moment in which a status is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from drover.kinds.resources import PROJECTS
from drover.kube.gvr import NAMESPACES, SECRETS, Object
from tests.cluster.rights.objects import access
from tests.cluster.scene import Scene, cluster, eventually, gvr_of, project, provisioning_cluster, unique, workload
from tests.faults import setting
from tests.faults.conftest import SECRET, Ground
from tests.faults.intercept import Answer, Asked

_TIMES = 3


class Meanwhile:
    """Does something before the first statuses of an object get to the server: the answers to these are newer than what
    tells of it."""

    def __init__(self, obj: Object, act: Callable[[int], Awaitable[object]]) -> None:
        self.times = 0
        self._seen = gvr_of(obj).plural, obj["metadata"]["name"], "status"
        self._act = act

    async def __call__(self, asked: Asked) -> Answer | None:
        if (asked.resource, asked.name, asked.subresource) == self._seen and self.times < _TIMES:
            self.times += 1
            await self._act(self.times)
        return None


async def scene_and_objects(ground: Ground) -> tuple[Scene, list[tuple[Object, Callable[[str], Object]]]]:
    """An object of each of several kinds that nobody has applied yet, and how it is changed."""
    scene = ground.scene(await ground.start())
    made = await setting.imported(ground, scene)
    return scene, [
        (access("RoleTemplate", unique("rt"), context="cluster"), lambda text: {"description": text}),
        (cluster(unique("c"), SECRET), lambda text: {"spec": {"description": text}}),  # imported already
        (project(unique("p"), made.cluster["metadata"]["name"]), lambda text: {"spec": {"description": text}}),
        (
            provisioning_cluster(unique("c")),
            lambda text: {"spec": {"agentEnvVars": [{"name": "CHANGED", "value": text}]}},
        ),
        (workload(unique("w"), made.backing, made.place), lambda text: {"spec": {"workloadLabels": {"changed": text}}}),
    ]


async def test_a_change_in_the_moment_of_a_status_is_reconciled(ground: Ground) -> None:
    scene, objects = await scene_and_objects(ground)

    async def change(obj: Object, changed: Callable[[str], Object], times: int) -> None:
        names = {field: obj["metadata"][field] for field in ("name", "namespace") if field in obj["metadata"]}
        await scene.hub.merge(gvr_of(obj), {"metadata": names, **changed(f"change-{times}")}, manager="test")

    async def seen(obj: Object) -> bool:
        found = await scene.get(obj) or {}
        return bool((found.get("status") or {}).get("observedGeneration") == found["metadata"]["generation"])

    ground.hub.lag = 0.1
    for obj, changed in objects:
        ground.hub.before = meanwhile = Meanwhile(obj, partial(change, obj, changed))
        await scene.apply(obj)
        await eventually(partial(seen, obj), f"the last change of {obj['kind']} is seen", 20)
        assert meanwhile.times > 0


async def test_a_deletion_in_the_moment_of_a_status_goes_on(ground: Ground) -> None:
    scene, objects = await scene_and_objects(ground)

    async def delete(obj: Object, _times: int) -> None:
        await scene.delete(obj)

    ground.hub.lag = 0.1
    for obj, _ in objects:
        ground.hub.before = meanwhile = Meanwhile(obj, partial(delete, obj))
        await scene.apply(obj)
        await scene.gone(obj, 20)
        assert meanwhile.times > 0


async def test_a_secret_that_leaves_a_namespace_does_not_bring_its_new_value_there(ground: Ground) -> None:
    scene = ground.scene(await ground.start())
    made = await setting.imported(ground, scene)
    project_name = made.project["metadata"]["name"]
    lab, held, release = await scene.namespace(made.project), asyncio.Event(), asyncio.Event()

    async def has(place: str, value: str | None) -> bool:
        found = await scene.member.find(SECRETS, "password", place)
        return (found["data"]["key"] if found is not None else None) == value

    async def hold(asked: Asked) -> Answer | None:
        if asked.write and (asked.resource, asked.name, asked.subresource) == ("projects", project_name, "status"):
            held.set()
            await release.wait()
        return None

    await scene.apply_secret(made.project, "password", {"key": "b25l"})
    for place in (lab, made.place):
        await eventually(partial(has, place, "b25l"), f"{place} has the secret")
    ground.hub.before = hold
    names = {field: made.project["metadata"][field] for field in ("name", "namespace")}
    await scene.hub.merge(PROJECTS, {"metadata": names, "spec": {"description": "changed"}}, manager="test")
    await held.wait()
    await scene.apply_secret(made.project, "password", {"key": "dHdv"}, ignores=lab)
    await asyncio.sleep(1)
    # A change of a namespace makes the member's loop look at it, with what it knows of the project.
    for place in (lab, made.place):
        patch = {"metadata": {"name": place, "labels": {"changed": "true"}}}
        await scene.member.merge(NAMESPACES, patch, manager="test")
    await asyncio.sleep(1)
    assert await has(lab, "b25l")
    release.set()
    await eventually(partial(has, made.place, "dHdv"), "the new value is where it belongs")
    await eventually(partial(has, lab, None), f"{lab} has the secret no more")
