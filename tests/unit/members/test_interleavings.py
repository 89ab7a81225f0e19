"""The loop of a member does what is wanted whatever comes in between: a connection that is lost, a namespace that
moves, an answer that is late, something that no watch tells of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NoReturn

import pytest
import pytest_asyncio

from drover.api.keys import PROJECT_ID, PROJECT_SCOPED
from drover.kube.errors import Forbidden
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, DEPLOYMENTS, GVR, SECRETS, Key, Object
from drover.members import loop
from drover.members.audit import Audit
from drover.members.desired import Desired, Part, SecretSource
from drover.rules.ownership import Owner
from drover.rules.secret_copy import Content
from tests.unit.members.cluster import Gate, eventually
from tests.unit.members.keyed_cluster import KeyedCluster
from tests.unit.members.test_loop import Running, problem, project, workload
from tests.unit.members.test_rights import role_part

BINDING = "rt-view-pods"


async def contents(source: SecretSource) -> Content:
    """What the hub's Secrets hold."""
    labels = {PROJECT_SCOPED: "shop"}
    metadata = {"name": source.name, "namespace": source.namespace, "labels": labels}
    return Content({"metadata": metadata, "data": {"key": "b25l"}})


class Interleaved(Running):
    """A loop on a cluster whose objects have a namespace."""

    def __init__(self) -> None:
        self.keyed = KeyedCluster()
        super().__init__(self.keyed, contents=contents)

    async def reconnected(self) -> None:
        """The connection is lost, and there again: what happens in between is not told."""
        await self.stop()
        await self.start()

    async def settled(self, key: str) -> None:
        """Waits until a part was looked at as it is now, and nothing follows."""
        await eventually(lambda: self.loop.parts.state(key) is not None)
        await self.idle()

    def bound(self) -> list[str]:
        """Who is in the binding."""
        found = self.cluster.objects[CLUSTER_ROLE_BINDINGS.plural].get(BINDING, {})
        return [subject["name"] for subject in found.get("subjects", ())]

    def replicas(self) -> int:
        """The replicas of the Deployment."""
        return int(self.cluster.objects[DEPLOYMENTS.plural]["web/app"]["spec"]["replicas"])

    def secrets(self) -> list[str]:
        """Where there are Secrets."""
        return sorted(self.cluster.objects[SECRETS.plural])


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Interleaved]:
    running = Interleaved()
    yield running
    await running.stop()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the way is looked at again soon."""
    monkeypatch.setattr(loop, "_PROBLEM_SECONDS", 0.05)


@pytest.fixture
def unaudited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No audit removes what is left."""

    async def never(_audit: Audit, _ready: object) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(Audit, "run", never)


def sharing(name: str, *secrets: str) -> Part:
    """A Project with these secrets."""
    owner = Owner("Project.management.cattle.io", "edge", name, f"uid-{name}")
    sources = tuple(SecretSource("edge-shop", secret, f"uid-{secret}", "1") for secret in secrets)
    return Part(owner, "drover-project", project=f"edge:{name}", secrets=sources)


def of_bindings(gvr: GVR, _what: object) -> bool:
    """Whether a call is about the binding."""
    return gvr is CLUSTER_ROLE_BINDINGS


# --- The connection is lost -----------------------------------------------------------------------------------------
async def test_a_project_whose_release_was_interrupted_is_released(running: Interleaved) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project()}))
    await running.until_told("uid-shop", ("web",))
    await running.idle()
    gate = Gate(running.cluster, "merge")
    running.loop.want(project(ends=True))
    await gate.reached()
    await running.reconnected()
    running.loop.want(project(ends=True))
    await eventually(lambda: (state := running.loop.parts.state("uid-shop")) is not None and state.gone)
    assert running.cluster.label("web") is None


async def test_a_namespace_whose_label_was_interrupted_gets_it(running: Interleaved) -> None:
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project()}))
    await running.until_told("uid-shop", ())
    gate = Gate(running.cluster, "merge")
    running.cluster.namespace("web", "edge:shop")
    await gate.reached()
    await running.until_told("uid-shop", ("web",))
    await running.reconnected()
    running.loop.want(project())
    await running.cluster.until(lambda: running.cluster.label("web") == "shop")


async def test_a_workload_whose_change_was_interrupted_is_changed(running: Interleaved) -> None:
    running.cluster.namespace("web", "edge:shop")
    await running.start()
    running.loop.want(workload(scale=1))
    await running.settled("uid-w")
    assert running.replicas() == 1
    gate = Gate(running.cluster, "apply")
    running.loop.want(workload(scale=3))
    await gate.reached()
    await running.reconnected()
    running.loop.want(workload(scale=3))
    await running.cluster.until(lambda: running.replicas() == 3)


async def test_a_right_whose_removal_was_interrupted_is_removed(running: Interleaved) -> None:
    await running.start()
    running.loop.desire(Desired("edge", {}, rights_complete=True))
    running.loop.want(role_part("ann", "bob"))
    await running.settled(role_part().key)
    assert running.bound() == ["ann", "bob"]
    gate = Gate(running.cluster, "replace")
    running.loop.want(role_part("ann"))
    await gate.reached()
    await running.reconnected()
    running.loop.want(role_part("ann"))
    await running.cluster.until(lambda: running.bound() == ["ann"])


