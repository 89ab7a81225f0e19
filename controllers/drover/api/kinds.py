"""The kinds, in the order in which a reader meets them."""

from __future__ import annotations

from drover.api.management.cluster import Cluster
from drover.api.management.feature import Feature
from drover.api.management.preference import Preference
from drover.api.management.project import Project
from drover.api.management.setting import Setting
from drover.api.project.workload import Workload
from drover.api.provisioning.cluster import Cluster as ProvisioningCluster
from drover.api.resource import Resource

KINDS: tuple[type[Resource], ...] = (
    Cluster,
    Project,
    ProvisioningCluster,
    Workload,
    Setting,
    Feature,
    Preference,
)
