"""Worlds of bindings, roles and users as the decisions see them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from drover.kinds.binding.decide import decide
from drover.kinds.binding.report import report
from drover.kinds.binding.world import World
from drover.kinds.hub import Hub
from drover.kinds.resources import CLUSTER_BINDINGS, GLOBAL_ROLE_BINDINGS, GLOBAL_ROLES, PROJECT_BINDINGS, USERS
from drover.kinds.rights.state import UnitState
from drover.kinds.role.world import World as RoleWorld
from drover.kinds.user.world import World as UserWorld
from drover.kube.cache import Change
from drover.kube.gvr import GVR, Key, Object
from drover.members.desired import Problem
from drover.rules.rbac.facts import Binding, Cluster, GlobalRole, Naming, Project, RoleTemplate, Subject, User
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.units import Unit
from tests.unit.kinds.worlds import NOW, obj

DONE = UnitState(connected=True, answered=True)
WORKING = UnitState(connected=True, answered=False)
OFFLINE = UnitState(connected=False, answered=False)
NOT_TRIED = UnitState(connected=None, answered=False)
REFUSED = UnitState(connected=True, answered=True, problem=Problem("Forbidden", "may not write roles", terminal=False))
HERE, THERE = Unit("cluster-members", "local", "edge"), Unit("role", "edge", "cluster-owner")
ANN = User("uid-ann", "ann")
ROLES: dict[GVR, GlobalRole | RoleTemplate] = {
    GLOBAL_ROLE_BINDINGS: GlobalRole("uid-r", "admin"),
    CLUSTER_BINDINGS: RoleTemplate("uid-r", "cluster-owner", "cluster"),
    PROJECT_BINDINGS: RoleTemplate("uid-r", "project-owner", "project"),
}
_FIELDS: dict[GVR, Object] = {
    GLOBAL_ROLE_BINDINGS: {"globalRoleName": "admin"},
    CLUSTER_BINDINGS: {"clusterName": "edge", "roleTemplateName": "cluster-owner"},
    PROJECT_BINDINGS: {"projectName": "edge:shop", "roleTemplateName": "project-owner"},
}
_NAMESPACES = {GLOBAL_ROLE_BINDINGS: "", CLUSTER_BINDINGS: "edge", PROJECT_BINDINGS: "edge-shop"}
KINDS = tuple(_FIELDS)


def binding(gvr: GVR = CLUSTER_BINDINGS, **content: Any) -> Object:
    """A binding of ann in the cluster edge, its project shop, or everywhere."""
    return obj(gvr.kind, "b", _NAMESPACES[gvr], uid="uid-b", **{"userName": "ann", **_FIELDS[gvr], **content})


def binding_world(gvr: GVR = CLUSTER_BINDINGS, **changes: Any) -> World:
    """One that is in force."""
    is_global, in_project = gvr is GLOBAL_ROLE_BINDINGS, gvr is PROJECT_BINDINGS
    value = Binding(
        "uid-b",
        _NAMESPACES[gvr],
        "b",
        ROLES[gvr].name,
        Naming(user="ann"),
        "" if is_global else "edge",
        "shop" if in_project else "",
    )
    world = World(
        gvr=gvr,
        binding=binding(gvr),
        value=value,
        subjects=(Subject("User", "ann"),),
        user=ANN,
        recorded=ANN,
        role=ROLES[gvr],
        reserved=False,
        empty=False,
        suggested=(),
        returns=False,
        cluster=None if is_global else Cluster("uid-c", "edge"),
        project=Project("uid-p", "edge", "shop", "edge-shop") if in_project else None,
        units=((HERE, DONE), (THERE, DONE)),
        invalid="",
        now=NOW,
    )
    return replace(world, **changes)


def with_status(world: World) -> World:
    """The same after its status was written."""
    written = report(world, decide(world).finding)
    assert written is not None
    return replace(world, binding={**world.binding, "status": written})


def role_world(**changes: Any) -> RoleWorld:
    """A role of somebody's."""
    world = RoleWorld(
        gvr=GLOBAL_ROLES,
        role=obj("GlobalRole", "mine", rules=[]),
        shipped=None,
        own=frozenset({"newUserDefault"}),
        missing=(),
        coming=False,
        misplaced=(),
        cycle=(),
        reserved=(),
        empty=False,
        invalid="",
        now=NOW,
    )
    return replace(world, **changes)


def user_world(**changes: Any) -> UserWorld:
    """A user who was not promised anything."""
    world = UserWorld(user=obj(USERS.kind, "ann"), namesake="", first_roles=(), unknown=(), invalid="", now=NOW)
    return replace(world, **changes)


class Rights:
    """What is known of the hub's objects by its caches, and of units: all are written, but for those in `states`."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.states: dict[Unit, UnitState] = {}
        self.waiters: list[tuple[Unit, GVR, Key]] = []

    @property
    def facts(self) -> Snapshot:
        """Read anew each time."""
        caches = self.hub.caches.items()
        return Snapshot({"apiVersion": gvr.api_version, **found} for gvr, cache in caches for found in cache)

    def object_changed(self, gvr: GVR, change: Change) -> None:
        """The caches know already."""

    def part_changed(self, cluster: str, key: str) -> bool:
        """No part is one of a unit."""
        return False

    def state(self, unit: Unit, waiter: tuple[GVR, Key] | None = None) -> UnitState:
        """The state of a unit."""
        if waiter is not None:
            self.waiters.append((unit, *waiter))
        return self.states.get(unit, DONE)


def with_rights(hub: Hub) -> Rights:
    """Gives a hub in memory its rights."""
    rights = Rights(hub)
    hub.rights = cast("Any", rights)
    return rights


def told(status: Object | None) -> dict[str, tuple[str, str]]:
    """The conditions of a status, by type: status and reason."""
    assert status is not None
    return {entry["type"]: (entry["status"], entry["reason"]) for entry in status["conditions"]}


def message(status: Object | None, type_: str) -> str:
    """What a condition says."""
    assert status is not None
    return next(str(entry["message"]) for entry in status["conditions"] if entry["type"] == type_)
