"""The namespaces of projects in one cluster: their labels, what they were granted, and what is known of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from drover.api.keys import ASSIGNED, CONTAINER_LIMIT, PROJECT_ID, RESOURCE_QUOTA
from drover.kube import metrics
from drover.kube.cache import Change
from drover.kube.client import Client
from drover.kube.errors import Forbidden, NotFound
from drover.kube.gvr import NAMESPACES, RESOURCE_QUOTAS, Key, Object, identity
from drover.kube.tasks import all_of
from drover.members.caches import MemberCaches, project_id, project_label
from drover.members.desired import QUOTA, Part, Problem, Seen, Share
from drover.members.keeper import Keeper
from drover.members.shares import ShareWriter, held, marks
from drover.rules import isolation
from drover.rules.initial_namespaces import unassigned
from drover.rules.namespace_deletion import spared
from drover.rules.objects import annotation, deleting, name_of

_MANAGER = "drover-namespaces"
_AT_ONCE = 16
_AWAITED_SECONDS = 2.0

Problems = Mapping[str, Mapping[str, str]]
"""By namespace and topic, why it does not have what its project gives it."""


class Projects:
    """Keeps namespaces as the parts of their projects say. `on_namespace` and `on_quota` are told of own writes,
    `on_moved` of a namespace that left its project while something was written into it for that; `exists` says of a
    `<cluster>:<project>` whether its part will come."""

    def __init__(
        self,
        cluster: str,
        client: Client,
        caches: MemberCaches,
        *,
        on_namespace: Callable[[Change], None],
        on_quota: Callable[[Change], None],
        on_moved: Callable[[str], None] = lambda _name: None,
        now: Callable[[], datetime],
        keepers: tuple[Keeper, ...] = (),
        exists: Callable[[str], bool] = lambda _project: False,
    ) -> None:
        self._cluster = cluster
        self._client = client
        self._caches = caches
        self._on_namespace = on_namespace
        self._on_moved = on_moved
        self._now = now
        self._writer = ShareWriter(client, caches, on_quota)
        self._keepers = keepers
        self._exists = exists
        self._parts: dict[str, dict[str, Part]] = {}  # by <cluster>:<project> and the uid of the owner
        self._shares: dict[str, dict[str, Share]] = {}  # by the uid of the owner and the namespace
        self._offers: dict[str, Part] = {}  # by the namespace
        self._awaited: dict[
            str, tuple[str, float]
        ] = {}  # by the namespace: a project that nobody knows, and since when
        self._spared: dict[str, dict[str, str]] = {}  # by the uid of the owner and the namespace

    # --- Parts ------------------------------------------------------------------------------------------------------
    def index(self, old: Part | None, new: Part | None) -> set[str]:
        """Takes a part in place of the one before it; the namespaces that are to be looked at again."""
        before, after = _shares(old), _shares(new)
        found = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        if _labels(old) != _labels(new) and not (new is not None and (new.ends or new.held)):
            found.update(*(self._names(project) for project in {_labels(old), _labels(new)}))
        if old is not None and old.project:
            parts = self._parts[old.project]
            parts.pop(old.owner.uid, None)
            if not parts:
                del self._parts[old.project]
            self._shares.pop(old.owner.uid, None)
            if new is None:
                self._spared.pop(old.owner.uid, None)
            self._offers = {name: part for name, part in self._offers.items() if part.owner.uid != old.owner.uid}
        if new is not None and new.project:
            self._parts.setdefault(new.project, {})[new.owner.uid] = new
            self._shares[new.owner.uid] = after
            self._offers |= dict.fromkeys(new.offers, new)
        return found

    def uids(self, project: str) -> set[str]:
        """The owners of the parts of a `<cluster>:<project>`."""
        return set(self._parts.get(project, ()))

    def _names(self, project: str) -> Iterator[str]:
        return (
            (name_of(namespace) for namespace in self._caches.namespaces.by("project", project))
            if project
            else iter(())
        )

    # --- Namespaces -------------------------------------------------------------------------------------------------
    async def assign(self, part: Part) -> None:
        """Puts the namespaces that a project gets into it, where they were never in one."""
        for name in part.offers:
            namespace = self._caches.namespaces.get(Key("", name))
            if namespace is not None and unassigned(namespace) and not deleting(namespace):
                notes = {"annotations": {PROJECT_ID: part.project, ASSIGNED: "true"}}
                label = {} if part.shared else {"labels": {PROJECT_ID: part.project.split(":", 1)[1]}}
                await self._mark(namespace, notes | label, "membership")

    async def keep(self, name: str, *, complete: bool) -> float | None:
        """Keeps the project's label on a namespace equal to its annotation, and says there what it was granted; after
        how many seconds it is to be looked at again (None: when it changes).

        `complete`: every project is known, so that a namespace of none has no label and no quota.
        """
        namespace = self._caches.namespaces.get(Key("", name))
        if namespace is None or deleting(namespace):
            self._awaited.pop(name, None)
            return None
        if name in self._offers and unassigned(namespace):
            await self.assign(self._offers[name])
            return None
        named = project_id(namespace)
        parts = self._parts.get(named, {})
        if any(part.held for part in parts.values()):
            return None
        part = next((part for part in parts.values() if not part.ends), None)
        if part is None and not complete:
            return None
        share = self._shares[part.owner.uid].get(name) if part is not None else None
        if part is not None and part.shared and share is None:
            return None  # it comes, and one write brings all marks
        missing = named if not parts else ""
        if missing and self._exists(missing):
            return None
        if pause := self._comes(namespace, missing):
            return pause
        label = named.split(":", 1)[1] if part is not None else None
        unknown = self._unknown(missing) if missing else ""
        if changed := marks(namespace, label, share, self._time(), unassigned=unknown):
            await self._mark(namespace, changed, "membership")
        if part is None:
            await self._clear(name)
        return None

    def forget(self, name: str) -> None:
        """A namespace is gone."""
        self._awaited.pop(name, None)
        for keeper in self._keepers:
            keeper.forget(name)

    def _comes(self, namespace: Object, missing: str) -> float:
        """For how long a namespace waits for a project that nobody knows: who applies both at once should not be told
        that it does not exist. What it had of another project goes at once."""
        name, now = name_of(namespace), time.monotonic()
        if not missing or project_label(namespace) is not None:
            self._awaited.pop(name, None)
            return 0.0
        project, since = self._awaited.get(name, ("", now))
        if project != missing:
            since = now
            self._awaited[name] = missing, since
        return max(0.0, since + _AWAITED_SECONDS - now)

    def _unknown(self, named: str) -> str:
        """Why a namespace is in no project although it names one."""
        cluster, _, project = named.partition(":")
        if not cluster or not project or ":" in project:
            return f"{PROJECT_ID} {named!r} is not like {self._cluster}:shop; write <cluster>:<project>"
        if cluster != self._cluster:
            return f"this is Cluster {self._cluster}, not {cluster}; name one of its Projects"
        return f"Cluster {cluster} has no Project {project}; create it, or name another one"

    async def release(self, part: Part) -> Problem | None:
        """Takes a project's marks and quotas off its namespaces, or deletes them; what stands in the way."""
        for namespace in self._caches.namespaces.by("project", part.project) if part.project else ():
            name = name_of(namespace)
            if (there := self._gets(part, name)) is None:
                continue
            why = spared(there, part.spares)
            if part.deletes and not why:
                try:
                    await self._delete(there)
                except Forbidden as error:
                    return Problem("Forbidden", error.message[:300], terminal=False)
                continue
            await self._clear(name)
            if (cleared := self._gets(part, name)) is None:
                continue  # it has moved meanwhile
            changed = marks(cleared, None, None, self._time()) or {}
            changed["annotations"] = {**changed.get("annotations", {}), PROJECT_ID: None}
            await self._mark(cleared, changed, "release")
            if part.deletes:
                self._spared.setdefault(part.owner.uid, {})[name] = why
        return None

    def released(self, part: Part) -> bool:
        """Whether a project that ends has none of its namespaces any more."""
        return not self.names(part) and not (part.deletes and self.ending(part))

    def spared(self, part: Part) -> Mapping[str, str]:
        """The namespaces that were released although the project deletes its own, each with the reason."""
        return dict(self._spared.get(part.owner.uid, {}))

    async def give(self, part: Part) -> Problems:
        """Gives the namespaces of a project what it has for them; what went wrong, by namespace and topic."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def one(name: str) -> dict[str, str]:
            async with limit:
                return await self._give(part, name)

        names = self.names(part)
        told = await all_of(one(name) for name in names)
        return {name: problems for name, problems in zip(names, told, strict=True) if problems}

    async def _give(self, part: Part, name: str) -> dict[str, str]:
        try:
            return await self._give_all(part, name)
        finally:
            if self._gets(part, name) is None:
                self._on_moved(name)

    async def _give_all(self, part: Part, name: str) -> dict[str, str]:
        told: dict[str, str] = {}
        share = self._shares.get(part.owner.uid, {}).get(name)
        if share is not None and self._gets(part, name) is not None:
            told[QUOTA] = await self._writer.give(part, share)
        for keeper in self._keepers:
            if namespace := self._gets(part, name):
                told[keeper.topic] = await keeper.give(part, namespace)
        return {topic: problem for topic, problem in told.items() if problem}

    def _gets(self, part: Part, name: str) -> Object | None:
        """The namespace, where it is still there and the project's."""
        namespace = self._caches.namespaces.get(Key("", name))
        there = namespace is not None and not deleting(namespace) and project_id(namespace) == part.project
        return namespace if there else None

    async def _clear(self, name: str) -> None:
        before = self._caches.namespaces.get(Key("", name))
        try:
            await self._writer.clear(name)
            for keeper in self._keepers:
                await keeper.clear(name)
        finally:
            now = self._caches.namespaces.get(Key("", name))
            if before is not None and now is not None and project_id(before) != project_id(now):
                self._on_moved(name)

    # --- What is seen -----------------------------------------------------------------------------------------------
    def names(self, part: Part) -> tuple[str, ...]:
        """The namespaces of a project, without those that are being deleted."""
        found = self._caches.namespaces.by("project", part.project) if part.project else ()
        return tuple(sorted(name_of(namespace) for namespace in found if not deleting(namespace)))

    def ending(self, part: Part) -> tuple[str, ...]:
        """The namespaces of a project that are being deleted."""
        found = self._caches.namespaces.by("project", part.project) if part.project else ()
        return tuple(sorted(name_of(namespace) for namespace in found if deleting(namespace)))

    def seen(self, part: Part, problems: Problems) -> tuple[Seen, ...]:
        """What is known of the namespaces of a project, and of those that left and still hold a quota from it."""
        uid, found = part.owner.uid, {}
        for namespace in self._caches.namespaces.by("project", part.project):
            name = name_of(namespace)
            objects = {kind: cache.by("namespace", name) for kind, cache in self._caches.quotas.items()}
            found[name] = Seen(
                namespace=name,
                request=annotation(namespace, RESOURCE_QUOTA),
                container=annotation(namespace, CONTAINER_LIMIT),
                held=held(objects[RESOURCE_QUOTAS.kind], uid),
                labelled=any(objects.values()),
                exempt=isolation.exempt(namespace),
                problems=problems.get(name, {}),
            )
        for obj in self._caches.quotas[RESOURCE_QUOTAS.kind].by("owner", uid):
            name = obj["metadata"]["namespace"]
            found.setdefault(name, Seen(name, held=held([obj], uid), member=False, labelled=True))
        return tuple(found[name] for name in sorted(found))

    async def _mark(self, namespace: Object, changed: Object, reason: str) -> None:
        patch = {"metadata": {**identity(namespace), **changed}}
        try:
            answer = await self._client.merge(NAMESPACES, patch, manager=_MANAGER)
        except NotFound:
            return
        metrics.WRITES.labels(NAMESPACES.kind, reason).inc()
        change = self._caches.namespaces.observe(answer)
        if change is not None:
            self._on_namespace(change)

    async def _delete(self, namespace: Object) -> None:
        """Deletes a namespace exactly as it was seen: one that has left the project meanwhile stays."""
        metadata = namespace["metadata"]
        try:
            answer = await self._client.delete(
                NAMESPACES, metadata["name"], uid=metadata["uid"], version=metadata["resourceVersion"]
            )
        except NotFound:
            return
        metrics.WRITES.labels(NAMESPACES.kind, "delete").inc()
        change = self._caches.namespaces.observe(answer) if answer.get("kind") == NAMESPACES.kind else None
        if change is not None:
            self._on_namespace(change)

    def _time(self) -> str:
        return self._now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _shares(part: Part | None) -> dict[str, Share]:
    return {share.namespace: share for share in part.shares} if part is not None else {}


def _labels(part: Part | None) -> str:
    """The project whose label a part keeps on its namespaces."""
    return "" if part is None or part.ends or part.held else part.project
