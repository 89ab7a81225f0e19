"""The status of a CloudCredential: names of keys, never a value."""

from __future__ import annotations

from typing import Any

from drover.kinds.cloud_credential.world import World
from drover.kinds.protected import reported
from drover.rules import credentials
from drover.rules.conditions import Condition, false, true, unknown
from drover.rules.findings import Finding

_MOST_KEYS = 64


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status."""
    found = world.verdict
    return reported(
        world,
        [_valid(world)],
        finding,
        secretName=world.secret,
        reference=f"{world.namespace}:{world.secret}",
        presentKeys=_some(found.present) if found else None,
        missingKeys=_some(found.missing) if found else None,
        unknownKeys=_some(found.unknown) if found else None,
    )


def _some(names: tuple[str, ...]) -> list[str] | None:
    return list(names[:_MOST_KEYS]) or None


def _valid(world: World) -> Condition:
    look = world.look
    if look is None or world.invalid or look.state == "forbidden":
        return unknown("Valid", "NotRead", "the Secret was not read")
    where = f"Secret {world.namespace}/{world.secret}"
    problem = credentials.finding(world.driver_name, world.driver, look, where, world.namespace)
    if look.state == "absent":
        return false("Valid", "CredentialNotFound", problem.message if problem else "")
    if problem is not None:
        return false("Valid", "CredentialInvalid", problem.message)
    if world.verdict is not None and not world.verdict.known:
        return unknown("Valid", "FieldsUnknown", f"which fields {world.driver_name} needs is not known here")
    return true("Valid", "KeysFit")
