"""Whether a live object already is what would be applied, so that an apply can be saved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from drover.kube.quantity import quantity

APPLIED = "drover.dev/applied"
"""Annotation: the digest of what was last applied. It tells fields apart that were dropped since from fields that
others set."""

_EMPTY: tuple[Any, ...] = (None, "", 0, False, {}, [])
_QUANTITIES = frozenset({"requests", "limits", "hard", "default", "defaultRequest", "capacity", "storage", "sizeLimit"})
_LIST_KEYS = ("name", "containerPort", "mountPath", "devicePath", "key", "ip", "type", "topologyKey", "uid")


def digest(obj: Any) -> str:
    """Twelve hex digits that change with any value in the object (JSON or a dataclass of it), and not with the order of
    its fields."""
    return hashlib.sha256(orjson.dumps(obj, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def stamped(obj: dict[str, Any], stamp: str) -> dict[str, Any]:
    """The object with a digest in its annotation `drover.dev/applied`; the given one is not changed."""
    metadata = obj["metadata"]
    return {**obj, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), APPLIED: stamp}}}


def covers(live: Any, wanted: Any, *, field: str = "") -> bool:
    """Whether applying `wanted` over `live` would change nothing.

    Fields that only `live` has are others' business. The kube-apiserver drops empty values and writes quantities in
    its own way (`1000m` as `1`): both count as equal. Lists of objects are compared by position, else by the key that
    names their items.
    """
    if isinstance(wanted, Mapping):
        if not isinstance(live, Mapping):
            return False
        within = field if field in _QUANTITIES else ""
        return all(
            covers(live[name], value, field=within or name) if name in live else value in _EMPTY
            for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(live, list) and _list_covers(live, wanted)
    if type(live) is type(wanted) and live == wanted:
        return True
    if field in _QUANTITIES:
        left, right = quantity(live), quantity(wanted)
        return left is not None and left == right
    return bool(live == wanted and isinstance(live, bool) == isinstance(wanted, bool))


def _list_covers(live: list[Any], wanted: list[Any]) -> bool:
    if len(live) == len(wanted) and all(covers(left, right) for left, right in zip(live, wanted, strict=True)):
        return True
    if not wanted or not all(isinstance(item, Mapping) for item in wanted):
        return not wanted and not live
    for item in wanted:
        key = next((name for name in _LIST_KEYS if name in item), None)
        if key is None:
            return False
        if not any(
            isinstance(other, Mapping) and other.get(key) == item[key] and covers(other, item) for other in live
        ):
            return False
    return True
