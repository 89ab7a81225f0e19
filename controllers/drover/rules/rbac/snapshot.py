"""All roles, bindings, users, clusters and projects in memory, indexed by what the compiler asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any, Final

from drover.api.keys import LOCAL_WORKSPACE, MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.rbac import reading
from drover.rules.rbac.facts import Binding, Cluster, GlobalRole, Naming, Project, RoleTemplate, User
from drover.rules.rbac.index import Grants, Grouped
from drover.rules.rbac.kept import Kept
from drover.rules.rbac.names import of_principal
from drover.rules.rbac.subjects import LOCAL


class Snapshot:
    """Facts over objects. It starts with some and is then told each change, at a cost in proportion to the change."""

    def __init__(self, objects: Iterable[Object] = (), *, per_subject: bool = False) -> None:
        self.each_subject = per_subject
        """What `per_subject` answers; set it where the setting changes."""
        self._values: dict[tuple[str, str, str], Any] = {}
        self._heirs: Grouped[str, RoleTemplate] = Grouped()
        self._givers: Grouped[str, GlobalRole] = Grouped()
        self._all: Grouped[str, Any] = Grouped()
        self._principals: Grouped[str, User] = Grouped()
        self._projects: Grouped[str, Project] = Grouped()
        self._bindings: Grouped[tuple[str, str, str], Binding] = Grouped()
        self._naming: Grouped[str, Binding] = Grouped()
        self._groups: Grouped[str, Binding] = Grouped()
        self._with_role: Grouped[tuple[str, str], Binding] = Grouped()
        self._grants = Grants()
        self._kept = Kept()
        for obj in objects:
            if str(obj.get("apiVersion", "")).startswith(f"{MANAGEMENT}/"):
                self.change(str(obj.get("kind", "")), None, obj)

    def change(self, kind: str, old: Object | None, new: Object | None) -> None:
        """Takes note of an object that came (`old` None), changed or went (`new` None). Other kinds don't matter."""
        reader = _READERS.get(kind)
        metadata = ((new if new is not None else old) or {}).get("metadata")
        if reader is None or not isinstance(metadata, dict):
            return
        key = (kind, str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))
        before, after = self._values.get(key), reader(new) if new is not None else None
        if before == after:
            return
        if before is not None:
            self._index(key, before, put=False)
            del self._values[key]
        if after is not None:
            self._values[key] = after
            self._index(key, after, put=True)
        self._forget([value for value in (before, after) if value is not None])

    def role_template(self, name: str) -> RoleTemplate | None:
        """A RoleTemplate."""
        found: RoleTemplate | None = self._values.get(("RoleTemplate", "", name))
        return found

    def heirs(self, name: str) -> Collection[RoleTemplate]:
        """The RoleTemplates that name this one in `roleTemplateNames`."""
        return self._heirs.of(name)

    def global_role(self, name: str) -> GlobalRole | None:
        """A GlobalRole."""
        found: GlobalRole | None = self._values.get(("GlobalRole", "", name))
        return found

    def global_roles_with(self, role_template: str) -> Collection[GlobalRole]:
        """The GlobalRoles with this RoleTemplate among their `inheritedClusterRoles`."""
        return self._givers.of(role_template)

    def global_roles(self) -> Collection[GlobalRole]:
        """All GlobalRoles."""
        return self._all.of("GlobalRole")

    def global_bindings(self, global_role: str) -> Collection[Binding]:
        """The bindings of a GlobalRole."""
        return self._bindings.of(("", "", global_role))

    def cluster_bindings(self, cluster: str) -> Collection[Binding]:
        """The ClusterRoleTemplateBindings of a cluster."""
        return self._bindings.of((cluster, "", ""))

    def project_bindings(self, cluster: str, project: str) -> Collection[Binding]:
        """The ProjectRoleTemplateBindings that name a project, in force or not."""
        return self._bindings.of((cluster, project, ""))

    def bindings_of(self, role_template: str, cluster: str) -> Collection[Binding]:
        """The bindings of both kinds that name a RoleTemplate in a cluster."""
        return self._with_role.of((role_template, cluster))

    def cluster_namings(self, role_template: str, cluster: str) -> Collection[Naming]:
        """Whom the ClusterRoleTemplateBindings in force name that give a RoleTemplate in a cluster."""
        return self._grants.by_cluster.of((role_template, cluster))

    def project_namings(self, role_template: str, cluster: str) -> Collection[Naming]:
        """Whom the ProjectRoleTemplateBindings in force name that give a RoleTemplate in any project of a cluster."""
        return self._grants.by_project.of((role_template, cluster))

    def roles_in(self, cluster: str) -> Collection[str]:
        """The RoleTemplates that bindings in force in a cluster name."""
        return self._grants.roles.of(cluster)

    def clusters_with(self, role_template: str) -> Collection[str]:
        """The clusters where bindings in force name a RoleTemplate."""
        return self._grants.clusters.of(role_template)

    def projects_with(self, role_template: str, cluster: str) -> Collection[str]:
        """The projects of a cluster where bindings in force name a RoleTemplate."""
        return self._grants.projects.of((role_template, cluster))

    def bindings_naming(self, identity: str) -> Collection[Binding]:
        """The bindings of all kinds that name a user by this name or principal, or a principal that it follows from."""
        return self._naming.of(identity)

    def bindings_of_group(self, group: str) -> Collection[Binding]:
        """The bindings of all kinds that name a group."""
        return self._groups.of(group)

    def user(self, name: str) -> User | None:
        """A User by name."""
        found: User | None = self._values.get(("User", "", name))
        return found

    def user_of_principal(self, principal: str) -> User | None:
        """The User with this principal; the oldest, where several have it."""
        return min(self._principals.of(principal), key=lambda user: (user.created, user.name), default=None)

    def clusters(self) -> Collection[Cluster]:
        """All Clusters."""
        return self._all.of("Cluster")

    def cluster(self, name: str) -> Cluster | None:
        """A Cluster."""
        found: Cluster | None = self._values.get(("Cluster", "", name))
        return found

    def projects(self, cluster: str) -> Collection[Project]:
        """The Projects of a cluster."""
        return self._projects.of(cluster)

    def project(self, cluster: str, name: str) -> Project | None:
        """A Project."""
        found: Project | None = self._values.get(("Project", cluster, name))
        return found

    def workspaces(self) -> Collection[str]:
        """The names of the FleetWorkspaces but the local one."""
        return self._all.of("FleetWorkspace")

    def per_subject(self) -> bool:
        """Whether each subject gets a binding of its own."""
        return self.each_subject

    def kept(self) -> Kept:
        """What was worked out and still follows."""
        return self._kept

    def _forget(self, values: Collection[Any]) -> None:
        """Forgets what followed from a value that came, changed or went."""
        for value in values:
            if isinstance(value, RoleTemplate):
                self._kept.forget_roles()
            elif isinstance(value, GlobalRole):
                self._kept.forget_global()
            elif isinstance(value, Binding):
                self._kept.forget_subjects((value,))
            elif isinstance(value, User):
                for identity in (value.name, *value.principals):
                    self._kept.forget_subjects(self.bindings_naming(identity.removeprefix(LOCAL)))
            elif isinstance(value, Project):
                self._kept.forget_bindings(self.project_bindings(value.cluster, value.name))

    def _index(self, key: tuple[str, str, str], value: Any, *, put: bool) -> None:
        """Adds a value to the indexes, or removes it from them."""
        if isinstance(value, Binding):
            self._index_binding(key, value, put=put)
        elif isinstance(value, RoleTemplate):
            _note(self._heirs, value.parents, key, value, put=put)
        elif isinstance(value, User):
            _note(self._principals, value.principals, key, value, put=put)
        elif isinstance(value, Project):
            self._index_project(key, value, put=put)
        else:
            _note(self._all, (key[0],), key, value, put=put)
            if isinstance(value, GlobalRole):
                _note(self._givers, value.cluster_roles, key, value, put=put)

    def _index_binding(self, key: tuple[str, str, str], binding: Binding, *, put: bool) -> None:
        place = (binding.cluster, binding.project, "" if binding.cluster else binding.role)
        naming = binding.naming
        follows = of_principal(naming.user_principal) if naming.user_principal else ""
        identities = (naming.user, naming.user_principal.removeprefix(LOCAL), follows)
        _note(self._bindings, (place,), key, binding, put=put)
        _note(self._naming, [each for each in identities if each], key, binding, put=put)
        _note(self._groups, [each for each in (naming.group, naming.group_principal) if each], key, binding, put=put)
        if binding.cluster:
            _note(self._with_role, ((binding.role, binding.cluster),), key, binding, put=put)
            if self._in_force(binding):
                self._grants.count(binding, 1 if put else -1)

    def _index_project(self, key: tuple[str, str, str], project: Project, *, put: bool) -> None:
        """A project decides which of its bindings are in force."""
        _note(self._projects, (project.cluster,), key, project, put=put)
        for binding in self.project_bindings(project.cluster, project.name):
            if not binding.deleting and binding.namespace == project.backing:
                self._grants.count(binding, 1 if put else -1)

    def _in_force(self, binding: Binding) -> bool:
        if binding.deleting or not binding.project:
            return not binding.deleting
        project = self.project(binding.cluster, binding.project)
        return project is not None and project.backing == binding.namespace


def _note(index: Grouped[Any, Any], keys: Iterable[Hashable], identity: Hashable, value: Any, *, put: bool) -> None:
    if put:
        index.put(keys, identity, value)
    else:
        index.drop(keys, identity)


def _workspace(obj: object) -> str | None:
    """A FleetWorkspace; not the hub's own, in which nobody inherits rights."""
    name = reading.name(obj)
    return name if name != LOCAL_WORKSPACE else None


_READERS: Final[dict[str, Callable[[object], Any]]] = {
    "Cluster": reading.cluster,
    "ClusterRoleTemplateBinding": reading.cluster_binding,
    "FleetWorkspace": _workspace,
    "GlobalRole": reading.global_role,
    "GlobalRoleBinding": reading.global_binding,
    "Project": reading.project,
    "ProjectRoleTemplateBinding": reading.project_binding,
    "RoleTemplate": reading.role_template,
    "User": reading.user,
}
