"""Who has which role in the projects of one cluster, and how many bindings Kubernetes' RBAC should need for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from drover.kinds.resources import CLUSTER_BINDINGS, PROJECT_BINDINGS, USERS
from drover.kube.gvr import GVR, Object

CLUSTER = "local"
PROJECT_ROLES = ("project-owner", "project-member", "read-only")
CLUSTER_ROLES = ("cluster-member", "cluster-owner", "nodes-view", "projects-view")
_OWNERS = ("project-owner",)
_CREATE_NAMESPACES = ("project-owner", "project-member")
_MANAGE_CLUSTER = ("cluster-member", "cluster-owner", "nodes-view", "projects-view")
"""Those that say something about nodes, projects or bindings, which lie in the hub's namespace of the cluster."""
_MANAGE_PROJECTS = ("cluster-owner", "projects-view")
"""Those that say something about secrets or bindings, which lie in the hub's namespace of each project. So do all
project roles."""

_MOST, _FILL = 500, 350


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for a user or (`group`) a group, in a project or, without one, in the whole cluster."""

    role: str
    who: str
    project: str = ""
    group: bool = False

    @property
    def gvr(self) -> GVR:
        """The resource of its binding."""
        return PROJECT_BINDINGS if self.project else CLUSTER_BINDINGS

    def manifest(self) -> Object:
        """Its binding."""
        place = {"projectName": f"{CLUSTER}:{self.project}"} if self.project else {"clusterName": CLUSTER}
        namespace = f"{CLUSTER}-{self.project}" if self.project else CLUSTER
        return {
            "apiVersion": self.gvr.api_version,
            "kind": self.gvr.kind,
            "metadata": {"name": f"{self.who}-{self.role}", "namespace": namespace},
            "roleTemplateName": self.role,
            "groupName" if self.group else "userName": self.who,
            **place,
        }


def user(name: str) -> Object:
    """A User."""
    return {"apiVersion": USERS.api_version, "kind": USERS.kind, "metadata": {"name": name}, "displayName": name}


def one_in_all(projects: Collection[str]) -> list[Grant]:
    """One user in every project."""
    return [Grant("project-member", "u-all", project) for project in projects]


def many(projects: Collection[str], users: int, groups: int) -> list[Grant]:
    """Users with a role in one project each, and groups with one in a project and one in the cluster."""
    places = sorted(projects)
    found = []
    for number in range(users):
        role = PROJECT_ROLES[number % len(PROJECT_ROLES)]
        found.append(Grant(role, f"u-{number:04}", places[number % len(places)]))
    for number in range(groups):
        name = f"team-{number:03}"
        found.append(Grant("read-only", name, places[number % len(places)], group=True))
        found.append(Grant(CLUSTER_ROLES[number % len(CLUSTER_ROLES)], name, group=True))
    return found


def shards(subjects: int) -> int:
    """How many bindings a role with so many subjects takes at most in one place: one up to 500, then a power of two
    with about 350 in each."""
    if subjects <= _MOST:
        return 1 if subjects else 0
    count = 2
    while subjects > count * _FILL:
        count *= 2
    return count


def expected(grants: Iterable[Grant], namespaces: int, projects: int) -> dict[str, int]:
    """The most bindings that grants take where each project has so many namespaces, by plural name.

    With s(n) bindings for n subjects (`shards`), R_p the roles bound in project p, C those bound in the cluster:

    RoleBindings = Σ_p Σ_{r in R_p} (namespaces + 1) s(r, p) [in its namespaces, and in its own in the hub]
    + Σ_p (s(owners) + s(others)) [who sees the project] + Σ_{c in C} (1 if it is about what is in the cluster's
    namespace + `projects` if it is about what is in those of projects) s(c).

    ClusterRoleBindings = Σ_{r bound in any project} s(r) [what it says about the whole cluster] + Σ_{c in C} s(c)
    + s(owners) + s(others) [who sees the cluster] + Σ_p s(who may add namespaces to p).
    """
    by_place: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for grant in grants:
        by_place[grant.project][grant.role].add(grant.who)
    cluster = by_place.pop("", {})
    owners = cluster.get("cluster-owner", set())
    found: Counter[str] = Counter()
    anywhere: dict[str, set[str]] = defaultdict(set)
    for roles in by_place.values():
        found["rolebindings"] += sum((namespaces + 1) * shards(len(who)) for who in roles.values())
        owning = _together(roles, _OWNERS)
        found["rolebindings"] += shards(len(owning)) + shards(len(_together(roles, roles) - owning))
        found["clusterrolebindings"] += shards(len(_together(roles, _CREATE_NAMESPACES)))
        for role, who in roles.items():
            anywhere[role] |= who
    for role, who in cluster.items():
        places = (role in _MANAGE_CLUSTER) + projects * (role in _MANAGE_PROJECTS)
        found["rolebindings"] += places * shards(len(who))
    members = (_together(anywhere, anywhere) | _together(cluster, cluster)) - owners
    for who in (*anywhere.values(), *cluster.values(), owners, members):
        found["clusterrolebindings"] += shards(len(who))
    return dict(found)


def upstream_rolebindings(grants: Iterable[Grant], namespaces: int) -> int:
    """How many RoleBindings Rancher 2.15 makes for the same: 4 for each binding in a project and 2 for each of its
    namespaces, as 50 projects with two bindings and a namespace each make 601 there, and 500 projects with two
    namespaces and one user about 4,000 in the report rancher#50484. What it makes for bindings in clusters is left out.
    """
    return sum(4 + 2 * namespaces for grant in grants if grant.project)


def _together(roles: dict[str, set[str]], names: Iterable[str]) -> set[str]:
    return {who for name in names for who in roles.get(name, ())}
