"""`clusters.provisioning.cattle.io`: what platform teams write, and the management Cluster that comes of it."""

from __future__ import annotations

from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.provisioning.decide import decide
from drover.kinds.provisioning.gather import gather
from drover.kinds.provisioning.report import report
from drover.kinds.provisioning.world import World
from drover.kinds.resources import PROVISIONING_CLUSTERS
from drover.kube.gvr import Key


class ProvisioningKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = PROVISIONING_CLUSTERS
    name = "provisioning-cluster"
    manager = "drover-provisioning"
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.provisioning.cluster import ClusterSpec

        return ClusterSpec

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)
