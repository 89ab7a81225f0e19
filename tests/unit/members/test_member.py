"""The connection to a member: tried again, told, and never to the wrong cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from drover.kube.errors import Forbidden, NotFound, ServerError, Unauthorized, Unreachable
from drover.kube.gvr import DEPLOYMENTS, NAMESPACES, NODES, Object
from drover.kube.queue import HIGH
from drover.members.desired import Part
from drover.members.fleet import Fleet
from drover.members.member import Connection, Member, NoAccess, Unchanged
from drover.rules.ownership import Owner
from tests.unit.members.cluster import SECONDS, Cluster, Gate, ended, eventually
from tests.unit.members.test_loop import workload

PART = Part(Owner("Project.management.cattle.io", "edge", "shop", "uid-1"), "drover-project", project="edge:shop")


class Scene:
    """A member with the cluster that it connects to. `access` is raised instead of a connection."""

    def __init__(self, **options: Any) -> None:
        self.cluster = Cluster()
        self.version = "1"
        self.access: Exception | None = None
        self.connects = 0
        self.told: list[str] = []
        self.changed = asyncio.Event()
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.member = Member(
            "edge",
            self.connect,
            reference="fleet-default/kc/value",
            may_write=self.may_write,
            on_cluster=lambda _name: self.tell("cluster"),
            on_part=lambda _name, uid: self.tell(uid),
            **{"expected_uid": "", **options},
        )

    def tell(self, what: str) -> None:
        self.told.append(what)
        self.changed.set()

    async def connect(self, version: str) -> Connection:
        self.connects += 1
        self.changed.set()
        if self.access is not None:
            raise self.access
        if version == self.version:
            raise Unchanged
        return Connection(self.cluster.client, self.version, "https://member.example:6443", "CA")

    async def until(self, state: bool | None) -> None:
        async with asyncio.timeout(SECONDS):
            while self.member.state.connected is not state:
                self.changed.clear()
                await self.changed.wait()

    @property
    def said(self) -> tuple[bool | None, str, bool]:
        state = self.member.state
        return state.connected, state.reason, state.terminal


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    scene = Scene()
    yield scene
    await scene.member._pause()


async def synced(scene: Scene) -> None:
    async with asyncio.timeout(SECONDS):
        while not scene.member.state.synced:
            scene.changed.clear()
            await scene.changed.wait()


async def test_a_cluster_that_answers_is_connected_and_read(scene: Scene) -> None:
    scene.cluster.put(NODES, {"metadata": {"name": "n"}, "status": {"capacity": {"cpu": "2"}}})
    assert scene.said == (None, "NeverConnected", False)
    assert await scene.member._probe(0) == 0
    await synced(scene)
    state = scene.member.state
    assert (state.connected, state.uid, state.ca) == (True, "member-uid", "Q0E=")
    assert state.version == {"gitVersion": "v1.33.5", "major": "1", "minor": "33"}
    assert (state.nodes["nodeCount"], state.nodes["capacity"]["cpu"]) == (1, "2")


@pytest.mark.parametrize("terminal", [True, False])
async def test_without_access_it_says_what_is_missing(scene: Scene, terminal: bool) -> None:
    scene.access = NoAccess("KubeconfigNotFound", "create it", terminal=terminal)
    assert await scene.member._probe(0) == 1
    assert scene.said == (False, "KubeconfigNotFound", terminal)
    assert scene.member.state.message == "create it"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unauthorized(401, "Unauthorized", "no"), "CredentialRejected"),
        (Forbidden(403, "Forbidden", "no"), "Forbidden"),
        (NotFound(404, "NotFound", "no"), "NotKubernetes"),
        (ServerError(500, "", "no"), "Disconnected"),
        (Unreachable("no"), "Disconnected"),
        (TimeoutError(), "Disconnected"),
    ],
)
async def test_a_cluster_that_never_answered_says_at_once_why(scene: Scene, error: Exception, reason: str) -> None:
    scene.cluster.fails["version"] = [error]
    assert await scene.member._probe(0) == 1
    assert scene.said == (False, reason, False)
    assert scene.member.state.message


async def test_a_connected_cluster_is_lost_at_the_second_failure_and_what_was_known_stays(scene: Scene) -> None:
    await scene.member._probe(0)
    scene.cluster.fails["version"] = [Unreachable("a"), Unreachable("b")]
    assert await scene.member._probe(0) == 1
    assert scene.said == (True, "Connected", False)
    assert await scene.member._probe(1) == 2
    assert scene.said == (False, "Disconnected", False)
    assert scene.member.state.uid == "member-uid"
    assert await scene.member._probe(2) == 0
    assert scene.said == (True, "Connected", False)


async def test_that_the_hub_itself_was_away_is_not_told_when_it_is_back() -> None:
    scene = Scene(local=True)
    await scene.member._probe(0)
    scene.cluster.fails["version"] = [Unreachable("a"), Forbidden(403, "Forbidden", "RBAC is not read yet")]
    assert await scene.member._probe(0) == 1
    assert await scene.member._probe(1) == 2
    said = [scene.said]
    assert scene.member.part_state("uid-1") is None
    assert await scene.member._probe(2) == 0
    assert [*said, scene.said] == [(None, "Forbidden", False), (True, "Connected", False)]


async def test_a_cluster_that_is_not_ready_does_not_count_as_answering(scene: Scene) -> None:
    scene.cluster.ready = False
    await scene.member._probe(0)
    assert scene.said == (False, "Disconnected", False)


async def test_another_cluster_at_the_address_is_never_written_to() -> None:
    scene = Scene(expected_uid="uid-before")
    scene.member.want(PART, HIGH)
    scene.cluster.namespace("web", "edge:shop")
    await scene.member._probe(0)
    assert scene.said == (False, "ClusterReplaced", True)
    assert scene.member._running is None
    assert "uid-before" in scene.member.state.message
    assert scene.cluster.written == []


async def test_a_cluster_that_is_replaced_while_it_is_connected_is_left_at_once(scene: Scene) -> None:
    await scene.member._probe(0)
    scene.cluster.put(NAMESPACES, {"metadata": {"name": "kube-system", "uid": "uid-after"}})
    await scene.member._probe(0)
    assert scene.said == (False, "ClusterReplaced", True)
    assert scene.member._running is None


async def test_a_cluster_that_is_imported_already_is_never_written_to() -> None:
    scene = Scene(claimed=lambda uid: "older" if uid == "member-uid" else "")
    await scene.member._probe(0)
    assert scene.said == (False, "AlreadyImported", True)
    assert "Cluster older" in scene.member.state.message
    assert scene.member._running is None


async def test_the_credential_is_not_read_at_every_look_but_after_each_failure(scene: Scene) -> None:
    await scene.member._probe(0)
    await scene.member._probe(0)
    assert scene.connects == 1
    scene.cluster.fails["version"] = [Unauthorized(401, "Unauthorized", "no")]
    await scene.member._probe(0)
    await scene.member._probe(1)
    assert scene.connects == 2


async def test_a_new_credential_is_a_new_client_and_the_old_one_ends(scene: Scene) -> None:
    scene.member.want(PART, HIGH)
    await scene.member._probe(0)
    old, first = scene.cluster, scene.member.loop
    scene.cluster, scene.version = Cluster(), "2"
    scene.member.poke()
    await scene.member._probe(0)
    assert old.closed
    assert scene.member.loop is not None
    assert scene.member.loop is not first
    assert set(scene.member.loop.parts) == {"uid-1"}
    assert not scene.cluster.closed


async def test_parts_are_told_when_the_cluster_answers_and_when_it_no_longer_does(scene: Scene) -> None:
    scene.member.want(PART, HIGH)
    await scene.member._probe(0)
    assert scene.told[:2] == ["uid-1", "cluster"]
    await scene.member.settled("uid-1", SECONDS)
    await synced(scene)
    assert scene.member.part_state("uid-1") is not None
    scene.told.clear()
    scene.access = NoAccess("Forbidden", "x")
    scene.member.poke()
    await scene.member._probe(0)
    assert scene.told == ["uid-1", "cluster"]
    assert scene.member.part_state("uid-1") is None


async def test_what_has_not_changed_is_not_told(scene: Scene) -> None:
    scene.access = NoAccess("Forbidden", "x")
    await scene.member._probe(0)
    scene.told.clear()
    await scene.member._probe(1)
    assert scene.told == []


async def test_a_dropped_part_is_not_passed_to_the_next_connection(scene: Scene) -> None:
    scene.member.want(PART, HIGH)
    scene.member.drop("uid-1")
    await scene.member._probe(0)
    assert scene.member.loop is not None
    assert set(scene.member.loop.parts) == set()


async def test_that_every_part_is_known_is_passed_to_the_next_connection(scene: Scene) -> None:
    scene.member.know_all()
    await scene.member._probe(0)
    assert scene.member.loop is not None
    assert scene.member.loop.complete


async def test_a_poke_looks_at_once_and_the_end_closes_the_connection(scene: Scene) -> None:
    scene.access = NoAccess("KubeconfigNotFound", "create it")
    task = asyncio.create_task(scene.member.run())
    await scene.until(False)
    scene.access = None
    scene.member.poke()
    await scene.until(True)
    await ended(task)
    assert scene.cluster.closed
    assert scene.member._running is None


@pytest.mark.parametrize("seconds", [0.0, 0.02])
async def test_a_member_that_is_cancelled_while_it_loses_its_connection_ends(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Also where a watch takes its time to close, as TLS may."""

    async def stream(_path: str, _query: Mapping[str, str], *, silence: float) -> AsyncIterator[Object]:
        try:
            await asyncio.Event().wait()
            yield {}
        finally:
            await asyncio.sleep(seconds)

    monkeypatch.setattr(scene.cluster, "stream", stream)
    task = asyncio.create_task(scene.member.run())
    await synced(scene)
    running = scene.member._running
    assert running is not None
    scene.access = NoAccess("KubeconfigNotFound", "create it")
    scene.member.poke()
    async with asyncio.timeout(SECONDS):
        while not running.cancelling():  # noqa: ASYNC110 - the very turn counts
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    done = task.done()
    await ended(task)
    assert done


