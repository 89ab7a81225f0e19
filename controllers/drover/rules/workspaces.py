"""Workspaces: the namespaces that hold provisioning Clusters, and the Secrets of Clusters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from drover.api.keys import DEFAULT_WORKSPACE, LOCAL_CLUSTER, LOCAL_WORKSPACE
from drover.rules.objects import Obj, name_of, spec

_OTHERS: Final = re.compile(
    r"([^/]*\.)?(kubernetes\.io|k8s\.io|cattle\.io|drover\.dev|helm\.sh|argoproj\.io|fluxcd\.io)/.*"
)
"""Labels and annotations that mean something to Kubernetes, to Drover, or to the tool that applied the workspace."""


def workspace_of(cluster: Obj) -> str:
    """The workspace of a management Cluster."""
    default = LOCAL_WORKSPACE if name_of(cluster) == LOCAL_CLUSTER else DEFAULT_WORKSPACE
    return str(spec(cluster).get("fleetWorkspaceName") or default)


def copied(marks: Mapping[str, str] | None) -> dict[str, str]:
    """The labels or annotations of a workspace that its namespace gets: those of people. The others would give rights
    (a project, a level of pod security), or make a tool think that it had applied the namespace."""
    return {key: value for key, value in (marks or {}).items() if not _OTHERS.fullmatch(key)}
