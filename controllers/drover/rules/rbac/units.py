"""The units of compilation: RBAC objects of one cluster that are compiled, written and removed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from drover.kube.gvr import Object
from drover.rules.ownership import Owner

UnitKind = Literal["role", "management", "project", "cluster-members", "project-members", "project-managers", "global"]


class Unit(NamedTuple):
    """A unit, and where its objects are.

    | kind | `cluster` | `name` | what it holds |
    |---|---|---|---|
    | `role` | where | RoleTemplate | its ClusterRoles, and the ClusterRoleBindings of all who have it in the cluster |
    | `project` | where | Project | RoleBindings for each of its namespaces, and who may add namespaces to it |
    | `global` | where | GlobalRole | the hub's: its ClusterRole, Roles, bindings. Elsewhere: what it gives there |
    | `management` | `local` | RoleTemplate | ClusterRoles about the hub's own objects of clusters and projects |
    | `cluster-members` | `local` | Cluster | who sees a Cluster, and has rights on what is in its namespace |
    | `project-members` | `local` | `<cluster>:<project>` | who sees a Project, and what is in its backing namespace |
    | `project-managers` | `local` | `<cluster>:<project>` | what the cluster's roles give in its backing namespace |
    """

    kind: UnitKind
    cluster: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a unit should hold. Nothing at all: whatever is there is removed.

    `objects` are whole RBAC objects in an order in which they can be written (roles before their bindings), and
    `in_namespaces` are RoleBindings without a namespace, for each namespace of `project` (`<cluster>:<project>`) in
    the member: `bindings.placed` makes the one of a namespace. None carries ownership labels: who writes them adds
    those. Namespaces named in `objects` may not exist. `external` are ClusterRoles of others, by name, that are marked
    with labels for aggregation where they exist. `owner` is the object of the hub that the unit is about; None where
    that is gone.
    """

    owner: Owner | None
    objects: tuple[Object, ...] = ()
    project: str = ""
    in_namespaces: tuple[Object, ...] = ()
    external: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
