"""Single writes of RBAC objects into one cluster."""

from __future__ import annotations

import contextlib
from typing import Final

from drover.api.keys import AGGREGATED
from drover.kube import metrics
from drover.kube.client import Client
from drover.kube.errors import AlreadyExists, Conflict, Forbidden, NotFound
from drover.kube.gvr import CLUSTER_ROLES, GVR, Key, Object, key_of
from drover.members.caches import MemberCaches
from drover.members.claims import Wanted
from drover.members.desired import Problem
from drover.members.rbac import KINDS, unit_of
from drover.rules.objects import deleting

MANAGER: Final = "drover-rights"

_TERMINATING: Final = "is being terminated"


class RightWriter:
    """Writes RBAC objects whole, so that they are exactly as they should be afterwards."""

    def __init__(self, client: Client, caches: MemberCaches) -> None:
        self._client = client
        self._caches = caches

    async def create(self, wanted: Wanted) -> Problem | None:
        """Makes an object. One with its name is ours where it has a label of a unit, or our field manager: somebody has
        taken the label off. Raises `Conflict` where it is to be looked at again."""
        gvr, key = wanted.gvr, key_of(wanted.manifest)
        try:
            answer = await self._client.create(gvr, wanted.manifest, manager=MANAGER)
        except AlreadyExists as error:
            live = await self._client.get(gvr, key.name, key.namespace)
            if not unit_of(live):
                if not _made(live):
                    return _taken(gvr, key)
                await self._replace(gvr, live, wanted)
                return None
            self._caches.rights[gvr.kind].observe(live)
            raise Conflict(error.status, error.reason, error.message) from error
        except NotFound:
            if not key.namespace:
                raise
            return None  # its namespace is gone, and an event tells so
        except Forbidden as error:
            if _TERMINATING in error.message:
                return None
            raise
        metrics.WRITES.labels(gvr.kind, "create").inc()
        self._caches.rights[gvr.kind].observe(answer)
        return None

    async def change(self, live: Object, wanted: Wanted) -> None:
        """Makes an object that is there exactly as it should be."""
        gvr = wanted.gvr
        if wanted.manifest.get("aggregationRule"):
            key = key_of(live)
            await self._replace(gvr, await self._client.get(gvr, key.name, key.namespace), wanted)
        else:
            await self._replace(gvr, live, wanted)

    async def delete(self, live: Object) -> None:
        """Deletes an object, also one that a finalizer would keep in force."""
        gvr, metadata = KINDS[live["kind"]], live["metadata"]
        if metadata.get("finalizers"):
            bare = {name: metadata[name] for name in ("name", "namespace", "uid") if name in metadata}
            with contextlib.suppress(NotFound):
                await self._client.merge(gvr, {"metadata": {**bare, "finalizers": None}}, manager=MANAGER)
        if not deleting(live):
            with contextlib.suppress(NotFound):
                await self._client.delete(gvr, metadata["name"], metadata.get("namespace", ""), uid=metadata["uid"])
                metrics.WRITES.labels(gvr.kind, "delete").inc()
        self._caches.rights[gvr.kind].forget(live)

    async def mark(self, live: Object, labels: dict[str, str]) -> None:
        """Puts labels on a ClusterRole of somebody else, in place of those that were put on it before."""
        metadata = {"name": live["metadata"]["name"], "uid": live["metadata"]["uid"]}
        metadata |= {"labels": {**labels, AGGREGATED: "true"}} if labels else {}
        patch = {"apiVersion": CLUSTER_ROLES.api_version, "kind": CLUSTER_ROLES.kind, "metadata": metadata}
        answer = await self._client.apply(CLUSTER_ROLES, patch, manager=MANAGER)
        metrics.WRITES.labels(CLUSTER_ROLES.kind, "labels").inc()
        self._caches.foreign_roles.observe(answer)

    async def rules(self, name: str) -> list[Object]:
        """The rules that a ClusterRole has now; none where it does not exist."""
        try:
            return list((await self._client.get(CLUSTER_ROLES, name)).get("rules") or ())
        except NotFound:
            return []

    async def _replace(self, gvr: GVR, live: Object, wanted: Wanted) -> None:
        metadata = {name: live["metadata"][name] for name in ("uid", "resourceVersion")}
        obj = {**wanted.manifest, "metadata": {**wanted.manifest["metadata"], **metadata}}
        if obj.get("aggregationRule") and "rules" in live:
            obj["rules"] = live["rules"]  # kube-controller-manager's: without them nobody would have them for a moment
        answer = await self._client.replace(gvr, obj, manager=MANAGER)
        metrics.WRITES.labels(gvr.kind, "change").inc()
        self._caches.rights[gvr.kind].observe(answer)


def _made(live: Object) -> bool:
    """Whether an object was written by us as a whole. Labels alone, on objects of others, are applied."""
    fields = live["metadata"].get("managedFields") or ()
    return any(each.get("manager") == MANAGER and each.get("operation") == "Update" for each in fields)


def _taken(gvr: GVR, key: Key) -> Problem:
    return Problem(
        "Conflict",
        f"{gvr.kind} {key} exists in the cluster and was not made by Drover; delete it, or rename it",
    )
