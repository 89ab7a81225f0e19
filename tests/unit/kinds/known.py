"""A hub in memory with a Cluster, two Projects and their namespaces."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from drover.kinds.hub import Hub
from drover.kinds.resources import CLUSTERS, PROJECTS
from drover.kube.gvr import Object
from drover.members.desired import Part, PartState
from drover.members.loop import MemberLoop
from tests.unit.kinds.apiserver import Apiserver, hub
from tests.unit.kinds.worlds import CONNECTED, obj


class Known:
    """A member with a state, and what it saw of parts."""

    def __init__(self, loop: MemberLoop | None = None, seen: Mapping[str, PartState] | None = None) -> None:
        self.state = CONNECTED
        self.loop = loop
        self.reference = "fleet-default/kc/value"
        self.parts: dict[str, Part] = {}
        self.rights_left = None
        self._seen = seen or {}

    def last_state(self, uid: str) -> PartState | None:
        return self._seen.get(uid)

    def part_state(self, uid: str) -> PartState | None:
        return self._seen.get(uid)


def namespace(name: str, owner: str = "", project: str = "") -> Object:
    labels = {"drover.dev/owner-uid": owner} if owner else {}
    annotations = {"field.cattle.io/projectId": project} if project else {}
    return {
        "metadata": {"name": name, "uid": name, "resourceVersion": "1", "labels": labels, "annotations": annotations}
    }


async def known_hub() -> Hub:
    """The Cluster edge with its Project shop and the backing namespace of that, and the Project tools of the local
    cluster with a namespace."""
    found = hub(Apiserver())
    loop = MemberLoop(
        "local", found.client, may_write=asyncio.Event(), on_part=lambda _uid: None, on_cluster=lambda: None
    )
    for each in (
        namespace("edge", "uid-c"),
        namespace("edge-shop", "uid-p"),
        namespace("tools-web", project="local:tools"),
        namespace("odd", project="edge:shop"),
    ):
        loop.caches.namespaces.observe(each)
    found.fleet._members["local"] = cast("Any", Known(loop))
    found.fleet._members["edge"] = cast("Any", Known(seen={"uid-p": PartState("p"), "uid-w": PartState("w")}))
    seen = {"kubeSystemUID": "member-uid"}
    found.observe(CLUSTERS, obj("Cluster", "edge", uid="uid-c", spec={"displayName": "edge"}, status=seen))
    backing = {"backingNamespace": "edge-shop"}
    spec = {"clusterName": "edge", "displayName": "Shop"}
    found.observe(PROJECTS, obj("Project", "shop", "edge", uid="uid-p", spec=spec, status=backing))
    found.observe(PROJECTS, obj("Project", "tools", "local", uid="uid-t", spec={**spec, "clusterName": "local"}))
    return found
