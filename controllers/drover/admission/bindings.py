"""Checks of the bindings of roles."""

from __future__ import annotations

from collections.abc import Iterable

from drover.admission.escalation import Bypass, Ceiling, Demand, who
from drover.admission.looks import Granted, Looks
from drover.admission.review import Allowed, Denied, Request
from drover.admission.roles import UNREADABLE, global_demands, in_cluster
from drover.rules.rbac import held, reading
from drover.rules.rbac.facts import Binding, Facts, Naming, RoleTemplate


async def global_binding(request: Request, looks: Looks, ceiling: Ceiling) -> Allowed | Denied:
    """A GlobalRoleBinding is written: it gives no more than its author has."""
    binding = reading.global_binding(request.written)
    if binding is None:
        return UNREADABLE
    role = await looks.global_role(binding.role)
    for name in role.cluster_roles if role is not None and request.old is None else ():
        template = looks.facts.role_template(name)
        if template is not None and template.locked:
            return Denied(
                422,
                f"globalRoleName: GlobalRole {binding.role} inherits RoleTemplate {name}, which is locked and "
                "cannot be given to anybody new; take it out of inheritedClusterRoles, or unlock it",
            )
    bypass = Bypass("bind", "globalroles", binding.role)
    if await ceiling.may(request.requester, bypass):
        return Allowed()
    if role is None:
        demands = [Demand("globalRoleName", "", (), unknown=(f"GlobalRole {binding.role}",))]
    else:
        demands = await global_demands(role, looks, request)
    return await ceiling.exceeded(request.requester, demands, bypass) or Allowed()


async def cluster_binding(request: Request, looks: Looks, ceiling: Ceiling) -> Allowed | Denied:
    """A ClusterRoleTemplateBinding is written."""
    binding = reading.cluster_binding(request.written)
    if binding is None:
        return Denied(
            422, "clusterName: differs from metadata.namespace; create the binding in the namespace of its cluster"
        )
    others = looks.facts.cluster_bindings(binding.cluster)
    if problem := await _problem(request, binding, "cluster", others, looks):
        return problem
    bypass = Bypass("bind", "roletemplates", binding.role)
    if await ceiling.may(request.requester, bypass):
        return Allowed()
    mine = held.in_cluster(looks.facts, binding.cluster, who(request.requester))
    granted = await looks.granted(binding.role)
    demands = in_cluster("roleTemplateName", f"cluster {binding.cluster}", granted, mine, binding.cluster)
    return await ceiling.exceeded(request.requester, demands, bypass) or Allowed()


async def project_binding(request: Request, looks: Looks, ceiling: Ceiling) -> Allowed | Denied:
    """A ProjectRoleTemplateBinding is written. It lies in the namespace of its own project: who may write in that of
    one project has no say in another."""
    binding = reading.project_binding(request.written)
    if binding is None:
        return UNREADABLE
    project = looks.facts.project(binding.cluster, binding.project)
    if project is not None and project.backing and project.backing != binding.namespace:
        return Denied(
            422,
            f"projectName: the bindings of {binding.cluster}:{binding.project} lie in namespace {project.backing}; "
            "create it there",
        )
    others = looks.facts.project_bindings(binding.cluster, binding.project)
    if problem := await _problem(request, binding, "project", others, looks):
        return problem
    bypass = Bypass("bind", "roletemplates", binding.role)
    if await ceiling.may(request.requester, bypass):
        return Allowed()
    demands = _in_project(binding, await looks.granted(binding.role), looks.facts, request)
    return await ceiling.exceeded(request.requester, demands, bypass) or Allowed()


def _in_project(binding: Binding, granted: Granted, facts: Facts, request: Request) -> list[Demand]:
    me, given = who(request.requester), granted.effect
    here = held.in_project(facts, binding.cluster, binding.project, me)
    around = held.in_cluster(facts, binding.cluster, me)
    field, name = "roleTemplateName", f"project {binding.cluster}:{binding.project}"
    return [
        Demand(field, f"in {name}", given.rules, here.rules + around.rules, unknown=granted.unknown),
        Demand(field, f"in cluster {binding.cluster}", given.promoted, here.promoted + around.rules),
        Demand(
            field,
            f"in the hub's namespace of {name}",
            given.in_project_namespace,
            here.in_project_namespace + around.in_project_namespace,
            binding.namespace,
        ),
        Demand(field, f"on the namespaces of {name}", given.manages, here.manages + around.rules),
        Demand(field, f"on {name}", given.owns, here.owns + around.owns),
    ]


async def _problem(
    request: Request, binding: Binding, context: str, others: Iterable[Binding], looks: Looks
) -> Denied | None:
    """What is wrong with a new binding, whoever makes it."""
    if request.old is not None:
        return None  # its role cannot change, and others like it were there before
    role = await looks.role_template(binding.role)
    if role is not None and (unfit := _unfit(role, context)):
        return Denied(422, f"roleTemplateName: {unfit}")
    twin = next((other for other in others if _twins(binding, other)), None)
    if twin is not None:
        return Denied(
            409,
            f"{request.resource} {twin.name} in namespace {twin.namespace} gives RoleTemplate {binding.role} to "
            "the same subject already; there is nothing to do",
        )
    return None


def _unfit(role: RoleTemplate, context: str) -> str:
    if role.locked:
        return f"RoleTemplate {role.name} is locked and cannot be given to anybody new; name another"
    if role.context != context:
        found = f'has context "{role.context}"' if role.context else "has no context and can only be inherited"
        return f"RoleTemplate {role.name} {found}; name one with context {context}"
    return ""


def _twins(one: Binding, other: Binding) -> bool:
    different = (one.namespace, one.name) != (other.namespace, other.name)
    return different and not other.deleting and one.role == other.role and _same(one.naming, other.naming)


def _same(one: Naming, other: Naming) -> bool:
    fields = ("user", "user_principal", "group", "group_principal", "service_account")
    return any(getattr(one, field) and getattr(one, field) == getattr(other, field) for field in fields)
