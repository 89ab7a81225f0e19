"""Where attacks are tried: a hub with a member, the whole operator with the rights and policies of the chart and its
webhook, and two kube-apiservers that anybody can ask."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from drover.dev.cluster import ControlPlane
from drover.dev.stage import Stage
from drover.kinds.resources import ROLE_TEMPLATES
from drover.kube.client import Client
from drover.kube.gvr import Object
from drover.rules.rbac.model import Request
from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.rights.objects import access, user
from tests.cluster.scene import Scene, eventually, log_says, unique

_REVIEW = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
MANAGEMENT = "management.cattle.io"

READ: Object = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
WRITE: Object = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["update"]}
ALL: Object = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
EVERYTHING = Request("*", "*", "*")


@dataclass
class Ground:
    """`port` is that of the webhook. `hub` and `edge` answer anybody: `user=` of a request says whom."""

    stage: Stage
    scene: Scene
    hub: Apiserver
    edge: Apiserver
    port: int

    @property
    def control_plane(self) -> ControlPlane:
        """The clusters."""
        return self.stage.control_plane

    def start(self) -> None:
        """Starts the operator again."""
        self.scene.drover = self.stage.start("one", "--webhook-address", f"127.0.0.1:{self.port}")

    async def judged(self) -> None:
        """Waits until the kube-apiserver gets through to the webhook, and Drover leads."""

        async def look() -> bool:
            await self.scene.hub.create(ROLE_TEMPLATES, role("probe", "cluster", READ), manager="test", dry_run=True)
            return True

        await log_says(self.scene.drover, "leading")
        await eventually(look, "the webhook answers")

    async def somebody(self, **fields: Any) -> str:
        """A new User, by name."""
        name = unique("u")
        await self.scene.apply(user(name, **fields))
        return name

    async def role(self, context: str, *rules: Object, **fields: Any) -> str:
        """A new RoleTemplate, by name."""
        name = unique("rt")
        await self.scene.apply(role(name, context, *(rules or (READ,)), **fields))
        return name


def role(name: str, context: str, *rules: Object, **fields: Any) -> Object:
    """A RoleTemplate."""
    return access("RoleTemplate", name, context=context, rules=list(rules), **fields)


def asks(verb: str, resource: str = "configmaps", place: str = "", group: str = "", name: str = "") -> Request:
    """What somebody wants to do."""
    return Request(verb, group, resource, "", name, place)


async def may(client: Client, who: str, request: Request, groups: Collection[str] = ()) -> bool:
    """What the kube-apiserver of a cluster says about somebody."""
    attributes = {
        "verb": request.verb,
        "group": request.group,
        "resource": request.resource,
        "subresource": request.subresource,
        "name": request.name,
        "namespace": request.namespace,
    }
    what: Object = {"resourceAttributes": {key: value for key, value in attributes.items() if value}}
    if request.url:
        what = {"nonResourceAttributes": {"verb": request.verb, "path": request.url}}
    spec = {"user": who, "groups": list(groups), **what}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    return bool((await client.post(_REVIEW, body))["status"]["allowed"])


async def becomes(
    client: Client, allowed: bool, who: str, request: Request, groups: Collection[str] = (), seconds: float = 60.0
) -> None:
    """Waits until somebody may do something, or may not any more."""

    async def look() -> bool:
        return await may(client, who, request, groups) is allowed

    await eventually(look, f"{who} may{'' if allowed else ' not'} {request}", seconds)


async def never(client: Client, who: str, request: Request, seconds: float = 1.5) -> None:
    """Somebody may not do something, and does not get to within some time."""
    for _ in range(int(seconds / 0.1)):
        assert not await may(client, who, request), f"{who} may {request}"
        await asyncio.sleep(0.1)
