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
TEMPLATES: Final = GVR(
    MANAGEMENT,
    "v3",
    "podsecurityadmissionconfigurationtemplates",
    "PodSecurityAdmissionConfigurationTemplate",
    namespaced=False,
)
WORKSPACES: Final = GVR(MANAGEMENT, "v3", "fleetworkspaces", "FleetWorkspace", namespaced=False)

CLOUD_CREDENTIALS: Final = GVR(MANAGEMENT, "v3", "cloudcredentials", "CloudCredential")
NODE_DRIVERS: Final = GVR(MANAGEMENT, "v3", "nodedrivers", "NodeDriver", namespaced=False)
NODE_TEMPLATES: Final = GVR(MANAGEMENT, "v3", "nodetemplates", "NodeTemplate")
NODE_POOLS: Final = GVR(MANAGEMENT, "v3", "nodepools", "NodePool")
KONTAINER_DRIVERS: Final = GVR(MANAGEMENT, "v3", "kontainerdrivers", "KontainerDriver", namespaced=False)
DYNAMIC_SCHEMAS: Final = GVR(MANAGEMENT, "v3", "dynamicschemas", "DynamicSchema", namespaced=False)

USERS: Final = GVR(MANAGEMENT, "v3", "users", "User", namespaced=False)
USER_ATTRIBUTES: Final = GVR(MANAGEMENT, "v3", "userattributes", "UserAttribute", namespaced=False)
GLOBAL_ROLES: Final = GVR(MANAGEMENT, "v3", "globalroles", "GlobalRole", namespaced=False)
GLOBAL_ROLE_BINDINGS: Final = GVR(MANAGEMENT, "v3", "globalrolebindings", "GlobalRoleBinding", namespaced=False)
ROLE_TEMPLATES: Final = GVR(MANAGEMENT, "v3", "roletemplates", "RoleTemplate", namespaced=False)
CLUSTER_BINDINGS: Final = GVR(MANAGEMENT, "v3", "clusterroletemplatebindings", "ClusterRoleTemplateBinding")
PROJECT_BINDINGS: Final = GVR(MANAGEMENT, "v3", "projectroletemplatebindings", "ProjectRoleTemplateBinding")

BINDINGS: Final = (GLOBAL_ROLE_BINDINGS, CLUSTER_BINDINGS, PROJECT_BINDINGS)
"""Those that give a role to someone."""

FACTS: Final = (
    CLUSTERS,
    PROJECTS,
    ROLE_TEMPLATES,
    USERS,
    GLOBAL_ROLES,
    WORKSPACES,
    *BINDINGS,
)
"""The kinds from which rights follow."""

KINDS: Final = (
    CLUSTERS,
    PROJECTS,
    PROVISIONING_CLUSTERS,
    WORKLOADS,
    SETTINGS,
    FEATURES,
    CLOUD_CREDENTIALS,
    NODE_DRIVERS,
    NODE_TEMPLATES,
    NODE_POOLS,
    KONTAINER_DRIVERS,
    TEMPLATES,
    WORKSPACES,
    USERS,
    GLOBAL_ROLES,
    GLOBAL_ROLE_BINDINGS,
    ROLE_TEMPLATES,
    CLUSTER_BINDINGS,
    PROJECT_BINDINGS,
)
"""Those that are followed and reconciled."""

SERVED: Final = (
    *KINDS,
    PREFERENCES,
    DYNAMIC_SCHEMAS,
    USER_ATTRIBUTES,
)
"""All that have a CRD: some are kept and not acted on."""
