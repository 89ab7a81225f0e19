"""What is decided about a Workload, and what its status says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drover.kinds.plan import SetFinalizers
from drover.kinds.workload.decide import decide
from drover.kinds.workload.gather import Renderings
from drover.kinds.workload.place import Place, place
from drover.kinds.workload.report import report
from drover.kube.gvr import Object
from drover.members.desired import PartState, Problem
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds.worlds import AWAY, LONG_AGO, being_deleted, obj, owned, without_finalizers, workload_world

WEB = workload_world().workload
LIVE: Object = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "generation": 1},
    "spec": {"replicas": 2},
    "status": {
        "observedGeneration": 1,
        "replicas": 2,
        "readyReplicas": 2,
        "updatedReplicas": 2,
        "availableReplicas": 2,
        "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}],
    },
}
READY = PartState("x", objects=(LIVE,), problems=(None,))


def test_its_native_object_goes_to_its_place() -> None:
    plan = decide(workload_world(state=READY))
    assert (plan.actions, plan.finding, plan.cluster) == ((), None, "edge")
    assert plan.part is not None
    (wanted,) = plan.part.objects
    assert (wanted.manifest["kind"], wanted.manifest["metadata"]["namespace"]) == ("Deployment", "shop")
    assert wanted.project_id == "edge:shop"


def test_the_finalizer_comes_before_the_native_object() -> None:
    plan = decide(workload_world(workload=without_finalizers(WEB)))
    assert plan.actions == (SetFinalizers(("drover.dev/workload",)),)
    assert plan.part is None


def test_where_it_lies_an_owner_reference_does_and_no_finalizer() -> None:
    here = Place("local", "tools", "local:tools", here=True)
    plan = decide(workload_world(workload=without_finalizers(WEB), place=here, state=READY))
    assert plan.actions == ()
    assert plan.part is not None
    (reference,) = plan.part.objects[0].manifest["metadata"]["ownerReferences"]
    assert reference["uid"] == "uid-1"
    assert "controller" not in reference


def test_without_a_place_it_has_no_effect() -> None:
    plan = decide(workload_world(place=Terminal("NamespaceNotInProject", "x")))
    assert plan.finding == Terminal("NamespaceNotInProject", "x")
    assert plan.part is not None
    assert plan.part.held


def test_an_invalid_spec_has_no_effect() -> None:
    evil = obj("Workload", "web", "edge-shop", spec={"containers": [{"name": "a"}]})
    plan = decide(workload_world(workload=evil, rendering=Renderings().of(evil, "shop")))
    assert plan.part is not None
    assert plan.part.held
    assert isinstance(plan.finding, Terminal)
    assert plan.finding.reason == "InvalidSpec"


def test_a_problem_in_the_member_is_told() -> None:
    for problem, kind in (
        (Problem("Conflict", "taken"), Terminal),
        (Problem("NamespaceNotFound", "x", False), Waiting),
    ):
        plan = decide(workload_world(state=PartState("x", objects=(None,), problems=(problem,))))
        assert isinstance(plan.finding, kind)
        assert plan.finding.reason == problem.reason


def test_a_member_that_is_away_is_told_and_the_counts_stay() -> None:
    before = {"desiredReplicas": 2, "readyReplicas": 2, "conditions": [{"type": "Ready", "status": "True"}]}
    world = workload_world(workload={**WEB, "status": before}, member=AWAY)
    finding = decide(world).finding
    assert isinstance(finding, Waiting)
    status = report(world, finding)
    assert status is not None
    assert (status["desiredReplicas"], status["readyReplicas"], status["state"]) == (2, 2, "updating")


def test_deleting_removes_the_native_object_before_the_finalizer() -> None:
    gone = being_deleted(WEB)
    first = decide(workload_world(workload=gone, state=READY))
    assert first.actions == ()
    assert first.part is not None
    assert first.part.ends
    last = decide(workload_world(workload=gone, state=PartState("x", gone=True)))
    assert last.actions == (SetFinalizers(()),)


def test_a_member_that_is_away_does_not_hold_the_deletion_for_ever() -> None:
    for gone in (being_deleted(WEB, LONG_AGO), being_deleted(WEB, **{"drover.dev/force-delete": "true"})):
        plan = decide(workload_world(workload=gone, member=AWAY))
        assert plan.actions == (SetFinalizers(()),)
        assert [notice.reason for notice in plan.notices] == ["CleanupSkipped"]


def test_a_ready_workload_says_where_it_is_and_how_many() -> None:
    world = workload_world(state=READY)
    status = report(world, decide(world).finding)
    assert status is not None
    assert status["nativeRef"]["cluster"] == "edge"
    assert (status["desiredReplicas"], status["readyReplicas"], status["state"]) == (2, 2, "active")


def test_a_restarted_drover_leaves_the_status_until_the_member_was_looked_at() -> None:
    before = {"conditions": [{"type": "Ready", "status": "True"}]}
    world = workload_world(workload={**WEB, "status": before})
    assert report(world, decide(world).finding) is None
    without = replace(world, member=None)
    assert report(without, decide(without).finding) is None


def test_a_cluster_whose_way_in_was_taken_out_is_told() -> None:
    before = {"conditions": [{"type": "Ready", "status": "True"}]}
    world = workload_world(workload={**WEB, "status": before}, member=None, way_in=False)
    status = report(world, decide(world).finding)
    assert status is not None
    assert status["state"] == "updating"


PROJECT = obj("Project", "shop", "edge", status={"backingNamespace": "edge-shop"})
LOCAL_PROJECT = obj("Project", "tools", "local", status={"backingNamespace": "local-tools"})


def lying(namespace: str, **spec: Any) -> Object:
    return obj("Workload", "web", namespace, spec=spec)


def test_in_a_backing_namespace_it_names_its_target() -> None:
    found = place(lying("edge-shop", namespaceId="shop"), owned("edge-shop"), PROJECT)
    assert found == Place("edge", "shop", "edge:shop", here=False)
    assert isinstance(place(lying("edge-shop"), owned("edge-shop"), PROJECT), Terminal)


def test_in_a_namespace_of_a_local_project_it_runs_right_there() -> None:
    found = place(lying("tools-web"), owned("tools-web", ""), LOCAL_PROJECT)
    assert found == Place("local", "tools-web", "local:tools", here=True)
    elsewhere = place(lying("tools-web", namespaceId="kube-system"), owned("tools-web", ""), LOCAL_PROJECT)
    assert isinstance(elsewhere, Terminal)


def test_in_any_other_namespace_it_has_no_place() -> None:
    assert isinstance(place(lying("default"), owned("default", ""), None), Terminal)
    assert isinstance(place(lying("gone"), None, None), Terminal)
