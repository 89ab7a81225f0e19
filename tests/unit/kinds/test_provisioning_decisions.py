"""What is decided about a provisioning Cluster, and what its status says."""

from __future__ import annotations

from typing import Any

from drover.kinds.plan import Apply, Create, Delete, SetFinalizers
from drover.kinds.provisioning.decide import decide
from drover.kinds.provisioning.report import report
from drover.kube.gvr import Object
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds.worlds import LONG_AGO, being_deleted, obj, provisioning_world, without_finalizers

EDGE = provisioning_world().cluster


def management(**changes: Any) -> Object:
    """The management Cluster as it was made, Ready."""
    (create,) = decide(provisioning_world()).actions
    assert isinstance(create, Create)
    conditions = [{"type": "Ready", "status": "True"}, {"type": "Connected", "status": "True"}]
    made = {**create.obj, "status": {"conditions": conditions}, **changes}
    return {**made, "metadata": {**made["metadata"], "uid": "uid-m"}}


def test_the_management_cluster_is_made_with_its_finalizer() -> None:
    made = management()
    assert made["metadata"]["name"] == "c-m-x"
    assert made["metadata"]["finalizers"] == ["drover.dev/cluster"]
    assert made["metadata"]["labels"]["drover.dev/owner-uid"] == "uid-1"
    assert made["spec"]["fleetWorkspaceName"] == "fleet-default"
    assert made["spec"]["importedConfig"] == {"kubeconfigSecretRef": {"name": "kc"}}
    assert "ownerReferences" not in made["metadata"]


def test_our_finalizer_comes_first() -> None:
    plan = decide(provisioning_world(cluster=without_finalizers(EDGE)))
    assert plan.actions == (SetFinalizers(("drover.dev/provisioning-cluster",)),)


def test_a_settled_one_wants_nothing() -> None:
    plan = decide(provisioning_world(management=management()))
    assert (plan.actions, plan.finding) == ((), None)


def test_a_management_cluster_that_was_not_looked_at_since_its_last_change_is_waited_for() -> None:
    changed = management()
    changed["metadata"]["generation"] = 2
    changed["status"] = {**changed["status"], "observedGeneration": 1}
    plan = decide(provisioning_world(management=changed))
    assert plan.at_work
    assert isinstance(plan.finding, Waiting)
    changed["status"]["observedGeneration"] = 2
    assert decide(provisioning_world(management=changed)).finding is None


def test_a_changed_management_cluster_is_put_right_and_what_others_set_stays() -> None:
    changed = management()
    changed["spec"] = {**changed["spec"], "displayName": "else", "agentImageOverride": "theirs"}
    (apply,) = decide(provisioning_world(management=changed)).actions
    assert isinstance(apply, Apply)
    assert apply.obj["metadata"]["uid"] == "uid-m"
    assert "agentImageOverride" not in apply.obj["spec"]


def test_a_foreign_management_cluster_is_not_taken() -> None:
    plan = decide(provisioning_world(management=obj("Cluster", "c-m-x", uid="uid-m")))
    assert plan.actions == ()
    assert isinstance(plan.finding, Terminal)
    assert plan.finding.reason == "Conflict"


def test_without_an_engine_nothing_is_made_and_no_finalizer_is_put_on() -> None:
    wanted = {**without_finalizers(EDGE), "spec": {"rkeConfig": {}}}
    plan = decide(provisioning_world(cluster=wanted))
    assert plan.actions == ()
    assert isinstance(plan.finding, Terminal)
    assert plan.finding.reason == "EngineNotInstalled"


def test_what_the_management_cluster_waits_for_is_waited_for() -> None:
    away = management(
        status={"conditions": [{"type": "Ready", "status": "False", "reason": "Disconnected", "message": "m"}]}
    )
    assert decide(provisioning_world(management=away)).finding == Waiting("Disconnected", "m")


def test_deleting_waits_for_the_management_cluster() -> None:
    gone = being_deleted(EDGE)
    (delete,) = decide(provisioning_world(cluster=gone, management=management())).actions
    assert isinstance(delete, Delete)
    ending = being_deleted(management())
    assert isinstance(decide(provisioning_world(cluster=gone, management=ending)).finding, Waiting)
    assert decide(provisioning_world(cluster=gone)).actions == (SetFinalizers(()),)
    late = decide(provisioning_world(cluster=being_deleted(EDGE, LONG_AGO), management=ending))
    assert late.actions == (SetFinalizers(()),)
    assert late.notices


def test_the_status_mirrors_the_management_cluster() -> None:
    world = provisioning_world(management=management())
    status = report(world, decide(world).finding)
    assert status is not None
    assert (status["clusterName"], status["ready"], status["clientSecretName"]) == ("c-m-x", True, "kc")


def test_ready_stays_once_it_was_true() -> None:
    lost = management(status={"conditions": [{"type": "Ready", "status": "False", "reason": "Disconnected"}]})
    world = provisioning_world(cluster={**EDGE, "status": {"ready": True}}, management=lost)
    status = report(world, decide(world).finding)
    assert status is not None
    assert status["ready"] is True
    assert {entry["type"]: entry["status"] for entry in status["conditions"]}["Ready"] == "False"
