"""Users on a real kube-apiserver with the webhook: who may change which, and that an administrator is left."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from drover.dev.cluster import ControlPlane
from tests.cluster.admission.apiserver import Answer, Apiserver
from tests.cluster.admission.objects import (
    cluster_binding_object,
    global_role_binding_object,
    global_role_object,
    role_template_object,
    user_object,
)
from tests.cluster.admission.users import DROVER, OWNED, grant, refused, until, until_allowed
from tests.cluster.admission.webhook import Running, asked

Object = dict[str, Any]

CLERK, HEAD, PEER = "users-clerk", "users-head", "users-peer"
"""The first may change and delete Users. The second may `manage-users` besides, the third has as much as one User."""
_COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"
_KINDS = ["users", "globalrolebindings"]
WRITE: Object = {
    "apiGroups": ["management.cattle.io"],
    "resources": _KINDS,
    "verbs": ["get", "create", "update", "patch", "delete"],
}
MANAGE: Object = {"apiGroups": ["management.cattle.io"], "resources": ["users"], "verbs": ["manage-users"]}
ALL = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, {"verbs": ["*"], "nonResourceURLs": ["*"]}]
SECRETS = {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}


def reads(name: str, user: str) -> Object:
    fields = {"clusterName": "c-table", "roleTemplateName": "x-secrets", "userName": user}
    return cluster_binding_object(name, fields)


CHIEF, STRONG, OFF, PLAIN = (user_object(name, {}) for name in ("x-chief", "x-strong", "x-off", "x-plain"))
CHIEFS = global_role_binding_object("x-chiefs", {"globalRoleName": "x-boss", "userName": "x-chief"})
KNOWN: list[Object] = [
    CHIEF,
    STRONG,
    {**OFF, "enabled": False},
    PLAIN,
    user_object(PEER, {}),
    role_template_object("x-secrets", {"context": "cluster", "rules": [SECRETS]}),
    global_role_object("x-boss", {"rules": ALL}),
    reads("x-strong", "x-strong"),
    reads("x-off", "x-off"),
    reads("x-peer", PEER),
    CHIEFS,
]
STRONGER = [(CHIEF, "in the hub"), (STRONG, "in cluster c-table")]


@pytest.fixture(scope="module", autouse=True)
def webhook(api: Apiserver, plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The webhook, and what it knows."""
    for obj in KNOWN:
        answer = api.apply(obj)
        assert answer.ok, answer.message
    for name, rules in ((CLERK, [WRITE]), (PEER, [WRITE]), (HEAD, [WRITE, MANAGE])):
        grant(api, name, rules, name)
    grant(api, "collects", ALL[:1], _COLLECTOR)
    with asked(plane.hub.kubeconfig, tmp_path_factory.mktemp("webhook")) as running:
        until(partial(api.delete, CHIEF, user=CLERK), "manage-users")
        for name in (PEER, HEAD):
            until_allowed(api, user_object("x-probe", {}), name)
        yield running
    for obj in reversed(KNOWN):
        api.delete(obj, user=DROVER, dry_run=False)


@pytest.mark.parametrize(("user", "place"), STRONGER)
def test_who_has_less_neither_changes_disables_nor_deletes_a_user(api: Apiserver, user: Object, place: str) -> None:
    verb = f'the verb manage-users on users.management.cattle.io "{user["metadata"]["name"]}"'
    for changes in ({"enabled": False}, {"displayName": "Fool"}, {"username": "x-fool"}, {"mustChangePassword": True}):
        answer = api.merge(user, changes, user=CLERK)
        refused(answer, place)
        assert verb in answer.message
    refused(api.delete(user, user=CLERK), place)


@pytest.mark.parametrize(("user", "place"), STRONGER)
def test_nor_lets_the_garbage_collector_delete_one(api: Apiserver, user: Object, place: str) -> None:
    refused(api.merge(user, OWNED, user=CLERK), place)
    assert api.merge(PLAIN, OWNED, user=CLERK).ok
    assert api.merge(STRONG, OWNED, user=PEER).ok
    for who in (_COLLECTOR, DROVER):
        assert api.merge(user, OWNED, user=who).ok


