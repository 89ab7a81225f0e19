"""The annotation `cattle.io/status` of a namespace: conditions that clients of Rancher's API look for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def with_conditions(annotation: str, wanted: Mapping[str, str], now: str) -> str:
    """The annotation with conditions: True where `wanted` has no message for a type, False with the message.

    Conditions of other types stay, and the time of one that is so already. Gives the same text where nothing changes.
    """
    known = _read(annotation)
    found = {str(entry.get("Type")): entry for entry in known}
    new = {}
    for type_, message in wanted.items():
        status, old = "False" if message else "True", found.get(type_, {})
        if (old.get("Status"), old.get("Message", "")) != (status, message):
            new[type_] = {"Type": type_, "Status": status, "Message": message, "LastUpdateTime": now}
    if not new:
        return annotation
    kept = [new.pop(str(entry.get("Type")), entry) for entry in known]
    return json.dumps({"Conditions": [*kept, *new.values()]}, separators=(",", ":"))


def without_conditions(annotation: str, types: tuple[str, ...]) -> str:
    """The annotation without conditions of these types; empty where none is left."""
    kept = [entry for entry in _read(annotation) if entry.get("Type") not in types]
    if len(kept) == len(_read(annotation)):
        return annotation
    return json.dumps({"Conditions": kept}, separators=(",", ":")) if kept else ""


def _read(annotation: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(annotation or "{}")
    except ValueError:
        return []
    conditions = found.get("Conditions") if isinstance(found, dict) else None
    return [entry for entry in conditions if isinstance(entry, dict)] if isinstance(conditions, list) else []
