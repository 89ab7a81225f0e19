"""The status of a Workload."""

from __future__ import annotations

from typing import Any

from drover.kinds.reporting import paused_status, status_of
from drover.kinds.workload.decide import COMPLETE, completed, native_status
from drover.kinds.workload.place import Place
from drover.kinds.workload.world import Rendering, World
from drover.rules import workload as rules
from drover.rules.conditions import Condition, false, summary, true
from drover.rules.findings import Finding, Terminal
from drover.rules.objects import deleting, paused, status


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status, or None while a restarted Drover has not heard from the cluster yet."""
    if paused(world.workload):
        return paused_status(world.workload, world.now)
    known = bool(status(world.workload).get("conditions"))
    if known and world.state is None and not deleting(world.workload) and not isinstance(finding, Terminal):
        member = world.member
        if world.way_in if member is None else member.connected is not False:
            return None
    conditions = (*_complete(world), *summary(finding))
    return status_of(world.workload, conditions, world.now, **_native(world), **_state(world, finding))


def _complete(world: World) -> tuple[Condition, ...]:
    """Of a Job: whether it has run to its end."""
    if not isinstance(world.rendering, Rendering) or world.rendering.kind is not rules.JOB:
        return ()
    seen = native_status(world)
    done = completed(world) or (seen is not None and seen.reason == COMPLETE)
    return (true(COMPLETE, "JobComplete") if done else false(COMPLETE, "JobNotComplete"),)


def _native(world: World) -> dict[str, Any]:
    """The native object and its pods; as they were, while the cluster does not answer."""
    seen = native_status(world)
    if seen is None or not isinstance(world.place, Place) or not isinstance(world.rendering, Rendering):
        before = status(world.workload)
        kept = ("nativeRef", "desiredReplicas", "replicas", "readyReplicas", "updatedReplicas", "selector")
        lost = (
            world.state is not None
            and bool(world.state.objects)
            and world.state.objects[0] is None
            and not completed(world)
        )
        return {name: None if lost else before.get(name) for name in kept}
    metadata = world.rendering.manifest["metadata"]
    return {
        "nativeRef": {
            "cluster": world.place.cluster,
            "apiVersion": world.rendering.kind.api_version,
            "kind": world.rendering.kind.kind,
            "namespace": metadata["namespace"],
            "name": metadata["name"],
        },
        "desiredReplicas": seen.desired,
        "replicas": seen.replicas,
        "readyReplicas": seen.ready,
        "updatedReplicas": seen.updated,
        "selector": seen.selector or None,
    }


def _state(world: World, finding: Finding | None) -> dict[str, Any]:
    """`state` and `transitioning` as Rancher's API has them."""
    if deleting(world.workload):
        return {"state": "removing", "transitioning": "yes"}
    if finding is None:
        return {"state": "active", "transitioning": "no"}
    if isinstance(finding, Terminal):
        return {"state": "error", "transitioning": "error"}
    return {"state": "updating", "transitioning": "yes"}
