"""Claims for persistent volumes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from drover.api.placement import LabelSelector, ResourceList
from drover.api.resource import Model
from drover.api.scalars import StringMap

_Name = Annotated[str, Field(max_length=253)]
_Modes = Annotated[
    tuple[Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"], ...], Field(max_length=8)
]


class DataSource(Model):
    """What a new volume is filled from."""

    api_group: _Name = ""
    """Group."""
    kind: Annotated[str, Field(max_length=63)]
    """Kind."""
    name: _Name
    """Name."""
    namespace: Annotated[str, Field(max_length=63)] = ""
    """Namespace; dataSourceRef only."""


class ClaimResources(Model):
    """How large a volume must be."""

    requests: ResourceList = {}
    """`storage: 10Gi`."""
    limits: ResourceList = {}
    """Most."""


class ClaimSpec(Model):
    """A claim for a volume."""

    access_modes: _Modes = ()
    """How it is mounted."""
    resources: ClaimResources | None = None
    """Size."""
    storage_class_name: _Name | None = None
    """StorageClass; absent: the default one."""
    volume_mode: Literal["", "Filesystem", "Block"] = ""
    """Default `Filesystem`."""
    volume_name: _Name = ""
    """One PersistentVolume."""
    selector: LabelSelector | None = None
    """PersistentVolumes by label."""
    data_source: DataSource | None = None
    """Filled from."""
    data_source_ref: DataSource | None = None
    """Filled from, any object."""
    volume_attributes_class_name: _Name | None = None
    """VolumeAttributesClass."""


class TemplateMetadata(Model):
    """Metadata of a claim."""

    name: Annotated[str, Field(max_length=63)] = ""
    """Name."""
    labels: StringMap = {}
    """Labels."""
    annotations: StringMap = {}
    """Annotations."""


class ClaimTemplate(ClaimSpec):
    """A claim that is made for each pod: flat, or in Kubernetes' form with `metadata` and `spec`."""

    name: Annotated[str, Field(max_length=63)] = ""
    """Name, for volumeMounts."""
    labels: StringMap = {}
    """Labels."""
    annotations: StringMap = {}
    """Annotations."""
    storage_class_id: _Name | None = None
    """Another name of storageClassName."""
    volume_id: _Name = ""
    """Another name of volumeName."""
    metadata: TemplateMetadata | None = None
    """Kubernetes' form: name, labels, annotations."""
    spec: ClaimSpec | None = None
    """Kubernetes' form: the claim."""
