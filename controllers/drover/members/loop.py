"""The loop that makes one cluster as it should be: `Desired` in, `Observed` out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from drover.api.keys import PROJECT_ID
from drover.kube import metrics
from drover.kube.cache import Change
from drover.kube.client import Client
from drover.kube.errors import ApiError, NotFound, NotLeading, Unreachable
from drover.kube.gvr import NAMESPACES, Key, Object
from drover.kube.queue import HIGH, LOW, Queue
from drover.members.caches import MemberCaches, project_id, project_label
from drover.members.desired import Desired, Part, PartState
from drover.members.writer import Writer
from drover.rules import nodes
from drover.rules.ownership import owner_uid

log = logging.getLogger(__name__)

_WORKERS = 32
_MANAGER = "drover-namespaces"
_LATE_SECONDS = 0.05


class _Work(NamedTuple):
    """A part (by the owner's uid) or a namespace (by name) to look at."""

    kind: str
    name: str


class MemberLoop:
    """Keeps a cluster equal to what is desired of it.

    `on_part` is told the uid of a part whose state changed, `on_cluster` of changes to nodes, and `on_namespace` of
    every change to a namespace. Nothing is written before `may_write` is set.
    """

    def __init__(
        self,
        cluster: str,
        client: Client,
        *,
        may_write: asyncio.Event,
        on_part: Callable[[str], None],
        on_cluster: Callable[[], None],
        on_namespace: Callable[[Change], None] = lambda _change: None,
        on_error: Callable[[], None] = lambda: None,
    ) -> None:
        self.cluster = cluster
        self.complete = False
        self.parts: dict[str, Part] = {}
        self.states: dict[str, PartState] = {}
        self._client = client
        self._may_write = may_write
        self._on_part = on_part
        self._on_cluster = on_cluster
        self._hub_on_namespace = on_namespace
        self._digests: dict[str, str] = {}
        self._projects: dict[str, str] = {}  # uid of the part by the <cluster>:<project> whose label it keeps
        self._by_project: dict[str, set[str]] = {}  # the same with parts that end or are held
        self._in_namespace: dict[str, set[str]] = {}  # uids of the parts by the namespaces that they write into
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._late = False
        self._queue: Queue[_Work] = Queue(f"member-{cluster}")
        self.caches = MemberCaches(
            client,
            on_object=self._object_changed,
            on_namespace=self._namespace_changed,
            on_nodes=lambda _change: on_cluster(),
            on_autoscaler=self._autoscaler_changed,
            on_error=on_error,
        )
        self._writer = Writer(cluster, client, self.caches)

    # --- In ---------------------------------------------------------------------------------------------------------
    def desire(self, desired: Desired) -> None:
        """Takes the whole of what is desired in place of what was."""
        for uid in set(self.parts) - set(desired.parts):
            self.drop(uid)
        for part in desired.parts.values():
            self.want(part)
        if desired.complete:
            self.know_all()

    def want(self, part: Part, priority: int = HIGH) -> bool:
        """Takes one part; False when it is known and was dealt with."""
        uid = part.owner.uid
        if self.parts.get(uid) == part and uid in self.states:
            return False
        self._index(uid, part)
        self.parts[uid] = part
        self._digests[uid] = part.digest()
        self._queue.add(_Work("part", uid), priority)
        return True

    def drop(self, uid: str) -> None:
        """Forgets a part and leaves what was made for it as it is."""
        self._index(uid, None)
        for known in (self.parts, self.states, self._digests):
            known.pop(uid, None)

    def know_all(self) -> None:
        """Every part is known: labels of projects that are not among them may go."""
        if not self.complete:
            self.complete = True
            for namespace in self.caches.namespaces:
                self._queue.add(_Work("namespace", namespace["metadata"]["name"]), LOW)

    # --- Out --------------------------------------------------------------------------------------------------------
    def state(self, uid: str) -> PartState | None:
        """What was seen of a part; None before it was looked at as it is now."""
        state = self.states.get(uid)
        return state if state is not None and state.answers == self._digests.get(uid) else None

    async def settled(self, uid: str, seconds: float) -> None:
        """Waits until a part was looked at as it is now, at most `seconds`; hardly at all while the cluster is late,
        so that who waits for it is there for others."""
        if self.state(uid) is not None:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(uid, []).append(future)
        late = False
        try:
            async with asyncio.timeout(min(seconds, _LATE_SECONDS) if self._late else seconds):
                await future
        except TimeoutError:
            late = True
        self._late = late

    def node_totals(self) -> dict[str, object]:
        """What the nodes add up to."""
        return nodes.totals(self.caches.nodes)

    # --- The loop ---------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        """Follows the cluster and works, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.caches.follow())
            for _ in range(_WORKERS):
                group.create_task(self._work())

    async def _work(self) -> None:
        await self.caches.wait_synced()
        while True:
            await self._may_write.wait()
            work = await self._queue.get()
            try:
                await (self._part(work.name) if work.kind == "part" else self._namespace(work.name))
                self._queue.forget(work)
            except NotLeading:
                self._queue.add_after(work, 1.0)
            except (ApiError, Unreachable) as error:
                pause = self._queue.retry(work)
                log.debug("%s %s in %s: %s; again in %.2f s", work.kind, work.name, self.cluster, error, pause)
            except Exception:
                log.exception("%s %s in %s", work.kind, work.name, self.cluster)
                self._queue.retry(work)
            finally:
                self._queue.done(work)

    async def _part(self, uid: str) -> None:
        part = self.parts.get(uid)
        if part is None:
            return
        answers = self._digests[uid]
        if part.held:
            state = PartState(answers, namespaces=self._namespaces(part))
        elif part.ends:
            gone = await self._writer.remove(part)
            gone = await self._release(part) and gone
            state = PartState(answers, namespaces=self._namespaces(part), gone=gone)
        else:
            state = await self._writer.make(part, answers)
            state = PartState(answers, state.objects, state.problems, self._namespaces(part))
        if self.parts.get(uid) is not part:
            return
        changed = self.states.get(uid) != state
        self.states[uid] = state
        waiters = [waiter for waiter in self._waiters.pop(uid, []) if not waiter.done()]
        for waiter in waiters:
            waiter.set_result(None)
        if changed and not waiters:  # who waits looks for itself
            self._on_part(uid)

    async def _release(self, part: Part) -> bool:
        """Takes a project's mark off its namespaces; whether none is left that could be."""
        for namespace in self.caches.namespaces.by("project", part.project) if part.project else ():
            if not namespace["metadata"].get("deletionTimestamp"):
                await self._mark(
                    namespace, {"annotations": {PROJECT_ID: None}, "labels": {PROJECT_ID: None}}, "release"
                )
        return not self._namespaces(part)

    def _namespaces(self, part: Part) -> tuple[str, ...]:
        if not part.project:
            return ()
        found = self.caches.namespaces.by("project", part.project)
        return tuple(sorted(obj["metadata"]["name"] for obj in found if not obj["metadata"].get("deletionTimestamp")))

    async def _namespace(self, name: str) -> None:
        """Keeps the project's label on a namespace equal to its annotation."""
        namespace = self.caches.namespaces.get(Key("", name))
        if namespace is None or namespace["metadata"].get("deletionTimestamp"):
            return
        named = project_id(namespace)
        if any(self.parts[uid].held for uid in self._by_project.get(named, ())):
            return
        wanted = named.split(":", 1)[1] if named in self._projects else None
        if wanted == project_label(namespace) or (wanted is None and not self.complete):
            return
        await self._mark(namespace, {"labels": {PROJECT_ID: wanted}}, "membership")

    async def _mark(self, namespace: Object, marks: Object, reason: str) -> None:
        known = namespace["metadata"]
        names = {field: known[field] for field in ("name", "uid", "resourceVersion")}
        try:
            answer = await self._client.merge(NAMESPACES, {"metadata": {**names, **marks}}, manager=_MANAGER)
        except NotFound:
            return
        metrics.WRITES.labels(NAMESPACES.kind, reason).inc()
        change = self.caches.namespaces.observe(answer)
        if change is not None:
            self._namespace_changed(change)

    # --- Events -----------------------------------------------------------------------------------------------------
    def _index(self, uid: str, new: Part | None) -> None:
        old = self.parts.get(uid)
        for name in _writes_into(old):
            self._in_namespace[name].discard(uid)
        for name in _writes_into(new):
            self._in_namespace.setdefault(name, set()).add(uid)
        if old is not None and old.project:
            self._by_project[old.project].discard(uid)
        if new is not None and new.project:
            self._by_project.setdefault(new.project, set()).add(uid)
        self._relabel(uid, old, new)

    def _relabel(self, uid: str, old: Part | None, new: Part | None) -> None:
        """Looks at the namespaces of a project that now has a label to keep, or no longer."""
        before, after = _labels(old), _labels(new)
        if before == after:
            return
        if before and self._projects.get(before) == uid:
            del self._projects[before]
        if after:
            self._projects[after] = uid
        if new is not None and (new.ends or new.held):
            return  # its namespaces lose annotation and label in one write, or keep both
        for project in filter(None, (before, after)):
            for namespace in self.caches.namespaces.by("project", project):
                self._queue.add(_Work("namespace", namespace["metadata"]["name"]))

    def _object_changed(self, change: Change) -> None:
        for obj in (change.old, change.new):
            if obj is not None and (uid := owner_uid(obj)) in self.parts:
                self._queue.add(_Work("part", uid))

    def _namespace_changed(self, change: Change) -> None:
        name = change.key.name
        self._queue.add(_Work("namespace", name))
        projects = {project_id(obj) for obj in (change.old, change.new) if obj is not None}
        for uid in {
            *self._in_namespace.get(name, ()),
            *(uid for found in projects for uid in self._by_project.get(found, ())),
        }:
            self._queue.add(_Work("part", uid))
        self._hub_on_namespace(change)

    def _autoscaler_changed(self, change: Change) -> None:
        for uid in self._in_namespace.get(change.key.namespace, ()):
            self._queue.add(_Work("part", uid))


def _writes_into(part: Part | None) -> set[str]:
    return set() if part is None else {wanted.manifest["metadata"]["namespace"] for wanted in part.objects}


def _labels(part: Part | None) -> str:
    """The project whose label a part keeps on its namespaces."""
    return "" if part is None or part.ends or part.held else part.project
