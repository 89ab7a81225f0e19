"""Watches and lists that come to a bad end: what happened meanwhile is found, deletions too."""

from __future__ import annotations

import asyncio

import pytest

from drover.kube.gvr import DEPLOYMENTS
from tests.cluster.scene import eventually, log_says
from tests.faults.conftest import Ground
from tests.faults.intercept import Answer, Asked
from tests.faults.setting import Setting, imported, local

EXPIRED = Answer(410, "Expired", "too old resource version")


class Unseen:
    """Changes that nobody tells the operator of."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    async def prepare(self) -> None:
        """Workloads that run."""
        self._changed, self._gone, self._child = [await self._setting.running(scale=1) for _ in range(3)]
        self._new = self._setting.workload()

    async def happen(self) -> None:
        """A Workload comes, one is changed, one goes without leaving its finalizer time, and a Deployment is
        deleted."""
        scene = self._setting.scene
        await scene.apply(self._new)
        names = {field: self._changed["metadata"][field] for field in ("name", "namespace")}
        await scene.apply({**self._setting.workload(names["name"]), "spec": {**self._changed["spec"], "scale": 2}})
        await scene.delete(self._gone)
        await self._setting.without_finalizers(self._gone)
        await scene.gone(self._gone)
        child = await self._setting.made(self._child)
        metadata = child["metadata"]
        await self._setting.home.delete(DEPLOYMENTS, metadata["name"], metadata["namespace"], uid=metadata["uid"])
        await asyncio.sleep(1)
        assert await self._setting.deployment(self._new) is None  # it was not seen indeed
        assert await self._setting.deployment(self._gone) is not None

    async def found(self, seconds: float = 60.0) -> None:
        """Waits until all of it has its consequences."""
        await self._setting.removed(self._gone, seconds)
        await self._setting.made(self._child, seconds)
        await self._setting.scene.ready(self._new, seconds)

        async def scaled() -> bool:
            return bool((await self._setting.made(self._changed))["spec"]["replicas"] == 2)

        await eventually(scaled, "the change is applied", seconds)


async def test_what_happened_before_a_410_is_found_a_missed_deletion_too(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    unseen = Unseen(setting)
    await unseen.prepare()
    assert ground.hub.silence() > 0
    assert ground.member.silence() > 0
    await unseen.happen()
    ground.hub.end_streams(answer=EXPIRED)
    ground.member.end_streams(answer=EXPIRED)
    await unseen.found(20)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_watch_that_is_half_open_is_noticed_by_its_silence(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    unseen = Unseen(setting)
    await unseen.prepare()
    ground.hub.silence()
    ground.member.silence()
    await unseen.happen()
    await unseen.found(100)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_list_whose_token_expires_between_two_pages_is_begun_again(ground: Ground) -> None:
    expired: set[tuple[str, bool]] = set()

    async def once_per_list(asked: Asked) -> Answer | None:
        which = (asked.path, asked.by_kopf)
        counts = asked.list and "continue" in asked.query and which not in expired
        if not counts or (asked.by_kopf and not asked.path.endswith("/workloads")):
            return None  # each list that fails ends kopf, and its pauses grow
        expired.add(which)
        return EXPIRED

    first = await ground.start()
    setting = await local(ground.scene(first))
    gone = [await setting.running(scale=0) for _ in range(2)]
    await asyncio.to_thread(first.stop)
    for proxy in (ground.hub, ground.member):
        proxy.before, proxy.page_size = once_per_list, 1
    again = await ground.start()
    await log_says(again, '"leading"')
    assert {path.rsplit("/", 1)[1] for path, _ in expired} >= {"workloads", "projects", "namespaces", "deployments"}

    async def kopf_watches() -> bool:
        return ground.hub.watches(lambda asked: asked.by_kopf and asked.resource == "workloads") > 0

    await eventually(kopf_watches, "kopf watches Workloads", 30)
    ground.hub.end_streams(answer=EXPIRED)  # kopf goes on from our list, and lists by itself after a gap only

    async def kopf_failed() -> bool:
        return any(by_kopf for _, by_kopf in expired)

    await eventually(kopf_failed, "kopf lists Workloads, and its token expires", 30)
    for obj in gone:  # the last ones: the list that comes next is empty
        await setting.scene.delete(obj)
        await setting.scene.gone(obj)
        await setting.removed(obj)
    await setting.running(scale=0)
