"""What to do about a binding. The rights are compiled and written elsewhere: here it is found out whether it gives any,
and a binding goes with what it named."""

from __future__ import annotations

from drover.api.keys import LOCAL_CLUSTER
from drover.kinds.binding.world import World
from drover.kinds.ending import finished
from drover.kinds.plan import Absent, Action, Delete, Plan
from drover.kinds.resources import GLOBAL_ROLES, USERS
from drover.kinds.role.decide import reserved
from drover.kinds.shared import valid
from drover.rules.conditions import holds
from drover.rules.findings import Finding, Terminal, Waiting, first, listed
from drover.rules.objects import deleting, name_of, paused, uid_of
from drover.rules.rbac.facts import RoleTemplate
from drover.rules.rbac.suggested import such_as
from drover.rules.rbac.units import Unit


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.binding):
        return Plan()
    if deleting(world.binding):
        return finished(world.binding)
    if gone := _gone(world):
        lies_in, uid = world.lies_in, uid_of(world.binding)
        return Plan(actions=(gone, Delete(world.gvr, name_of(world.binding), lies_in, uid)))
    finding = blocked(world) or first(_STATE, world)
    soon = at_work(finding) or (isinstance(finding, Waiting) and finding.reason == "ProjectNotReady")
    return Plan(finding=finding, at_work=soon)


# --- What it named is gone ------------------------------------------------------------------------------------------
def _gone(world: World) -> Action | None:
    """The User or GlobalRole that the binding was in force with, and that is gone, as it is when somebody deletes it.
    One that was never there is waited for: it may be applied after the binding."""
    recorded = world.recorded_user
    if recorded and world.recorded is None and world.user is None:
        return Absent(USERS, recorded)
    if world.is_global and world.role is None and not world.returns and holds(world.binding, "RoleResolved"):
        return Absent(GLOBAL_ROLES, world.value.role)
    return None


# --- Whether it gives anything --------------------------------------------------------------------------------------
def blocked(world: World) -> Finding | None:
    """Why the binding gives nothing; None where it gives what its role allows."""
    return first((valid, place, role, subject), world)


def place(world: World) -> Finding | None:
    """Whether the cluster and the project are there, and the binding lies where those who may give rights in them
    write."""
    if world.is_global:
        return None
    if world.value.project:
        return _in_project(world)
    name = world.binding.get("clusterName")
    if name != world.lies_in:
        told = f"clusterName must be {world.lies_in}, the namespace of the binding; make it anew in namespace {name}"
        return Terminal("WrongNamespace", told)
    return _in_cluster(world)


def _in_cluster(world: World) -> Finding | None:
    name = world.value.cluster
    if world.cluster is None:
        return Waiting("ClusterNotFound", f"there is no Cluster {name}; create it, or delete the binding")
    return Waiting("ClusterDeleting", f"Cluster {name} is being deleted") if world.cluster.deleting else None


def _in_project(world: World) -> Finding | None:
    if finding := _in_cluster(world):
        return finding
    project, name = world.project, f"{world.value.cluster}:{world.value.project}"
    if project is None:
        return Waiting("ProjectNotFound", f"there is no Project {name}; create it, or delete the binding")
    if project.deleting:
        return Waiting("ProjectDeleting", f"Project {name} is being deleted")
    if not project.backing:
        return Waiting("ProjectNotReady", f"Project {name} has no namespace in the hub yet")
    if project.backing != world.lies_in:
        told = f"a binding of Project {name} lies in namespace {project.backing}; make it anew there"
        return Terminal("WrongNamespace", told)
    return None


def role(world: World) -> Finding | None:
    """Whether the role is there, and one that can be given here."""
    name, kind = world.value.role, world.role_kind
    if world.role is None:
        others = f", or bind another{such_as(world.suggested)}" if world.suggested else ""
        return Waiting("RoleNotFound", f"there is no {kind} {name}; create it{others}")
    if isinstance(world.role, RoleTemplate) and world.role.context != world.context:
        return _misplaced(world, world.role)
    return reserved(name) if world.reserved else None


def _misplaced(world: World, found: RoleTemplate) -> Terminal:
    where = {"cluster": "a ClusterRoleTemplateBinding", "project": "a ProjectRoleTemplateBinding"}.get(found.context)
    used = f"for {where}" if where else "only for other roles to inherit"
    others = f"bind one with the context {world.context}{such_as(world.suggested)}"
    return Terminal("ContextMismatch", f"RoleTemplate {found.name} is {used}; {others}")


def subject(world: World) -> Finding | None:
    """Whether somebody is there who gets the rights."""
    return world.subjects if isinstance(world.subjects, Terminal | Waiting) else None


# --- Whether it is in force -----------------------------------------------------------------------------------------
_AT_WORK = Waiting("Progressing", "the rights are being written")


def at_work(finding: Finding | None) -> bool:
    """Whether the rights are being written and nothing is in the way of that."""
    return finding == _AT_WORK


def local(world: World) -> Finding | None:
    """What stands in the way in the hub."""
    return _synced(world, here=True)


def remote(world: World) -> Finding | None:
    """What stands in the way in the other clusters."""
    return _synced(world, here=False)


def _synced(world: World, *, here: bool) -> Finding | None:
    found = [(unit, state) for unit, state in world.units if (unit.cluster == LOCAL_CLUSTER) is here]
    for unit, state in sorted(found, key=lambda each: each[0]):
        if state.problem is not None:
            finding = Terminal if state.problem.terminal else Waiting
            return finding(state.problem.reason, f"{_where(unit)}{state.problem.message}")
    left = [(unit, state) for unit, state in found if not state.answered]
    if any(state.connected is not False for _, state in left):
        return _AT_WORK
    if away := {unit.cluster for unit, _ in left}:
        told = f"no answer from {listed(away)}; the rights there are as they were, and follow when there is an answer"
        return Waiting("ClusterUnreachable", told)
    return None


def _where(unit: Unit) -> str:
    return "" if unit.cluster == LOCAL_CLUSTER else f"Cluster {unit.cluster}: "


def asked(world: World) -> bool:
    """Whether every cluster that matters was tried: after a start Drover knows of none at first."""
    return all(state.answered or state.connected is not None for _, state in world.units)


_STATE = (local, remote)
