"""Random roles, users and bindings that a kube-apiserver takes, drawn from a seeded `Random`: few names, so that they
meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from drover.kube.gvr import Object
from drover.rules.rbac.model import Request
from tests.cluster.attacks.ground import MANAGEMENT
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.unit.rules.rbac import fleets

PROJECTS = {"edge": ("g-one", "g-two"), "local": ("g-hub",)}
NAMESPACES = {
    "edge": {"g-in-one": "g-one", "g-in-two": "g-two", "g-out": ""},
    "local": {"g-in-hub": "g-hub", "g-away": ""},
}
_WHAT = (("", "pods"), ("", "namespaces"), ("", "nodes"), ("", "secrets"), ("apps", "deployments"))
_VERBS = ("get", "create", "delete", "update", "own", "updatepsa", "manage-namespaces")
_ABOUT = (
    ("updatepsa", "projects", ("g-one", "g-two"), ("", "edge")),
    ("manage-namespaces", "projects", ("g-one", "g-two"), ("", "edge")),
    ("get", "clusters", ("edge", "local"), ("",)),
    ("delete", "clusters", ("edge", "local"), ("",)),
    ("get", "projects", ("g-one", "g-hub"), ("edge", "local")),
    ("delete", "projects", ("g-one", "g-hub"), ("edge", "local")),
    ("get", "projectroletemplatebindings", ("",), ("edge-g-one", "edge-g-two", "local-g-hub")),
    ("create", "projectroletemplatebindings", ("",), ("edge-g-one", "edge-g-two", "local-g-hub")),
    ("get", "clusterroletemplatebindings", ("",), ("edge", "local")),
    ("get", "secrets", ("",), ("edge-g-one", "local-g-hub")),
)


@dataclass
class Graph:
    """One round: its names begin with `prefix`, so that rounds do not meet. `projects` are Ready."""

    draw: Random
    prefix: str
    projects: dict[str, Object]
    bindings: int = 0
    contexts: dict[str, str] = field(default_factory=dict)

    @property
    def users(self) -> list[str]:
        """The names of the Users."""
        return [f"{self.prefix}-u{number}" for number in range(3)]

    @property
    def identities(self) -> list[str]:
        """One of a User, and one of nobody's."""
        return [f"gh://{self.prefix}-{number}" for number in range(2)]

    @property
    def groups(self) -> list[str]:
        """The groups that bindings name."""
        return [f"{self.prefix}-g{number}" for number in range(2)]

    @property
    def roles(self) -> list[str]:
        """The names of the RoleTemplates, those alike that would make the same ClusterRoles."""
        ends = ("dev", "dev-aggregator", "dev-promoted", "ops", "base", "wide")
        return [f"{self.prefix}-{end}" for end in ends]

    def everything(self) -> list[Object]:
        """In the order in which it is applied."""
        found = [self.user(number) for number in range(len(self.users))]
        found += [self.role(name) for name in self.roles]
        found += [self.global_role(number) for number in range(2)]
        return found + [self.binding() for _ in range(24)]

    def user(self, number: int, *, enabled: bool = True) -> Object:
        """A User; the first has an identity."""
        name = self.users[number]
        return user(name, enabled=enabled, principalIds=[f"local://{name}", *self.identities[: number == 0]])

    def role(self, name: str) -> Object:
        """A RoleTemplate that inherits from those before it, from Kubernetes' own, or from one that is missing."""
        earlier = self.roles[: self.roles.index(name)]
        pool = [*earlier, *earlier, "view", "edit", f"{self.prefix}-missing"]
        parents = self.draw.sample(pool, self.draw.randint(0, 2))
        context = self.contexts[name] = self.draw.choice(("cluster", "cluster", "project", "project", ""))
        rules = [fleets.policy_rule(self.draw) for _ in range(self.draw.randint(0, 4))]
        return access("RoleTemplate", name, context=context, rules=rules, roleTemplateNames=sorted(set(parents)))

    def global_role(self, number: int) -> Object:
        """A GlobalRole with something in each section."""
        resources = [each for each in fleets.policy_rules(self.draw) if "resources" in each]
        return access(
            "GlobalRole",
            f"{self.prefix}-all{number}",
            rules=fleets.policy_rules(self.draw),
            namespacedRules={"g-away": resources},
            inheritedNamespacedRules={"g-out": resources},
            inheritedClusterRoles=[name for name in self.draw.sample(self.roles, 1) if self.draw.random() < 0.7],
            inheritedFleetWorkspacePermissions={"resourceRules": resources},
        )

    def binding(self) -> Object:
        """A binding of any kind, of a role that may not fit there."""
        self.bindings += 1
        name, role = f"{self.prefix}-b{self.bindings}", self.draw.choice(self.roles)
        fitting = {"cluster": "crtb", "project": "prtb"}.get(self.contexts[role], "prtb")
        kind = self.draw.choice(("grb", "crtb", "prtb", *([fitting] * 5)))
        if kind == "grb":
            who = self._who("userName", "userPrincipalName", "groupPrincipalName")
            return everywhere(name, f"{self.prefix}-all{self.draw.randint(0, 1)}", **who)
        who = self._who("userName", "userPrincipalName", "groupName", "groupPrincipalName")
        if kind == "crtb":
            return in_cluster(name, role, self.draw.choice(("edge", "edge", "local")), **who)
        return in_project(name, role, self.projects[self.draw.choice(sorted(self.projects))], **who)

    def subject(self) -> tuple[str, list[str]]:
        """Somebody who asks: a user name, and groups."""
        groups = [name for name in self.groups if self.draw.random() < 0.3]
        return self.draw.choice([*self.users, *self.identities, f"{self.prefix}-stranger"]), groups

    def request(self, cluster: str) -> Request:
        """Something to ask in a cluster."""
        draw = self.draw
        if draw.random() < 0.1:
            return Request(draw.choice(("get", "put")), url=draw.choice(("/metrics", "/m", "/nothing")))
        if draw.random() < 0.4:
            verb, resource, names, places = draw.choice(_ABOUT)
            group = "" if resource == "secrets" else MANAGEMENT
            return Request(verb, group, resource, "", draw.choice(names), draw.choice(places))
        group, resource = draw.choice(_WHAT)
        place = draw.choice(("", *NAMESPACES[cluster]))
        name = place if resource == "namespaces" else draw.choice(("", "local", "p1"))
        return Request(draw.choice(_VERBS), group, resource, "", name, place)

    def _who(self, *fields: str) -> dict[str, Any]:
        names = {"userName": self.users, "userPrincipalName": self.identities}
        chosen = self.draw.choice(fields)
        return {chosen: self.draw.choice(names.get(chosen, self.groups))}
