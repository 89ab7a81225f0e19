"""Checks of RoleTemplates and GlobalRoles. Without a `ceiling`, the requester has the verb that
makes comparing rights needless."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from drover.admission.escalation import Bypass, Ceiling, Demand, who
from drover.admission.looks import Granted, Looks
from drover.admission.review import Allowed, Denied, Request
from drover.api.keys import MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.rbac import held, reading
from drover.rules.rbac.cycles import cycle
from drover.rules.rbac.facts import GlobalRole, RoleTemplate, Rule
from drover.rules.rbac.held import Effect
from drover.rules.rbac.names import compiled

UNREADABLE = Denied(422, "the object cannot be read as one of its kind; compare it with what its fields are for")

_CREATOR = ("clusterCreatorDefault", "projectCreatorDefault")
_USED_BY = 3


async def role_template(request: Request, looks: Looks, ceiling: Ceiling | None) -> Allowed | Denied:
    """A RoleTemplate is written: it has no circle, and gives no more than its author has.

    Only what is new is compared: who takes rights away need not have them.
    """
    new, old = reading.role_template(request.written), reading.role_template(request.old)
    if new is None:
        return UNREADABLE
    if way := cycle(new.name, lambda name: _parents(name, new, looks)):
        return Denied(422, f"roleTemplateNames: a circular reference: {' inherits '.join(way)}; leave one of them out")
    if new.external and compiled(new.name):
        return Denied(
            422,
            "metadata.name: ClusterRoles of this name are made by Drover, so that an external role of it gives "
            "nothing; name a ClusterRole of your own",
        )
    bypass = Bypass("escalate", "roletemplates", new.name)
    if ceiling is None:
        return Allowed()
    if new.external and (old is None or not old.external or new.external_rules != old.external_rules):
        if await ceiling.may(request.requester, bypass):
            return Allowed()
        return Denied(
            403,
            "external: what a ClusterRole gives in other clusters is not known here; "
            f"write the rules into this RoleTemplate instead, or ask for the {bypass}",
        )
    given, before = await looks.granted(new.name, new), Granted()
    if old is not None and old.context == new.context and not _turned_on(request, _CREATOR):
        before = await looks.granted(old.name, old)
    place = "in the hub and in every cluster where it is bound"
    demands = [
        Demand("rules", place, getattr(given.effect, part), getattr(before.effect, part), unknown=unknown)
        for unknown in [tuple(name for name in given.unknown if name not in before.unknown)]
        for part in (field.name for field in fields(Effect))
    ]
    return await ceiling.exceeded(request.requester, demands, bypass) or Allowed()


def deleted_role_template(request: Request, looks: Looks) -> Allowed | Denied:
    """A RoleTemplate is deleted: nothing uses it."""
    facts, name = looks.facts, request.name
    users = [f"RoleTemplate {heir.name}" for heir in facts.heirs(name) if not heir.deleting and heir.name != name]
    users += [f"GlobalRole {role.name}" for role in facts.global_roles_with(name) if not role.deleting]
    users += [
        f"{'ProjectRoleTemplateBinding' if binding.project else 'ClusterRoleTemplateBinding'} "
        f"{binding.namespace}/{binding.name}"
        for cluster in facts.clusters()
        for binding in facts.bindings_of(name, cluster.name)
        if not binding.deleting
    ]
    if not users:
        return Allowed()
    told = ", ".join(sorted(users)[:_USED_BY]) + (f" and {len(users) - _USED_BY} more" if len(users) > _USED_BY else "")
    return Denied(
        409, f"RoleTemplate {name} cannot be deleted while it is used by {told}; change or delete those first"
    )


async def global_role(request: Request, looks: Looks, ceiling: Ceiling | None) -> Allowed | Denied:
    """A GlobalRole is written: what it inherits can be given, and it gives no more than its author has. A RoleTemplate
    that does not exist yet may be inherited; that it gives nothing unseen is for the comparison of rights."""
    new, old = reading.global_role(request.written), reading.global_role(request.old)
    if new is None:
        return UNREADABLE
    before = old.cluster_roles if old is not None else ()
    for name in (name for name in new.cluster_roles if name not in before):
        role = await looks.role_template(name)
        if role is not None and (problem := unfit(role, "cluster")):
            return Denied(422, f"inheritedClusterRoles: {problem}")
    bypass = Bypass("escalate", "globalroles", new.name)
    if ceiling is None:
        return Allowed()
    demands = await global_demands(new, looks, request)
    if old is not None and not _turned_on(request, ("newUserDefault",)):
        known = {(demand.field, demand.place): demand for demand in await global_demands(old, looks, request)}
        demands = [_more(demand, known.get((demand.field, demand.place))) for demand in demands]
    return await ceiling.exceeded(request.requester, demands, bypass) or Allowed()


async def global_demands(role: GlobalRole, looks: Looks, request: Request) -> list[Demand]:
    """What a GlobalRole gives, by the place where it does."""
    facts, mine = looks.facts, held.global_roles(looks.facts, who(request.requester))
    everywhere = await looks.held(held.in_members(facts, mine))
    found = [Demand("rules", "in the hub", role.rules)]
    for namespace, rules in role.namespaced.items():
        place = f"in namespace {namespace} of the hub"
        found.append(Demand(f"namespacedRules[{namespace}]", place, rules, namespace=namespace))
    for namespace, rules in role.inherited.items():
        place = f"in namespace {namespace} of every other cluster"
        owned = (*everywhere.rules, *(rule for one in mine for rule in one.inherited.get(namespace, ())))
        found.append(Demand(f"inheritedNamespacedRules[{namespace}]", place, rules, owned))
    for name in role.cluster_roles:
        granted = await looks.granted(name)
        found += in_cluster(f"inheritedClusterRoles[{name}]", "every other cluster", granted, everywhere)
    section = "inheritedFleetWorkspacePermissions"
    owned = tuple(rule for one in mine for rule in one.workspace_rules)
    found.append(Demand(f"{section}.resourceRules", "in every workspace", role.workspace_rules, owned))
    owned = tuple(rule for one in mine for rule in _workspaces(one))
    found.append(Demand(f"{section}.workspaceVerbs", "on workspaces", tuple(_workspaces(role)), owned))
    return found


def in_cluster(field: str, cluster: str, granted: Granted, mine: Effect, namespace: str = "") -> list[Demand]:
    """What a RoleTemplate gives in a cluster; `mine` is what the requester has there, and `namespace` the hub's of the
    cluster, where it is one only."""
    given = granted.effect
    return [
        Demand(field, f"in {cluster}", given.rules, mine.rules, unknown=granted.unknown),
        Demand(
            field,
            f"in the hub's namespace of {cluster}",
            given.in_cluster_namespace,
            mine.in_cluster_namespace,
            namespace,
        ),
        Demand(
            field,
            f"in the hub's namespaces of the projects of {cluster}",
            given.in_project_namespace,
            mine.in_project_namespace,
        ),
        Demand(field, f"on {cluster}", given.owns, mine.owns),
    ]


def _workspaces(role: GlobalRole) -> Iterator[Rule]:
    if role.workspace_verbs:
        yield Rule(role.workspace_verbs, (MANAGEMENT,), ("fleetworkspaces",))


def unfit(role: RoleTemplate, context: str) -> str:
    """Why a RoleTemplate cannot be given to anybody new by something of a context (`cluster` or `project`); empty
    where it can."""
    if role.locked:
        return f"RoleTemplate {role.name} is locked and cannot be given to anybody new; name another"
    if role.context != context:
        return f"RoleTemplate {role.name} has {_BOUND[role.context]}; name one with context {context}"
    return ""


_BOUND = {
    "cluster": 'context "cluster" and is bound in a whole cluster, by a ClusterRoleTemplateBinding',
    "project": 'context "project" and is bound in a project, by a ProjectRoleTemplateBinding',
    "": "no context and can only be inherited",
}


def _more(demand: Demand, before: Demand | None) -> Demand:
    """What a demand has more than it had."""
    if before is None:
        return demand
    unknown = tuple(name for name in demand.unknown if name not in before.unknown)
    return replace(demand, owned=(*demand.owned, *before.granted), unknown=unknown)


def _turned_on(request: Request, flags: tuple[str, ...]) -> bool:
    """Whether one of the fields makes the role one that people get without being asked."""
    old: Object = request.old or {}
    return any(request.written.get(field) is True and old.get(field) is not True for field in flags)


def _parents(name: str, new: RoleTemplate, looks: Looks) -> tuple[str, ...]:
    if name == new.name:
        return new.parents
    role = looks.facts.role_template(name)
    return role.parents if role is not None else ()
