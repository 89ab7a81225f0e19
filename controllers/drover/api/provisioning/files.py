"""Files on machines, from Secrets and ConfigMaps."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.placement import LabelSelector
from drover.api.resource import Model

_Mode = Annotated[str, Field(max_length=16)]


class KeyToPath(Model):
    """One file."""

    key: Annotated[str, Field(max_length=253)]
    """Key in the Secret or ConfigMap."""
    path: Annotated[str, Field(max_length=4096)]
    """Absolute path on the machine."""
    dynamic: bool = False
    """Whether a change restarts nothing."""
    permissions: _Mode = ""
    """Mode in octal, such as `0600`."""
    hash: Annotated[str, Field(max_length=128)] = ""
    """SHA-256 of the content in base64; other content is an error."""


class FileSource(Model):
    """A Secret or ConfigMap whose keys become files."""

    name: Annotated[str, Field(max_length=253)]
    """Name. The object must list the cluster in the annotation `rke.cattle.io/object-authorized-for-clusters`."""
    items: Annotated[tuple[KeyToPath, ...], Field(max_length=1000)] = ()
    """The files."""
    default_permissions: _Mode = ""
    """Mode of files that have none of their own."""


class ProvisioningFileSource(Model):
    """Where files come from."""

    secret: FileSource | None = None
    """A Secret in the same namespace."""
    config_map: FileSource | None = None
    """A ConfigMap in the same namespace."""


class MachineSelectorFiles(Model):
    """Files on some machines."""

    machine_label_selector: LabelSelector | None = None
    """The machines; absent: all."""
    file_sources: Annotated[tuple[ProvisioningFileSource, ...], Field(max_length=1000)] = ()
    """Where the files come from."""
