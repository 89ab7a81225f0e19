"""What to do about a role: one that came with Drover is kept as it came."""

from __future__ import annotations

from typing import Any

from drover.api.keys import BOOTSTRAPPING
from drover.kinds.ending import finished
from drover.kinds.plan import Action, Delete, Merge, Plan
from drover.kinds.role.world import World
from drover.kinds.shared import valid
from drover.rules.findings import Finding, Terminal, Waiting, first, listed
from drover.rules.objects import deleting, label, name_of, paused, uid_of

_NOT_RULES = frozenset({"apiVersion", "kind", "metadata", "status"})


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.role):
        return Plan()
    if deleting(world.role):
        return finished(world.role)
    finding = first(_CHECKS, world)
    return Plan(_kept(world), finding, at_work=world.coming and isinstance(finding, Waiting))


# --- As it came -----------------------------------------------------------------------------------------------------
def _kept(world: World) -> tuple[Action, ...]:
    """A role that came with Drover has its rules back, and one that does not come with it any more goes. Only Drover
    may set `builtin`, so that a label alone makes no role of somebody else's one of these."""
    if world.role.get("builtin") is not True:
        return ()
    if world.shipped is None:
        theirs = not label(world.role, BOOTSTRAPPING)
        return () if theirs else (Delete(world.gvr, name_of(world.role), "", uid_of(world.role)),)
    changed = _changed(world.role, world.shipped, world.own)
    return (Merge(changed),) if changed else ()


def _changed(live: dict[str, Any], shipped: dict[str, Any], own: frozenset[str]) -> dict[str, Any]:
    """The fields that differ from those that came, as a JSON merge patch brings them back. What people may change stays
    as it is."""
    fields = (live.keys() | shipped.keys()) - _NOT_RULES - own
    patch = {name: _back(live.get(name), shipped.get(name)) for name in sorted(fields) if _differs(live, shipped, name)}
    mark = label(shipped, BOOTSTRAPPING)
    return patch if label(live, BOOTSTRAPPING) == mark else {**patch, "metadata": {"labels": {BOOTSTRAPPING: mark}}}


def _differs(live: dict[str, Any], shipped: dict[str, Any], name: str) -> bool:
    return (live.get(name) or None) != (shipped.get(name) or None)


def _back(live: Any, shipped: Any) -> Any:
    """A merge patch keeps the keys of a mapping that it does not name."""
    if isinstance(live, dict) and isinstance(shipped, dict):
        return {**dict.fromkeys(live.keys() - shipped.keys()), **shipped}
    return shipped or None


# --- Whether it is whole --------------------------------------------------------------------------------------------
def _name_free(world: World) -> Finding | None:
    if world.shipped is None or world.role.get("builtin") is True:
        return None
    return Terminal(
        "NameTaken",
        "somebody made this role, and it is used as it is; Drover comes with another one of the same name: "
        "delete this one to have that",
    )


def resolved(world: World) -> Finding | None:
    """Whether all that it builds on is there."""
    if world.cycle:
        told = f"roleTemplateNames: {listed(world.cycle)} inherit each other; take one of the names out"
        return Terminal("CircularInheritance", told)
    if world.reserved:
        return reserved(listed(world.reserved))
    if world.misplaced:
        told = f"{listed(world.misplaced)}: not for clusters, so that nothing is given by it; take it out"
        return Terminal("ContextMismatch", f"inheritedClusterRoles: {told}")
    if world.missing:
        told = f"there is no RoleTemplate {listed(world.missing)}; create it or take it out"
        rest = "Without it the role allows nothing" if world.empty else "The rest is in force"
        return Waiting("RoleNotFound", f"{told}. {rest}")
    return None


def allows_nothing(kind: str) -> str:
    """What is said of a role without rules, which is not wrong: they may follow."""
    inherits = "and inherits none" if kind == "RoleTemplate" else "and gives no RoleTemplate"
    return f"the {kind} allows nothing: it has no rules, {inherits}"


def reserved(names: str) -> Terminal:
    """Why external roles give nothing."""
    told = (
        f"external: a ClusterRole named {names} may be one that Drover makes of other roles, so its rules are not given"
    )
    return Terminal("ReservedName", f"{told}; use a ClusterRole and a RoleTemplate of another name")


_CHECKS = (valid, _name_free, resolved)
