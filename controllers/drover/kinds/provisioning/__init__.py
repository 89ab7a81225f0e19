"""`clusters.provisioning.cattle.io`: what platform teams write, and the management Cluster that comes of it."""

from __future__ import annotations

from typing import Any

from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.plan import Plan
from drover.kinds.provisioning.decide import decide
from drover.kinds.provisioning.gather import gather
from drover.kinds.provisioning.report import report
from drover.kinds.provisioning.world import World
from drover.kinds.resources import PROVISIONING_CLUSTERS
from drover.kube.gvr import Key, Object
from drover.rules.findings import Finding


class ProvisioningKind:
    """The kind, for the reconciler."""

    gvr = PROVISIONING_CLUSTERS
    name = "provisioning-cluster"
    manager = "drover-provisioning"
    workers = 8

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._parsed = Parsed(_model)

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)

    def object_of(self, world: World) -> Object:
        """The provisioning Cluster."""
        return world.cluster

    def decide(self, world: World) -> Plan:
        """The next step."""
        return decide(world)

    def report(self, world: World, finding: Finding | None) -> dict[str, Any] | None:
        """The status."""
        return report(world, finding)

    def vanished(self, old: Object) -> None:
        """Forgets the provisioning Cluster."""
        self._parsed.forget(old)


def _model() -> Any:
    from drover.api.provisioning.cluster import ClusterSpec

    return ClusterSpec
