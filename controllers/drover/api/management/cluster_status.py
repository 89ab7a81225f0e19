"""What was found out about a cluster."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from drover.api.conditions import Status
from drover.api.placement import ResourceList
from drover.api.resource import Model
from drover.api.scalars import FreeMap

_Word = Annotated[str, Field(max_length=253)]
_Number = Annotated[int, Field(ge=0)]


class VersionInfo(Model):
    """The version of a cluster, as its API tells it."""

    major: _Word = ""
    """Major version, such as `1`."""
    minor: _Word = ""
    """Minor version, such as `33`."""
    git_version: _Word = ""
    """The version, such as `v1.33.5+rke2r1`."""
    git_commit: _Word = ""
    """Commit of the source."""
    git_tree_state: _Word = ""
    """Whether the source had changes: `clean` or `dirty`."""
    build_date: _Word = ""
    """Left empty, so that the status does not change with it."""
    go_version: _Word = ""
    """Version of Go."""
    compiler: _Word = ""
    """Compiler."""
    platform: _Word = ""
    """Left empty, so that the status does not change with it."""
    emulation_major: _Word = ""
    """Major version that is emulated."""
    emulation_minor: _Word = ""
    """Minor version that is emulated."""
    min_compatibility_major: _Word = ""
    """Oldest major version that it is compatible with."""
    min_compatibility_minor: _Word = ""
    """Oldest minor version that it is compatible with."""


class ClusterInfo(Model):
    """The figures that lists show."""

    model_config = ConfigDict(extra="allow")

    machine_provider: _Word = ""
    """Where the machines come from."""
    kubernetes_version: _Word = ""
    """Version of Kubernetes."""
    node_count: _Number = 0
    """Number of nodes."""
    arch: _Word = ""
    """Architecture of the nodes; `mixed` if there are several."""
    provisioning_cluster_ref: FreeMap | None = None
    """The provisioning Cluster."""


class ClusterStatus(Status):
    """What the cluster is. Fields that older versions had are kept and ignored."""

    model_config = ConfigDict(extra="allow")

    driver: _Word = ""
    """How the cluster came to be: `imported`, `local`, `k3s`, `rke2`, `EKS` and so on."""
    provider: _Word = ""
    """Distribution that was detected: `rke2`, `k3s`, `eks`, `aks`, `gke`, `harvester` and so on; empty if unknown."""
    version: VersionInfo | None = None
    """Version of Kubernetes."""
    api_endpoint: Annotated[str, Field(max_length=2048)] = ""
    """URL of the cluster's API, `https://HOST:PORT`."""
    ca_cert: Annotated[str, Field(max_length=262144)] = ""
    """CA certificates of that API, PEM in base64."""
    kube_system_uid: Annotated[_Word, Field(alias="kubeSystemUID")] = ""
    """Uid of the namespace kube-system: which cluster answered, whatever its address."""
    service_account_token_secret: _Word = ""
    """Secret in `cattle-global-data` with the token of the agent."""
    fleet_workspace_name: _Word = ""
    """The workspace that is in effect."""
    capacity: ResourceList = {}
    """What the nodes have together."""
    allocatable: ResourceList = {}
    """What pods can use together."""
    requested: ResourceList = {}
    """What pods ask for together."""
    limits: ResourceList = {}
    """What pods are limited to together."""
    node_count: _Number = 0
    """Number of nodes."""
    linux_worker_count: _Number = 0
    """Number of Linux workers."""
    windows_worker_count: _Number = 0
    """Number of Windows workers."""
    node_version: int = 0
    """Kept and not used."""
    info: ClusterInfo | None = None
    """The figures that lists show, in one place."""
    ready_reconciling: bool = False
    """True while a control plane is being changed; `Ready` is left alone then."""
    agent_image: Annotated[str, Field(max_length=1024)] = ""
    """Image of the agent that was deployed."""
    auth_image: Annotated[str, Field(max_length=1024)] = ""
    """Kept and not used."""
    assets_image: Annotated[str, Field(max_length=1024)] = ""
    """Image of the charts that was deployed."""
    agent_features: dict[str, bool] = {}
    """Features that the agent was last told."""
    applied_agent_env_vars: tuple[FreeMap, ...] = ()
    """Environment variables that the agent was deployed with."""
    applied_cluster_agent_deployment_customization: FreeMap | None = None
    """Customization that the agent was deployed with."""
    applied_webhook_deployment_customization: FreeMap | None = None
    """Customization that the webhook was deployed with."""
    applied_cluster_agent_image_pull_secrets_hash: _Word = ""
    """Hash of the pull secrets that the agent was deployed with."""
    applied_enable_network_policy: bool = False
    """Whether projects are isolated from each other now."""
    applied_spec: FreeMap | None = None
    """Kept; localClusterAuthEndpoint in it is what was last applied."""
    failed_spec: FreeMap | None = None
    """Kept and not used."""
    aks_status: FreeMap | None = None
    """Findings of the AKS operator."""
    eks_status: FreeMap | None = None
    """Findings of the EKS operator."""
    gke_status: FreeMap | None = None
    """Findings of the GKE operator."""
    ali_status: FreeMap | None = None
    """Findings of the Alibaba Cloud operator."""
