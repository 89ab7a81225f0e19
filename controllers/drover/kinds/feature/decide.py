"""What to do about a Feature: nothing but look at what it asks for."""

from __future__ import annotations

from drover.kinds.feature.world import World
from drover.kinds.plan import Plan
from drover.kinds.resources import FEATURES
from drover.kube.gvr import Object
from drover.rules.features import Known
from drover.rules.findings import Finding, Terminal, first
from drover.rules.objects import paused


def decide(world: World) -> Plan:
    """The next step."""
    return Plan() if paused(world.feature) else Plan(finding=first(_CHECKS, world))


def seed(known: Known) -> Object:
    """A Feature as it is made; the rest is status."""
    metadata = {"name": known.name}
    return {"apiVersion": FEATURES.api_version, "kind": FEATURES.kind, "metadata": metadata, "spec": {}}


def _valid(world: World) -> Finding | None:
    if world.value is None or isinstance(world.value, bool):
        return None
    return Terminal("InvalidSpec", "spec.value: must be true or false; write it without quotes")


def _as_asked(world: World) -> Finding | None:
    found = world.decision
    if found is None or not found.refused:
        return None
    locked = str(found.on).lower()
    return Terminal("Locked", f"spec.value: the feature is locked to {locked}; set that or remove the field")


_CHECKS = (_valid, _as_asked)
