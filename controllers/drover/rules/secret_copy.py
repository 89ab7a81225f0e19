"""The copy of a project's secret in a namespace: what it holds, and what is to be changed about one that is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import orjson

from drover.api.keys import (
    COPIED,
    MANAGED_BY,
    ORIGINAL,
    PROJECT_SCOPED,
    PROJECT_SCOPED_CLUSTER,
    PROJECT_SCOPED_COPY,
    SHOWN_TO_USERS,
)
from drover.rules.objects import Obj, annotation
from drover.rules.ownership import Owner

_OURS = "drover.dev/"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ALWAYS = (PROJECT_SCOPED, PROJECT_SCOPED_CLUSTER)
_MADE = {SHOWN_TO_USERS: "true", PROJECT_SCOPED_COPY: "true"}


def digest(data: Mapping[str, str]) -> bytes:
    """Changes with any value. It stays in memory: beside a weak password, it would help to guess it."""
    return hashlib.sha256(orjson.dumps(dict(data), option=orjson.OPT_SORT_KEYS)).digest()


class Content:
    """What copies take from a Secret.

    No dataclass, so that neither orjson nor `asdict` nor a log ever writes it out: its values are for the body of one
    request.
    """

    __slots__ = ("annotations", "data", "digest", "immutable", "labels", "type")

    def __init__(self, secret: Obj) -> None:
        metadata = secret["metadata"]
        self.type = str(secret.get("type") or "Opaque")
        self.immutable = secret.get("immutable") is True
        self.data: dict[str, str] = dict(secret.get("data") or {})
        self.digest = digest(self.data)
        self.labels = _foreign(metadata.get("labels"), MANAGED_BY)
        self.annotations = _foreign(metadata.get("annotations"), _LAST_APPLIED, *_MADE)

    def __repr__(self) -> str:
        return "Content(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self.digest)

    def _compared(self) -> tuple[object, ...]:
        return self.type, self.immutable, self.digest, self.labels, self.annotations


def _foreign(marks: Mapping[str, str] | None, *without: str) -> dict[str, str]:
    """Labels or annotations that are neither Drover's own nor named."""
    return {key: value for key, value in (marks or {}).items() if key not in without and not key.startswith(_OURS)}


def metadata(content: Content, owner: Owner, cluster: str, namespace: str, name: str) -> dict[str, Any]:
    """The metadata of a copy in a cluster's namespace."""
    marks = {**_MADE, **owner.annotations(), ORIGINAL: original(cluster, namespace, name)}
    copied = {
        "annotations": sorted(content.annotations),
        "labels": sorted(key for key in content.labels if key not in _ALWAYS),
    }
    if any(copied.values()):
        marks[COPIED] = json.dumps(copied, separators=(",", ":"))
    return {
        "name": name,
        "namespace": namespace,
        "labels": {**content.labels, **owner.labels()},
        "annotations": {**content.annotations, **marks},
    }


def original(cluster: str, namespace: str, name: str) -> str:
    """Where a copy was made."""
    return f"{cluster}/{namespace}/{name}"


def manifest(content: Content, marks: Mapping[str, Any]) -> dict[str, Any]:
    """A copy as it is created."""
    made = {"apiVersion": "v1", "kind": "Secret", "metadata": dict(marks), "type": content.type, "data": content.data}
    return made | ({"immutable": True} if content.immutable else {})


def pruned(secret: Obj, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a copy that is there, with `kept` of its metadata: no value, but the names of its keys and the
    digest of all."""
    data = secret.get("data") or {}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": dict(kept),
        "type": secret.get("type") or "Opaque",
        "immutable": secret.get("immutable") is True,
        "keys": sorted(data),
        "digest": digest(data),
    }


def must_be_made_anew(live: Obj, content: Content) -> bool:
    """Whether a copy cannot be changed into what it should be: the type never changes, and nothing of an immutable
    Secret but its metadata."""
    if live["type"] != content.type:
        return True
    return bool(live["immutable"]) and (live["digest"] != content.digest or not content.immutable)


def change(live: Obj, content: Content, marks: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch, without its identity, that makes a copy as it should be; empty where it is. Labels and
    annotations that others have set stay."""
    changed = {field: _marks(live, field, marks[field]) for field in ("labels", "annotations")}
    patch: dict[str, Any] = {"metadata": changed} if any(changed.values()) else {}
    if live["digest"] != content.digest:
        patch["data"] = {**dict.fromkeys(set(live["keys"]) - content.data.keys()), **content.data}
    if content.immutable and not live["immutable"]:
        patch["immutable"] = True
    return patch


def _marks(live: Obj, field: str, wanted: Mapping[str, str]) -> dict[str, str | None]:
    found = live["metadata"].get(field) or {}
    dropped = ({*_copied(live, field), COPIED} & found.keys()) - wanted.keys()
    changed: dict[str, str | None] = {key: value for key, value in wanted.items() if found.get(key) != value}
    return changed | dict.fromkeys(dropped)


def _copied(live: Obj, field: str) -> set[str]:
    """The labels or annotations that came from the project's secret when the copy was written."""
    try:
        recorded = json.loads(annotation(live, COPIED) or "{}")
        return {str(key) for key in recorded.get(field) or ()}
    except (ValueError, AttributeError, TypeError):  # somebody has edited it
        return set()
