"""What is decided about a workspace, and what its status says."""

from __future__ import annotations

from typing import Any

import pytest

from drover.kinds.contents import RESOURCES, count
from drover.kinds.fleet_workspace import WorkspaceKind
from drover.kinds.fleet_workspace.decide import decide
from drover.kinds.plan import Apply, Count, Create, Delete, SetFinalizers
from drover.kinds.resources import CLUSTERS, PROVISIONING_CLUSTERS, WORKSPACES
from drover.kube.gvr import RESOURCE_QUOTAS, Key, Object
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds.apiserver import Apiserver, hub
from tests.unit.kinds.known import known_hub
from tests.unit.kinds.worlds import LONG_AGO, being_deleted, obj, owned, without_finalizers, workspace_world

TEAM = workspace_world().workspace
FOREIGN = obj("Namespace", "team", uid="ns-team")
NOTHING = dict.fromkeys(RESOURCES, 0)


def with_metadata(**metadata: Any) -> Object:
    return {**TEAM, "metadata": {**TEAM["metadata"], **metadata}}


def conditions(world: Any) -> dict[str, tuple[str, str]]:
    status = WorkspaceKind.report(world, decide(world).finding)
    assert status is not None
    return {entry["type"]: (entry["status"], entry["reason"]) for entry in status["conditions"]}


# --- The namespace ----------------------------------------------------------------------------------------------------
def test_the_finalizer_comes_before_the_namespace() -> None:
    bare = without_finalizers(TEAM)
    assert decide(workspace_world(workspace=bare, namespace=None)).actions == (
        SetFinalizers(("drover.dev/fleet-workspace",)),
    )
    (create,) = decide(workspace_world(namespace=None)).actions
    assert isinstance(create, Create)
    assert create.obj["metadata"]["name"] == "team"
    assert create.obj["metadata"]["labels"]["drover.dev/owner-uid"] == "uid-1"


def test_a_namespace_that_is_there_takes_nothing() -> None:
    assert decide(workspace_world()).actions == ()
    assert conditions(workspace_world())["NamespaceCreated"] == ("True", "Created")


def test_labels_of_people_are_copied_kept_and_taken_off() -> None:
    workspace = with_metadata(labels={"team": "a", "pod-security.kubernetes.io/enforce": "privileged"})
    (apply,) = decide(workspace_world(workspace=workspace)).actions
    assert isinstance(apply, Apply)
    metadata = apply.obj["metadata"]
    assert metadata["uid"] == "ns-team"
    assert metadata["labels"]["team"] == "a"
    assert not [label for label in metadata["labels"] if label.startswith("pod-security")]
    live = {**owned("team"), "metadata": {**owned("team")["metadata"], **metadata}}
    assert decide(workspace_world(workspace=workspace, namespace=live)).actions == ()
    (undo,) = decide(workspace_world(namespace=live)).actions
    assert isinstance(undo, Apply)
    assert "team" not in undo.obj["metadata"]["labels"]


def test_somebody_elses_namespace_is_used_and_never_changed() -> None:
    bare = without_finalizers({**TEAM, "metadata": {**TEAM["metadata"], "labels": {"team": "a"}}})
    world = workspace_world(workspace=bare, namespace=FOREIGN)
    assert (decide(world).actions, decide(world).finding) == ((), None)
    assert conditions(world)["NamespaceCreated"] == ("True", "NotOurs")
    assert conditions(world)["Ready"][0] == "True"


def test_a_namespace_that_was_made_for_something_else_is_a_conflict() -> None:
    world = workspace_world(namespace=owned("team", "uid-2"))
    finding = decide(world).finding
    assert isinstance(finding, Terminal)
    assert finding.reason == "NamespaceConflict"
    assert "drover.dev/adopt-uid: uid-2" in finding.message
    assert conditions(world)["NamespaceCreated"] == ("False", "NotCreated")


def test_a_namespace_that_is_ending_is_waited_for() -> None:
    finding = decide(workspace_world(namespace=owned("team", deleted=True))).finding
    assert isinstance(finding, Waiting)
    assert finding.reason == "NamespaceTerminating"


def test_an_unmanaged_workspace_has_no_namespace_and_no_finalizer() -> None:
    notes = {"provisioning.cattle.io/managed": "false"}
    world = workspace_world(workspace=with_metadata(annotations=notes, finalizers=[]), namespace=None)
    assert (decide(world).actions, decide(world).finding) == ((), None)
    assert conditions(world)["NamespaceCreated"] == ("False", "NotManaged")
    assert conditions(world)["Ready"][0] == "True"


def test_a_workspace_that_is_wrong_makes_nothing() -> None:
    plan = decide(workspace_world(namespace=None, invalid="metadata.name: is the name of a namespace of Kubernetes"))
    assert plan.actions == ()
    assert isinstance(plan.finding, Terminal)


# --- The end ----------------------------------------------------------------------------------------------------------
def ending(since: str = LONG_AGO, **changes: Any) -> Any:
    return workspace_world(workspace=being_deleted(TEAM, since), **changes)


def forced(**changes: Any) -> Any:
    return workspace_world(workspace=being_deleted(TEAM, **{"drover.dev/force-delete": "true"}), **changes)


