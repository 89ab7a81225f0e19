"""A container of a workload. `entrypoint` and `command` are what Kubernetes calls `command` and `args`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from drover.api.environment import EnvVar
from drover.api.placement import ResourceRequirements
from drover.api.project.probe import Handler, Probe
from drover.api.project.security import AppArmorProfile, SeccompProfile, WindowsOptions
from drover.api.resource import Model
from drover.api.rule import Rule
from drover.api.scalars import AnyPort, DnsLabel, Int32, Int64, Port, StringMap

_OUTSIDE = r"^/|(^|/)\.\.(/|$)"


def _replaced(by: str) -> Rule:
    return Rule("size(self) == 0", f"is no longer supported; use `{by}`", lambda value: not value)


class ContainerPort(Model):
    """A port that a container listens on."""

    rules = (
        Rule(
            "!has(self.kind) || self.kind != 'HostPort' || (has(self.sourcePort) && self.sourcePort > 0)"
            " || (has(self.hostPort) && self.hostPort > 0)",
            "a HostPort needs the port to open on the node; set sourcePort",
            field=".sourcePort",
            reason="FieldValueRequired",
        ),
    )

    container_port: Port
    """Number, 1 to 65535."""
    protocol: Literal["", "TCP", "UDP", "SCTP"] = ""
    """Default `TCP`."""
    name: Annotated[str, Field(max_length=15)] = ""
    """Default `<containerPort><protocol><sourcePort><digit>`."""
    kind: Literal["", "HostPort", "NodePort", "ClusterIP", "LoadBalancer"] = ""
    """How it is reached."""
    source_port: AnyPort | None = None
    """Port it is reached at; 0: the container's, or one that Kubernetes chooses."""
    host_port: AnyPort | None = None
    """Port on the node."""
    host_ip: Annotated[str, Field(max_length=64)] = ""
    """Address on the node that hostPort binds to."""
    dns_name: Annotated[str, Field(max_length=63)] = ""
    """Name of the Service. Default: the workload's name and the kind."""


class VolumeMount(Model):
    """A volume in a container."""

    name: Annotated[str, Field(min_length=1, max_length=63)]
    """Volume."""
    mount_path: Annotated[str, Field(min_length=1, max_length=4096)]
    """Path in the container."""
    sub_path: Annotated[
        str,
        Field(max_length=1024),
        Rule(
            f"!self.matches(r'{_OUTSIDE}')", "must be a path inside the volume; remove the leading `/` and every `..`"
        ),
    ] = ""
    """Path in the volume."""
    sub_path_expr: Annotated[str, Field(max_length=4096)] = ""
    """Path in the volume with `$(VARIABLE)`."""
    read_only: bool | None = None
    """Whether it is read-only."""
    recursive_read_only: Literal["", "Disabled", "IfPossible", "Enabled"] = ""
    """Whether mounts below are read-only too."""
    mount_propagation: Literal["", "None", "HostToContainer", "Bidirectional"] = ""
    """Whether later mounts show."""
    bind_mount_options: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """Options of the bind mount."""


class VolumeDevice(Model):
    """A raw block device in a container."""

    name: Annotated[str, Field(max_length=63)]
    """Claim."""
    device_path: Annotated[str, Field(max_length=4096)]
    """Path in the container."""


class EnvSource(Model):
    """A ConfigMap or Secret, all of it."""

    name: Annotated[str, Field(max_length=253)] = ""
    """Name."""
    optional: bool | None = None
    """Whether it may be missing."""


class EnvFrom(Model):
    """Variables from all keys of an object."""

    prefix: Annotated[str, Field(max_length=253)] = ""
    """Put before each key."""
    config_map_ref: EnvSource | None = None
    """A ConfigMap."""
    secret_ref: EnvSource | None = None
    """A Secret."""


class ResizePolicy(Model):
    """Whether a container restarts when its resources change."""

    resource_name: Annotated[str, Field(max_length=317)]
    """`cpu` or `memory`."""
    restart_policy: Literal["NotRequired", "RestartContainer"]
    """Whether it restarts."""


class ExitCodes(Model):
    """Exit codes."""

    operator: Literal["In", "NotIn"]
    """Whether the code must be in the list."""
    values: Annotated[tuple[Int32, ...], Field(max_length=255)] = ()
    """Codes."""


