"""Checks of the bindings of roles. Without a `ceiling`, the requester has the verb that
makes comparing rights needless."""

from __future__ import annotations

from collections.abc import Iterable

from drover.admission.escalation import Bypass, Ceiling, Demand, Words, who
from drover.admission.looks import Granted, Looks
from drover.admission.review import Allowed, Denied, Request
from drover.admission.roles import UNREADABLE, global_demands, in_cluster, unfit
from drover.rules.rbac import held, reading
from drover.rules.rbac.facts import Binding, Naming, RoleTemplate
from drover.rules.rbac.graph import KUBERNETES_ROLES, Resolved
from drover.rules.rbac.held import Effect
from drover.rules.rbac.suggested import alike, fits, such_as, templates


async def global_binding(request: Request, looks: Looks, ceiling: Ceiling | None) -> Allowed | Denied:
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
    if ceiling is None:
        return Allowed()
    if role is None:
        demands = [Demand("globalRoleName", "", (), unknown=(f"GlobalRole {binding.role}",))]
    else:
        demands = await global_demands(role, looks, request)
    mine = [one.name for one in held.global_roles(looks.facts, who(request.requester))]
    instead = alike(binding.role, [one.name for one in looks.facts.global_roles()])
    words = _words(f"GlobalRole {binding.role}", mine, instead)
    return await ceiling.exceeded(request.requester, demands, bypass, words) or Allowed()


async def cluster_binding(request: Request, looks: Looks, ceiling: Ceiling | None) -> Allowed | Denied:
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
    if ceiling is None:
        return Allowed()
    mine = held.in_cluster(looks.facts, binding.cluster, who(request.requester))
    granted, owned = await looks.granted(binding.role), await looks.held(mine)
    demands = in_cluster("roleTemplateName", f"cluster {binding.cluster}", granted, owned, binding.cluster)
    words = _of_template(binding, "cluster", mine, looks)
    return await ceiling.exceeded(request.requester, demands, bypass, words) or Allowed()


async def project_binding(request: Request, looks: Looks, ceiling: Ceiling | None) -> Allowed | Denied:
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
    if ceiling is None:
        return Allowed()
    me = who(request.requester)
    mine = held.in_project(looks.facts, binding.cluster, binding.project, me)
    here = await looks.held(mine)
    around = await looks.held(held.in_cluster(looks.facts, binding.cluster, me))
    demands = in_project("roleTemplateName", binding, await looks.granted(binding.role), here, around)
    words = _of_template(binding, "project", mine, looks)
    return await ceiling.exceeded(request.requester, demands, bypass, words) or Allowed()


def in_project(field: str, binding: Binding, granted: Granted, here: Effect, around: Effect) -> list[Demand]:
    """What a RoleTemplate gives in a project; the requester has `here` there, and `around` in its cluster."""
    given = granted.effect
    name = f"project {binding.cluster}:{binding.project}"
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


def _of_template(binding: Binding, context: str, mine: Iterable[Resolved], looks: Looks) -> Words:
    """How a refusal of a RoleTemplate is put. What the requester has there, it may give, but for external roles, of
    which that depends on where they are bound."""
    names = [one.name for one in mine if fits(one.role, context) and all(map(_known, one.externals))]
    instead = templates(binding.role, context, binding.cluster, looks.facts)
    return _words(f"RoleTemplate {binding.role}", names, instead)


def _words(role: str, mine: Iterable[str], instead: Iterable[str]) -> Words:
    """`mine` are roles that the requester may give, `instead` are some with a name like that of the role."""
    own = such_as(sorted(mine))
    bind = f"Bind a role that you have yourself{own}" if own else "Bind a role that gives no more than you have"
    return Words(f"{role} gives rights", bind, f"name another{such_as(instead)}, or create it first")


def _known(external: RoleTemplate) -> bool:
    return bool(external.external_rules) or external.name in KUBERNETES_ROLES


async def _problem(
    request: Request, binding: Binding, context: str, others: Iterable[Binding], looks: Looks
) -> Denied | None:
    """What is wrong with a new binding, whoever makes it."""
    if request.old is not None:
        return None  # its role cannot change, and others like it were there before
    role = await looks.role_template(binding.role)
    if role is not None and (problem := unfit(role, context)):
        fitting = such_as(templates(binding.role, context, binding.cluster, looks.facts))
        return Denied(422, f"roleTemplateName: {problem}{fitting}")
    twin = next((other for other in others if _twins(binding, other)), None)
    if twin is not None:
        return Denied(
            409,
            f"{request.resource} {twin.name} in namespace {twin.namespace} gives RoleTemplate {binding.role} to "
            "the same subject already; there is nothing to do",
        )
    return None


def _twins(one: Binding, other: Binding) -> bool:
    different = (one.namespace, one.name) != (other.namespace, other.name)
    return different and not other.deleting and one.role == other.role and _same(one.naming, other.naming)


def _same(one: Naming, other: Naming) -> bool:
    fields = ("user", "user_principal", "group", "group_principal", "service_account")
    return any(getattr(one, field) and getattr(one, field) == getattr(other, field) for field in fields)
