"""The quota of a Project: what its namespaces are granted, and what they get now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.kinds.plan import Mirror
from drover.kinds.project.world import World
from drover.kinds.resources import PROJECTS
from drover.kube.gvr import identity
from drover.members.desired import QUOTA, Seen, Share
from drover.rules import container_limits, quota
from drover.rules.objects import spec
from drover.rules.quota import Limits, Ruling

USED_LIMIT_MANAGER = "drover-used-limit"
"""Field manager of `spec.resourceQuota.usedLimit`."""


def shared(world: World) -> bool:
    """Whether every namespace of the project has a share of it."""
    return bool(world.default_limit or _containers(world) or world.granted)


def shares(world: World) -> tuple[Share, ...]:
    """What the namespaces get now, as far as it is recorded."""
    if world.ruling is None or world.last is None:
        return ()
    every, containers = shared(world), _containers(world)
    found = (
        _share(world, seen, world.ruling, containers)
        for seen in world.last.seen
        if seen.member and (every or seen.container or seen.labelled)
    )
    return tuple(share for share in found if share is not None)


def _share(world: World, seen: Seen, ruling: Ruling, containers: Limits) -> Share | None:
    target, granted = ruling.targets.get(seen.namespace, {}), world.granted.get(seen.namespace, {})
    if target and not granted:
        return None  # it is recorded first
    container, wrong = container_limits.effective(containers, seen.container)
    _, misread = quota.request(seen.request) if world.default_limit else (None, "")
    refused = "; ".join(filter(None, (ruling.refused.get(seen.namespace, ""), misread, wrong)))
    return Share(seen.namespace, quota.wish(target, granted), container, refused)


def _containers(world: World) -> dict[str, str]:
    return container_limits.flat(spec(world.project).get("containerDefaultResourceLimit"))


def refusals(world: World, ruling: Ruling) -> dict[str, str]:
    """Why namespaces do not have what they ask for, by namespace."""
    found = {share.namespace: share.refused for share in shares(world) if share.refused}
    found |= dict(ruling.refused)
    return found | world.problems(QUOTA)


def grants(ruling: Ruling) -> list[dict[str, Any]]:
    """What is to be recorded."""
    return [{"namespace": name, "limit": dict(ruling.grants[name])} for name in sorted(ruling.grants)]


def mirrored(world: World) -> Mirror | None:
    """Writes the sum of what is granted to `spec.resourceQuota.usedLimit`, where clients of Rancher's API read it; None
    where it is so. Nothing is taken out again where the Setting is turned off: then it is as old as that."""
    if not world.mirrors or world.ruling is None:
        return None
    wanted = used(world.ruling) or {}
    if spec(world.project, "resourceQuota", "usedLimit") == wanted:
        return None
    obj = {
        "apiVersion": PROJECTS.api_version,
        "kind": PROJECTS.kind,
        "metadata": identity(world.project, exactly=False),
        **({"spec": {"resourceQuota": {"usedLimit": wanted}}} if wanted else {}),
    }
    return Mirror(PROJECTS, obj, USED_LIMIT_MANAGER)


def used(ruling: Ruling) -> Mapping[str, object] | None:
    """The sum of what is granted."""
    return quota.nested(ruling.used) or None
