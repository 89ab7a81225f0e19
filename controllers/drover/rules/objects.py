"""Reading what every Kubernetes object has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drover.api.keys import FORCE_DELETE, PAUSED

Obj = Mapping[str, Any]


def annotation(obj: Obj, key: str) -> str:
    """An annotation; empty where it is absent."""
    return str((obj["metadata"].get("annotations") or {}).get(key, ""))


def label(obj: Obj, key: str) -> str:
    """A label; empty where it is absent."""
    return str((obj["metadata"].get("labels") or {}).get(key, ""))


def name_of(obj: Obj) -> str:
    """`metadata.name`."""
    return str(obj["metadata"]["name"])


def namespace_of(obj: Obj) -> str:
    """`metadata.namespace`; empty for cluster-scoped kinds."""
    return str(obj["metadata"].get("namespace", ""))


def uid_of(obj: Obj) -> str:
    """`metadata.uid`."""
    return str(obj["metadata"]["uid"])


def deleting(obj: Obj) -> bool:
    """Whether the object is being deleted."""
    return bool(obj["metadata"].get("deletionTimestamp"))


def paused(obj: Obj) -> bool:
    """Whether a person has asked to leave the object alone."""
    return annotation(obj, PAUSED) == "true"


def forced(obj: Obj) -> bool:
    """Whether a person has asked to end the deletion without clean-up."""
    return annotation(obj, FORCE_DELETE) == "true"


def finalizers(obj: Obj) -> list[str]:
    """`metadata.finalizers`."""
    return list(obj["metadata"].get("finalizers") or [])


def status(obj: Obj) -> dict[str, Any]:
    """`status`; empty where it is absent."""
    return obj.get("status") or {}


def spec(obj: Obj, *names: str) -> dict[str, Any]:
    """`spec`, or the mapping that names lead to within it; empty where it is absent, or something else, as it can be
    when admission was removed."""
    found: Any = obj
    for name in ("spec", *names):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def overdue(obj: Obj, now: datetime, patience: float) -> bool:
    """Whether the object has been waiting for its deletion for longer than `patience` seconds."""
    since = obj["metadata"].get("deletionTimestamp")
    return bool(since) and (now - datetime.fromisoformat(since)).total_seconds() > patience
