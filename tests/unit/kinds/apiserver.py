"""The hub's kube-apiserver in memory, as far as a reconciler asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

from drover.kinds.hub import Hub, Settings
from drover.kube.client import Client, Page
from drover.kube.errors import AlreadyExists, Conflict, NotFound
from drover.kube.gvr import EVENTS, GVR, Key, Object, key_of
from drover.kube.login import Login
from drover.members.fleet import Fleet
from tests.unit.kinds.worlds import NOW


class Apiserver:
    """Objects by kind and key, and every write in order as `(verb, plural)`. `fails` is raised by the next writes,
    one each; None lets one through. `gets` says of each object that was read whether it was `all` of it or its
    `metadata`. `served` are the resources at paths of groups."""

    def __init__(self) -> None:
        self.login = Login("https://hub.example:6443")
        self.user_agent = "test"
        self.fence = None
        self.objects: dict[tuple[GVR, Key], Object] = {}
        self.writes: list[tuple[str, str]] = []
        self.bodies: list[Object] = []
        self.events: list[Object] = []
        self.gets: list[str] = []
        self.fails: list[Exception | None] = []
        self.version = 100
        self.served: dict[str, list[str]] = {}

    def put(self, gvr: GVR, obj: Object) -> Object:
        """Stores an object under the next resourceVersion."""
        self.version += 1
        metadata = {"uid": f"uid-{obj['metadata']['name']}", "generation": 1, **obj["metadata"]}
        stored = {
            "apiVersion": gvr.api_version,
            "kind": gvr.kind,
            **obj,
            "metadata": {**metadata, "resourceVersion": str(self.version)},
        }
        self.objects[gvr, key_of(stored)] = stored
        return {**stored, "metadata": dict(stored["metadata"])}

    async def get(self, gvr: GVR, name: str, namespace: str = "", *, metadata_only: bool = False) -> Object:
        self.gets.append("metadata" if metadata_only else "all")
        self._fail()
        found = self.objects.get((gvr, Key(namespace, name)))
        if found is None:
            raise NotFound(404, "NotFound", f"no {name}", details={"name": name})
        parts = ("apiVersion", "kind", "metadata") if metadata_only else tuple(found)
        return {name: dict(found[name]) if name == "metadata" else found[name] for name in parts}

    async def get_path(self, path: str) -> Object:
        if path not in self.served:
            raise NotFound(404, "NotFound", f"no {path}")
        return {"resources": [{"name": name} for name in self.served[path]]}

    async def pages(self, gvr: GVR, *, metadata_only: bool = False) -> AsyncIterator[Page]:
        yield Page([obj for (kind, _), obj in self.objects.items() if kind == gvr], str(self.version))

    async def create(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        if gvr is EVENTS:
            self._fail()
            self.events.append(obj)
            return obj
        self._write("create", gvr, obj)
        if (gvr, key_of(obj)) in self.objects:
            raise AlreadyExists(409, "AlreadyExists", "there is one")
        return self.put(gvr, obj)

    async def apply(self, gvr: GVR, obj: Object, *, manager: str, subresource: str = "", force: bool = True) -> Object:
        self._write(subresource or "apply", gvr, obj)
        known = self._known(gvr, obj)
        return self.put(gvr, {**known, **obj, "metadata": {**known["metadata"], **obj["metadata"]}})

    async def merge(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._write("merge", gvr, obj)
        known = self._known(gvr, obj)
        if obj["metadata"]["resourceVersion"] != known["metadata"]["resourceVersion"]:
            raise Conflict(409, "Conflict", "changed meanwhile")
        merged = {**known["metadata"], **obj["metadata"]}
        if merged.get("deletionTimestamp") and not merged.get("finalizers"):
            self.objects.pop((gvr, key_of(known)))
            self.version += 1
            return {**known, "metadata": {**merged, "resourceVersion": str(self.version)}}
        return self.put(gvr, {**known, **obj, "metadata": merged})

    async def delete(self, gvr: GVR, name: str, namespace: str = "", *, uid: str) -> Object:
        self._write("delete", gvr, {"metadata": {"name": name, "namespace": namespace, "uid": uid}})
        known = self.objects.pop((gvr, Key(namespace, name)), None)
        if known is None:
            raise NotFound(404, "NotFound", f"no {name}")
        if known["metadata"].get("finalizers"):
            return self.put(
                gvr, {**known, "metadata": {**known["metadata"], "deletionTimestamp": "2026-01-01T12:00:00Z"}}
            )
        return {"kind": "Status", "metadata": {}, "status": "Success"}

    def _known(self, gvr: GVR, obj: Object) -> Object:
        known = self.objects.get((gvr, key_of(obj)))
        if known is None:
            raise NotFound(404, "NotFound", "gone")
        if obj["metadata"].get("uid") not in (None, known["metadata"]["uid"]):
            raise Conflict(409, "Conflict", "another uid")
        return known

    def _write(self, verb: str, gvr: GVR, body: Object) -> None:
        self._fail()
        self.writes.append((verb, gvr.plural))
        self.bodies.append(body)

    def _fail(self) -> None:
        error = self.fails.pop(0) if self.fails else None
        if error is not None:
            raise error


def hub(apiserver: Apiserver, **settings: Any) -> Hub:
    """A hub on it, without members."""
    fleet = Fleet(
        on_cluster=lambda _name: None, on_part=lambda _name, _uid: None, on_local_namespace=lambda _change: None
    )
    client = cast("Client", cast("Any", apiserver))
    return Hub(client, fleet, Settings(**settings), now=lambda: NOW)
