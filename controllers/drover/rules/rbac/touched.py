"""Which units a change touches, so that a change costs in proportion to what it changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final

from drover.api.keys import LOCAL_CLUSTER
from drover.kube.gvr import Object
from drover.rules.rbac import compiling, given, global_roles, graph, reading, roles, subjects
from drover.rules.rbac.facts import Binding, Cluster, Facts, GlobalRole, Project, RoleTemplate, User
from drover.rules.rbac.units import Unit


def touched(kind: str, old: Object | None, new: Object | None, facts: Facts) -> set[Unit]:
    """The units to compile again after an object came (`old` None), changed or went (`new` None). `facts` are those
    after the change. Without a change of anything that is compiled there are none."""
    known = _KINDS.get(kind)
    if known is None:
        return set()
    read, follow = known
    before, after = (read(obj) if obj is not None else None for obj in (old, new))
    if before == after:
        return set()
    return follow([value for value in (before, after) if value is not None], facts)


def units_of(binding: Binding, facts: Facts) -> tuple[Unit, ...]:
    """What must be written for a binding to be in force, sorted; nothing where it gives nothing to anybody."""
    if binding.deleting or not isinstance(subjects.resolve(binding.naming, facts), tuple):
        return ()
    if not binding.cluster:
        return tuple(sorted(_of_global_binding(binding, facts)))
    if graph.resolve(binding.role, facts).problem("project" if binding.project else "cluster"):
        return ()
    project = facts.project(binding.cluster, binding.project)
    if binding.project and (project is None or project.backing != binding.namespace):
        return ()
    return tuple(sorted(_of_binding(binding, facts)))


def _naming(binding: Binding, facts: Facts) -> set[Unit]:
    """All that lists the subjects of a binding."""
    return _of_binding(binding, facts) if binding.cluster else _of_global_binding(binding, facts)


def _bindings(values: Iterable[Binding], facts: Facts) -> set[Unit]:
    return {unit for binding in values for unit in _of_binding(binding, facts)}


def _of_binding(binding: Binding, facts: Facts) -> set[Unit]:
    """A binding of a cluster or a project."""
    if facts.cluster(binding.cluster) is None:
        return set()
    found = _of_role_in(binding.role, binding.cluster, facts, in_cluster=not binding.project)
    if binding.project and facts.project(binding.cluster, binding.project) is not None:
        name = f"{binding.cluster}:{binding.project}"
        found |= {Unit("project", binding.cluster, binding.project), Unit("project-members", LOCAL_CLUSTER, name)}
    return found


def _of_role_in(role: str, cluster: str, facts: Facts, *, in_cluster: bool) -> set[Unit]:
    """Who has a role in a cluster: as a whole (`in_cluster`), or in some project."""
    found = compiling.of_role(role, cluster, facts) | {Unit("cluster-members", LOCAL_CLUSTER, cluster)}
    if in_cluster and graph.resolve(role, facts).manages_project:
        found |= _managers(cluster, facts)
    return found


def _managers(cluster: str, facts: Facts) -> set[Unit]:
    names = (f"{cluster}:{project.name}" for project in facts.projects(cluster))
    return {Unit("project-managers", LOCAL_CLUSTER, name) for name in names}


def _global_bindings(values: Iterable[Binding], facts: Facts) -> set[Unit]:
    return {unit for binding in values for unit in _of_global_binding(binding, facts)}


def _of_global_binding(binding: Binding, facts: Facts) -> set[Unit]:
    role = facts.global_role(binding.role)
    return _of_global_role(role, facts) if role is not None else set()


def _global_roles(values: Iterable[GlobalRole], facts: Facts) -> set[Unit]:
    return {unit for role in values for unit in _of_global_role(role, facts)}


def _of_global_role(role: GlobalRole, facts: Facts) -> set[Unit]:
    """A GlobalRole in the hub, and in each member where it reaches that far."""
    found = {Unit("global", LOCAL_CLUSTER, role.name)}
    reaches = global_roles.reaches_members(role)
    if reaches or role.cluster_roles:
        for cluster in facts.clusters():
            if cluster.name == LOCAL_CLUSTER:
                continue
            if reaches:
                found.add(Unit("global", cluster.name, role.name))
            for name in role.cluster_roles:
                found |= _of_role_in(name, cluster.name, facts, in_cluster=True)
    return found


def _role_templates(values: Sequence[RoleTemplate], facts: Facts) -> set[Unit]:
    """A RoleTemplate: wherever it or an heir is bound, all that inherit from it and all that it inherits or did."""
    name = values[0].name if values else ""
    heirs = graph.heirs(name, facts)
    seen = _seen_in_place(values[0], heirs, facts) if len(values) > 1 else frozenset(heirs)
    below = {each for value in values for parent in value.parents for each in _closure(parent, facts)}
    found: set[Unit] = set()
    for heir in heirs:
        givers = facts.global_roles_with(heir)
        given_everywhere = any(any(given.living(facts.global_bindings(role.name))) for role in givers)
        clusters = set(facts.clusters_with(heir))
        if given_everywhere:
            clusters.update(cluster.name for cluster in facts.clusters() if cluster.name != LOCAL_CLUSTER)
        for cluster in clusters:
            if facts.cluster(cluster) is None:
                continue
            if heir in seen:
                found |= _in_place(heir, cluster, facts)
            for each in {*heirs, *below}:
                found |= {Unit("role", cluster, each), Unit("management", LOCAL_CLUSTER, each)}
    return found


def _seen_in_place(before: RoleTemplate, heirs: Iterable[str], facts: Facts) -> frozenset[str]:
    """The heirs of a changed RoleTemplate of which bindings show something else now. Mostly it is only a rule that has
    changed, which is in the units of the role alone, however many projects it is bound in."""

    def earlier(name: str) -> RoleTemplate | None:
        return before if name == before.name else facts.role_template(name)

    return frozenset(
        heir for heir in heirs if _shown(graph.closed(heir, earlier)) != _shown(graph.resolve(heir, facts))
    )


def _shown(resolved: graph.Resolved) -> tuple[object, ...]:
    """What the units of a place say about a role that is bound there."""
    role = resolved.role
    return (
        resolved.problem("cluster"),
        resolved.problem("project"),
        role is not None and roles.given_in_project(resolved, role),
        resolved.creates_namespaces,
        resolved.updates_pod_security,
        resolved.owns_clusters,
        resolved.owns_projects,
        resolved.manages_cluster,
        resolved.manages_project,
    )


def _in_place(role: str, cluster: str, facts: Facts) -> set[Unit]:
    """The units that say what a role gives where it is bound in a cluster."""
    found = {Unit("cluster-members", LOCAL_CLUSTER, cluster)}
    for project in facts.projects_with(role, cluster):
        name = f"{cluster}:{project}"
        found |= {Unit("project", cluster, project), Unit("project-members", LOCAL_CLUSTER, name)}
    if facts.cluster_namings(role, cluster) or cluster != LOCAL_CLUSTER:
        found |= _managers(cluster, facts)
    return found


def _closure(name: str, facts: Facts) -> tuple[str, ...]:
    return (name, *(each.name for each in graph.resolve(name, facts).closure))


def _users(values: Sequence[User], facts: Facts) -> set[Unit]:
    """A User: every binding that names it, or a principal that it has or had."""
    identities = {values[0].name} if values else set()
    identities |= {principal for user in values for principal in user.principals}
    naming = {
        binding.uid: binding
        for identity in identities
        for binding in facts.bindings_naming(identity.removeprefix(subjects.LOCAL))
    }
    return {unit for binding in naming.values() for unit in _naming(binding, facts)}


def _clusters(values: Collection[Cluster], facts: Facts) -> set[Unit]:
    """A Cluster that came, went or begins to go: all that is in it."""
    return {unit for name in {cluster.name for cluster in values} for unit in compiling.of_cluster(name, facts)}


def _projects(values: Collection[Project], facts: Facts) -> set[Unit]:
    """A Project: the units about it, and those of the roles that are bound in it."""
    found: set[Unit] = set()
    for cluster, name in {(project.cluster, project.name) for project in values}:
        found |= compiling.of_project(cluster, name)
        for role in {binding.role for binding in facts.project_bindings(cluster, name)}:
            found |= _of_role_in(role, cluster, facts, in_cluster=False)
    return found


def _workspaces(_: Collection[str], facts: Facts) -> set[Unit]:
    """A FleetWorkspace: the GlobalRoles that give rights in all of them."""
    having = (role for role in facts.global_roles() if role.workspace_rules or role.workspace_verbs)
    return {Unit("global", LOCAL_CLUSTER, role.name) for role in having}


_KINDS: Final[dict[str, tuple[Callable[[object], Any], Callable[[Any, Facts], set[Unit]]]]] = {
    "Cluster": (reading.cluster, _clusters),
    "ClusterRoleTemplateBinding": (reading.cluster_binding, _bindings),
    "FleetWorkspace": (reading.name, _workspaces),
    "GlobalRole": (reading.global_role, _global_roles),
    "GlobalRoleBinding": (reading.global_binding, _global_bindings),
    "Project": (reading.project, _projects),
    "ProjectRoleTemplateBinding": (reading.project_binding, _bindings),
    "RoleTemplate": (reading.role_template, _role_templates),
    "User": (reading.user, _users),
}

KINDS: Final = tuple(_KINDS)
"""The kinds whose changes touch anything."""
