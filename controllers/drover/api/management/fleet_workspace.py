"""FleetWorkspace: a namespace for provisioning Clusters, and for the Secrets of Clusters."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from drover.api.conditions import Status
from drover.api.keys import DEFAULT_WORKSPACE, LOCAL_CLUSTER, LOCAL_WORKSPACE, MANAGEMENT, RESERVED_NAMESPACES
from drover.api.resource import AGE, MESSAGE, READY, Column, Resource, condition_status
from drover.api.rule import Rule
from drover.api.scalars import DNS_LABEL

RESERVED: Final = tuple(
    name for name in (*RESERVED_NAMESPACES, LOCAL_CLUSTER) if name not in (DEFAULT_WORKSPACE, LOCAL_WORKSPACE)
)
"""Namespaces that are no workspace."""


class FleetWorkspaceStatus(Status):
    """What the workspace is."""


class FleetWorkspace(Resource):
    """A workspace: a namespace of the same name holds provisioning Clusters, and the Secrets of Clusters."""

    group = MANAGEMENT
    version = "v3"
    kind = "FleetWorkspace"
    plural = "fleetworkspaces"
    scope = "Cluster"
    short_names = ("fws",)
    columns = (
        Column("Namespace", condition_status("NamespaceCreated"), "Whether its namespace is there."),
        Column("In-Use", condition_status("InUse"), "Whether Clusters are in it."),
        READY,
        AGE,
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"self.metadata.name.matches('{DNS_LABEL}')",
            "must be lower-case letters, digits and - (no dots), as a namespace gets the same name",
            lambda workspace: re.fullmatch(DNS_LABEL, workspace.metadata.name) is not None,
            field=".metadata.name",
        ),
        Rule(
            f"!(self.metadata.name in {list(RESERVED)})",
            "is the name of a namespace of Kubernetes or of the platform; choose another name",
            lambda workspace: workspace.metadata.name not in RESERVED,
            field=".metadata.name",
        ),
    )

    status: FleetWorkspaceStatus | None = None
    """What the workspace is. Written by Drover."""
