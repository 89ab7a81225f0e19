"""Cluster of management.cattle.io: a Kubernetes cluster that is managed, with the projects in it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import ConfigDict, Field

from drover.api.agents import DeploymentCustomization, LocalClusterAuthEndpoint, WebhookCustomization
from drover.api.environment import EnvVar
from drover.api.keys import CREATOR_ID, LOCAL_CLUSTER, MANAGEMENT, RESERVED_NAMESPACES
from drover.api.management.cluster_status import ClusterStatus
from drover.api.management.imported import ImportedConfig, K3sConfig, Rke2Config
from drover.api.resource import AGE, MESSAGE, READY, REASON, Column, Model, Resource, condition_status
from drover.api.rule import Rule, immutable
from drover.api.scalars import DNS_LABEL, FreeMap, Line

_HOSTED: Final = ("aksConfig", "eksConfig", "gkeConfig", "aliConfig")
_HOSTED_FIELDS: Final = ("aks_config", "eks_config", "gke_config", "ali_config")
_Image = Annotated[str, Field(max_length=1024)]


class ClusterSecrets(Model):
    """References to Secrets of the cluster. Keys of older versions are kept and ignored."""

    model_config = ConfigDict(extra="allow")

    private_registry_secret: Annotated[str, Field(max_length=253)] = ""
    """Secret with the registry's credentials."""
    private_registry_url: Annotated[str, Field(alias="privateRegistryURL", max_length=1024)] = ""
    """Registry of the agent's images."""


class ClusterSpec(Model):
    """What the cluster should be. Fields that older versions had are kept and ignored."""

    model_config = ConfigDict(extra="allow")
    rules = (
        Rule(
            "self.?fleetWorkspaceName.orValue('') != '' || oldSelf.?fleetWorkspaceName.orValue('') == ''",
            "fleetWorkspaceName cannot be made empty once it is set; name another workspace instead",
            field=".fleetWorkspaceName",
            reason="FieldValueForbidden",
        ),
        Rule(
            f"[{', '.join(f'has(self.{name})' for name in _HOSTED)}].filter(set, set).size() <= 1",
            f"at most one of {', '.join(_HOSTED)} can be set; remove the others",
            lambda spec: sum(getattr(spec, name) is not None for name in _HOSTED_FIELDS) <= 1,
        ),
    )

    display_name: Annotated[Line, Field(min_length=1)]
    """Name for people."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What the cluster is for."""
    internal: bool = False
    """True for the cluster `local`, in which Drover runs, and for no other."""
    fleet_workspace_name: Annotated[str, Field(max_length=63)] = ""
    """The workspace: the namespace with the cluster's Secrets and its provisioning Cluster. Empty: `fleet-default`
    (`fleet-local` for the cluster `local`). Cannot be emptied once set."""
    imported_config: ImportedConfig | None = None
    """Marks a cluster that exists already, and says how it is reached."""
    k3s_config: K3sConfig | None = None
    """Version management of an imported k3s cluster."""
    rke2_config: Rke2Config | None = None
    """Version management of an imported RKE2 cluster."""
    agent_env_vars: Annotated[tuple[EnvVar, ...], Field(max_length=256)] = ()
    """Environment variables of the agent, such as HTTPS_PROXY. A change deploys the agent again."""
    agent_image_override: _Image = ""
    """Image of the agent instead of the default one."""
    assets_image_override: _Image = ""
    """Image of the charts instead of the default one."""
    cluster_agent_deployment_customization: DeploymentCustomization | None = None
    """Where and how the cluster agent runs."""
    fleet_agent_deployment_customization: DeploymentCustomization | None = None
    """Where and how the fleet agent runs."""
    webhook_deployment_customization: WebhookCustomization | None = None
    """Where and how the webhook runs in the member."""
    default_pod_security_admission_configuration_template_name: Annotated[str, Field(max_length=253)] = ""
    """PodSecurityAdmissionConfigurationTemplate whose levels the namespaces of projects get, as labels. Empty: none."""
    default_cluster_role_for_project_members: Annotated[str, Field(max_length=253)] = ""
    """Deprecated: has no effect. Use RBAC in the member."""
    enable_network_policy: bool | None = None
    """Whether pods of other projects are kept away from a project's pods, by a NetworkPolicy in each of its namespaces.
    Those of the System project and nodes are let in. Default false."""
    local_cluster_auth_endpoint: LocalClusterAuthEndpoint | None = None
    """The authorized cluster endpoint. Default: off."""
    cluster_secrets: ClusterSecrets | None = None
    """Secrets of the cluster, by reference."""
    aks_config: FreeMap | None = None
    """Settings of an AKS cluster; another operator acts on them."""
    eks_config: FreeMap | None = None
    """Settings of an EKS cluster; another operator acts on them."""
    gke_config: FreeMap | None = None
    """Settings of a GKE cluster; another operator acts on them."""
    ali_config: FreeMap | None = None
    """Settings of an Alibaba Cloud cluster; another operator acts on them."""
    generic_engine_config: FreeMap | None = None
    """Deprecated: has no effect. Use `importedConfig`: make the cluster otherwise and import it."""
    google_kubernetes_engine_config: FreeMap | None = None
    """Deprecated: has no effect. Use `gkeConfig`."""
    azure_kubernetes_service_config: FreeMap | None = None
    """Deprecated: has no effect. Use `aksConfig`."""
    amazon_elastic_container_service_config: FreeMap | None = None
    """Deprecated: has no effect. Use `eksConfig`."""
    desired_agent_image: _Image = ""
    """Deprecated: has no effect. Use `agentImageOverride`."""
    desired_auth_image: _Image = ""
    """Deprecated: has no effect. Leave it out: nothing takes its place."""
    desired_assets_image: _Image = ""
    """Deprecated: has no effect. Use `assetsImageOverride`."""
    docker_root_dir: Annotated[str, Field(max_length=4096)] = ""
    """Deprecated: has no effect. Use `spec.rkeConfig.dataDirectories` of a provisioning Cluster."""
    windows_prefered_cluster: Annotated[
        bool, immutable("windowsPreferedCluster is fixed when a cluster is created; set it back")
    ] = False
    """Deprecated: has no effect. Leave it out: nothing takes its place. Immutable."""


