"""Reads the world of a workspace."""

from __future__ import annotations

from drover.kinds.fleet_workspace.world import World
from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.resources import CLUSTERS, PROVISIONING_CLUSTERS, WORKSPACES
from drover.kube.gvr import Key, key_of


def gather(hub: Hub, parsed: Parsed, key: Key) -> World | None:
    """Everything that the decision depends on; None where the workspace does not exist."""
    workspace = hub.caches[WORKSPACES].get(key)
    if workspace is None:
        return None
    clusters = (
        *hub.caches[CLUSTERS].by("workspace", key.name),
        *hub.caches[PROVISIONING_CLUSTERS].by("namespace", key.name),
    )
    return World(
        workspace=workspace,
        owner=hub.owner(WORKSPACES, workspace),
        namespace=hub.namespace(key.name),
        clusters=tuple(sorted(str(key_of(cluster)) for cluster in clusters)),
        contents=hub.counted.pop(key.name, None),
        invalid=parsed.problem(workspace),
        now=hub.now(),
    )
