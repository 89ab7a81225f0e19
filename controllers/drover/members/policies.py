"""Keeps the policies about namespaces in one cluster."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from drover.api.keys import ADOPT_UID, OWNER
from drover.kube import metrics
from drover.kube.apply import covers
from drover.kube.client import Client
from drover.kube.errors import AlreadyExists, BadRequest, Conflict, Forbidden, Invalid, NotFound
from drover.kube.gvr import GVR, POLICIES, POLICY_BINDINGS, Key, Object
from drover.members.caches import MemberCaches
from drover.members.desired import Part, Problem
from drover.rules.objects import annotation, deleting, name_of
from drover.rules.ownership import owner_uid, ownership

KINDS: Final[dict[str, GVR]] = {gvr.kind: gvr for gvr in (POLICIES, POLICY_BINDINGS)}

_FILLED_IN: Final = (("matchPolicy", "Equivalent"), ("scope", "*"))
"""What a kube-apiserver writes into a policy that says nothing of it, besides empty selectors."""


class PolicyWriter:
    """Writes ValidatingAdmissionPolicies and their bindings into one cluster. What is already so is not written."""

    def __init__(self, client: Client, caches: MemberCaches) -> None:
        self._client = client
        self._caches = caches

    async def make(self, part: Part) -> Problem | None:
        """Makes the policies of a part exactly as they should be; why that was not possible."""
        try:
            for wanted in part.policies:
                if problem := await self._make(part, wanted):
                    return problem
        except Forbidden as error:
            return Problem("Forbidden", f"the credential may not install them: {error.message[:300]}", terminal=False)
        except NotFound:
            return Problem(
                "PoliciesNotServed",
                "the cluster does not serve ValidatingAdmissionPolicies; they come with Kubernetes 1.30",
                terminal=False,
            )
        except (Invalid, BadRequest) as error:
            return Problem("Rejected", error.message[:400], terminal=False)
        return None

    async def remove(self, part: Part) -> Problem | None:
        """Deletes the policies that were made for the part's owner, bindings first; why that was not possible."""
        try:
            for kind in reversed(KINDS):
                for obj in self._caches.guards[kind].by("owner", part.owner.uid):
                    if not deleting(obj):
                        await self._delete(KINDS[kind], obj)
        except Forbidden as error:
            return Problem("Forbidden", f"the credential may not delete them: {error.message[:300]}", terminal=False)
        return None

    def removed(self, part: Part) -> bool:
        """Whether none of the policies is left that were made for the part's owner."""
        return not any(cache.by("owner", part.owner.uid) for cache in self._caches.guards.values())

    async def _make(self, part: Part, wanted: Object) -> Problem | None:
        gvr, name = KINDS[wanted["kind"]], name_of(wanted)
        cache = self._caches.guards[gvr.kind]
        live = cache.get(Key("", name)) or await self._unlabelled(gvr, name)
        match ownership(live, part.owner):
            case "absent":
                try:
                    answer = await self._client.create(gvr, wanted, manager=part.manager)
                except AlreadyExists as error:
                    raise Conflict(error.status, error.reason, error.message) from error
            case "foreign":
                return _taken(gvr, live or {})
            case _:
                if live is None or _same(live, wanted):
                    metrics.SUPPRESSED.labels(gvr.kind).inc()
                    return None
                answer = await self._client.replace(gvr, _over(live, wanted), manager=part.manager)
        metrics.WRITES.labels(gvr.kind, "create" if live is None else "change").inc()
        cache.observe(answer)
        return None

    async def _unlabelled(self, gvr: GVR, name: str) -> Object | None:
        """A policy of that name without our label; raises NotFound where the kind is not served."""
        try:
            return await self._client.get(gvr, name)
        except NotFound as error:
            if error.details.get("name") == name:
                return None
            raise

    async def _delete(self, gvr: GVR, obj: Object) -> None:
        answer: Object = {}
        with contextlib.suppress(NotFound):
            answer = await self._client.delete(gvr, name_of(obj), uid=obj["metadata"]["uid"])
            metrics.WRITES.labels(gvr.kind, "delete").inc()
        self._caches.guards[gvr.kind].deleted(obj, answer)


def _same(live: Object, wanted: Object) -> bool:
    """Whether a policy is exactly as it should be: also an exception that somebody has added would weaken it."""
    marks = {field: wanted["metadata"].get(field) or {} for field in ("labels", "annotations")}
    return covers(live["metadata"], marks) and _said(live.get("spec")) == _said(wanted["spec"])


def _said(value: Any) -> Any:
    """A spec without what is said by leaving it out."""
    if isinstance(value, list):
        return [_said(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _said(each) for key, each in value.items() if (key, each) not in _FILLED_IN}
    return {key: each for key, each in found.items() if each not in ({}, [], None)}


def _over(live: Object, wanted: Object) -> Object:
    """What is wanted in place of what is there, with the labels and annotations of others."""
    kept = {field: live["metadata"][field] for field in ("name", "uid", "resourceVersion")}
    marks = {
        field: {**(live["metadata"].get(field) or {}), **(wanted["metadata"].get(field) or {})}
        for field in ("labels", "annotations")
    }
    return {**wanted, "metadata": {**kept, **marks}}


def _taken(gvr: GVR, live: Object) -> Problem:
    uid, owner = owner_uid(live), annotation(live, OWNER)
    if uid:
        return Problem(
            "Conflict",
            f"{gvr.kind} {name_of(live)} was made for {owner or 'another object'} with uid {uid}; if that is gone, "
            f"annotate this Cluster with {ADOPT_UID}: {uid}, or delete the {gvr.kind} in the member",
        )
    return Problem("Conflict", f"{gvr.kind} {name_of(live)} exists and was not made by Drover; delete it in the member")