class RestartRule(Model):
    """When a container restarts, against its policy."""

    action: Literal["Restart", "RestartAllContainers"]
    """What happens."""
    exit_codes: ExitCodes | None = None
    """After which exit codes."""


_Names = Annotated[tuple[Annotated[str, Field(max_length=63)], ...], Field(max_length=64)]


class Container(Model):
    """A container, or with `initContainer: true` one that runs before them."""

    name: DnsLabel
    """Name; each has its own."""
    image: Annotated[str, Field(min_length=1, max_length=1024)]
    """Image."""
    init_container: bool = False
    """Whether it runs to its end before the others start."""
    entrypoint: Annotated[tuple[str, ...], Field(max_length=1024)] = ()
    """Program. Default: the image's entry point."""
    command: Annotated[tuple[str, ...], Field(max_length=1024)] = ()
    """Arguments of the program. Default: the image's command."""
    working_dir: Annotated[str, Field(max_length=4096)] = ""
    """Default: the image's."""
    env: Annotated[tuple[EnvVar, ...], Field(max_length=1024)] = ()
    """Environment variables."""
    env_from: Annotated[tuple[EnvFrom, ...], Field(max_length=256)] = ()
    """Environment variables from ConfigMaps and Secrets."""
    environment: Annotated[StringMap | None, _replaced("env")] = None
    """Not supported: use env."""
    environment_from: Annotated[tuple[dict[str, Any], ...] | None, Field(max_length=256), _replaced("envFrom")] = None
    """Not supported: use envFrom."""
    ports: Annotated[tuple[ContainerPort, ...], Field(max_length=128)] = ()
    """Ports."""
    image_pull_policy: Literal["", "Always", "IfNotPresent", "Never"] = ""
    """Default `Always` for tag `latest`, else `IfNotPresent`."""
    resources: ResourceRequirements | None = None
    """Requests and limits."""
    resize_policy: Annotated[tuple[ResizePolicy, ...], Field(max_length=16)] = ()
    """What happens when resources change."""
    restart_policy: Literal["", "Always", "OnFailure", "Never"] = ""
    """`Always` on an init container makes it a sidecar."""
    restart_policy_rules: Annotated[tuple[RestartRule, ...], Field(max_length=20)] = ()
    """Exceptions from restartPolicy."""
    liveness_probe: Probe | None = None
    """Failing: restart."""
    readiness_probe: Probe | None = None
    """Failing: no traffic."""
    startup_probe: Probe | None = None
    """Until it succeeds, the others wait."""
    post_start: Handler | None = None
    """After the start."""
    pre_stop: Handler | None = None
    """Before the stop."""
    stop_signal: Annotated[str, Field(max_length=32)] = ""
    """Default: the image's."""
    volume_mounts: Annotated[
        tuple[VolumeMount, ...],
        Field(
            max_length=64,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["mountPath"]},
        ),
    ] = ()
    """Volumes."""
    volume_devices: Annotated[tuple[VolumeDevice, ...], Field(max_length=256)] = ()
    """Raw block devices."""
    stdin: bool | None = None
    """Whether standard input stays open."""
    stdin_once: bool | None = None
    """Whether it closes after the first attach."""
    tty: bool | None = None
    """Whether there is a terminal."""
    termination_message_path: Annotated[str, Field(max_length=4096)] = ""
    """Default `/dev/termination-log`."""
    termination_message_policy: Literal["", "File", "FallbackToLogsOnError"] = ""
    """Default `File`."""
    privileged: bool | None = None
    """Whether it has all rights on the node."""
    allow_privilege_escalation: bool | None = None
    """Whether it may gain rights."""
    cap_add: _Names = ()
    """Capabilities to add."""
    cap_drop: _Names = ()
    """Capabilities to drop; `ALL`."""
    read_only: bool | None = None
    """Whether its root file system is read-only."""
    uid: Int64 | None = None
    """User that it runs as."""
    run_as_group: Int64 | None = None
    """Group that it runs as."""
    run_as_non_root: bool | None = None
    """Whether root is refused."""
    proc_mount: Literal["", "Default", "Unmasked"] = ""
    """How `/proc` is mounted."""
    seccomp_profile: SeccompProfile | None = None
    """System calls."""
    app_armor_profile: AppArmorProfile | None = None
    """AppArmor."""
    windows_options: WindowsOptions | None = None
    """Windows."""
