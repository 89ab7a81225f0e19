"""The status of a template."""

from __future__ import annotations

from typing import Any

from drover.kinds.pod_security.shipped import TEMPLATES, drift
from drover.kinds.pod_security.world import World
from drover.kinds.reporting import paused_status, status_of
from drover.rules.conditions import Condition, false, summary, true
from drover.rules.findings import Finding
from drover.rules.objects import name_of, paused

_MOST = 64


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status."""
    if paused(world.template):
        return paused_status(world.template, world.now)
    conditions = [*_as_shipped(world), *summary(finding)]
    fields = {"clusters": list(world.clusters[:_MOST]) or None, "clusterCount": len(world.clusters)}
    return status_of(world.template, conditions, world.now, **fields)


def _as_shipped(world: World) -> list[Condition]:
    """Of a built-in template: whether it was edited. That is nothing bad, and stays."""
    shipped = TEMPLATES.get(name_of(world.template))
    if shipped is None:
        return []
    if edits := drift(world.template, shipped):
        return [false("AsShipped", "Edited", "; ".join(edits))]
    return [true("AsShipped", "AsShipped")]