def test_nor_enables_one_that_is_disabled(api: Apiserver) -> None:
    refused(
        api.merge(OFF, {"enabled": True}, user=CLERK), "in cluster c-table that you do not have there yourself: get"
    )
    assert api.merge(OFF, {"enabled": True}, user=PEER).ok


def test_who_has_as_much_or_the_verb_does(api: Apiserver) -> None:
    for user, other in ((PEER, STRONG), (HEAD, STRONG), (HEAD, OFF), (CLERK, PLAIN)):
        assert api.merge(other, {"displayName": "Friend"}, user=user).ok
        assert api.delete(other, user=user).ok
    refused(api.delete(CHIEF, user=PEER), "in the hub")


def test_labels_and_finalizers_are_everybody_s_who_may_write_users(api: Apiserver) -> None:
    answer = api.merge(CHIEF, {"metadata": {"labels": {"team": "a"}, "finalizers": ["example.com/x"]}}, user=CLERK)
    assert answer.ok, answer.message


def test_who_finishes_a_deletion_is_not_asked(api: Apiserver) -> None:
    for user in (_COLLECTOR, DROVER):
        answer = api.delete(CHIEF, user=user)
        assert (answer.ok, answer.warnings) == (True, ()), answer


# --- The last administrator -------------------------------------------------------------------------------------------
def test_the_last_administrator_stays_for_all_but_who_may_do_everything(api: Apiserver) -> None:
    told = "User x-chief is the last administrator: no other enabled User"
    asks = (
        partial(api.merge, CHIEF, {"enabled": False}),
        partial(api.merge, CHIEF, OWNED),
        partial(api.delete, CHIEF),
    )
    for ask in asks:
        refused(ask(user=HEAD), told)
        answer = ask()
        assert answer.ok
        assert told in answer.warnings[0]
    refused(api.delete(CHIEFS, user=HEAD), "GlobalRoleBinding x-chiefs names the last administrator")
    assert api.merge(CHIEF, {"displayName": "Boss"}, user=HEAD).ok


def test_with_another_administrator_it_goes(api: Apiserver, made: Any) -> None:
    team = {"globalRoleName": "x-boss", "groupPrincipalName": "github_team://1"}
    made(global_role_binding_object("x-team", team))
    until(lambda: Answer(200, {}, (str(api.delete(CHIEF, user=HEAD).status),)), "200")
    assert api.delete(CHIEFS, user=HEAD).ok


# --- Down -------------------------------------------------------------------------------------------------------------
def test_check_20_while_it_is_down_users_are_disabled_and_deleted_by_who_manages_them(
    api: Apiserver, webhook: Running
) -> None:
    webhook.stop()
    try:
        refused(api.merge(STRONG, {"enabled": False}, user=CLERK), "failed calling webhook", 500)
        refused(api.merge(STRONG, OWNED, user=CLERK), "failed calling webhook", 500)
        refused(api.delete(PLAIN, user=CLERK), "failed calling webhook", 500)
        for user in (HEAD, ""):
            for other in (CHIEF, STRONG):
                assert api.merge(other, {"enabled": False}, user=user).ok
                assert api.delete(other, user=user).ok
        assert api.delete(CHIEFS, user=HEAD).ok
        assert api.delete(reads("x-strong", "x-strong")).ok
        assert api.merge(CHIEF, {"metadata": {"labels": {"a": "b"}, "finalizers": []}}, user=CLERK).ok
    finally:
        webhook.start()


# --- Names for the login ----------------------------------------------------------------------------------------------
def test_of_users_that_are_made_at_once_with_one_username_the_webhook_sees_all_but_a_moment(
    api: Apiserver, plane: ControlPlane
) -> None:
    """What it cannot see, it finds later: the condition `UsernameTaken` says it."""
    users = [user_object(f"x-twin-{number}", {"username": "x-twin"}) for number in range(4)]
    others = [Apiserver(plane.hub.kubeconfig) for _ in users]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one, user: one.create(user, user=HEAD), others, users))
    assert {answer.status for answer in answers} <= {201, 409}
    assert 201 in {answer.status for answer in answers}
    late = user_object("x-late", {"username": "x-twin"})
    until(partial(api.create, late, user=HEAD, dry_run=True), 'has "x-twin" already; choose another')
    for user in users:
        api.delete(user, dry_run=False)
    until(lambda: Answer(200, {}, (str(api.create(late, user=HEAD, dry_run=True).status),)), "201")
