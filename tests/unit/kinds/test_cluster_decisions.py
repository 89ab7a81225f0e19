"""What is decided about a Cluster, and what its status says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drover.kinds.cluster.decide import decide
from drover.kinds.cluster.report import report
from drover.kinds.plan import Attach, Create, Delete, Detach, Plan, SetFinalizers
from drover.members.desired import MemberState, PartState, Problem
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds.worlds import (
    AWAY,
    CONNECTED,
    JUST_NOW,
    LONG_AGO,
    being_deleted,
    cluster_world,
    obj,
    owned,
    without_finalizers,
)

EDGE = cluster_world().cluster


def test_a_settled_cluster_wants_nothing() -> None:
    plan = decide(cluster_world())
    assert (plan.actions, plan.finding) == ((), None)


def test_the_finalizer_comes_before_anything_else() -> None:
    plan = decide(cluster_world(cluster=without_finalizers(EDGE), namespace=None, projects=()))
    assert plan.actions == (SetFinalizers(("drover.dev/cluster",)),)


def test_a_paused_cluster_wants_nothing() -> None:
    paused = {**EDGE, "metadata": {**EDGE["metadata"], "annotations": {"drover.dev/paused": "true"}}}
    assert decide(cluster_world(cluster=paused, namespace=None)).actions == ()


def test_a_paused_cluster_is_connected_again_after_a_restart_and_not_for_the_first_time() -> None:
    paused = {**EDGE, "metadata": {**EDGE["metadata"], "annotations": {"drover.dev/paused": "true"}}}
    assert decide(cluster_world(cluster=paused, member=None, reference="")).actions == ()
    known = {**paused, "status": {"kubeSystemUID": "member-uid"}}
    (attach,) = decide(cluster_world(cluster=known, member=None, reference="")).actions
    assert attach == Attach("edge", "fleet-default", "kc", "value", "member-uid")


def test_the_namespace_comes_before_the_projects() -> None:
    (create,) = decide(cluster_world(namespace=None, projects=())).actions
    assert isinstance(create, Create)
    assert create.obj["metadata"]["name"] == "edge"
    assert create.obj["metadata"]["labels"]["drover.dev/owner-uid"] == "uid-1"


def test_both_first_projects_are_made_with_their_finalizer() -> None:
    actions = decide(cluster_world(projects=())).actions
    made = [action.obj for action in actions if isinstance(action, Create)]
    assert [each["spec"]["displayName"] for each in made] == ["Default", "System"]
    assert all(each["metadata"]["finalizers"] == ["drover.dev/project"] for each in made)


def test_a_first_project_is_made_once() -> None:
    status = {"conditions": [{"type": "DefaultProjectCreated", "status": "True"}]}
    (create,) = decide(cluster_world(cluster={**EDGE, "status": status}, projects=())).actions
    assert isinstance(create, Create)
    assert create.obj["spec"]["displayName"] == "System"


def test_a_foreign_namespace_stalls_it() -> None:
    for namespace in (owned("edge", ""), owned("edge", "uid-2")):
        plan = decide(cluster_world(namespace=namespace))
        assert plan.actions == ()
        assert isinstance(plan.finding, Terminal)
        assert plan.finding.reason == "NamespaceConflict"


def test_an_invalid_spec_has_no_effect() -> None:
    plan = decide(cluster_world(invalid="spec.x: is wrong", namespace=None, projects=(), reference=""))
    assert plan.actions == ()
    assert plan.finding == Terminal("InvalidSpec", "spec.x: is wrong")


def test_a_name_that_is_no_label_has_no_effect() -> None:
    plan = decide(cluster_world(cluster=obj("Cluster", "a.b", spec={}), namespace=None))
    assert plan.actions == ()
    assert isinstance(plan.finding, Terminal)


def test_it_connects_by_the_secret_that_it_names() -> None:
    (attach,) = decide(cluster_world(reference="", member=None)).actions
    assert attach == Attach("edge", "fleet-default", "kc", "value", "")


def test_another_secret_is_another_connection() -> None:
    (detach,) = decide(cluster_world(reference="fleet-default/old/value")).actions
    assert detach == Detach("edge")


def test_a_cluster_with_no_way_in_says_how_to_give_one() -> None:
    without = {**EDGE, "spec": {"displayName": "edge", "importedConfig": {}}}
    plan = decide(cluster_world(cluster=without, reference="", member=None))
    assert isinstance(plan.finding, Waiting)
    assert "kubeconfigSecretRef" in plan.finding.message


def test_deleting_goes_projects_namespace_connection_finalizer() -> None:
    gone = being_deleted(EDGE)
    steps = decide(cluster_world(cluster=gone)).actions
    assert [step.name for step in steps if isinstance(step, Delete)] == ["p-1", "p-2"]
    ending = tuple(being_deleted(each) for each in cluster_world().projects)
    waiting = decide(cluster_world(cluster=gone, projects=ending))
    assert isinstance(waiting.finding, Waiting)
    assert "p-1, p-2" in waiting.finding.message
    removing = decide(cluster_world(cluster=gone, projects=()))
    assert removing.part is not None
    assert (removing.actions, removing.part.ends, removing.part.policies) == ((), True, ())
    done = PartState("x", gone=True)
    (namespace,) = decide(cluster_world(cluster=gone, projects=(), state=done)).actions
    assert isinstance(namespace, Delete)
    assert namespace.name == "edge"
    (detach,) = decide(cluster_world(cluster=gone, projects=(), state=done, namespace=None)).actions
    assert detach == Detach("edge")
    last = decide(cluster_world(cluster=gone, projects=(), namespace=None, reference=""))
    assert last.actions == (SetFinalizers(()),)


def test_policies_that_cannot_be_taken_away_do_not_hold_the_deletion_up_and_are_told() -> None:
    known = {**EDGE, "status": {"kubeSystemUID": "member-uid"}}
    waiting = decide(cluster_world(cluster=being_deleted(known), projects=(), member=AWAY, state=None))
    assert isinstance(waiting.finding, Waiting)
    assert waiting.finding.reason == "RemovingPolicies"
    forbidden = PartState("x", problem=Problem("Forbidden", "no", terminal=False))
    for gone, changes in (
        (being_deleted(known), {"state": forbidden}),
        (being_deleted(known, LONG_AGO), {"state": None, "member": AWAY}),
        (being_deleted(known, **{"drover.dev/force-delete": "true"}), {"state": None, "member": AWAY}),
    ):
        plan = decide(cluster_world(cluster=gone, projects=(), **changes))
        assert [type(action) for action in plan.actions] == [Delete]
        assert [notice.reason for notice in plan.notices] == ["CleanupSkipped"]


KNOWN = {**EDGE, "status": {"kubeSystemUID": "member-uid"}}
LATE = "2026-01-01T11:57:00Z"
"""Longer ago than one patience, and not than two."""


def leaving(since: str = JUST_NOW, *, forced: bool = False, **changes: Any) -> Plan:
    """What is decided about a Cluster that is being deleted and has no Projects any more."""
    notes = {"drover.dev/force-delete": "true"} if forced else {}
    return decide(cluster_world(cluster=being_deleted(KNOWN, since, **notes), projects=(), **changes))


def test_a_cluster_is_not_left_before_its_rights_are_gone_from_there_and_its_policies_stay_as_long() -> None:
    for member in (CONNECTED, MemberState()):
        plan = leaving(rights_left=True, member=member)
        assert isinstance(plan.finding, Waiting)
        assert (plan.finding.reason, plan.finding.seconds) == ("RemovingRights", 1.0)
        assert (plan.actions, plan.part, plan.at_work) == ((), None, True)
    after = leaving(rights_left=False)
    assert isinstance(after.finding, Waiting)
    assert after.finding.reason == "RemovingPolicies"
    (delete,) = leaving(rights_left=False, state=PartState("x", gone=True)).actions
    assert isinstance(delete, Delete)
    assert leaving(rights_left=False, state=PartState("x", gone=True)).notices == ()


def test_rights_that_take_long_to_go_do_not_keep_the_policies_there() -> None:
    for state in (None, PartState("x", gone=True)):
        plan = leaving(LATE, rights_left=True, state=state)
        assert isinstance(plan.finding, Waiting)
        assert plan.finding.reason == "RemovingRights"
        assert plan.part is not None
        assert plan.part.ends


def test_a_cluster_that_is_away_is_waited_for_to_take_its_rights_away_as_long_as_its_projects_waited() -> None:
    plan = leaving(rights_left=True, member=AWAY, state=None)
    assert isinstance(plan.finding, Waiting)
    assert plan.finding.reason == "RemovingRights"
    assert "does not answer" in plan.finding.message
    assert not plan.at_work
    tired = leaving(LATE, rights_left=True, member=AWAY, state=None)
    assert [type(action) for action in tired.actions] == [Delete]
    assert len(tired.notices) == 2


def test_rights_that_cannot_be_taken_away_are_told_when_the_waiting_ends() -> None:
    gone = PartState("x", gone=True)
    for plan in (
        leaving(LONG_AGO, rights_left=True, state=gone),
        leaving(forced=True, rights_left=True, state=gone),
        leaving(forced=True, rights_left=True, state=gone, member=None, reference=""),
        leaving(rights_left=None, state=gone),  # RBAC may not be read there
    ):
        assert [type(action) for action in plan.actions] == [Delete]
        assert [notice.reason for notice in plan.notices] == ["CleanupSkipped"]
        assert "drover.dev/unit" in plan.notices[0].message


def test_a_cluster_that_never_answered_has_no_rights_to_wait_for() -> None:
    never = MemberState(connected=False, reason="Disconnected")
    for reference in ("fleet-default/kc/value", ""):
        plan = decide(
            cluster_world(
                cluster=being_deleted(EDGE),
                projects=(),
                member=never if reference else None,
                state=None,
                reference=reference,
                rights_left=True,
            )
        )
        assert [type(action) for action in plan.actions] == [Delete]
        assert plan.notices == ()


def test_the_local_cluster_and_a_paused_one_wait_for_no_rights() -> None:
    local = obj("Cluster", "local", metadata={"finalizers": ["drover.dev/cluster"]}, spec={"internal": True})
    plan = decide(cluster_world(cluster=being_deleted(local), projects=(), rights_left=True))
    assert isinstance(plan.finding, Terminal)
    paused = being_deleted(KNOWN, **{"drover.dev/paused": "true"})
    assert decide(cluster_world(cluster=paused, projects=(), rights_left=True)).finding is None


def test_after_a_restart_a_cluster_is_connected_again_to_take_its_policies_away() -> None:
    known = being_deleted({**EDGE, "status": {"kubeSystemUID": "member-uid"}})
    (attach,) = decide(cluster_world(cluster=known, projects=(), member=None, state=None, reference="")).actions
    assert isinstance(attach, Attach)
    ending = cluster_world(
        cluster=known, projects=(), member=None, state=None, reference="", namespace=owned("edge", deleted=True)
    )
    assert decide(ending).actions == (SetFinalizers(()),)


def test_a_deletion_that_takes_too_long_or_is_forced_ends_and_says_what_is_left() -> None:
    ending = tuple(being_deleted(each) for each in cluster_world().projects)
    for gone in (being_deleted(EDGE, LONG_AGO), being_deleted(EDGE, **{"drover.dev/force-delete": "true"})):
        plan = decide(cluster_world(cluster=gone, projects=ending, namespace=None, reference=""))
        assert plan.actions == (SetFinalizers(()),)
        assert [notice.reason for notice in plan.notices] == ["CleanupSkipped"]


def test_upstream_finalizers_of_a_restored_cluster_come_off() -> None:
    restored = {
        **EDGE,
        "metadata": {**EDGE["metadata"], "finalizers": ["drover.dev/cluster", "controller.cattle.io/x", "mine/y"]},
    }
    plan = decide(cluster_world(cluster=being_deleted(restored), projects=(), namespace=None, reference=""))
    assert plan.actions == (SetFinalizers(("mine/y",)),)


def test_the_local_cluster_is_not_taken_apart() -> None:
    local = obj("Cluster", "local", metadata={"finalizers": ["drover.dev/cluster"]}, spec={"internal": True})
    plan = decide(cluster_world(cluster=being_deleted(local, LONG_AGO)))
    assert plan.actions == ()
    assert isinstance(plan.finding, Terminal)


def conditions(world: object, **changes: object) -> dict[str, str]:
    world = cluster_world(**changes)
    status = report(world, decide(world).finding)
    assert status is not None
    return {entry["type"]: entry["status"] for entry in status["conditions"]}


def test_a_connected_cluster_is_ready() -> None:
    found = conditions(None)
    assert found["Ready"] == found["Connected"] == found["Provisioned"] == found["NoDiskPressure"] == "True"


def test_ready_is_never_true_while_it_is_not_connected() -> None:
    found = conditions(None, member=AWAY)
    assert (found["Ready"], found["Connected"]) == ("False", "False")


def test_it_gets_the_policies_about_namespaces_with_the_name_of_drover_there() -> None:
    plan = decide(cluster_world(state=None))
    assert plan.part is not None
    assert len(plan.part.policies) == 6
    assert isinstance(plan.finding, Waiting)
    assert plan.finding.reason == "InstallingPolicies"
    assert "system:serviceaccount:drover-system:drover" in str(plan.part.policies)
    local = obj("Cluster", "local", metadata={"finalizers": ["drover.dev/cluster"]}, spec={"internal": True})
    assert decide(cluster_world(cluster=local, state=None)).part is None
    paused = {**EDGE, "metadata": {**EDGE["metadata"], "annotations": {"drover.dev/paused": "true"}}}
    held = decide(cluster_world(cluster=paused)).part
    assert held is not None
    assert held.held


def test_it_says_whether_the_policies_are_there_and_is_ready_without_them() -> None:
    name = "NamespacePoliciesInstalled"
    problem = PartState("x", problem=Problem("Forbidden", "no", terminal=False))
    for changes, status in (
        ({}, "True"),
        ({"state": problem}, "False"),
        ({"member": replace(CONNECTED, user=""), "state": None}, "False"),
    ):
        found = conditions(None, **changes)
        assert (found[name], found["Ready"]) == (status, "True")
    assert conditions(None, state=None)[name] == conditions(None, member=AWAY, state=None)[name] == "Unknown"


def test_what_was_known_of_a_cluster_stays_while_it_is_away() -> None:
    before = {"nodeCount": 7, "version": {"gitVersion": "v1"}, "conditions": []}
    world = cluster_world(cluster={**EDGE, "status": before}, member=AWAY)
    status = report(world, decide(world).finding)
    assert status is not None
    assert (status["nodeCount"], status["version"]) == (7, {"gitVersion": "v1"})


def test_a_restarted_drover_leaves_the_status_until_it_has_heard_from_the_cluster() -> None:
    before = {"conditions": [{"type": "Connected", "status": "True"}]}
    world = cluster_world(cluster={**EDGE, "status": before}, member=None, reference="")
    assert report(world, decide(world).finding) is None


def test_a_restarted_drover_ends_a_cluster_before_it_tells_of_the_connection_that_it_has_not_made_yet() -> None:
    before = {"conditions": [{"type": "Connected", "status": "True"}]}
    ending = being_deleted({**EDGE, "status": before})
    for member in (MemberState(), replace(CONNECTED, synced=False)):
        world = cluster_world(cluster=ending, member=member)
        assert report(world, decide(world).finding) is None
    for world in (cluster_world(cluster=ending, member=AWAY), cluster_world(cluster=ending, member=None, reference="")):
        assert report(world, decide(world).finding) is not None


def test_all_conditions_are_there_at_first_sight() -> None:
    first = conditions(None, cluster=without_finalizers(EDGE), namespace=None, projects=(), member=None, reference="")
    assert set(first) == set(conditions(None))
