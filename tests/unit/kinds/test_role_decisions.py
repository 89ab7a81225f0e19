"""What is decided about GlobalRoles and RoleTemplates, and what their status says."""

from __future__ import annotations

from typing import Any

import pytest

from drover.api.keys import BOOTSTRAPPING
from drover.kinds.plan import Delete, Merge, SetFinalizers
from drover.kinds.role.decide import decide
from drover.kinds.role.report import report
from drover.kube.gvr import Object
from tests.unit.kinds.rights_worlds import message, role_world, told
from tests.unit.kinds.worlds import JUST_NOW, obj

RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
MORE = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


def shipped(**content: Any) -> Object:
    metadata = {"labels": {BOOTSTRAPPING: "default-globalrole"}}
    usual: Object = {"builtin": True, "displayName": "Reader", "rules": [RULE], "newUserDefault": False}
    return obj("GlobalRole", "reader", metadata=metadata, **{**usual, **content})


def changed(**content: Any) -> Any:
    world = role_world(role={**shipped(), **content}, shipped=shipped())
    actions = decide(world).actions
    return actions[0].fields if actions and isinstance(actions[0], Merge) else actions


# --- Those that came with Drover --------------------------------------------------------------------------------------
def test_a_role_as_it_came_is_left_alone() -> None:
    assert changed() == ()
    assert changed(description="", namespacedRules={}, status={"summary": "Completed"}) == ()


@pytest.mark.parametrize(
    ("content", "patch"),
    [
        ({"rules": [MORE]}, {"rules": [RULE]}),
        ({"rules": [RULE, MORE]}, {"rules": [RULE]}),
        ({"rules": [{**RULE, "nonResourceURLs": ["*"]}]}, {"rules": [RULE]}),
        ({"inheritedClusterRoles": ["cluster-owner"]}, {"inheritedClusterRoles": None}),
        ({"namespacedRules": {"kube-system": [MORE]}}, {"namespacedRules": None}),
        ({"displayName": "Other"}, {"displayName": "Reader"}),
    ],
)
def test_what_was_changed_comes_back(content: dict[str, Any], patch: dict[str, Any]) -> None:
    assert changed(**content) == patch


def test_a_namespace_that_was_added_is_taken_away_from_those_that_came() -> None:
    came = shipped(namespacedRules={"a": [RULE]})
    world = role_world(role={**came, "namespacedRules": {"a": [RULE], "b": [MORE]}}, shipped=came)
    assert decide(world).actions == (Merge({"namespacedRules": {"a": [RULE], "b": None}}),)


def test_what_people_may_change_stays() -> None:
    assert changed(newUserDefault=True) == ()


def test_the_label_comes_back() -> None:
    bare = {**shipped(), "metadata": {**shipped()["metadata"], "labels": {}}}
    (merge,) = decide(role_world(role=bare, shipped=shipped())).actions
    assert merge == Merge({"metadata": {"labels": {BOOTSTRAPPING: "default-globalrole"}}})


def test_a_role_that_does_not_come_any_more_goes() -> None:
    (delete,) = decide(role_world(role=shipped())).actions
    assert isinstance(delete, Delete)
    assert (delete.name, delete.uid) == ("reader", "uid-1")


@pytest.mark.parametrize("content", [{"builtin": False}, {"builtin": None}, {"metadata": {"name": "r", "uid": "u"}}])
def test_a_role_of_somebody_is_never_deleted_by_a_label_alone(content: dict[str, Any]) -> None:
    assert decide(role_world(role={**shipped(), **content})).actions == ()


def test_a_role_of_somebody_with_a_name_of_ours_is_used_as_it_is() -> None:
    world = role_world(role=shipped(builtin=False, rules=[]), shipped=shipped())
    assert decide(world).actions == ()
    assert told(report(world, decide(world).finding))["Stalled"] == ("True", "NameTaken")


# --- Whether it is whole ----------------------------------------------------------------------------------------------
def test_a_whole_role_is_ready() -> None:
    status = report(role_world(), decide(role_world()).finding)
    assert told(status)["RoleResolved"] == ("True", "RoleFound")
    assert told(status)["Ready"][0] == "True"
    assert status is not None
    assert status["summary"] == "Completed"


@pytest.mark.parametrize(
    ("changes", "stalled", "reason", "summary"),
    [
        ({"missing": ("a", "b")}, "False", "RoleNotFound", "InProgress"),
        ({"misplaced": ("project-owner",)}, "True", "ContextMismatch", "Error"),
        ({"reserved": ("a-aggregator",)}, "True", "ReservedName", "Error"),
        ({"cycle": ("a", "b")}, "True", "CircularInheritance", "Error"),
    ],
)
def test_what_it_builds_on_is_named(changes: dict[str, Any], stalled: str, reason: str, summary: str) -> None:
    world = role_world(**changes)
    status = report(world, decide(world).finding)
    assert told(status)["RoleResolved"] == ("False", reason)
    assert told(status)["Stalled"][0] == stalled
    assert status is not None
    assert status["summary"] == summary
    for name in next(iter(changes.values())):
        assert name in message(status, "Ready")


def test_a_role_does_not_say_that_one_is_missing_that_is_about_to_be_made() -> None:
    assert decide(role_world(missing=("view",), coming=True)).at_work
    assert not decide(role_world(missing=("view",))).at_work
    assert not decide(role_world(coming=True)).at_work


def test_a_role_that_allows_nothing_says_so_and_is_not_wrong() -> None:
    world = role_world(empty=True)
    status = report(world, decide(world).finding)
    assert told(status)["RoleResolved"] == ("True", "NoRules")
    assert told(status)["Ready"][0] == "True"
    for type_ in ("RoleResolved", "Ready"):
        assert message(status, type_) == "the GlobalRole allows nothing: it has no rules, and gives no RoleTemplate"


def test_where_nothing_is_left_without_a_missing_role_that_is_told() -> None:
    for empty, words in ((True, "Without it the role allows nothing"), (False, "The rest is in force")):
        world = role_world(missing=("base",), empty=empty)
        assert words in message(report(world, decide(world).finding), "Ready")


def test_an_invalid_role_stalls() -> None:
    world = role_world(invalid="rules[0].verbs: is empty")
    assert told(report(world, decide(world).finding))["Stalled"] == ("True", "InvalidSpec")


def test_a_deletion_takes_off_finalizers_of_upstream_and_writes_no_status() -> None:
    metadata = {"deletionTimestamp": JUST_NOW, "finalizers": ["controller.cattle.io/mgmt-auth-gr-controller"]}
    world = role_world(role=obj("GlobalRole", "mine", metadata=metadata))
    assert decide(world).actions == (SetFinalizers(()),)
    assert report(world, None) is None


def test_a_paused_role_is_left_alone() -> None:
    role = shipped(rules=[MORE])
    role["metadata"]["annotations"] = {"drover.dev/paused": "true"}
    world = role_world(role=role, shipped=shipped())
    assert decide(world).actions == ()
    assert told(report(world, None))["Paused"][0] == "True"
