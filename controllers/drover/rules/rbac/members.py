"""What who has a role in a cluster or a project gets in the hub: they see it, and have their rights on what lies in its
namespace there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from drover.api.keys import MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.rbac import bindings, given, graph, names, policy, roles
from drover.rules.rbac.facts import Cluster, Facts, Project, Subject

SEES: Final = "get"
OWNS: Final = "get update delete patch create list watch deletecollection"
_LABELS: Final = {roles.MANAGEMENT_AGGREGATION: "true"}


def of_cluster(cluster: Cluster, facts: Facts) -> tuple[Object, ...]:
    """Who sees a Cluster, which everyone does who has a role in it or in a project of it, and who has rights in its
    namespace in the hub. A project role makes nobody an owner of the cluster."""
    owners: set[Subject] = set()
    members: set[Subject] = set()
    managed: list[Object] = []
    for name in given.cluster_roles(cluster.name, facts):
        resolved = graph.resolve(name, facts)
        who = given.holders(resolved, cluster.name, facts)
        (owners if resolved.owns_clusters else members).update(who)
        members.update(given.project_holders(resolved, cluster.name, facts))
        if who and resolved.manages_cluster:
            owners_of = given.owners(name, cluster.name, "cluster", facts)
            managed += _managed("cluster-mgmt", cluster.name, name, who, facts, owners_of)
    return (
        *_whole("clustermember", cluster.name, SEES, members - owners, facts),
        *_whole("clusterowner", cluster.name, OWNS, owners, facts),
        *managed,
    )


def of_project(project: Project, facts: Facts) -> tuple[Object, ...]:
    """Who sees a Project, and what its roles give in its backing namespace."""
    owners: set[Subject] = set()
    members: set[Subject] = set()
    managed: list[Object] = []
    for name, who in given.in_project(project.cluster, project.name, facts).items():
        resolved = graph.resolve(name, facts)
        (owners if resolved.owns_projects else members).update(who)
        if resolved.manages_project:
            owners_of = given.owners(name, project.cluster, "projects", facts, project.name)
            managed += _managed("project-mgmt", project.backing, name, who, facts, owners_of)
    return (
        *_named("projectmember", project, SEES, members - owners, facts),
        *_named("projectowner", project, OWNS, owners, facts),
        *managed,
    )


def managers(project: Project, facts: Facts) -> tuple[Object, ...]:
    """What the roles of its cluster give in the backing namespace of a project."""
    if not project.backing:
        return ()
    kept, key = facts.kept().managers, (project.cluster, facts.per_subject())
    if key not in kept:
        kept[key] = tuple(_managers(project.cluster, facts))
    return bindings.all_placed(kept[key], project.backing)


def _managers(cluster: str, facts: Facts) -> Iterable[Object]:
    """The same for any project of the cluster, without a namespace."""
    for name in given.cluster_roles(cluster, facts):
        resolved = graph.resolve(name, facts)
        if resolved.manages_project:
            owners = given.owners(name, cluster, "cluster", facts)
            yield from _managed("project-mgmt", "", name, given.holders(resolved, cluster, facts), facts, owners)


def _whole(mark: str, name: str, verbs: str, who: set[Subject], facts: Facts) -> Iterable[Object]:
    """A ClusterRole about one Cluster, and who has it."""
    if not who:
        return
    rule = policy.rule(verbs, MANAGEMENT, "clusters", name)
    role = names.role(mark, name)
    yield roles.role("ClusterRole", {"name": role}, (rule,))
    yield from bindings.cluster_wide(names.binding(mark, name), role, who, {}, per_subject=facts.per_subject())


def _named(mark: str, project: Project, verbs: str, who: set[Subject], facts: Facts) -> Iterable[Object]:
    """A Role about one Project, in the namespace of its cluster, and who has it."""
    if not who:
        return
    rule = policy.rule(verbs, MANAGEMENT, "projects", project.name)
    role = names.role(mark, project.name)
    metadata: dict[str, Any] = {"name": role, "namespace": project.cluster}
    yield roles.role("Role", metadata, (rule,))
    binding = names.binding(mark, project.name)
    yield from bindings.in_namespace(project.cluster, binding, ("Role", role), who, {}, per_subject=facts.per_subject())


def _managed(
    mark: str, namespace: str, name: str, who: Collection[Subject], facts: Facts, owners: bindings.Owners
) -> Iterable[Object]:
    """RoleBindings of a RoleTemplate's rights about what lies in a namespace of the hub."""
    role = ("ClusterRole", names.role(f"{mark}-aggregator", name))
    binding = names.binding(f"role-{mark}", name)
    each = facts.per_subject()
    return bindings.in_namespace(namespace, binding, role, who, _LABELS, per_subject=each, owners=owners)
