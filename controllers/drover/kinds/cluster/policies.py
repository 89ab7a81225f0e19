"""The policies about namespaces and RBAC labels that a member gets: those of the hub, for Drover's identity there."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from drover import install
from drover.kube.gvr import POLICIES, Object
from drover.rules.ownership import Owner

_NAMES: Final = ("drover-namespaces", "drover-protection", "drover-rbac-labels")
_GROUPS: Final = ("", "rbac.authorization.k8s.io")
"""API groups that every cluster serves."""
_NOBODY: Final = ("", "system:anonymous")


@lru_cache(maxsize=4096)
def policies(owner: Owner, user: str, *, may_leave: bool) -> tuple[Object, ...]:
    """The policies and their bindings for a member in which Drover is `user`; none where that is not known.

    `may_leave`: a namespace leaves a project without rights on it.
    """
    if user in _NOBODY:
        return ()
    return tuple(_one(document, owner, user, may_leave=may_leave) for document in _documents())


@lru_cache(maxsize=1)
def _documents() -> tuple[Object, ...]:
    return tuple(found for found in install.policies() if found["metadata"]["name"] in _NAMES)


def _one(document: Object, owner: Owner, user: str, *, may_leave: bool) -> Object:
    # The hub's own names are left to a Drover that may run in the member.
    name = document["metadata"]["name"].replace("drover-", "drover-member-", 1)
    labels = {**(document["metadata"].get("labels") or {}), **owner.labels()}
    metadata = {"name": name, "labels": labels, "annotations": owner.annotations()}
    spec = document["spec"]
    spec = _policy(spec, user, may_leave=may_leave) if document["kind"] == POLICIES.kind else _binding(spec, name)
    return {"apiVersion": document["apiVersion"], "kind": document["kind"], "metadata": metadata, "spec": spec}


def _policy(spec: dict[str, Any], user: str, *, may_leave: bool) -> dict[str, Any]:
    rules = [rule for rule in spec["matchConstraints"]["resourceRules"] if rule["apiGroups"][0] in _GROUPS]
    not_drover = {"not-drover": f"request.userInfo.username != {json.dumps(user, ensure_ascii=False)}"}
    leaving = {"checksLeaving": "false"} if may_leave else {}
    return {
        **spec,
        "matchConstraints": {"resourceRules": rules},
        "matchConditions": _with(spec["matchConditions"], not_drover),
        "variables": _with(spec["variables"], leaving),
    }


def _binding(spec: dict[str, Any], name: str) -> dict[str, Any]:
    return {**spec, "policyName": name}


def _with(entries: list[dict[str, Any]], expressions: dict[str, str]) -> list[dict[str, Any]]:
    """Entries with other expressions, by their names."""
    return [{**each, "expression": expressions.get(each["name"], each["expression"])} for each in entries]
