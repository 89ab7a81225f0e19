"""A fleet with people: clusters, projects with namespaces, users in groups, and the bindings that give them roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from drover.kinds.resources import CLUSTER_BINDINGS, CLUSTERS, PROJECT_BINDINGS, USERS
from drover.kube.gvr import GVR, Object
from drover.rules.rbac.model import Request

CLUSTER_ROLE: Final = "cluster-member"
PROJECT_ROLE: Final = "project-member"
GROUP_ROLE: Final = "read-only"

_IN_CLUSTER: Final = Request("list", "", "nodes")
_IN_PROJECT: Final = Request("create", "apps", "deployments")


@dataclass(frozen=True, slots=True)
class Binding:
    """One to be given and taken. It is in force when the user may do `request` in the member, in each of
    `namespaces` (empty: in the whole of it)."""

    gvr: GVR
    manifest: Object
    cluster: str
    user: str
    role: str
    request: Request
    namespaces: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The namespaces, or the whole cluster as an empty one."""
        return self.namespaces or ("",)


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many of everything. `servers` real kube-apiservers carry the `members`; projects are dealt out to these, and
    users to projects and members, as evenly as it goes: as few as possible share a binding."""

    servers: int = 3
    members: int = 20
    projects: int = 100
    namespaces_each: int = 3
    users: int = 50
    groups: int = 10

    @property
    def formula(self) -> float:
        """The fewest RoleBindings that upstream's guide to sizing counts for this: 32C + U + 2UaC + 8P + 5Pa. C are
        clusters, U users, P projects; Ua and Pa users with a role in a cluster and in a project, on average."""
        in_clusters, in_projects = self.users / self.members, (self.users + self.groups) / self.projects
        return 32 * self.members + self.users + 2 * in_clusters * self.members + 8 * self.projects + 5 * in_projects

    @property
    def clusters(self) -> list[str]:
        """The members, by name."""
        return [f"c{number:02}" for number in range(self.members)]

    @property
    def people(self) -> list[str]:
        """The users, by name."""
        return [f"u-{number:02}" for number in range(self.users)]

    def group_of(self, user: str) -> str:
        """The group that a user is in."""
        return f"team-{int(user.removeprefix('u-')) % self.groups:02}"

    def all_projects(self) -> Iterator[tuple[str, str]]:
        """The projects, as cluster and name."""
        clusters = self.clusters
        return ((clusters[number % self.members], f"p-{number:03}") for number in range(self.projects))

    def namespaces(self, project: str) -> tuple[str, ...]:
        """The namespaces of a project."""
        return tuple(f"{project}-{letter}" for letter in "abcdefghij"[: self.namespaces_each])

    def standing(self) -> Iterator[Object]:
        """A role of each group in a project: given before, and never taken. Some of these projects will be its
        members' own."""
        projects = list(self.all_projects())
        for number in range(self.groups):
            cluster, project = projects[2 * number % self.projects]
            yield _in_project(f"team-{number:02}", cluster, project, GROUP_ROLE, groupName=f"team-{number:02}")

    def bindings(self) -> Iterator[Binding]:
        """Two of each user: a role in a project, and one in another cluster."""
        projects, clusters = list(self.all_projects()), self.clusters
        for number, user in enumerate(self.people):
            cluster, project = projects[2 * number % self.projects]
            obj = _in_project(user, cluster, project, PROJECT_ROLE, userName=user)
            spaces = self.namespaces(project)
            yield Binding(PROJECT_BINDINGS, obj, cluster, user, PROJECT_ROLE, _IN_PROJECT, spaces)
            other = clusters[(7 * number + 1) % self.members]
            obj = in_cluster(user, other, userName=user)
            yield Binding(CLUSTER_BINDINGS, obj, other, user, CLUSTER_ROLE, _IN_CLUSTER)


def user(name: str) -> Object:
    """A User."""
    return _object(USERS, name, "", displayName=name)


def cluster(name: str, secret: str) -> Object:
    """A Cluster that is reached by the kubeconfig in a Secret."""
    config = {"kubeconfigSecretRef": {"name": secret}}
    return _object(CLUSTERS, name, "", spec={"displayName": name, "importedConfig": config})


def in_cluster(name: str, cluster_name: str, **subject: str) -> Object:
    """A ClusterRoleTemplateBinding."""
    return _object(
        CLUSTER_BINDINGS, name, cluster_name, clusterName=cluster_name, roleTemplateName=CLUSTER_ROLE, **subject
    )


def _in_project(name: str, cluster_name: str, project: str, role: str, **subject: str) -> Object:
    place = f"{cluster_name}-{project}"
    named = f"{cluster_name}:{project}"
    return _object(PROJECT_BINDINGS, name, place, projectName=named, roleTemplateName=role, **subject)


def _object(gvr: GVR, name: str, namespace: str, **content: Any) -> Object:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": metadata, **content}
