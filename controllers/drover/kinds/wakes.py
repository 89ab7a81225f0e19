"""What else has to be looked at when something has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drover.api.keys import LOCAL_CLUSTER, PROJECT_ID, SYSTEM_PROJECT
from drover.kinds.access_wakes import AccessWakes
from drover.kinds.hub import Hub
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
from drover.kube.cache import Change
from drover.kube.gvr import GVR, Key, Object, key_of
from drover.kube.queue import HIGH, LOW, Queue
from drover.rules.conditions import is_true
from drover.rules.objects import annotation, deleting, label, name_of, namespace_of, uid_of
from drover.rules.ownership import owner_uid
from drover.rules.pod_security import named
from drover.rules.settings import BINDING_PER_SUBJECT, SYSTEM_NAMESPACES, USED_LIMIT_IN_SPEC
from drover.rules.workspaces import workspace_of


class Wakes:
    """Adds to the queues of the kinds what a change is about, beside the object that changed."""

    def __init__(self, hub: Hub, queues: Mapping[GVR, Queue[Key]]) -> None:
        self._hub = hub
        self._queues = queues
        self._access = AccessWakes(hub, queues)

    def object_changed(self, gvr: GVR, change: Change) -> None:
        """An object of the hub changed."""
        self._hub.rights.object_changed(gvr, change)
        self._wake_referred(gvr, change)
        self._wake_referring(gvr, change)
        name, obj = change.key.name, change.new or change.old or {}
        if gvr is CLUSTERS:
            self._wake(PROJECTS, "namespace", name)
            self._wake(PROVISIONING_CLUSTERS, "uid", owner_uid(obj))
            self._wake(PROVISIONING_CLUSTERS, "management", name)  # somebody else's may have its name
        elif gvr is TEMPLATES and _content_changed(change):
            self._wake_users(name)
        elif gvr is PROJECTS:
            self._wake_around(change.key, obj)
            if _as_system(change.old) != _as_system(change.new):
                self._wake(PROJECTS, "namespace", change.key.namespace)
        elif gvr is SETTINGS and name in (SYSTEM_NAMESPACES, USED_LIMIT_IN_SPEC):
            for key in self._hub.caches[PROJECTS].known():
                self._queues[PROJECTS].add(key, LOW)
        elif gvr is SETTINGS and name == BINDING_PER_SUBJECT:
            self.read_settings()
        elif gvr is WORKLOADS and change.new is None and (backing := self._hub.namespace(change.key.namespace)):
            self._wake(PROJECTS, "uid", owner_uid(backing))  # its deletion may wait for this Workload
        self._access.object_changed(gvr, change)
        if gvr in (CLUSTERS, PROVISIONING_CLUSTERS):
            self._wake_named(TEMPLATES, change, named)
            self._wake_named(WORKSPACES, change, workspace_of if gvr is CLUSTERS else namespace_of)

    def _wake_users(self, template: str) -> None:
        """Clusters that name a template, and the Projects in them."""
        self._wake(PROVISIONING_CLUSTERS, "template", template)
        for cluster in self._hub.caches[CLUSTERS].by("template", template):
            self._queues[CLUSTERS].add(key_of(cluster), LOW)
            self._wake(PROJECTS, "namespace", name_of(cluster))

    def _wake_around(self, key: Key, project: Object) -> None:
        """The Cluster of a Project, and the Workloads that run by it."""
        self._queues[CLUSTERS].add(Key("", key.namespace), LOW)
        for namespace in self._hub.namespaces_of(uid_of(project)):
            self._wake(WORKLOADS, "namespace", name_of(namespace))
        if key.namespace == LOCAL_CLUSTER and self._hub.local is not None:
            for namespace in self._hub.local.caches.namespaces.by("project", f"{LOCAL_CLUSTER}:{key.name}"):
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
        for obj in self._hub.caches[gvr].by(index, value):
            self._queues[gvr].add(key_of(obj), LOW)

    def _wake_named(self, gvr: GVR, change: Change, name: Callable[[Object], str]) -> None:
        """Looks again at what an object names, where it has begun or ceased to."""
        old, new = (name(obj) if obj is not None else "" for obj in (change.old, change.new))
        for each in {old, new} if old != new else ():
            if self._hub.caches[gvr].get(Key("", each)) is not None:
                self._queues[gvr].add(Key("", each), LOW)

    def namespace_changed(self, change: Change) -> None:
        """A namespace of the hub changed: it may back a Cluster, Project or workspace, or hold Workloads."""
        name = change.key.name
        if self._hub.caches[WORKSPACES].get(Key("", name)) is not None:
            self._queues[WORKSPACES].add(Key("", name), LOW)
        if self._hub.cluster(name) is not None:
            self._queues[CLUSTERS].add(Key("", name), LOW)
        if change.new is not None and deleting(change.new):
            for kind in (*FOLLOWING, PROJECTS):  # nothing of it can be held any more
                self._wake(kind, "namespace", name)
        self._wake(PROJECTS, "backing", name)  # somebody else's may have its name
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
        priority = HIGH if self._hub.secrets.synced.is_set() else LOW  # before that it comes from the first list
        if backing := self._hub.namespace(change.key.namespace):
            for project in self._hub.caches[PROJECTS].by("uid", owner_uid(backing)):
                self._queues[PROJECTS].add(key_of(project), priority)

    def secrets_accessed(self) -> None:
        """The hub's Secrets may be read, or may not any more."""
        for key in self._hub.caches[PROJECTS].known():
            self._queues[PROJECTS].add(key, LOW)

    def read_settings(self) -> None:
        """What decides how rights are compiled is read, also where there is no object of it."""
        self._hub.rights.for_each_subject(wanted=self._hub.setting(BINDING_PER_SUBJECT).value == "true")

    def attached(self, cluster: str) -> None:
        """A member is connected to, or will be: it is to know what is wanted of it, by who was looked at before too."""
        for project in self._hub.caches[PROJECTS].by("namespace", cluster):
            self._queues[PROJECTS].add(key_of(project), LOW)
            for namespace in self._hub.namespaces_of(uid_of(project)):
                self._wake(WORKLOADS, "namespace", name_of(namespace))

    def cluster_changed(self, cluster: str) -> None:
        """The connection to a member, or its nodes, changed."""
        if (member := self._hub.fleet.get(cluster)) is not None:
            self._hub.rights.tell(member)
        self._queues[CLUSTERS].add(Key("", cluster))

    def part_changed(self, cluster: str, uid: str) -> None:
        """What a member holds for one of our objects, or for a unit of rights, changed."""
        if self._hub.rights.part_changed(cluster, uid):
            return
        kinds = (WORKLOADS, PROJECTS, CLUSTERS)
        owners = [(gvr, obj) for gvr in kinds for obj in self._hub.caches[gvr].by("uid", uid)]
        member = self._hub.fleet.get(cluster)
        priority = member.priority(uid) if member is not None else LOW
        for gvr, obj in owners:
            self._queues[gvr].add(key_of(obj), priority)
        if not owners and member is not None and (state := member.part_state(uid)) is not None and state.gone:
            member.drop(uid)

    def project_settled(self, key: Key) -> None:
        """What was done for the namespaces of a Project shows in the status of its Cluster, and nowhere else."""
        cluster = self._hub.cluster(key.namespace)
        if cluster is not None and named(cluster):
            self._queues[CLUSTERS].add(key_of(cluster), LOW)


def _content_changed(change: Change) -> bool:
    """Whether more than a status or a mark has changed."""
    old, new = change.old, change.new
    return old is None or new is None or old["metadata"].get("generation") != new["metadata"].get("generation")


def _as_system(project: Object | None) -> bool | None:
    """Whether the System project of a cluster has its namespaces; None of what is no System project. The others wait
    for it."""
    if project is None or label(project, SYSTEM_PROJECT) != "true":
        return None
    return is_true(project, "SystemNamespacesAssigned")
