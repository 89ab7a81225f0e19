"""The status of a role. What is written for it shows in the bindings that name it: without one, nothing is."""

from __future__ import annotations

from typing import Any

from drover.kinds.reporting import paused_status, status_of
from drover.kinds.role.decide import allows_nothing, resolved
from drover.kinds.role.world import World
from drover.rules.conditions import false, summary, true, word
from drover.rules.findings import Finding, Transient
from drover.rules.objects import deleting, paused


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status; None for a role that is about to be gone."""
    if paused(world.role):
        return paused_status(world.role, world.now)
    if deleting(world.role):
        return None
    found = resolved(world)
    told = allows_nothing(world.gvr.kind) if world.empty and found is None else ""
    whole = true("RoleResolved", "NoRules", told) if told else true("RoleResolved", "RoleFound")
    if found is not None and not isinstance(found, Transient):
        whole = false("RoleResolved", found.reason, found.message)
    return status_of(world.role, [whole, *summary(finding, ready=told)], world.now, summary=word(finding))
