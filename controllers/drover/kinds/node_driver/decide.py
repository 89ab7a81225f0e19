"""What to do about a NodeDriver: hold its deletion while somebody uses it. Nothing is downloaded or run."""

from __future__ import annotations

from dataclasses import replace

from drover.api.keys import NODE_DRIVER_FINALIZER
from drover.kinds.node_driver.world import World
from drover.kinds.plan import Plan
from drover.kinds.protected import decided
from drover.rules.findings import Finding, Terminal, listed


def decide(world: World) -> Plan:
    """The next step. One whose driver another stands for can go at any time."""
    return decided(replace(world, users=()) if world.second else world, NODE_DRIVER_FINALIZER, _CHECKS)


def _alone(world: World) -> Finding | None:
    if not world.second:
        return None
    return Terminal(
        "DriverNameTaken",
        f"NodeDriver {world.first} stands for the same driver; delete one of the two, or change spec.displayName",
    )


def _active_where_used(world: World) -> Finding | None:
    if world.active or not world.users:
        return None
    return Terminal("DriverNotActive", f"is used by {listed(world.users)}; set spec.active to true, or remove them")


_CHECKS = (_alone, _active_where_used)
