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
    LOCAL_CLUSTER,
    NETWORK_ISOLATION,
    PAUSED,
    PROJECT_ID,
    SYSTEM_PROJECT,
)
from drover.kinds.cloud_credential import CloudCredentialKind
from drover.kinds.cluster import ClusterKind
from drover.kinds.feature import FeatureKind
from drover.kinds.fleet_workspace import WorkspaceKind
from drover.kinds.hub import Hub
from drover.kinds.kind import Kind
from drover.kinds.kontainer_driver import KontainerDriverKind
from drover.kinds.node_driver import NodeDriverKind
from drover.kinds.node_pool import NodePoolKind
from drover.kinds.node_template import NodeTemplateKind
from drover.kinds.notices import Recorder
from drover.kinds.pod_security import TemplateKind
from drover.kinds.project import ProjectKind
from drover.kinds.provisioning import ProvisioningKind
from drover.kinds.reconciler import Again, Reconciler
from drover.kinds.references import FOLLOWING, known_as, known_kinds, refers
from drover.kinds.resources import (
    CLUSTERS,
    NODE_POOLS,
    PROJECTS,
    PROVISIONING_CLUSTERS,
    SETTINGS,
    TEMPLATES,
    WORKLOADS,
    WORKSPACES,
)
from drover.kinds.setting import SettingKind
from drover.kinds.source import Source
from drover.kinds.workload import WorkloadKind
from drover.kube import metrics
from drover.kube.cache import Change
from drover.kube.errors import ApiError, NotLeading, Unreachable
from drover.kube.gvr import GVR, NAMESPACES, SECRETS, Key, Object, key_of
from drover.kube.queue import HIGH, LOW, Queue
from drover.members.member import Member
from drover.rules.conditions import is_true
from drover.rules.findings import Terminal
from drover.rules.initial_namespaces import initial
from drover.rules.objects import annotation, deleting, label, name_of, namespace_of, uid_of
from drover.rules.ownership import owner_uid
from drover.rules.pod_security import named
from drover.rules.settings import SYSTEM_NAMESPACES
from drover.rules.workspaces import workspace_of

log = logging.getLogger(__name__)

reconcile_id: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("reconcile_id")
"""What the log says of the reconcile that a line belongs to: controller, kind, namespace, name, reconcileID."""

_TELL_SECONDS = 0.5
_OURS = (PAUSED, FORCE_DELETE, ADOPT_UID, NETWORK_ISOLATION)


