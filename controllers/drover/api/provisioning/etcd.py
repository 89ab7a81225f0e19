"""Snapshots of etcd, and rotations: what to keep, and what to do once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from drover.api.resource import Model
from drover.api.scalars import Credential, Int64

_Text = Annotated[str, Field(max_length=1024)]


class EtcdS3(Model):
    """An S3 bucket for snapshots. What is empty comes from the credential."""

    bucket: Annotated[str, Field(max_length=63)] = ""
    """Bucket."""
    region: _Text = ""
    """Region."""
    folder: _Text = ""
    """Folder in the bucket."""
    endpoint: _Text = ""
    """Host name of the S3 service."""
    endpoint_ca: Annotated[str, Field(alias="endpointCA", max_length=65536)] = ""
    """CA of the S3 service, PEM or base64."""
    skip_ssl_verify: Annotated[bool, Field(alias="skipSSLVerify")] = False
    """Whether the certificate of the S3 service is not verified."""
    cloud_credential_name: Credential = ""
    """Secret with access key and secret key: a name, or `namespace:name`. Its author must be allowed to read it."""
    retention: Annotated[int | None, Field(ge=0)] = None
    """Snapshots to keep in the bucket; 0 or absent: as many as on the nodes."""


class Etcd(Model):
    """Snapshots of etcd."""

    disable_snapshots: bool = False
    """Whether no snapshots are taken on a schedule."""
    snapshot_schedule_cron: Annotated[str, Field(max_length=128)] = ""
    """Schedule, such as `0 */5 * * *`. Default: that of the distribution."""
    snapshot_retention: int = 0
    """Snapshots to keep on each node; 0: the distribution's default of 5."""
    s3: EtcdS3 | None = None
    """Bucket that snapshots are copied to."""


class EtcdSnapshotCreate(Model):
    """Take a snapshot now."""

    generation: int = 0
    """Increase it to take a snapshot."""


class EtcdSnapshotRestore(Model):
    """Go back to a snapshot. A change of any field starts it."""

    name: Annotated[str, Field(max_length=253)] = ""
    """The ETCDSnapshot."""
    generation: int = 0
    """Increase it to restore the same snapshot once more."""
    restore_rke_config: Annotated[Literal["", "none", "kubernetesVersion", "all"], Field(alias="restoreRKEConfig")] = ""
    """What of the Cluster's spec goes back too: `none`, `kubernetesVersion` or `all`."""


class RotateCertificates(Model):
    """Make new certificates."""

    generation: Int64 = 0
    """Increase it to rotate."""
    services: Annotated[tuple[Annotated[str, Field(max_length=63)], ...], Field(max_length=32)] = ()
    """Services to rotate; empty: all."""


class RotateEncryptionKeys(Model):
    """Make a new key for the encryption of Secrets."""

    generation: Int64 = 0
    """Increase it to rotate."""
