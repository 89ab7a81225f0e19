"""What a RoleTemplate amounts to with all that it inherits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from drover.api.keys import MANAGEMENT
from drover.rules.rbac.facts import Facts, RoleTemplate, Rule
from drover.rules.rbac.names import compiled
from drover.rules.rbac.policy import ALL, about, covers, literally, rule

Problem = Literal["", "Missing", "ContextMismatch", "ReservedName"]

CLUSTER_MANAGED: Final = {
    MANAGEMENT: (
        "clusterregistrationtokens",
        "clusterroletemplatebindings",
        "clusterscans",
        "etcdbackups",
        "nodepools",
        "nodes",
        "projects",
    ),
    "rke.cattle.io": ("etcdsnapshots",),
}
"""Resources in the hub's namespace of a cluster on which a cluster role gives its rights there."""

PROJECT_MANAGED: Final = {"": ("secrets",), MANAGEMENT: ("projectroletemplatebindings",)}
"""Resources in the backing namespace of a project on which a role gives its rights there."""

PROMOTED: Final = (
    ("", "nodes"),
    ("", "persistentvolumes"),
    ("apiregistration.k8s.io", "apiservices"),
    ("catalog.cattle.io", "clusterrepos"),
    ("storage.k8s.io", "storageclasses"),
    ("ui.cattle.io", "navlinks"),
)
"""Cluster-scoped resources on which a project role gives its rights in the whole cluster."""

_SECRETS: Final = rule("get list watch create update patch delete deletecollection", "", "secrets")
_NAMESPACES: Final = rule("get list watch", "", "namespaces")
KUBERNETES_ROLES: Final = {
    "cluster-admin": (rule(ALL, ALL, ALL), Rule((ALL,), urls=(ALL,))),
    "admin": (_SECRETS, _NAMESPACES),
    "edit": (_SECRETS, _NAMESPACES),
    "view": (_NAMESPACES,),
}
"""What is asked here about Kubernetes' own ClusterRoles, where a RoleTemplate does not say it in `externalRules`."""


@dataclass(frozen=True)
class Resolved:
    """A RoleTemplate and its closure: itself, then what it inherits, each once. An external one inherits nothing: its
    rights are those of its ClusterRole.

    `missing` are names that do not exist, of itself or in `roleTemplateNames`; `cycle` is one way from a RoleTemplate
    back to itself, in order; `reserved` are external RoleTemplates whose ClusterRole may be one that is compiled here:
    they give nothing.
    """

    name: str
    closure: tuple[RoleTemplate, ...] = ()
    missing: tuple[str, ...] = ()
    cycle: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()

    @property
    def role(self) -> RoleTemplate | None:
        """The RoleTemplate itself; None where it does not exist."""
        return self.closure[0] if self.closure else None

    @cached_property
    def externals(self) -> tuple[RoleTemplate, ...]:
        """The external RoleTemplates of the closure."""
        return tuple(each for each in self.closure if each.external)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, as far as they are known of external ones."""
        return tuple(found for each in self.closure for found in stated(each))

    @cached_property
    def says_nothing(self) -> bool:
        """Whether it allows nothing. What an external role allows, its ClusterRole says."""
        return bool(self.closure) and not self.rules and not self.externals

    @cached_property
    def promoted(self) -> tuple[Rule, ...]:
        """What its project roles give in the whole cluster."""
        return tuple(found for each in self.closure for found in promoted(each))

    @cached_property
    def creates_namespaces(self) -> bool:
        """Whether it may create namespaces, given in a project."""
        return self._any(lambda each: any(map(_creates_namespaces, promoted(each))))

    @cached_property
    def gets_namespaces(self) -> bool:
        """Whether it may get a namespace, given there."""
        return self._any(lambda each: any(covers(one, "get", "", "namespaces") for one in stated(each)))

    @cached_property
    def updates_pod_security(self) -> bool:
        """Whether it says `updatepsa` on projects."""
        return self._says("updatepsa", "projects", own_rules)

    @cached_property
    def owns_clusters(self) -> bool:
        """Whether it says `own` on clusters; `*` does not."""
        return self._says("own", "clusters", stated)

    @cached_property
    def owns_projects(self) -> bool:
        """Whether it says `own` on projects; `*` does not."""
        return self._says("own", "projects", stated)

    @cached_property
    def manages_cluster(self) -> bool:
        """Whether it gives rights on what is in the hub's namespace of a cluster."""
        return self._any(lambda each: bool(cluster_managed(each)))

    @cached_property
    def manages_project(self) -> bool:
        """Whether it gives rights on what is in the backing namespace of a project."""
        return self._any(lambda each: bool(project_managed(each)))

    def problem(self, context: str) -> Problem:
        """Why a binding of a context (`cluster` or `project`) does not give it; empty where it does."""
        role = self.role
        if role is None:
            return "Missing"
        if role.context != context:
            return "ContextMismatch"
        return "ReservedName" if role.name in self.reserved else ""

    def _any(self, test: Callable[[RoleTemplate], bool]) -> bool:
        return any(test(each) for each in self.closure)

    def _says(self, verb: str, resource: str, of: Callable[[RoleTemplate], Iterable[Rule]]) -> bool:
        return any(literally(one, verb, MANAGEMENT, resource) for each in self.closure for one in of(each))


