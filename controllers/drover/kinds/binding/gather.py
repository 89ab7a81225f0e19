"""Reads the world of a binding."""

from __future__ import annotations

from dataclasses import replace

from drover.kinds.binding.decide import blocked
from drover.kinds.binding.world import World
from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.resources import GLOBAL_ROLE_BINDINGS, GLOBAL_ROLES, PROJECT_BINDINGS, ROLE_TEMPLATES
from drover.kinds.rights.state import UnitState
from drover.kube.gvr import GVR, Key, Object
from drover.rules.objects import name_of, namespace_of, status, uid_of
from drover.rules.rbac import graph
from drover.rules.rbac.catalogue import GLOBAL_ROLES as SHIPPED
from drover.rules.rbac.facts import Binding, Facts, GlobalRole, Naming, RoleTemplate, User
from drover.rules.rbac.global_roles import says_nothing
from drover.rules.rbac.reading import cluster_binding, global_binding, project_binding
from drover.rules.rbac.subjects import LOCAL, resolve
from drover.rules.rbac.suggested import alike
from drover.rules.rbac.touched import units_of
from drover.rules.rbac.units import Unit


def gather(hub: Hub, gvr: GVR, parsed: Parsed, key: Key) -> World | None:
    """Everything that the decision depends on; None where the binding does not exist."""
    binding = hub.caches[gvr].get(key)
    if binding is None:
        return None
    facts, value = hub.rights.facts, _read(gvr, binding)
    subjects = resolve(value.naming, facts)
    role = facts.global_role(value.role) if gvr is GLOBAL_ROLE_BINDINGS else facts.role_template(value.role)
    recorded = str(status(binding).get("userName") or "")
    world = World(
        gvr=gvr,
        binding=binding,
        value=value,
        subjects=subjects,
        user=_user(value, facts),
        recorded=facts.user(recorded) if recorded else None,
        role=role,
        reserved=isinstance(role, RoleTemplate) and role.name in graph.resolve(role.name, facts).reserved,
        empty=_empty(role, facts),
        suggested=_suggested(hub, gvr, value, role),
        returns=gvr is GLOBAL_ROLE_BINDINGS and value.role in _SHIPPED,
        cluster=facts.cluster(value.cluster) if value.cluster else None,
        project=facts.project(value.cluster, value.project) if value.project else None,
        units=(),
        invalid=parsed.problem(binding),
        now=hub.now(),
    )
    if blocked(world) is not None:
        return world
    units = tuple((unit, _state(hub, unit, (gvr, key))) for unit in units_of(value, facts))
    return replace(world, units=units)


def _state(hub: Hub, unit: Unit, waiter: tuple[GVR, Key]) -> UnitState:
    """How a unit stands. A cluster to which nobody has given a way in is not tried: it does not answer."""
    state = hub.rights.state(unit, waiter)
    if state.connected is not None or hub.way_in(unit.cluster):
        return state
    return replace(state, connected=False)


def _read(gvr: GVR, obj: Object) -> Binding:
    """The binding as if it lay where it should: what is wrong with that is told on its own."""
    if gvr is GLOBAL_ROLE_BINDINGS:
        found = global_binding(obj)
    elif gvr is PROJECT_BINDINGS:
        found = project_binding(obj)
    else:
        found = cluster_binding({**obj, "clusterName": namespace_of(obj)})
    return found or Binding(uid_of(obj), namespace_of(obj), name_of(obj), "", Naming())


def _empty(role: GlobalRole | RoleTemplate | None, facts: Facts) -> bool:
    """Whether a role allows nothing."""
    if isinstance(role, RoleTemplate):
        return graph.resolve(role.name, facts).says_nothing
    return role is not None and says_nothing(role)


def _user(value: Binding, facts: Facts) -> User | None:
    """The User that a binding names, by name or by identity."""
    naming = value.naming
    if naming.user:
        return facts.user(naming.user)
    if naming.user_principal.startswith(LOCAL):
        return facts.user(naming.user_principal.removeprefix(LOCAL))
    return facts.user_of_principal(naming.user_principal) if naming.user_principal else None


def _suggested(hub: Hub, gvr: GVR, value: Binding, role: GlobalRole | RoleTemplate | None) -> tuple[str, ...]:
    """Roles that would do instead of one that is not there or is for something else: those with a name like it, or all.
    Those that came with Drover come first where there is nothing alike."""
    if gvr is GLOBAL_ROLE_BINDINGS:
        if role is not None:
            return ()
        names = [name_of(obj) for obj in hub.caches[GLOBAL_ROLES]]
    else:
        context = "project" if gvr is PROJECT_BINDINGS else "cluster"
        if isinstance(role, RoleTemplate) and role.context == context:
            return ()
        names = [name_of(obj) for obj in hub.caches[ROLE_TEMPLATES] if obj.get("context") == context]
    return alike(value.role, names)


_SHIPPED = frozenset(map(name_of, SHIPPED))
