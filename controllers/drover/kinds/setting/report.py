"""The status of a Setting."""

from __future__ import annotations

from typing import Any

from drover.kinds.reporting import paused_status, status_of
from drover.kinds.setting.world import World
from drover.rules.conditions import summary
from drover.rules.findings import Finding
from drover.rules.objects import paused
from drover.rules.settings import variable


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status: what is in force, and why it is not what was asked for."""
    if paused(world.setting):
        return paused_status(world.setting, world.now)
    effective = world.reading.value if world.reading is not None else None
    return status_of(world.setting, summary(finding, ready=_told(world)), world.now, effectiveValue=effective)


def _told(world: World) -> str:
    if world.known is None or world.reading is None:
        return "nothing of Drover reads this setting; it is kept as it is"
    if world.reading.source != "env":
        return ""
    return f"the environment variable {variable(world.known.name)} of Drover decides; value is kept for when it is gone"
