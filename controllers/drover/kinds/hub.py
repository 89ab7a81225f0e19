"""What every kind needs of the hub: the clients, the caches, the members, and the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from drover import __version__
from drover.api.keys import LOCAL_CLUSTER, SYSTEM_PROJECT
from drover.kinds.references import known_as, refers
from drover.kinds.resources import (
    BINDINGS,
    CLUSTERS,
    KINDS,
    NODE_DRIVERS,
    PROJECTS,
    PROVISIONING_CLUSTERS,
    SETTINGS,
    TEMPLATES,
    USERS,
)
from drover.kinds.rights import Rights
from drover.kinds.secrets import SecretSources
from drover.kube.cache import Cache, Change, Index
from drover.kube.client import Client
from drover.kube.gvr import GVR, NAMESPACES, SECRETS, Key, Object, key_of
from drover.members.fleet import Fleet
from drover.members.loop import MemberLoop
from drover.rules.creators import open_creator
from drover.rules.credentials import Look
from drover.rules.names import management_cluster_of
from drover.rules.objects import deleting, label, name_of, namespace_of, paused, spec, status, uid_of
from drover.rules.ownership import Owner, owner_of, owner_uid
from drover.rules.pod_security import named
from drover.rules.settings import SYSTEM_NAMESPACES, Known, Reading, known, listed_names, read
from drover.rules.workspaces import workspace_of


@dataclass(frozen=True, slots=True)
class Settings:
    """`loopback` allows kubeconfigs to name this machine (`drover dev`); `patience` is how long a deletion waits for
    clean-up, in seconds; `linger`, how long roles stay that nobody has any more; `may_leave`: in members, a namespace
    leaves a project without rights on it; `environment` are the variables that decide over objects of the kind
    Setting."""

    loopback: bool = False
    patience: float = 120.0
    linger: float = 60.0
    may_leave: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


@dataclass
class Hub:
    """The cluster that serves the API."""

    client: Client
    fleet: Fleet
    settings: Settings = field(default_factory=Settings)
    now: Callable[[], datetime] = utc_now
    caches: dict[GVR, Cache] = field(default_factory=lambda: {gvr: _cache(gvr) for gvr in KINDS})
    looks: dict[Key, Look] = field(default_factory=dict)
    """What was last seen of Secrets with credentials: names of keys, no values."""
    counted: dict[str, Mapping[str, int]] = field(default_factory=dict)
    """What namespaces hold, by namespace and resource: counted for the next look only."""
    confirmed: set[str] = field(default_factory=set)
    """The uids of objects for which was read anew what their deletion rests on."""
    secrets: SecretSources = field(init=False)
    rights: Rights = field(init=False)

    def __post_init__(self) -> None:
        self.secrets = SecretSources(self.client)
        self.rights = Rights(self.fleet, linger=self.settings.linger)

    def observe(self, gvr: GVR, obj: Object) -> Change | None:
        """Takes the answer to an own write, so that the next look already sees it. None where it is no news or of a
        kind that is not followed."""
        if gvr is NAMESPACES:
            cache = self.local.caches.namespaces if self.local is not None else None
        elif gvr is SECRETS:
            cache = self.secrets.cache
        else:
            cache = self.caches.get(gvr)
        if cache is None or obj.get("kind") != gvr.kind:  # a deletion that is done answers with a Status
            return None
        metadata = obj["metadata"]
        ended = metadata.get("deletionTimestamp") and not metadata.get("finalizers") and gvr is not NAMESPACES
        return cache.forget(obj) if ended else cache.observe(obj)

    @property
    def local(self) -> MemberLoop | None:
        """The loop of the hub itself; None until it answers for the first time."""
        member = self.fleet.get(LOCAL_CLUSTER)
        return member.loop if member is not None else None

    def namespace(self, name: str) -> Object | None:
        """A namespace of the hub."""
        return self.local.caches.namespaces.get(Key("", name)) if self.local is not None else None

    def namespaces_of(self, uid: str) -> list[Object]:
        """The hub's namespaces that were made for an owner."""
        return self.local.caches.namespaces.by("owner", uid) if self.local is not None else []

    def cluster(self, name: str) -> Object | None:
        """A management Cluster."""
        return self.caches[CLUSTERS].get(Key("", name))

    def way_in(self, cluster: str) -> bool:
        """Whether somebody has given a way into a cluster, where it exists."""
        found = self.cluster(cluster) if cluster != LOCAL_CLUSTER else None
        return found is None or bool(spec(found, "importedConfig", "kubeconfigSecretRef"))

    def template(self, name: str) -> Object | None:
        """A PodSecurityAdmissionConfigurationTemplate."""
        return self.caches[TEMPLATES].get(Key("", name))

    def project(self, cluster: str, name: str) -> Object | None:
        """A Project by its cluster and name."""
        return self.caches[PROJECTS].get(Key(cluster, name))

    def system_projects(self, cluster: str) -> list[Object]:
        """The Projects of a cluster that are marked as its System project: one, as a rule."""
        return self.caches[PROJECTS].by("system", cluster)

    def project_of_namespace(self, namespace: Object) -> Object | None:
        """The Project that a backing namespace was made for."""
        found = self.caches[PROJECTS].by("uid", owner_uid(namespace))
        return found[0] if found else None

    @property
    def known_settings(self) -> Mapping[str, Known]:
        """The Settings that something reads, by name. The hub must have answered once."""
        member = self.fleet.get(LOCAL_CLUSTER)
        return known(__version__, member.state.uid if member is not None else "")

    def setting(self, name: str) -> Reading:
        """What is in force for a known Setting, also while there is no object of that name."""
        obj = self.caches[SETTINGS].get(Key("", name)) or {"metadata": {}}
        recorded = status(obj).get("effectiveValue")
        environment = self.settings.environment
        return read(self.known_settings[name], environment, obj.get("value"), recorded, held=paused(obj))

    @property
    def system_namespaces(self) -> tuple[str, ...]:
        """The names of the namespaces of the platform, as the Setting lists them."""
        return listed_names(self.setting(SYSTEM_NAMESPACES).value)

    def node_driver(self, name: str) -> Object | None:
        """The NodeDriver that stands for a driver; the oldest, where several do."""
        found = self.caches[NODE_DRIVERS].by("known_as", f"driver/{name}")
        return min(found, key=age, default=None)

    def users(self, names: Iterable[str]) -> tuple[str, ...]:
        """Who refers to one of the names, as `<Kind>.<group>/<namespace>/<name>`, sorted."""
        return tuple(sorted({path_of(gvr, obj) for gvr, obj in self.referring(names)}))

    def referring(self, names: Iterable[str]) -> Iterator[tuple[GVR, Object]]:
        """The objects that refer to one of the names."""
        for name in names:
            for gvr, cache in self.caches.items():
                for obj in cache.by("refers", name):
                    yield gvr, obj

    def ends(self, namespace: str) -> bool:
        """Whether a namespace of the hub is being deleted: what is in it goes with it."""
        found = self.namespace(namespace) if namespace else None
        return found is not None and deleting(found)

    def lives(self, gvr: GVR, uid: str) -> bool:
        """Whether an object of a kind with this uid exists."""
        return bool(uid and self.caches[gvr].by("uid", uid))

    def owner(self, gvr: GVR, obj: Object) -> Owner:
        """The owner that an object is for its children; it takes none from an owner that lives."""
        owner = owner_of(obj, f"{gvr.kind}.{gvr.group}")
        if owner.adopts and self.lives(gvr, owner.adopts):
            return Owner(owner.kind, owner.namespace, owner.name, owner.uid)
        return owner


