"""What to do about a User: it gets the roles that every new user has, once."""

from __future__ import annotations

from drover.kinds.ending import finished
from drover.kinds.plan import Create, Plan
from drover.kinds.resources import GLOBAL_ROLE_BINDINGS, USERS
from drover.kinds.shared import valid
from drover.kinds.user.world import World
from drover.kube.gvr import Object
from drover.rules.findings import Finding, Terminal, Waiting, first, listed
from drover.rules.names import suffix
from drover.rules.objects import deleting, name_of, paused, uid_of

MANAGER = "drover-user"
_LOOK_AGAIN_SECONDS = 5.0


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.user):
        return Plan()
    if deleting(world.user):
        return finished(world.user)
    if finding := first((valid, _alone), world):
        return Plan(finding=finding)
    if world.first_roles:
        return Plan(tuple(Create(GLOBAL_ROLE_BINDINGS, _binding(world, role)) for role in world.first_roles))
    return Plan(finding=_roles(world))


def _alone(world: World) -> Finding | None:
    """Whether nobody else logs in by its name. Its bindings are in force either way: they name the User."""
    if not world.namesake:
        return None
    return Terminal("UsernameTaken", f"User {world.namesake} has this username already; delete one of the two")


def _roles(world: World) -> Finding | None:
    if not world.unknown:
        return None
    told = f"there is no GlobalRole {listed(world.unknown)} for it to have at first; create it"
    return Waiting("RoleNotFound", told, _LOOK_AGAIN_SECONDS)


def _binding(world: World, role: str) -> Object:
    """Named after the User and the role, so that it is never made twice. It goes with the User, also where that is
    gone before the binding was looked at."""
    user = name_of(world.user)
    owner = {"apiVersion": USERS.api_version, "kind": USERS.kind, "name": user, "uid": uid_of(world.user)}
    return {
        "apiVersion": GLOBAL_ROLE_BINDINGS.api_version,
        "kind": GLOBAL_ROLE_BINDINGS.kind,
        "metadata": {"name": f"grb-{suffix(user, role)}", "ownerReferences": [owner]},
        "userName": user,
        "globalRoleName": role,
    }
