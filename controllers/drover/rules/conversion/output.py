"""Drover's side of a conversion: Projects, namespaces, and what both take from labels and names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

from drover.api.keys import CONTAINER_LIMIT, MANAGEMENT, NAMESPACE_STATUS, PROJECT_ID, RESOURCE_QUOTA
from drover.kube.gvr import Object
from drover.rules.conversion.amounts import as_limit
from drover.rules.names import LONGEST_LABEL, shortened, suffix
from drover.rules.objects import annotation

_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_OF_OTHERS: Final = (
    "hnc.x-k8s.io/",
    "capsule.clastix.io/",
    "projectcapsule.dev/",
    "drover.dev/",
    "kubernetes.io/metadata.name",
    _LAST_APPLIED,
    NAMESPACE_STATUS,
    "lifecycle.cattle.io/",
)
_OURS: Final = frozenset((PROJECT_ID, RESOURCE_QUOTA, CONTAINER_LIMIT))
"""What a conversion decides anew."""

_TREE_LABEL: Final = ".tree.hnc.x-k8s.io/depth"
_NO_LABEL: Final = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Quotas:
    """Of a Project, by the keys of a ResourceQuota: its limit, the share of a namespace that asks for nothing, and the
    shares of its namespaces."""

    limit: Mapping[str, str] = field(default_factory=dict)
    default: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def project_name(prefix: str, name: str) -> str:
    """A name as a Project can have it: the same, or with letters that follow from it where it had to be changed."""
    wanted = f"{prefix}{name}"
    plain = _NO_LABEL.sub("-", wanted.lower()).strip("-")
    if plain == wanted:
        return shortened(plain)
    return f"{plain[: LONGEST_LABEL - 9].strip('-')}-{suffix(wanted)}".strip("-")


def project(
    cluster: str, name: str, display: str, description: str, quotas: Quotas, container: Mapping[str, str]
) -> Object:
    """A Project."""
    spec: Object = {"clusterName": cluster, "displayName": display, "description": description}
    if quotas.limit:
        spec["resourceQuota"] = {"limit": as_limit(quotas.limit)}
        spec["namespaceDefaultResourceQuota"] = {"limit": as_limit(quotas.default)}
    if container:
        spec["containerDefaultResourceLimit"] = dict(container)
    return {
        "apiVersion": f"{MANAGEMENT}/v3",
        "kind": "Project",
        "metadata": {"name": name, "namespace": cluster},
        "spec": spec,
    }


def namespace(
    name: str,
    live: Object | None,
    *,
    project_id: str,
    share: Mapping[str, str],
    container: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Object:
    """A namespace of a Project, with the labels and annotations that people gave it: `kubectl apply` takes off what it
    applied before and no longer finds in the file, and a namespace without its Pod Security labels is less safe."""
    metadata = (live or {}).get("metadata") or {}
    ours = {PROJECT_ID: project_id}
    if share:
        ours[RESOURCE_QUOTA] = json.dumps({"limit": as_limit(share)})
    if container:
        ours[CONTAINER_LIMIT] = json.dumps(dict(container))
    found: Object = {"name": name}
    if kept := of_people(metadata.get("labels"), _applied(metadata, "labels")) | dict(labels or {}):
        found["labels"] = dict(sorted(kept.items()))
    noted = of_people(metadata.get("annotations"), _applied(metadata, "annotations")) | dict(annotations or {})
    found["annotations"] = dict(sorted((noted | ours).items()))
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": found}


def of_people(given: Any, applied: Set[str] = frozenset()) -> dict[str, str]:
    """Labels or annotations without those that a controller keeps, unless they were `applied` by a person."""
    found = {str(key): str(value) for key, value in (given if isinstance(given, dict) else {}).items()}
    return {
        key: value
        for key, value in found.items()
        if key in applied or not (key.startswith(_OF_OTHERS) or key.endswith(_TREE_LABEL) or key in _OURS)
    }


def _applied(metadata: Mapping[str, Any], field_: str) -> frozenset[str]:
    """The labels or annotations that `kubectl apply` wrote: the next apply takes off those that it does not find."""
    try:
        last = json.loads((metadata.get("annotations") or {}).get(_LAST_APPLIED, "{}"))["metadata"][field_]
    except (ValueError, KeyError, TypeError):
        last = {}
    managed = [
        ((entry.get("fieldsV1") or {}).get("f:metadata") or {}).get(f"f:{field_}") or {}
        for entry in metadata.get("managedFields") or []
        if entry.get("operation") == "Apply"
    ]
    keys = {key.removeprefix("f:") for fields in managed for key in fields if key.startswith("f:")}
    return frozenset(keys | set(last or ())) - _OURS - {_LAST_APPLIED}


def elsewhere(live: Object | None, project_id: str) -> str:
    """The Project that a namespace is in already, where that is another one; empty otherwise."""
    found = annotation(live, PROJECT_ID) if live else ""
    return found if found != project_id else ""


def container_defaults(limit_range: Any) -> tuple[dict[str, str], bool]:
    """What a LimitRange's `spec` gives containers that set nothing, by the keys of a Project, and whether that is all
    that it says."""
    items = (limit_range if isinstance(limit_range, dict) else {}).get("limits") or []
    found: dict[str, str] = {}
    whole = True
    for item in items:
        if item.get("type") != "Container":
            whole = False
            continue
        whole = whole and not item.keys() - {"type", "default", "defaultRequest"}
        for part, which in (("defaultRequest", "requests"), ("default", "limits")):
            for resource, value in (item.get(part) or {}).items():
                if resource in ("cpu", "memory"):
                    found.setdefault(f"{which}{resource.capitalize()}", str(value))
                else:
                    whole = False
    return dict(sorted(found.items())), whole


def named(kind: str, api_version: str, namespace_: str, name: str, spec: Mapping[str, Any]) -> Object:
    """A plain Kubernetes object in a namespace."""
    metadata = {"name": shortened(name), "namespace": namespace_}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": dict(spec)}
