"""Whether the projects of a Cluster are isolated from each other, by what their statuses say."""

from __future__ import annotations

from collections.abc import Iterator

from drover.kinds.cluster.world import World
from drover.kube.gvr import Object
from drover.rules.conditions import Condition, false, is_true, true, unknown
from drover.rules.findings import listed
from drover.rules.objects import deleting, name_of, paused, spec, status

_TYPE = "NetworkIsolated"
_OPEN = ("SystemProject", "OptedOut")
"""Reasons of a Project that is not to be isolated."""


def condition(world: World) -> Condition:
    """True once every Project is isolated that is to be; a new one does not change that for a moment."""
    if not _wanted(world):
        return false(_TYPE, "NotEnabled")
    if world.member is None or not world.member.connected:
        return unknown(_TYPE, "NotConnected")
    if wrong := listed(_wrong(world)):
        return false(_TYPE, "ProjectsNotIsolated", f"see the condition {_TYPE} of the Projects {wrong}")
    if is_true(world.cluster, _TYPE) or all(_settled(project) for project in _living(world)):
        return true(_TYPE, "Isolated")
    return unknown(_TYPE, "Progressing", "network policies are being written")


def applied(world: World) -> bool:
    """What `status.appliedEnableNetworkPolicy` says: as it was, while nothing is known."""
    was = status(world.cluster).get("appliedEnableNetworkPolicy") is True
    if world.member is None or not world.member.connected:
        return was
    if not _wanted(world):
        return was and any(is_true(project, _TYPE) for project in _living(world))
    now = condition(world).status
    return was if now == "Unknown" else now == "True"


def _wanted(world: World) -> bool:
    return spec(world.cluster).get("enableNetworkPolicy") is True


def _living(world: World) -> Iterator[Object]:
    return (project for project in world.projects if not deleting(project))


def _wrong(world: World) -> Iterator[str]:
    """The Projects that will not be isolated before somebody does something."""
    for project in _living(world):
        refused = _reason(project) == "PoliciesNotWritten"
        held = paused(project) or is_true(project, "Stalled")
        if refused or (held and not _settled(project)):
            yield name_of(project)


def _settled(project: Object) -> bool:
    return is_true(project, _TYPE) or _reason(project) in _OPEN


def _reason(project: Object) -> str:
    conditions = status(project).get("conditions") or []
    return next((str(entry.get("reason", "")) for entry in conditions if entry.get("type") == _TYPE), "")
