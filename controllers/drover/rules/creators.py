"""Who made a Cluster, a Project or a User, and what they are given for it: what annotations say, and conditions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drover.api.keys import CREATOR_BINDINGS, CREATOR_ID, NO_CREATOR_RBAC
from drover.rules.conditions import Condition, is_true, true, unknown
from drover.rules.objects import Obj, annotation

_CONDITION = "CreatorMadeOwner"
_CONDITIONS = (_CONDITION, "InitialRolesPopulated")


@dataclass(frozen=True, slots=True)
class Note:
    """What the annotation says: the roles to be given, and those of them that were."""

    required: tuple[str, ...]
    created: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether all were given."""
        return set(self.required) <= set(self.created)


def noted(obj: Obj) -> Note | None:
    """The annotation about first roles; None where it is absent or says nothing."""
    try:
        found = json.loads(annotation(obj, CREATOR_BINDINGS) or "null")
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return Note(_names(found.get("required")), _names(found.get("created")))


def open_creator(obj: Obj) -> str:
    """The User who made an object and has not been given rights on it; empty for none."""
    if is_true(obj, _CONDITION) or NO_CREATOR_RBAC in (obj["metadata"].get("annotations") or {}):
        return ""
    return annotation(obj, CREATOR_ID)


def conditions(obj: Obj) -> list[Condition]:
    """Whether the creator was given rights. Once True it stays so."""
    if not annotation(obj, CREATOR_ID):
        return [true(type_, "NoCreator") for type_ in _CONDITIONS]
    note = noted(obj)
    if is_true(obj, _CONDITION) or (note is not None and note.complete):
        return [true(type_, "RolesGiven") for type_ in _CONDITIONS]
    return [unknown(type_, "Progressing", "not yet") for type_ in _CONDITIONS]


def _names(value: Any) -> tuple[str, ...]:
    found: Iterable[Any] = value if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for name in found if isinstance(name, str) and name))
