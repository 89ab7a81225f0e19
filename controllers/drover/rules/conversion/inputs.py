"""The objects that a conversion reads, by kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from drover.kube.gvr import Key, Object, key_of
from drover.rules.conversion.result import CannotConvert
from drover.rules.objects import name_of, namespace_of, spec

_IN_NAMESPACES: Final = (
    "HierarchyConfiguration",
    "SubnamespaceAnchor",
    "HierarchicalResourceQuota",
    "ResourceQuota",
    "LimitRange",
    "RoleBinding",
    "NetworkPolicy",
)

_LISTS: Final = {
    "HNCConfiguration": ("spec.resources",),
    "HierarchyConfiguration": ("spec.labels", "spec.annotations", "status.conditions"),
    "SubnamespaceAnchor": ("spec.labels", "spec.annotations"),
    "LimitRange": ("spec.limits",),
    "RoleBinding": ("subjects",),
    "GlobalRole": ("rules",),
    "RoleTemplate": ("rules", "externalRules"),
    "Tenant": (
        "spec.owners",
        "spec.additionalRoleBindings",
        "spec.resourceQuotas.items",
        "spec.limitRanges.items",
        "spec.networkPolicies.items",
        "spec.namespaceOptions.additionalMetadataList",
        "status.spaces",
    ),
}
"""Fields that are lists of objects. A kube-apiserver checks that; nobody has checked a file."""


class Inputs:
    """Objects by kind. Of several with one name, the last one counts; what is being deleted does not."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self._kinds: dict[tuple[str, str], dict[Key, Object]] = {}
        for obj in objects:
            group = str(obj["apiVersion"]).rpartition("/")[0]
            if obj["kind"] in _IN_NAMESPACES and not namespace_of(obj):
                raise CannotConvert(f"{obj['kind']} {name_of(obj)} has no metadata.namespace; add it")
            _check(obj)
            if not obj["metadata"].get("deletionTimestamp"):
                self._kinds.setdefault((group, obj["kind"]), {})[key_of(obj)] = {**obj, "metadata": _metadata(obj)}

    def of(self, kind: str, group: str = "") -> list[Object]:
        """The objects of a kind, by namespace and name."""
        found = self._kinds.get((group, kind), {})
        return [found[key] for key in sorted(found)]

    def kinds(self, group: str) -> list[str]:
        """The kinds of a group that are there."""
        return sorted(kind for other, kind in self._kinds if other == group)

    def namespaces(self) -> dict[str, Object]:
        """The Namespaces by name."""
        return {obj["metadata"]["name"]: obj for obj in self.of("Namespace")}


def _check(obj: Object) -> None:
    for path in ("spec", "status", "spec.hard", "roleRef"):
        _expect(obj, path, _at(obj, path) is None or isinstance(_at(obj, path), dict), "an object")
    for path in _LISTS.get(obj["kind"], ()):
        value = _at(obj, path)
        fits = isinstance(value, list) and all(isinstance(item, dict) for item in value)
        _expect(obj, path, value is None or fits, "a list of objects")


def _at(obj: Object, path: str) -> Any:
    found: Any = obj
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _expect(obj: Object, path: str, fits: bool, what: str) -> None:
    if not fits:
        raise CannotConvert(f"{obj['kind']} {name_of(obj)}: {path} has to be {what}; correct it")


def _metadata(obj: Object) -> Object:
    """With labels and annotations that are text: YAML reads `"0"` without its quotes as a number."""
    metadata = dict(obj["metadata"])
    for field in ("labels", "annotations"):
        found = metadata.get(field) or {}
        _expect(obj, f"metadata.{field}", isinstance(found, dict), "an object")
        metadata[field] = {str(key): str(value) for key, value in found.items()}
    return metadata


def has_scopes(quota: Object) -> bool:
    """Whether a ResourceQuota counts some pods only."""
    return bool(spec(quota).get("scopes") or spec(quota).get("scopeSelector"))
