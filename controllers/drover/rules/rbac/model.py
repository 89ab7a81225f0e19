"""Who may do what, and why: answered from roles and bindings themselves, not from what is compiled from them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from drover.api.keys import LOCAL_CLUSTER, MANAGEMENT
from drover.rules.rbac import given, graph, policy, roles, subjects
from drover.rules.rbac.facts import Binding, Facts, Project, RoleTemplate, Rule, Subject
from drover.rules.rbac.global_roles import administers
from drover.rules.rbac.members import OWNS, SEES

ProjectOf = Callable[[str], str]
"""The project that a namespace of the cluster is in, as `<cluster>:<project>`; empty where it is in none."""

RulesOf = Callable[[RoleTemplate], tuple[Rule, ...]]
"""The rules of a RoleTemplate itself. Those of an external one are its ClusterRole's, which are not among the facts."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to do: a verb on a resource, or (`url`) on a path that is none."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    namespace: str = ""
    url: str = ""

    def by(self, rule: Rule) -> bool:
        """Whether a rule allows it."""
        if self.url:
            return policy.covers_url(rule, self.verb, self.url)
        resource = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        return policy.covers(rule, self.verb, self.group, resource, self.name)


@dataclass(frozen=True, slots=True)
class Chain:
    """Why something is allowed: a binding, the roles from the one that it names to the one that says it, and the rule.

    `through` says how a rule comes to count where it does: empty where the role is simply given there, else one of
    `promoted`, `namespace`, `member`, `owner`, `management`, `project`, `workspace`, `administrator`.
    """

    binding: Binding
    roles: tuple[str, ...]
    rule: Rule
    through: str = ""


def allowed(
    facts: Facts,
    cluster: str,
    user: str,
    groups: Collection[str],
    request: Request,
    project_of: ProjectOf,
    rules_of: RulesOf = graph.stated,
) -> Chain | None:
    """Why a user in some groups may do something in a cluster; None where nothing that is compiled allows it."""
    for chain in chains(facts, cluster, request, project_of, rules_of):
        found = subjects.resolve(chain.binding.naming, facts)
        if isinstance(found, tuple) and any(subjects.matches(one, user, groups) for one in found):
            return chain
    return None


def who_can(
    facts: Facts, cluster: str, request: Request, project_of: ProjectOf, rules_of: RulesOf = graph.stated
) -> tuple[tuple[Subject, Chain], ...]:
    """Who may do something in a cluster, sorted, each with one reason."""
    found: dict[Subject, Chain] = {}
    for chain in chains(facts, cluster, request, project_of, rules_of):
        resolved = subjects.resolve(chain.binding.naming, facts)
        for one in resolved if isinstance(resolved, tuple) else ():
            found.setdefault(one, chain)
    return tuple(sorted(found.items(), key=lambda item: item[0]))


def chains(
    facts: Facts, cluster: str, request: Request, project_of: ProjectOf, rules_of: RulesOf = graph.stated
) -> Iterator[Chain]:
    """All bindings that allow something in a cluster, whoever they name."""
    place = facts.cluster(cluster)
    if place is not None and not place.deleting:
        yield from _in_cluster(facts, cluster, request, rules_of)
        for project in sorted(facts.projects(cluster), key=lambda each: each.name):
            yield from _in_project(facts, project, request, project_of, rules_of)
        if cluster != LOCAL_CLUSTER:
            yield from _of_global_roles(facts, request)
    if cluster == LOCAL_CLUSTER:
        yield from _in_hub(facts, request)
        for each in sorted(facts.clusters(), key=lambda one: one.name):
            yield from _about_cluster(facts, each.name, request)
            for project in sorted(facts.projects(each.name), key=lambda one: one.name):
                yield from _about_project(facts, project, request)


def _in_cluster(facts: Facts, cluster: str, request: Request, rules_of: RulesOf) -> Iterator[Chain]:
    """Roles given in the whole cluster."""
    for binding, resolved in _cluster_wide(facts, cluster):
        yield from _first(binding, resolved, request, rules_of)


def _cluster_wide(facts: Facts, cluster: str) -> Iterator[tuple[Binding, graph.Resolved]]:
    for binding in _sorted(facts.cluster_bindings(cluster)):
        resolved = graph.resolve(binding.role, facts)
        if not resolved.problem("cluster"):
            yield binding, resolved
    for role in sorted(facts.global_roles(), key=lambda each: each.name) if cluster != LOCAL_CLUSTER else ():
        given_roles = [graph.resolve(name, facts) for name in role.cluster_roles]
        for binding in _sorted(facts.global_bindings(role.name)):
            yield from ((binding, resolved) for resolved in given_roles if not resolved.problem("cluster"))


def _project_wide(facts: Facts, project: Project) -> Iterator[tuple[Binding, graph.Resolved]]:
    for binding in _sorted(facts.project_bindings(project.cluster, project.name)):
        resolved = graph.resolve(binding.role, facts)
        if binding.namespace == project.backing and not resolved.problem("project"):
            yield binding, resolved


