"""`fleetworkspaces.management.cattle.io`: the namespace of a workspace, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.kinds.fleet_workspace.decide import decide
from drover.kinds.fleet_workspace.gather import gather
from drover.kinds.fleet_workspace.report import report
from drover.kinds.fleet_workspace.shipped import WORKSPACES as SHIPPED
from drover.kinds.fleet_workspace.world import World
from drover.kinds.kind import Kind
from drover.kinds.resources import WORKSPACES
from drover.kube.gvr import Key, Object, key_of


class WorkspaceKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = WORKSPACES
    name = "fleet-workspace"
    manager = "drover-fleet-workspace"
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of the kind: it has no spec."""
        from drover.api.management.fleet_workspace import FleetWorkspace

        return FleetWorkspace

    def seeds(self) -> Mapping[Key, Object]:
        """The first workspaces."""
        return {key_of(workspace): workspace for workspace in SHIPPED}

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)
