"""What others refer to: its deletion waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from drover.kinds.ending import finished, skipped, with_finalizer
from drover.kinds.plan import Action, Plan
from drover.kinds.reporting import paused_status, status_of
from drover.kube.gvr import Object
from drover.rules.conditions import Condition, false, summary, true
from drover.rules.findings import Check, Finding, Terminal, Waiting, first, listed
from drover.rules.objects import deleting, finalizers, forced, paused

_MOST_USERS = 20


@dataclass(frozen=True, slots=True)
class Protected:
    """What the decision about such an object depends on. `users` refer to it; `leaving`: its namespace is being
    deleted, and nothing can be held in it."""

    obj: Object
    users: tuple[str, ...]
    leaving: bool
    invalid: str
    now: datetime


W = TypeVar("W", bound=Protected)


def decided(world: W, finalizer: str, checks: Sequence[Check[W]], actions: Sequence[Action] = ()) -> Plan:
    """The next step: the finalizer first, then `actions`, then whatever the checks find."""
    obj = world.obj
    if paused(obj):
        return Plan()
    if deleting(obj):
        return _ending(world, finalizer)
    if world.invalid:
        return Plan(finding=Terminal("InvalidSpec", world.invalid))
    if action := with_finalizer(obj, finalizer):
        return Plan(actions=(action,))
    if actions:
        return Plan(actions=tuple(actions))
    return Plan(finding=first(checks, world))


def _ending(world: Protected, finalizer: str) -> Plan:
    if finalizer not in finalizers(world.obj) or not world.users or world.leaving:
        return finished(world.obj, finalizer)
    if forced(world.obj):
        return finished(world.obj, finalizer, skipped(f"still used by {listed(world.users)}"))
    return Plan(
        finding=Waiting(
            "InUse",
            f"is used by {listed(world.users)}; remove them, or annotate this object with "
            'drover.dev/force-delete: "true"',
        )
    )


def reported(
    world: Protected, conditions: Sequence[Condition], finding: Finding | None, **fields: Any
) -> dict[str, Any]:
    """The status: the given conditions, who uses the object, and the kind's own fields."""
    if paused(world.obj):
        return paused_status(world.obj, world.now)
    used = true("InUse", "Used", f"by {listed(world.users)}") if world.users else false("InUse", "NotUsed")
    return status_of(
        world.obj,
        [*conditions, used, *summary(finding)],
        world.now,
        users=len(world.users),
        usedBy=list(world.users[:_MOST_USERS]) or None,
        **fields,
    )
