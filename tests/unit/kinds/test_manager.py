"""Events become keys: which objects are looked at again when one changes, and how soon."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from drover.kinds.manager import Manager, measured
from drover.kinds.reconciler import Again
from drover.kinds.resources import (
    CLOUD_CREDENTIALS,
    CLUSTERS,
    FEATURES,
    NODE_DRIVERS,
    NODE_POOLS,
    NODE_TEMPLATES,
    PROJECTS,
    PROVISIONING_CLUSTERS,
    SETTINGS,
    TEMPLATES,
    WORKLOADS,
    WORKSPACES,
)
from drover.kube.cache import Change
from drover.kube.errors import NotLeading, ServerError
from drover.kube.gvr import GVR, NAMESPACES, Key, Object
from drover.kube.queue import HIGH, LOW
from drover.members.desired import MemberState, Part, PartState
from drover.members.loop import MemberLoop
from drover.rules.findings import Finding, Terminal
from drover.rules.ownership import Owner
from tests.unit.kinds.apiserver import Apiserver, hub
from tests.unit.kinds.worlds import LONG_AGO, obj


class Local:
    """The hub as a member of itself, with its namespaces; `states` are what members saw of parts."""

    def __init__(self, loop: MemberLoop) -> None:
        self.loop = loop
        self.state = MemberState()
        self.states: dict[str, PartState] = {}
        self.parts: dict[str, Part] = {}
        self.dropped: list[str] = []
        self.priorities: dict[str, int] = {}

    def part_state(self, uid: str) -> PartState | None:
        return self.states.get(uid)

    def priority(self, uid: str) -> int:
        return self.priorities.get(uid, HIGH)

    def drop(self, uid: str) -> None:
        self.dropped.append(uid)

    def want(self, part: Part, _priority: int) -> bool:
        self.parts[part.owner.uid] = part
        return True


class Scene:
    """A manager that does not run."""

    def __init__(self) -> None:
        self.apiserver = Apiserver()
        self.manager = Manager(hub(self.apiserver), "me")
        loop = MemberLoop(
            "local",
            self.manager.hub.client,
            may_write=asyncio.Event(),
            on_part=lambda _uid: None,
            on_cluster=lambda: None,
        )
        self.local = Local(loop)
        self.manager.hub.fleet._members["local"] = cast("Any", self.local)

    def event(self, gvr: GVR, found: Object, type_: str = "MODIFIED", **metadata: Any) -> None:
        """Tells of an object, with changes to its metadata."""
        self.apiserver.version += 1
        version = str(self.apiserver.version)
        changed = {**found, "metadata": {**found["metadata"], **metadata, "resourceVersion": version}}
        self.manager.sources[gvr].take(type_, changed)

    def namespace(self, name: str, owner: str = "", project: str = "") -> None:
        """Stores a namespace of the hub and tells of it."""
        self.apiserver.version += 1
        metadata: Object = {"name": name, "uid": f"ns-{name}", "resourceVersion": str(self.apiserver.version)}
        metadata["labels"] = {"drover.dev/owner-uid": owner} if owner else {}
        metadata["annotations"] = {"field.cattle.io/projectId": project} if project else {}
        change = self.local.loop.caches.namespaces.observe({"metadata": metadata})
        assert change is not None
        self.manager.wakes.namespace_changed(change)

    def namespace_event(self, name: str, *, gone: bool = False, **metadata: Any) -> None:
        """Tells of a change to a namespace of the hub, or of its end."""
        self.apiserver.version += 1
        cache = self.local.loop.caches.namespaces
        known = cache.get(Key("", name)) or {"metadata": {}}
        version = {"resourceVersion": str(self.apiserver.version)}
        changed = {"metadata": {**known["metadata"], **metadata, **version}}
        change = cache.forget(changed) if gone else cache.observe(changed)
        assert change is not None
        self.manager.wakes.namespace_changed(change)

    def waiting(self, gvr: GVR) -> dict[str, str]:
        """The keys that wait, with their priorities; they are taken out."""
        queue = self.manager.queues[gvr]
        found = {str(key): name for index, name in ((HIGH, "high"), (LOW, "low")) for key in queue._waiting[index]}
        queue.clear()
        return found

    def forget(self) -> None:
        for queue in self.manager.queues.values():
            queue.clear()


SHOP = obj("Project", "shop", "edge", uid="uid-p")
EDGE = obj("Cluster", "edge", uid="uid-c")
WEB = obj("Workload", "web", "edge-shop", uid="uid-w")


@pytest.fixture
async def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 2},
        {"deletionTimestamp": "2026-01-01T00:00:00Z"},
        {"annotations": {"drover.dev/paused": "true"}},
        {"annotations": {"drover.dev/force-delete": "true"}},
        {"annotations": {"drover.dev/adopt-uid": "u"}},
        {"uid": "another"},
    ],
)
async def test_what_a_person_asks_for_comes_first(scene: Scene, change: dict[str, Any]) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    assert scene.waiting(PROJECTS) == {"edge/shop": "high"}
    scene.event(PROJECTS, SHOP, **change)
    assert scene.waiting(PROJECTS) == {"edge/shop": "high"}


async def test_a_status_or_a_label_comes_later(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.forget()
    scene.event(PROJECTS, {**SHOP, "status": {"namespaces": 1}})
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}
    scene.event(PROJECTS, {**SHOP, "status": {"namespaces": 1}}, labels={"a": "b"})
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}


async def test_what_somebody_else_had_the_name_of_is_made_once_that_is_gone(scene: Scene) -> None:
    scene.event(CLUSTERS, obj("Cluster", "prod", uid="uid-foreign"), "ADDED")
    asked = {"annotations": {"provisioning.cattle.io/management-cluster-name": "prod"}}
    scene.event(PROVISIONING_CLUSTERS, obj("Cluster", "edge", "fleet-default", metadata=asked), "ADDED")
    scene.event(PROJECTS, {**SHOP, "status": {"backingNamespace": "edge-shop"}}, "ADDED")
    scene.namespace("edge-shop", owner="uid-of-before-a-restore")
    scene.forget()
    scene.event(CLUSTERS, obj("Cluster", "prod", uid="uid-foreign"), "DELETED")
    assert scene.waiting(PROVISIONING_CLUSTERS) == {"fleet-default/edge": "low"}
    scene.namespace_event("edge-shop", gone=True)
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}


async def test_a_namespace_that_ends_wakes_the_projects_that_lie_in_it(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.namespace("edge", owner="uid-c")
    scene.forget()
    scene.namespace_event("edge", deletionTimestamp=LONG_AGO)
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}


async def test_a_new_member_is_told_of_by_who_was_looked_at_before(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.namespace("edge-shop", owner="uid-p")
    scene.event(WORKLOADS, WEB, "ADDED")
    scene.forget()
    scene.manager.wakes.attached("another")
    assert scene.waiting(PROJECTS) == {}
    scene.manager.wakes.attached("edge")
    assert (scene.waiting(PROJECTS), scene.waiting(WORKLOADS)) == ({"edge/shop": "low"}, {"edge-shop/web": "low"})


async def test_a_secret_in_a_backing_namespace_wakes_its_project_and_another_wakes_nobody(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.namespace("edge-shop", owner="uid-p")
    scene.forget()

    def woken(namespace: str, version: str) -> dict[str, str]:
        metadata = {"name": "s", "namespace": namespace, "uid": "s", "resourceVersion": version}
        change = scene.manager.hub.secrets.cache.observe({"metadata": metadata, "data": {"version": version}})
        assert change is not None
        scene.manager.hub.secrets.on_change(change)
        return scene.waiting(PROJECTS)

    assert woken("edge-shop", "1") == {"edge/shop": "low"}  # in the first list
    scene.manager.hub.secrets.synced.set()
    assert woken("edge-shop", "2") == {"edge/shop": "high"}
    assert woken("default", "1") == woken("unknown", "1") == {}


async def test_every_project_is_looked_at_when_secrets_may_be_read_or_not_any_more(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.forget()
    scene.manager.hub.secrets.on_access()
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}


async def test_what_a_list_shows_comes_later(scene: Scene) -> None:
    scene.apiserver.put(PROJECTS, SHOP)
    await scene.manager.load()
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}


async def test_a_cluster_wakes_its_projects_and_the_provisioning_cluster_that_it_was_made_for(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.event(PROJECTS, obj("Project", "other", "elsewhere", uid="uid-o"), "ADDED")
    scene.event(PROVISIONING_CLUSTERS, obj("Cluster", "edge", "fleet-default", uid="uid-v"), "ADDED")
    scene.forget()
    scene.event(CLUSTERS, EDGE, "ADDED", labels={"drover.dev/owner-uid": "uid-v"})
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}
    assert scene.waiting(PROVISIONING_CLUSTERS) == {"fleet-default/edge": "low"}


async def test_a_project_wakes_its_cluster_and_the_workloads_in_its_backing_namespace(scene: Scene) -> None:
    scene.namespace("edge-shop", owner="uid-p")
    scene.event(WORKLOADS, WEB, "ADDED")
    scene.event(WORKLOADS, obj("Workload", "other", "elsewhere", uid="uid-o"), "ADDED")
    scene.forget()
    scene.event(PROJECTS, SHOP, "ADDED")
    assert scene.waiting(CLUSTERS) == {"edge": "low"}
    assert scene.waiting(WORKLOADS) == {"edge-shop/web": "low"}


async def test_a_local_project_wakes_the_workloads_in_its_namespaces(scene: Scene) -> None:
    scene.namespace("tools-web", project="local:tools")
    scene.event(WORKLOADS, obj("Workload", "web", "tools-web", uid="uid-w"), "ADDED")
    scene.forget()
    scene.event(PROJECTS, obj("Project", "tools", "local", uid="uid-t"), "ADDED")
    assert scene.waiting(WORKLOADS) == {"tools-web/web": "low"}


async def test_the_list_of_system_namespaces_wakes_the_projects_of_every_cluster(scene: Scene) -> None:
    for cluster in ("edge", "local"):
        for mark in ("default", "system"):
            labels = {f"authz.management.cattle.io/{mark}-project": "true"}
            scene.event(PROJECTS, obj("Project", mark, cluster, uid=f"{cluster}-{mark}"), "ADDED", labels=labels)
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.forget()
    scene.event(SETTINGS, obj("Setting", "server-version", uid="uid-v"), "ADDED")
    assert scene.waiting(PROJECTS) == {}
    scene.event(SETTINGS, obj("Setting", "system-namespaces", uid="uid-n"), "ADDED")
    names = ("edge/default", "edge/shop", "edge/system", "local/default", "local/system")
    assert scene.waiting(PROJECTS) == dict.fromkeys(names, "low")


async def test_a_namespace_wakes_its_cluster_its_owner_and_the_workloads_whose_place_it_changes(scene: Scene) -> None:
    scene.event(CLUSTERS, EDGE, "ADDED")
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.event(WORKLOADS, WEB, "ADDED")
    scene.forget()
    scene.namespace("edge", owner="uid-c")
    assert scene.waiting(CLUSTERS) == {"edge": "low"}
    scene.namespace("edge-shop", owner="uid-p")
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}
    assert scene.waiting(WORKLOADS) == {"edge-shop/web": "low"}


async def test_what_a_member_holds_wakes_the_object_that_it_is_for(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.event(WORKLOADS, WEB, "ADDED")
    scene.forget()
    scene.manager.wakes.part_changed("local", "uid-w")
    scene.manager.wakes.part_changed("local", "uid-p")
    scene.manager.wakes.part_changed("absent", "uid-of-nothing")
    assert (scene.waiting(WORKLOADS), scene.waiting(PROJECTS)) == ({"edge-shop/web": "high"}, {"edge/shop": "high"})


async def test_what_follows_a_change_has_its_priority(scene: Scene) -> None:
    scene.event(WORKLOADS, WEB, "ADDED")
    scene.forget()
    scene.local.priorities = {"uid-w": LOW}
    scene.manager.wakes.part_changed("local", "uid-w")
    assert scene.waiting(WORKLOADS) == {"edge-shop/web": "low"}


async def test_a_part_of_nobody_is_forgotten_when_nothing_of_it_is_left(scene: Scene) -> None:
    scene.local.states = {"a": PartState("x"), "b": PartState("x", gone=True)}
    scene.manager.wakes.part_changed("local", "a")
    scene.manager.wakes.part_changed("local", "b")
    assert scene.local.dropped == ["b"]


async def test_a_member_wakes_its_cluster(scene: Scene) -> None:
    scene.manager.wakes.cluster_changed("edge")
    assert scene.waiting(CLUSTERS) == {"edge": "high"}


async def test_a_project_that_vanished_gives_up_its_label(scene: Scene) -> None:
    project = obj("Project", "tools", "local", uid="uid-t")
    scene.event(PROJECTS, project, "ADDED")
    scene.event(PROJECTS, project, "DELETED")
    assert scene.local.dropped == ["uid-t"]


async def test_a_project_that_was_made_again_between_two_looks_has_vanished_too(scene: Scene) -> None:
    project = obj("Project", "tools", "local", uid="uid-t")
    scene.event(PROJECTS, project, "ADDED")
    scene.event(PROJECTS, project, uid="uid-t2")
    assert scene.local.dropped == ["uid-t"]


async def test_what_a_workload_that_vanished_left_behind_is_removed(scene: Scene) -> None:
    part = Part(Owner("Workload.project.cattle.io", "edge-shop", "web", "uid-w"), "drover-workload")
    scene.local.parts["uid-w"] = part
    scene.event(WORKLOADS, WEB, "ADDED")
    scene.event(WORKLOADS, WEB, "DELETED")
    assert scene.local.parts["uid-w"].ends
    scene.local.states["uid-w"] = PartState("x", gone=True)
    scene.manager.hub.caches[WORKLOADS].retain(set(), 0, restored=True)  # as if it had never been there
    scene.event(WORKLOADS, WEB, "ADDED")
    scene.event(WORKLOADS, WEB, "DELETED")
    assert scene.local.dropped == ["uid-w"]


@pytest.mark.parametrize(("name", "kept"), [("edge", False), ("local", True)])
async def test_a_cluster_that_vanished_ends_its_connection_but_for_the_one_that_drover_runs_in(
    scene: Scene, name: str, *, kept: bool
) -> None:
    fleet = scene.manager.hub.fleet
    fleet._members["edge"] = cast("Any", scene.local)
    cluster = obj("Cluster", name, uid="uid-c")
    scene.event(CLUSTERS, cluster, "ADDED")
    scene.event(CLUSTERS, cluster, "DELETED")
    assert (fleet.get(name) is not None) is kept


async def test_what_ends_by_an_own_write_has_vanished_too(scene: Scene) -> None:
    project = obj("Project", "tools", "local", uid="uid-t")
    scene.manager._writer(PROJECTS)(PROJECTS, Change(Key("local", "tools"), project, None))
    assert scene.local.dropped == ["uid-t"]


async def test_the_end_of_a_workload_wakes_the_project_that_may_wait_for_it(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.namespace("edge-shop", owner="uid-p")
    scene.event(WORKLOADS, WEB, "ADDED")
    scene.forget()
    scene.manager._writer(WORKLOADS)(WORKLOADS, Change(Key("edge-shop", "web"), WEB, WEB))
    assert scene.waiting(PROJECTS) == {}
    scene.manager._writer(WORKLOADS)(WORKLOADS, Change(Key("edge-shop", "web"), WEB, None))
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}


async def test_own_writes_wake_others_and_not_the_writer(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.forget()
    written = scene.manager._writer(CLUSTERS)
    written(CLUSTERS, Change(Key("", "edge"), None, EDGE))
    assert scene.waiting(CLUSTERS) == {}
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}
    written(PROJECTS, Change(Key("edge", "new"), None, obj("Project", "new", "edge")))
    assert scene.waiting(PROJECTS) == {"edge/new": "high"}
    written(NAMESPACES, Change(Key("", "x"), None, {"metadata": {"name": "x", "uid": "n"}}))


async def test_a_member_knows_all_once_it_has_a_part_of_each_of_its_projects(scene: Scene) -> None:
    member = cast("Any", scene.local)
    member.cluster = "local"
    for name, metadata in (("shop", {}), ("gone", {"deletionTimestamp": LONG_AGO})):
        scene.event(PROJECTS, obj("Project", name, "local", uid=f"uid-{name}", metadata=metadata), "ADDED")
    scene.event(PROJECTS, SHOP, "ADDED")  # of another cluster
    assert not scene.manager._told_all(member)
    member.parts["uid-shop"] = Part(Owner("Project.management.cattle.io", "local", "shop", "uid-shop"), "m")
    assert scene.manager._told_all(member)


class Outcome:
    """A reconciler that ends as it is told."""

    def __init__(self, outcome: Finding | Exception | None) -> None:
        self.outcome = outcome

    async def reconcile(self, _key: Key, _priority: int) -> Finding | None:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize(
    ("outcome", "result", "failures", "later"),
    [
        (None, "success", 0, False),
        (Terminal("X", "y"), "success", 0, False),
        (Again("x", 3600.0), "requeue_after", 0, True),
        (Again("x"), "requeue", 2, True),
        (NotLeading("x"), "error", 1, True),
        (ServerError(500, "", "x"), "error", 2, True),
        (RuntimeError("a bug"), "error", 2, True),
    ],
)
async def test_a_reconcile_comes_again_as_its_end_asks(
    scene: Scene, outcome: Finding | Exception | None, result: str, failures: int, later: bool
) -> None:
    key, queue = Key("edge", "shop"), scene.manager.queues[PROJECTS]
    scene.manager.reconcilers[PROJECTS] = cast("Any", Outcome(outcome))
    queue.retry(key)
    queue._forget_timer(key)
    queue.add(key)
    assert await queue.get() == key
    assert await scene.manager._reconcile(PROJECTS, key) == result
    assert queue.failures(key) == failures
    assert (key in queue._timers) is later
    queue.clear()


async def test_a_new_leader_looks_at_everything_once_and_writes_only_while_it_leads(scene: Scene) -> None:
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.forget()
    looked = asyncio.Event()

    keys: set[str] = set()

    class Looking(Outcome):
        async def reconcile(self, key: Key, _priority: int) -> Finding | None:
            keys.add(str(key))
            if keys == expected:
                looked.set()
            return None

    seeds = {str(key) for gvr in (SETTINGS, FEATURES) for key in scene.manager.kinds[gvr].seeds()}
    expected = {"edge/shop", *seeds}

    for gvr in scene.manager.reconcilers:
        scene.manager.reconcilers[gvr] = cast("Any", Looking(None))
    scene.manager.hub.fleet._members.clear()
    leading = asyncio.create_task(scene.manager.lead())
    async with asyncio.timeout(60):
        await looked.wait()
    assert scene.manager.hub.fleet.may_write.is_set()
    leading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leading
    assert not scene.manager.hub.fleet.may_write.is_set()


async def test_a_leader_with_many_objects_looks_at_them_when_the_kinds_are_watched(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drover.kinds.manager._MANY", 1)
    monkeypatch.setattr("drover.kinds.manager._CONNECT_SECONDS", 0.0)
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.forget()
    looked: list[str] = []

    class Looking(Outcome):
        async def reconcile(self, key: Key, _priority: int) -> Finding | None:
            looked.append(str(key))
            return None

    for gvr in scene.manager.reconcilers:
        scene.manager.reconcilers[gvr] = cast("Any", Looking(None))
    scene.manager.hub.fleet._members.clear()
    leading = asyncio.create_task(scene.manager.lead())
    await asyncio.sleep(0.05)
    scene.manager.queues[PROJECTS].add(Key("edge", "new"))
    await asyncio.sleep(0.05)
    assert looked == ["edge/new"]
    scene.manager.watching.set()
    async with asyncio.timeout(60):
        while "edge/shop" not in looked:  # noqa: ASYNC110 - nothing tells of that
            await asyncio.sleep(0.01)
    leading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leading


@pytest.mark.parametrize(
    ("conditions", "counted"),
    [
        ([], "unknown"),
        (None, "unknown"),
        ([{"type": "Ready", "status": "True"}], "true"),
        ([{"type": "Ready"}], "unknown"),
    ],
)
def test_readiness_is_counted(conditions: Any, counted: str) -> None:
    assert measured({"status": {"conditions": conditions}}) == counted


# --- Credentials, drivers, templates and pools ----------------------------------------------------------------------
CREDENTIAL = obj("CloudCredential", "cc-1", "n", uid="uid-cc", spec={"driver": "own"})
DRIVER = obj("NodeDriver", "own", uid="uid-nd", spec={"active": True, "url": "local://"})
TEMPLATE = obj("NodeTemplate", "nt-1", "n", uid="uid-nt", spec={"driver": "own", "cloudCredentialName": "cc-1"})
POOL = obj("NodePool", "np-1", "edge", uid="uid-np", spec={"clusterName": "edge", "nodeTemplateName": "n:nt-1"})
EVERY = ((CLOUD_CREDENTIALS, CREDENTIAL), (NODE_DRIVERS, DRIVER), (NODE_TEMPLATES, TEMPLATE), (NODE_POOLS, POOL))


@pytest.fixture
async def drivers(scene: Scene) -> Scene:
    for gvr, found in EVERY:
        scene.event(gvr, found, "ADDED")
    scene.forget()
    return scene


async def test_a_cluster_wakes_the_credential_and_the_driver_that_it_begins_or_ceases_to_use(drivers: Scene) -> None:
    pools = [{"machineConfigRef": {"kind": "OwnConfig"}}]
    spec = {"cloudCredentialSecretName": "n:cc-1", "rkeConfig": {"machinePools": pools}}
    using = obj("Cluster", "c", "fleet-default", uid="uid-v", spec=spec)
    for found, type_ in (
        (using, "ADDED"),
        ({**using, "spec": {}}, "MODIFIED"),
        (using, "MODIFIED"),
        (using, "DELETED"),
    ):
        drivers.event(PROVISIONING_CLUSTERS, found, type_)
        assert drivers.waiting(CLOUD_CREDENTIALS) == {"n/cc-1": "low"}
        assert drivers.waiting(NODE_DRIVERS) == {"own": "low"}


async def test_a_status_of_a_user_wakes_nothing(drivers: Scene) -> None:
    using = obj("Cluster", "c", "fleet-default", uid="uid-v", spec={"cloudCredentialSecretName": "n:cc-1"})
    drivers.event(PROVISIONING_CLUSTERS, using, "ADDED")
    drivers.forget()
    drivers.event(PROVISIONING_CLUSTERS, {**using, "status": {"ready": True}})
    assert drivers.waiting(CLOUD_CREDENTIALS) == {}


async def test_a_driver_wakes_who_refers_to_it_and_a_template_its_pools(drivers: Scene) -> None:
    drivers.event(NODE_DRIVERS, DRIVER, generation=2)
    assert drivers.waiting(CLOUD_CREDENTIALS) == {"n/cc-1": "low"}
    assert drivers.waiting(NODE_TEMPLATES) == {"n/nt-1": "low"}
    drivers.event(NODE_TEMPLATES, {**TEMPLATE, "status": {"users": 1}})
    assert drivers.waiting(NODE_POOLS) == {"edge/np-1": "low"}


async def test_a_driver_that_goes_wakes_another_of_its_name(drivers: Scene) -> None:
    other = obj("NodeDriver", "nd-2", uid="uid-2", spec={**DRIVER["spec"], "displayName": "own"})
    drivers.event(NODE_DRIVERS, other, "ADDED")
    drivers.forget()
    drivers.event(NODE_DRIVERS, DRIVER, "DELETED")
    assert drivers.waiting(NODE_DRIVERS) == {"nd-2": "low", "own": "high"}


async def test_a_namespace_that_ends_wakes_what_is_held_in_it(drivers: Scene) -> None:
    metadata = {"name": "n", "uid": "ns-n", "resourceVersion": "999", "deletionTimestamp": LONG_AGO}
    change = drivers.local.loop.caches.namespaces.observe({"metadata": metadata})
    assert change is not None
    drivers.manager.wakes.namespace_changed(change)
    assert drivers.waiting(CLOUD_CREDENTIALS) == {"n/cc-1": "low"}
    assert drivers.waiting(NODE_TEMPLATES) == {"n/nt-1": "low"}


async def test_who_uses_what_is_known_by_name(drivers: Scene) -> None:
    hub_ = drivers.manager.hub
    assert hub_.users(["driver/own"]) == (
        "CloudCredential.management.cattle.io/n/cc-1",
        "NodeTemplate.management.cattle.io/n/nt-1",
    )
    assert hub_.users(["template/n:nt-1"]) == ("NodePool.management.cattle.io/edge/np-1",)
    assert hub_.users(["credential/n:cc-1", "credential/n:other"]) == ("NodeTemplate.management.cattle.io/n/nt-1",)
    found = hub_.node_driver("own")
    assert found is not None
    assert found["metadata"]["uid"] == "uid-nd"


async def test_what_a_cluster_begins_or_ceases_to_name_is_looked_at_and_nothing_else(scene: Scene) -> None:
    name = "defaultPodSecurityAdmissionConfigurationTemplateName"
    for each in ("one", "two", "three"):
        scene.event(TEMPLATES, obj(TEMPLATES.kind, each, uid=f"uid-{each}"), "ADDED")
        scene.event(WORKSPACES, obj(WORKSPACES.kind, each, uid=f"ws-{each}"), "ADDED")
    scene.event(CLUSTERS, {**EDGE, "spec": {name: "one", "fleetWorkspaceName": "one"}}, "ADDED")
    scene.forget()
    scene.event(CLUSTERS, {**EDGE, "spec": {name: "one", "fleetWorkspaceName": "one"}}, labels={"a": "b"})
    assert (scene.waiting(TEMPLATES), scene.waiting(WORKSPACES)) == ({}, {})
    scene.event(CLUSTERS, {**EDGE, "spec": {name: "two", "fleetWorkspaceName": "two"}}, generation=2)
    assert scene.waiting(TEMPLATES) == scene.waiting(WORKSPACES) == {"one": "low", "two": "low"}
    scene.event(PROVISIONING_CLUSTERS, obj("Cluster", "x", "three", uid="uid-v", spec={name: "gone"}), "ADDED")
    assert (scene.waiting(TEMPLATES), scene.waiting(WORKSPACES)) == ({}, {"three": "low"})


async def test_a_template_wakes_who_names_it_and_its_status_nobody(scene: Scene) -> None:
    name = {"defaultPodSecurityAdmissionConfigurationTemplateName": "team"}
    template = obj(TEMPLATES.kind, "team", uid="uid-team")
    scene.event(PROJECTS, SHOP, "ADDED")
    scene.event(CLUSTERS, {**EDGE, "spec": name}, "ADDED")
    scene.event(PROVISIONING_CLUSTERS, obj("Cluster", "x", "fleet-default", uid="uid-v", spec=name), "ADDED")
    scene.forget()
    scene.event(TEMPLATES, template, "ADDED")
    assert scene.waiting(CLUSTERS) == {"edge": "low"}
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}
    assert scene.waiting(PROVISIONING_CLUSTERS) == {"fleet-default/x": "low"}
    scene.event(TEMPLATES, {**template, "status": {"clusterCount": 1}})
    assert (scene.waiting(CLUSTERS), scene.waiting(PROJECTS)) == ({}, {})


async def test_a_namespace_wakes_the_workspace_of_its_name(scene: Scene) -> None:
    scene.event(WORKSPACES, obj(WORKSPACES.kind, "team", uid="uid-f"), "ADDED")
    scene.forget()
    scene.namespace("team")
    assert scene.waiting(WORKSPACES) == {"team": "low"}


async def test_what_was_done_for_a_project_shows_in_a_cluster_with_a_template(scene: Scene) -> None:
    scene.event(CLUSTERS, EDGE, "ADDED")
    scene.forget()
    scene.manager.wakes.project_settled(Key("edge", "shop"))
    assert scene.waiting(CLUSTERS) == {}
    spec = {"defaultPodSecurityAdmissionConfigurationTemplateName": "team"}
    scene.event(CLUSTERS, {**EDGE, "spec": spec}, generation=2)
    scene.forget()
    scene.manager.wakes.project_settled(Key("edge", "shop"))
    assert scene.waiting(CLUSTERS) == {"edge": "low"}
