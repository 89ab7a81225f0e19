"""The kinds, in the order in which a reader meets them."""

from __future__ import annotations

from drover.api.management.cluster import Cluster
from drover.api.management.project import Project
from drover.api.project.workload import Workload
from drover.api.provisioning.cluster import Cluster as ProvisioningCluster
from drover.api.resource import Resource

KINDS: tuple[type[Resource], ...] = (Cluster, Project, ProvisioningCluster, Workload)
