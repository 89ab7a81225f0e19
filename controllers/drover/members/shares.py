"""Gives namespaces of one cluster their share of a project: ResourceQuota, LimitRange, and marks that say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from drover.api.keys import (
    DEFAULT_QUOTA,
    EFFECTIVE_CONTAINER_LIMIT,
    EFFECTIVE_QUOTA,
    NAMESPACE_STATUS,
    PROJECT_ID,
)
from drover.kube import metrics
from drover.kube.apply import covers
from drover.kube.cache import Change
from drover.kube.client import Client
from drover.kube.errors import BadRequest, Forbidden, Invalid, NotFound
from drover.kube.gvr import GVR, LIMIT_RANGES, RESOURCE_QUOTAS, Object, identity
from drover.members.caches import MemberCaches, project_label
from drover.members.desired import Part, Share
from drover.rules import container_limits, quota
from drover.rules.namespace_status import with_conditions, without_conditions
from drover.rules.objects import annotation, deleting, label, name_of
from drover.rules.ownership import Owner, owner_uid

_NAMES = {RESOURCE_QUOTAS.kind: "default-quota", LIMIT_RANGES.kind: "default-limits"}
_CONDITIONS = ("ResourceQuotaInit", "ResourceQuotaValidated")
_ASSIGNED = "ProjectAssigned"


class ShareWriter:
    """Writes the quotas and limits of namespaces into one cluster. What is already so is not written. `on_change` is
    told what own writes have changed: another project may have waited for that."""

    def __init__(self, client: Client, caches: MemberCaches, on_change: Callable[[Change], None]) -> None:
        self._client = client
        self._caches = caches
        self._on_change = on_change

    async def give(self, part: Part, share: Share) -> str:
        """Makes the quota and the limits of one namespace as they should be; why that was not possible."""
        problems = []
        for gvr, spec in (
            # Limits first: a quota refuses pods that have none.
            (LIMIT_RANGES, container_limits.limit_range(share.container) if share.container else None),
            (RESOURCE_QUOTAS, {"hard": quota.hard(share.quota)} if share.quota else None),
        ):
            try:
                if spec is None:
                    await self._delete(gvr, share.namespace)
                elif problem := await self._make(gvr, part, share.namespace, spec):
                    problems.append(problem)
            except (Forbidden, Invalid, BadRequest) as error:
                problems.append(error.message[:200])
        return "; ".join(problems)

    async def clear(self, namespace: str) -> None:
        """Deletes what a namespace had of a project."""
        for gvr in (RESOURCE_QUOTAS, LIMIT_RANGES):
            await self._delete(gvr, namespace)

    async def _make(self, gvr: GVR, part: Part, namespace: str, spec: Object) -> str:
        live = self._live(gvr, namespace)
        there = live[0] if live else await self._unlabelled(gvr, namespace)
        if there is not None and label(there, DEFAULT_QUOTA) != "true":
            return (
                f"{gvr.kind} {namespace}/{_NAMES[gvr.kind]} exists and was not made by Drover; delete it, "
                f"or label it {DEFAULT_QUOTA}=true to have it taken over"
            )
        manifest = _manifest(gvr, name_of(there) if there else _NAMES[gvr.kind], namespace, part.owner, spec)
        if there is None or not covers(there, manifest):
            if there is not None:  # what has taken its name since is somebody else's
                manifest["metadata"]["uid"] = there["metadata"]["uid"]
            answer = await self._client.apply(gvr, manifest, manager=part.manager, force=there is not None)
            metrics.WRITES.labels(gvr.kind, "change" if there is not None else "create").inc()
            self._observed(self._caches.quotas[gvr.kind].observe(answer))
            there = answer
        if gvr is RESOURCE_QUOTAS and (extra := set(there["spec"].get("hard") or {}) - set(spec["hard"])):
            await self._drop_keys(there, extra)
        for other in live[1:]:
            await self._delete_one(gvr, other)
        return ""

    def _live(self, gvr: GVR, namespace: str) -> list[Object]:
        """What there is from a project, the one with our name first, else by name."""
        found = [obj for obj in self._caches.quotas[gvr.kind].by("namespace", namespace) if not deleting(obj)]
        return sorted(found, key=lambda obj: (name_of(obj) != _NAMES[gvr.kind], name_of(obj)))

    async def _unlabelled(self, gvr: GVR, namespace: str) -> Object | None:
        """What has our name, perhaps without the label; None for nothing."""
        try:
            return await self._client.get(gvr, _NAMES[gvr.kind], namespace)
        except NotFound:
            return None

    async def _drop_keys(self, live: Object, keys: set[str]) -> None:
        """Keys that another manager has put there, such as the one that an adopted quota was made by."""
        patch = {"metadata": identity(live), "spec": {"hard": dict.fromkeys(keys)}}
        answer = await self._client.merge(RESOURCE_QUOTAS, patch, manager="drover-project")
        metrics.WRITES.labels(RESOURCE_QUOTAS.kind, "change").inc()
        self._observed(self._caches.quotas[RESOURCE_QUOTAS.kind].observe(answer))

    def _observed(self, change: Change | None) -> None:
        if change is not None:
            self._on_change(change)

    async def _delete(self, gvr: GVR, namespace: str) -> None:
        for obj in self._live(gvr, namespace):
            if owner_uid(obj):
                await self._delete_one(gvr, obj)

    async def _delete_one(self, gvr: GVR, obj: Object) -> None:
        metadata = obj["metadata"]
        try:
            await self._client.delete(gvr, metadata["name"], metadata["namespace"], uid=metadata["uid"])
        except NotFound:
            return
        metrics.WRITES.labels(gvr.kind, "delete").inc()
        self._observed(self._caches.quotas[gvr.kind].forget(obj))


def _manifest(gvr: GVR, name: str, namespace: str, owner: Owner, spec: Object) -> Object:
    metadata = {
        "name": name,
        "namespace": namespace,
        "labels": {**owner.labels(), DEFAULT_QUOTA: "true"},
        "annotations": owner.annotations(),
    }
    return {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": metadata, "spec": spec}


def held(objects: list[Object], uid: str) -> dict[str, str] | None:
    """What the ResourceQuota of a namespace holds that was made for a project (or for none), by a Project's keys."""
    for obj in objects:
        if owner_uid(obj) in ("", uid):
            return quota.limits_of(obj["spec"].get("hard") or {})
    return None


