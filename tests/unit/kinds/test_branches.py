"""What all kinds do alike, and the branches that are easily forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drover.kinds.cloud_credential import CloudCredentialKind
from drover.kinds.cluster import ClusterKind
from drover.kinds.fleet_workspace import WorkspaceKind
from drover.kinds.kontainer_driver import KontainerDriverKind
from drover.kinds.node_driver import NodeDriverKind
from drover.kinds.node_template import NodeTemplateKind
from drover.kinds.plan import Attach, Create, Delete, SetFinalizers
from drover.kinds.pod_security import TemplateKind
from drover.kinds.project import ProjectKind
from drover.kinds.provisioning import ProvisioningKind
from drover.kinds.workload import WorkloadKind
from drover.kube.gvr import Object
from drover.members.desired import MemberState, PartState
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds import driver_worlds, worlds
from tests.unit.kinds.worlds import AWAY, CONNECTED, JUST_NOW, LONG_AGO, being_deleted, obj, owned

KINDS: dict[str, tuple[Any, Any, str]] = {
    "cluster": (ClusterKind, worlds.cluster_world, "cluster"),
    "project": (ProjectKind, worlds.project_world, "project"),
    "provisioning": (ProvisioningKind, worlds.provisioning_world, "cluster"),
    "workload": (WorkloadKind, worlds.workload_world, "workload"),
    "cloud-credential": (CloudCredentialKind, driver_worlds.credential_world, "obj"),
    "node-driver": (NodeDriverKind, driver_worlds.driver_world, "obj"),
    "node-template": (NodeTemplateKind, driver_worlds.template_world, "obj"),
    "kontainer-driver": (KontainerDriverKind, driver_worlds.kontainer_driver_world, "obj"),
    "workspace": (WorkspaceKind, worlds.workspace_world, "workspace"),
    "template": (TemplateKind, worlds.template_world, "template"),
}
ALL = pytest.mark.parametrize("name", KINDS)
WITH_FINALIZER = pytest.mark.parametrize("name", [name for name in KINDS if name != "template"])


def changed(name: str, **metadata: Any) -> tuple[Any, Any, Object]:
    """A kind, a world whose object has other metadata, and the object."""
    kind, make, field = KINDS[name]
    found = getattr(make(), field)
    found = {**found, "metadata": {**found["metadata"], **metadata}}
    return kind, make(**{field: found}), found


def conditions(status: dict[str, Any] | None) -> dict[str, str]:
    assert status is not None
    return {entry["type"]: entry["status"] for entry in status["conditions"]}


PAUSED = {"drover.dev/paused": "true"}


@ALL
def test_a_paused_object_is_left_alone_also_while_it_is_being_deleted(name: str) -> None:
    for since in ({}, {"deletionTimestamp": LONG_AGO}):
        kind, world, _ = changed(name, annotations=PAUSED, **since)
        plan = kind.decide(world)
        assert (plan.actions, plan.finding) == ((), None)
        assert plan.part is None or plan.part.held


@ALL
def test_a_paused_object_keeps_its_status_and_says_that_it_is_paused(name: str) -> None:
    kind, world, found = changed(name, annotations=PAUSED)
    assert conditions(kind.report(world, None)) == {"Ready": "Unknown", "Paused": "True"}
    before = {"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 7, "namespaces": 3}
    _, make, field = KINDS[name]
    status = kind.report(make(**{field: {**found, "status": before}}), None)
    assert conditions(status) == {"Ready": "True", "Paused": "True"}
    assert (status["observedGeneration"], status["namespaces"]) == (7, 3)


@WITH_FINALIZER
def test_a_deleted_object_without_our_finalizer_is_left_to_kubernetes(name: str) -> None:
    kind, world, _ = changed(name, deletionTimestamp=LONG_AGO, finalizers=["mine/x"])
    plan = kind.decide(world)
    assert (plan.actions, plan.finding) == ((), None)
    assert plan.part is None or plan.part.held
    upstream = ["controller.cattle.io/x", "wrangler.cattle.io/y", "mine/x"]
    kind, world, _ = changed(name, deletionTimestamp=LONG_AGO, finalizers=upstream)
    assert kind.decide(world).actions == (SetFinalizers(("mine/x",)),)


@WITH_FINALIZER
def test_finalizers_of_others_stay_when_ours_is_put_on(name: str) -> None:
    kind, world, _ = changed(name, finalizers=["mine/x"])
    (action,) = kind.decide(world).actions
    assert isinstance(action, SetFinalizers)
    assert action.finalizers[0] == "mine/x"
    assert action.finalizers[1].startswith("drover.dev/")


@ALL
def test_the_generation_that_was_seen_is_on_the_status_and_every_condition(name: str) -> None:
    kind, world, _ = changed(name, generation=5)
    status = kind.report(world, Terminal("X", "y"))
    assert status["observedGeneration"] == 5
    assert {entry["observedGeneration"] for entry in status["conditions"]} == {5}
    assert conditions(status) | {"Ready": "False", "Stalled": "True", "Paused": "False"} == conditions(status)


@ALL
def test_the_same_world_gives_the_same_status_at_any_time(name: str) -> None:
    kind, world, found = changed(name)
    first = kind.report(world, Waiting("X", "y"))
    _, make, field = KINDS[name]
    later = make(**{field: {**found, "status": first}}, now=worlds.NOW.replace(hour=20))
    second = kind.report(later, Waiting("X", "y"))
    assert second is None or second == first


@pytest.mark.parametrize("kind", ["cluster", "project"])
def test_a_namespace_that_is_ending_is_waited_for_and_not_made_again(kind: str) -> None:
    if kind == "cluster":
        plan = ClusterKind.decide(worlds.cluster_world(namespace=owned("edge", deleted=True)))
    else:
        plan = ProjectKind.decide(worlds.project_world(owned=(owned("edge-shop", deleted=True),)))
    assert plan.actions == ()
    assert isinstance(plan.finding, Waiting)
    assert plan.finding.reason == "NamespaceTerminating"
    assert plan.finding.seconds


def test_a_provisioning_cluster_waits_for_a_management_cluster_that_is_ending() -> None:
    ending = being_deleted(obj("Cluster", "c-m-x", metadata={"labels": {"drover.dev/owner-uid": "uid-1"}}))
    plan = ProvisioningKind.decide(worlds.provisioning_world(management=ending))
    assert plan.actions == ()
    assert isinstance(plan.finding, Waiting)


def test_a_foreign_management_cluster_is_not_deleted_with_the_provisioning_cluster() -> None:
    gone = being_deleted(worlds.provisioning_world().cluster)
    foreign = obj("Cluster", "c-m-x", uid="uid-m", metadata={"labels": {"drover.dev/owner-uid": "uid-2"}})
    plan = ProvisioningKind.decide(worlds.provisioning_world(cluster=gone, management=foreign))
    assert plan.actions == (SetFinalizers(()),)


def test_a_stall_of_the_management_cluster_is_a_stall() -> None:
    made = worlds.provisioning_world()
    labels = {"drover.dev/owner-uid": "uid-1"}
    stalled = [
        {"type": "Ready", "status": "False", "reason": "InvalidKubeconfig", "message": "mend it"},
        {"type": "Stalled", "status": "True"},
    ]
    (create,) = ProvisioningKind.decide(made).actions
    assert isinstance(create, Create)
    live = {**create.obj, "status": {"conditions": stalled}}
    assert live["metadata"]["labels"].items() >= labels.items()
    plan = ProvisioningKind.decide(replace(made, management=live))
    assert plan.finding == Terminal("InvalidKubeconfig", "mend it")


def test_a_foreign_namespace_of_its_name_is_not_deleted_with_the_cluster() -> None:
    gone = being_deleted(worlds.cluster_world().cluster)
    for owner in ("", "uid-2"):
        world = worlds.cluster_world(cluster=gone, projects=(), namespace=owned("edge", owner), reference="")
        assert ClusterKind.decide(world).actions == (SetFinalizers(()),)


def test_a_cluster_deletes_its_projects_even_when_it_is_late() -> None:
    gone = being_deleted(worlds.cluster_world().cluster, LONG_AGO)
    assert all(isinstance(each, Delete) for each in ClusterKind.decide(worlds.cluster_world(cluster=gone)).actions)


def test_a_kubeconfig_has_its_workspace_key_and_the_cluster_that_was_seen_before() -> None:
    cluster = worlds.cluster_world().cluster
    reference = {
        "importedConfig": {"kubeconfigSecretRef": {"name": "kc", "key": "admin"}},
        "fleetWorkspaceName": "team",
    }
    seen = {**cluster, "spec": {"displayName": "edge", **reference}, "status": {"kubeSystemUID": "uid-k"}}
    (attach,) = ClusterKind.decide(worlds.cluster_world(cluster=seen, reference="", member=None)).actions
    assert attach == Attach("edge", "team", "kc", "admin", "uid-k")
    assert attach.reference == "team/kc/admin"


@pytest.mark.parametrize(
    ("member", "finding"),
    [
        (None, Waiting("Connecting", "connecting to the cluster")),
        (MemberState(), Waiting("Connecting", "connecting to the cluster")),
        (AWAY, Waiting("Disconnected", "does not answer")),
        (replace(AWAY, reason="InvalidKubeconfig", terminal=True), Terminal("InvalidKubeconfig", "does not answer")),
        (replace(CONNECTED, synced=False), Waiting("Syncing", "reading the cluster: nodes: forbidden")),
    ],
)
def test_what_a_cluster_waits_for_is_said(member: MemberState | None, finding: Any) -> None:
    world = worlds.cluster_world(member=member, errors=("nodes: forbidden", "other"))
    assert ClusterKind.decide(world).finding == finding


def test_nodes_under_pressure_are_named() -> None:
    nodes = {**CONNECTED.nodes, "pressure": {"DiskPressure": ["b", "a", "d", "c"], "MemoryPressure": []}}
    status = ClusterKind.report(worlds.cluster_world(member=replace(CONNECTED, nodes=nodes)), None)
    assert status is not None
    (entry,) = [each for each in status["conditions"] if each["type"] == "NoDiskPressure"]
    assert (entry["status"], entry["message"]) == ("False", "nodes a, b, c +1 more report DiskPressure")


def test_a_kubeconfig_that_is_wrong_is_told_though_nothing_was_heard_of_the_cluster_yet() -> None:
    cluster = worlds.cluster_world().cluster
    before = {"conditions": [{"type": "Connected", "status": "True"}]}
    world = worlds.cluster_world(cluster={**cluster, "status": before}, member=None)
    assert ClusterKind.report(world, Waiting("Connecting", "x")) is None
    assert conditions(ClusterKind.report(world, Terminal("InvalidSpec", "x")))["Stalled"] == "True"


def test_a_project_of_a_cluster_that_is_gone_can_end() -> None:
    gone = being_deleted(worlds.project_world().project)
    world = worlds.project_world(project=gone, owned=(), cluster=None, member=None, state=None)
    assert ProjectKind.decide(world).actions == (SetFinalizers(()),)


def test_a_project_restarted_while_its_member_is_asked_keeps_its_status() -> None:
    project = {**worlds.project_world().project, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    assert ProjectKind.report(worlds.project_world(project=project, member=MemberState(), state=None), None) is None
    away = ProjectKind.report(worlds.project_world(project=project, member=AWAY, state=None), Waiting("X", "y"))
    assert conditions(away)["Ready"] == "False"


def job(**status: Any) -> dict[str, Any]:
    """A world with a Job, and what the Workload's status says of it."""
    from drover.kinds.workload.gather import Renderings

    spec = {"namespaceId": "shop", "containers": [{"name": "a", "image": "i"}], "jobConfig": {}}
    workload = {**worlds.workload_world().workload, "spec": spec, "status": status}
    return {"workload": workload, "rendering": Renderings().of(workload, "shop")}


