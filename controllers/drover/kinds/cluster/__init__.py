"""`clusters.management.cattle.io`: namespace, first Projects, connection, and what is seen by it."""

from __future__ import annotations

from typing import Any

from drover.api.keys import LOCAL_CLUSTER
from drover.kinds.cluster.decide import MANAGER, attachment, decide
from drover.kinds.cluster.gather import gather
from drover.kinds.cluster.report import report
from drover.kinds.cluster.world import World
from drover.kinds.connect import attach
from drover.kinds.kind import Kind
from drover.kinds.resources import CLUSTERS
from drover.kube.gvr import Key, Object
from drover.rules.objects import deleting, name_of, paused


class ClusterKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = CLUSTERS
    name = "cluster"
    manager = MANAGER
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.management.cluster import ClusterSpec

        return ClusterSpec

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)

    def vanished(self, old: Object) -> None:
        """Its connection ends with it, also where its finalizer was taken off by hand. Drover runs in the local one."""
        super().vanished(old)
        if name_of(old) != LOCAL_CLUSTER:
            self._hub.fleet.release(name_of(old))

    def warm(self) -> None:
        """Connects to every member without being the leader, so that a new leader knows them already."""
        for key in self._hub.caches[CLUSTERS].known():
            world = self.gather(key)
            if world is None or world.reference or world.invalid or paused(world.cluster) or deleting(world.cluster):
                continue
            if (wanted := attachment(world)) is not None:
                attach(self._hub, wanted)
