"""UserAttributes that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

ROOT = ""
GOOD: dict[str, Any] = {
    "UserName": "u-ada",
    "GroupPrincipals": {"github": {"Items": [{"metadata": {"name": "github_team://1"}, "principalType": "group"}]}},
    "ExtraByProvider": {"github": {"principalid": ["github_user://1"]}},
    "lastLogin": "2026-01-31T08:00:00Z",
    "disableAfter": "720h",
}

BAD = (
    Bad("a last login that is a date", GOOD | {"lastLogin": "2026-01-31"}, "lastLogin", "write it like 2026"),
    Bad("a last refresh that is a word", GOOD | {"LastRefresh": "today"}, "LastRefresh", "write it like 2026"),
    Bad("a duration in days", GOOD | {"disableAfter": "30d"}, "disableAfter", "try 720h"),
    Bad("a negative duration", GOOD | {"deleteAfter": "-1h"}, "deleteAfter", "try 720h"),
    Bad("a duration that is a number", GOOD | {"deleteAfter": 720}, "deleteAfter"),
    Bad("groups as a list", GOOD | {"GroupPrincipals": ["a"]}, "GroupPrincipals"),
)

CHANGES: tuple[Change, ...] = ()
