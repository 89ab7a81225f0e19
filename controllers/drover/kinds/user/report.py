"""The status of a User."""

from __future__ import annotations

from typing import Any

from drover.kinds.reporting import paused_status, status_of
from drover.kinds.user.world import World
from drover.rules.conditions import Condition, summary, true, unknown
from drover.rules.creators import noted
from drover.rules.findings import Finding
from drover.rules.objects import deleting, paused


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status; None for a User that is about to be gone."""
    if paused(world.user):
        return paused_status(world.user, world.now)
    if deleting(world.user):
        return None
    told = "" if world.user.get("enabled") is not False else "enabled is false: no binding gives this user anything"
    return status_of(world.user, [_roles(world), *summary(finding, ready=told)], world.now)


def _roles(world: World) -> Condition:
    """Whether it has its first roles. Once it is so it stays so: who takes one away does not want it back."""
    type_ = "InitialRolesPopulated"
    if world.unknown or world.first_roles:
        return unknown(type_, "Progressing", "not yet")
    return true(type_, "RolesGiven" if noted(world.user) is not None else "NoneAsked")
