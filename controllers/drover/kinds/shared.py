"""What the decisions about several kinds have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from drover.api.keys import SYSTEM_NAMESPACE
from drover.kube.gvr import Object
from drover.members.desired import MemberState
from drover.rules.credentials import Look
from drover.rules.findings import Terminal, Waiting
from drover.rules.ownership import Owner

_FRESH_SECONDS = 5.0


class Checked(Protocol):
    """A world with what is wrong with its object; empty for nothing."""

    @property
    def invalid(self) -> str: ...


def valid(world: Checked) -> Terminal | None:
    """What its schema should have refused."""
    return Terminal("InvalidSpec", world.invalid) if world.invalid else None


def member_answers(member: MemberState | None, cluster: str) -> Waiting | None:
    """What is waited for while a member does not answer; None while it does."""
    if member is None or member.connected is None:
        return Waiting("ClusterNotConnected", f"Cluster {cluster} is not connected yet")
    if not member.connected:
        return Waiting("ClusterUnreachable", f"Cluster {cluster} does not answer")
    return None


def system_namespace(owner: Owner, name: str) -> Object:
    """A namespace of the hub that is made for a Cluster or a Project."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": name,
            "labels": owner.labels(),
            "annotations": {**owner.annotations(), SYSTEM_NAMESPACE: "true"},
        },
    }


def due(look: Look | None, now: datetime) -> bool:
    """Whether a Secret is to be looked at: it was not yet, or some time ago."""
    return look is None or abs((now - look.at).total_seconds()) > _FRESH_SECONDS
