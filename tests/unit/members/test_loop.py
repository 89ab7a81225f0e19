"""The loop of a member: namespaces carry their project's label, parts are looked at when something about them
changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from drover.api.keys import PROJECT_ID
from drover.kube.errors import Conflict, NotLeading, ServerError
from drover.kube.gvr import AUTOSCALERS, DEPLOYMENTS, NAMESPACES
from drover.members.desired import Desired, Part, Wanted
from drover.members.loop import MemberLoop
from drover.rules import workload as rules
from drover.rules.ownership import Owner
from tests.unit.members.cluster import SECONDS, Cluster, ended, eventually


def project(name: str = "shop", *, uid: str = "", ends: bool = False, held: bool = False) -> Part:
    owner = Owner("Project.management.cattle.io", "edge", name, uid or f"uid-{name}")
    return Part(owner, "drover-project", project=f"edge:{name}", ends=ends, held=held)


class Running:
    """A loop that runs on a cluster in memory."""

    def __init__(self, cluster: Cluster | None = None, **options: Any) -> None:
        self.cluster = cluster or Cluster()
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.told: list[str] = []
        self._tellings = asyncio.Event()
        self.loop = MemberLoop(
            "edge",
            self.cluster.client,
            may_write=self.may_write,
            on_part=self._on_part,
            on_cluster=lambda: None,
            **options,
        )
        self._task: asyncio.Task[None] | None = None

    def _on_part(self, uid: str) -> None:
        self.told.append(uid)
        self._tellings.set()

    async def start(self) -> None:
        self._task = asyncio.create_task(self.loop.run())
        async with asyncio.timeout(SECONDS):
            await self.loop.caches.wait_synced()

    async def stop(self) -> None:
        if self._task is not None:
            await ended(self._task)

    async def until_told(self, uid: str, namespaces: tuple[str, ...]) -> None:
        """Waits until a part has these namespaces."""
        await eventually(lambda: (state := self.loop.parts.state(uid)) is not None and state.namespaces == namespaces)

    async def idle(self) -> None:
        """Waits until the loop has nothing to do."""
        await eventually(lambda: self.loop._queue.idle)


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Running]:
    running = Running()
    yield running
    await running.stop()


async def test_a_namespace_of_a_project_gets_its_label_and_nothing_else(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop")
    version = running.cluster.objects[NAMESPACES.plural]["web"]["metadata"]["resourceVersion"]
    await running.start()
    running.loop.want(project())
    await running.cluster.until(lambda: running.cluster.label("web") == "shop")
    expected = {"name": "web", "uid": "uid-web", "resourceVersion": version, "labels": {PROJECT_ID: "shop"}}
    assert running.cluster.written == [expected]


async def test_a_namespace_that_is_annotated_later_gets_the_label(running: Running) -> None:
    await running.start()
    running.loop.want(project())
    running.cluster.namespace("web", "edge:shop")
    await running.cluster.until(lambda: running.cluster.label("web") == "shop")
    await running.until_told("uid-shop", ("web",))


async def test_a_namespace_that_moves_gets_the_other_label(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project(), "uid-bank": project("bank")}))
    await running.until_told("uid-shop", ("web",))
    running.cluster.namespace("web", "edge:bank", "shop")
    await running.cluster.until(lambda: running.cluster.label("web") == "bank")
    await running.until_told("uid-bank", ("web",))
    await running.until_told("uid-shop", ())


async def test_a_label_of_no_project_goes_only_when_every_project_is_known(running: Running) -> None:
    running.cluster.namespace("web", "edge:gone", "gone")
    running.cluster.namespace("tools", "", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project()}, complete=False))
    await running.until_told("uid-shop", ())
    await running.idle()
    assert running.cluster.written == []
    running.loop.know_all()
    await running.cluster.until(lambda: running.cluster.label("web") is None and running.cluster.label("tools") is None)


async def test_a_namespace_of_another_clusters_project_has_no_label(running: Running) -> None:
    running.cluster.namespace("web", "other:shop", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project()}))
    await running.cluster.until(lambda: running.cluster.label("web") is None)


async def test_a_namespace_without_a_mark_is_left_alone(running: Running) -> None:
    running.cluster.namespace("web")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project()}))
    await running.until_told("uid-shop", ())
    await running.idle()
    assert running.cluster.written == []


async def test_a_namespace_that_is_being_deleted_is_left_alone_and_not_counted(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", deletionTimestamp="2026-01-01T00:00:00Z")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project()}))
    await running.until_told("uid-shop", ())
    await running.idle()
    assert running.cluster.written == []


async def test_nothing_is_written_before_this_replica_may(running: Running) -> None:
    running.may_write.clear()
    running.cluster.namespace("web", "edge:shop")
    await running.start()
    running.loop.want(project())
    await running.loop.parts.settled("uid-shop", 0.05)
    assert running.cluster.written == []
    assert running.loop.parts.state("uid-shop") is None
    running.may_write.set()
    await running.cluster.until(lambda: running.cluster.label("web") == "shop")


async def test_a_write_that_came_too_late_is_made_on_what_is_there_now(running: Running) -> None:
    """Also where what changed meanwhile is nothing that is kept of a namespace, so that its event is no change."""
    running.cluster.namespace("web", "edge:shop")
    running.cluster.fails["merge"] = [Conflict(409, "Conflict", "changed"), Conflict(409, "Conflict", "changed")]
    await running.start()
    running.loop.want(project())
    await running.cluster.until(lambda: running.cluster.label("web") == "shop")


async def test_a_failure_is_tried_again(running: Running) -> None:
    running.cluster.fails["merge"] = [ServerError(500, "", "x"), RuntimeError("x"), ServerError(500, "", "x")]
    running.cluster.namespace("web", "edge:shop")
    await running.start()
    running.loop.want(project())
    await running.cluster.until(lambda: running.cluster.label("web") == "shop")


async def test_without_the_lease_work_waits_and_is_not_lost(running: Running) -> None:
    running.cluster.fails["merge"] = [NotLeading("not now")]
    running.cluster.namespace("web", "edge:shop")
    await running.start()
    running.loop.want(project())
    await running.until_told("uid-shop", ("web",))
    assert running.cluster.label("web") is None
    running.cluster.namespace("web", annotations={PROJECT_ID: "edge:shop", "changed": "meanwhile"})
    await running.cluster.until(lambda: running.cluster.label("web") == "shop")


async def test_a_project_that_ends_releases_its_namespaces_and_is_gone_then(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    running.cluster.namespace("other", "edge:bank", "bank")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project(), "uid-bank": project("bank")}))
    await running.until_told("uid-shop", ("web",))
    await running.idle()
    running.loop.want(project(ends=True))
    await eventually(lambda: (state := running.loop.parts.state("uid-shop")) is not None and state.gone)
    metadata = running.cluster.objects[NAMESPACES.plural]["web"]["metadata"]
    assert (metadata["labels"], metadata["annotations"]) == ({}, {})
    assert len(running.cluster.written) == 1
    assert running.cluster.label("other") == "bank"


async def test_the_namespaces_of_a_project_that_is_held_stay_as_they_are(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    running.cluster.namespace("new", "edge:shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project(held=True)}))
    await running.until_told("uid-shop", ("new", "web"))
    await running.idle()
    assert running.cluster.written == []
    running.loop.want(project())
    await running.cluster.until(lambda: running.cluster.label("new") == "shop")
    running.loop.want(project(held=True))
    running.cluster.namespace("web", "edge:shop", "")
    await running.until_told("uid-shop", ("new", "web"))
    await running.idle()
    assert len(running.cluster.written) == 1


async def test_a_namespace_that_leaves_a_project_that_is_held_loses_its_label(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project(held=True)}))
    await running.until_told("uid-shop", ("web",))
    running.cluster.namespace("web", "", "shop")
    await running.cluster.until(lambda: running.cluster.label("web") is None)


async def test_a_part_that_is_dropped_is_forgotten_and_its_label_goes(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project()}))
    await running.until_told("uid-shop", ("web",))
    running.loop.desire(Desired("edge", {}))
    assert running.loop.parts.state("uid-shop") is None
    await running.cluster.until(lambda: running.cluster.label("web") is None)


async def test_a_project_that_was_made_again_under_its_name_keeps_the_label(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-1": project(uid="uid-1")}))
    running.loop.want(project(uid="uid-2"))
    running.loop.drop("uid-1")
    await running.until_told("uid-2", ("web",))
    await running.idle()
    assert running.cluster.written == []


async def test_a_part_that_was_dealt_with_is_no_news(running: Running) -> None:
    await running.start()
    assert running.loop.want(project())
    await running.loop.parts.settled("uid-shop", SECONDS)
    assert not running.loop.want(project())
    assert running.loop.want(project(ends=True))
    assert running.loop.parts.state("uid-shop") is None


async def test_who_waits_for_a_part_is_not_told_of_it_as_well(running: Running) -> None:
    running.may_write.clear()
    await running.start()
    running.loop.want(project())
    waiting = asyncio.create_task(running.loop.parts.settled("uid-shop", SECONDS))
    await asyncio.sleep(0)
    running.may_write.set()
    await waiting
    assert running.loop.parts.state("uid-shop") is not None
    assert running.told == []
    running.cluster.namespace("web", "edge:shop")
    await running.until_told("uid-shop", ("web",))
    assert running.told == ["uid-shop"]


async def test_a_cluster_that_is_late_is_hardly_waited_for_until_it_is_in_time_again(running: Running) -> None:
    running.may_write.clear()
    await running.start()
    running.loop.want(project())
    await running.loop.parts.settled("uid-shop", 0.01)
    async with asyncio.timeout(SECONDS / 2):
        await running.loop.parts.settled("uid-shop", SECONDS)
    assert running.loop.parts.state("uid-shop") is None
    running.may_write.set()
    await running.loop.parts.settled("uid-shop", SECONDS)
    assert running.loop.parts.state("uid-shop") is not None
    assert not running.loop.parts._late


async def test_a_namespace_that_goes_is_told(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    running.loop.want(project())
    await running.until_told("uid-shop", ("web",))
    running.cluster.remove(NAMESPACES, "web")
    await running.until_told("uid-shop", ())


def workload(*, ends: bool = False, **spec: Any) -> Part:
    """A Workload's part: a Deployment in a namespace of a project."""
    owner = Owner("Workload.project.cattle.io", "edge-shop", "web", "uid-w")
    if ends:
        return Part(owner, "drover-workload", ends=True)
    given = {"containers": [{"name": "a", "image": "registry.example/a:1"}], **spec}
    manifest = rules.render(given, name="app", namespace="web")
    return Part(owner, "drover-workload", objects=(Wanted(manifest, "edge:shop"),))


