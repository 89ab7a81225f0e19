"""Where pods may run, in Kubernetes' own terms: tolerations, affinity, resources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from drover.api.resource import Model
from drover.api.scalars import Int64, StringMap

Effect = Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"]

ResourceList = Annotated[
    dict[str, int | str],
    Field(max_length=64),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": 64,
            "additionalProperties": {
                "x-kubernetes-int-or-string": True,
                "maxLength": 64,
                "pattern": r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?[0-9]+))?$",
            },
        }
    ),
]
"""Amounts by resource: `{cpu: 500m, memory: 1Gi}`."""


class Toleration(Model):
    """A taint that is tolerated."""

    key: Annotated[str, Field(max_length=317)] = ""
    """Key of the taint; empty with operator `Exists`: every taint."""
    operator: Literal["", "Exists", "Equal", "Lt", "Gt"] = ""
    """How key and value are compared; empty means `Equal`."""
    value: Annotated[str, Field(max_length=63)] = ""
    """Value of the taint; empty with operator `Exists`."""
    effect: Effect = ""
    """Effect of the taint; empty: every effect."""
    toleration_seconds: Int64 | None = None
    """Seconds until eviction, for `NoExecute`; absent: never."""


class LabelRequirement(Model):
    """A condition on a label."""

    key: Annotated[str, Field(max_length=317)]
    """Label key."""
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    """How the label compares with the values."""
    values: Annotated[tuple[str, ...], Field(max_length=1024)] = ()
    """Values, for `In` and `NotIn`."""


class LabelSelector(Model):
    """Which labels an object must have; all conditions must hold."""

    match_labels: StringMap = {}
    """Labels that must be there with these values."""
    match_expressions: Annotated[tuple[LabelRequirement, ...], Field(max_length=1024)] = ()
    """Further conditions on labels."""


class NodeRequirement(Model):
    """A condition on a label or field of a node."""

    key: Annotated[str, Field(max_length=317)]
    """Label key of the node."""
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
    """How the label compares with the values."""
    values: Annotated[tuple[str, ...], Field(max_length=1024)] = ()
    """Values; one number for `Gt` and `Lt`."""


class NodeSelectorTerm(Model):
    """Conditions on a node that must all hold."""

    match_expressions: Annotated[tuple[NodeRequirement, ...], Field(max_length=1024)] = ()
    """Conditions on labels."""
    match_fields: Annotated[tuple[NodeRequirement, ...], Field(max_length=1024)] = ()
    """Conditions on fields, such as `metadata.name`."""


class NodeSelector(Model):
    """Terms of which one must hold."""

    node_selector_terms: Annotated[tuple[NodeSelectorTerm, ...], Field(max_length=500)]
    """The terms."""


class PreferredNode(Model):
    """A wish for nodes, with a weight."""

    weight: Annotated[int, Field(ge=1, le=100, json_schema_extra={"format": "int32"})]
    """From 1 (weak) to 100 (strong)."""
    preference: NodeSelectorTerm
    """The nodes that are preferred."""


class NodeAffinity(Model):
    """Which nodes are possible and which are preferred."""

    required: Annotated[NodeSelector | None, Field(alias="requiredDuringSchedulingIgnoredDuringExecution")] = None
    """Nodes that are possible at all."""
    preferred: Annotated[
        tuple[PreferredNode, ...], Field(alias="preferredDuringSchedulingIgnoredDuringExecution", max_length=500)
    ] = ()
    """Nodes that are preferred."""


class PodAffinityTerm(Model):
    """Pods to be near to, or away from."""

    topology_key: Annotated[str, Field(max_length=317)]
    """Node label that says what near is, such as `kubernetes.io/hostname`."""
    label_selector: LabelSelector | None = None
    """The pods; absent: none."""
    namespaces: Annotated[tuple[str, ...], Field(max_length=1024)] = ()
    """Namespaces of those pods; empty: the pod's own."""
    namespace_selector: LabelSelector | None = None
    """Namespaces of those pods, by label."""
    match_label_keys: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """Label keys whose values must equal the pod's own."""
    mismatch_label_keys: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """Label keys whose values must differ from the pod's own."""


class PreferredPods(Model):
    """A wish about pods nearby, with a weight."""

    weight: Annotated[int, Field(ge=1, le=100, json_schema_extra={"format": "int32"})]
    """From 1 (weak) to 100 (strong)."""
    pod_affinity_term: PodAffinityTerm
    """The pods."""


class PodAffinity(Model):
    """Pods that must or should be near (or, as anti-affinity, away)."""

    required: Annotated[
        tuple[PodAffinityTerm, ...], Field(alias="requiredDuringSchedulingIgnoredDuringExecution", max_length=500)
    ] = ()
    """What must hold."""
    preferred: Annotated[
        tuple[PreferredPods, ...], Field(alias="preferredDuringSchedulingIgnoredDuringExecution", max_length=500)
    ] = ()
    """What should hold."""


class Affinity(Model):
    """Kubernetes' affinity of a pod."""

    node_affinity: NodeAffinity | None = None
    """Nodes to run on."""
    pod_affinity: PodAffinity | None = None
    """Pods to be near to."""
    pod_anti_affinity: PodAffinity | None = None
    """Pods to be away from."""


class ResourceClaim(Model):
    """A claim of dynamic resource allocation that a container uses."""

    name: Annotated[str, Field(max_length=63)]
    """Name of one of the pod's resource claims."""
    request: Annotated[str, Field(max_length=63)] = ""
    """One request of the claim; empty: all of them."""


class ResourceRequirements(Model):
    """What a container asks for, and what it may use."""

    requests: ResourceList = {}
    """What is reserved, by resource, such as `cpu: 100m`."""
    limits: ResourceList = {}
    """What may be used at most, by resource."""
    claims: Annotated[
        tuple[ResourceClaim, ...],
        Field(
            max_length=64,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
        ),
    ] = ()
    """Claims of dynamic resource allocation."""


class Taint(Model):
    """A taint of a node."""

    key: Annotated[str, Field(max_length=317)]
    """Key of the taint."""
    value: Annotated[str, Field(max_length=63)] = ""
    """Value of the taint."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
    """What happens to pods that do not tolerate it."""
    time_added: Annotated[str, Field(max_length=64)] = ""
    """When it was added, as RFC 3339; kept and not used."""


class ObjectReference(Model):
    """A reference to another object."""

    api_version: Annotated[str, Field(max_length=317)] = ""
    """Group and version, such as `rke-machine-config.cattle.io/v1`."""
    kind: Annotated[str, Field(max_length=63)] = ""
    """Kind."""
    name: Annotated[str, Field(max_length=253)] = ""
    """Name."""
    namespace: Annotated[str, Field(max_length=63)] = ""
    """Namespace; empty: that of the referring object."""
    uid: Annotated[str, Field(max_length=128)] = ""
    """Kept and not used."""
    resource_version: Annotated[str, Field(max_length=128)] = ""
    """Kept and not used."""
    field_path: Annotated[str, Field(max_length=1024)] = ""
    """Kept and not used."""