async def test_a_change_that_was_under_way_as_the_connection_was_lost_is_made_when_it_is_back(scene: Scene) -> None:
    scene.cluster.namespace("web", "edge:shop")
    await scene.member._probe(0)
    await synced(scene)
    scene.member.want(workload(scale=1), HIGH)
    await eventually(lambda: scene.member.part_state("uid-w") is not None)
    gate = Gate(scene.cluster, "apply")
    scene.member.want(workload(scale=3), HIGH)
    await gate.reached()
    scene.cluster.fails["version"] = [Unreachable("a"), Unreachable("b")]
    assert await scene.member._probe(0) == 1
    assert await scene.member._probe(1) == 2
    assert scene.said == (False, "Disconnected", False)
    assert await scene.member._probe(2) == 0
    scene.member.want(workload(scale=3), HIGH)
    await eventually(lambda: scene.member.part_state("uid-w") is not None)
    assert scene.cluster.objects[DEPLOYMENTS.plural]["app"]["spec"]["replicas"] == 3


async def test_an_unexpected_failure_does_not_end_the_member(scene: Scene) -> None:
    scene.access = RuntimeError("a bug")
    task = asyncio.create_task(scene.member.run())
    async with asyncio.timeout(SECONDS):
        while not scene.connects:
            scene.changed.clear()
            await scene.changed.wait()
    await scene.until(False)
    assert "RuntimeError" in scene.member.state.message
    scene.access = None
    scene.member.poke()
    await scene.until(True)
    await ended(task)


