"""Nobody changes, disables or deletes a User with more rights than they have, and an administrator is left."""

from __future__ import annotations

from typing import Any

import pytest

from drover.admission.review import Allowed, Denied
from drover.admission.server import ADMINISTRATORS
from drover.kube.gvr import Object
from tests.unit.admission.hub import ALL, Hub, crtb, denied, grb, obj, prtb, rule, template

PODS = rule("get list", "", "pods")
SECRETS = rule("get", "", "secrets")
MANAGES = rule("manage-users", "management.cattle.io", "users", "bob")
ROLES = [
    template("reader", PODS),
    template("secret-reader", SECRETS),
    template("project-secrets", SECRETS, context="project"),
    template("heir", roleTemplateNames=["secret-reader", "nowhere"]),
    obj("GlobalRole", "boss", rules=ALL),
    obj("GlobalRole", "in-team", namespacedRules={"team": [SECRETS]}),
    obj("GlobalRole", "in-members", inheritedClusterRoles=["secret-reader"]),
]
STRONGER: list[tuple[Object, str]] = [
    (grb("boss", "bob"), "in the hub"),
    (grb("in-team", "bob"), "in namespace team of the hub"),
    (grb("in-members", "bob"), "in every other cluster"),
    (crtb("secret-reader", "bob"), "in cluster c1"),
    (crtb("heir", "bob"), "in cluster c1"),
    (prtb("project-secrets", "bob"), "in project c1:p1"),
]
CHANGES: list[Object | None] = [{"enabled": False}, {"enabled": True}, {"displayName": "Fool"}, None]


def user(name: str = "bob", **fields: Any) -> Object:
    return obj("User", name, username=name, **fields)


def owned(old: Object) -> Object:
    """The same with an owner that does not exist."""
    owner = {"apiVersion": "management.cattle.io/v3", "kind": "User", "name": "nobody", "uid": "gone"}
    return {**old, "metadata": {**old["metadata"], "ownerReferences": [owner]}}


def edited(change: Object | None, old: Object) -> Object | None:
    return None if change is None else {**old, **change}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("binding", "place"), STRONGER)
async def test_who_has_less_neither_changes_nor_deletes_a_user(
    binding: Object, place: str, change: Object | None
) -> None:
    hub = Hub([*ROLES, binding, crtb("reader", "mallory")])
    answer = await hub.ask("mallory", edited(change, user()), user())
    denied(
        answer, 403, "User bob: has rights", place, 'ask for the verb manage-users on users.management.cattle.io "bob"'
    )


@pytest.mark.parametrize(("binding", "place"), STRONGER)
async def test_an_owner_reference_is_as_good_as_a_deletion(binding: Object, place: str) -> None:
    """The garbage collector deletes what has an owner that is not there."""
    hub = Hub([*ROLES, binding, crtb("reader", "mallory")], native={("alice", ""): [MANAGES]})
    denied(await hub.ask("mallory", owned(user()), user()), 403, "User bob: has rights", place)
    assert await hub.ask("alice", owned(user()), user()) == Allowed()


@pytest.mark.parametrize(("binding", "place"), STRONGER)
async def test_the_rights_of_a_disabled_user_count_so_that_nobody_else_enables_it(binding: Object, place: str) -> None:
    old = user(enabled=False)
    hub = Hub([*ROLES, binding])
    hub.objects = [old if one["metadata"]["name"] == "bob" else one for one in hub.objects]
    denied(await hub.ask("mallory", user(enabled=True), old), 403, place)


@pytest.mark.parametrize(("binding", "place"), STRONGER)
async def test_who_has_the_verb_on_that_user_does_and_on_another_does_not(binding: Object, place: str) -> None:
    hub = Hub([*ROLES, binding], native={("alice", ""): [MANAGES]})
    assert await hub.ask("alice", None, user()) == Allowed()
    hub.native = {("alice", ""): [rule("manage-users", "management.cattle.io", "users", "carol")]}
    denied(await hub.ask("alice", None, user()), 403, place)


@pytest.mark.parametrize(("binding", "place"), STRONGER)
async def test_who_has_everything_in_the_hub_does(binding: Object, place: str) -> None:
    hub = Hub([*ROLES, binding], native={("root", ""): ALL})
    assert await hub.ask("root", None, user()) == Allowed(), place


@pytest.mark.parametrize(
    ("binding", "mine"),
    [
        (crtb("secret-reader", "bob"), crtb("secret-reader", "alice")),
        (prtb("project-secrets", "bob"), prtb("project-secrets", "alice")),
        (prtb("project-secrets", "bob"), crtb("secret-reader", "alice")),
        (grb("in-members", "bob"), grb("in-members", "alice")),
        (crtb("secret-reader", "bob"), grb("in-members", "alice")),
    ],
)
async def test_who_has_as_much_in_the_same_place_does(binding: Object, mine: Object) -> None:
    hub = Hub([*ROLES, binding, mine])
    for change in CHANGES:
        assert await hub.ask("alice", edited(change, user()), user()) == Allowed()


async def test_the_same_rights_in_another_place_do_not_count() -> None:
    hub = Hub([*ROLES, crtb("secret-reader", "bob"), crtb("secret-reader", "alice", "c2")])
    denied(await hub.ask("alice", None, user()), 403, "in cluster c1", "get secrets")


