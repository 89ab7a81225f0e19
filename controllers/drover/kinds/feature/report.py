"""The status of a Feature."""

from __future__ import annotations

from typing import Any

from drover.kinds.feature.world import World
from drover.kinds.reporting import paused_status, status_of
from drover.rules.conditions import Condition, false, summary, true
from drover.rules.findings import Finding
from drover.rules.objects import paused


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status: what the feature is, and whether it is on."""
    if paused(world.feature):
        return paused_status(world.feature, world.now)
    known = world.known
    fields: dict[str, Any] = dict.fromkeys(("default", "dynamic", "description", "lockedValue"))
    if known is not None:
        fields = {
            "default": known.default,
            "dynamic": known.dynamic,
            "description": known.description,
            "lockedValue": known.locked,
        }
    return status_of(world.feature, [_enabled(world), *summary(finding)], world.now, **fields)


def _enabled(world: World) -> Condition:
    found = world.decision
    if found is None:
        return false("Enabled", "NotKnown", "Drover has no such feature; the object is kept as it is")
    return true("Enabled", found.by) if found.on else false("Enabled", found.by)
