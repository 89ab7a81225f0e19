"""Groups of equal machines."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.placement import ObjectReference, Taint
from drover.api.resource import Model
from drover.api.rule import Rule
from drover.api.scalars import Credential, IntOrString, NonNegative, StringMap

HostnameLimit = Annotated[int, Field(ge=10, le=63)]
Duration = Annotated[str, Field(max_length=64)]
"""A duration as Go writes it: `10m`, `1h30m`."""


class RollingUpdate(Model):
    """How machines of a pool are replaced."""

    max_unavailable: IntOrString | None = None
    """Machines that may be missing, as a number or percentage. Default 0."""
    max_surge: IntOrString | None = None
    """Machines beyond the quantity, as a number or percentage. Default 1."""


class Userdata(Model):
    """Additions to the bootstrap data of a machine."""

    inline_userdata: Annotated[str, Field(max_length=65536)] = ""
    """Cloud-init data that is merged in; for infrastructure that Cluster API manages only."""


class MachinePoolDefaults(Model):
    """What pools leave unset."""

    hostname_length_limit: HostnameLimit | None = None
    """Longest host name, 10 to 63."""


class MachinePool(Model):
    """A group of equal machines."""

    rules = (
        Rule(
            "self.?etcdRole.orValue(false) || self.?controlPlaneRole.orValue(false) || self.?workerRole.orValue(false)",
            "a pool needs a role; set etcdRole, controlPlaneRole or workerRole to true",
            lambda pool: pool.etcd_role or pool.control_plane_role or pool.worker_role,
            reason="FieldValueRequired",
        ),
        Rule(
            "has(self.autoscalingMinSize) == has(self.autoscalingMaxSize) && (!has(self.autoscalingMinSize)"
            " || !has(self.autoscalingMaxSize) || (self.autoscalingMinSize <= self.autoscalingMaxSize"
            " && (self.autoscalingMinSize > 0"
            " || !(self.?etcdRole.orValue(false) || self.?controlPlaneRole.orValue(false)))))",
            "autoscalingMinSize and autoscalingMaxSize go together, the minimum must not be above the maximum, and must"
            " be 1 or more for etcd and control plane",
            lambda pool: pool.autoscaling_fits(),
        ),
    )

    name: Annotated[str, Field(min_length=1, max_length=63)]
    """Name; another name is another pool."""
    display_name: Annotated[str, Field(max_length=253)] = ""
    """Deprecated: has no effect. Use `name`."""
    quantity: NonNegative | None = None
    """Number of machines. Default 1."""
    etcd_role: bool = False
    """Whether the machines run etcd."""
    control_plane_role: bool = False
    """Whether the machines run the control plane."""
    worker_role: bool = False
    """Whether the machines run workloads."""
    machine_config_ref: ObjectReference
    """What a machine looks like: kind and name, in the same namespace. Default of apiVersion:
    `rke-machine-config.cattle.io/v1`."""
    cloud_credential_secret_name: Credential = ""
    """Credential instead of the cluster's: a name, or `namespace:name`. Whoever sets it must be allowed to read it."""
    userdata: Userdata | None = None
    """Additions to the bootstrap data."""
    labels: StringMap = {}
    """Labels of the nodes."""
    taints: Annotated[tuple[Taint, ...], Field(max_length=64)] = ()
    """Taints of the nodes."""
    machine_deployment_labels: StringMap = {}
    """Labels of the MachineDeployment."""
    machine_deployment_annotations: StringMap = {}
    """Annotations of the MachineDeployment."""
    paused: bool = False
    """Whether the pool is left alone."""
    rolling_update: RollingUpdate | None = None
    """How machines are replaced."""
    drain_before_delete: bool = False
    """Whether a node is drained before its machine is deleted."""
    drain_before_delete_timeout: Duration = ""
    """How long draining may take, such as `10m`."""
    autoscaling_min_size: NonNegative | None = None
    """Fewest machines; with autoscalingMaxSize."""
    autoscaling_max_size: NonNegative | None = None
    """Most machines; with autoscalingMinSize."""
    node_startup_timeout: Duration = ""
    """How long a machine may take to become a node. Default `10m`."""
    unhealthy_node_timeout: Duration = ""
    """How long a node may be not ready until its machine is replaced; empty: for ever."""
    max_unhealthy: Annotated[str, Field(max_length=10)] = ""
    """Machines that may be unhealthy and still be replaced, as a number or percentage."""
    unhealthy_range: Annotated[str, Field(max_length=32)] = ""
    """The same as a range: `[3-5]`."""
    machine_os: Annotated[str, Field(alias="machineOS", max_length=32)] = ""
    """Operating system: `linux` or `windows`. Default `linux`."""
    hostname_length_limit: HostnameLimit | None = None
    """Longest host name, 10 to 63."""
    dynamic_schema_spec: Annotated[str, Field(max_length=262144)] = ""
    """Deprecated: has no effect. Leave it out: nothing takes its place."""

    def autoscaling_fits(self) -> bool:
        """Whether the two sizes fit each other and the roles."""
        least, most = self.autoscaling_min_size, self.autoscaling_max_size
        if least is None or most is None:
            return least is most
        return least <= most and (least > 0 or not (self.etcd_role or self.control_plane_role))
