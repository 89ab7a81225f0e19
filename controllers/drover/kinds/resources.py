"""Where the reconciled kinds are on the kube-apiserver."""

from __future__ import annotations

from typing import Final

from drover.api.keys import MANAGEMENT, PROJECT, PROVISIONING
from drover.kube.gvr import GVR

CLUSTERS: Final = GVR(MANAGEMENT, "v3", "clusters", "Cluster", namespaced=False)
PROJECTS: Final = GVR(MANAGEMENT, "v3", "projects", "Project")
PROVISIONING_CLUSTERS: Final = GVR(PROVISIONING, "v1", "clusters", "Cluster")
WORKLOADS: Final = GVR(PROJECT, "v3", "workloads", "Workload")

KINDS: Final = (CLUSTERS, PROJECTS, PROVISIONING_CLUSTERS, WORKLOADS)