class Manager:
    """Every kind with its source, queue and workers."""

    def __init__(self, hub: Hub, identity: str) -> None:
        self.hub = hub
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
        ]
        self.kinds: dict[GVR, Kind[Any]] = {kind.gvr: kind for kind in kinds}
        self.reconcilers = {kind.gvr: Reconciler(kind, hub, recorder, self._writer(kind.gvr)) for kind in kinds}
        self.queues: dict[GVR, Queue[Key]] = {
            kind.gvr: Queue(kind.name, low_at_once=kind.low_at_once) for kind in kinds
        }
        self.sources = {kind.gvr: self._source(kind.gvr) for kind in kinds}
        hub.secrets.on_change, hub.secrets.on_access = self.secret_changed, self._secrets_accessed

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
                self.namespace_changed(change)
            elif gvr is SECRETS:
                self.secret_changed(change)
            elif gvr is writer:
                self._vanished(gvr, change)
                self._wake_dependents(gvr, change)
            else:
                self._changed(gvr, change, listed=False)

        return written

    # --- Events become keys -----------------------------------------------------------------------------------------
    def _changed(self, gvr: GVR, change: Change, *, listed: bool) -> None:
        """An object of the hub changed."""
        self._vanished(gvr, change)
        self.queues[gvr].add(change.key, LOW if listed or not _by_a_person(change) else HIGH)
        self._wake_dependents(gvr, change)

    def _vanished(self, gvr: GVR, change: Change) -> None:
        """Tells the kind of an object that is gone, or was deleted and made again between two looks."""
        if change.old is not None and (change.new is None or uid_of(change.old) != uid_of(change.new)):
            self.kinds[gvr].vanished(change.old)

    def _wake_dependents(self, gvr: GVR, change: Change) -> None:
        self._wake_referred(gvr, change)
        self._wake_referring(gvr, change)
        name, obj = change.key.name, change.new or change.old or {}
        if gvr is CLUSTERS:
            self._wake(PROJECTS, "namespace", name)
            self._wake(PROVISIONING_CLUSTERS, "uid", owner_uid(obj))
        elif gvr is TEMPLATES and _content_changed(change):
            self._wake_users(name)
        elif gvr is PROJECTS:
            self._wake_around(change.key, obj)
            if _as_system(change.old) != _as_system(change.new):
                self._wake(PROJECTS, "namespace", change.key.namespace)
        elif gvr is SETTINGS and name == SYSTEM_NAMESPACES:
            for project in filter(initial, self.hub.caches[PROJECTS]):
                self.queues[PROJECTS].add(key_of(project), LOW)
        elif gvr is WORKLOADS and change.new is None and (backing := self.hub.namespace(change.key.namespace)):
            self._wake(PROJECTS, "uid", owner_uid(backing))  # its deletion may wait for this Workload
        if gvr in (CLUSTERS, PROVISIONING_CLUSTERS):
            self._wake_named(TEMPLATES, change, named)
            self._wake_named(WORKSPACES, change, workspace_of if gvr is CLUSTERS else namespace_of)

    def _wake_users(self, template: str) -> None:
        """Clusters that name a template, and the Projects in them."""
        self._wake(PROVISIONING_CLUSTERS, "template", template)
        for cluster in self.hub.caches[CLUSTERS].by("template", template):
            self.queues[CLUSTERS].add(key_of(cluster), LOW)
            self._wake(PROJECTS, "namespace", name_of(cluster))

    def _wake_around(self, key: Key, project: Object) -> None:
        """The Cluster of a Project, and the Workloads that run by it."""
        self.queues[CLUSTERS].add(Key("", key.namespace), LOW)
        for namespace in self.hub.namespaces_of(uid_of(project)):
            self._wake(WORKLOADS, "namespace", name_of(namespace))
        if key.namespace == LOCAL_CLUSTER and self.hub.local is not None:
            for namespace in self.hub.local.caches.namespaces.by("project", f"{LOCAL_CLUSTER}:{key.name}"):
                self._wake(WORKLOADS, "namespace", name_of(namespace))

    def _wake_referred(self, gvr: GVR, change: Change) -> None:
        """What an object begins or ceases to refer to counts its users."""
        before, after = (set(refers(gvr, obj)) if obj is not None else set() for obj in (change.old, change.new))
        for name in before ^ after:
            for kind in known_kinds():
                self._wake(kind, "known_as", name)

    def _wake_referring(self, gvr: GVR, change: Change) -> None:
        """What refers to an object may wait for it, or for another of its name to go."""
        if gvr is CLUSTERS and None in (change.old, change.new):
            self._wake(NODE_POOLS, "namespace", change.key.name)
        for name in {name for obj in (change.old, change.new) if obj is not None for name in known_as(gvr, obj)}:
            for kind in FOLLOWING:
                self._wake(kind, "refers", name)
            if (
                change.old is None
                or change.new is None
                or set(known_as(gvr, change.old)) ^ {*known_as(gvr, change.new)}
            ):
                self._wake(gvr, "known_as", name)

    def _wake(self, gvr: GVR, index: str, value: str) -> None:
        for obj in self.hub.caches[gvr].by(index, value):
            self.queues[gvr].add(Key(obj["metadata"].get("namespace", ""), obj["metadata"]["name"]), LOW)

    def _wake_named(self, gvr: GVR, change: Change, name: Callable[[Object], str]) -> None:
        """Looks again at what an object names, where it has begun or ceased to."""
        old, new = (name(obj) if obj is not None else "" for obj in (change.old, change.new))
        for each in {old, new} if old != new else ():
            if self.hub.caches[gvr].get(Key("", each)) is not None:
                self.queues[gvr].add(Key("", each), LOW)

    def namespace_changed(self, change: Change) -> None:
        """A namespace of the hub changed: it may back a Cluster, Project or workspace, or hold Workloads."""
        name = change.key.name
        if self.hub.caches[WORKSPACES].get(Key("", name)) is not None:
            self.queues[WORKSPACES].add(Key("", name), LOW)
        if self.hub.cluster(name) is not None:
            self.queues[CLUSTERS].add(Key("", name), LOW)
        if change.new is not None and deleting(change.new):
            for kind in FOLLOWING:  # nothing of it can be held any more
                self._wake(kind, "namespace", name)
        uids = {owner_uid(obj) for obj in (change.old, change.new) if obj is not None} - {""}
        for uid in uids:
            self._wake(PROJECTS, "uid", uid)
            self._wake(CLUSTERS, "uid", uid)
        marks = [
            (annotation(obj, PROJECT_ID), owner_uid(obj)) if obj is not None else None
            for obj in (change.old, change.new)
        ]
        if marks[0] != marks[1]:
            self._wake(WORKLOADS, "namespace", name)

    def secret_changed(self, change: Change) -> None:
        """A project's secret changed: it counts where it lies in a backing namespace."""
        priority = HIGH if self.hub.secrets.synced.is_set() else LOW  # before that it comes from the first list
        if backing := self.hub.namespace(change.key.namespace):
            for project in self.hub.caches[PROJECTS].by("uid", owner_uid(backing)):
                self.queues[PROJECTS].add(key_of(project), priority)

    def _secrets_accessed(self) -> None:
        """The hub's Secrets may be read, or may not any more."""
        for key in self.hub.caches[PROJECTS].known():
            self.queues[PROJECTS].add(key, LOW)

    def cluster_changed(self, cluster: str) -> None:
        """The connection to a member, or its nodes, changed."""
        self.queues[CLUSTERS].add(Key("", cluster))

    def part_changed(self, cluster: str, uid: str) -> None:
        """What a member holds for one of our objects changed."""
        kinds = (WORKLOADS, PROJECTS, CLUSTERS)
        owners = [(gvr, obj) for gvr in kinds for obj in self.hub.caches[gvr].by("uid", uid)]
        member = self.hub.fleet.get(cluster)
        priority = member.priority(uid) if member is not None else HIGH
        for gvr, obj in owners:
            self.queues[gvr].add(key_of(obj), priority)
        if not owners and member is not None and (state := member.part_state(uid)) is not None and state.gone:
            member.drop(uid)

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
            for key in (*self.hub.caches[gvr].known(), *self.kinds[gvr].seeds()):
                queue.add(key, LOW)
        self.hub.fleet.may_write.set()
        try:
            async with asyncio.TaskGroup() as group:
                for gvr, kind in self.kinds.items():
                    metrics.MAX_RECONCILES.labels(kind.name).set(kind.workers)
                    for _ in range(kind.workers):
                        group.create_task(self._work(gvr))
                    if kind.every is not None:
                        group.create_task(self._look_again(gvr, kind.every))
                group.create_task(self._tell_members_all())
        finally:
            self.hub.fleet.may_write.clear()

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
            self._project_settled(key)
        if isinstance(finding, Terminal):
            metrics.TERMINAL_ERRORS.labels(name).inc()
        return "success"

    def _project_settled(self, key: Key) -> None:
        """What was done for the namespaces of a Project shows in the status of its Cluster, and nowhere else."""
        cluster = self.hub.cluster(key.namespace)
        if cluster is not None and named(cluster):
            self.queues[CLUSTERS].add(key_of(cluster), LOW)

    @property
    def idle(self) -> bool:
        """Whether no key waits or is worked on."""
        return all(queue.idle for queue in self.queues.values())


