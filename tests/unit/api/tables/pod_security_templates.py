"""Templates of pod security that must be refused. The fields lie at the root, beside `metadata`."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

ROOT = ""
"""Where the fields lie."""

GOOD: dict[str, Any] = {
    "description": "For teams",
    "configuration": {
        "defaults": {
            "enforce": "baseline",
            "enforce-version": "v1.33",
            "audit": "restricted",
            "audit-version": "latest",
        },
        "exemptions": {"namespaces": ["a"], "usernames": ["ci"], "runtimeClasses": ["kata.v2"]},
    },
}


def defaults(**levels: Any) -> dict[str, Any]:
    """A template with these levels; `enforce_version` for `enforce-version`."""
    return {"configuration": {"defaults": {name.replace("_", "-"): level for name, level in levels.items()}}}


def exempt(**lists: Any) -> dict[str, Any]:
    """A template with these exemptions."""
    return {"configuration": {"exemptions": lists}}


_DEFAULTS = "configuration.defaults"
_EXEMPT = "configuration.exemptions"
_VERSION = "set `latest`, or a minor version such as `v1.33`"

BAD = (
    Bad("a level that does not exist", defaults(enforce="strict"), f"{_DEFAULTS}.enforce"),
    Bad("a level in capitals", defaults(audit="Restricted"), f"{_DEFAULTS}.audit"),
    Bad("a level that is a number", defaults(warn=1), f"{_DEFAULTS}.warn"),
    Bad("v1.x", defaults(enforce_version="v1.x"), f"{_DEFAULTS}.enforce-version", _VERSION),
    Bad("a version without v", defaults(enforce_version="1.33"), f"{_DEFAULTS}.enforce-version", _VERSION),
    Bad("a version with a patch", defaults(audit_version="v1.33.1"), f"{_DEFAULTS}.audit-version", _VERSION),
    Bad("a version with a leading zero", defaults(warn_version="v1.033"), f"{_DEFAULTS}.warn-version", _VERSION),
    Bad("a version of another major", defaults(warn_version="v2.0"), f"{_DEFAULTS}.warn-version", _VERSION),
    Bad("an empty user", exempt(usernames=[""]), f"{_EXEMPT}.usernames[0]"),
    Bad("a user twice", exempt(usernames=["ci", "ci"]), f"{_EXEMPT}.usernames[1]", "Duplicate value"),
    Bad("a namespace twice", exempt(namespaces=["a", "b", "a"]), f"{_EXEMPT}.namespaces[2]", "Duplicate value"),
    Bad("a runtime class twice", exempt(runtimeClasses=["a", "a"]), f"{_EXEMPT}.runtimeClasses[1]", "Duplicate value"),
    Bad("an empty namespace", exempt(namespaces=[""]), f"{_EXEMPT}.namespaces[0]", "must be lower-case"),
    Bad("a namespace with a dot", exempt(namespaces=["a.b"]), f"{_EXEMPT}.namespaces[0]", "must be lower-case"),
    Bad("a namespace with a star", exempt(namespaces=["team-*"]), f"{_EXEMPT}.namespaces[0]", "must be lower-case"),
    Bad("a runtime class in capitals", exempt(runtimeClasses=["Kata"]), f"{_EXEMPT}.runtimeClasses[0]", "a DNS name"),
    Bad("a runtime class with two dots", exempt(runtimeClasses=["a..b"]), f"{_EXEMPT}.runtimeClasses[0]", "a DNS name"),
    Bad("exemptions that are no list", exempt(namespaces="a"), f"{_EXEMPT}.namespaces"),
    Bad("a description of 4097 characters", {"description": "x" * 4097}, "description"),
)

CHANGES: tuple[Change, ...] = ()