def age(obj: Object) -> tuple[str, str]:
    """By which the older of two objects comes first."""
    return obj["metadata"].get("creationTimestamp") or "", name_of(obj)


def path_of(gvr: GVR, obj: Object) -> str:
    """An object as a status names it: `<Kind>.<group>/<namespace>/<name>`."""
    return f"{gvr.kind}.{gvr.group}/{key_of(obj)}"


def _cache(gvr: GVR) -> Cache:
    return Cache(
        gvr,
        indexes={
            "uid": lambda obj: [uid_of(obj)],
            "namespace": lambda obj: [obj["metadata"].get("namespace", "")],
            "owner": lambda obj: _some(owner_uid(obj)),
            "system": lambda obj: [namespace_of(obj)] if label(obj, SYSTEM_PROJECT) == "true" else [],
            "refers": lambda obj: refers(gvr, obj),
            "known_as": lambda obj: known_as(gvr, obj),
            **_INDEXES.get(gvr, {}),
        },
    )


def _some(value: str) -> list[str]:
    return [value] if value else []


def _texts(*fields: str) -> Index:
    """What an object has in fields, where that is text."""
    return lambda obj: dict.fromkeys(value for field in fields if isinstance(value := obj.get(field), str) and value)


def _cluster_of(obj: Object) -> list[str]:
    """The cluster that a binding gives rights in."""
    name = obj.get("projectName") or obj.get("clusterName")
    return [name.partition(":")[0]] if isinstance(name, str) else []


_OPEN_CREATOR: dict[str, Index] = {"creator": lambda obj: _some(open_creator(obj) and "open")}
_BINDING: dict[str, Index] = {
    "role": _texts("roleTemplateName", "globalRoleName"),
    "named": _texts("userName", "userPrincipalName"),
    "cluster": _cluster_of,
    "project": _texts("projectName"),
}
_INDEXES: dict[GVR, dict[str, Index]] = {
    CLUSTERS: {
        "template": lambda obj: _some(named(obj)),
        "workspace": lambda obj: [workspace_of(obj)],
        **_OPEN_CREATOR,
    },
    PROJECTS: {"backing": lambda obj: _some(str(status(obj).get("backingNamespace") or "")), **_OPEN_CREATOR},
    USERS: {"username": _texts("username")},
    **dict.fromkeys(BINDINGS, _BINDING),
    PROVISIONING_CLUSTERS: {
        "template": lambda obj: _some(named(obj)),
        "management": lambda obj: [management_cluster_of(obj)],
    },
}
