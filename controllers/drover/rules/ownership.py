"""Whose an object is. A name is never enough: somebody may have chosen it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from drover.api.keys import ADOPT_UID, MANAGED_BY, OWNER, OWNER_UID

Ownership = Literal["absent", "ours", "adoptable", "foreign"]


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that something was made for. `adopts` is the uid it had before it was restored or re-created."""

    kind: str
    namespace: str
    name: str
    uid: str
    adopts: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}" if self.namespace else f"{self.kind}/{self.name}"

    def labels(self) -> dict[str, str]:
        """What marks an object as this owner's."""
        return {MANAGED_BY: "drover", OWNER_UID: self.uid}

    def annotations(self) -> dict[str, str]:
        """What tells a reader of the object where it comes from."""
        return {OWNER: str(self)}


def owner_of(obj: Mapping[str, Any], kind: str) -> Owner:
    """The owner that an object is for what is made for it; `kind` is `<Kind>.<group>`."""
    metadata = obj["metadata"]
    adopts = (metadata.get("annotations") or {}).get(ADOPT_UID, "")
    return Owner(kind, metadata.get("namespace", ""), metadata["name"], metadata["uid"], adopts)


def owner_uid(obj: Mapping[str, Any]) -> str:
    """The uid of the object that this one was made for; empty where Drover did not make it."""
    return str((obj["metadata"].get("labels") or {}).get(OWNER_UID, ""))


def ownership(obj: Mapping[str, Any] | None, owner: Owner, *, living: bool = False) -> Ownership:
    """How an object stands to an owner. `living`: an object with the uid that `owner` wants to take over from still
    exists."""
    if obj is None:
        return "absent"
    uid = owner_uid(obj)
    if uid == owner.uid:
        return "ours"
    if uid and uid == owner.adopts and not living:
        return "adoptable"
    return "foreign"
