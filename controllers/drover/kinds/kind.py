"""What the reconciler needs of a kind: the three steps that differ."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from drover.kinds.plan import Plan
from drover.kube.gvr import GVR, Key, Object
from drover.rules.findings import Finding

W = TypeVar("W")


class Kind(Protocol[W]):
    """A reconciled kind: `gather` reads, `decide` and `report` are pure."""

    gvr: GVR
    name: str
    workers: int

    @property
    def manager(self) -> str:
        """The field manager of its writes."""

    def gather(self, key: Key) -> W | None:
        """Everything that the decision depends on; None where the object does not exist."""

    def object_of(self, world: W) -> Object:
        """The reconciled object in a world."""

    def decide(self, world: W) -> Plan:
        """The next step."""

    def report(self, world: W, finding: Finding | None) -> dict[str, Any] | None:
        """The status to be written; None where it is not to be touched."""

    def vanished(self, old: Object) -> None:
        """The object is gone, perhaps without having been asked to end."""


def coarse(status: dict[str, Any]) -> dict[str, Any]:
    """A status without plain numbers: those that change alone are written at most once a second."""
    return {name: value for name, value in status.items() if not isinstance(value, int) or isinstance(value, bool)}
