"""What the decision about a template depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kube.gvr import Object


@dataclass(frozen=True, slots=True)
class World:
    """`clusters` are those that name the template: management Clusters by name, provisioning Clusters as
    `namespace/name`."""

    template: Object
    clusters: tuple[str, ...]
    invalid: str
    now: datetime
