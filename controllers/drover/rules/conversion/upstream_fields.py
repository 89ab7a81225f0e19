"""What people wrote of a role, binding or user on an upstream server; its controllers added the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drover.api.keys import BOOTSTRAPPING, DESCRIPTION, LAST_APPLIED, MANAGED_BY, MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.objects import label, name_of, namespace_of
from drover.rules.rbac.names import letters

USER_SUBJECT: Final = ("userName", "userPrincipalName")
GROUP_SUBJECT: Final = ("groupName", "groupPrincipalName")
_SUBJECT: Final = (*USER_SUBJECT, *GROUP_SUBJECT)

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "User": ("displayName", "description", "username", "enabled", "mustChangePassword", "principalIds"),
    "GlobalRole": (
        "displayName",
        "description",
        "rules",
        "namespacedRules",
        "inheritedNamespacedRules",
        "inheritedClusterRoles",
        "inheritedFleetWorkspacePermissions",
        "newUserDefault",
    ),
    "RoleTemplate": (
        "displayName",
        "description",
        "context",
        "rules",
        "roleTemplateNames",
        "external",
        "externalRules",
        "hidden",
        "locked",
        "clusterCreatorDefault",
        "projectCreatorDefault",
    ),
    "GlobalRoleBinding": ("userName", "userPrincipalName", "groupPrincipalName", "globalRoleName"),
    "ClusterRoleTemplateBinding": (*_SUBJECT, "clusterName", "roleTemplateName"),
    "ProjectRoleTemplateBinding": (*_SUBJECT, "projectName", "roleTemplateName", "serviceAccount"),
}
"""The fields that are converted, by kind, in the order in which they are written."""

_LEGACY: Final = ("password", "me", "administrative")
"""Those that have a remark of their own, or no meaning."""

_BY_SERVER: Final = frozenset(("apiVersion", "kind", "metadata", "status", "builtin", *_LEGACY))
_KEPT: Final = frozenset(("auth.cattle.io/principal-display-name", DESCRIPTION))
_HASHED_PRINCIPAL: Final = "hashed-principal-name"


def bare(obj: Object, *, name: str = "", namespace: str = "", fields: Mapping[str, Any] | None = None) -> Object:
    """An object with what people wrote: labels and annotations that are theirs, and its fields (or those given) that
    say anything. `name` stands for its own name."""
    metadata: Object = {"name": name or name_of(obj)}
    if namespace:
        metadata["namespace"] = namespace
    for part in ("labels", "annotations"):
        if kept := _of_people(obj["metadata"][part]):
            metadata[part] = kept
    given = obj if fields is None else fields
    said = {field: given[field] for field in FIELDS[obj["kind"]] if _says_something(field, given.get(field))}
    return {"apiVersion": f"{MANAGEMENT}/v3", "kind": obj["kind"], "metadata": metadata, **said}


def unknown(obj: Object) -> list[str]:
    """Fields that are not converted."""
    return sorted(obj.keys() - {*FIELDS[obj["kind"]], *_BY_SERVER})


def texts(obj: Object, field: str) -> list[str]:
    """A field that is a list of names."""
    found = obj.get(field)
    return [str(each) for each in found] if isinstance(found, list) else []


def text(obj: Object, field: str) -> str:
    """A field that is a name; empty where it is absent."""
    return str(obj.get(field) or "")


def titled(obj: Object) -> str:
    """An object as remarks call it: `RoleTemplate shop-developer`."""
    where = f"{namespace_of(obj)}/" if namespace_of(obj) else ""
    return f"{obj['kind']} {where}{name_of(obj)}"


def built_in(obj: Object) -> bool:
    """Whether a role is one that the server ships."""
    shipped = label(obj, BOOTSTRAPPING).startswith("default-")
    return bool(obj.get("builtin")) or shipped


def is_system(principals: list[str]) -> bool:
    """Whether these are the identities of an account that the server made for itself."""
    return any(each.startswith("system:") for each in principals)


def generated_name(prefix: str, *parts: str) -> str:
    """The name that a binding gets which asks for a generated one: `crtb-` and ten letters that follow from subject,
    role and place."""
    return f"{prefix}-{letters('/'.join(parts))}"


def _of_people(given: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in sorted(given.items()) if key in _KEPT or not _by_server(key, value)}


def _by_server(key: str, value: str) -> bool:
    prefix = key.partition("/")[0] if "/" in key else ""
    ours = prefix == "cattle.io" or prefix.endswith(".cattle.io")
    return ours or key == LAST_APPLIED or value == _HASHED_PRINCIPAL or (key, value) == (MANAGED_BY, "rancher")


def _says_something(field: str, value: Any) -> bool:
    return value is not None and (field == "enabled" or value not in ("", [], {}, False))
