"""Environment variables of containers, in Kubernetes' own terms."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.resource import Model

_Key = Annotated[str, Field(max_length=253)]
_Name = Annotated[str, Field(max_length=253)]


class KeySelector(Model):
    """One key of a ConfigMap or Secret."""

    name: _Name = ""
    """Name of the object."""
    key: _Key
    """Key in it."""
    optional: bool | None = None
    """Whether it may be missing."""


class FieldSelector(Model):
    """A field of the pod."""

    api_version: Annotated[str, Field(max_length=64)] = ""
    """Version of the pod's schema; empty: v1."""
    field_path: Annotated[str, Field(max_length=1024)]
    """Path, such as `metadata.name`."""


class ResourceFieldSelector(Model):
    """An amount that a container asks for."""

    resource: Annotated[str, Field(max_length=317)]
    """Such as `limits.cpu`."""
    container_name: Annotated[str, Field(max_length=63)] = ""
    """Container; empty: this one."""
    divisor: Annotated[str, Field(max_length=64)] = ""
    """Unit, such as `1m`."""


class FileKeySelector(Model):
    """One variable of a file in a volume."""

    volume_name: Annotated[str, Field(max_length=63)]
    """Volume."""
    path: Annotated[str, Field(max_length=4096)]
    """File in it."""
    key: _Key
    """Variable in the file."""
    optional: bool | None = None
    """Whether it may be missing."""


class EnvVarSource(Model):
    """Where a value comes from; exactly one."""

    config_map_key_ref: KeySelector | None = None
    """A key of a ConfigMap."""
    secret_key_ref: KeySelector | None = None
    """A key of a Secret."""
    field_ref: FieldSelector | None = None
    """A field of the pod."""
    resource_field_ref: ResourceFieldSelector | None = None
    """An amount that a container asks for."""
    file_key_ref: FileKeySelector | None = None
    """A variable of a file."""


class EnvVar(Model):
    """An environment variable."""

    name: Annotated[str, Field(min_length=1, max_length=1024)]
    """Name."""
    value: str | None = None
    """Value, in plain text; `$(OTHER)` is replaced."""
    value_from: EnvVarSource | None = None
    """Where the value comes from instead."""