@pytest.mark.parametrize(("generation", "done"), [(1, True), (0, False)])
def test_a_job_that_was_complete_in_this_generation_is_not_run_again(generation: int, done: bool) -> None:
    complete = {"type": "Complete", "status": "True", "observedGeneration": generation}
    world = worlds.workload_world(**job(conditions=[complete]), state=PartState("x", (None,), (None,)))
    plan = WorkloadKind.decide(world)
    assert plan.part is not None
    assert plan.part.objects[0].done is done
    assert conditions(WorkloadKind.report(world, plan.finding))["Complete"] == str(done)


def test_the_counts_of_a_workload_that_somebody_deleted_in_the_member_go() -> None:
    workload = {**worlds.workload_world().workload, "status": {"readyReplicas": 2, "conditions": []}}
    world = worlds.workload_world(workload=workload, state=PartState("x", (None,), (None,)))
    status = WorkloadKind.report(world, None)
    assert status is not None
    assert (status["readyReplicas"], status["nativeRef"]) == (None, None)


def test_what_ends_right_after_a_restart_waits_for_its_cluster_to_be_connected_and_not_for_ever() -> None:
    for since, actions in ((JUST_NOW, ()), (LONG_AGO, (SetFinalizers(()),))):
        workload = being_deleted(worlds.workload_world().workload, since)
        project = being_deleted(worlds.project_world().project, since)
        plans = (
            WorkloadKind.decide(worlds.workload_world(workload=workload, member=None)),
            ProjectKind.decide(worlds.project_world(project=project, owned=(), member=None, state=None)),
        )
        for plan in plans:
            assert plan.actions == actions
            assert [notice.reason for notice in plan.notices] == (["CleanupSkipped"] if actions else [])


