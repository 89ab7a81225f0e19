"""Writes of the operator, by the kube-apiserver's own log."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson

OPERATOR = "system:serviceaccount:drover-system:drover"
_WRITES = ("create", "update", "patch", "delete")
_NOT_OBJECTS = ("leases", "selfsubjectaccessreviews", "events")


def size(log: Path) -> int:
    """Where the log ends now."""
    return log.stat().st_size if log.exists() else 0


def writes(log: Path, since: int = 0) -> Counter[str]:
    """The operator's writes since a place in the log, by `verb resource/subresource`."""
    found: Counter[str] = Counter()
    with log.open("rb") as file:
        file.seek(since)
        for line in file:
            entry = orjson.loads(line) if line.endswith(b"\n") else {}
            target = entry.get("objectRef") or {}
            if entry.get("verb") not in _WRITES or entry["user"].get("username") != OPERATOR:
                continue
            if target.get("resource") not in _NOT_OBJECTS:
                found["/".join(filter(None, (f"{entry['verb']} {target['resource']}", target.get("subresource"))))] += 1
    return found
