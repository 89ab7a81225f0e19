"""The quota of a Project: what its namespaces are granted, and what they get now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.kinds.project.world import World
from drover.members.desired import Seen, Share
from drover.rules import container_limits, quota
from drover.rules.objects import spec, status
from drover.rules.quota import Claim, Limits, Ruling


def limit(world: World) -> Limits | None:
    """The limit of the project; None without a quota."""
    return _limit(world, "resourceQuota")


def default(world: World) -> Limits | None:
    """What a namespace has that asks for nothing; None without a quota."""
    return _limit(world, "namespaceDefaultResourceQuota")


def _limit(world: World, name: str) -> Limits | None:
    given = spec(world.project).get(name)
    return quota.flat(given.get("limit")) or None if isinstance(given, dict) else None


def recorded(world: World) -> dict[str, Limits]:
    """What namespaces were granted, as it is recorded in the status."""
    entries = status(world.project).get("namespaceQuotas") or []
    return {str(entry["namespace"]): dict(entry.get("limit") or {}) for entry in entries}


def ruled(world: World) -> Ruling | None:
    """Who is granted what; None while nothing is known of the namespaces, or the spec is not understood."""
    if world.last is None or world.invalid:
        return None
    known = recorded(world)
    claims = [
        Claim(seen.namespace, quota.request(seen.request)[0], known.pop(seen.namespace, {}), seen.held, seen.member)
        for seen in world.last.seen
    ]
    claims += [Claim(name, granted=granted, member=False) for name, granted in sorted(known.items())]
    return quota.ruling(limit(world), default(world), claims, confirmed=world.state is not None)


def shared(world: World) -> bool:
    """Whether every namespace of the project has a share of it."""
    return bool(default(world) or _containers(world) or recorded(world))


def shares(world: World, ruling: Ruling | None) -> tuple[Share, ...]:
    """What the namespaces get now, as far as it is recorded."""
    if ruling is None or world.last is None:
        return ()
    known, every = recorded(world), shared(world)
    found = (
        _share(world, seen, ruling, known.get(seen.namespace, {}))
        for seen in world.last.seen
        if seen.member and (every or seen.container or seen.labelled)
    )
    return tuple(share for share in found if share is not None)


def _share(world: World, seen: Seen, ruling: Ruling, granted: Limits) -> Share | None:
    target = ruling.targets.get(seen.namespace, {})
    if target and not granted:
        return None  # it is recorded first
    container, wrong = container_limits.effective(_containers(world), seen.container)
    _, misread = quota.request(seen.request) if default(world) else (None, "")
    refused = "; ".join(filter(None, (ruling.refused.get(seen.namespace, ""), misread, wrong)))
    return Share(seen.namespace, quota.wish(target, granted), container, refused)


def _containers(world: World) -> dict[str, str]:
    return container_limits.flat(spec(world.project).get("containerDefaultResourceLimit"))


def refusals(world: World, ruling: Ruling | None) -> dict[str, str]:
    """Why namespaces do not have what they ask for, by namespace."""
    found = {share.namespace: share.refused for share in shares(world, ruling) if share.refused}
    found |= dict(ruling.refused) if ruling is not None else {}
    problems = {seen.namespace: seen.problem for seen in (world.last.seen if world.last else ()) if seen.problem}
    return found | problems


def grants(ruling: Ruling) -> list[dict[str, Any]]:
    """What is to be recorded."""
    return [{"namespace": name, "limit": dict(ruling.grants[name])} for name in sorted(ruling.grants)]


def used(ruling: Ruling) -> Mapping[str, object] | None:
    """The sum of what is granted."""
    return quota.nested(ruling.used) or None
