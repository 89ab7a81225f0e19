"""NodeTemplate: what the machines of a NodePool looked like, before there were machine pools."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import ConfigDict, Field

from drover.api.keys import MANAGEMENT
from drover.api.management.usage import USERS, UsedStatus
from drover.api.placement import Taint
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule
from drover.api.scalars import Credential, Line

Texts = Annotated[tuple[Annotated[str, Field(max_length=1024)], ...], Field(max_length=256)]
Pairs = Annotated[dict[str, Annotated[str, Field(max_length=4096)]], Field(max_length=256)]
Taints = Annotated[tuple[Taint, ...], Field(max_length=32)]
"""Half of what a machine pool takes: those of a template and of a pool come together in one."""

_KEY: Final = (
    "a private key in a template can be read by everybody who can read the template; remove it, as machines get a key"
    " of their own"
)


class NodeTemplateSpec(Model):
    """What the machines look like. The driver's own fields are in `<driver>Config`, here or at the root."""

    model_config = ConfigDict(extra="allow")

    driver: Annotated[str, Field(max_length=57)] = ""
    """The driver that makes the machines. Default: the one whose `<driver>Config` is there."""
    display_name: Line = ""
    """Name for people."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What the template is for."""
    cloud_credential_name: Credential = ""
    """Secret with the credential: a name in the same namespace, or `namespace:name`. It becomes
    `cloudCredentialSecretName` of the machine pool. Whoever sets it must be allowed to get that Secret."""
    node_taints: Taints = ()
    """Taints of the nodes. They become `taints` of the machine pool."""
    auth_certificate_authority: Annotated[str, Field(max_length=65536)] = ""
    """Deprecated: has no effect. Use `spec.rkeConfig.registries` of the provisioning Cluster for certificates."""
    auth_key: Annotated[
        str, Field(max_length=65536), Rule("self == ''", _KEY, lambda text: text == "", reason="FieldValueForbidden")
    ] = ""
    """Not supported: machines use a key of their own."""
    docker_version: Annotated[str, Field(max_length=64)] = ""
    """Deprecated: has no effect. Use `spec.kubernetesVersion` of the provisioning Cluster, which brings its runtime."""
    engine_env: Pairs = {}
    """Deprecated: has no effect. Use `spec.agentEnvVars` of the provisioning Cluster."""
    engine_insecure_registry: Texts = ()
    """Deprecated: has no effect. Use `spec.rkeConfig.registries.configs` of the provisioning Cluster."""
    engine_install_url: Annotated[str, Field(alias="engineInstallURL", max_length=2048)] = ""
    """Deprecated: has no effect. Use an image that has what machines need, in the machine config."""
    engine_label: Pairs = {}
    """Deprecated: has no effect. Use `labels` of the machine pool."""
    engine_opt: Pairs = {}
    """Deprecated: has no effect. Use `spec.rkeConfig.machineGlobalConfig` of the provisioning Cluster."""
    engine_registry_mirror: Texts = ()
    """Deprecated: has no effect. Use `spec.rkeConfig.registries.mirrors` of the provisioning Cluster."""
    engine_storage_driver: Annotated[str, Field(max_length=64)] = ""
    """Deprecated: has no effect. Use `spec.rkeConfig.machineGlobalConfig` of the provisioning Cluster."""
    use_internal_ip_address: bool | None = None
    """Deprecated: has no effect. Use the network fields of the machine config."""


class MachineConfigRef(Model):
    """A machine config, in the namespace of a provisioning Cluster."""

    api_version: Annotated[str, Field(max_length=317)] = ""
    """`rke-machine-config.cattle.io/v1`."""
    kind: Annotated[str, Field(max_length=63)] = ""
    """The kind of the driver, such as `Amazonec2Config`."""
    name: Annotated[str, Field(max_length=253)] = ""
    """The template's name."""


class NodeTemplateStatus(UsedStatus):
    """What the template comes to."""

    driver: Annotated[str, Field(max_length=253)] = ""
    """The driver that makes the machines."""
    machine_config_ref: MachineConfigRef | None = None
    """The machine config that takes the template's place in a machine pool. You make it: its fields are those of
    `<driver>Config`."""


class NodeTemplate(Resource):
    """What machines look like, as older servers had it. A machine config and a machine pool of a provisioning Cluster
    take its place; its status says which."""

    model_config = ConfigDict(extra="allow")

    group = MANAGEMENT
    version = "v3"
    kind = "NodeTemplate"
    plural = "nodetemplates"
    short_names = ("ntmpl",)
    columns = (
        Column("Display", ".spec.displayName", "Name for people."),
        Column("Driver", ".status.driver", "The driver that makes the machines."),
        USERS,
        READY,
        AGE,
        MESSAGE,
    )

    spec: NodeTemplateSpec
    """What the machines look like."""
    status: NodeTemplateStatus | None = None
    """What the template comes to. Written by Drover."""