def test_clusters_in_it_hold_its_end_up_for_as_long_as_they_are_there() -> None:
    world = ending(clusters=("a", "b", "team/c", "team/d"))
    finding = decide(world).finding
    assert decide(world).actions == ()
    assert isinstance(finding, Waiting)
    assert (finding.reason, finding.seconds) == ("WorkspaceInUse", None)
    assert "Clusters a, b, team/c +1 more are in it" in finding.message
    assert conditions(world)["InUse"] == ("True", "InUse")


def test_what_the_namespace_holds_is_counted_first() -> None:
    (action,) = decide(ending()).actions
    assert action == Count("team", {"app.kubernetes.io/managed-by": "drover", "drover.dev/owner-uid": "uid-1"})


@pytest.mark.parametrize(
    ("contents", "reason", "told"),
    [
        ({}, "ContentsUnknown", "waits for Kubernetes to count"),
        ({**NOTHING, "secrets": 2, "gitrepos.fleet.cattle.io": 1}, "WorkspaceNotEmpty", "holds 2 secrets, 1 gitrepos"),
    ],
)
def test_what_would_be_lost_holds_its_end_up(contents: dict[str, int], reason: str, told: str) -> None:
    plan = decide(ending(contents=contents))
    assert plan.actions == ()
    assert isinstance(plan.finding, Waiting)
    assert plan.finding.reason == reason
    assert told in plan.finding.message
    assert plan.finding.seconds


def test_an_empty_namespace_and_one_that_is_given_up_are_deleted() -> None:
    for world in (ending(contents=NOTHING), forced(clusters=("a",)), forced(contents={**NOTHING, "secrets": 2})):
        (delete,) = decide(world).actions
        assert isinstance(delete, Delete)
        assert (delete.name, delete.uid) == ("team", "ns-team")


@pytest.mark.parametrize("namespace", [None, FOREIGN, owned("team", "uid-2"), owned("team", deleted=True)])
def test_a_namespace_that_is_not_ours_or_gone_is_left(namespace: Object | None) -> None:
    for world in (ending(namespace=namespace), forced(namespace=namespace)):
        assert decide(world).actions == (SetFinalizers(()),)


# --- What is read -----------------------------------------------------------------------------------------------------
async def test_a_workspace_with_its_namespace_and_clusters() -> None:
    known = await known_hub()
    known.observe(WORKSPACES, obj("FleetWorkspace", "edge-shop", uid="uid-f"))
    known.observe(CLUSTERS, obj("Cluster", "far", uid="uid-far", spec={"fleetWorkspaceName": "edge-shop"}))
    known.observe(PROVISIONING_CLUSTERS, obj("Cluster", "made", "edge-shop", uid="uid-made"))
    known.counted["edge-shop"] = {"secrets": 1}
    kind = WorkspaceKind(known)
    world = kind.gather(Key("", "edge-shop"))
    assert world is not None
    assert world.namespace == known.namespace("edge-shop")
    assert world.clusters == ("edge-shop/made", "far")
    assert world.contents == {"secrets": 1}
    again = kind.gather(Key("", "edge-shop"))
    assert again is not None
    assert again.contents is None, "what was counted is looked at once"
    assert kind.gather(Key("", "gone")) is None


async def test_kubernetes_counts_what_a_namespace_holds() -> None:
    apiserver = Apiserver()
    found, wanted = hub(apiserver), Count("team", {"drover.dev/owner-uid": "uid-1"})
    used = {"count/secrets": "2", "count/gitrepos.fleet.cattle.io": "1"}
    apiserver.put(
        RESOURCE_QUOTAS, {"metadata": {"name": "drover-contents", "namespace": "team"}, "status": {"used": used}}
    )
    apiserver.served = {"/apis/fleet.cattle.io/v1alpha1": ["gitrepos", "gitrepos/status", "contents"]}
    await count(found, wanted)
    assert found.counted["team"] == {**NOTHING, "secrets": 2, "gitrepos.fleet.cattle.io": 1}
    assert set(apiserver.bodies[0]["spec"]["hard"]) == {f"count/{resource}" for resource in RESOURCES}


async def test_nothing_is_known_while_nobody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drover.kinds.contents._PAUSE", 0.0)
    apiserver = Apiserver()
    found = hub(apiserver)
    await count(found, Count("team", {}))
    assert found.counted == {"team": {}}
    made = apiserver.objects[RESOURCE_QUOTAS, Key("team", "drover-contents")]
    apiserver.put(RESOURCE_QUOTAS, {**made, "status": {"used": {"count/secrets": "0"}}})
    apiserver.served = {"/apis/fleet.cattle.io/v1alpha1": ["gitrepos"]}
    asked = len(apiserver.writes)
    for _ in range(2):
        await count(found, Count("team", {}))
        assert found.counted == {"team": {}}, "objects of a new CRD are not counted yet"
    limits = [set(body["spec"]["hard"].values()) for body in apiserver.bodies[asked:] if "uid" in body["metadata"]]
    assert len(limits) == 2
    assert limits[0] != limits[1], "another limit has them counted again"
    apiserver.served = {}
    await count(found, Count("team", {}))
    assert found.counted == {"team": NOTHING}
