"""The two workspaces that are there from the start."""

from __future__ import annotations

from typing import Final

from drover.api.keys import DEFAULT_WORKSPACE, LOCAL_WORKSPACE, MANAGED_WORKSPACE
from drover.kinds.resources import WORKSPACES as GVR_OF_WORKSPACES
from drover.kube.gvr import Object


def _workspace(name: str, annotations: dict[str, str]) -> Object:
    metadata = {"name": name, **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": GVR_OF_WORKSPACES.api_version, "kind": GVR_OF_WORKSPACES.kind, "metadata": metadata}


WORKSPACES: Final = (_workspace(DEFAULT_WORKSPACE, {}), _workspace(LOCAL_WORKSPACE, {MANAGED_WORKSPACE: "false"}))
"""As they are made where they are missing. The one of the local cluster needs no namespace."""
