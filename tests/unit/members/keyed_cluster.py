"""A member cluster in memory with objects by namespace and name, and watches that follow their selector."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from drover.kube.client import Page
from drover.kube.errors import AlreadyExists, Conflict, NotFound
from drover.kube.gvr import GVR, Key, Object, key_of
from tests.unit.members.cluster import Cluster, copied


class KeyedCluster(Cluster):
    """Objects by resource and `namespace/name`. A write that names a uid or a version is for exactly that object, and
    one with a finalizer stays until it is removed."""

    def put(self, gvr: GVR, obj: Object) -> Object:
        """Stores an object in place of the one before it, and tells watches of it."""
        known = self.objects[gvr.plural].get(str(key_of(obj)))
        stored = self._stored(gvr, obj, known["metadata"]["uid"] if known is not None else "")
        self._tell(gvr, known, stored)
        self.changed.set()
        return copied(stored)

    def swap(self, gvr: GVR, obj: Object) -> None:
        """Somebody deletes an object and makes another one of its name, and no watch has told of either yet."""
        self._stored(gvr, obj, "")

    def remove(self, gvr: GVR, name: str) -> None:
        """Removes an object, and tells watches of it."""
        self.version += 1
        gone = self.objects[gvr.plural].pop(name)
        gone = {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self.version)}}
        self._tell(gvr, gone, None)
        self.changed.set()

    def _stored(self, gvr: GVR, obj: Object, uid: str) -> Object:
        self.version += 1
        place = str(key_of(obj))
        metadata = {
            **obj["metadata"],
            "uid": uid or obj["metadata"].get("uid") or f"uid-{place}-{self.version}",
            "resourceVersion": str(self.version),
        }
        stored = {**obj, "kind": gvr.kind, "apiVersion": gvr.api_version, "metadata": metadata}
        self.objects[gvr.plural][place] = stored
        return stored

    def _tell(self, gvr: GVR, before: Object | None, after: Object | None) -> None:
        for name, watch in self.watches.items():
            plural, _, selector = name.partition("?")
            if plural != gvr.plural:
                continue
            if after is not None and _selected(selector, after):
                watch.put_nowait({"type": "MODIFIED", "object": copied(after)})
            elif before is not None and _selected(selector, before):
                watch.put_nowait({"type": "DELETED", "object": copied(after or before)})

    # --- What a client has ------------------------------------------------------------------------------------------
    async def get(self, gvr: GVR, name: str, namespace: str = "") -> Object:
        self._fail("get")
        return copied(self._known(gvr, Key(namespace, name)))

    async def find(self, gvr: GVR, name: str, namespace: str = "") -> Object | None:
        found = self.objects[gvr.plural].get(str(Key(namespace, name)))
        return copied(found) if found is not None else None

    async def pages(
        self,
        gvr: GVR,
        _namespace: str = "",
        *,
        label_selector: str = "",
        size: int = 500,
        metadata_only: bool = False,
    ) -> AsyncIterator[Page]:
        _ = self.watches[_watch(gvr.plural, label_selector)]  # it tells of all that comes after the list
        found = [copied(obj) for obj in self.objects[gvr.plural].values() if _selected(label_selector, obj)]
        yield Page(found, str(self.version))

    async def stream(self, path: str, query: Mapping[str, str], *, silence: float) -> AsyncIterator[Object]:
        watch = self.watches[_watch(path.rsplit("/", 1)[-1], query.get("labelSelector", ""))]
        while True:
            yield await watch.get()

    async def merge(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._fail("merge")
        known = self._exactly(gvr, obj)
        self.written.append(obj)
        return self.put(gvr, _merged(known, obj))

    async def apply(self, gvr: GVR, obj: Object, *, manager: str, force: bool = True) -> Object:
        self._fail("apply")
        known = self.objects[gvr.plural].get(str(key_of(obj)))
        if obj["metadata"].get("uid") and (known is None or known["metadata"]["uid"] != obj["metadata"]["uid"]):
            raise Conflict(409, "Conflict", "another uid")
        self.written.append(obj)
        return self.put(gvr, _merged(known, obj))

    async def create(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._fail("create")
        if str(key_of(obj)) in self.objects[gvr.plural]:
            raise AlreadyExists(409, "AlreadyExists", "there is one")
        self.written.append(obj)
        return self.put(gvr, obj)

    async def replace(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._fail("replace")
        self._exactly(gvr, obj)
        self.written.append(obj)
        return self.put(gvr, obj)

    async def delete(self, gvr: GVR, name: str, namespace: str = "", *, uid: str, version: str = "") -> Object:
        self._fail("delete")
        named = {"name": name, "namespace": namespace, "uid": uid} | ({"resourceVersion": version} if version else {})
        known = self._exactly(gvr, {"metadata": named})
        if known["metadata"].get("finalizers"):
            return self.put(gvr, _merged(known, {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}))
        self.remove(gvr, str(Key(namespace, name)))
        return {"kind": "Status"}

    def _known(self, gvr: GVR, key: Key) -> Object:
        found = self.objects[gvr.plural].get(str(key))
        if found is None:
            raise NotFound(404, "NotFound", f"no {gvr} {key}", details={"name": key.name})
        return found

    def _exactly(self, gvr: GVR, named: Object) -> Object:
        """The object that is named, where its uid and version are those that are named."""
        known = self._known(gvr, key_of(named))
        for field in ("uid", "resourceVersion"):
            if named["metadata"].get(field, known["metadata"][field]) != known["metadata"][field]:
                raise Conflict(409, "Conflict", f"another {field}")
        return known


def _watch(plural: str, selector: str) -> str:
    return f"{plural}?{selector}"


def _selected(selector: str, obj: Object) -> bool:
    """Whether a label selector such as `a,!b,c=d` selects an object."""
    labels = obj["metadata"].get("labels") or {}
    for each in filter(None, selector.split(",")):
        name, _, value = each.partition("=")
        if name.startswith("!"):
            if name[1:] in labels:
                return False
        elif name not in labels or value not in ("", labels[name]):
            return False
    return True


def _merged(live: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(live) if isinstance(live, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result
