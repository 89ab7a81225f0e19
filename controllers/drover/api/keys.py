"""The names that Drover reads and writes on objects: API groups, labels, annotations, finalizers."""

from __future__ import annotations

from typing import Final

MANAGEMENT: Final = "management.cattle.io"
PROVISIONING: Final = "provisioning.cattle.io"
PROJECT: Final = "project.cattle.io"

# --- Ours -----------------------------------------------------------------------------------------------------------
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
"""Label on everything Drover makes; its value is `drover`."""

OWNER_UID: Final = "drover.dev/owner-uid"
"""Label: the uid of the object that something was made for. It alone decides ownership; a name never does."""

OWNER: Final = "drover.dev/owner"
"""Annotation for readers: `<Kind>.<group>/<namespace>/<name>` of the object that something was made for."""

ADOPT_UID: Final = "drover.dev/adopt-uid"
"""Annotation on a restored or re-created object: the uid that it had before, whose children it takes over."""

UNIT: Final = "drover.dev/unit"
"""Label on every RBAC object that Drover makes: a short hash of the owner's uid and of what it was compiled for. Who
adds it to an object gives the object up: what nothing compiled wants is deleted."""

AGGREGATED: Final = "drover.dev/aggregated"
"""Label `"true"` on a ClusterRole of somebody else: Drover has put labels on it, so that its rules flow into a role."""

PAUSED: Final = "drover.dev/paused"
"""Annotation `"true"`: Drover reports on the object and does nothing else with it."""

FORCE_DELETE: Final = "drover.dev/force-delete"
"""Annotation `"true"`: a deletion no longer waits for clean-up that does not come to an end."""

ALLOW_VERSION_CHANGE: Final = "drover.dev/allow-unsupported-version-change"
"""Annotation `"true"` on a provisioning Cluster: the Kubernetes version may go down or skip a minor version."""

ORIGINAL: Final = "drover.dev/original"
"""Annotation on a native workload or a project's secret: `<cluster>/<namespace>/<name>` where Drover made it. A copy
elsewhere is not ours."""

COPIED: Final = "drover.dev/copied"
"""Annotation on a copy of a project's secret: the names of the labels and annotations that came with it, as JSON. They
go when the secret loses them; those that others set on the copy stay."""

EFFECTIVE_QUOTA: Final = "drover.dev/resource-quota"
"""Annotation on a namespace: the quota that it was granted, in the form of the request."""

EFFECTIVE_CONTAINER_LIMIT: Final = "drover.dev/container-default-resource-limit"
"""Annotation on a namespace: the requests and limits that containers get which set none."""

NETWORK_ISOLATION: Final = "drover.dev/network-isolation"
"""Annotation `"false"` on a namespace or a Project: its pods are not kept from those of other projects."""

ASSIGNED: Final = "drover.dev/assigned"
"""Annotation `"true"` on a namespace: it was put into the Default or System project, and is so once only."""

DELETION_PROTECTION: Final = "drover.dev/deletion-protection"
"""Annotation `"true"`: nobody deletes the object before the annotation is removed."""

NAMESPACE_DELETION_POLICY: Final = "drover.dev/namespace-deletion-policy"
"""Annotation on a Project: `Delete` deletes its namespaces with it, `Release` (or none) lets them go on."""

CLUSTER_FINALIZER: Final = "drover.dev/cluster"
PROJECT_FINALIZER: Final = "drover.dev/project"
PROVISIONING_FINALIZER: Final = "drover.dev/provisioning-cluster"
WORKLOAD_FINALIZER: Final = "drover.dev/workload"
CLOUD_CREDENTIAL_FINALIZER: Final = "drover.dev/cloud-credential"
NODE_DRIVER_FINALIZER: Final = "drover.dev/node-driver"
NODE_TEMPLATE_FINALIZER: Final = "drover.dev/node-template"
KONTAINER_DRIVER_FINALIZER: Final = "drover.dev/kontainer-driver"
WORKSPACE_FINALIZER: Final = "drover.dev/fleet-workspace"

# --- Rancher-compatible ---------------------------------------------------------------------------------------------
PROJECT_ID: Final = "field.cattle.io/projectId"
"""On a namespace: annotation `<cluster>:<project>` (what counts) and label `<project>` (kept equal to it)."""

UPSTREAM_ASSIGNED: Final = "lifecycle.cattle.io/create.namespace-auth"
"""Annotation on a namespace that upstream has put into a project, or left out, once."""

RESOURCE_QUOTA: Final = "field.cattle.io/resourceQuota"
"""Annotation on a namespace: the quota that it asks for, as JSON. Only people write it."""

CONTAINER_LIMIT: Final = "field.cattle.io/containerDefaultResourceLimit"
"""Annotation on a namespace: requests and limits of containers that set none, as JSON. Only people write it."""

