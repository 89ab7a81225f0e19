"""Several clusters on one kube-apiserver: what belongs to one of them is told by the beginning of its name there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from drover.api.keys import AGGREGATES
from drover.kube.gvr import Object

_CLUSTER_SCOPED: Final = frozenset(
    {
        "namespaces",
        "clusterroles",
        "clusterrolebindings",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
    }
)
"""What each of them has of its own. Nodes are everybody's."""

_OF_ONE: Final = frozenset({"status", "finalize"})
_NAMES: Final = (AGGREGATES, "kubernetes.io/metadata.name")
_CONDITION: Final = "of-this-member"


class Target(NamedTuple):
    """What a path of the Kubernetes API leads to; empty where it names none."""

    resource: str
    namespace: str
    name: str


def target(path: str) -> Target:
    """Reads a path such as `/apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE/NAME`."""
    parts, at = _parts(path)
    rest = parts[at:]
    if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in _OF_ONE:
        return Target(rest[2], rest[1], rest[3] if len(rest) > 3 else "")
    return Target(rest[0] if rest else "", "", rest[1] if len(rest) > 1 else "")


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of the names of one cluster's objects, such as `c07-`.

    Renamed are namespaces, cluster-scoped objects, and all that refers to them: roles in bindings, the labels by which
    ClusterRoles are added up. Users and groups too: a ClusterRoleBinding of one cluster gives nothing in another one.
    """

    text: str

    def path(self, path: str) -> str:
        """The path on the real kube-apiserver."""
        parts, at = _parts(path)
        found = target(path)
        if len(parts) > at + 1 and (found.namespace or found.resource in _CLUSTER_SCOPED):
            parts[at + 1] = self.text + parts[at + 1]
        return "/" + "/".join(parts)

    def query(self, resource: str, query: Mapping[str, str]) -> dict[str, str]:
        """The query of a list or watch there."""
        field, _, name = query.get("fieldSelector", "").partition("metadata.name=")
        if name and not field and resource in _CLUSTER_SCOPED:
            return {**query, "fieldSelector": f"metadata.name={self.text}{name}"}
        return dict(query)

    def inward(self, resource: str, obj: Object) -> Object:
        """An object, a patch or a question, as it is put to the real kube-apiserver."""
        if resource.endswith("reviews"):
            return self.review(obj)
        moved = self._renamed(resource, obj, self._add)
        if resource == "validatingadmissionpolicies" and "spec" in moved:
            mine = [f"has(request.{field}) && request.{field}.startsWith('{self.text}')" for field in _IDENTITY]
            condition = {"name": _CONDITION, "expression": " || ".join(f"({each})" for each in mine)}
            conditions = [*(moved["spec"].get("matchConditions") or ()), condition]
            moved["spec"] = {**moved["spec"], "matchConditions": conditions}
        return moved

    def review(self, obj: Object) -> Object:
        """A question about rights, as it is put to the real kube-apiserver."""
        spec = dict(obj.get("spec") or {})
        for field in ("user", "namespace"):
            if spec.get(field):
                spec[field] = self.text + spec[field]
        if "groups" in spec:
            spec["groups"] = [self.text + group for group in spec["groups"]]
        if attributes := spec.get("resourceAttributes"):
            named = {"namespace", "name"} if attributes["resource"] in _CLUSTER_SCOPED else {"namespace"}
            moved = {field: self.text + value for field, value in attributes.items() if field in named and value}
            spec["resourceAttributes"] = {**attributes, **moved}
        return {**obj, "spec": spec} if spec else obj

    def outward(self, resource: str, obj: Object) -> Object | None:
        """An object or an error as this cluster has it; None for an object of another one."""
        if obj.get("kind") == "Status":
            details = obj.get("details") or {}
            named = {"details": {**details, "name": self._strip(details["name"])}} if "name" in details else {}
            return {**obj, **named, "message": str(obj.get("message", "")).replace(self.text, "")}
        if not self._mine(resource, obj["metadata"]):
            return None
        moved = self._renamed(resource, obj, self._strip)
        if resource == "validatingadmissionpolicies" and "spec" in moved:
            conditions = [each for each in moved["spec"].get("matchConditions") or () if each["name"] != _CONDITION]
            moved["spec"] = {**moved["spec"], "matchConditions": conditions}
        return moved

    def _mine(self, resource: str, metadata: Mapping[str, Any]) -> bool:
        if resource in _CLUSTER_SCOPED:
            return str(metadata.get("name", "")).startswith(self.text)
        return "namespace" not in metadata or str(metadata["namespace"]).startswith(self.text)

    def _renamed(self, resource: str, obj: Object, rename: Callable[[str], str]) -> Object:
        moved = dict(obj)
        if isinstance(metadata := obj.get("metadata"), dict):
            moved["metadata"] = metadata = dict(metadata)
            if resource in _CLUSTER_SCOPED and "name" in metadata:
                metadata["name"] = rename(metadata["name"])
            if "namespace" in metadata:
                metadata["namespace"] = rename(metadata["namespace"])
            if metadata.get("labels"):
                metadata["labels"] = _labels(metadata["labels"], rename)
        if (obj.get("roleRef") or {}).get("kind") == "ClusterRole":
            moved["roleRef"] = {**obj["roleRef"], "name": rename(obj["roleRef"]["name"])}
        if obj.get("subjects"):
            moved["subjects"] = [_subject(subject, rename) for subject in obj["subjects"]]
        if selectors := (obj.get("aggregationRule") or {}).get("clusterRoleSelectors"):
            found = [{**each, "matchLabels": _labels(each.get("matchLabels") or {}, rename)} for each in selectors]
            moved["aggregationRule"] = {"clusterRoleSelectors": found}
        if "policyName" in (obj.get("spec") or {}):
            moved["spec"] = {**obj["spec"], "policyName": rename(obj["spec"]["policyName"])}
        return moved

    def _add(self, name: str) -> str:
        return self.text + name

    def _strip(self, name: str) -> str:
        return name.removeprefix(self.text)


_IDENTITY: Final = ("namespace", "name")


def _parts(path: str) -> tuple[list[str], int]:
    """The segments of a path, and where the resource begins."""
    parts = path.strip("/").split("/")
    return parts, 2 if parts[0] == "api" else 3 if parts[0] == "apis" else len(parts)


def _labels(labels: Mapping[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    named = {label: rename(labels[label]) for label in _NAMES if isinstance(labels.get(label), str)}
    return {**labels, **named}


def _subject(subject: Object, rename: Callable[[str], str]) -> Object:
    field = "namespace" if subject["kind"] == "ServiceAccount" else "name"
    return {**subject, field: rename(subject[field])}