def marks(
    namespace: Object, label: str | None, share: Share | None, now: str, *, unassigned: str = ""
) -> Object | None:
    """What of a namespace's metadata is to change, so that it has the project's label and says what it was granted,
    or why it is `unassigned`; None where all is so."""
    status = _status(annotation(namespace, NAMESPACE_STATUS), share, now)
    if unassigned:
        status = with_conditions(status, {_ASSIGNED: unassigned}, now)
    else:
        status = without_conditions(status, (_ASSIGNED,))
    wanted = {EFFECTIVE_QUOTA: None, EFFECTIVE_CONTAINER_LIMIT: None, NAMESPACE_STATUS: status or None}
    if share is not None and share.quota:
        wanted[EFFECTIVE_QUOTA] = _json({"limit": quota.nested(share.quota)})
    if share is not None and share.container:
        wanted[EFFECTIVE_CONTAINER_LIMIT] = _json(share.container)
    changed = {key: value for key, value in wanted.items() if (value or "") != annotation(namespace, key)}
    result: Object = {"annotations": changed} if changed else {}
    if project_label(namespace) != label:
        result["labels"] = {PROJECT_ID: label}
    return result or None


def _status(known: str, share: Share | None, now: str) -> str:
    if share is None or not (share.quota or share.refused):
        return without_conditions(known, _CONDITIONS)
    return with_conditions(known, {"ResourceQuotaInit": "", "ResourceQuotaValidated": share.refused}, now)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