def _in_project(
    facts: Facts, project: Project, request: Request, project_of: ProjectOf, rules_of: RulesOf
) -> Iterator[Chain]:
    """Roles given in a project: in its namespaces, and what they say about the whole cluster and the project itself."""
    inside = bool(request.namespace) and project_of(request.namespace) == f"{project.cluster}:{project.name}"
    for binding, resolved in _project_wide(facts, project):
        yield from _first(binding, resolved, request, graph.promoted, "promoted")
        if project.deleting:
            continue
        if inside and not request.url:
            yield from _first(binding, resolved, request, rules_of)
            # RBAC counts a request about a Namespace as one inside of it.
            own = roles.EDITS_NAMESPACE if resolved.creates_namespaces else roles.READS_NAMESPACE
            if roles.wraps(resolved) and request.by(own):
                yield Chain(binding, (binding.role,), own, "namespace")
        for says, verb in (
            (resolved.creates_namespaces, "manage-namespaces"),
            (resolved.updates_pod_security, "updatepsa"),
        ):
            rule = policy.rule(verb, MANAGEMENT, "projects", project.name)
            if says and request.by(rule):
                yield Chain(binding, (binding.role,), rule, "project")


def _of_global_roles(facts: Facts, request: Request) -> Iterator[Chain]:
    """What GlobalRoles give in every cluster but the hub's, beside RoleTemplates."""
    for role in sorted(facts.global_roles(), key=lambda each: each.name):
        everything = (policy.rule("*", "*", "*"), Rule(("*",), urls=("*",)))
        inside = role.inherited.get(request.namespace, ()) if request.namespace else ()
        for binding in _sorted(facts.global_bindings(role.name)):
            yield from _plain(binding, role.name, inside, request)
            if administers(role):
                yield from _plain(binding, role.name, everything, request, "administrator")


def _in_hub(facts: Facts, request: Request) -> Iterator[Chain]:
    """What GlobalRoles give in the hub."""
    workspaces = tuple(sorted(facts.workspaces()))
    for role in sorted(facts.global_roles(), key=lambda each: each.name):
        inside = role.namespaced.get(request.namespace, ()) if request.namespace else ()
        shared = role.workspace_rules if request.namespace in workspaces else ()
        verbs = Rule(role.workspace_verbs, (MANAGEMENT,), ("fleetworkspaces",), workspaces)
        for binding in _sorted(facts.global_bindings(role.name)):
            yield from _plain(binding, role.name, (*role.rules, *inside), request)
            yield from _plain(binding, role.name, shared, request, "workspace")
            yield from _plain(binding, role.name, (verbs,) if workspaces else (), request, "workspace")


def _about_cluster(facts: Facts, cluster: str, request: Request) -> Iterator[Chain]:
    """A Cluster in the hub, and what lies in its namespace."""
    for binding, resolved in _cluster_wide(facts, cluster):
        owner = resolved.owns_clusters
        rule = policy.rule(OWNS if owner else SEES, MANAGEMENT, "clusters", cluster)
        way = () if binding.cluster else (resolved.name,)
        yield from _plain(binding, binding.role, (rule,), request, "owner" if owner else "member", way)
        if request.namespace == cluster and not request.url:
            yield from _first(binding, resolved, request, graph.cluster_managed, "management")
        if request.namespace and not request.url and resolved.manages_project:
            backed = any(project.backing == request.namespace for project in facts.projects(cluster))
            if backed:
                yield from _first(binding, resolved, request, graph.project_managed, "management")


def _about_project(facts: Facts, project: Project, request: Request) -> Iterator[Chain]:
    """A Project in the hub, its Cluster, and what lies in its backing namespace."""
    for binding, resolved in _project_wide(facts, project):
        sees = policy.rule(SEES, MANAGEMENT, "clusters", project.cluster)
        yield from _plain(binding, binding.role, (sees,), request, "member")
        owner = resolved.owns_projects
        rule = policy.rule(OWNS if owner else SEES, MANAGEMENT, "projects", project.name)
        if request.namespace == project.cluster:
            yield from _plain(binding, binding.role, (rule,), request, "owner" if owner else "member")
        if request.namespace and request.namespace == project.backing and not request.url:
            yield from _first(binding, resolved, request, graph.project_managed, "management")


def _first(
    binding: Binding, resolved: graph.Resolved, request: Request, rules_of: RulesOf, through: str = ""
) -> Iterator[Chain]:
    """The first rule of a RoleTemplate or one that it inherits that allows the request."""
    for template in resolved.closure:
        if template.name in resolved.reserved:
            continue
        rule = next((each for each in rules_of(template) if request.by(each)), None)
        if rule is not None:
            path = _path(resolved, template.name)
            yield Chain(binding, path if binding.cluster else (binding.role, *path), rule, through)
            return


def _path(resolved: graph.Resolved, to: str) -> tuple[str, ...]:
    """The shortest way from a RoleTemplate to one that it inherits."""
    parents = {each.name: each.parents for each in resolved.closure if not each.external}
    ways: list[tuple[str, ...]] = [(resolved.name,)]
    seen = {resolved.name}
    for way in ways:
        if way[-1] == to:
            return way
        for parent in parents.get(way[-1], ()):
            if parent not in seen:
                seen.add(parent)
                ways.append((*way, parent))
    return (resolved.name, to)


def _plain(
    binding: Binding,
    role: str,
    rules: Iterable[Rule],
    request: Request,
    through: str = "",
    way: tuple[str, ...] = (),
) -> Iterator[Chain]:
    """The first of some rules of a role that allows the request; `way` are the roles that it leads on to."""
    rule = next((each for each in rules if request.by(each)), None)
    if rule is not None:
        yield Chain(binding, (role, *way), rule, through)


def _sorted(bindings: Iterable[Binding]) -> list[Binding]:
    return sorted(given.living(bindings), key=lambda each: (each.namespace, each.name))
