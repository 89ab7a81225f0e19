"""Users that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

ROOT = ""
GOOD: dict[str, Any] = {"displayName": "Ada", "username": "ada", "principalIds": ["github_user://1"], "enabled": True}

_SECRET = "put the password into a Secret"
_STAYS = "the name for the login stays"

BAD = (
    Bad("a password", GOOD | {"password": "correct horse"}, "password", _SECRET),
    Bad("the hash of a password", GOOD | {"password": "$2a$10$abcdefghijklmnopqrstuu"}, "password", _SECRET),
    Bad("a password that is a number", GOOD | {"password": 1}, "password"),
    Bad("a name with a line break", GOOD | {"displayName": "a\nb"}, "displayName", "must be one line"),
    Bad("a name for the login with a tab", GOOD | {"username": "a\tb"}, "username", "must be one line"),
    Bad("enabled as a string", GOOD | {"enabled": "false"}, "enabled"),
    Bad("identities as a string", GOOD | {"principalIds": "local://a"}, "principalIds"),
    Bad("65 identities", GOOD | {"principalIds": ["local://a"] * 65}, "principalIds"),
    Bad("a name of 254 characters", GOOD, "metadata.name", name="x" * 254, model=False),
)

CHANGES = (
    Change("another name for the login", GOOD, GOOD | {"username": "eve"}, "username", _STAYS),
    Change("an empty name for the login", GOOD, GOOD | {"username": ""}, "username", _STAYS),
    Change("no name for the login", GOOD, {"displayName": "Ada"}, "username", _STAYS),
)
