"""Which bindings a unit of rights is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drover.api.keys import LOCAL_CLUSTER
from drover.kinds.resources import CLUSTER_BINDINGS, GLOBAL_ROLE_BINDINGS, PROJECT_BINDINGS
from drover.kube.gvr import GVR, Key
from drover.rules.rbac.facts import Binding, Facts
from drover.rules.rbac.graph import heirs
from drover.rules.rbac.units import Unit


def concerned(unit: Unit, facts: Facts) -> set[tuple[GVR, Key]]:
    """The bindings, by kind and key, whose rights may be in a unit: at a cost in proportion to their number."""
    return {_key(binding) for binding in _bindings(unit, facts)}


def _bindings(unit: Unit, facts: Facts) -> Iterator[Binding]:
    if unit.kind == "global":
        yield from facts.global_bindings(unit.name)
    elif unit.kind == "cluster-members":
        yield from _in_cluster(unit.name, facts)
    elif unit.kind == "project":
        yield from facts.project_bindings(unit.cluster, unit.name)
    elif unit.kind in ("project-members", "project-managers"):
        cluster, _, project = unit.name.partition(":")
        yield from facts.project_bindings(cluster, project)
        if unit.kind == "project-managers":
            yield from facts.cluster_bindings(cluster)
    else:
        clusters = None if unit.kind == "management" else (unit.cluster,)
        for name in heirs(unit.name, facts):
            for cluster in clusters or facts.clusters_with(name):
                yield from facts.bindings_of(name, cluster)
            if unit.kind == "management" or unit.cluster != LOCAL_CLUSTER:
                yield from _global((role.name for role in facts.global_roles_with(name)), facts)


def _in_cluster(cluster: str, facts: Facts) -> Iterator[Binding]:
    yield from facts.cluster_bindings(cluster)
    for project in facts.projects(cluster):
        yield from facts.project_bindings(cluster, project.name)
    yield from _global((role.name for role in facts.global_roles() if role.cluster_roles), facts)


def _global(roles: Iterable[str], facts: Facts) -> Iterator[Binding]:
    for role in roles:
        yield from facts.global_bindings(role)


def _key(binding: Binding) -> tuple[GVR, Key]:
    gvr = GLOBAL_ROLE_BINDINGS
    if binding.cluster:
        gvr = PROJECT_BINDINGS if binding.project else CLUSTER_BINDINGS
    return gvr, Key(binding.namespace, binding.name)