def test_a_workload_in_a_cluster_that_is_gone_or_never_answered_ends_at_once() -> None:
    gone = being_deleted(worlds.workload_world().workload)
    never = WorkloadKind.decide(worlds.workload_world(workload=gone, member=None, recorded_uid=""))
    assert (never.actions, never.notices) == ((SetFinalizers(()),), ())


def test_a_cluster_that_ends_after_a_restart_is_connected_again_to_clean_up() -> None:
    gone = being_deleted({**worlds.cluster_world().cluster, "status": {"kubeSystemUID": "member-uid"}})
    (attach,) = ClusterKind.decide(worlds.cluster_world(cluster=gone, member=None, reference="")).actions
    assert isinstance(attach, Attach)
    ending = worlds.owned("edge", deleted=True)
    without = worlds.cluster_world(cluster=gone, member=None, reference="", projects=(), namespace=ending)
    assert not [each for each in ClusterKind.decide(without).actions if isinstance(each, Attach)]


def test_a_workload_without_a_place_still_removes_what_ran_when_it_is_deleted() -> None:
    gone = being_deleted(worlds.workload_world().workload)
    nowhere = Terminal("NamespaceNotInProject", "x")
    plan = WorkloadKind.decide(worlds.workload_world(workload=gone, place=nowhere, rendering=nowhere))
    assert plan.part is not None
    assert (plan.part.ends, plan.cluster) == (True, "edge")
