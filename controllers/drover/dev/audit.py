"""What a user wrote, by the kube-apiserver's own log."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import orjson

OPERATOR = "system:serviceaccount:drover-system:drover"
_CHUNK = 1 << 16
_WRITES = ("create", "update", "patch", "delete", "deletecollection")
_NOT_OBJECTS = ("leases", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews", "events")


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changed something, or would have. `at` is when it was received, in RFC 3339."""

    verb: str
    resource: str
    namespace: str
    name: str
    subresource: str
    code: int
    agent: str
    at: str

    @property
    def what(self) -> str:
        """`verb resource/subresource`."""
        return "/".join(filter(None, (f"{self.verb} {self.resource}", self.subresource)))


def size(log: Path) -> int:
    """Where the last whole line of the log ends now: what comes later starts there. The kube-apiserver may be about to
    write another."""
    if not log.exists():
        return 0
    with log.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _CHUNK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def writes(log: Path, since: int = 0, user: str = OPERATOR) -> list[Write]:
    """The writes of a user since a place in the log. Leases, Events and questions about rights are no objects."""
    found = []
    with log.open("rb") as file:
        file.seek(since)
        for line in file:
            if not line.endswith(b"\n"):
                break
            entry = orjson.loads(line)
            target = entry.get("objectRef") or {}
            if entry["user"].get("username") != user or entry["verb"] not in _WRITES:
                continue
            if target.get("resource") not in _NOT_OBJECTS:
                found.append(_write(entry, target))
    return found


def _write(entry: dict[str, object], target: dict[str, str]) -> Write:
    answer = entry.get("responseStatus")
    return Write(
        verb=str(entry["verb"]),
        resource=target.get("resource", ""),
        namespace=target.get("namespace", ""),
        name=target.get("name", ""),
        subresource=target.get("subresource", ""),
        code=int(answer.get("code", 0)) if isinstance(answer, dict) else 0,
        agent=str(entry.get("userAgent", "")),
        at=str(entry.get("requestReceivedTimestamp", "")),
    )
