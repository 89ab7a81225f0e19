"""Who has a role where, by the bindings in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drover.api.keys import LOCAL_CLUSTER
from drover.rules.rbac import graph, names, subjects
from drover.rules.rbac.bindings import Owners
from drover.rules.rbac.facts import Binding, Facts, Naming, Subject
from drover.rules.rbac.kept import Reach


def in_cluster(resolved: graph.Resolved, cluster: str, facts: Facts) -> Iterator[Naming]:
    """Whom bindings name that give a role in a whole cluster; those of GlobalRoles do in every one but the hub's."""
    if resolved.problem("cluster"):
        return
    yield from facts.cluster_namings(resolved.name, cluster)
    if cluster != LOCAL_CLUSTER:
        for role in facts.global_roles_with(resolved.name):
            yield from (binding.naming for binding in living(facts.global_bindings(role.name)))


def in_projects(resolved: graph.Resolved, cluster: str, facts: Facts) -> Iterator[Naming]:
    """Whom bindings name that give a role in any project of a cluster."""
    if not resolved.problem("project"):
        yield from facts.project_namings(resolved.name, cluster)


def holders(resolved: graph.Resolved, cluster: str, facts: Facts) -> frozenset[Subject]:
    """Who has a role in a whole cluster."""
    return _holders("cluster", resolved, cluster, facts)


def project_holders(resolved: graph.Resolved, cluster: str, facts: Facts) -> frozenset[Subject]:
    """Who has a role in any project of a cluster."""
    return _holders("projects", resolved, cluster, facts)


def _holders(reach: Reach, resolved: graph.Resolved, cluster: str, facts: Facts) -> frozenset[Subject]:
    kept, key = facts.kept().holders, (reach, resolved.name, cluster)
    if key not in kept:
        namings = in_cluster if reach == "cluster" else in_projects
        kept[key] = frozenset(subjects.of(namings(resolved, cluster, facts), facts))
    return kept[key]


def in_project(cluster: str, project: str, facts: Facts) -> dict[str, set[Subject]]:
    """Who has which role in a project; without roles that nobody has. Bindings that lie elsewhere than in the project's
    namespace give nothing: who writes there need have no say in this project."""
    found = facts.project(cluster, project)
    namings: dict[str, list[Naming]] = {}
    for binding in living(facts.project_bindings(cluster, project)):
        if found is not None and binding.namespace == found.backing:
            namings.setdefault(binding.role, []).append(binding.naming)
    given = {role: subjects.of(some, facts) for role, some in sorted(namings.items())}
    return {role: who for role, who in given.items() if who and not graph.resolve(role, facts).problem("project")}


def owners(role: str, cluster: str, reach: Reach, facts: Facts, project: str = "") -> Owners:
    """Labels that name the bindings by which subjects have a role: in a whole cluster, or in projects of it (or one
    `project`). Only where each subject has a binding of its own: one that many share would change with each."""
    found: dict[Subject, dict[str, str]] = {}
    if not facts.per_subject():
        return found
    for binding in living(facts.bindings_of(role, cluster)):
        there = facts.project(cluster, binding.project) if binding.project else None
        if bool(binding.project) is not (reach == "projects") or (project and binding.project != project):
            continue
        if binding.project and (there is None or there.backing != binding.namespace):
            continue
        label = names.owner_label("prtb-owner" if binding.project else "crtb-owner", binding.name)
        for subject in subjects.of((binding.naming,), facts):
            found.setdefault(subject, {})[label] = "true"
    return found


def cluster_roles(cluster: str, facts: Facts) -> list[str]:
    """The RoleTemplates that may be given in a whole cluster: those that its bindings name, and those that GlobalRoles
    give."""
    found = set(facts.roles_in(cluster))
    if cluster != LOCAL_CLUSTER:
        found.update(name for role in facts.global_roles() for name in role.cluster_roles)
    return sorted(found)


def living(bindings: Iterable[Binding]) -> Iterator[Binding]:
    """Bindings that are not being deleted."""
    return (binding for binding in bindings if not binding.deleting)


def anywhere(name: str, facts: Facts) -> bool:
    """Whether a role is given to anyone in any cluster."""
    resolved = graph.resolve(name, facts)
    clusters = [cluster for cluster in facts.clusters_with(name) if facts.cluster(cluster) is not None]
    if not resolved.problem("project"):
        return any(facts.project_namings(name, cluster) for cluster in clusters)
    if resolved.problem("cluster"):
        return False
    if any(facts.cluster_namings(name, cluster) for cluster in clusters):
        return True
    given = any(any(living(facts.global_bindings(role.name))) for role in facts.global_roles_with(name))
    return given and any(cluster.name != LOCAL_CLUSTER for cluster in facts.clusters())
