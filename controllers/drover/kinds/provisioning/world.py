"""What the decision about a provisioning Cluster depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kube.gvr import Object
from drover.rules.ownership import Owner


@dataclass(frozen=True, slots=True)
class World:
    """`cluster` is the provisioning Cluster, `management` the management Cluster of the name that `target` has, if
    there is one. `template` is the PodSecurityAdmissionConfigurationTemplate that the Cluster names."""

    cluster: Object
    owner: Owner
    target: str
    management: Object | None
    invalid: str
    now: datetime
    patience: float
    template: Object | None = None
