"""What a member's loop does with namespaces that name no Project, and with those of a Project that ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest_asyncio

from drover.kube.errors import Forbidden
from drover.kube.gvr import NAMESPACES
from drover.members.desired import Desired, Part, PartState
from drover.members.loop import MemberLoop
from drover.rules.ownership import Owner
from tests.unit.members.cluster import SECONDS, Cluster, ended, eventually

UID = "uid-shop"


def project(*, ends: bool = False, deletes: bool = False) -> Part:
    owner = Owner("Project.management.cattle.io", "edge", "shop", UID)
    return Part(owner, "drover-project", project="edge:shop", ends=ends, deletes=deletes)


class Running:
    """A loop that runs on a cluster in memory."""

    def __init__(self) -> None:
        self.cluster = Cluster()
        may_write = asyncio.Event()
        may_write.set()
        self.loop = MemberLoop(
            "edge", self.cluster.client, may_write=may_write, on_part=lambda _uid: None, on_cluster=lambda: None
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self.loop.run())
        async with asyncio.timeout(SECONDS):
            await self.loop.caches.wait_synced()

    async def stop(self) -> None:
        if self._task is not None:
            await ended(self._task)

    async def state(self, part: Part) -> PartState:
        """What was seen of a part, once it was looked at."""
        await eventually(lambda: self.loop.parts.state(part.owner.uid) is not None)
        found = self.loop.parts.state(part.owner.uid)
        assert found is not None
        return found

    def says(self, name: str) -> str:
        """The message of the condition ProjectAssigned of a namespace; empty where it has none."""
        notes = self.cluster.objects[NAMESPACES.plural][name]["metadata"].get("annotations") or {}
        conditions = json.loads(notes.get("cattle.io/status", "{}")).get("Conditions", [])
        return "".join(each["Message"] for each in conditions if each["Type"] == "ProjectAssigned")

    def names(self) -> set[str]:
        return set(self.cluster.objects[NAMESPACES.plural]) - {"kube-system"}


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Running]:
    running = Running()
    yield running
    await running.stop()


async def test_a_namespace_says_why_it_is_in_no_project(running: Running) -> None:
    for name, project_id in (
        ("a", "edge:bank"),
        ("b", "other:shop"),
        ("c", "shop"),
        ("d", "a:b:c"),
        ("e", "edge:shop"),
    ):
        running.cluster.namespace(name, project_id)
    running.cluster.namespace("f")
    await running.start()
    running.loop.desire(Desired("edge", {UID: project()}))
    await running.cluster.until(lambda: running.cluster.label("e") == "shop" and all(map(running.says, "abcd")))
    assert running.says("a") == "Cluster edge has no Project bank; create it, or name another one"
    assert running.says("b") == "this is Cluster edge, not other; name one of its Projects"
    for name in "cd":
        assert running.says(name).endswith("is not like edge:shop; write <cluster>:<project>")
    assert running.says("e") == running.says("f") == ""
    assert len(running.cluster.written) == 5, "one write each"


async def test_nothing_is_said_before_every_project_is_known(running: Running) -> None:
    running.cluster.namespace("a", "edge:bank")
    running.cluster.namespace("e", "edge:shop")
    await running.start()
    running.loop.desire(Desired("edge", {UID: project()}, complete=False))
    await running.cluster.until(lambda: running.cluster.label("e") == "shop")
    assert running.says("a") == ""


async def test_the_condition_goes_with_the_label_in_one_write(running: Running) -> None:
    running.cluster.namespace("a", "edge:shop")
    await running.start()
    running.loop.desire(Desired("edge", {}))
    await running.cluster.until(lambda: bool(running.says("a")))
    running.cluster.written.clear()
    running.loop.want(project())
    await running.cluster.until(lambda: running.cluster.label("a") == "shop")
    assert running.says("a") == ""
    assert len(running.cluster.written) == 1


async def test_a_project_that_ends_releases_its_namespaces(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    state = await _ends(running, project(ends=True))
    assert (state.gone, dict(state.spared)) == (True, {})
    assert running.names() == {"web"}
    assert running.cluster.label("web") is None


async def test_a_project_that_deletes_its_namespaces_spares_some_and_touches_no_other(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    running.cluster.namespace("kube-public", "edge:shop", "shop")
    running.cluster.namespace("other", "edge:bank", "shop")
    running.cluster.namespace("free")
    notes = {"field.cattle.io/projectId": "edge:shop", "drover.dev/deletion-protection": "true"}
    running.cluster.put(NAMESPACES, {"metadata": {"name": "kept", "annotations": notes}})
    await running.start()
    state = await _ends(running, project(ends=True, deletes=True))
    assert state.gone
    assert set(state.spared) == {"kube-public", "kept"}
    assert running.names() == {"kube-public", "other", "free", "kept"}
    assert running.cluster.label("kube-public") is None


async def test_a_namespace_that_has_left_meanwhile_stays(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    stale = running.loop.caches.namespaces.by("project", "edge:shop")[0]
    stored = running.cluster.objects[NAMESPACES.plural]["web"]
    stored["metadata"] |= {"annotations": {}, "resourceVersion": str(int(stale["metadata"]["resourceVersion"]) + 50)}
    running.loop.want(project(ends=True, deletes=True))
    await asyncio.sleep(0.05)
    assert running.names() == {"web"}
    running.cluster.version += 100
    running.cluster.namespace("web")
    assert (await _ends(running, project(ends=True, deletes=True))).gone
    assert running.names() == {"web"}


async def test_namespaces_that_are_being_deleted_are_waited_for_and_named(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["x"])
    await running.start()
    part = project(ends=True, deletes=True)
    running.loop.want(part)
    state = await running.state(part)
    assert (state.gone, state.ending) == (False, ("web",))
    running.cluster.remove(NAMESPACES, "web")
    await eventually(lambda: bool((found := running.loop.parts.state(UID)) and found.gone))


async def test_without_the_right_to_delete_them_that_is_told(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    running.cluster.fails["delete"].append(Forbidden(403, "Forbidden", "drover may not delete namespaces"))
    await running.start()
    part = project(ends=True, deletes=True)
    running.loop.want(part)
    state = await running.state(part)
    assert state.problem is not None
    assert (state.gone, state.namespaces, state.problem.reason) == (False, ("web",), "Forbidden")


async def _ends(running: Running, part: Part) -> PartState:
    running.loop.want(part)
    await eventually(lambda: bool((found := running.loop.parts.state(UID)) and found.gone))
    return await running.state(part)