# --- A namespace moves ----------------------------------------------------------------------------------------------
async def test_a_project_that_ends_leaves_alone_what_has_moved_while_it_released_another(running: Interleaved) -> None:
    for name in ("a", "b"):
        running.cluster.namespace(name, "edge:shop", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": project(), "uid-bank": project("bank")}))
    await running.until_told("uid-shop", ("a", "b"))
    await running.idle()

    def releases(_gvr: GVR, patch: Object) -> bool:
        return PROJECT_ID in patch["metadata"].get("annotations", {})

    gate = Gate(running.cluster, "merge", releases)
    running.loop.want(project(ends=True))
    await gate.reached()
    running.cluster.namespace("b", "edge:bank", "bank")
    await running.until_told("uid-bank", ("b",))
    await gate.open()
    await eventually(lambda: (state := running.loop.parts.state("uid-shop")) is not None and state.gone)
    await running.idle()
    found = {name: obj["metadata"].get("annotations") for name, obj in running.cluster.objects["namespaces"].items()}
    assert (found["a"], found["b"]) == ({}, {PROJECT_ID: "edge:bank"})


async def test_no_secret_of_the_project_before_stays_in_a_namespace_that_has_moved(running: Interleaved) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    gate = Gate(running.cluster, "create", lambda gvr, _obj: gvr is SECRETS)
    running.loop.desire(Desired("edge", {"uid-shop": sharing("shop", "one", "two"), "uid-bank": sharing("bank")}))
    await gate.reached()
    running.cluster.namespace("web", "edge:bank", "shop")
    await running.cluster.until(lambda: running.cluster.label("web") == "bank")
    await running.until_told("uid-bank", ("web",))
    await gate.open()
    await running.idle()
    await running.cluster.until(lambda: not running.secrets())
    await running.idle()
    assert running.secrets() == []


# --- Rights ---------------------------------------------------------------------------------------------------------
async def test_a_unit_that_is_dropped_while_its_objects_are_made_leaves_none(
    running: Interleaved, unaudited: None
) -> None:
    await running.start()
    running.loop.desire(Desired("edge", {}, rights_complete=True))
    gate = Gate(running.cluster, "create", of_bindings)
    running.loop.want(role_part("ann"))
    await gate.reached()
    running.loop.drop(role_part().key)
    await eventually(lambda: not len(running.loop._queue))
    await gate.open()
    await running.cluster.until(lambda: not running.bound())
    await running.idle()
    assert running.cluster.objects["clusterroles"] == running.cluster.objects["clusterrolebindings"] == {}


async def test_a_unit_that_comes_again_while_it_is_swept_has_its_objects(running: Interleaved, unaudited: None) -> None:
    await running.start()
    running.loop.desire(Desired("edge", {}, rights_complete=True))
    running.loop.want(role_part("ann"))
    await running.settled(role_part().key)
    gate = Gate(running.cluster, "delete", of_bindings)
    running.loop.drop(role_part().key)
    await gate.reached()
    running.loop.want(role_part("ann"))
    await eventually(lambda: running.loop.parts.state(role_part().key) is not None)
    await gate.open()
    await running.cluster.until(lambda: running.bound() == ["ann"])
    await running.idle()
    assert running.bound() == ["ann"]


# --- What no watch tells of -----------------------------------------------------------------------------------------
async def test_a_workload_that_was_forbidden_is_tried_again(running: Interleaved, soon: None) -> None:
    running.cluster.namespace("web", "edge:shop")
    running.cluster.fails["apply"] = [Forbidden(403, "Forbidden", "may not create deployments")]
    await running.start()
    running.loop.want(workload())
    await running.cluster.until(lambda: "web/app" in running.cluster.objects["deployments"])
    assert running.cluster.fails["apply"] == []


async def test_a_workload_is_made_once_what_had_its_name_is_deleted(running: Interleaved, soon: None) -> None:
    running.cluster.namespace("web", "edge:shop")
    running.cluster.put(DEPLOYMENTS, {"metadata": {"name": "app", "namespace": "web"}, "spec": {}})
    await running.start()
    running.loop.want(workload())
    await eventually(lambda: problem(running) == "Conflict")
    running.cluster.remove(DEPLOYMENTS, "web/app")
    await running.cluster.until(lambda: "web/app" in running.cluster.objects["deployments"])


async def test_a_deployment_that_has_taken_the_name_is_not_applied_over(running: Interleaved) -> None:
    running.cluster.namespace("web", "edge:shop")
    await running.start()
    running.loop.want(workload(scale=1))
    await running.settled("uid-w")
    template = {"spec": {"containers": [{"name": "theirs"}]}}
    theirs = {"metadata": {"name": "app", "namespace": "web"}, "spec": {"replicas": 7, "template": template}}
    running.keyed.swap(DEPLOYMENTS, theirs)
    gate = Gate(running.cluster, "apply")
    running.loop.want(workload(scale=3))
    await gate.reached()
    await gate.open()
    assert running.cluster.objects["deployments"]["web/app"]["spec"] == theirs["spec"]


async def test_a_copy_that_a_finalizer_held_is_made_again_when_it_is_gone(running: Interleaved) -> None:
    running.cluster.namespace("web", "edge:shop", "shop")
    await running.start()
    running.loop.desire(Desired("edge", {"uid-shop": sharing("shop", "one")}))
    await running.settled("uid-shop")
    copy = running.cluster.objects["secrets"]["web/one"]
    running.cluster.put(SECRETS, {**copy, "metadata": {**copy["metadata"], "finalizers": ["example.com/hold"]}})

    def ending() -> bool:
        found = running.loop.caches.secrets.get(Key("web", "one"))
        return found is not None and "deletionTimestamp" in found["metadata"]

    gate = Gate(running.cluster, "delete", after=True)
    running.loop.want(sharing("shop"))
    await gate.reached()
    await eventually(ending)  # the watch tells of it before the answer comes
    await gate.open()
    await running.settled("uid-shop")
    running.loop.want(sharing("shop", "one"))
    await running.settled("uid-shop")
    running.cluster.remove(SECRETS, "web/one")
    await running.cluster.until(lambda: running.secrets() == ["web/one"])
