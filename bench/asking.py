"""What somebody may do, by the kube-apiservers' own answers, and when these change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Final

from bench.people import Binding
from bench.virtual import Share
from bench.waiting import meanwhile
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, GVR, ROLE_BINDINGS, Object
from drover.rules.rbac.model import Request

_PATH: Final = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_PAUSE: Final = 0.002
_SECONDS: Final = 60.0


def review(request: Request, user: str, groups: Iterable[str]) -> Object:
    """A SubjectAccessReview."""
    asked = {name: getattr(request, name) for name in ("verb", "group", "resource", "name", "namespace")}
    attributes = {name: value for name, value in asked.items() if value}
    spec = {"user": user, "groups": list(groups), "resourceAttributes": attributes}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}


async def ask(client: Client, question: Object) -> bool:
    """What a kube-apiserver answers."""
    return bool((await client.post(_PATH, question))["status"]["allowed"])


async def may(share: Share, request: Request, user: str, groups: Iterable[str] = ()) -> bool:
    """What a member says, by the kube-apiserver that it is on."""
    return await ask(share.server, share.prefix.review(review(request, user, groups)))


async def answered(share: Share, binding: Binding, *, wanted: bool) -> None:
    """Asks until a member says that a user has what a binding gives, in every place; or has it in none."""

    async def one(place: str) -> None:
        request = replace(binding.request, namespace=place)
        while await may(share, request, binding.user) is not wanted:  # noqa: ASYNC110 - nothing tells of an answer
            await asyncio.sleep(_PAUSE)

    await asyncio.gather(*map(one, binding.places))


class Watch:
    """The bindings in members, as the watches of real kube-apiservers tell them: so a kube-apiserver is only asked what
    somebody may do when it is about to change, and asking does not slow down what is measured."""

    def __init__(self, shares: Mapping[str, Share]) -> None:
        self._shares = shares
        self._named: dict[tuple[str, str, str, str], Object] = {}
        self._news = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[Watch]:
        """Follows them meanwhile."""
        async with meanwhile(self._follow_all()):
            yield self

    async def effective(self, binding: Binding) -> None:
        """Waits until a binding that was given is in force."""
        await self._until(binding, wanted=True)

    async def over(self, binding: Binding) -> None:
        """Waits until nothing that a binding gave is left."""
        await self._until(binding, wanted=False)

    async def _until(self, binding: Binding, *, wanted: bool) -> None:
        share = self._shares[binding.cluster]
        async with asyncio.timeout(_SECONDS):
            async with self._news:
                await self._news.wait_for(
                    lambda: all(self._gives(share, binding, place) is wanted for place in binding.places)
                )
            await answered(share, binding, wanted=wanted)

    def _gives(self, share: Share, binding: Binding, place: str) -> bool:
        """Whether there is an object that gives the role to the user in one place."""
        text = share.prefix.text
        kind, name = (
            ("RoleBinding", f"rt-{binding.role}") if place else ("ClusterRoleBinding", f"{text}rt-{binding.role}")
        )
        found = self._named.get((share.server.login.server, kind, text + place if place else "", name))
        return found is not None and any(each["name"] == text + binding.user for each in found.get("subjects") or ())

    async def _follow_all(self) -> None:
        servers = {share.server.login.server: share.server for share in self._shares.values()}
        kinds = (ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)
        await asyncio.gather(*(self._follow(server, gvr) for server in servers.values() for gvr in kinds))

    async def _follow(self, server: Client, gvr: GVR) -> None:
        address = server.login.server
        async for event in server.stream(gvr.path(), {"watch": "true"}, silence=3600.0):
            obj = event["object"]
            key = (address, gvr.kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
            async with self._news:
                if event["type"] == "DELETED":
                    self._named.pop(key, None)
                elif event["type"] in ("ADDED", "MODIFIED"):
                    self._named[key] = obj
                self._news.notify_all()
