"""`kontainerdrivers.management.cattle.io`: a record of a driver of hosted clusters."""

from __future__ import annotations

from typing import Any

from drover.api.keys import KONTAINER_DRIVER_FINALIZER
from drover.kinds.kind import Kind
from drover.kinds.kontainer_driver.report import report
from drover.kinds.plan import Plan
from drover.kinds.protected import Protected, decided
from drover.kinds.references import known_as
from drover.kinds.resources import KONTAINER_DRIVERS
from drover.kube.gvr import Key


class KontainerDriverKind(Kind[Protected]):
    """The kind, for the reconciler. Its deletion is held while a Cluster names it; nothing else is done."""

    gvr = KONTAINER_DRIVERS
    name = "kontainer-driver"
    manager = "drover-kontainer-driver"
    workers = 2
    low_at_once = 1
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.management.kontainer_driver import KontainerDriverSpec

        return KontainerDriverSpec

    @staticmethod
    def decide(world: Protected) -> Plan:
        """The next step."""
        return decided(world, KONTAINER_DRIVER_FINALIZER, ())

    def gather(self, key: Key) -> Protected | None:
        """Everything that the decision depends on."""
        obj = self._hub.caches[KONTAINER_DRIVERS].get(key)
        if obj is None:
            return None
        users = self._hub.users(known_as(self.gvr, obj))
        return Protected(obj, users, leaving=False, invalid=self._parsed.problem(obj), now=self._hub.now())
