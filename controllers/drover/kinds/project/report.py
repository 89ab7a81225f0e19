"""The status of a Project."""

from __future__ import annotations

from typing import Any

from drover.api.keys import CREATOR_ID
from drover.kinds.project.decide import backing_namespace
from drover.kinds.project.world import World
from drover.kinds.reporting import paused_status, status_of
from drover.rules.conditions import Condition, false, summary, true, unknown
from drover.rules.findings import Finding
from drover.rules.objects import annotation, deleting, name_of, paused, status


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status, or None while a restarted Drover has not heard from the cluster yet."""
    if paused(world.project):
        return paused_status(world.project, world.now)
    if _not_asked_yet(world):
        return None
    name = backing_namespace(world)
    made = any(name_of(namespace) == name for namespace in world.owned)
    namespaces = len(world.state.namespaces) if world.state is not None else status(world.project).get("namespaces")
    conditions = [
        true("BackingNamespaceCreated", "Created") if made else false("BackingNamespaceCreated", "NotCreated"),
        _creator(world),
        *summary(finding),
    ]
    recorded = status(world.project).get("backingNamespace") or (name if made else None)
    return status_of(world.project, conditions, world.now, backingNamespace=recorded, namespaces=namespaces)


def _not_asked_yet(world: World) -> bool:
    known = bool(status(world.project).get("conditions"))
    return (
        known
        and not deleting(world.project)
        and world.cluster is not None
        and world.member is not None
        and world.member.connected is None
    )


def _creator(world: World) -> Condition:
    if not annotation(world.project, CREATOR_ID):
        return true("CreatorMadeOwner", "NoCreator")
    return unknown("CreatorMadeOwner", "NotSupported", "grant the creator rights with a RoleBinding")
