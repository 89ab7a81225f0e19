"""Volumes of a pod."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from drover.api.environment import FieldSelector, ResourceFieldSelector
from drover.api.placement import LabelSelector
from drover.api.project.claim import ClaimSpec, TemplateMetadata
from drover.api.resource import Model
from drover.api.rule import Rule
from drover.api.scalars import DnsLabel, Int32, Int64, IntOrString, StringMap

_Name = Annotated[str, Field(max_length=253)]
_Path = Annotated[str, Field(max_length=4096)]


class NameRef(Model):
    """An object in the same namespace."""

    name: _Name = ""
    """Name."""


class KeyToPath(Model):
    """A key as a file."""

    key: _Name
    """Key."""
    path: _Path
    """File."""
    mode: Int32 | None = None
    """Mode, such as 420 (0644)."""


_Items = Annotated[tuple[KeyToPath, ...], Field(max_length=1024)]


class ConfigMapVolume(Model):
    """Keys of a ConfigMap as files."""

    name: _Name = ""
    """ConfigMap."""
    items: _Items = ()
    """Some keys; empty: all."""
    default_mode: Int32 | None = None
    """Default 420 (0644)."""
    optional: bool | None = None
    """Whether it may be missing."""


class SecretVolume(Model):
    """Keys of a Secret as files."""

    secret_name: _Name = ""
    """Secret."""
    items: _Items = ()
    """Some keys; empty: all."""
    default_mode: Int32 | None = None
    """Default 420 (0644)."""
    optional: bool | None = None
    """Whether it may be missing."""


class EmptyDirVolume(Model):
    """A directory that lives as long as the pod."""

    medium: Annotated[str, Field(max_length=64)] = ""
    """`Memory`, or empty for the node's disk."""
    size_limit: IntOrString | None = None
    """Most bytes, such as `1Gi`."""


class HostPathVolume(Model):
    """A path on the node."""

    path: _Path
    """Path."""
    type: Annotated[str, Field(max_length=32)] = ""
    """What must be there: `Directory`, `DirectoryOrCreate`, `File`, `FileOrCreate`, `Socket`; empty: anything."""
    kind: Annotated[str, Field(max_length=32)] = ""
    """Another name of type."""


class ClaimVolume(Model):
    """A PersistentVolumeClaim."""

    claim_name: _Name = ""
    """Claim."""
    persistent_volume_claim_id: Annotated[str, Field(max_length=317)] = ""
    """Another name of claimName, `namespace:name`."""
    read_only: bool | None = None
    """Whether it is read-only."""


class DownwardFile(Model):
    """A fact about the pod as a file."""

    path: _Path
    """File."""
    field_ref: FieldSelector | None = None
    """A field of the pod."""
    resource_field_ref: ResourceFieldSelector | None = None
    """An amount."""
    mode: Int32 | None = None
    """Mode."""


class DownwardVolume(Model):
    """Facts about the pod as files."""

    items: Annotated[tuple[DownwardFile, ...], Field(max_length=256)] = ()
    """Files."""
    default_mode: Int32 | None = None
    """Default 420 (0644)."""


class TokenProjection(Model):
    """A token of the service account."""

    path: _Path
    """File."""
    audience: Annotated[str, Field(max_length=1024)] = ""
    """For whom it is valid."""
    expiration_seconds: Int64 | None = None
    """Default 3600."""


class TrustBundleProjection(Model):
    """Trusted certificates."""

    path: _Path
    """File."""
    name: _Name = ""
    """One ClusterTrustBundle."""
    signer_name: Annotated[str, Field(max_length=571)] = ""
    """Or all of a signer."""
    label_selector: LabelSelector | None = None
    """Which of the signer's."""
    optional: bool | None = None
    """Whether they may be missing."""


class PodCertificateProjection(Model):
    """A certificate for the pod."""

    signer_name: Annotated[str, Field(max_length=571)]
    """Who signs it."""
    key_type: Annotated[str, Field(max_length=64)]
    """Such as `ED25519`."""
    credential_bundle_path: _Path = ""
    """File with key and chain."""
    key_path: _Path = ""
    """File with the key."""
    certificate_chain_path: _Path = ""
    """File with the chain."""
    max_expiration_seconds: Int32 | None = None
    """Default 86400."""
    user_annotations: StringMap = {}
    """For the signer."""