def resolve(name: str, facts: Facts) -> Resolved:
    """A RoleTemplate by name, with its closure; of a cycle each is in it once."""
    kept = facts.kept().roles
    found = kept.get(name)
    if found is None:
        found = closed(name, facts.role_template)
        if found.role is not None:  # names that nothing has are endless
            kept[name] = found
    return found


def closed(name: str, role_template: Callable[[str], RoleTemplate | None]) -> Resolved:
    """The same, of RoleTemplates that are looked up in another way."""
    closure: dict[str, RoleTemplate] = {}
    missing: set[str] = set()
    stack = [name]
    while stack:
        current = stack.pop()
        if current in closure or current in missing:
            continue
        role = role_template(current)
        if role is None:
            missing.add(current)
            continue
        closure[current] = role
        if not role.external:
            stack.extend(reversed(role.parents))
    return Resolved(
        name,
        tuple(closure.values()),
        tuple(sorted(missing)),
        _cycle(closure),
        tuple(sorted(each.name for each in closure.values() if each.external and compiled(each.name))),
    )


def _cycle(closure: dict[str, RoleTemplate]) -> tuple[str, ...]:
    """One way from a RoleTemplate back to itself. What inherits nothing that is left is on none: it is put aside until
    nothing is left, or only what leads to a cycle."""
    left = {name: role.parents if not role.external else () for name, role in closure.items()}
    while True:
        keep = {name for name, parents in left.items() if any(parent in left for parent in parents)}
        if len(keep) == len(left):
            break
        left = {name: left[name] for name in keep}
    way: list[str] = [min(left)] if left else []
    while way:
        following = min(parent for parent in left[way[-1]] if parent in left)
        if following in way:
            return tuple(way[way.index(following) :])
        way.append(following)
    return ()


def heirs(name: str, facts: Facts) -> tuple[str, ...]:
    """The RoleTemplates that inherit from one, at any distance, and itself first."""
    found = {name: None}
    stack = [name]
    while stack:
        for heir in facts.heirs(stack.pop()):
            if heir.name not in found and not heir.external:
                found[heir.name] = None
                stack.append(heir.name)
    return tuple(found)


def stated(role: RoleTemplate) -> tuple[Rule, ...]:
    """The rules of a RoleTemplate itself; of an external one, what is known of them."""
    if not role.external:
        return role.rules
    if compiled(role.name):
        return ()
    return role.external_rules or KUBERNETES_ROLES.get(role.name, ())


def promoted(role: RoleTemplate) -> tuple[Rule, ...]:
    """What a project role itself gives in the whole cluster: what it says about cluster-scoped resources by name.

    A rule about `*` is about everything in the project, and promotes nothing. Of clusters, it may get the one called
    `local`, as clients do for all who are in a project; of namespaces, it may create them.
    """
    if role.context != "project":
        return ()
    found: list[Rule] = []
    for each in own_rules(role):
        found += [
            Rule(each.verbs, (group,), (resource,), each.resource_names)
            for group, resource in PROMOTED
            if resource in each.resources and (group in each.api_groups or ALL in each.api_groups)
        ]
        if "clusters" in each.resources and covers(each, "get", MANAGEMENT, "clusters", "local"):
            found.append(rule("get", MANAGEMENT, "clusters", "local"))
        if "namespaces" in each.resources and covers(each, "create", "", "namespaces"):
            found.append(rule("create", "", "namespaces"))
    return tuple(dict.fromkeys(found))


def cluster_managed(role: RoleTemplate) -> tuple[Rule, ...]:
    """What a cluster role itself gives in the hub's namespace of a cluster."""
    if role.context != "cluster":
        return ()
    return tuple(one for group, resources in CLUSTER_MANAGED.items() for one in about(stated(role), group, resources))


def project_managed(role: RoleTemplate) -> tuple[Rule, ...]:
    """What a role itself gives in the backing namespace of a project."""
    return tuple(one for group, resources in PROJECT_MANAGED.items() for one in about(stated(role), group, resources))


def own_rules(role: RoleTemplate) -> tuple[Rule, ...]:
    """The rules that a RoleTemplate gives by itself; an external one gives those of its ClusterRole."""
    return () if role.external else role.rules


def _creates_namespaces(each: Rule) -> bool:
    return each.resources == ("namespaces",)
