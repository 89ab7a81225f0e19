"""Whether a Project is isolated, and what it and its Cluster say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drover.kinds.cluster import isolation as of_cluster
from drover.kinds.cluster.report import report as cluster_report
from drover.kinds.cluster.world import World as ClusterWorld
from drover.kinds.project.decide import decide
from drover.kinds.project.report import report
from drover.kinds.project.world import World
from drover.kube.gvr import Object
from drover.members.desired import ISOLATION, PartState, Seen
from tests.unit.kinds.worlds import AWAY, cluster_world, obj, project_world

ON = {"enableNetworkPolicy": True}
OPEN = {"drover.dev/network-isolation": "false"}
SYSTEM_LABEL = {"authz.management.cattle.io/system-project": "true"}


def cluster(on: bool | None = True, *, system_made: bool = True) -> Object:
    made = [{"type": "SystemProjectCreated", "status": "True" if system_made else "False"}]
    return obj("Cluster", "edge", uid="uid-c", spec={"enableNetworkPolicy": on}, status={"conditions": made})


def system(name: str = "p-system", *, assigned: bool = True) -> Object:
    found = [{"type": "SystemNamespacesAssigned", "status": "True" if assigned else "Unknown"}]
    return obj(
        "Project", name, "edge", uid=f"uid-{name}", metadata={"labels": SYSTEM_LABEL}, status={"conditions": found}
    )


def world(*seen: Seen, on: bool | None = True, metadata: Object | None = None, **changes: Any) -> World:
    finalizers = {"finalizers": ["drover.dev/project"]}
    project = obj("Project", "shop", "edge", metadata={**finalizers, **(metadata or {})}, spec={"clusterName": "edge"})
    state = PartState("x", namespaces=tuple(each.namespace for each in seen), seen=seen)
    given = {"cluster": cluster(on), "systems": (system(),), "state": state, "last": state, **changes}
    return project_world(project=project, **given)


def admits(found: World) -> tuple[str, ...] | None:
    part = decide(found).part
    assert part is not None
    return part.admits


def isolated(found: World) -> tuple[str, str, str]:
    status = report(found, decide(found).finding)
    assert status is not None
    entry = next(entry for entry in status["conditions"] if entry["type"] == "NetworkIsolated")
    return entry["status"], entry["reason"], entry["message"]


# --- A Project ------------------------------------------------------------------------------------------------------
def test_an_isolated_project_admits_itself_and_the_system_project() -> None:
    assert admits(world()) == ("p-system", "shop")
    assert isolated(world()) == ("True", "Isolated", "")


def test_every_project_that_is_marked_as_system_project_is_admitted() -> None:
    assert admits(world(systems=(system(), system("p-tools", assigned=False)))) == ("p-system", "p-tools", "shop")


@pytest.mark.parametrize("on", [False, None])
def test_without_the_switch_nothing_is_isolated(on: bool | None) -> None:
    assert admits(world(on=on)) is None
    assert isolated(world(on=on)) == ("False", "NotEnabled", "")


def test_the_system_project_and_one_that_opted_out_are_open() -> None:
    for metadata, reason in (({"labels": SYSTEM_LABEL}, "SystemProject"), ({"annotations": OPEN}, "OptedOut")):
        found = world(metadata=metadata)
        assert admits(found) is None
        assert isolated(found)[:2] == ("False", reason)


def test_nothing_is_isolated_before_the_system_project_has_its_namespaces() -> None:
    for found in (
        world(systems=(system(assigned=False),)),
        world(systems=(), cluster=cluster(system_made=False)),
    ):
        assert admits(found) == ()
        assert isolated(found)[:2] == ("Unknown", "AwaitingSystemProject")


def test_without_a_system_project_any_more_a_project_admits_itself() -> None:
    assert admits(world(systems=())) == ("shop",)


def test_a_namespace_that_is_not_isolated_is_told_once_for_all_with_the_same_problem() -> None:
    wrong = {ISOLATION: "forbidden"}
    found = world(Seen("a", problems=wrong), Seen("b", problems=wrong), Seen("c", problems={ISOLATION: "taken"}))
    assert isolated(found) == ("False", "PoliciesNotWritten", "a, b: forbidden; c: taken")


def test_namespaces_that_opted_out_are_named() -> None:
    found = world(Seen("a", exempt=True), Seen("b"), Seen("c", exempt=True, member=False))
    assert isolated(found) == ("True", "Isolated", "not isolated, as annotated: a")


def test_a_policy_that_cannot_be_removed_is_told() -> None:
    found = world(Seen("a", problems={ISOLATION: "forbidden"}), on=False)
    assert isolated(found) == ("False", "PoliciesNotWritten", "a: forbidden")


def test_while_something_else_stands_in_the_way_it_is_not_known() -> None:
    assert isolated(world(member=AWAY, state=None))[:2] == ("Unknown", "ClusterUnreachable")
    assert isolated(world(invalid="spec.x: wrong"))[:2] == ("Unknown", "InvalidSpec")
    assert isolated(world(state=None))[:2] == ("Unknown", "Progressing")


def test_a_problem_with_the_quota_is_none_with_isolation() -> None:
    assert isolated(world(Seen("a", problems={"quota": "refused"})))[0] == "True"


# --- A Cluster ------------------------------------------------------------------------------------------------------
def project(status: str, reason: str, **changes: Any) -> Object:
    conditions = [{"type": "NetworkIsolated", "status": status, "reason": reason}, *changes.pop("conditions", [])]
    return obj("Project", changes.pop("name", "shop"), "edge", status={"conditions": conditions}, **changes)


def of(*projects: Object, was: str = "", applied: bool = False, on: bool = True, **changes: Any) -> ClusterWorld:
    conditions = [{"type": "NetworkIsolated", "status": was}] if was else []
    found = cluster_world(projects=projects, **changes)
    spec = {**found.cluster["spec"], "enableNetworkPolicy": on}
    status = {"conditions": conditions, "appliedEnableNetworkPolicy": applied}
    return replace(found, cluster={**found.cluster, "spec": spec, "status": status})


def told(found: ClusterWorld) -> tuple[str, str, bool]:
    condition = of_cluster.condition(found)
    return condition.status, condition.reason, of_cluster.applied(found)


ISOLATED = project("True", "Isolated")
NOT_YET = project("False", "NotEnabled")


def test_a_cluster_is_isolated_once_every_project_is_that_is_to_be() -> None:
    open_ones = (project("False", "SystemProject"), project("False", "OptedOut"))
    assert told(of(ISOLATED, NOT_YET)) == ("Unknown", "Progressing", False)
    assert told(of(ISOLATED, *open_ones)) == ("True", "Isolated", True)


def test_a_new_project_does_not_change_that_for_a_moment() -> None:
    new = obj("Project", "new", "edge")
    assert told(of(ISOLATED, new, was="True", applied=True)) == ("True", "Isolated", True)


def test_projects_that_need_somebody_are_named() -> None:
    for wrong in (
        project("False", "PoliciesNotWritten"),
        project("Unknown", "InvalidSpec", conditions=[{"type": "Stalled", "status": "True"}]),
        project("False", "NotEnabled", metadata={"annotations": {"drover.dev/paused": "true"}}),
    ):
        found = of(ISOLATED, {**wrong, "metadata": {**wrong["metadata"], "name": "odd"}}, was="True", applied=True)
        assert told(found) == ("False", "ProjectsNotIsolated", False)
        assert of_cluster.condition(found).message == "see the condition NetworkIsolated of the Projects odd"


def test_a_project_that_is_paused_while_it_is_isolated_stays_so() -> None:
    paused = project("True", "Isolated", metadata={"annotations": {"drover.dev/paused": "true"}})
    assert told(of(paused)) == ("True", "Isolated", True)


def test_switched_off_it_is_applied_until_the_last_project_is_open() -> None:
    assert told(of(ISOLATED, NOT_YET, on=False, was="True", applied=True)) == ("False", "NotEnabled", True)
    assert told(of(NOT_YET, on=False, applied=True)) == ("False", "NotEnabled", False)


def test_while_the_cluster_is_away_it_is_applied_as_it_was() -> None:
    assert told(of(ISOLATED, was="True", applied=True, member=AWAY)) == ("Unknown", "NotConnected", True)
    assert told(of(NOT_YET, on=False, applied=True, member=AWAY)) == ("False", "NotEnabled", True)


def test_the_status_of_a_cluster_has_both() -> None:
    status = cluster_report(of(ISOLATED), None)
    assert status is not None
    assert status["appliedEnableNetworkPolicy"] is True
    assert {entry["type"]: entry["status"] for entry in status["conditions"]}["NetworkIsolated"] == "True"
