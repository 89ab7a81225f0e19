"""What the reconciler needs of a kind: the steps that differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.plan import Plan
from drover.kube.gvr import GVR, Key, Object
from drover.rules.findings import Finding

W = TypeVar("W")


class Kind(ABC, Generic[W]):
    """A reconciled kind: `gather` reads, `decide` and `report` are pure.

    `manager` is the field manager of its writes, `workers` how many of its objects are reconciled at once, and
    `low_at_once` how many of those may be ones that nobody waits for. `every` is after how many seconds each is looked
    at again, where it depends on something that nothing tells of. `seeds_after` is how many seconds after the start
    missing `seeds` are made: many objects that nobody waits for leave `local` and its Projects the first two.
    """

    gvr: ClassVar[GVR]
    name: ClassVar[str]
    manager: ClassVar[str]
    workers: ClassVar[int] = 8
    low_at_once: ClassVar[int] = 4
    every: ClassVar[float | None] = None
    seeds_after: ClassVar[float] = 0.0

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._parsed = Parsed(self.model)

    @staticmethod
    def model() -> Any:
        """The model of its spec, imported when the first one is looked at; None for a kind without a spec."""
        return None

    def seeds(self) -> Mapping[Key, Object]:
        """The objects that are made where they are missing; most kinds have none."""
        return {}

    @abstractmethod
    def gather(self, key: Key) -> W | None:
        """Everything that the decision depends on; None where the object does not exist."""

    @staticmethod
    @abstractmethod
    def decide(world: W) -> Plan:
        """The next step."""

    @staticmethod
    @abstractmethod
    def report(world: W, finding: Finding | None) -> dict[str, Any] | None:
        """The status to be written; None where it is not to be touched."""

    def vanished(self, old: Object) -> None:
        """The object is gone, perhaps without having been asked to end."""
        self._parsed.forget(old)


def coarse(status: dict[str, Any]) -> dict[str, Any]:
    """A status without plain numbers, and without what conditions say of why they are as they are: where those change
    alone, it is written at most once a second."""
    found = {name: value for name, value in status.items() if not isinstance(value, int) or isinstance(value, bool)}
    conditions: list[dict[str, Any]] = status.get("conditions") or []
    return {**found, "conditions": [[each.get(name) for name in _SAID] for each in conditions]}


_SAID = ("type", "status", "observedGeneration")
