"""What the decision about a workspace depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from drover.api.keys import MANAGED_WORKSPACE
from drover.kube.gvr import Object
from drover.rules.objects import annotation, name_of
from drover.rules.ownership import Owner


@dataclass(frozen=True, slots=True)
class World:
    """`namespace` is the hub's namespace of the workspace's name. `clusters` are those in the workspace: management
    Clusters by name, provisioning Clusters as `namespace/name`. `contents` is what the namespace holds, by resource:
    None before it was counted, empty where nobody counts.
    """

    workspace: Object
    owner: Owner
    namespace: Object | None
    clusters: tuple[str, ...]
    contents: Mapping[str, int] | None
    invalid: str
    now: datetime

    @property
    def name(self) -> str:
        """The name of the workspace and of its namespace."""
        return name_of(self.workspace)

    @property
    def managed(self) -> bool:
        """Whether a namespace is to be made."""
        return annotation(self.workspace, MANAGED_WORKSPACE) != "false"