async def test_a_fleet_has_one_member_of_a_name_and_ends_it() -> None:
    scene = Scene()
    fleet = Fleet(
        on_cluster=scene.tell,
        on_part=lambda name, uid: scene.tell(f"{name}/{uid}"),
        on_local_namespace=lambda change: scene.tell(change.key.name),
    )
    member = fleet.attach("edge", scene.connect, reference="a")
    assert fleet.attach("edge", scene.connect, reference="b") is member
    assert (list(fleet), fleet.get("edge"), fleet.get("other")) == ([member], member, None)
    async with asyncio.timeout(SECONDS):
        while "edge" not in scene.told:
            scene.changed.clear()
            await scene.changed.wait()
    await fleet.detach("edge")
    assert fleet.get("edge") is None
    assert scene.cluster.closed
    await fleet.detach("edge")
    fleet.attach("again", scene.connect)
    await fleet.close()
    assert list(fleet) == []


async def test_only_the_local_member_tells_of_namespaces() -> None:
    scene, local = Scene(), Scene()
    local.cluster.namespace("hub-only")
    fleet = Fleet(
        on_cluster=lambda _name: None,
        on_part=lambda _name, _uid: None,
        on_local_namespace=lambda change: local.tell(change.key.name),
    )
    scene.cluster.namespace("member-only")
    edge = fleet.attach("edge", scene.connect)
    await eventually(lambda: edge.loop is not None and edge.loop.caches.synced)
    async with asyncio.timeout(SECONDS):
        fleet.attach("local", local.connect, local=True)
        while "hub-only" not in local.told:
            local.changed.clear()
            await local.changed.wait()
    await fleet.close()
    assert "member-only" not in local.told
