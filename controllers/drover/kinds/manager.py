"""The kinds together: events become keys, workers reconcile them."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from drover.api.keys import (
    ADOPT_UID,
    FORCE_DELETE,
    NETWORK_ISOLATION,
    PAUSED,
)
from drover.kinds.cloud_credential import CloudCredentialKind
from drover.kinds.cluster import ClusterKind
from drover.kinds.cluster_role_template_binding import ClusterRoleTemplateBindingKind
from drover.kinds.feature import FeatureKind
from drover.kinds.fleet_workspace import WorkspaceKind
from drover.kinds.global_role import GlobalRoleKind
from drover.kinds.global_role_binding import GlobalRoleBindingKind
from drover.kinds.hub import Hub
from drover.kinds.kind import Kind
from drover.kinds.kontainer_driver import KontainerDriverKind
from drover.kinds.node_driver import NodeDriverKind
from drover.kinds.node_pool import NodePoolKind
from drover.kinds.node_template import NodeTemplateKind
from drover.kinds.notices import Recorder
from drover.kinds.pod_security import TemplateKind
from drover.kinds.project import ProjectKind
from drover.kinds.project_role_template_binding import ProjectRoleTemplateBindingKind
from drover.kinds.provisioning import ProvisioningKind
from drover.kinds.reconciler import Again, Reconciler
from drover.kinds.resources import (
    PROJECTS,
)
from drover.kinds.role_template import RoleTemplateKind
from drover.kinds.setting import SettingKind
from drover.kinds.source import Source
from drover.kinds.user import UserKind
from drover.kinds.wakes import Wakes
from drover.kinds.workload import WorkloadKind
from drover.kube import metrics
from drover.kube.cache import Change
from drover.kube.errors import ApiError, NotLeading, Unreachable
from drover.kube.gvr import GVR, NAMESPACES, SECRETS, Key, Object
from drover.kube.queue import HIGH, LOW, Queue
from drover.members.member import Member
from drover.rules.findings import Terminal
from drover.rules.objects import deleting, uid_of

log = logging.getLogger(__name__)

reconcile_id: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("reconcile_id")
"""What the log says of the reconcile that a line belongs to: controller, kind, namespace, name, reconcileID."""

_TELL_SECONDS = 0.5
_MANY = 500
_WATCH_SECONDS = 2.0
_CONNECT_SECONDS = 0.2
_OURS = (PAUSED, FORCE_DELETE, ADOPT_UID, NETWORK_ISOLATION)


class Manager:
    """Every kind with its source, queue and workers."""

    def __init__(self, hub: Hub, identity: str) -> None:
        self.hub = hub
        self.watching = asyncio.Event()
        """To be set when the kinds are watched."""
        recorder = Recorder(hub, identity)
        kinds: list[Kind[Any]] = [
            ClusterKind(hub),
            ProjectKind(hub),
            ProvisioningKind(hub),
            WorkloadKind(hub),
            SettingKind(hub),
            FeatureKind(hub),
            CloudCredentialKind(hub),
            NodeDriverKind(hub),
            NodeTemplateKind(hub),
            NodePoolKind(hub),
            KontainerDriverKind(hub),
            TemplateKind(hub),
            WorkspaceKind(hub),
            UserKind(hub),
            GlobalRoleKind(hub),
            GlobalRoleBindingKind(hub),
            RoleTemplateKind(hub),
            ClusterRoleTemplateBindingKind(hub),
            ProjectRoleTemplateBindingKind(hub),
        ]
        self.kinds: dict[GVR, Kind[Any]] = {kind.gvr: kind for kind in kinds}
        self.reconcilers = {kind.gvr: Reconciler(kind, hub, recorder, self._writer(kind.gvr)) for kind in kinds}
        self.queues: dict[GVR, Queue[Key]] = {
            kind.gvr: Queue(kind.name, low_at_once=kind.low_at_once) for kind in kinds
        }
        self.sources = {kind.gvr: self._source(kind.gvr) for kind in kinds}
        self.wakes = Wakes(hub, self.queues)
        hub.rights.wake = lambda gvr, key, priority: self.queues[gvr].add(key, priority)
        hub.secrets.on_change, hub.secrets.on_access = self.wakes.secret_changed, self.wakes.secrets_accessed

    def _source(self, gvr: GVR) -> Source:
        return Source(
            self.hub.client,
            self.hub.caches[gvr],
            on_change=lambda change, listed: self._changed(gvr, change, listed=listed),
        )

    def _writer(self, writer: GVR) -> Callable[[GVR, Change], None]:
        """Takes the own writes of a kind's reconciler: it needs not be told of those to its own objects."""

        def written(gvr: GVR, change: Change) -> None:
            if gvr is NAMESPACES:
                self.wakes.namespace_changed(change)
            elif gvr is SECRETS:
                self.wakes.secret_changed(change)
            elif gvr is writer:
                self._vanished(gvr, change)
                self.wakes.object_changed(gvr, change)
            else:
                self._changed(gvr, change, listed=False)

        return written

    # --- Events become keys -----------------------------------------------------------------------------------------
    def _changed(self, gvr: GVR, change: Change, *, listed: bool) -> None:
        """An object of the hub changed."""
        self._vanished(gvr, change)
        self.queues[gvr].add(change.key, LOW if listed or not _by_a_person(change) else HIGH)
        self.wakes.object_changed(gvr, change)

    def _vanished(self, gvr: GVR, change: Change) -> None:
        """Tells the kind of an object that is gone, or was deleted and made again between two looks."""
        if change.old is not None and (change.new is None or uid_of(change.old) != uid_of(change.new)):
            self.kinds[gvr].vanished(change.old)

    # --- Life -------------------------------------------------------------------------------------------------------
    async def load(self) -> None:
        """Fills the caches."""
        async with asyncio.TaskGroup() as group:
            for source in self.sources.values():
                group.create_task(source.load())

    @property
    def synced(self) -> list[asyncio.Event]:
        """Set when a cache is filled, one event each."""
        return [*(source.synced for source in self.sources.values()), self.hub.secrets.synced]

    async def audit(self) -> None:
        """Audits the caches until cancelled."""
        async with asyncio.TaskGroup() as group:
            for source in self.sources.values():
                group.create_task(source.audit_for_ever())

    async def lead(self) -> None:
        """Reconciles until cancelled. Only the leader does."""
        for gvr, queue in self.queues.items():
            kind, cache = self.kinds[gvr], self.hub.caches[gvr]
            for key in cache.known():
                queue.add(key, LOW)
            for key in kind.seeds():
                if cache.get(key) is None:
                    queue.add_after(key, kind.seeds_after, LOW)
        self.wakes.read_settings()
        self.hub.fleet.may_write.set()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._let_watches_begin())
                for gvr, kind in self.kinds.items():
                    metrics.MAX_RECONCILES.labels(kind.name).set(kind.workers)
                    for _ in range(kind.workers):
                        group.create_task(self._work(gvr))
                    if kind.every is not None:
                        group.create_task(self._look_again(gvr, kind.every))
                group.create_task(self.hub.rights.lead())
                group.create_task(self._tell_members_all())
        finally:
            self.hub.fleet.may_write.clear()

    async def _let_watches_begin(self) -> None:
        """The first look at thousands of objects leaves no time for the thread that begins to watch, and whatever is
        new meanwhile would come after all of them: so that thread goes first, for a while."""
        if self.watching.is_set() or sum(len(self.hub.caches[gvr]) for gvr in self.kinds) < _MANY:
            return
        for queue in self.queues.values():
            queue.hold_low(held=True)
        try:
            async with asyncio.timeout(_WATCH_SECONDS):
                await self.watching.wait()
                await asyncio.sleep(_CONNECT_SECONDS)
        except TimeoutError:
            log.debug("the kinds are not watched yet")
        finally:
            for queue in self.queues.values():
                queue.hold_low(held=False)

    async def _look_again(self, gvr: GVR, seconds: float) -> None:
        """Queues every object of a kind now and then."""
        while True:
            await asyncio.sleep(seconds)
            for key in self.hub.caches[gvr].known():
                self.queues[gvr].add(key, LOW)

    async def _tell_members_all(self) -> None:
        """A member that has a part of each of its Projects knows them all, and clears away labels of others."""
        while True:
            for member in self.hub.fleet:
                self.hub.rights.tell(member)
                if not member.complete and self._told_all(member):
                    member.know_all()
            await asyncio.sleep(_TELL_SECONDS)

    def _told_all(self, member: Member) -> bool:
        projects = self.hub.caches[PROJECTS].by("namespace", member.cluster)
        return all(deleting(project) or uid_of(project) in member.parts for project in projects)

    async def _work(self, gvr: GVR) -> None:
        queue, kind = self.queues[gvr], self.kinds[gvr]
        while True:
            key = await queue.get()
            fields = {
                "controller": kind.name,
                "kind": gvr.kind,
                "namespace": key.namespace,
                "name": key.name,
                "reconcileID": uuid.uuid4().hex[:12],
            }
            token = reconcile_id.set(fields)
            started = time.perf_counter()
            metrics.ACTIVE_WORKERS.labels(kind.name).inc()
            try:
                result = await self._reconcile(gvr, key)
            finally:
                metrics.ACTIVE_WORKERS.labels(kind.name).dec()
                queue.done(key)
                reconcile_id.reset(token)
            metrics.RECONCILES.labels(kind.name, result).inc()
            metrics.RECONCILE_SECONDS.labels(kind.name).observe(time.perf_counter() - started)

    async def _reconcile(self, gvr: GVR, key: Key) -> str:
        queue, name = self.queues[gvr], self.kinds[gvr].name
        try:
            finding = await self.reconcilers[gvr].reconcile(key, queue.priority(key))
        except Again as again:
            if again.seconds is not None:
                queue.forget(key)
                queue.add_after(key, again.seconds)
                return "requeue_after"
            queue.retry(key)
            return "requeue"
        except NotLeading:
            queue.add_after(key, 1.0)
            return "error"
        except (ApiError, Unreachable) as error:
            metrics.RECONCILE_ERRORS.labels(name).inc()
            log.warning("tried again: %s", error, extra={"pause": round(queue.retry(key), 2)})
            return "error"
        except Exception:
            metrics.RECONCILE_ERRORS.labels(name).inc()
            log.exception("reconcile failed")
            queue.retry(key)
            return "error"
        queue.forget(key)
        if gvr is PROJECTS:
            self.wakes.project_settled(key)
        if isinstance(finding, Terminal):
            metrics.TERMINAL_ERRORS.labels(name).inc()
        return "success"

    @property
    def idle(self) -> bool:
        """Whether no key waits or is worked on."""
        return self.hub.rights.idle and all(queue.idle for queue in self.queues.values())


def _by_a_person(change: Change) -> bool:
    """Whether a change asks for something: a new object, a new spec, a deletion, or one of our annotations."""
    if change.old is None or change.new is None:
        return True
    old, new = change.old["metadata"], change.new["metadata"]
    if any(old.get(field) != new.get(field) for field in ("generation", "deletionTimestamp", "uid")):
        return True
    before, after = old.get("annotations") or {}, new.get("annotations") or {}
    return any(before.get(name) != after.get(name) for name in _OURS)


def measured(obj: Object) -> str:
    """`true`, `false` or `unknown`, as the metric `drover_objects` counts readiness."""
    for condition in (obj.get("status") or {}).get("conditions") or []:
        if condition.get("type") == "Ready":
            return str(condition.get("status", "Unknown")).lower()
    return "unknown"
