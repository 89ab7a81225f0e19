"""NodePool: equal machines of a cluster, before there were machine pools."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.conditions import Status
from drover.api.keys import MANAGEMENT
from drover.api.management.node_template import Taints
from drover.api.provisioning.machine_pools import MachinePool
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule, immutable
from drover.api.scalars import Credential, DnsLabel, NonNegative, StringMap


class NodePoolSpec(Model):
    """Which machines there should be. `status.machinePool` is the same for a provisioning Cluster."""

    rules = (
        Rule(
            "self.?etcd.orValue(false) || self.?controlPlane.orValue(false) || self.?worker.orValue(false)",
            "a pool needs a role; set etcd, controlPlane or worker to true",
            lambda pool: pool.etcd or pool.control_plane or pool.worker,
            reason="FieldValueRequired",
        ),
    )

    cluster_name: Annotated[DnsLabel, immutable("a pool stays in its cluster; create a pool in the other one instead")]
    """The management Cluster, which is also the pool's namespace. Immutable."""
    node_template_name: Annotated[Credential, Field(min_length=1)]
    """The NodeTemplate: a name in the same namespace, or `namespace:name`. Whoever sets it must be allowed to get that
    template."""
    quantity: NonNegative | None = None
    """Number of machines. Default 1."""
    etcd: bool = False
    """Whether the machines run etcd."""
    control_plane: bool = False
    """Whether the machines run the control plane."""
    worker: bool = False
    """Whether the machines run workloads."""
    display_name: Annotated[str, Field(max_length=253)] = ""
    """Name for people."""
    hostname_prefix: Annotated[str, Field(max_length=253)] = ""
    """Deprecated: has no effect. Use the name of the machine pool: hosts are named after it."""
    node_labels: StringMap = {}
    """Labels of the nodes. They become `labels` of the machine pool."""
    node_annotations: StringMap = {}
    """Deprecated: has no effect. Use `nodeLabels`, or annotate the nodes."""
    node_taints: Taints = ()
    """Taints of the nodes, beside those of the template."""
    drain_before_delete: bool = False
    """Whether a node is drained before its machine is deleted."""
    delete_not_ready_after_secs: Annotated[int, Field(ge=0, le=31540000, json_schema_extra={"format": "int64"})] = 0
    """Seconds that a node may be not ready until its machine is replaced; 0 for ever. Becomes `unhealthyNodeTimeout` of
    the machine pool."""


class NodePoolStatus(Status):
    """What the pool comes to."""

    machine_pool: MachinePool | None = None
    """The entry of `spec.rkeConfig.machinePools` that takes the pool's place."""
    left_out: Annotated[tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=64)] = ()
    """Fields of pool and template that a machine pool has no place for."""


class NodePool(Resource):
    """Equal machines of a cluster, as older servers had them. A machine pool of a provisioning Cluster takes its place;
    its status has it."""

    group = MANAGEMENT
    version = "v3"
    kind = "NodePool"
    plural = "nodepools"
    short_names = ("npool",)
    columns = (
        Column("Cluster", ".spec.clusterName", "The management Cluster."),
        Column("Template", ".spec.nodeTemplateName", "The NodeTemplate."),
        Column("Quantity", ".spec.quantity", "Number of machines.", "integer"),
        READY,
        AGE,
        MESSAGE,
    )

    spec: NodePoolSpec
    """Which machines there should be."""
    status: NodePoolStatus | None = None
    """What the pool comes to. Written by Drover."""
