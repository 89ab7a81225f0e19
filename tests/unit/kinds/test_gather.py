"""What is read for a decision."""

from __future__ import annotations

from typing import Any

import pytest

from drover.kinds.cluster import ClusterKind
from drover.kinds.hub import Hub
from drover.kinds.project import ProjectKind
from drover.kinds.provisioning import ProvisioningKind
from drover.kinds.resources import CLUSTERS, PROVISIONING_CLUSTERS, WORKLOADS
from drover.kinds.workload import WorkloadKind
from drover.kinds.workload.place import Place
from drover.kinds.workload.world import Rendering
from drover.kube.gvr import Key
from drover.members.desired import PartState
from drover.rules.findings import Terminal
from tests.unit.kinds.known import known_hub
from tests.unit.kinds.worlds import CONNECTED, obj

SPEC = {"namespaceId": "shop", "containers": [{"name": "a", "image": "registry.example/a:1"}]}


@pytest.fixture
async def known() -> Hub:
    """A hub with the Cluster edge, its Project shop and its backing namespace."""
    return await known_hub()


async def test_nothing_is_read_for_an_object_that_is_gone(known: Hub) -> None:
    for kind in (ClusterKind, ProjectKind, ProvisioningKind, WorkloadKind):
        assert kind(known).gather(Key("x", "gone")) is None


async def test_a_cluster_with_its_namespace_projects_and_member(known: Hub) -> None:
    world = ClusterKind(known).gather(Key("", "edge"))
    assert world is not None
    assert world.namespace == known.namespace("edge")
    assert [project["metadata"]["name"] for project in world.projects] == ["shop"]
    assert (world.member, world.reference, world.invalid) == (CONNECTED, "fleet-default/kc/value", "")


async def test_whether_rights_are_left_is_asked_of_the_member_of_a_cluster_that_is_being_deleted(known: Hub) -> None:
    def left() -> bool | None:
        world = ClusterKind(known).gather(Key("", "edge"))
        assert world is not None
        return world.rights_left

    assert left() is False
    ending = known.cluster("edge") or {}
    metadata = {**ending["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z", "resourceVersion": "2"}
    known.observe(CLUSTERS, {**ending, "metadata": {**metadata, "finalizers": ["drover.dev/cluster"]}})
    assert left() is None
    del known.fleet._members["edge"]
    assert left() is True


async def test_a_project_with_its_namespaces_workloads_and_state(known: Hub) -> None:
    known.observe(WORKLOADS, obj("Workload", "web", "edge-shop", uid="uid-w", spec=SPEC))
    world = ProjectKind(known).gather(Key("edge", "shop"))
    assert world is not None
    assert world.recorded == world.plain == world.owned[0] == known.namespace("edge-shop")
    assert [each["metadata"]["name"] for each in world.workloads] == ["web"]
    assert (world.state, world.cluster) == (PartState("p"), known.cluster("edge"))


@pytest.mark.parametrize(
    ("recorded", "made", "annotated", "target"),
    [
        ("by-status", "by-owner", "by-annotation", "by-status"),
        ("", "by-owner", "by-annotation", "by-owner"),
        ("", "", "by-annotation", "by-annotation"),
        ("", "", "", "c-m-"),
    ],
)
async def test_the_name_of_a_management_cluster_once_chosen_is_kept(
    known: Hub, recorded: str, made: str, annotated: str, target: str
) -> None:
    notes = {"annotations": {"provisioning.cattle.io/management-cluster-name": annotated} if annotated else {}}
    wanted = obj("Cluster", "x", "fleet-default", metadata=notes, spec={}, status={"clusterName": recorded})
    known.observe(PROVISIONING_CLUSTERS, wanted)
    if made:
        labels = {"labels": {"drover.dev/owner-uid": "uid-1"}}
        known.observe(CLUSTERS, obj("Cluster", made, uid="uid-m", metadata=labels))
    world = ProvisioningKind(known).gather(Key("fleet-default", "x"))
    assert world is not None
    assert world.target.startswith(target)
    assert (world.management is not None) is (target == "by-owner")


def workload(known: Hub, lies_in: str, spec: Any = None, **metadata: Any) -> Any:
    found = obj("Workload", "web", lies_in, uid="uid-w", metadata=metadata, spec=SPEC if spec is None else spec)
    known.observe(WORKLOADS, found)
    return WorkloadKind(known).gather(Key(lies_in, "web"))


async def test_a_workload_in_a_backing_namespace_runs_where_it_says(known: Hub) -> None:
    world = workload(known, "edge-shop")
    assert world.place == Place("edge", "shop", "edge:shop", here=False)
    assert isinstance(world.rendering, Rendering)
    assert world.rendering.manifest["metadata"]["namespace"] == "shop"
    assert (world.home, world.recorded_uid, world.member, world.state) == (
        "edge",
        "member-uid",
        CONNECTED,
        PartState("w"),
    )


async def test_a_workload_in_a_namespace_of_a_local_project_runs_there(known: Hub) -> None:
    world = workload(known, "tools-web", {"containers": SPEC["containers"]})
    assert world.place == Place("local", "tools-web", "local:tools", here=True)
    assert world.home == "local"


@pytest.mark.parametrize("lies_in", ["odd", "nowhere", "edge"])
async def test_a_workload_elsewhere_has_no_place(known: Hub, lies_in: str) -> None:
    assert isinstance(workload(known, lies_in).place, Terminal)


async def test_a_workload_that_is_wrong_has_no_rendering(known: Hub) -> None:
    for wrong in ({"unknown": 1}, {**SPEC, "containers": [{"name": "a"}]}):
        for index in range(2):
            world = workload(known, "edge-shop", wrong, generation=index + 1, resourceVersion=str(index + 2))
            assert isinstance(world.rendering, Terminal)
            assert world.rendering.reason == "InvalidSpec"


async def test_an_object_is_rendered_once_a_generation_and_place(known: Hub) -> None:
    kind = WorkloadKind(known)
    found = obj("Workload", "web", "edge-shop", uid="uid-w", spec=SPEC)
    first = kind._renderings.of(found, "shop")
    assert kind._renderings.of({**found, "spec": {}}, "shop") is first
    assert kind._renderings.of(found, "other") is not first
    again = {**found, "metadata": {**found["metadata"], "generation": 2}}
    assert kind._renderings.of(again, "other") is not first
    kind.vanished(found)
    assert kind._renderings.of(found, "shop") is not first
