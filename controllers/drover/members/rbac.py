"""RBAC objects as a member's loop knows them: what of them is kept, and whether one is exactly as it should be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from drover.api.keys import AGGREGATED, OWNER_UID, UNIT
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, GVR, RBAC, ROLE_BINDINGS, ROLES, Object
from drover.members.desired import Part

KINDS: Final[dict[str, GVR]] = {gvr.kind: gvr for gvr in (ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)}
"""The RBAC kinds by `kind`."""

_IDENTITY: Final = ("name", "namespace", "uid", "resourceVersion", "deletionTimestamp", "finalizers")
_MARKS: Final = (UNIT, OWNER_UID)


def unit_label(key: str) -> str:
    """The value of the label `drover.dev/unit` on what is made for the part with this key."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def marked(manifest: Mapping[str, Any], part: Part) -> Object:
    """A compiled object with the labels and annotations of its part."""
    metadata = manifest["metadata"]
    labels = {**(metadata.get("labels") or {}), **part.owner.labels(), UNIT: unit_label(part.key)}
    notes = {**(metadata.get("annotations") or {}), **part.owner.annotations()}
    return {**manifest, "metadata": {**metadata, "labels": labels, "annotations": notes}}


def stamp(obj: Mapping[str, Any]) -> str:
    """Changes with everything in an RBAC object that gives rights or keeps it alive; not with annotations.

    All labels count: one that somebody adds may make a role part of another. So do finalizers, which would keep a
    grant in force after its deletion. The rules of an aggregated role are written by kube-controller-manager.
    """
    metadata = obj["metadata"]
    seen: dict[str, Any] = {name: metadata[name] for name in ("finalizers", "ownerReferences") if metadata.get(name)}
    seen["labels"] = metadata.get("labels") or {}
    if aggregation := obj.get("aggregationRule"):
        seen["aggregationRule"] = _said(aggregation)
    else:
        seen["rules"] = _said(obj.get("rules") or ())
    if "roleRef" in obj:
        seen["roleRef"] = _reference(obj["roleRef"])
        seen["subjects"] = [_subject(subject) for subject in obj.get("subjects") or ()]
    return hashlib.sha256(orjson.dumps(seen, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def selected(role: Mapping[str, Any], labelled: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Which ClusterRoles, by name with their labels, an aggregated ClusterRole adds up."""
    selectors = (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
    wanted = [selector["matchLabels"].items() for selector in selectors]
    return [name for name, labels in labelled.items() if any(each <= labels.items() for each in wanted)]


def role_of(obj: Mapping[str, Any]) -> str:
    """What a binding binds to, as `<kind>/<name>`; empty for a role. It cannot be changed."""
    reference = obj.get("roleRef")
    return f"{reference.get('kind', '')}/{reference.get('name', '')}" if reference else ""


def pruned(obj: Object) -> Object:
    """An RBAC object of ours: a stamp in place of what it holds."""
    metadata = obj["metadata"]
    kept = {name: metadata[name] for name in _IDENTITY if metadata.get(name)}
    labels = metadata.get("labels") or {}
    kept["labels"] = {name: labels[name] for name in _MARKS if name in labels}
    return {"kind": obj["kind"], "metadata": kept, "stamp": stamp(obj), "role": role_of(obj)}


def pruned_foreign(obj: Object) -> Object:
    """A ClusterRole that is not ours, with its labels only where some of them are."""
    metadata = obj["metadata"]
    kept = {
        name: metadata[name] for name in ("name", "uid", "resourceVersion", "deletionTimestamp") if name in metadata
    }
    labels = metadata.get("labels") or {}
    return {"kind": obj["kind"], "metadata": {**kept, "labels": labels if AGGREGATED in labels else {}}}


def unit_of(obj: Mapping[str, Any]) -> str:
    """The label `drover.dev/unit`; empty where there is none."""
    return str((obj["metadata"].get("labels") or {}).get(UNIT, ""))


def _said(value: Any) -> Any:
    """A value without what is said by leaving it out."""
    if isinstance(value, Mapping):
        found = {key: _said(each) for key, each in value.items()}
        return {key: each for key, each in found.items() if each not in ({}, [], None)}
    if isinstance(value, (list, tuple)):
        return [_said(each) for each in value]
    return value


def _reference(reference: Mapping[str, Any]) -> list[str]:
    return [reference.get("apiGroup") or RBAC, reference.get("kind", ""), reference.get("name", "")]


def _subject(subject: Mapping[str, Any]) -> list[str]:
    kind = subject.get("kind", "")
    group = subject.get("apiGroup") or ("" if kind == "ServiceAccount" else RBAC)
    return [group, kind, subject.get("namespace", ""), subject.get("name", "")]


def by_unit(obj: Object) -> Iterable[str]:
    """The index of `unit_of`."""
    found = unit_of(obj)
    return [found] if found else []