async def test_a_user_without_rights_is_changed_by_whoever_may_update_users() -> None:
    hub = Hub(ROLES)
    for change in CHANGES:
        assert await hub.ask("mallory", edited(change, user()), user()) == Allowed()


async def test_rights_count_that_a_user_has_by_an_identity_or_a_group() -> None:
    old = user(principalIds=["github_user://7"])
    by_identity = {**crtb("secret-reader", "x"), "userName": "", "userPrincipalName": "github_user://7"}
    by_group = crtb("secret-reader", "x", groupName="github_team://9")
    teams = {"github": {"Items": [{"metadata": {"name": "github_team://9"}}, "junk"]}, "junk": None}
    attribute = obj("UserAttribute", "bob", GroupPrincipals=teams)
    denied(await Hub([*ROLES, by_identity]).ask("mallory", None, old), 403, "in cluster c1")
    assert await Hub([*ROLES, by_group]).ask("mallory", None, old) == Allowed()
    denied(await Hub([*ROLES, by_group, attribute]).ask("mallory", None, old), 403, "in cluster c1")


async def test_who_may_do_everything_by_rbac_of_others_is_stronger_too() -> None:
    hub = Hub(ROLES, native={("bob", ""): ALL, ("alice", ""): [PODS]})
    denied(await hub.ask("alice", None, user()), 403, "in the hub", "* *.*")


async def test_bindings_that_give_nothing_do_not_count() -> None:
    """Of another context, in a wrong namespace, being deleted, or to a role that does not exist."""
    ends = crtb("secret-reader", "bob", "c2")
    ends["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    hub = Hub(
        [
            *ROLES,
            crtb("project-secrets", "bob"),
            prtb("project-secrets", "bob", lies_in="c1-p2"),
            ends,
            crtb("nowhere", "bob"),
            grb("nowhere", "bob"),
        ]
    )
    assert await hub.ask("mallory", None, user()) == Allowed()


async def test_of_a_binding_with_a_name_and_an_identity_the_name_counts() -> None:
    both = {**crtb("secret-reader", "alice"), "userPrincipalName": "github_user://7"}
    assert await Hub([*ROLES, both]).ask("mallory", None, user(principalIds=["github_user://7"])) == Allowed()


async def test_everybody_may_change_what_is_said_of_them_by_name_or_identity() -> None:
    old = user(principalIds=["github_user://7"])
    hub = Hub([*ROLES, grb("boss", "bob")])
    for name in ("bob", "github_user://7"):
        assert await hub.ask(name, {**old, "displayName": "Bob"}, old) == Allowed()
    denied(await hub.ask("bob", user(enabled=True), user(enabled=False)), 403)


async def test_a_username_is_compared_before_rights() -> None:
    hub = Hub([*ROLES, grb("boss", "bob")])
    denied(await hub.ask("mallory", obj("User", "bob", username="alice"), obj("User", "bob")), 409, "User alice has")


# --- The last administrator -----------------------------------------------------------------------------------------
async def last(hub: Hub, requester: str, old: Object, new: Object | None = None) -> Allowed | Denied:
    return await hub.ask(requester, new, old, path=ADMINISTRATORS)


async def test_the_last_administrator_is_neither_disabled_nor_deleted_nor_loses_the_binding() -> None:
    hub = Hub([*ROLES, grb("boss", "bob")], native={("clerk", ""): [MANAGES]})
    denied(await last(hub, "clerk", user()), 403, "User bob is the last administrator", "give somebody")
    denied(await last(hub, "clerk", user(), user(enabled=False)), 403)
    denied(await last(hub, "clerk", user(), owned(user())), 403, "User bob is the last administrator")
    denied(await last(hub, "clerk", grb("boss", "bob")), 403, "GlobalRoleBinding boss-bob names the last")


async def test_who_may_do_everything_by_other_means_is_warned() -> None:
    hub = Hub([*ROLES, grb("boss", "bob")], native={("root", ""): ALL})
    for old in (user(), grb("boss", "bob")):
        answer = await last(hub, "root", old)
        assert isinstance(answer, Allowed)
        assert "the last administrator" in answer.warning


@pytest.mark.parametrize(
    "other",
    [
        grb("boss", "alice"),
        {**grb("boss", "x"), "userName": "", "groupPrincipalName": "github_team://1"},
        {**grb("boss", "x"), "userName": "", "userPrincipalName": "github_user://1"},
    ],
)
async def test_one_of_several_administrators_goes(other: Object) -> None:
    hub = Hub([*ROLES, grb("boss", "bob"), other])
    assert await last(hub, "clerk", user()) == Allowed()
    assert await last(hub, "clerk", grb("boss", "bob")) == Allowed()


async def test_an_administrator_who_is_disabled_or_going_is_none() -> None:
    carol = obj("User", "carol", enabled=False)
    hub = Hub([*ROLES, grb("boss", "bob"), grb("boss", "carol"), carol])
    denied(await last(hub, "clerk", user()), 403)
    assert await last(hub, "clerk", carol) == Allowed()
    assert await last(hub, "clerk", grb("boss", "carol")) == Allowed()


async def test_others_than_administrators_go_also_where_there_is_none() -> None:
    hub = Hub([*ROLES, grb("in-team", "bob")])
    assert await last(hub, "clerk", user()) == Allowed()
    assert await last(hub, "clerk", grb("in-team", "bob")) == Allowed()
