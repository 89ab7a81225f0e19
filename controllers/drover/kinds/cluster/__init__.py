"""`clusters.management.cattle.io`: namespace, first Projects, connection, and what is seen by it."""

from __future__ import annotations

from typing import Any

from drover.kinds.cluster.decide import attachment, decide
from drover.kinds.cluster.gather import gather
from drover.kinds.cluster.report import report
from drover.kinds.cluster.world import World
from drover.kinds.connect import attach
from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.plan import Plan
from drover.kinds.resources import CLUSTERS
from drover.kube.gvr import Key, Object
from drover.rules.findings import Finding
from drover.rules.objects import deleting, paused


class ClusterKind:
    """The kind, for the reconciler."""

    gvr = CLUSTERS
    name = "cluster"
    manager = "drover-cluster"
    workers = 8

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._parsed = Parsed(_model)

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)

    def object_of(self, world: World) -> Object:
        """The Cluster."""
        return world.cluster

    def decide(self, world: World) -> Plan:
        """The next step."""
        return decide(world)

    def report(self, world: World, finding: Finding | None) -> dict[str, Any] | None:
        """The status."""
        return report(world, finding)

    def vanished(self, old: Object) -> None:
        """Forgets the Cluster."""
        self._parsed.forget(old)

    def warm(self) -> None:
        """Connects to every member without being the leader, so that a new leader knows them already."""
        for key in self._hub.caches[CLUSTERS].known():
            world = self.gather(key)
            if world is None or world.reference or world.invalid or paused(world.cluster) or deleting(world.cluster):
                continue
            if (wanted := attachment(world)) is not None:
                attach(self._hub, wanted)


def _model() -> Any:
    from drover.api.management.cluster import ClusterSpec

    return ClusterSpec
