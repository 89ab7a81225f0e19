"""Cluster of provisioning.cattle.io: a cluster to be made, or the mirror of one that exists."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final

from pydantic import Field

from drover.api.agents import AgentEnvVar, DeploymentCustomization, LocalClusterAuthEndpoint, WebhookCustomization
from drover.api.conditions import Status
from drover.api.keys import LOCAL_CLUSTER, PROVISIONING
from drover.api.management.imported import ImportedConfig
from drover.api.provisioning.rkeconfig import RkeConfig
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule
from drover.api.scalars import Credential, Int64
from drover.api.schema import DEFAULT

_VERSION: Final = r"^(v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+(rke2r|k3s)[0-9]+)?)?$"

KubernetesVersion = Annotated[
    str,
    Field(max_length=64),
    Rule(
        f"self.matches(r'{_VERSION}')",
        "is not a version; write it with its distribution, such as `v1.33.5+rke2r1` or `v1.33.5+k3s1`",
        lambda version: re.match(_VERSION, version) is not None,
    ),
    Rule(
        "!oldSelf.contains('+') || oldSelf.contains('+rke2') == self.contains('+rke2')",
        "a cluster cannot change between rke2 and k3s; create another cluster for the other distribution",
        reason="FieldValueForbidden",
    ),
]


class ClusterAPIConfig(Model):
    """A Cluster API cluster, as older versions named it."""

    cluster_name: Annotated[str, Field(max_length=253)] = ""
    """Deprecated: has no effect. Use `importedConfig`."""


class ClusterSpec(Model):
    """What the cluster should be. `{}` is an imported cluster."""

    rules = (
        Rule(
            "!has(self.importedConfig) || !has(self.rkeConfig)",
            "is for a cluster that exists already; remove it, or rkeConfig",
            lambda spec: spec.imported_config is None or spec.rke_config is None,
            field=".importedConfig",
        ),
    )

    kubernetes_version: KubernetesVersion | None = None
    """Version and distribution: `v1.33.5+rke2r1`, `v1.33.5+k3s1`."""
    cloud_credential_secret_name: Credential = ""
    """Secret with the credential of the cloud: a name in the same namespace, or `namespace:name`. Whoever sets it must
    be allowed to read that Secret."""
    rke_config: RkeConfig | None = None
    """How to make the cluster. Absent: it exists already and is imported. Cannot be added or removed later."""
    imported_config: ImportedConfig | None = None
    """How an imported cluster is reached; the Secret lies in the namespace of this object. Not with rkeConfig."""
    local_cluster_auth_endpoint: LocalClusterAuthEndpoint | None = None
    """The authorized cluster endpoint. Default: off."""
    agent_env_vars: Annotated[tuple[AgentEnvVar, ...], Field(max_length=256)] = ()
    """Environment variables of the agents, such as HTTPS_PROXY."""
    cluster_agent_deployment_customization: DeploymentCustomization | None = None
    """Where and how the cluster agent runs."""
    fleet_agent_deployment_customization: DeploymentCustomization | None = None
    """Where and how the fleet agent runs."""
    webhook_deployment_customization: WebhookCustomization | None = None
    """Where and how the webhook runs in the member."""
    default_pod_security_admission_configuration_template_name: Annotated[str, Field(max_length=253)] = ""
    """PodSecurityAdmissionConfigurationTemplate to use."""
    default_cluster_role_for_project_members: Annotated[str, Field(max_length=253)] = ""
    """Deprecated: has no effect. Use RBAC in the member."""
    enable_network_policy: bool | None = None
    """Whether pods of other projects are kept away from a project's pods. Default false."""
    redeploy_system_agent_generation: Int64 = 0
    """Increase it to install the system agent again on every node."""
    cluster_api_config: Annotated[ClusterAPIConfig | None, Field(alias="clusterAPIConfig")] = None
    """Deprecated: has no effect. Use `importedConfig`: a Cluster API cluster is imported by its kubeconfig."""


class ClusterStatus(Status):
    """What the cluster is."""

    cluster_name: Annotated[str, Field(max_length=63)] = ""
    """The management Cluster, `c-m-xxxxxxxx`. Never changes."""
    ready: bool = False
    """Whether the cluster was connected once; never goes back. See the condition `Ready` for now."""
    agent_deployed: bool = False
    """Whether the agent was deployed."""
    client_secret_name: Annotated[str, Field(max_length=253)] = ""
    """Secret in the same namespace with a kubeconfig, in the key `value`."""
    fleet_workspace_name: Annotated[str, Field(max_length=63)] = ""
    """Workspace of the cluster."""


class Cluster(Resource):
    """A Kubernetes cluster to be made by an engine, or (without rkeConfig) one that exists and is imported."""

    group = PROVISIONING
    version = "v1"
    kind = "Cluster"
    plural = "clusters"
    short_names = ("pcl",)
    categories = ("cattle", "provisioning")
    columns = (
        READY,
        Column("Cluster", ".status.clusterName", "The management Cluster."),
        Column("Version", ".spec.kubernetesVersion", "Version of Kubernetes that is asked for."),
        Column("Kubeconfig", ".status.clientSecretName", "Secret with a kubeconfig."),
        AGE,
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.spec.rkeConfig) == has(oldSelf.spec.rkeConfig)"
            f" || (self.metadata.name == '{LOCAL_CLUSTER}' && has(self.spec.rkeConfig))",
            "spec.rkeConfig cannot be added or removed later; create another cluster instead",
            field=".spec",
            reason="FieldValueForbidden",
        ),
    )

    spec: Annotated[ClusterSpec, Field(json_schema_extra={DEFAULT: {}})] = ClusterSpec()
    """What the cluster should be."""
    status: ClusterStatus | None = None
    """What the cluster is. Written by Drover."""
