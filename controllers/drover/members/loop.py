"""The loop that makes one cluster as it should be: `Desired` in, `Observed` out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from drover.kube.cache import Change
from drover.kube.client import Client
from drover.kube.errors import ApiError, NotLeading, Unreachable
from drover.kube.gvr import Key
from drover.kube.queue import HIGH, LOW, Queue
from drover.members.audit import Audit
from drover.members.caches import MemberCaches, project_id
from drover.members.desired import Desired, Part, PartState
from drover.members.isolation import IsolationKeeper
from drover.members.parts import Parts
from drover.members.pod_security import PodSecurityKeeper
from drover.members.policies import PolicyWriter
from drover.members.projects import Problems, Projects
from drover.members.rbac import unit_label
from drover.members.rights import Rights
from drover.members.secrets import Contents, SecretKeeper, nothing
from drover.members.writer import Writer
from drover.rules import nodes
from drover.rules.ownership import owner_uid

log = logging.getLogger(__name__)

_WORKERS = 32
_LOW_AT_ONCE = 8
_ORPHAN_SECONDS = 1.0
_PROBLEM_SECONDS = 60.0


class _Work(NamedTuple):
    """A `part` (by key), a `namespace`, the `nodes`, what is left of a `unit` (by label), a ClusterRole to `mark`."""

    kind: str
    name: str


class MemberLoop:
    """Keeps a cluster equal to what is desired of it.

    `on_part` is told the key of a part whose state changed, `on_cluster` of changes to nodes, and `on_namespace` of
    every change to a namespace. `contents` gives what the hub's Secrets hold, `exists` whether the hub has a
    `<cluster>:<project>`. Nothing is written before `may_write` is set. `guarded`: it gets policies.
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
        contents: Contents = nothing,
        exists: Callable[[str], bool] = lambda _project: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        guarded: bool = False,
    ) -> None:
        self.cluster = cluster
        self.complete = False
        self.parts = Parts()
        self._client = client
        self._may_write = may_write
        self._on_part = on_part
        self._on_cluster = on_cluster
        self._hub_on_namespace = on_namespace
        self._queue: Queue[_Work] = Queue(f"member-{cluster}", low_at_once=_LOW_AT_ONCE)
        self.caches = MemberCaches(
            client,
            on_object=self._object_changed,
            on_namespace=self._namespace_changed,
            on_nodes=self._nodes_changed,
            on_autoscaler=self._autoscaler_changed,
            on_given=self._given_changed,
            on_access=self._access_changed,
            on_error=on_error,
            on_right=self._right_changed,
            guarded=guarded,
        )
        self.rights = Rights(client, self.caches, lambda kind, name: self._queue.add(_Work(kind, name)))
        self._audit = Audit(cluster, client, self.rights)
        self._writer = Writer(cluster, client, self.caches)
        self._policies = PolicyWriter(client, self.caches)
        self._isolation = IsolationKeeper(client, self.caches)
        self._projects = Projects(
            cluster,
            client,
            self.caches,
            on_namespace=self._namespace_changed,
            on_quota=self._given_changed,
            on_moved=self._namespace_moved,
            now=now,
            exists=exists,
            keepers=(
                self._isolation,
                PodSecurityKeeper(client, self.caches, self._namespace_changed),
                SecretKeeper(cluster, client, self.caches, contents),
            ),
        )

    # --- In ---------------------------------------------------------------------------------------------------------
    def desire(self, desired: Desired) -> None:
        """Takes the whole of what is desired in place of what was."""
        for key in set(self.parts) - desired.parts.keys():
            self.drop(key)
        for part in desired.parts.values():
            self.want(part)
        if desired.complete:
            self.know_all()
        if desired.rights_complete:
            self.rights.know_all()

    def want(self, part: Part, priority: int = HIGH) -> bool:
        """Takes one part; False when it is known and was dealt with."""
        if self.parts.done(part):
            return False
        self._index(part.key, part)
        self.parts.put(part, priority)
        self._queue.add(_Work("part", part.key), priority)
        return True

    def drop(self, key: str) -> None:
        """Forgets a part, and leaves what was made for it as it is; of a part about rights, that is removed."""
        self._index(key, None)
        self.parts.drop(key)

    def know_all(self) -> None:
        """Every part is known: labels of projects that are not among them may go."""
        if not self.complete:
            self.complete = True
            for namespace in self.caches.namespaces:
                self._queue.add(_Work("namespace", namespace["metadata"]["name"]), LOW)

    # --- Out --------------------------------------------------------------------------------------------------------
    def node_totals(self) -> dict[str, object]:
        """What the nodes add up to."""
        return nodes.totals(self.caches.nodes)

    # --- The loop ---------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        """Follows the cluster and works, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.caches.follow())
            group.create_task(self._audit.run(self._ready))
            for _ in range(_WORKERS):
                group.create_task(self._work())

    async def _ready(self) -> None:
        if not (self.caches.synced and self._may_write.is_set()):
            await self.caches.wait_synced()
            await self._may_write.wait()

    async def _work(self) -> None:
        while True:
            await self._ready()
            work = await self._queue.get()
            try:
                await self._do(work)
                self._queue.forget(work)
            except asyncio.CancelledError:
                self._queue.add(work, self._queue.priority(work))  # the next run goes on with it
                raise
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

    async def _do(self, work: _Work) -> None:
        if work.kind == "part":
            await self._part(work.name)
        elif work.kind == "nodes":
            self._addresses()
        elif work.kind == "namespace":
            await self._keep(work)
        elif work.kind == "mark":
            await self.rights.mark(work.name)
        elif await self.rights.sweep(work.name):
            self._queue.add_after(work, _PROBLEM_SECONDS, LOW)

    async def _keep(self, work: _Work) -> None:
        pause = await self._projects.keep(work.name, complete=self.complete)
        if pause is not None:
            self._queue.add_after(work, pause, LOW)

    async def _part(self, key: str) -> None:
        part = self.parts.get(key)
        if part is None:
            return
        answers = self.parts.digest(key)
        problems: Problems = {}
        if part.unit:
            try:
                state = PartState(answers, problem=await self.rights.make(part))
            finally:
                if key not in self.parts:  # dropped meanwhile, and swept before the last of it was there
                    self._queue.add(_Work("unit", unit_label(key)))
        elif part.held:
            state = PartState(answers)
        elif part.ends:
            gone = await self._writer.remove(part)
            problem = await self._projects.release(part) or await self._policies.remove(part)
            gone = gone and self._projects.released(part) and self._policies.removed(part)
            state = PartState(answers, gone=gone, spared=self._projects.spared(part), problem=problem)
        else:
            await self._projects.assign(part)
            problems = await self._projects.give(part)
            state = await self._writer.make(part, answers)
            state = replace(state, problem=await self._policies.make(part))
        if self.parts.get(key) is not part:
            return
        if part.project:
            state = replace(
                state,
                namespaces=self._projects.names(part),
                seen=self._projects.seen(part, problems),
                ending=self._projects.ending(part) if part.deletes else (),
            )
        if problems or state.problem is not None or any(state.problems):
            # What stands in the way is often nothing that is followed here: no event tells of a right that was given.
            self._queue.add_after(_Work("part", key), _PROBLEM_SECONDS, LOW)
        if self.parts.saw(key, state):
            self._on_part(key)

    def _addresses(self) -> None:
        if self._isolation.look():
            for part in self.parts.values():
                if part.admits:
                    self._queue.add(_Work("part", part.key), LOW)

    # --- Events -----------------------------------------------------------------------------------------------------
    def _index(self, key: str, new: Part | None) -> None:
        old = self.parts.get(key)
        self.rights.index(old, new)
        for name in self._projects.index(old, new):
            self._queue.add(_Work("namespace", name))

    def _object_changed(self, change: Change) -> None:
        for obj in (change.old, change.new):
            if obj is not None and (uid := owner_uid(obj)) in self.parts:
                if _orphaned(change):
                    self._queue.add_after(_Work("part", uid), _ORPHAN_SECONDS, HIGH)
                else:
                    self._queue.add(_Work("part", uid), self.parts.priority(uid) if _progress(change) else HIGH)

    def _namespace_changed(self, change: Change) -> None:
        name = change.key.name
        self._queue.add(_Work("namespace", name))
        projects = {project_id(obj) for obj in (change.old, change.new) if obj is not None}
        for uid in {
            *self.parts.into(name),
            *(uid for found in projects for uid in self._projects.uids(found)),
        }:
            self._queue.add(_Work("part", uid))
        if change.new is None:
            self._projects.forget(name)
        self.rights.namespace_changed(change)
        self._hub_on_namespace(change)

    def _namespace_moved(self, name: str) -> None:
        """What was written for the project before may have come after what its present one has written."""
        self._queue.add(_Work("namespace", name))
        namespace = self.caches.namespaces.get(Key("", name))
        for uid in self._projects.uids(project_id(namespace)) if namespace is not None else ():
            self._queue.add(_Work("part", uid))

    def _right_changed(self, change: Change) -> None:
        self.rights.changed(change)

    def _nodes_changed(self, change: Change) -> None:
        before, after = (obj["addresses"] if obj is not None else [] for obj in (change.old, change.new))
        if before != after:
            self._queue.add_after(_Work("nodes", ""), self._isolation.pause(), HIGH)
        self._on_cluster()

    def _given_changed(self, change: Change) -> None:
        namespace = self.caches.namespaces.get(Key("", change.key.namespace))
        uids = self._projects.uids(project_id(namespace)) if namespace is not None else set()
        owners = {owner_uid(obj) for obj in (change.old, change.new) if obj is not None}
        uids |= {uid for uid in owners if uid in self.parts}
        for uid in uids:
            self._queue.add(_Work("part", uid))
        if namespace is not None and not uids:
            self._queue.add(_Work("namespace", change.key.namespace))

    def _access_changed(self) -> None:
        self.rights.access_changed()
        for part in self.parts.values():
            if part.secrets:
                self._queue.add(_Work("part", part.key), LOW)

    def _autoscaler_changed(self, change: Change) -> None:
        for uid in self.parts.into(change.key.namespace):
            self._queue.add(_Work("part", uid))


def _progress(change: Change) -> bool:
    """Whether an object only tells how far it has come with what was applied."""
    if change.old is None or change.new is None:
        return False
    return bool(change.old["metadata"].get("generation") == change.new["metadata"].get("generation"))


def _orphaned(change: Change) -> bool:
    """Whether an object has lost its owner: that of the owner's deletion without its objects may be told later."""
    if change.old is None or change.new is None:
        return False
    return bool(change.old["metadata"].get("ownerReferences")) and not change.new["metadata"].get("ownerReferences")
