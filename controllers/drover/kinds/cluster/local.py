"""The Cluster that stands for the cluster that Drover runs in."""

from __future__ import annotations

from drover.api.keys import CLUSTER_FINALIZER, LOCAL_CLUSTER
from drover.kinds.resources import CLUSTERS
from drover.kube.gvr import Object


def local_cluster(workspace: str) -> Object:
    """As it is made at the first start, with its finalizer, so that it takes no second write."""
    return {
        "apiVersion": CLUSTERS.api_version,
        "kind": CLUSTERS.kind,
        "metadata": {"name": LOCAL_CLUSTER, "finalizers": [CLUSTER_FINALIZER]},
        "spec": {"displayName": LOCAL_CLUSTER, "internal": True, "fleetWorkspaceName": workspace},
    }
