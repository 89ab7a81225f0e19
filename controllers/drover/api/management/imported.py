"""How a cluster that exists already is reached, and how its version is managed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.resource import Model
from drover.api.rule import Rule

_INLINE = (
    "a kubeconfig in a spec can be read by everybody who can read the Cluster; put it into a Secret in the Cluster's"
    " workspace namespace, and name that Secret in spec.importedConfig.kubeconfigSecretRef"
)


class KubeconfigSecretRef(Model):
    """A key of a Secret in the workspace namespace of the Cluster (spec.fleetWorkspaceName)."""

    name: Annotated[str, Field(min_length=1, max_length=253)]
    """Name of the Secret. Whoever sets it must be allowed to read that Secret."""
    key: Annotated[str, Field(max_length=253)] = ""
    """Key of the kubeconfig in the Secret. Default `value`."""


class ImportedConfig(Model):
    """A cluster that exists already. `{}` marks it; without a kubeconfig it waits for its agent."""

    kubeconfig_secret_ref: KubeconfigSecretRef | None = None
    """The kubeconfig to reach the cluster with: certificates or a token in it, no programs, no file names."""
    kube_config: Annotated[
        str,
        Field(max_length=262144),
        Rule("self == ''", _INLINE, lambda text: text == "", reason="FieldValueForbidden"),
    ] = ""
    """Not supported: use kubeconfigSecretRef."""
    private_registry_url: Annotated[str, Field(alias="privateRegistryURL", max_length=1024)] = ""
    """Registry of the agent's images."""
    private_registry_pull_secrets: Annotated[
        tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=64)
    ] = ()
    """Secrets in the workspace namespace with the registry's credentials."""


class UpgradeStrategy(Model):
    """How the nodes of an imported cluster are upgraded."""

    server_concurrency: Annotated[int, Field(ge=1)] = 1
    """Control-plane nodes at a time, 1 or more."""
    worker_concurrency: Annotated[int, Field(ge=1)] = 1
    """Worker nodes at a time, 1 or more."""
    drain_server_nodes: bool = False
    """Whether control-plane nodes are drained first."""
    drain_worker_nodes: bool = False
    """Whether worker nodes are drained first."""


_Version = Annotated[str, Field(max_length=64)]


class K3sConfig(Model):
    """Version management of an imported k3s cluster."""

    kubernetes_version: _Version = ""
    """Version to upgrade to, such as `v1.33.5+k3s1`."""
    k3s_upgrade_strategy: Annotated[UpgradeStrategy | None, Field(alias="k3supgradeStrategy")] = None
    """How nodes are upgraded."""


class Rke2Config(Model):
    """Version management of an imported RKE2 cluster."""

    kubernetes_version: _Version = ""
    """Version to upgrade to, such as `v1.33.5+rke2r1`."""
    rke2_upgrade_strategy: Annotated[UpgradeStrategy | None, Field(alias="rke2upgradeStrategy")] = None
    """How nodes are upgraded."""
