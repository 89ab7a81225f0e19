"""The rights in one cluster: its RBAC objects, exactly as the parts about rights say."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from drover.api.keys import AGGREGATED
from drover.kube import metrics
from drover.kube.cache import Change
from drover.kube.client import Client
from drover.kube.errors import ApiError, BadRequest, Forbidden, Invalid, Unreachable
from drover.kube.gvr import CLUSTER_ROLES, Key, Object
from drover.kube.tasks import all_of
from drover.members.caches import MemberCaches, project_id
from drover.members.claims import Claims, Place, Unit, Wanted, place_of, unit_of_part
from drover.members.desired import Part, Problem
from drover.members.rbac import selected, unit_label, unit_of
from drover.members.right_writer import RightWriter
from drover.rules.objects import deleting, name_of

_AT_ONCE: Final = 32


@dataclass(slots=True)
class _Todo:
    """What makes a part so. Whatever takes away comes first, but not where a role gets another binding in the same
    place: who is in both of them has the role all the time."""

    delete: list[Object] = field(default_factory=list)
    change: list[tuple[Object, Wanted]] = field(default_factory=list)
    create: list[Wanted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def after(self) -> _Todo:
        """Takes out what comes after the new bindings. One of the same name has to go first."""
        names = {place_of(want.manifest) for want in self.create}
        bound = {_bound(want.manifest, want.role) for want in self.create if want.role}
        late, delete, change = _Todo(), self.delete, self.change
        self.delete, self.change = [], []
        for live in delete:
            waits = _bound(live, live["role"]) in bound and place_of(live) not in names
            (late if waits else self).delete.append(live)
        for each in change:
            (late if _bound(each[0], each[1].role) in bound else self).change.append(each)
        return late


class Rights:
    """Keeps the RBAC objects of one cluster. What is already so is not written.

    `look(kind, name)` asks for a later call: of `make` for a `part` (by key), of `sweep` for a `unit` (by label), of
    `mark` for the labels on a ClusterRole of somebody else. `known` is set when every part about rights is known, so
    that what none of them wants may go. `on_cleared` is called when none is wanted and nothing is `left`.
    """

    def __init__(self, client: Client, caches: MemberCaches, look: Callable[[str, str], None]) -> None:
        self.known = asyncio.Event()
        self.on_cleared: Callable[[], None] = lambda: None
        self._client = client
        self._caches = caches
        self._look = look
        self._writer = RightWriter(client, caches)
        self._limit = asyncio.Semaphore(_AT_ONCE)
        self._claims = Claims()
        self._retired: set[str] = set()  # labels of units that are known to want nothing any more
        self._writing = 0  # how many calls may be making something
        self._kept: set[str] = set()  # ClusterRoles with labels like ours that somebody else has put on them too

    # --- Parts ------------------------------------------------------------------------------------------------------
    def index(self, old: Part | None, new: Part | None) -> None:
        """Takes a part in place of the one before it; None for a part that wants nothing any more."""
        if old is not None and old.unit:
            for name in self._claims.forget(unit_label(old.key)).part.aggregated:
                self._look("mark", name)
        if new is not None and new.unit:
            self._claims.learn(unit_of_part(new))
            self._retired.discard(unit_label(new.key))
        elif old is not None and old.unit:
            self._retired.add(unit_label(old.key))
            self._look("unit", unit_label(old.key))

    def know_all(self) -> None:
        """Every part is known."""
        if self.known.is_set():
            return
        self.known.set()
        for label in {unit_of(obj) for cache in self._caches.rights.values() for obj in cache}:
            if label not in self._claims:
                self._look("unit", label)
        for role in self._caches.foreign_roles:
            self._look("mark", name_of(role))
        self._tell_cleared()

    @property
    def left(self) -> bool | None:
        """Whether there is anything of ours in the cluster, as far as its caches know; None where nothing is seen of
        it and some of it may not be read."""
        if self._writing or any(self._caches.rights.values()):
            return True
        if any(_labelled(role) and name_of(role) not in self._kept for role in self._caches.foreign_roles):
            return True
        return None if self._caches.rights_denied else False

    def _tell_cleared(self) -> None:
        if self.known.is_set() and not any(self._claims) and not self.left:
            self.on_cleared()

    # --- Make -------------------------------------------------------------------------------------------------------
    async def make(self, part: Part) -> Problem | None:
        """Makes the RBAC objects of a part exactly as they should be, and removes what it no longer wants; why that
        was not possible."""
        if denied := self._denied():
            return denied
        with self._may_make():
            return await self._make(part)

    @contextlib.contextmanager
    def _may_make(self) -> Iterator[None]:
        self._writing += 1
        try:
            yield
        finally:
            self._writing -= 1

    async def _make(self, part: Part) -> Problem | None:
        todo = self._todo(self._claims[unit_label(part.key)])
        late, problems = todo.after(), todo.problems
        problems += await self._take_away(todo)
        failed: Exception | None = None
        try:
            problems += await self._mark_all(part)
            problems += await self._all([self._create(wanted, part) for wanted in todo.create])
        except (ApiError, Unreachable) as error:
            failed = error  # nothing that is to be taken away waits for that
        problems += await self._take_away(late)
        if failed is not None:
            raise failed
        return min(problems, key=lambda problem: problem.message, default=None)

    async def _mark_all(self, part: Part) -> list[Problem]:
        """Labels the ClusterRoles of somebody else that the roles of a part add up. Before these are made: without the
        label, kube-controller-manager would take out again what `_create` puts in."""
        problems = await self._all([self.mark(name) for name in part.aggregated])
        missing = [name for name in part.aggregated if self._caches.foreign_roles.get(Key("", name)) is None]
        return problems + [
            Problem("ClusterRoleNotFound", f"ClusterRole {name} does not exist", terminal=False) for name in missing
        ]

    async def _create(self, wanted: Wanted, part: Part) -> Problem | None:
        """Makes an object; a role that adds up ClusterRoles of somebody else with the rules that they have now. It
        would get them from kube-controller-manager, but that goes through all such roles of the cluster, one by one."""
        rules = [rule for name in selected(wanted.manifest, part.aggregated) for rule in await self._writer.rules(name)]
        if rules:
            manifest = {**wanted.manifest, "rules": [*wanted.manifest["rules"], *rules]}
            wanted = replace(wanted, manifest=manifest)
        return await self._writer.create(wanted)

    async def _take_away(self, todo: _Todo) -> list[Problem]:
        problems = await self.delete(todo.delete)
        return problems + await self._all(self._writer.change(live, wanted) for live, wanted in todo.change)

    def _todo(self, unit: Unit) -> _Todo:
        todo, kept = _Todo(), 0
        wanted = dict(self._wanted(unit))
        for live in self._of_unit(unit.label):
            if (place := place_of(live)) not in wanted and not self._claimants(place):
                todo.delete.append(live)
        for place, want in wanted.items():
            there = self._caches.rights[place[0]].get(place[1])
            if there is None:
                if not place[1].namespace or self._exists(place[1].namespace):
                    todo.create.append(want)
            elif unit_of(there) != unit.label and (others := self._claimants(place) - {unit.label}):
                todo.problems.append(self._disputed(place, others))
            elif there["stamp"] == want.stamp and not deleting(there):
                kept += 1
            elif there["role"] != want.role or deleting(there):
                todo.delete.append(there)
                todo.create.append(want)
            else:
                todo.change.append((there, want))
        if kept:
            metrics.SUPPRESSED.labels("Rights").inc(kept)
        return todo

    async def sweep(self, label: str) -> Problem | None:
        """Deletes what carries the label of a unit that wants nothing; why that was not possible."""
        if label in self._claims or not (self.known.is_set() or label in self._retired):
            return None
        problems = await self.delete(live for live in self._of_unit(label) if not self.wants(live))
        self._retired.discard(label)
        self._tell_cleared()
        return problems[0] if problems else None

    async def mark(self, name: str) -> None:
        """Makes the labels that roles need on a ClusterRole of somebody else so, or takes them off."""
        live = self._caches.foreign_roles.get(Key("", name))
        if live is None or deleting(live):
            return
        wanted = self._claims.labels_on(name)
        labels = live["metadata"]["labels"]
        if wanted:
            if (wanted | {AGGREGATED: "true"}).items() <= labels.items():
                return
        elif not (AGGREGATED in labels and self.known.is_set()):
            return
        with self._may_make():
            await self._writer.mark(live, wanted)
        self._kept.discard(name)
        if not wanted and _labelled(self._caches.foreign_roles.get(Key("", name))):
            self._kept.add(name)
        if self._claims.labels_on(name) != wanted:
            self._look("mark", name)
        elif not wanted:
            self._tell_cleared()

    async def delete(self, objects: Iterable[Object]) -> list[Problem]:
        """Deletes RBAC objects; what stood in the way."""
        return await self._all(self._delete(obj) for obj in objects)

    async def _delete(self, obj: Object) -> None:
        await self._writer.delete(obj)
        for label in self._claimants(place_of(obj)):  # its event may be no news any more
            self._look_at(label)

    def wants(self, obj: Object) -> bool:
        """Whether some part wants an RBAC object of this kind and name."""
        return bool(self._claimants(place_of(obj)))

    # --- Events -----------------------------------------------------------------------------------------------------
    def changed(self, change: Change) -> None:
        """An RBAC object changed in the cluster, not by this writer."""
        obj = change.new or change.old or {}
        if "stamp" not in obj:
            self._foreign_changed(change)
            return
        labels = {unit_of(each) for each in (change.old, change.new) if each is not None}
        for label in labels | self._claimants(place_of(obj)):
            self._look_at(label)

    def _foreign_changed(self, change: Change) -> None:
        name = change.key.name
        self._look("mark", name)
        if change.old is None or change.new is None:
            for label in self._claims.about((CLUSTER_ROLES.kind, change.key)):
                self._look_at(label)

    def namespace_changed(self, change: Change) -> None:
        """A namespace changed: it may have come, joined a project, or left it."""
        before, after = (_in_project(obj) for obj in (change.old, change.new))
        labels: set[str] = set()
        if before != after:
            labels |= {label for project in (before, after) for label in self._claims.in_project(project or "")}
        if (before is None) != (after is None):
            labels |= self._claims.in_namespace(change.key.name)
        for label in labels:
            self._look_at(label)

    def access_changed(self) -> None:
        """RBAC objects may be read, or not any more."""
        for label in self._claims:
            self._look_at(label)

    def _look_at(self, label: str) -> None:
        if label in self._claims:
            self._look("part", self._claims[label].part.key)
        elif label:
            self._look("unit", label)

    # --- What is wanted, and what is there --------------------------------------------------------------------------
    def _wanted(self, unit: Unit) -> Iterator[tuple[Place, Wanted]]:
        for namespace in self._caches.namespaces.by("project", unit.part.granted_in) if unit.grants else ():
            if not deleting(namespace):
                yield from unit.grants_in(name_of(namespace))
        yield from unit.rights.items()

    def _claimants(self, place: Place) -> set[str]:
        """The labels of the units that want an object."""
        namespace = self._caches.namespaces.get(Key("", place[1].namespace))
        return self._claims.on(place, _in_project(namespace) or "")

    def _exists(self, namespace: str) -> bool:
        """Whether objects can be made in a namespace; when it comes, an event tells."""
        return _in_project(self._caches.namespaces.get(Key("", namespace))) is not None

    def _of_unit(self, label: str) -> list[Object]:
        return [obj for cache in self._caches.rights.values() for obj in cache.by("unit", label)]

    def _disputed(self, place: Place, others: set[str]) -> Problem:
        owners = sorted(str(self._claims[label].part.owner) for label in others)
        return Problem(
            "Conflict", f"{place[0]} {place[1]} is made for {owners[0]} already; rename one of the two", terminal=True
        )

    def _denied(self) -> Problem | None:
        if kinds := self._caches.rights_denied:
            return Problem("Forbidden", f"the credential may not list {', '.join(kinds)}", terminal=False)
        return None

    async def _all(self, writes: Iterable[Coroutine[Any, Any, Problem | None]]) -> list[Problem]:
        """Does all of them, some at once; gives what stood in the way, and raises at the end what may pass."""

        async def one(write: Coroutine[Any, Any, Problem | None]) -> Problem | None:
            async with self._limit:
                try:
                    return await write
                except Forbidden as error:
                    return Problem("Forbidden", f"the credential may not write them: {error.message[:300]}", False)
                except (Invalid, BadRequest) as error:
                    return Problem("Rejected", error.message[:400], terminal=False)

        return [problem for problem in await all_of(map(one, writes)) if problem is not None]


def _bound(obj: Object, role: str) -> tuple[str, str, str]:
    """What a binding binds, and where."""
    return obj["kind"], obj["metadata"].get("namespace", ""), role


def _labelled(role: Object | None) -> bool:
    """Whether a ClusterRole of somebody else has labels of ours."""
    return role is not None and AGGREGATED in role["metadata"]["labels"]


def _in_project(namespace: Object | None) -> str | None:
    """The project whose grants a namespace has; empty for none, and None where it is not there or ends."""
    return None if namespace is None or deleting(namespace) else project_id(namespace)
