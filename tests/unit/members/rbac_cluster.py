"""The RBAC objects of a cluster in memory, with what a kube-apiserver does about them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, cast

from drover.api.keys import PROJECT_ID, UNIT
from drover.kube.client import Client, Page
from drover.kube.errors import AlreadyExists, Conflict, NotFound
from drover.kube.gvr import CLUSTER_ROLES, GVR, NAMESPACES, Key, Object, key_of
from drover.members.desired import Part, Problem
from drover.members.rights import Rights
from tests.unit.members.cluster import quiet_caches


class RbacCluster:
    """Objects by resource and key; `writes` tells of every write, `fails` is raised by the next write of a verb."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[Key, Object]] = defaultdict(dict)
        self.writes: list[str] = []
        self.fails: dict[str, list[Exception]] = defaultdict(list)
        self.version = 100

    @property
    def client(self) -> Client:
        """As the client of the cluster."""
        return cast("Client", cast("Any", self))

    def put(self, gvr: GVR, obj: Object, *, fresh: bool = False) -> Object:
        """Stores an object as a server does."""
        self.version += 1
        known = self.objects[gvr.plural].get(key_of(obj))
        uid = known["metadata"]["uid"] if known is not None and not fresh else f"uid-{self.version}"
        metadata = {**obj["metadata"], "uid": uid, "resourceVersion": str(self.version)}
        stored = {**obj, "kind": gvr.kind, "apiVersion": gvr.api_version, "metadata": metadata}
        self.objects[gvr.plural][key_of(obj)] = stored
        return _copied(stored)

    def of(self, gvr: GVR) -> list[str]:
        """The keys of all objects of a kind, sorted."""
        return sorted(map(str, self.objects[gvr.plural]))

    async def get(self, gvr: GVR, name: str, namespace: str = "") -> Object:
        return _copied(self._known(gvr, Key(namespace, name)))

    async def pages(
        self, gvr: GVR, *, label_selector: str = "", metadata_only: bool = False, size: int = 500
    ) -> AsyncIterator[Page]:
        found = [obj for obj in self.objects[gvr.plural].values() if UNIT in (obj["metadata"].get("labels") or {})]
        yield Page([{"metadata": _copied(obj)["metadata"]} for obj in found], str(self.version))

    async def create(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._written("create", gvr, obj)
        if key_of(obj) in self.objects[gvr.plural]:
            raise AlreadyExists(409, "AlreadyExists", f"{gvr} {key_of(obj)} already exists")
        return self.put(gvr, {**obj, "metadata": {**obj["metadata"], "managedFields": _managed(manager)}}, fresh=True)

    async def replace(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._written("replace", gvr, obj)
        known = self._known(gvr, key_of(obj))
        if known["metadata"]["resourceVersion"] != obj["metadata"]["resourceVersion"]:
            raise Conflict(409, "Conflict", "changed meanwhile")
        assert known.get("roleRef") == obj.get("roleRef"), "a roleRef cannot be changed"
        return self.put(gvr, {**obj, "metadata": {**obj["metadata"], "managedFields": _managed(manager)}})

    async def merge(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._written("merge", gvr, obj)
        known = self._known(gvr, key_of(obj))
        metadata = {**known["metadata"], **obj["metadata"]}
        kept = {name: value for name, value in metadata.items() if value is not None}
        return self.put(gvr, {**known, "metadata": kept})

    async def apply(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._written("apply", gvr, obj)
        known = self._known(gvr, key_of(obj))
        ours = known.get("ours", {})
        labels = {key: value for key, value in (known["metadata"].get("labels") or {}).items() if key not in ours}
        applied = obj["metadata"].get("labels") or {}
        return self.put(gvr, {**known, "metadata": {**known["metadata"], "labels": labels | applied}, "ours": applied})

    async def delete(self, gvr: GVR, name: str, namespace: str = "", *, uid: str) -> Object:
        self._written("delete", gvr, {"metadata": {"name": name, "namespace": namespace}})
        known = self._known(gvr, Key(namespace, name))
        assert known["metadata"]["uid"] == uid
        assert not known["metadata"].get("finalizers"), "it would stay in force"
        del self.objects[gvr.plural][Key(namespace, name)]
        return {"kind": "Status"}

    def _known(self, gvr: GVR, key: Key) -> Object:
        if key not in self.objects[gvr.plural]:
            raise NotFound(404, "NotFound", f"no {gvr} {key}")
        return self.objects[gvr.plural][key]

    def _written(self, verb: str, gvr: GVR, obj: Object) -> None:
        self.writes.append(f"{verb} {gvr.kind} {Key(obj['metadata'].get('namespace', ''), obj['metadata']['name'])}")
        if self.fails[verb]:
            raise self.fails[verb].pop(0)


class Ruled:
    """The rights of a cluster in memory. What is asked to be looked at is, by `settle`."""

    def __init__(self, cluster: RbacCluster | None = None, *, known: bool = False) -> None:
        self.cluster = cluster or RbacCluster()
        self.looks: list[tuple[str, str]] = []
        self.parts: dict[str, Part] = {}
        self.problems: dict[str, Problem | None] = {}
        self.caches = quiet_caches(self.cluster.client)
        self.rights = Rights(self.cluster.client, self.caches, lambda kind, name: self.looks.append((kind, name)))
        self._tell()
        self.looks.clear()
        if known:
            self.rights.known.set()

    async def want(self, *parts: Part) -> None:
        """Takes parts and makes them so."""
        for part in parts:
            self.rights.index(self.parts.get(part.key), part)
            self.parts[part.key] = part
            self.looks.append(("part", part.key))
        await self.settle()

    async def drop(self, part: Part) -> None:
        """A part wants nothing any more."""
        self.rights.index(self.parts.pop(part.key), None)
        await self.settle()

    async def settle(self) -> None:
        """Does what it was asked to look at, until there is nothing more; a conflict is tried again."""
        async with asyncio.timeout(10.0):
            while self.looks:
                kind, name = self.looks.pop(0)
                try:
                    if kind == "part" and name in self.parts:
                        self.problems[name] = await self.rights.make(self.parts[name])
                    elif kind == "unit":
                        await self.rights.sweep(name)
                    elif kind == "mark":
                        await self.rights.mark(name)
                except Conflict:
                    self.looks.append((kind, name))

    def namespace(self, name: str, project: str = "", **metadata: Any) -> None:
        """A namespace comes about, or changes."""
        notes = {"annotations": {PROJECT_ID: project}} if project else {}
        obj = self.cluster.put(NAMESPACES, {"metadata": {"name": name, **notes, **metadata}})
        change = self.caches.namespaces.observe(obj)
        if change is not None:
            self.rights.namespace_changed(change)

    async def by_hand(self, gvr: GVR, obj: Object) -> None:
        """Somebody writes an object, the watches tell of it, and it is dealt with."""
        self.cluster.put(gvr, obj)
        self._tell()
        await self.settle()

    async def removed_by_hand(self, gvr: GVR, key: Key) -> None:
        """Somebody deletes an object."""
        del self.cluster.objects[gvr.plural][key]
        self._tell()
        await self.settle()

    def written(self) -> list[str]:
        """What was written since the last call."""
        found, self.cluster.writes = self.cluster.writes, []
        return found

    def _tell(self) -> None:
        """The watches tell of everything that has changed."""
        self.cluster.version += 1
        for cache in (*self.caches.rights.values(), self.caches.foreign_roles):
            ours = cache is not self.caches.foreign_roles
            objects = self.cluster.objects[cache.gvr.plural].values()
            shown = [_copied(obj) for obj in objects if (UNIT in (obj["metadata"].get("labels") or {})) is ours]
            for change in cache.replace(shown, str(self.cluster.version)):
                self.rights.changed(change)


def _managed(manager: str) -> list[Object]:
    return [{"manager": manager, "operation": "Update"}]


def _copied(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"]}}


def cluster_role(name: str, **fields: Any) -> Object:
    """A ClusterRole that nobody has labelled."""
    return {"kind": CLUSTER_ROLES.kind, "metadata": {"name": name, "labels": {}}, "rules": [], **fields}
