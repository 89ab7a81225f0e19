"""Group, version and resource: where objects of a kind live on a kube-apiserver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeGuard
from urllib.parse import quote

Object = dict[str, Any]
"""A Kubernetes object as JSON."""


class Key(NamedTuple):
    """Which object of a kind: `namespace` is empty for cluster-scoped kinds."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def key_of(obj: Object) -> Key:
    """The key of an object."""
    metadata = obj["metadata"]
    return Key(metadata.get("namespace", ""), metadata["name"])


def identity(obj: Object, *, exactly: bool = True) -> Object:
    """The metadata that a patch names its object by, so that it is never made anew; `exactly` with the resourceVersion:
    only as it was read."""
    fields = ("name", "namespace", "uid", "resourceVersion") if exactly else ("name", "namespace", "uid")
    return {field: obj["metadata"][field] for field in fields if field in obj["metadata"]}


def well_formed(obj: object) -> TypeGuard[Object]:
    """Whether something that a server gave as an object has what every object has. Members may answer anything."""
    metadata = obj.get("metadata") if isinstance(obj, dict) else None
    if not isinstance(metadata, dict):
        return False
    version = metadata.get("resourceVersion")
    texts = isinstance(metadata.get("name"), str) and isinstance(metadata.get("uid"), str)
    return texts and isinstance(version, str) and version.isascii() and version.isdigit()


@dataclass(frozen=True, slots=True)
class GVR:
    """A resource that a kube-apiserver serves; `group` is empty for the core group."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def base(self) -> str:
        """The path of its group and version."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The path of one object, or of all (in one namespace, or in every namespace without one)."""
        parts = [self.base]
        if namespace and self.namespaced:
            parts.append(f"namespaces/{quote(namespace, safe='')}")
        parts.append(self.plural)
        if name:
            parts.append(quote(name, safe=""))
        if subresource:
            parts.append(subresource)
        return "/".join(parts)

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural


NAMESPACES = GVR("", "v1", "namespaces", "Namespace", namespaced=False)
NODES = GVR("", "v1", "nodes", "Node", namespaced=False)
RESOURCE_QUOTAS = GVR("", "v1", "resourcequotas", "ResourceQuota")
LIMIT_RANGES = GVR("", "v1", "limitranges", "LimitRange")
NETWORK_POLICIES = GVR("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
SECRETS = GVR("", "v1", "secrets", "Secret")
PODS = GVR("", "v1", "pods", "Pod")
EVENTS = GVR("events.k8s.io", "v1", "events", "Event")
LEASES = GVR("coordination.k8s.io", "v1", "leases", "Lease")
CRDS = GVR("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False)
ADMISSION = "admissionregistration.k8s.io"
POLICIES = GVR(ADMISSION, "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", namespaced=False)
POLICY_BINDINGS = GVR(
    ADMISSION, "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", namespaced=False
)
DEPLOYMENTS = GVR("apps", "v1", "deployments", "Deployment")
STATEFULSETS = GVR("apps", "v1", "statefulsets", "StatefulSet")
DAEMONSETS = GVR("apps", "v1", "daemonsets", "DaemonSet")
JOBS = GVR("batch", "v1", "jobs", "Job")
CRONJOBS = GVR("batch", "v1", "cronjobs", "CronJob")
AUTOSCALERS = GVR("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
RBAC = "rbac.authorization.k8s.io"
ROLES = GVR(RBAC, "v1", "roles", "Role")
ROLE_BINDINGS = GVR(RBAC, "v1", "rolebindings", "RoleBinding")
CLUSTER_ROLES = GVR(RBAC, "v1", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDINGS = GVR(RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)
VALIDATING_WEBHOOKS = GVR(
    ADMISSION, "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", namespaced=False
)
MUTATING_WEBHOOKS = GVR(
    ADMISSION, "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", namespaced=False
)
ACCESS_REVIEWS = GVR("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False)
