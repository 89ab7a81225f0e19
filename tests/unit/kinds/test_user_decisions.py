"""What is decided about a User, and what its status says."""

from __future__ import annotations

from typing import Any

from drover.kinds.plan import Create, SetFinalizers
from drover.kinds.resources import GLOBAL_ROLE_BINDINGS
from drover.kinds.user.decide import decide
from drover.kinds.user.report import report
from drover.rules.findings import Waiting
from tests.unit.kinds.rights_worlds import message, told, user_world
from tests.unit.kinds.worlds import JUST_NOW, obj

ASKED = {"authz.management.cattle.io/creator-role-bindings": '{"required":["user"]}'}


def status(**changes: Any) -> Any:
    world = user_world(**changes)
    return report(world, decide(world).finding)


def test_a_user_who_was_promised_nothing_is_ready() -> None:
    assert decide(user_world()).actions == ()
    assert told(status())["Ready"] == ("True", "Reconciled")
    assert told(status())["InitialRolesPopulated"] == ("True", "NoneAsked")


def test_first_roles_are_bound_under_names_that_are_never_made_twice() -> None:
    world = user_world(first_roles=("user", "clusters-create"))
    first, second = decide(world).actions
    assert isinstance(first, Create)
    assert isinstance(second, Create)
    assert first.gvr is GLOBAL_ROLE_BINDINGS
    assert (first.obj["userName"], first.obj["globalRoleName"]) == ("ann", "user")
    assert first.obj["metadata"]["name"] != second.obj["metadata"]["name"]
    assert decide(world).actions[0] == first
    (owner,) = first.obj["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("User", "ann", "uid-1")


def test_first_roles_are_told_once_they_are_given() -> None:
    user = obj("User", "ann", metadata={"annotations": ASKED})
    assert told(status(user=user, first_roles=("user",)))["InitialRolesPopulated"][0] == "Unknown"
    assert told(status(user=user))["InitialRolesPopulated"] == ("True", "RolesGiven")


def test_a_first_role_that_is_not_there_is_looked_for_again() -> None:
    finding = decide(user_world(unknown=("user",))).finding
    assert isinstance(finding, Waiting)
    assert finding.seconds
    assert told(status(unknown=("user",)))["InitialRolesPopulated"][0] == "Unknown"


def test_a_disabled_user_is_ready_and_says_what_that_means() -> None:
    told_ = status(user=obj("User", "ann", enabled=False))
    assert told(told_)["Ready"][0] == "True"
    assert "enabled is false" in message(told_, "Ready")


def test_the_younger_of_two_users_with_one_username_stalls() -> None:
    assert told(status(namesake="bob"))["Stalled"] == ("True", "UsernameTaken")
    assert decide(user_world(namesake="bob", first_roles=("user",))).actions == ()


def test_an_invalid_user_stalls() -> None:
    assert told(status(invalid="principalIds: too many"))["Stalled"] == ("True", "InvalidSpec")


def test_a_deletion_takes_off_finalizers_of_upstream_and_writes_no_status() -> None:
    metadata = {"deletionTimestamp": JUST_NOW, "finalizers": ["controller.cattle.io/mgmt-auth-users-controller"]}
    world = user_world(user=obj("User", "ann", metadata=metadata), first_roles=("user",))
    assert decide(world).actions == (SetFinalizers(()),)
    assert report(world, None) is None


def test_a_paused_user_is_left_alone() -> None:
    user = obj("User", "ann", metadata={"annotations": {"drover.dev/paused": "true"}})
    assert decide(user_world(user=user, first_roles=("user",))).actions == ()
    assert told(status(user=user))["Paused"][0] == "True"