class Projection(Model):
    """One source of a projected volume."""

    config_map: ConfigMapVolume | None = None
    """A ConfigMap."""
    secret: ProjectedSecret | None = None
    """A Secret."""
    downward_api: Annotated[DownwardVolume | None, Field(alias="downwardAPI")] = None
    """Facts about the pod."""
    service_account_token: TokenProjection | None = None
    """A token."""
    cluster_trust_bundle: TrustBundleProjection | None = None
    """Trusted certificates."""
    pod_certificate: PodCertificateProjection | None = None
    """A certificate."""


class ProjectedSecret(Model):
    """Keys of a Secret as files."""

    name: _Name = ""
    """Secret."""
    items: _Items = ()
    """Some keys; empty: all."""
    optional: bool | None = None
    """Whether it may be missing."""


class ProjectedVolume(Model):
    """Several sources in one directory."""

    sources: Annotated[tuple[Projection, ...], Field(max_length=64)] = ()
    """Sources."""
    default_mode: Int32 | None = None
    """Default 420 (0644)."""


class CsiVolume(Model):
    """A volume of a CSI driver."""

    driver: _Name
    """Driver."""
    fs_type: Annotated[str, Field(max_length=64)] = ""
    """File system."""
    read_only: bool | None = None
    """Whether it is read-only."""
    volume_attributes: StringMap = {}
    """Settings of the driver."""
    node_publish_secret_ref: NameRef | None = None
    """Secret for the driver."""


class NfsVolume(Model):
    """An NFS share."""

    server: Annotated[str, Field(max_length=253)]
    """Host."""
    path: _Path
    """Path on the host."""
    read_only: bool | None = None
    """Whether it is read-only."""


class ImageVolume(Model):
    """The files of an image."""

    reference: Annotated[str, Field(max_length=1024)] = ""
    """Image."""
    pull_policy: Literal["", "Always", "IfNotPresent", "Never"] = ""
    """When it is pulled."""


class EphemeralTemplate(Model):
    """The claim of an ephemeral volume."""

    metadata: TemplateMetadata | None = None
    """Labels and annotations."""
    spec: ClaimSpec
    """The claim."""


class EphemeralVolume(Model):
    """A volume that is made for the pod and goes with it."""

    volume_claim_template: EphemeralTemplate | None = None
    """The claim."""


_SOURCES = (
    "configMap", "secret", "emptyDir", "hostPath", "persistentVolumeClaim", "projected", "downwardAPI", "csi",
    "ephemeral", "nfs", "image",
)  # fmt: skip


class Volume(Model):
    """A volume; exactly one source."""

    rules = (
        Rule(
            f"[{', '.join(f'has(self.{source})' for source in _SOURCES)}].filter(set, set).size() == 1",
            f"set exactly one source: {', '.join(_SOURCES)}",
            lambda volume: len(volume.model_fields_set - {"name"}) == 1,
        ),
    )

    name: DnsLabel
    """Name, for volumeMounts."""
    config_map: ConfigMapVolume | None = None
    """A ConfigMap."""
    secret: SecretVolume | None = None
    """A Secret."""
    empty_dir: EmptyDirVolume | None = None
    """A directory that lives as long as the pod."""
    host_path: HostPathVolume | None = None
    """A path on the node."""
    persistent_volume_claim: ClaimVolume | None = None
    """A PersistentVolumeClaim."""
    projected: ProjectedVolume | None = None
    """Several sources."""
    downward_api: Annotated[DownwardVolume | None, Field(alias="downwardAPI")] = None
    """Facts about the pod."""
    csi: CsiVolume | None = None
    """A volume of a CSI driver."""
    ephemeral: EphemeralVolume | None = None
    """A volume that goes with the pod."""
    nfs: NfsVolume | None = None
    """An NFS share."""
    image: ImageVolume | None = None
    """The files of an image."""
