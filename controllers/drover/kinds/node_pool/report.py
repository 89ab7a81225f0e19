"""The status of a NodePool."""

from __future__ import annotations

from typing import Any

from drover.kinds.node_pool.world import World
from drover.kinds.reporting import paused_status, status_of
from drover.rules.conditions import Condition, false, summary, true
from drover.rules.findings import Finding, Waiting
from drover.rules.objects import paused, spec, status


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status; None while the template has none, which will bring this one with it."""
    if paused(world.pool):
        return paused_status(world.pool, world.now)
    template = world.template
    if template is not None and not status(template).get("conditions") and isinstance(finding, Waiting):
        return None
    resolved = world.resolved
    return status_of(
        world.pool,
        [
            _template(world),
            true("Resolved", "Resolved") if resolved else false("Resolved", "NotResolved", "see the condition Ready"),
            true("Deprecated", "UseMachinePools", "use spec.rkeConfig.machinePools; status.machinePool is the entry"),
            *summary(finding),
        ],
        world.now,
        machinePool=resolved.pool if resolved else None,
        leftOut=list(resolved.left) or None if resolved else None,
    )


def _template(world: World) -> Condition:
    if world.template is not None:
        return true("TemplateFound", "Found")
    name = spec(world.pool).get("nodeTemplateName")
    return false("TemplateFound", "TemplateNotFound", f"there is no NodeTemplate {name}")
