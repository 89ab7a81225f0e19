"""What is decided about a Project, and what its status says."""

from __future__ import annotations

from drover.kinds.plan import Confirm, Create, Delete, SetFinalizers
from drover.kinds.project.decide import backing_namespace, decide
from drover.kinds.project.report import report
from drover.kube.gvr import NAMESPACES
from drover.members.desired import PartState, Problem
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds.worlds import AWAY, LONG_AGO, being_deleted, obj, owned, project_world, without_finalizers

SHOP = project_world().project


def test_a_settled_project_wants_its_label_in_the_member_and_nothing_else() -> None:
    plan = decide(project_world())
    assert (plan.actions, plan.finding) == ((), None)
    assert plan.part is not None
    assert (plan.cluster, plan.part.project) == ("edge", "edge:shop")


def test_the_finalizer_comes_before_the_namespace() -> None:
    plan = decide(project_world(project=without_finalizers(SHOP), owned=(), plain=None))
    assert plan.actions == (SetFinalizers(("drover.dev/project",)),)


def test_the_backing_namespace_is_made_under_its_plain_name() -> None:
    (create,) = decide(project_world(owned=(), plain=None)).actions
    assert isinstance(create, Create)
    assert create.obj["metadata"]["name"] == "edge-shop"


def test_a_foreign_namespace_of_that_name_is_left_alone() -> None:
    (create,) = decide(project_world(owned=(), plain=owned("edge-shop", "uid-2"))).actions
    assert isinstance(create, Create)
    assert create.obj["metadata"]["name"].startswith("edge-shop-")


def test_the_recorded_name_is_kept_for_good() -> None:
    recorded = {**SHOP, "status": {"backingNamespace": "shop-from-before"}}
    assert backing_namespace(project_world(project=recorded)) == "shop-from-before"


def test_a_recorded_namespace_that_somebody_else_has_now_stalls_it() -> None:
    recorded = {**SHOP, "status": {"backingNamespace": "taken"}}
    plan = decide(project_world(project=recorded, owned=(), recorded=owned("taken", "uid-2")))
    assert plan.actions == ()
    assert isinstance(plan.finding, Terminal)
    assert "drover.dev/adopt-uid: uid-2" in plan.finding.message


def test_a_project_that_names_another_cluster_has_no_effect() -> None:
    elsewhere = {**SHOP, "spec": {"clusterName": "other"}}
    plan = decide(project_world(project=elsewhere, owned=(), plain=None))
    assert plan.actions == ()
    assert plan.part is not None
    assert plan.part.held
    assert isinstance(plan.finding, Terminal)


def test_a_cluster_that_is_not_there_is_waited_for() -> None:
    for cluster in (None, being_deleted(obj("Cluster", "edge"))):
        plan = decide(project_world(cluster=cluster, owned=(), plain=None))
        assert plan.actions == ()
        assert isinstance(plan.finding, Waiting)


def test_deleting_goes_workloads_and_namespace_then_label_then_finalizer() -> None:
    gone = being_deleted(SHOP)
    workload = obj("Workload", "web", "edge-shop", uid="uid-w")
    first = decide(project_world(project=gone, workloads=(workload,)))
    assert [action.name for action in first.actions if isinstance(action, Delete)] == ["web", "edge-shop"]
    terminating = (owned("edge-shop", deleted=True),)
    second = decide(project_world(project=gone, workloads=(being_deleted(workload),), owned=terminating))
    assert isinstance(second.finding, Waiting)
    assert "web" in second.finding.message
    third = decide(project_world(project=gone, owned=terminating))
    assert third.part is not None
    assert third.part.ends
    last = decide(project_world(project=gone, owned=terminating, state=PartState("x", gone=True)))
    assert last.actions == (SetFinalizers(()),)


def test_a_member_that_is_away_does_not_hold_the_deletion_for_ever() -> None:
    for gone in (being_deleted(SHOP, LONG_AGO), being_deleted(SHOP, **{"drover.dev/force-delete": "true"})):
        plan = decide(project_world(project=gone, owned=(), member=AWAY, state=None))
        assert plan.actions == (SetFinalizers(()),)
        assert [notice.reason for notice in plan.notices] == ["CleanupSkipped"]


def test_in_a_cluster_that_never_answered_there_is_nothing_to_clean_up() -> None:
    plan = decide(
        project_world(project=being_deleted(SHOP), owned=(), member=None, state=None, cluster=obj("Cluster", "edge"))
    )
    assert plan.actions == (SetFinalizers(()),)
    assert plan.notices == ()


def test_a_project_deletes_its_namespaces_where_it_asks_for_that_and_its_cluster_stays() -> None:
    gone = being_deleted(SHOP, **{"drover.dev/namespace-deletion-policy": "Delete"})
    for changes, deletes in (
        ({}, True),
        ({"project": being_deleted(SHOP)}, False),
        ({"cluster": being_deleted(obj("Cluster", "edge"))}, False),
        ({"lies_in": None}, False),
    ):
        plan = decide(project_world(**{"project": gone, "owned": (), **changes}))
        assert plan.part is not None
        assert plan.part.deletes == deletes
        assert isinstance(plan.finding, Waiting)
        assert plan.finding.reason == ("DeletingNamespaces" if deletes else "ReleasingNamespaces")


def test_before_namespaces_are_deleted_what_that_rests_on_is_read_anew() -> None:
    gone = being_deleted(SHOP, **{"drover.dev/namespace-deletion-policy": "Delete"})
    plan = decide(project_world(project=gone, owned=(), confirmed=False))
    assert plan.part is None
    assert plan.actions == (Confirm("uid-1", NAMESPACES, "edge"),)
    assert decide(project_world(project=being_deleted(SHOP), owned=(), confirmed=False)).part is not None


def test_a_deletion_names_the_namespaces_that_it_waits_for_and_what_stands_in_the_way() -> None:
    gone = being_deleted(SHOP, **{"drover.dev/namespace-deletion-policy": "Delete"})
    state = PartState(
        "x", namespaces=("b",), ending=("a",), problem=Problem("Forbidden", "may not delete", terminal=False)
    )
    plan = decide(project_world(project=gone, owned=(), state=state))
    assert isinstance(plan.finding, Waiting)
    assert plan.finding.message == "deletes its namespaces: a, b; may not delete"


def test_namespaces_that_were_released_instead_are_told_at_the_end() -> None:
    gone = being_deleted(SHOP, **{"drover.dev/namespace-deletion-policy": "Delete"})
    state = PartState("x", gone=True, spared={"kube-system": "it is a system namespace"})
    plan = decide(project_world(project=gone, owned=(), state=state))
    assert plan.actions == (SetFinalizers(()),)
    (notice,) = plan.notices
    assert notice.reason == "NamespacesReleased"
    assert "kube-system: it is a system namespace" in notice.message


def test_the_status_counts_namespaces_and_records_the_backing_one() -> None:
    world = project_world()
    status = report(world, decide(world).finding)
    assert status is not None
    assert (status["backingNamespace"], status["namespaces"]) == ("edge-shop", 2)
    assert {entry["type"]: entry["status"] for entry in status["conditions"]}["Ready"] == "True"


def test_a_member_that_is_away_is_told() -> None:
    world = project_world(member=AWAY, state=None)
    finding = decide(world).finding
    assert isinstance(finding, Waiting)
    assert finding.reason == "ClusterUnreachable"
