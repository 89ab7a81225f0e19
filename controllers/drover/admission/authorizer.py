"""What a requester may do in the hub, asked of the kube-apiserver by SubjectAccessReviews, which write nothing."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, Protocol

from drover.admission.review import Requester
from drover.kube.gvr import Object
from drover.rules.rbac.cover import ALL, UnitRule

REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

_AT_ONCE = 32
_MANY = 6
"""From so many questions on it pays to ask first whether everything is allowed."""
_ENOUGH = 24
"""So many lacking rights make a refusal; more are not looked for."""


class Asks(Protocol):
    """Who sends a question to the kube-apiserver: `kube.client.Client`."""

    async def call(self, method: str, path: str, body: Object | None = None) -> Object:
        """A request; raises `ApiError` or `Unreachable`."""


class Authorizer:
    """Questions about rights in the hub. An error of the kube-apiserver is raised: nothing is allowed then."""

    def __init__(self, client: Asks) -> None:
        self._client = client
        self._limit = asyncio.Semaphore(_AT_ONCE * 2)

    async def may(self, requester: Requester, verb: str, group: str, resource: str, name: str) -> bool:
        """Whether the requester may use a verb, such as `bind`, on one cluster-scoped object."""
        return await self._allowed(
            requester, {"resourceAttributes": {"verb": verb, "group": group, "resource": resource, "name": name}}
        )

    async def lacking(
        self, requester: Requester, units: Sequence[UnitRule], namespace: str = ""
    ) -> tuple[tuple[UnitRule, ...], bool]:
        """Which unit rules the requester does not have, everywhere or in a namespace, and whether there may be more:
        it stops after some two dozen."""
        left = list(units)
        if len(left) >= _MANY:
            everything = (UnitRule(ALL, ALL, "", "", ALL), UnitRule("", "", "", ALL, ALL))
            resources, urls = await asyncio.gather(*(self._has(requester, unit, namespace) for unit in everything))
            left = [unit for unit in left if not (urls if unit.url else resources)]
        found: list[UnitRule] = []
        for start in range(0, len(left), _AT_ONCE):
            asked = left[start : start + _AT_ONCE]
            answers = await asyncio.gather(*(self._has(requester, unit, namespace) for unit in asked))
            found += [unit for unit, has in zip(asked, answers, strict=True) if not has]
            if len(found) >= _ENOUGH and start + _AT_ONCE < len(left):
                return tuple(found), True
        return tuple(found), False

    async def _has(self, requester: Requester, unit: UnitRule, namespace: str) -> bool:
        if unit.url:
            return await self._allowed(requester, {"nonResourceAttributes": {"verb": unit.verb, "path": unit.url}})
        resource, _, subresource = unit.resource.partition("/")
        attributes = {
            "verb": unit.verb,
            "group": unit.group,
            "resource": resource,
            "subresource": subresource,
            "namespace": namespace,
            # A name that nobody can have put into a rule: only a rule for all objects allows it. Without a name,
            # `resourceNames: [""]` would pass for all.
            "name": unit.name or uuid.uuid4().hex,
        }
        return await self._allowed(requester, {"resourceAttributes": attributes})

    async def _allowed(self, requester: Requester, attributes: dict[str, Any]) -> bool:
        spec: Object = {
            **attributes,
            "user": requester.name,
            "groups": list(requester.groups),
            "extra": {name: list(values) for name, values in requester.extra.items()},
        }
        if requester.uid:
            spec["uid"] = requester.uid
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        async with self._limit:
            answer = await self._client.call("POST", REVIEWS, body)
        status = answer.get("status")
        return isinstance(status, dict) and status.get("allowed") is True and not status.get("denied")
