"""What to do about a template: nothing but to look whether it can be used."""

from __future__ import annotations

from drover.kinds.plan import Plan
from drover.kinds.pod_security.world import World
from drover.kinds.shared import valid
from drover.rules.objects import deleting, paused


def decide(world: World) -> Plan:
    """The next step. A template has no finalizer of ours: a policy refuses to delete one that is used."""
    if paused(world.template) or deleting(world.template):
        return Plan()
    return Plan(finding=valid(world))
