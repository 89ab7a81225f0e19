"""What the compiler knows: roles, their bindings, users, clusters and projects, as values.

Each is read from an object of the hub once, by `rules.rbac.reading`; whatever a schema would have refused reads as
nothing, so that it grants nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from drover.rules.rbac.kept import Kept

SubjectKind = Literal["User", "Group", "ServiceAccount"]


class Subject(NamedTuple):
    """Whom a binding names, as RBAC writes it; `namespace` only of a ServiceAccount."""

    kind: SubjectKind
    name: str
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A PolicyRule. Empty `resource_names` means all; a rule has either resources or URLs."""

    verbs: tuple[str, ...]
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleTemplate:
    """A RoleTemplate. `context` is `cluster`, `project` or empty; `parents` are its `roleTemplateNames`."""

    uid: str
    name: str
    context: str = ""
    rules: tuple[Rule, ...] = ()
    parents: tuple[str, ...] = ()
    external: bool = False
    external_rules: tuple[Rule, ...] = ()
    locked: bool = False
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class GlobalRole:
    """A GlobalRole. The rules by namespace hold in the hub (`namespaced`), or in every other cluster (`inherited`);
    `cluster_roles` are RoleTemplates that its users have in every other cluster. `workspace_rules` and
    `workspace_verbs` are about FleetWorkspaces other than the local one."""

    uid: str
    name: str
    rules: tuple[Rule, ...] = ()
    namespaced: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    inherited: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    cluster_roles: tuple[str, ...] = ()
    workspace_rules: tuple[Rule, ...] = ()
    workspace_verbs: tuple[str, ...] = ()
    deleting: bool = False


class Naming(NamedTuple):
    """Whom a binding names, before it is known who that is. A user may be named in both ways; otherwise more than one
    names nobody, as none does."""

    user: str = ""
    user_principal: str = ""
    group: str = ""
    group_principal: str = ""
    service_account: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """A ClusterRoleTemplateBinding, ProjectRoleTemplateBinding or GlobalRoleBinding.

    `role` is the RoleTemplate or GlobalRole. `cluster` is empty for a GlobalRoleBinding, and `project` for all but a
    ProjectRoleTemplateBinding.
    """

    uid: str
    namespace: str
    name: str
    role: str
    naming: Naming
    cluster: str = ""
    project: str = ""
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """A User. `principals` are its identities, such as `github_user://123`. `created` is a time that sorts as text."""

    uid: str
    name: str
    principals: tuple[str, ...] = ()
    enabled: bool = True
    deleting: bool = False
    created: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A management Cluster."""

    uid: str
    name: str
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A Project. `backing` is its namespace in the hub, empty before there is one."""

    uid: str
    cluster: str
    name: str
    backing: str = ""
    deleting: bool = False


class Facts(Protocol):
    """Everything, looked up by what it is asked for. Each look-up costs in proportion to what it finds.

    A binding is in force where it is not being deleted and, of a project, lies in the project's backing namespace:
    whoever may write in one project's namespace must not give rights in another project.
    """

    def role_template(self, name: str) -> RoleTemplate | None:
        """A RoleTemplate."""

    def heirs(self, name: str) -> Collection[RoleTemplate]:
        """The RoleTemplates that name this one in `roleTemplateNames`."""

    def global_role(self, name: str) -> GlobalRole | None:
        """A GlobalRole."""

    def global_roles_with(self, role_template: str) -> Collection[GlobalRole]:
        """The GlobalRoles with this RoleTemplate among their `inheritedClusterRoles`."""

    def global_roles(self) -> Collection[GlobalRole]:
        """All GlobalRoles."""

    def global_bindings(self, global_role: str) -> Collection[Binding]:
        """The bindings of a GlobalRole."""

    def cluster_bindings(self, cluster: str) -> Collection[Binding]:
        """The ClusterRoleTemplateBindings of a cluster."""

    def project_bindings(self, cluster: str, project: str) -> Collection[Binding]:
        """The ProjectRoleTemplateBindings that name a project, in force or not."""

    def bindings_of(self, role_template: str, cluster: str) -> Collection[Binding]:
        """The bindings of both kinds that name a RoleTemplate in a cluster."""

    def cluster_namings(self, role_template: str, cluster: str) -> Collection[Naming]:
        """Whom the ClusterRoleTemplateBindings in force name that give a RoleTemplate in a cluster, each once."""

    def project_namings(self, role_template: str, cluster: str) -> Collection[Naming]:
        """Whom the ProjectRoleTemplateBindings in force name that give a RoleTemplate in any project of a cluster, each
        once."""

    def roles_in(self, cluster: str) -> Collection[str]:
        """The RoleTemplates that bindings in force in a cluster name, existing or not."""

    def clusters_with(self, role_template: str) -> Collection[str]:
        """The clusters where bindings in force name a RoleTemplate."""

    def projects_with(self, role_template: str, cluster: str) -> Collection[str]:
        """The projects of a cluster where bindings in force name a RoleTemplate."""

    def bindings_naming(self, identity: str) -> Collection[Binding]:
        """The bindings of all kinds that name a user by this name or principal; by the name that follows from a
        principal, too."""

    def bindings_of_group(self, group: str) -> Collection[Binding]:
        """The bindings of all kinds that name a group."""

    def user(self, name: str) -> User | None:
        """A User by name."""

    def user_of_principal(self, principal: str) -> User | None:
        """The User with this principal; the oldest, where several have it."""

    def clusters(self) -> Collection[Cluster]:
        """All Clusters."""

    def cluster(self, name: str) -> Cluster | None:
        """A Cluster."""

    def projects(self, cluster: str) -> Collection[Project]:
        """The Projects of a cluster."""

    def project(self, cluster: str, name: str) -> Project | None:
        """A Project."""

    def workspaces(self) -> Collection[str]:
        """The names of the FleetWorkspaces but the local one."""

    def kept(self) -> Kept:
        """What was worked out from these facts and still follows from them."""

    def per_subject(self) -> bool:
        """Whether each subject gets a binding of its own, as tools that look for those of upstream need it."""
