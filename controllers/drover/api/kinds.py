"""The kinds, in the order in which a reader meets them."""

from __future__ import annotations

from drover.api.management.cloud_credential import CloudCredential
from drover.api.management.cluster import Cluster
from drover.api.management.cluster_role_template_binding import ClusterRoleTemplateBinding
from drover.api.management.dynamic_schema import DynamicSchema
from drover.api.management.feature import Feature
from drover.api.management.fleet_workspace import FleetWorkspace
from drover.api.management.global_role import GlobalRole
from drover.api.management.global_role_binding import GlobalRoleBinding
from drover.api.management.kontainer_driver import KontainerDriver
from drover.api.management.node_driver import NodeDriver
from drover.api.management.node_pool import NodePool
from drover.api.management.node_template import NodeTemplate
from drover.api.management.pod_security_template import PodSecurityAdmissionConfigurationTemplate
from drover.api.management.preference import Preference
from drover.api.management.project import Project
from drover.api.management.project_role_template_binding import ProjectRoleTemplateBinding
from drover.api.management.role_template import RoleTemplate
from drover.api.management.setting import Setting
from drover.api.management.user import User
from drover.api.management.user_attribute import UserAttribute
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
    CloudCredential,
    NodeDriver,
    NodeTemplate,
    NodePool,
    KontainerDriver,
    DynamicSchema,
    PodSecurityAdmissionConfigurationTemplate,
    FleetWorkspace,
    User,
    UserAttribute,
    GlobalRole,
    GlobalRoleBinding,
    RoleTemplate,
    ClusterRoleTemplateBinding,
    ProjectRoleTemplateBinding,
)