class Cluster(Resource):
    """A Kubernetes cluster that is managed. A namespace of the same name holds its projects."""

    group = MANAGEMENT
    version = "v3"
    kind = "Cluster"
    plural = "clusters"
    scope = "Cluster"
    short_names = ("mcl",)
    columns = (
        Column("Display", ".spec.displayName", "Name for people."),
        Column("Provider", ".status.provider", "The distribution, such as rke2 or eks."),
        Column("Version", ".status.version.gitVersion", "Version of Kubernetes."),
        Column("Nodes", ".status.nodeCount", "Number of nodes.", "integer"),
        Column("Connected", condition_status("Connected"), "Whether the cluster answers."),
        READY,
        AGE,
        REASON,
        MESSAGE,
        Column("Owner", f".metadata.annotations.{CREATOR_ID.replace('.', chr(92) + '.')}", "Who made it.", wide=True),
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"self.metadata.name.matches('{DNS_LABEL}')",
            "must be lower-case letters, digits and - (no dots), as a namespace gets the same name",
            field=".metadata.name",
        ),
        Rule(
            f"!(self.metadata.name in {list(RESERVED_NAMESPACES)})",
            "is the name of a namespace of Kubernetes or of the platform; choose another name",
            lambda cluster: cluster.metadata.name not in RESERVED_NAMESPACES,
            field=".metadata.name",
        ),
        Rule(
            f"!self.spec.?internal.orValue(false) || self.metadata.name == '{LOCAL_CLUSTER}'",
            f"is for the cluster `{LOCAL_CLUSTER}` only; remove it",
            lambda cluster: not cluster.spec.internal or cluster.metadata.name == LOCAL_CLUSTER,
            field=".spec.internal",
        ),
    )

    spec: ClusterSpec
    """What the cluster should be."""
    status: ClusterStatus | None = None
    """What the cluster is. Written by Drover."""