NAMESPACE_STATUS: Final = "cattle.io/status"
"""Annotation on a namespace: conditions, as JSON, where clients of Rancher's API look for them."""

DEFAULT_QUOTA: Final = "resourcequota.management.cattle.io/default-resource-quota"
"""Label `"true"`: the ResourceQuota or LimitRange of a namespace that comes from its project."""

PROJECT_SCOPED: Final = "management.cattle.io/project-scoped-secret"
"""Label on a Secret in the backing namespace of a project: the project's name. It is copied into every namespace of the
project."""

PROJECT_SCOPED_CLUSTER: Final = "management.cattle.io/project-scoped-secret-cluster"
"""Label on the same Secret: the project's cluster. Added where it is missing."""

PROJECT_SCOPED_COPY: Final = "management.cattle.io/project-scoped-secret-copy"
"""Annotation `"true"` on a copy."""

PROJECT_SCOPED_IGNORES: Final = "management.cattle.io/project-scoped-secret-ignore-namespaces"
"""Annotation on a project's secret: namespaces that do not get it, separated by commas; `*` stands for any letters."""

SHOWN_TO_USERS: Final = "secret.user.cattle.io/secret"
"""Annotation `"true"` on a copy: clients of Rancher's API show the Secret to users."""

CREATOR_ID: Final = "field.cattle.io/creatorId"
CREATOR_PRINCIPAL: Final = "field.cattle.io/creator-principal-name"
NO_CREATOR_RBAC: Final = "field.cattle.io/no-creator-rbac"
CREATOR_BINDINGS: Final = "authz.management.cattle.io/creator-role-bindings"
"""Annotation: the roles that who made a Cluster or Project is given, and those that were, as JSON. On a User: the
GlobalRoles that it has at first."""

CREATOR_BINDING: Final = "authz.management.cattle.io/creator-owner-binding"
"""Annotation `"true"` on the binding that gives a creator a role."""

DESCRIPTION: Final = "field.cattle.io/description"
SYSTEM_NAMESPACE: Final = "management.cattle.io/system-namespace"
DEFAULT_PROJECT: Final = "authz.management.cattle.io/default-project"
SYSTEM_PROJECT: Final = "authz.management.cattle.io/system-project"
MANAGEMENT_CLUSTER_NAME: Final = "provisioning.cattle.io/management-cluster-name"
MANAGEMENT_CLUSTER_DISPLAY_NAME: Final = "provisioning.cattle.io/management-cluster-display-name"
MANAGED_WORKSPACE: Final = "provisioning.cattle.io/managed"
"""Annotation `"false"` on a FleetWorkspace: nothing is made for it."""

FLEET_WORKSPACE_NAME: Final = "provisioning.cattle.io/fleet-workspace-name"

DEFAULT_WORKSPACE: Final = "fleet-default"
LOCAL_WORKSPACE: Final = "fleet-local"
GLOBAL_DATA: Final = "cattle-global-data"
"""The namespace where upstream keeps the Secrets of cloud credentials."""
LOCAL_PASSWORDS: Final = "cattle-local-user-passwords"
"""The namespace of the Secrets with passwords, each under the name of its User."""
LOCAL_CLUSTER: Final = "local"

BOOTSTRAPPING: Final = "authz.management.cattle.io/bootstrapping"
"""Label on a role that came with Drover: `default-globalrole` or `default-roletemplate`."""

GLOBAL_ROLE_OWNER: Final = "authz.management.cattle.io/gr-owner"
"""Label on an RBAC object: the GlobalRole that it was made for."""

GLOBAL_BINDING_OWNER: Final = "authz.management.cattle.io/grb-owner"
"""Label on an RBAC object: the GlobalRoleBinding that it was made for."""

CLUSTER_ROLE_OWNER: Final = "authz.cluster.cattle.io/clusterrole-owner"
"""Label on a ClusterRole: the RoleTemplate that it was made for."""

AGGREGATES: Final = "management.cattle.io/aggregates"
"""Label on a ClusterRole: into which aggregated ClusterRole its rules go."""

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""Annotation: kubectl's copy of what it applied. A policy sees to it that no credential is in it."""

UPSTREAM_FINALIZERS: Final = ("controller.cattle.io/", "wrangler.cattle.io/", "clusterscoped.controller.cattle.io/")
"""Prefixes of finalizers that nothing here would ever remove; Drover takes them off when an object is deleted."""

RESERVED_NAMESPACES: Final = (
    "default",
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "cattle-system",
    GLOBAL_DATA,
    "drover-system",
    DEFAULT_WORKSPACE,
    LOCAL_WORKSPACE,
)
"""Namespaces that no Cluster can have as its own."""
