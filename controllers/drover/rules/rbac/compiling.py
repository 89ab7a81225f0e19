"""Compiles a unit: what RBAC objects a cluster should hold for one role, project or cluster."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from drover.api.keys import LOCAL_CLUSTER, MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.ownership import Owner
from drover.rules.rbac import bindings, given, global_roles, graph, members, names, policy, roles
from drover.rules.rbac.facts import Cluster, Facts, GlobalRole, Project, RoleTemplate, Subject
from drover.rules.rbac.units import Compiled, Unit

_NOTHING = Compiled(None)


def compile_unit(unit: Unit, facts: Facts) -> Compiled:
    """What a unit should hold. Nothing in a member that is being deleted; what the hub holds about it stays until it is
    gone, so that its owners see it go."""
    if unit.kind == "role":
        return _role(unit, facts)
    if unit.kind == "management":
        return _management(unit.name, facts)
    if unit.kind == "global":
        return _global(unit, facts)
    if unit.kind == "project":
        project = facts.project(unit.cluster, unit.name)
        return _project(project, facts) if project is not None else _NOTHING
    if unit.kind == "cluster-members":
        cluster = facts.cluster(unit.name)
        return Compiled(_owner(cluster), members.of_cluster(cluster, facts)) if cluster is not None else _NOTHING
    cluster_name, _, name = unit.name.partition(":")
    project = facts.project(cluster_name, name)
    if project is None or facts.cluster(cluster_name) is None:
        return _NOTHING
    compiled = members.of_project if unit.kind == "project-members" else members.managers
    return Compiled(_owner(project), compiled(project, facts))


def all_units(facts: Facts) -> set[Unit]:
    """Every unit that may hold anything."""
    found: set[Unit] = set()
    for cluster in facts.clusters():
        found |= of_cluster(cluster.name, facts)
    for role in facts.global_roles():
        found.add(Unit("global", LOCAL_CLUSTER, role.name))
    return found


def of_cluster(cluster: str, facts: Facts) -> set[Unit]:
    """The units that may hold anything in a cluster or about it."""
    found = {Unit("cluster-members", LOCAL_CLUSTER, cluster)}
    for project in facts.projects(cluster):
        found |= of_project(cluster, project.name)
    for name in given.cluster_roles(cluster, facts):
        found |= of_role(name, cluster, facts)
    if cluster != LOCAL_CLUSTER:
        reaching = (role.name for role in facts.global_roles() if global_roles.reaches_members(role))
        found.update(Unit("global", cluster, name) for name in reaching)
    return found


def of_project(cluster: str, project: str) -> set[Unit]:
    """The units about a project."""
    name = f"{cluster}:{project}"
    return {
        Unit("project", cluster, project),
        Unit("project-members", LOCAL_CLUSTER, name),
        Unit("project-managers", LOCAL_CLUSTER, name),
    }


def of_role(name: str, cluster: str, facts: Facts) -> set[Unit]:
    """The units of a RoleTemplate in a cluster, and of all that it inherits."""
    found: set[Unit] = set()
    for inherited in (name, *(each.name for each in graph.resolve(name, facts).closure)):
        found |= {Unit("role", cluster, inherited), Unit("management", LOCAL_CLUSTER, inherited)}
    return found


def desired(facts: Facts) -> dict[Unit, Compiled]:
    """All that all clusters should hold."""
    compiled = {unit: compile_unit(unit, facts) for unit in sorted(all_units(facts))}
    return {unit: each for unit, each in compiled.items() if each.objects or each.in_namespaces or each.external}


def _role(unit: Unit, facts: Facts) -> Compiled:
    """A RoleTemplate in a cluster: its ClusterRoles where it or an heir is bound, and who has it there."""
    resolved = graph.resolve(unit.name, facts)
    template, cluster = resolved.role, facts.cluster(unit.cluster)
    if template is None or cluster is None or cluster.deleting:
        return Compiled(_owner(template))
    in_cluster = any(given.in_cluster(resolved, cluster.name, facts))
    in_projects = any(given.in_projects(resolved, cluster.name, facts))
    inherited = _heir_is_bound(template, cluster, facts)
    if not (in_cluster or in_projects or inherited):
        return Compiled(_owner(template))
    adds_up = in_projects and roles.wraps(resolved) if template.external else in_cluster or in_projects
    external = [each for each in resolved.externals if each.name not in resolved.reserved] if adds_up else ()
    return Compiled(
        _owner(template),
        (
            *roles.of_role_template(resolved, in_cluster=in_cluster, in_projects=in_projects),
            *_everywhere(
                names.binding("role", unit.name),
                roles.given_in_cluster(template),
                given.holders(resolved, cluster.name, facts),
                facts,
                given.owners(unit.name, cluster.name, "cluster", facts),
            ),
            *_everywhere(
                names.binding("role-promoted", unit.name),
                names.role("promoted-aggregator", unit.name),
                given.project_holders(resolved, cluster.name, facts) if resolved.promoted else (),
                facts,
                given.owners(unit.name, cluster.name, "projects", facts),
            ),
        ),
        external={each.name: roles.mark(each) for each in external},
    )


def _heir_is_bound(template: RoleTemplate, cluster: Cluster, facts: Facts) -> bool:
    for name in graph.heirs(template.name, facts)[1:]:
        heir = graph.resolve(name, facts)
        if any(given.in_cluster(heir, cluster.name, facts)) or any(given.in_projects(heir, cluster.name, facts)):
            return True
    return False


def _everywhere(
    name: str, role: str, who: Collection[Subject], facts: Facts, owners: bindings.Owners
) -> tuple[Object, ...]:
    labels = {roles.AGGREGATION: "true"}
    return bindings.cluster_wide(name, role, who, labels, per_subject=facts.per_subject(), owners=owners)


def _management(name: str, facts: Facts) -> Compiled:
    resolved = graph.resolve(name, facts)
    bound = given.anywhere(name, facts)
    wanted = bound or any(given.anywhere(heir, facts) for heir in graph.heirs(name, facts)[1:])
    objects = roles.for_management(resolved, bound=bound) if wanted else ()
    return Compiled(_owner(resolved.role), objects)


def _global(unit: Unit, facts: Facts) -> Compiled:
    role, cluster = facts.global_role(unit.name), facts.cluster(unit.cluster)
    if role is None:
        return _NOTHING
    if unit.cluster == LOCAL_CLUSTER:
        return Compiled(_owner(role), global_roles.in_hub(role, facts))
    objects = global_roles.in_member(role, facts) if cluster is not None and not cluster.deleting else ()
    return Compiled(_owner(role), objects)


def _project(project: Project, facts: Facts) -> Compiled:
    """The rights in the namespaces of a project, and who may add namespaces or change their pod security."""
    cluster = facts.cluster(project.cluster)
    if cluster is None or cluster.deleting or project.deleting:
        return Compiled(_owner(project))
    editors: set[Subject] = set()
    securers: set[Subject] = set()
    grants: list[Object] = []
    for name, who in given.in_project(project.cluster, project.name, facts).items():
        resolved = graph.resolve(name, facts)
        if resolved.role is None:
            continue
        editors.update(who if resolved.creates_namespaces else ())
        securers.update(who if resolved.updates_pod_security else ())
        role = ("ClusterRole", roles.given_in_project(resolved, resolved.role))
        grants += bindings.in_namespace(
            "",
            names.binding("role", name),
            role,
            who,
            {roles.AGGREGATION: "true"},
            per_subject=facts.per_subject(),
            owners=given.owners(name, project.cluster, "projects", facts, project.name),
        )
    return Compiled(
        _owner(project),
        (
            *_about("namespaces-edit", project, "manage-namespaces", editors, facts),
            *_about("namespaces-psa", project, "updatepsa", securers, facts),
        ),
        project=f"{project.cluster}:{project.name}",
        in_namespaces=tuple(grants),
    )


def _about(mark: str, project: Project, verb: str, who: set[Subject], facts: Facts) -> Iterable[Object]:
    """A ClusterRole with a verb on a project that admission asks for in its cluster, and who has it."""
    if not who:
        return
    role = names.role(mark, project.name)
    rule = policy.rule(verb, MANAGEMENT, "projects", project.name)
    yield roles.role("ClusterRole", {"name": role}, (rule,))
    binding = names.binding(mark, project.name)
    yield from bindings.cluster_wide(binding, role, who, {}, per_subject=facts.per_subject())


def _owner(value: RoleTemplate | GlobalRole | Project | Cluster | None) -> Owner | None:
    if value is None:
        return None
    namespace = value.cluster if isinstance(value, Project) else ""
    return Owner(f"{type(value).__name__}.{MANAGEMENT}", namespace, value.name, value.uid)
