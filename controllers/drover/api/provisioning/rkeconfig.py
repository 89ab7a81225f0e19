"""`spec.rkeConfig`: everything about a cluster that an engine makes."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import Field

from drover.api.placement import LabelSelector, ObjectReference
from drover.api.provisioning.etcd import (
    Etcd,
    EtcdSnapshotCreate,
    EtcdSnapshotRestore,
    RotateCertificates,
    RotateEncryptionKeys,
)
from drover.api.provisioning.files import MachineSelectorFiles
from drover.api.provisioning.machine_pools import MachinePool, MachinePoolDefaults
from drover.api.provisioning.registries import Registries
from drover.api.provisioning.upgrade import UpgradeStrategy
from drover.api.resource import Model
from drover.api.rule import EMPTY, Rule, value_or
from drover.api.scalars import FreeMap

_PATH: Final = "^(/[A-Za-z0-9_.-]+)*$"

Directory = Annotated[
    str,
    Field(max_length=255),
    Rule(
        f"self.matches('{_PATH}') && !self.split('/').exists(part, part in ['.', '..'])",
        "must be an absolute path of letters, digits, -, _ and . without `..` and without / at the end",
        lambda path: re.match(_PATH, path) is not None and not {".", ".."} & set(path.split("/")),
    ),
]

_DIRECTORIES: Final = ("systemAgent", "provisioning", "k8sDistro")
_SET: Final = "[" + ", ".join(value_or(name, EMPTY) for name in _DIRECTORIES) + "].filter(path, path != '')"


def _directory(name: str, root: str) -> str:
    return value_or(f"dataDirectories.{name}", EMPTY, root)


def _apart(directories: DataDirectories) -> bool:
    paths = [directories.system_agent, directories.provisioning, directories.k8s_distro]
    used = [f"{path}/" for path in paths if path]
    return not any(inner.startswith(outer) for i, outer in enumerate(used) for j, inner in enumerate(used) if i != j)


class DataDirectories(Model):
    """Where components keep their data on the nodes. Fixed when the cluster is created."""

    rules = (
        Rule(
            f"{_SET}.all(outer, {_SET}.exists_one(inner, (inner + '/').startsWith(outer + '/')))",
            "the directories must not lie in one another; choose separate ones",
            _apart,
        ),
    )

    system_agent: Directory = ""
    """Of the system agent. Default `/var/lib/rancher/agent`."""
    provisioning: Directory = ""
    """Of provisioning. Default `/var/lib/rancher/capr`."""
    k8s_distro: Annotated[Directory, Field(alias="k8sDistro")] = ""
    """Of the distribution. Default `/var/lib/rancher/rke2` or `/var/lib/rancher/k3s`."""


class MachineSelectorConfig(Model):
    """Settings of the distribution for some machines."""

    machine_label_selector: LabelSelector | None = None
    """The machines; absent: all."""
    config: FreeMap = {}
    """Keys of the distribution's configuration file."""


class Networking(Model):
    """IP families."""

    stack_preference: Literal["", "dual", "ipv4", "ipv6"] = ""
    """Loopback address of probes: `dual` (localhost), `ipv4` or `ipv6`. Default `dual`."""


class RkeConfig(Model):
    """How to make and run the cluster."""

    rules = (
        Rule(
            " && ".join(f"{_directory(name, 'self')} == {_directory(name, 'oldSelf')}" for name in _DIRECTORIES),
            "dataDirectories cannot be changed after the cluster was created; set it back",
            field=".dataDirectories",
            reason="FieldValueForbidden",
        ),
    )

    chart_values: FreeMap = {}
    """Values of the distribution's charts, by chart."""
    machine_global_config: FreeMap = {}
    """Keys of the distribution's configuration file, for all machines."""
    machine_selector_config: Annotated[tuple[MachineSelectorConfig, ...], Field(max_length=1000)] = ()
    """The same for some machines; later entries win."""
    machine_selector_files: Annotated[tuple[MachineSelectorFiles, ...], Field(max_length=1000)] = ()
    """Files on machines, from Secrets and ConfigMaps."""
    machine_pools: Annotated[
        tuple[MachinePool, ...],
        Field(
            max_length=1000,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
        ),
    ] = ()
    """Groups of equal machines. Empty: machines join by command."""
    machine_pool_defaults: MachinePoolDefaults | None = None
    """What pools leave unset."""
    additional_manifest: Annotated[str, Field(max_length=1048576)] = ""
    """YAML that is applied in the new cluster."""
    registries: Registries | None = None
    """Mirrors and credentials of container registries."""
    upgrade_strategy: UpgradeStrategy | None = None
    """How nodes are replaced or upgraded."""
    etcd: Etcd | None = None
    """Snapshots of etcd."""
    networking: Networking | None = None
    """IP families."""
    data_directories: DataDirectories | None = None
    """Where components keep their data on the nodes. Immutable."""
    provision_generation: int = 0
    """Increase it to restart every node, in order."""
    etcd_snapshot_create: EtcdSnapshotCreate | None = None
    """Take a snapshot now."""
    etcd_snapshot_restore: EtcdSnapshotRestore | None = None
    """Go back to a snapshot."""
    rotate_certificates: RotateCertificates | None = None
    """Make new certificates."""
    rotate_encryption_keys: RotateEncryptionKeys | None = None
    """Make a new key for the encryption of Secrets."""
    infrastructure_ref: ObjectReference | None = None
    """Infrastructure cluster of Cluster API, made by somebody else."""
