"""A member cluster in memory, as far as a member's loop asks it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

from drover.kube.client import Client, Page
from drover.kube.errors import Conflict, NotFound
from drover.kube.gvr import GVR, NAMESPACES, Object
from drover.kube.login import Login
from drover.members.caches import MemberCaches

SECONDS = 60.0
"""The longest that a test waits for what must come."""


class Cluster:
    """Objects by resource and name, watches that tell of them, and every write. `fails` is raised by the next
    requests of a kind (`version`, `get`, `merge`, `apply`, `delete`)."""

    def __init__(self) -> None:
        self.login = Login("https://member.example:6443")
        self.objects: dict[str, dict[str, Object]] = defaultdict(dict)
        self.watches: dict[str, asyncio.Queue[Object]] = defaultdict(asyncio.Queue)
        self.written: list[Object] = []
        self.fails: dict[str, list[Exception]] = defaultdict(list)
        self.ready = True
        self.closed = False
        self.version = 100
        self.changed = asyncio.Event()
        self.put(NAMESPACES, {"metadata": {"name": "kube-system", "uid": "member-uid"}})

    @property
    def client(self) -> Client:
        """As the client of the cluster."""
        return cast("Client", cast("Any", self))

    def put(self, gvr: GVR, obj: Object) -> Object:
        """Stores an object, and tells watches of it."""
        self.version += 1
        name = obj["metadata"]["name"]
        stored = {**obj, "metadata": {"uid": f"uid-{name}", **obj["metadata"], "resourceVersion": str(self.version)}}
        self.objects[gvr.plural][name] = stored
        self.watches[gvr.plural].put_nowait({"type": "MODIFIED", "object": copied(stored)})
        self.changed.set()
        return copied(stored)

    def remove(self, gvr: GVR, name: str) -> None:
        """Removes an object, and tells watches of it."""
        self.version += 1
        gone = self.objects[gvr.plural].pop(name)
        gone["metadata"]["resourceVersion"] = str(self.version)
        self.watches[gvr.plural].put_nowait({"type": "DELETED", "object": gone})

    def namespace(self, name: str, project: str = "", label: str = "", **metadata: Any) -> None:
        """Stores a namespace with the mark of a project."""
        marks: Object = {}
        if project:
            marks["annotations"] = {"field.cattle.io/projectId": project}
        if label:
            marks["labels"] = {"field.cattle.io/projectId": label}
        self.put(NAMESPACES, {"metadata": {"name": name, **marks, **metadata}})

    def label(self, name: str) -> str | None:
        """The project's label on a namespace."""
        metadata = self.objects[NAMESPACES.plural][name]["metadata"]
        return (metadata.get("labels") or {}).get("field.cattle.io/projectId")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until something is so after a write."""
        async with asyncio.timeout(SECONDS):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    # --- What a client has ------------------------------------------------------------------------------------------
    async def get_path(self, _path: str) -> Object:
        self._fail("version")
        return {"gitVersion": "v1.33.5", "major": "1", "minor": "33", "other": "x"}

    async def healthy(self, _path: str = "/readyz") -> bool:
        return self.ready

    async def get(self, gvr: GVR, name: str, namespace: str = "") -> Object:
        self._fail("get")
        if name not in self.objects[gvr.plural]:
            raise NotFound(404, "NotFound", f"no {name} in {namespace}", details={"name": name})
        return copied(self.objects[gvr.plural][name])

    async def pages(
        self, gvr: GVR, _namespace: str = "", *, label_selector: str = "", size: int = 500
    ) -> AsyncIterator[Page]:
        yield Page([copied(obj) for obj in self.objects[gvr.plural].values()], str(self.version))

    async def stream(self, path: str, _query: Mapping[str, str], *, silence: float) -> AsyncIterator[Object]:
        while True:
            yield await self.watches[path.rsplit("/", 1)[-1]].get()

    async def merge(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._fail("merge")
        metadata = obj["metadata"]
        known = self.objects[gvr.plural].get(metadata["name"])
        if known is None:
            raise NotFound(404, "NotFound", "gone")
        if metadata["resourceVersion"] != known["metadata"]["resourceVersion"]:
            raise Conflict(409, "Conflict", "changed meanwhile")
        self.written.append(metadata)
        merged = {**known["metadata"]}
        for field in ("labels", "annotations"):
            values = {**(merged.get(field) or {}), **(metadata.get(field) or {})}
            merged[field] = {name: value for name, value in values.items() if value is not None}
        return self.put(gvr, {**known, "metadata": merged})

    async def apply(self, gvr: GVR, obj: Object, *, manager: str, force: bool = True) -> Object:
        self._fail("apply")
        self.written.append(obj)
        return self.put(gvr, obj)

    async def user(self) -> str:
        self._fail("user")
        return "drover"

    async def create(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._fail("create")
        self.written.append(obj)
        return self.put(gvr, obj)

    async def replace(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._fail("replace")
        self.written.append(obj)
        return self.put(gvr, obj)

    async def delete(self, gvr: GVR, name: str, _namespace: str = "", *, uid: str, version: str = "") -> Object:
        self._fail("delete")
        if version not in ("", self.objects[gvr.plural][name]["metadata"]["resourceVersion"]):
            raise Conflict(409, "Conflict", "changed meanwhile")
        self.remove(gvr, name)
        return {"kind": "Status"}

    async def close(self) -> None:
        self.closed = True

    def _fail(self, kind: str) -> None:
        if self.fails[kind]:
            raise self.fails[kind].pop(0)


class Gate:
    """Holds the first call of a client's verb that `when` is true of, given the resource and the object or its name,
    until it is opened; with `after` not the request but its answer."""

    def __init__(
        self,
        cluster: object,
        verb: str,
        when: Callable[[GVR, Any], bool] = lambda _gvr, _what: True,
        *,
        after: bool = False,
    ) -> None:
        self._when = when
        self._after = after
        self._call = getattr(cluster, verb)
        self._used = False
        self._reached, self._opened, self._passed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        setattr(cluster, verb, self._held)

    async def reached(self) -> None:
        """Waits until there is a call that is held."""
        async with asyncio.timeout(SECONDS):
            await self._reached.wait()

    async def open(self) -> None:
        """Lets the call go on, and waits until it has ended."""
        self._opened.set()
        async with asyncio.timeout(SECONDS):
            await self._passed.wait()

    async def _held(self, gvr: GVR, what: Any, *more: Any, **options: Any) -> Any:
        if self._used or not self._when(gvr, what):
            return await self._call(gvr, what, *more, **options)
        self._used = True
        try:
            if self._after:
                answer = await self._call(gvr, what, *more, **options)
                await self._hold()
                return answer
            await self._hold()
            return await self._call(gvr, what, *more, **options)
        finally:
            self._passed.set()

    async def _hold(self) -> None:
        self._reached.set()
        await self._opened.wait()


def copied(obj: Object) -> Object:
    """So that nobody changes what is stored."""
    return {**obj, "metadata": {**obj["metadata"]}}


async def ended(task: asyncio.Task[None]) -> None:
    """Cancels a task and waits for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def eventually(condition: Callable[[], bool]) -> None:
    """Waits until something is so that no event tells of."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 - the state of a loop, which has no event for tests
            await asyncio.sleep(0.005)


def quiet_caches(client: Client, *, guarded: bool = False) -> MemberCaches:
    """What a member's loop knows, with nobody who is told of changes."""

    def quiet(*_: object) -> None:
        pass

    return MemberCaches(
        client,
        on_object=quiet,
        on_namespace=quiet,
        on_nodes=quiet,
        on_autoscaler=quiet,
        on_given=quiet,
        on_access=quiet,
        on_error=quiet,
        guarded=guarded,
    )