def _content_changed(change: Change) -> bool:
    """Whether more than a status or a mark has changed."""
    old, new = change.old, change.new
    return old is None or new is None or old["metadata"].get("generation") != new["metadata"].get("generation")


def _by_a_person(change: Change) -> bool:
    """Whether a change asks for something: a new object, a new spec, a deletion, or one of our annotations."""
    if change.old is None or change.new is None:
        return True
    old, new = change.old["metadata"], change.new["metadata"]
    if any(old.get(field) != new.get(field) for field in ("generation", "deletionTimestamp", "uid")):
        return True
    before, after = old.get("annotations") or {}, new.get("annotations") or {}
    return any(before.get(name) != after.get(name) for name in _OURS)


def _as_system(project: Object | None) -> bool | None:
    """Whether the System project of a cluster has its namespaces; None of what is no System project. The others wait
    for it."""
    if project is None or label(project, SYSTEM_PROJECT) != "true":
        return None
    return is_true(project, "SystemNamespacesAssigned")


def measured(obj: Object) -> str:
    """`true`, `false` or `unknown`, as the metric `drover_objects` counts readiness."""
    for condition in (obj.get("status") or {}).get("conditions") or []:
        if condition.get("type") == "Ready":
            return str(condition.get("status", "Unknown")).lower()
    return "unknown"
