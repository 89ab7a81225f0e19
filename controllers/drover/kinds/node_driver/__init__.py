"""`nodedrivers.management.cattle.io`: a record of what a driver is called and which fields its credentials have."""

from __future__ import annotations

from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.node_driver.decide import decide
from drover.kinds.node_driver.report import report
from drover.kinds.node_driver.world import World
from drover.kinds.references import known_as
from drover.kinds.resources import NODE_DRIVERS
from drover.kube.gvr import Key
from drover.rules.drivers import described, driver_name
from drover.rules.objects import name_of


class NodeDriverKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = NODE_DRIVERS
    name = "node-driver"
    manager = "drover-node-driver"
    workers = 2
    low_at_once = 1
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.management.node_driver import NodeDriverSpec

        return NodeDriverSpec

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        hub = self._hub
        obj = hub.caches[NODE_DRIVERS].get(key)
        if obj is None:
            return None
        name = driver_name(obj)
        first = hub.node_driver(name)
        return World(
            obj=obj,
            users=hub.users(known_as(self.gvr, obj)),
            leaving=False,
            invalid=self._parsed.problem(obj),
            now=hub.now(),
            driver=described(name, obj),
            first=name_of(first) if first is not None else key.name,
        )
