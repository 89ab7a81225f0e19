"""What is decided about a binding, and what its status says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drover.kinds.binding.decide import decide
from drover.kinds.binding.report import report
from drover.kinds.binding.world import World
from drover.kinds.plan import Absent, Delete, SetFinalizers
from drover.kinds.resources import CLUSTER_BINDINGS, GLOBAL_ROLE_BINDINGS, GLOBAL_ROLES, PROJECT_BINDINGS, USERS
from drover.kube.gvr import GVR
from drover.members.desired import Problem
from drover.rules.findings import Terminal, Waiting
from drover.rules.rbac.facts import Cluster, GlobalRole, Naming, Project, RoleTemplate, Subject, User
from tests.unit.kinds.rights_worlds import (
    DONE,
    HERE,
    KINDS,
    NOT_TRIED,
    OFFLINE,
    REFUSED,
    THERE,
    WORKING,
    binding,
    binding_world,
    message,
    told,
    with_status,
)
from tests.unit.kinds.worlds import JUST_NOW, being_deleted

ALL = pytest.mark.parametrize("gvr", KINDS, ids=lambda gvr: gvr.kind)
GONE = Waiting("UserNotFound", "User ann does not exist")


def status(world: World) -> Any:
    return report(world, decide(world).finding)


def nobody(world: World, **changes: Any) -> World:
    return replace(world, subjects=GONE, user=None, recorded=None, units=(), **changes)


# --- In force ---------------------------------------------------------------------------------------------------------
@ALL
def test_a_binding_in_force_says_so_once(gvr: GVR) -> None:
    world = binding_world(gvr)
    written = status(world)
    assert told(written) == {
        "SubjectResolved": ("True", "UserFound"),
        "RoleResolved": ("True", "RoleFound"),
        "LocalSynced": ("True", "Synced"),
        "RemoteSynced": ("True", "Synced"),
        "Ready": ("True", "Reconciled"),
        "Reconciling": ("False", "Reconciled"),
        "Stalled": ("False", "Reconciled"),
        "Paused": ("False", "NotPaused"),
    }
    assert {written[name] for name in ("summary", "summaryLocal", "summaryRemote")} == {"Completed"}
    assert (written["userName"], written["observedGeneration"]) == ("ann", 1)
    assert status(with_status(world)) == written


def test_clients_of_rancher_find_the_conditions_that_they_know() -> None:
    written = status(binding_world(GLOBAL_ROLE_BINDINGS))
    assert [entry["type"] for entry in written["localConditions"]] == [
        "SubjectReconciled",
        "GlobalRoleBindingReconciled",
    ]
    written = status(binding_world(CLUSTER_BINDINGS))
    assert [entry["type"] for entry in written["remoteConditions"]] == ["ReconcileClusterRoleBindings"]


@pytest.mark.parametrize(
    ("subject", "naming", "reason"),
    [
        (Subject("Group", "devs"), Naming(group="devs"), "Group"),
        (Subject("ServiceAccount", "ci", "tools"), Naming(service_account="tools:ci"), "ServiceAccount"),
        (Subject("User", "github_user://1"), Naming(user_principal="github_user://1"), "IdentityOnly"),
    ],
)
def test_who_needs_no_user_is_resolved_without_one(subject: Subject, naming: Naming, reason: str) -> None:
    known = binding_world()
    world = replace(known, subjects=(subject,), user=None, recorded=None, value=replace(known.value, naming=naming))
    assert told(status(world))["SubjectResolved"] == ("True", reason)
    assert told(status(world))["Ready"][0] == "True"
    assert status(world)["userName"] is None


# --- On the way -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", [WORKING, NOT_TRIED])
def test_no_status_is_written_in_between(state: Any) -> None:
    world = binding_world(units=((HERE, DONE), (THERE, state)))
    plan = decide(world)
    assert plan.at_work
    assert told(status(world))["Ready"] == ("False", "Progressing")  # only shown where it stays so for seconds
    assert status(with_status(binding_world(units=world.units))) is None
    known = with_status(binding_world())
    assert status(replace(known, units=world.units)) is None


def test_a_project_that_is_being_made_is_waited_for_before_a_status_says_so() -> None:
    world = binding_world(PROJECT_BINDINGS, units=(), project=Project("uid-p", "edge", "shop"))
    assert decide(world).at_work
    assert told(status(world))["Ready"] == ("False", "ProjectNotReady")


def test_a_member_that_does_not_answer_leaves_unknown_what_is_there() -> None:
    world = binding_world(units=((HERE, DONE), (THERE, OFFLINE)))
    written = status(world)
    assert not decide(world).at_work
    assert told(written)["LocalSynced"] == ("True", "Synced")
    assert told(written)["RemoteSynced"] == ("Unknown", "ClusterUnreachable")
    assert told(written)["Ready"] == ("False", "ClusterUnreachable")
    assert "edge" in message(written, "RemoteSynced")
    assert (written["summary"], written["summaryLocal"], written["summaryRemote"]) == (
        "InProgress",
        "Completed",
        "InProgress",
    )


def test_a_refused_write_is_told_with_its_cluster() -> None:
    written = status(binding_world(units=((HERE, DONE), (THERE, REFUSED))))
    assert told(written)["RemoteSynced"] == ("Unknown", "Forbidden")
    assert message(written, "Ready") == "Cluster edge: may not write roles"
    final = replace(REFUSED, problem=Problem("NameTaken", "somebody else's"))
    written = status(binding_world(units=((HERE, final), (THERE, DONE))))
    assert told(written)["LocalSynced"] == ("False", "NameTaken")
    assert told(written)["Stalled"] == ("True", "NameTaken")
    assert (written["summary"], written["summaryRemote"]) == ("Error", "Completed")


# --- Nothing is given -------------------------------------------------------------------------------------------------
def test_a_missing_user_is_waited_for() -> None:
    written = status(nobody(binding_world()))
    assert told(written)["SubjectResolved"] == ("False", "UserNotFound")
    assert told(written)["LocalSynced"] == told(written)["RemoteSynced"] == ("False", "NothingGranted")
    assert (told(written)["Reconciling"][0], told(written)["Stalled"][0]) == ("True", "False")
    assert decide(nobody(binding_world())).actions == ()


@pytest.mark.parametrize(
    ("subject", "says"),
    [(Subject("Group", "devs"), "group devs: for whoever"), (Subject("ServiceAccount", "bot", "ci"), "ci/bot")],
)
def test_of_a_subject_without_an_object_it_is_told_that_nobody_looked_for_it(subject: Subject, says: str) -> None:
    written = status(binding_world(subjects=(subject,), user=None, recorded=None))
    assert told(written)["SubjectResolved"] == ("True", subject.kind)
    assert says in message(written, "SubjectResolved")


@ALL
def test_a_missing_role_is_waited_for_and_others_are_named(gvr: GVR) -> None:
    world = binding_world(gvr, role=None, units=(), suggested=("project-owner", "read-only"))
    written = status(world)
    assert told(written)["RoleResolved"] == ("False", "RoleNotFound")
    assert told(written)["SubjectResolved"][0] == "True"
    assert "such as project-owner, read-only" in message(written, "Ready")
    assert told(written)["Stalled"][0] == "False"


@pytest.mark.parametrize(
    ("gvr", "context", "says"),
    [
        (CLUSTER_BINDINGS, "project", "for a ProjectRoleTemplateBinding; bind one with the context cluster"),
        (PROJECT_BINDINGS, "cluster", "for a ClusterRoleTemplateBinding; bind one with the context project"),
        (PROJECT_BINDINGS, "", "only for other roles to inherit"),
    ],
)
def test_a_role_for_something_else_stalls(gvr: GVR, context: str, says: str) -> None:
    world = binding_world(gvr, role=RoleTemplate("uid-r", "x", context), units=(), suggested=("read-only",))
    written = status(world)
    assert told(written)["Stalled"] == ("True", "ContextMismatch")
    assert says in message(written, "RoleResolved")
    assert "such as read-only" in message(written, "RoleResolved")


PLACES: list[tuple[GVR, dict[str, Any], str]] = [
    (CLUSTER_BINDINGS, {"cluster": None}, "ClusterNotFound"),
    (CLUSTER_BINDINGS, {"cluster": Cluster("uid-c", "edge", deleting=True)}, "ClusterDeleting"),
    (CLUSTER_BINDINGS, {"binding": binding(CLUSTER_BINDINGS, clusterName="other")}, "WrongNamespace"),
    (PROJECT_BINDINGS, {"cluster": None}, "ClusterNotFound"),
    (PROJECT_BINDINGS, {"project": None}, "ProjectNotFound"),
    (PROJECT_BINDINGS, {"project": Project("uid-p", "edge", "shop", deleting=True)}, "ProjectDeleting"),
    (PROJECT_BINDINGS, {"project": Project("uid-p", "edge", "shop")}, "ProjectNotReady"),
    (PROJECT_BINDINGS, {"project": Project("uid-p", "edge", "shop", "edge-other")}, "WrongNamespace"),
]


@pytest.mark.parametrize(("gvr", "changes", "reason"), PLACES, ids=[f"{p[0].kind}-{p[2]}" for p in PLACES])
def test_a_binding_of_a_place_that_is_not_there(gvr: GVR, changes: dict[str, Any], reason: str) -> None:
    world = binding_world(gvr, units=(), **changes)
    assert told(status(world))["Ready"] == ("False", reason)
    assert (told(status(world))["Stalled"][0] == "True") is (reason == "WrongNamespace")


def test_an_external_role_with_a_name_of_ours_gives_nothing() -> None:
    written = status(binding_world(reserved=True, units=()))
    assert told(written)["RoleResolved"] == ("False", "ReservedName")
    assert told(written)["Stalled"][0] == "True"


def test_an_invalid_binding_stalls() -> None:
    assert told(status(binding_world(invalid="names nobody", units=())))["Stalled"] == ("True", "InvalidSpec")


# --- The end ----------------------------------------------------------------------------------------------------------
@ALL
def test_check_10_a_binding_goes_with_the_user_that_it_was_in_force_for(gvr: GVR) -> None:
    world = nobody(with_status(binding_world(gvr)))
    sure, delete = decide(world).actions
    assert sure == Absent(USERS, "ann")
    assert isinstance(delete, Delete)
    assert (delete.gvr, delete.uid) == (gvr, "uid-b")


def test_a_binding_by_identity_goes_with_its_user_too() -> None:
    known = with_status(binding_world())
    value = replace(known.value, naming=Naming(user_principal="github_user://1"))
    by_itself = (Subject("User", "github_user://1"),)
    world = replace(known, value=value, subjects=by_itself, user=None, recorded=None)
    assert decide(world).actions[0] == Absent(USERS, "ann")
    moved = replace(world, user=User("uid-bob", "bob"))
    assert decide(moved).actions == ()


def test_a_user_who_is_only_disabled_or_going_keeps_the_bindings() -> None:
    known = with_status(binding_world())
    off = replace(known, subjects=Waiting("UserDisabled", "is disabled"), units=())
    assert decide(off).actions == ()
    assert status(off)["userName"] == "ann"


def test_a_global_binding_goes_with_its_role_unless_that_comes_back() -> None:
    world = replace(with_status(binding_world(GLOBAL_ROLE_BINDINGS)), role=None, units=())
    assert decide(world).actions[0] == Absent(GLOBAL_ROLES, "admin")
    assert decide(replace(world, returns=True)).actions == ()
    assert decide(binding_world(GLOBAL_ROLE_BINDINGS, role=None, units=())).actions == ()


def test_a_binding_to_a_role_template_stays_when_that_goes() -> None:
    world = replace(with_status(binding_world()), role=None, units=())
    assert decide(world).actions == ()
    assert told(status(world))["RoleResolved"] == ("False", "RoleNotFound")


@ALL
def test_a_deletion_takes_off_finalizers_of_upstream_and_writes_no_status(gvr: GVR) -> None:
    metadata = {"finalizers": ["controller.cattle.io/mgmt-auth-grb-controller", "a/b"], "deletionTimestamp": JUST_NOW}
    world = binding_world(gvr, binding=binding(gvr, metadata=metadata))
    assert decide(world).actions == (SetFinalizers(("a/b",)),)
    assert status(world) is None
    assert decide(binding_world(gvr, binding=being_deleted(binding(gvr)))).actions == ()


def test_a_paused_binding_is_left_alone() -> None:
    paused = binding(metadata={"annotations": {"drover.dev/paused": "true"}})
    world = nobody(binding_world(binding=paused))
    assert decide(world).actions == ()
    assert told(status(world))["Paused"][0] == "True"


def test_roles_of_both_kinds_may_be_of_any_context_for_global_bindings() -> None:
    world = binding_world(GLOBAL_ROLE_BINDINGS, role=GlobalRole("uid-r", "x"))
    assert not isinstance(decide(world).finding, Terminal)
