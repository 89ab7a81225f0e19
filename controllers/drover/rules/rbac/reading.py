"""Reads roles, bindings, users, clusters and projects from objects of the hub. What a schema would have refused reads
as nothing, so that it grants nothing; nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from drover.rules.rbac.facts import Binding, Cluster, GlobalRole, Naming, Project, RoleTemplate, Rule, User

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_CONTEXTS = ("", "cluster", "project")
_Fields = Mapping[str, Any]
T = TypeVar("T")


def _identified(read: Callable[[_Fields, _Fields], T | None]) -> Callable[[object], T | None]:
    """Reads an object and its metadata, where it has a name and a uid."""

    @wraps(read)
    def of(obj: object) -> T | None:
        body = _mapping(obj)
        metadata = _mapping(body.get("metadata"))
        return read(body, metadata) if _text(metadata.get("name")) and _text(metadata.get("uid")) else None

    return of


@_identified
def role_template(body: _Fields, metadata: _Fields) -> RoleTemplate | None:
    """A RoleTemplate. With an unknown context it is one that no binding can give."""
    external = body.get("external") is True
    context = _text(body.get("context"))
    return RoleTemplate(
        uid=metadata["uid"],
        name=metadata["name"],
        context=context if context in _CONTEXTS else "",
        rules=rules(body.get("rules")),
        parents=tuple(dict.fromkeys(_texts(body.get("roleTemplateNames")))),
        external=external,
        external_rules=rules(body.get("externalRules")) if external else (),
        locked=body.get("locked") is True,
        deleting=_deleting(metadata),
    )


@_identified
def global_role(body: _Fields, metadata: _Fields) -> GlobalRole | None:
    """A GlobalRole."""
    workspaces = _mapping(body.get("inheritedFleetWorkspacePermissions"))
    return GlobalRole(
        uid=metadata["uid"],
        name=metadata["name"],
        rules=rules(body.get("rules")),
        namespaced=_by_namespace(body.get("namespacedRules")),
        inherited=_by_namespace(body.get("inheritedNamespacedRules")),
        cluster_roles=tuple(dict.fromkeys(_texts(body.get("inheritedClusterRoles")))),
        workspace_rules=_of_resources(rules(workspaces.get("resourceRules"))),
        workspace_verbs=_texts(workspaces.get("workspaceVerbs")),
        deleting=_deleting(metadata),
    )


@_identified
def global_binding(body: _Fields, metadata: _Fields) -> Binding | None:
    """A GlobalRoleBinding."""
    role = _text(body.get("globalRoleName"))
    return Binding(metadata["uid"], "", metadata["name"], role, _naming(body), deleting=_deleting(metadata))


@_identified
def cluster_binding(body: _Fields, metadata: _Fields) -> Binding | None:
    """A ClusterRoleTemplateBinding. In another namespace than its cluster's it reads as nothing: who may write there
    need not have any say in the cluster."""
    namespace, cluster, role = _text(metadata.get("namespace")), _text(body.get("clusterName")), _role(body)
    if not cluster or namespace != cluster:
        return None
    return Binding(
        metadata["uid"], namespace, metadata["name"], role, _naming(body), cluster, deleting=_deleting(metadata)
    )


@_identified
def project_binding(body: _Fields, metadata: _Fields) -> Binding | None:
    """A ProjectRoleTemplateBinding. Whether it lies in the project's namespace is for who knows the project."""
    cluster, _, project = _text(body.get("projectName")).partition(":")
    namespace, role = _text(metadata.get("namespace")), _role(body)
    if not cluster or not project or ":" in project or not namespace:
        return None
    account = _text(body.get("serviceAccount"))
    return Binding(
        metadata["uid"],
        namespace,
        metadata["name"],
        role,
        _naming(body, account),
        cluster,
        project,
        deleting=_deleting(metadata),
    )


@_identified
def user(body: _Fields, metadata: _Fields) -> User | None:
    """A User. Only what says `enabled: true` or nothing is enabled."""
    return User(
        uid=metadata["uid"],
        name=metadata["name"],
        principals=tuple(dict.fromkeys(_texts(body.get("principalIds")))),
        enabled=body.get("enabled") is None or body.get("enabled") is True,
        deleting=_deleting(metadata),
        created=_text(metadata.get("creationTimestamp")),
    )


@_identified
def cluster(_: _Fields, metadata: _Fields) -> Cluster | None:
    """A management Cluster."""
    return Cluster(metadata["uid"], metadata["name"], _deleting(metadata))


@_identified
def project(body: _Fields, metadata: _Fields) -> Project | None:
    """A Project. Its cluster is the namespace that it lies in."""
    namespace = _text(metadata.get("namespace"))
    if not namespace or _text(_mapping(body.get("spec")).get("clusterName")) not in {"", namespace}:
        return None
    backing = _text(_mapping(body.get("status")).get("backingNamespace"))
    return Project(metadata["uid"], namespace, metadata["name"], backing, _deleting(metadata))


def groups(obj: object) -> frozenset[str]:
    """The groups in a UserAttribute."""
    providers = _mapping(_mapping(obj).get("GroupPrincipals")).values()
    lists = (_mapping(each).get("Items") for each in providers)
    found = (
        _mapping(_mapping(each).get("metadata")).get("name")
        for some in lists
        if isinstance(some, list)
        for each in some
    )
    return frozenset(each for each in found if isinstance(each, str) and each)


@_identified
def name(_: _Fields, metadata: _Fields) -> str | None:
    """The name of any object that has a uid."""
    return str(metadata["name"])


def rules(value: object) -> tuple[Rule, ...]:
    """PolicyRules; those that no kube-apiserver would take are left out."""
    found = (_rule(each) for each in value) if isinstance(value, list) else ()
    return tuple(rule for rule in found if rule is not None)


def _rule(value: object) -> Rule | None:
    body = _mapping(value)
    fields = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
    if any(body.get(field) is not None and not _all_texts(body[field]) for field in fields):
        return None
    rule = Rule(*(tuple(body.get(field) or ()) for field in fields))
    of_resources = bool(rule.api_groups and rule.resources)
    if not rule.verbs or of_resources == bool(rule.urls) or (rule.urls and (rule.api_groups or rule.resources)):
        return None
    return rule


def _by_namespace(value: object) -> dict[str, tuple[Rule, ...]]:
    """Rules by namespace. URLs are in no namespace."""
    named = {
        name: _of_resources(rules(each))
        for name, each in _mapping(value).items()
        if isinstance(name, str) and _NAMESPACE.fullmatch(name)
    }
    return {name: found for name, found in sorted(named.items()) if found}


def _of_resources(found: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(rule for rule in found if not rule.urls)


def _naming(body: _Fields, account: str = "") -> Naming:
    return Naming(
        user=_text(body.get("userName")),
        user_principal=_text(body.get("userPrincipalName")),
        group=_text(body.get("groupName")),
        group_principal=_text(body.get("groupPrincipalName")),
        service_account=account,
    )


def _role(body: _Fields) -> str:
    return _text(body.get("roleTemplateName"))


def _deleting(metadata: _Fields) -> bool:
    return metadata.get("deletionTimestamp") is not None


def _mapping(value: object) -> _Fields:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str) and each) if isinstance(value, list) else ()


def _all_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
