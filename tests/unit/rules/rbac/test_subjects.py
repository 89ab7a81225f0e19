"""Whom a binding gives rights to."""

from __future__ import annotations

import pytest
from tests.unit.rules.rbac import world

from drover.rules.findings import Terminal, Waiting
from drover.rules.rbac import subjects
from drover.rules.rbac.facts import Naming, Subject
from drover.rules.rbac.names import of_principal
from drover.rules.rbac.snapshot import Snapshot

FACTS = Snapshot(
    [
        world.user("u-ann", "github_user://1", "not-a-principal"),
        world.user("u-off", "github_user://2", enabled=False),
        world.user("u-odd", enabled="yes"),
        world.user(of_principal("github_user://4"), "github_user://5"),
    ]
)


def people(*names: str) -> tuple[Subject, ...]:
    return tuple(Subject("User", name) for name in names)


@pytest.mark.parametrize(
    ("naming", "found"),
    [
        (Naming(user="u-ann"), people("github_user://1", "u-ann")),
        (Naming(user_principal="github_user://1"), people("github_user://1", "u-ann")),
        (Naming(user_principal="local://u-ann"), people("github_user://1", "u-ann")),
        (Naming(user="u-ann", user_principal="github_user://9"), people("github_user://1", "u-ann")),
        (Naming(user_principal="github_user://3"), people("github_user://3", of_principal("github_user://3"))),
        (Naming(group="dev"), (Subject("Group", "dev"),)),
        (Naming(group_principal="github_team://7"), (Subject("Group", "github_team://7"),)),
        (Naming(group="system:authenticated"), (Subject("Group", "system:authenticated"),)),
        (Naming(group="system:serviceaccount:ci:bot"), (Subject("ServiceAccount", "bot", "ci"),)),
        (Naming(user="system:serviceaccount:ci:bot"), (Subject("ServiceAccount", "bot", "ci"),)),
        (Naming(service_account="ci:bot"), (Subject("ServiceAccount", "bot", "ci"),)),
    ],
)
def test_a_naming_has_subjects(naming: Naming, found: tuple[Subject, ...]) -> None:
    assert subjects.resolve(naming, FACTS) == found


@pytest.mark.parametrize(
    ("naming", "kind", "reason"),
    [
        (Naming(), Terminal, "InvalidSubject"),
        (Naming(user="u-ann", group="dev"), Terminal, "InvalidSubject"),
        (Naming(group="dev", group_principal="x://1"), Terminal, "InvalidSubject"),
        (Naming(user="u-ann", service_account="ci:bot"), Terminal, "InvalidSubject"),
        (Naming(service_account="bot"), Terminal, "InvalidSubject"),
        (Naming(group="system:serviceaccount:ci:bot:x"), Terminal, "InvalidSubject"),
        (Naming(user_principal="github"), Terminal, "InvalidSubject"),
        (Naming(user="u-gone"), Waiting, "UserNotFound"),
        (Naming(user="system:admin"), Waiting, "UserNotFound"),
        (Naming(user_principal="local://u-gone"), Waiting, "UserNotFound"),
        (Naming(user="u-off"), Waiting, "UserDisabled"),
        (Naming(user_principal="github_user://2"), Waiting, "UserDisabled"),
        (Naming(user="u-odd"), Waiting, "UserDisabled"),
    ],
)
def test_a_naming_of_nobody_says_why(naming: Naming, kind: type, reason: str) -> None:
    found = subjects.resolve(naming, FACTS)
    assert isinstance(found, kind)
    assert not isinstance(found, tuple)
    assert found.reason == reason


def test_a_user_that_only_has_the_name_of_a_principal_s_user_is_somebody_else() -> None:
    assert subjects.resolve(Naming(user_principal="github_user://4"), FACTS) == people("github_user://4")


def test_of_two_users_with_one_principal_the_older_one_is_meant() -> None:
    old, new = world.user("u-old", "gh://1"), world.user("u-a-new", "gh://1")
    old["metadata"]["creationTimestamp"] = "2025-01-01T00:00:00Z"
    new["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    assert subjects.resolve(Naming(user_principal="gh://1"), Snapshot([new, old])) == people("gh://1", "u-old")


def test_a_user_that_is_being_deleted_is_nobody() -> None:
    going = world.user("u-x")
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    found = subjects.resolve(Naming(user="u-x"), Snapshot([going]))
    assert isinstance(found, Waiting)
    assert found.reason == "UserDeleting"
