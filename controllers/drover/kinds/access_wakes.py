"""What else has to be looked at when somebody's rights may have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from drover.kinds.hub import Hub
from drover.kinds.resources import (
    BINDINGS,
    CLUSTER_BINDINGS,
    CLUSTERS,
    GLOBAL_ROLE_BINDINGS,
    GLOBAL_ROLES,
    PROJECT_BINDINGS,
    PROJECTS,
    ROLE_TEMPLATES,
    USERS,
)
from drover.kube.cache import Change
from drover.kube.gvr import GVR, Key, Object, key_of
from drover.kube.queue import LOW, Queue
from drover.rules.objects import deleting, name_of, status
from drover.rules.rbac import global_roles, reading
from drover.rules.rbac.graph import heirs
from drover.rules.rbac.subjects import LOCAL


class AccessWakes:
    """Adds to the queues of users, roles and bindings what a change is about. That rights are written, and clusters
    answer, is told by those who write them."""

    def __init__(self, hub: Hub, queues: Mapping[GVR, Queue[Key]]) -> None:
        self._hub = hub
        self._queues = queues

    def object_changed(self, gvr: GVR, change: Change) -> None:
        """An object of the hub changed."""
        name = change.key.name
        if gvr is USERS and _other(change, _as_subject):
            for each in {name, f"{LOCAL}{name}", *_principals(change.old), *_principals(change.new)}:
                self._wake(BINDINGS, "named", each)
            self._namesakes(change)
        elif gvr is GLOBAL_ROLES and _other(change, _as_role):
            self._wake((GLOBAL_ROLE_BINDINGS,), "role", name)
        elif gvr is ROLE_TEMPLATES and _other(change, _as_template):
            self._template(name)
            if change.old is None:
                self._wake((CLUSTERS, PROJECTS), "creator", "open")
        elif gvr is CLUSTERS and _other(change, _presence):
            self._wake((CLUSTER_BINDINGS, PROJECT_BINDINGS), "cluster", name)
        elif gvr is PROJECTS and _other(change, _as_place):
            self._wake((PROJECT_BINDINGS,), "project", f"{change.key.namespace}:{name}")

    def _wake(self, kinds: Iterable[GVR], index: str, value: str) -> None:
        for gvr in kinds:
            for obj in self._hub.caches[gvr].by(index, value):
                self._queues[gvr].add(key_of(obj), LOW)

    def _template(self, name: str) -> None:
        """The roles that build on a RoleTemplate say whether all of it is there, and bindings of them whether they
        allow anything."""
        facts = self._hub.rights.facts
        for role in facts.global_roles_with(name):
            self._queues[GLOBAL_ROLES].add(Key("", role.name), LOW)
        for heir in heirs(name, facts):
            self._wake((CLUSTER_BINDINGS, PROJECT_BINDINGS), "role", heir)
            if heir != name:
                self._queues[ROLE_TEMPLATES].add(Key("", heir), LOW)

    def _namesakes(self, change: Change) -> None:
        for obj in (change.old, change.new):
            for other in self._hub.caches[USERS].by("username", str((obj or {}).get("username") or "")):
                if name_of(other) != change.key.name:
                    self._queues[USERS].add(key_of(other), LOW)


def _other(change: Change, seen: Callable[[Object | None], object]) -> bool:
    return seen(change.old) != seen(change.new)


def _presence(obj: Object | None) -> object:
    return obj is not None and (obj["metadata"]["uid"], deleting(obj))


def _as_subject(obj: Object | None) -> object:
    return obj is not None and (_presence(obj), obj.get("enabled"), obj.get("username"), _principals(obj))


def _as_role(obj: Object | None) -> object:
    """Bindings say whether their role allows anything, not what."""
    return obj is not None and (
        _presence(obj),
        global_roles.says_nothing(role) if (role := reading.global_role(obj)) else None,
    )


def _as_template(obj: Object | None) -> object:
    says = [bool((obj or {}).get(field)) for field in ("rules", "external")]
    return obj is not None and (_presence(obj), obj.get("context"), obj.get("roleTemplateNames"), says)


def _as_place(obj: Object | None) -> object:
    return obj is not None and (_presence(obj), status(obj).get("backingNamespace"))


def _principals(obj: Object | None) -> tuple[str, ...]:
    user = reading.user(obj)
    return user.principals if user is not None else ()
