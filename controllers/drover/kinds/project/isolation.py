"""Whether pods of other projects are kept away from those of a Project, and what its status says of it."""

from __future__ import annotations

from drover.api.keys import NETWORK_ISOLATION, SYSTEM_PROJECT
from drover.kinds.project.world import World
from drover.members.desired import ISOLATION
from drover.rules.conditions import Condition, false, is_true, true, unknown
from drover.rules.findings import Finding, Terminal, Waiting, listed
from drover.rules.isolation import exempt
from drover.rules.objects import label, name_of, spec

_TYPE = "NetworkIsolated"


def admits(world: World) -> tuple[str, ...] | None:
    """The projects that may reach the pods, as a part says it."""
    if _unwanted(world) is not None:
        return None
    if not _system_is_known(world):
        return ()
    return tuple(sorted({world.name, *map(name_of, world.systems)}))


def _unwanted(world: World) -> tuple[str, str] | None:
    """Why the Project is not to be isolated, as a reason and a message."""
    if spec(world.cluster or {}).get("enableNetworkPolicy") is not True:
        return "NotEnabled", ""
    if label(world.project, SYSTEM_PROJECT) == "true":
        return "SystemProject", "the System project is open to all"
    if exempt(world.project):
        return "OptedOut", f'the annotation {NETWORK_ISOLATION}: "false" keeps it open to all'
    return None


def _system_is_known(world: World) -> bool:
    """Whether the System project has its namespaces, or was deleted: its pods would be kept out for a moment
    otherwise."""
    if world.systems:
        return any(is_true(project, "SystemNamespacesAssigned") for project in world.systems)
    return is_true(world.cluster or {}, "SystemProjectCreated")


def condition(world: World, finding: Finding | None) -> Condition:
    """True while every namespace is isolated that does not ask for the contrary."""
    wrong = world.problems(ISOLATION) if finding is None else {}
    if wrong:
        return false(_TYPE, "PoliciesNotWritten", _told(wrong))
    if why := _unwanted(world):
        return false(_TYPE, *why)
    if isinstance(finding, Terminal | Waiting):
        return unknown(_TYPE, finding.reason)
    if not admits(world):
        return unknown(_TYPE, "AwaitingSystemProject", "waits for the System project to have its namespaces")
    seen = world.state.seen if world.state is not None else ()
    open_ = listed(one.namespace for one in seen if one.member and one.exempt)
    return true(_TYPE, "Isolated", f"not isolated, as annotated: {open_}" if open_ else "")


def _told(wrong: dict[str, str]) -> str:
    """Each problem once, with the namespaces that have it."""
    names: dict[str, list[str]] = {}
    for namespace, why in wrong.items():
        names.setdefault(why, []).append(namespace)
    return listed((f"{listed(found)}: {why}" for why, found in names.items()), separator="; ")
