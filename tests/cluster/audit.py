"""What the operator wrote, by the kube-apiserver's own log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

OPERATOR = "system:serviceaccount:drover-system:drover"
_WRITES = ("create", "update", "patch", "delete", "deletecollection")
_NOT_OBJECTS = ("leases", "selfsubjectaccessreviews", "events")


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changed something, or would have."""

    verb: str
    resource: str
    namespace: str
    name: str
    subresource: str
    code: int
    agent: str


def size(log: Path) -> int:
    """Where the log ends now: what comes later starts there."""
    return log.stat().st_size if log.exists() else 0


def writes(log: Path, since: int = 0, user: str = OPERATOR) -> list[Write]:
    """The writes of a user since a place in the log. Leases, Events and questions about rights are no objects."""
    found = []
    with log.open("rb") as file:
        file.seek(since)
        for line in file:
            if not line.endswith(b"\n"):
                break
            entry = json.loads(line)
            target = entry.get("objectRef") or {}
            if entry["user"].get("username") != user or entry["verb"] not in _WRITES:
                continue
            if target.get("resource") in _NOT_OBJECTS:
                continue
            found.append(
                Write(
                    entry["verb"],
                    target.get("resource", ""),
                    target.get("namespace", ""),
                    target.get("name", ""),
                    target.get("subresource", ""),
                    (entry.get("responseStatus") or {}).get("code", 0),
                    entry.get("userAgent", ""),
                )
            )
    return found