def problem(running: Running) -> str:
    state = running.loop.parts.state("uid-w")
    found = state.problems[0] if state is not None and state.problems else None
    return found.reason if found is not None else ""


async def test_a_workload_is_made_as_soon_as_its_namespace_is_in_the_project(running: Running) -> None:
    await running.start()
    running.loop.want(workload())
    await eventually(lambda: problem(running) == "NamespaceNotFound")
    running.cluster.namespace("web")
    await eventually(lambda: problem(running) == "NamespaceNotInProject")
    running.cluster.namespace("web", "edge:shop")
    await running.cluster.until(lambda: "app" in running.cluster.objects["deployments"])
    await eventually(lambda: (state := running.loop.parts.state("uid-w")) is not None and state.objects[0] is not None)


async def test_a_workload_that_somebody_deletes_is_made_again(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop")
    await running.start()
    running.loop.want(workload())
    await running.cluster.until(lambda: "app" in running.cluster.objects["deployments"])
    running.cluster.remove(DEPLOYMENTS, "app")
    await running.cluster.until(lambda: len(running.cluster.written) == 2)


async def test_a_workload_ends_when_its_object_is_gone(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop")
    await running.start()
    running.loop.want(workload())
    await running.cluster.until(lambda: "app" in running.cluster.objects["deployments"])
    running.loop.want(workload(ends=True))
    await eventually(lambda: (state := running.loop.parts.state("uid-w")) is not None and state.gone)
    assert running.cluster.objects["deployments"] == {}


async def test_an_autoscaler_is_heard_of(running: Running) -> None:
    running.cluster.namespace("web", "edge:shop")
    await running.start()
    running.loop.want(workload(scale=2))
    await running.cluster.until(lambda: "app" in running.cluster.objects["deployments"])
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "app"}}
    running.cluster.put(AUTOSCALERS, {"metadata": {"name": "app", "namespace": "web"}, "spec": target})
    await eventually(lambda: bool(len(running.loop.caches.autoscalers)))
    running.loop.want(workload(scale=5))
    await running.idle()
    assert [obj["spec"].get("replicas") for obj in running.cluster.written] == [2]
    running.cluster.remove(AUTOSCALERS, "app")
    await running.cluster.until(lambda: len(running.cluster.written) == 2)
    assert running.cluster.written[1]["spec"]["replicas"] == 5
