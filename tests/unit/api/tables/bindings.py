"""Subjects that must be refused, in every kind of binding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.unit.api.tables.bad import Bad, Change

_ONE = "must name one subject"
_STAYS = "make another binding instead"
_ROLE = "the role of a binding stays"


def bad_subjects(base: Mapping[str, Any], groups: tuple[str, ...], role: str) -> tuple[Bad, ...]:
    """`base` names a role and no subject. `groups` are the fields for groups, `role` is that of the role."""
    return (
        Bad("no subject", base, "userName", _ONE),
        Bad("empty subjects", {**base, "userName": "", groups[0]: ""}, "userName", _ONE),
        *(Bad(f"a user and a {each}", {**base, "userName": "a", each: "b"}, "userName", _ONE) for each in groups),
        *(
            Bad(f"an identity and a {each}", {**base, "userPrincipalName": "local://a", each: "b"}, "userName", _ONE)
            for each in groups
        ),
        *(Bad(f"two groups, {each}", {**base, groups[0]: "a", each: "b"}, "userName", _ONE) for each in groups[1:]),
        Bad(
            "an identity that is a name",
            {**base, "userPrincipalName": "ada"},
            "userPrincipalName",
            "use userName for the name of a User",
        ),
        *(
            Bad(
                f"an identity like {text!r}",
                {**base, "userPrincipalName": text},
                "userPrincipalName",
                "such as github_user://123",
            )
            for text in ("local://", "://1", "git hub://1", "//1", ":")
        ),
        *(
            Bad(f"a {field} with {text!r}", {**base, field: f"local://a{text}b"}, field, "that nobody sees")
            for field in ("userName", "userPrincipalName", *groups)
            for text in ("\n", "\u200b", "\u202e", "\u2066", "\ufeff", "\x7f")
        ),
        Bad("a user that is a list", {**base, "userName": ["a"]}, "userName"),
        Bad("a user of 1025 characters", {**base, "userName": "x" * 1025}, "userName"),
        Bad("no role", {key: value for key, value in base.items() if key != role} | {"userName": "a"}, role),
        Bad("a role without a name", {**base, role: "", "userName": "a"}, role),
    )


def bad_changes(base: Mapping[str, Any], groups: tuple[str, ...], role: str) -> tuple[Change, ...]:
    """Changes of the role and of each subject."""
    user, principal = {**base, "userName": "a"}, {**base, "userPrincipalName": "local://a"}
    return (
        Change("another role", user, {**user, role: "other"}, role, _ROLE),
        Change("another user", user, {**user, "userName": "b"}, "userName", _STAYS),
        Change("an identity for a user", user, principal, "userName", _STAYS),
        Change("another identity", principal, {**base, "userPrincipalName": "local://b"}, "userPrincipalName", _STAYS),
        Change("a user for an identity", principal, user, "userName", _STAYS),
        *(Change(f"another {each}", {**base, each: "a"}, {**base, each: "b"}, each, _STAYS) for each in groups),
        *(Change(f"a user for a {each}", {**base, each: "a"}, user, groups[0], _STAYS) for each in groups),
    )
