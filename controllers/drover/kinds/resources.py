"""Where the reconciled kinds are on the kube-apiserver."""

from __future__ import annotations

from typing import Final

from drover.api.keys import MANAGEMENT, PROJECT, PROVISIONING
from drover.kube.gvr import GVR

CLUSTERS: Final = GVR(MANAGEMENT, "v3", "clusters", "Cluster", namespaced=False)
PROJECTS: Final = GVR(MANAGEMENT, "v3", "projects", "Project")
PROVISIONING_CLUSTERS: Final = GVR(PROVISIONING, "v1", "clusters", "Cluster")
WORKLOADS: Final = GVR(PROJECT, "v3", "workloads", "Workload")
SETTINGS: Final = GVR(MANAGEMENT, "v3", "settings", "Setting", namespaced=False)
FEATURES: Final = GVR(MANAGEMENT, "v3", "features", "Feature", namespaced=False)
PREFERENCES: Final = GVR(MANAGEMENT, "v3", "preferences", "Preference")

KINDS: Final = (
    CLUSTERS,
    PROJECTS,
    PROVISIONING_CLUSTERS,
    WORKLOADS,
    SETTINGS,
    FEATURES,
)
"""Those that are followed and reconciled."""

SERVED: Final = (
    *KINDS,
    PREFERENCES,
)
"""All that have a CRD: some are kept and not acted on."""
