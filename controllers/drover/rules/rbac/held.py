"""What roles of Drover give, place by place, and what somebody has by them.

The same rule is worth more or less by where it holds: `*` in a project makes nobody its owner and opens no node, though
it covers a rule that would. So what a role gives is compared with what somebody has in each place by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from drover.api.keys import LOCAL_CLUSTER, MANAGEMENT
from drover.rules.rbac import subjects
from drover.rules.rbac.facts import Binding, Facts, GlobalRole, Rule
from drover.rules.rbac.graph import Resolved, cluster_managed, project_managed, resolve

_OWN = {what: Rule(("own",), (MANAGEMENT,), (what,)) for what in ("clusters", "projects")}
_MANAGE = {verb: Rule((verb,), (MANAGEMENT,), ("projects",)) for verb in ("manage-namespaces", "updatepsa")}


@dataclass(frozen=True, slots=True)
class Who:
    """A user name, and groups, as the kube-apiserver knows them."""

    user: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Effect:
    """Rights by place: where the role is bound (`rules`), in all of the cluster although it is bound in a project
    (`promoted`), in the hub's namespace of the cluster and in those of its projects (`in_cluster_namespace`,
    `in_project_namespace`), on the namespaces of the project (`manages`), and on the Cluster and Project themselves
    (`owns`)."""

    rules: tuple[Rule, ...] = ()
    promoted: tuple[Rule, ...] = ()
    in_cluster_namespace: tuple[Rule, ...] = ()
    in_project_namespace: tuple[Rule, ...] = ()
    manages: tuple[Rule, ...] = ()
    owns: tuple[Rule, ...] = ()

    def __add__(self, other: Effect) -> Effect:
        """Both together."""
        return Effect(
            self.rules + other.rules,
            self.promoted + other.promoted,
            self.in_cluster_namespace + other.in_cluster_namespace,
            self.in_project_namespace + other.in_project_namespace,
            self.manages + other.manages,
            self.owns + other.owns,
        )


def effect(role: Resolved) -> Effect:
    """What a RoleTemplate gives, wherever it is bound."""
    owns = (_OWN["clusters"], _OWN["projects"]) if role.owns_clusters else ()
    return Effect(
        rules=role.rules,
        promoted=role.promoted,
        in_cluster_namespace=tuple(rule for each in role.closure for rule in cluster_managed(each)),
        in_project_namespace=tuple(rule for each in role.closure for rule in project_managed(each)),
        manages=(
            *_only(_MANAGE["manage-namespaces"], role.creates_namespaces),
            *_only(_MANAGE["updatepsa"], role.updates_pod_security),
        ),
        owns=owns or _only(_OWN["projects"], role.owns_projects),
    )


def in_cluster(facts: Facts, cluster: str, who: Who) -> tuple[Resolved, ...]:
    """The roles that somebody has in all of a cluster."""
    names = [binding.role for binding in _of(who, facts.cluster_bindings(cluster), facts)]
    found = _given(names, "cluster", facts)
    return found if cluster == LOCAL_CLUSTER else found + in_members(facts, global_roles(facts, who))


def in_project(facts: Facts, cluster: str, project: str, who: Who) -> tuple[Resolved, ...]:
    """The roles that somebody has in a project; those that they have in its cluster are more."""
    there = facts.project(cluster, project)
    if there is None or not there.backing:
        return ()
    bindings = [one for one in facts.project_bindings(cluster, project) if one.namespace == there.backing]
    return _given((binding.role for binding in _of(who, bindings, facts)), "project", facts)


def in_members(facts: Facts, roles: Iterable[GlobalRole]) -> tuple[Resolved, ...]:
    """The roles that GlobalRoles give in every cluster but the hub."""
    return _given((name for role in roles for name in role.cluster_roles), "cluster", facts)


def together(roles: Iterable[Resolved]) -> Effect:
    """What several roles give."""
    found = Effect()
    for role in roles:
        found += effect(role)
    return found


def global_roles(facts: Facts, who: Who) -> list[GlobalRole]:
    """The GlobalRoles that somebody has."""
    return [
        role
        for role in facts.global_roles()
        if not role.deleting and any(True for _ in _of(who, facts.global_bindings(role.name), facts))
    ]


def _of(who: Who, bindings: Collection[Binding], facts: Facts) -> Iterator[Binding]:
    for binding in bindings:
        if binding.deleting:
            continue
        named = subjects.resolve(binding.naming, facts)
        if isinstance(named, tuple) and any(subjects.matches(one, who.user, who.groups) for one in named):
            yield binding


def _given(names: Iterable[str], context: str, facts: Facts) -> tuple[Resolved, ...]:
    roles = (resolve(name, facts) for name in dict.fromkeys(names))
    return tuple(one for one in roles if not one.problem(context) and one.role is not None and not one.role.deleting)


def _only(rule: Rule, given: bool) -> tuple[Rule, ...]:
    return (rule,) if given else ()
