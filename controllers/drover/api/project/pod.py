"""The fields of a pod, which lie flat in the spec of a workload."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from drover.api.placement import ResourceList, ResourceRequirements
from drover.api.project.container import Container
from drover.api.project.scheduling import Scheduling, TopologySpread
from drover.api.project.security import AppArmorProfile, SeccompProfile, Sysctl, WindowsOptions
from drover.api.project.volume import NameRef, Volume
from drover.api.resource import Model
from drover.api.rule import Rule
from drover.api.scalars import Int64, StringMap

_Name = Annotated[str, Field(max_length=253)]
_BY_NAME: dict[str, Any] = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}


class DnsOption(Model):
    """An option of the resolver."""

    name: Annotated[str, Field(max_length=253)] = ""
    """Name."""
    value: Annotated[str, Field(max_length=253)] | None = None
    """Value."""


class DnsConfig(Model):
    """The resolver of a pod."""

    nameservers: Annotated[tuple[str, ...], Field(max_length=32)] = ()
    """Addresses of DNS servers."""
    searches: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """Search domains."""
    options: Annotated[tuple[DnsOption, ...], Field(max_length=64)] = ()
    """Options."""


class HostAlias(Model):
    """A line of `/etc/hosts`."""

    ip: Annotated[str, Field(max_length=64)]
    """Address."""
    hostnames: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """Names."""


class ReadinessGate(Model):
    """A condition that a pod needs to be ready."""

    condition_type: Annotated[str, Field(max_length=317)]
    """Condition."""


class SchedulingGate(Model):
    """A pod waits until this gate is removed."""

    name: Annotated[str, Field(max_length=317)]
    """Name."""


class SchedulingGroup(Model):
    """Pods that are scheduled together."""

    pod_group_name: _Name = ""
    """PodGroup."""


class PodResourceClaim(Model):
    """A claim of dynamic resource allocation."""

    name: Annotated[str, Field(max_length=63)]
    """Name, for containers."""
    resource_claim_name: _Name = ""
    """A ResourceClaim."""
    resource_claim_template_name: _Name = ""
    """Or a ResourceClaimTemplate."""


class PodOs(Model):
    """Operating system."""

    name: Literal["linux", "windows"]
    """`linux` or `windows`."""


class Metrics(Model):
    """Where pods serve metrics."""

    path: Annotated[str, Field(max_length=4096)] = ""
    """Path. Default `/metrics`."""
    port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """Port."""
    schema_: Annotated[Literal["", "HTTP", "HTTPS"], Field(alias="schema")] = ""
    """Protocol. Default `HTTP`."""


class PodFields(Model):
    """The fields of a pod."""

    labels: StringMap = {}
    """Labels of the pods."""
    annotations: StringMap = {}
    """Annotations of the pods."""
    containers: Annotated[
        tuple[Container, ...],
        Field(min_length=1, max_length=32, json_schema_extra=_BY_NAME),
        Rule(
            "self.exists(container, !has(container.initContainer) || !container.initContainer)",
            "needs at least one container without `initContainer: true`",
            lambda containers: any(not container.init_container for container in containers),
        ),
    ]
    """Containers, init containers among them."""
    volumes: Annotated[tuple[Volume, ...], Field(max_length=256, json_schema_extra=_BY_NAME)] = ()
    """Volumes."""
    scheduling: Scheduling | None = None
    """Where pods run."""
    node_id: Annotated[str, Field(max_length=253)] = ""
    """One node, by name; scheduling.node.nodeId wins."""
    topology_spread_constraints: Annotated[tuple[TopologySpread, ...], Field(max_length=64)] = ()
    """How pods spread."""
    image_pull_secrets: Annotated[tuple[NameRef, ...], Field(max_length=64)] = ()
    """Secrets for pulling images."""
    service_account_name: _Name = ""
    """ServiceAccount. Default `default`."""
    automount_service_account_token: bool | None = None
    """Whether pods get its token."""
    restart_policy: Literal["", "Always", "OnFailure", "Never"] = ""
    """`Always`, for jobs `OnFailure` (default) or `Never`."""
    termination_grace_period_seconds: Annotated[Int64 | None, Field(ge=0)] = None
    """Seconds that pods get to end. Default 30."""
    active_deadline_seconds: Annotated[Int64 | None, Field(ge=1)] = None
    """Seconds a pod of a job may run."""
    hostname: Annotated[str, Field(max_length=63)] = ""
    """Host name."""
    hostname_override: Annotated[str, Field(max_length=64)] = ""
    """Host name as programs see it."""
    subdomain: Annotated[str, Field(max_length=63)] = ""
    """Subdomain of the host name."""
    set_hostname_as_fqdn: Annotated[bool | None, Field(alias="setHostnameAsFQDN")] = None
    """Whether the host name is the full DNS name."""
    host_aliases: Annotated[tuple[HostAlias, ...], Field(max_length=256)] = ()
    """Lines of `/etc/hosts`."""
    host_network: bool | None = None
    """Whether pods use the node's network."""
    host_pid: Annotated[bool | None, Field(alias="hostPID")] = None
    """Whether pods see the node's processes."""
    host_ipc: Annotated[bool | None, Field(alias="hostIPC")] = None
    """Whether pods use the node's IPC."""
    host_users: bool | None = None
    """Whether pods use the node's users."""
    share_process_namespace: bool | None = None
    """Whether containers see each other's processes."""
    dns_policy: Literal["", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] = ""
    """Default `ClusterFirst`."""
    dns_config: DnsConfig | None = None
    """Resolver."""
    enable_service_links: bool | None = None
    """Whether Services become environment variables."""
    runtime_class_name: _Name = ""
    """RuntimeClass."""
    preemption_policy: Literal["", "Never", "PreemptLowerPriority"] = ""
    """Whether pods of lower priority make room."""
    readiness_gates: Annotated[tuple[ReadinessGate, ...], Field(max_length=32)] = ()
    """Conditions that a pod needs to be ready."""
    scheduling_gates: Annotated[tuple[SchedulingGate, ...], Field(max_length=32)] = ()
    """Gates before scheduling."""
    scheduling_group: SchedulingGroup | None = None
    """Pods that are scheduled together."""
    resource_claims: Annotated[tuple[PodResourceClaim, ...], Field(max_length=64)] = ()
    """Dynamic resource allocation."""
    resources: ResourceRequirements | None = None
    """Requests and limits of a whole pod."""
    overhead: ResourceList = {}
    """What the runtime itself needs."""
    os: PodOs | None = None
    """Operating system."""
    uid: Int64 | None = None
    """User that containers run as."""
    run_as_group: Int64 | None = None
    """Group that containers run as."""
    run_as_non_root: bool | None = None
    """Whether root is refused."""
    gids: Annotated[tuple[Int64, ...], Field(max_length=64)] = ()
    """Further groups."""
    supplemental_groups_policy: Literal["", "Merge", "Strict"] = ""
    """Whether the image's groups count."""
    fsgid: Int64 | None = None
    """Group that owns volumes."""
    fs_group_change_policy: Literal["", "Always", "OnRootMismatch"] = ""
    """When the owner of volumes changes."""
    se_linux_change_policy: Literal["", "MountOption", "Recursive"] = ""
    """How volumes are labelled."""
    seccomp_profile: SeccompProfile | None = None
    """System calls."""
    app_armor_profile: AppArmorProfile | None = None
    """AppArmor."""
    sysctls: Annotated[tuple[Sysctl, ...], Field(max_length=64)] = ()
    """Kernel parameters."""
    windows_options: WindowsOptions | None = None
    """Windows."""
    workload_metrics: Annotated[tuple[Metrics, ...], Field(max_length=32)] = ()
    """Where pods serve metrics."""
